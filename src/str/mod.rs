//! Texts in parallel: by characters, matches, lines and words.
//!
//! ```
//! use lyocell::prelude::*;
//!
//! let log = "ok 12\nfailed 3\nok 7\n";
//! let sum: u32 = log.par_lines().filter_map(|line| line.strip_prefix("ok ")?.parse::<u32>().ok()).sum();
//! assert_eq!(sum, 19);
//! ```
//!
//! # Patterns
//! What a text is searched for is a `char`, one of some (`&[char]`, `[char; N]`, `&[char; N]`), or a closure
//! `Fn(char) -> bool + Sync + Send`: always one character, so that a text can be cut between any two. The trait behind that is
//! closed, as std's own of that name is not stable.
//!
//! # Order and cost
//! Items come in the order of the text, and are what std's methods of the same name give. A text does not know how many
//! it has, so these iterators have no length, and cannot be zipped or numbered. Nothing is copied.
//!
//! The quickest pattern is a `char` of ASCII, and so are lines: it is looked for many bytes at a time, some two times
//! as fast as by std. A closure is asked about each character.

mod byte;
mod parts;
mod pattern;
mod read;

pub use parts::{
    Lines, Split, SplitAsciiWhitespace, SplitInclusive, SplitTerminator, SplitWhitespace,
};
pub use read::{Bytes, CharIndices, Chars, EncodeUtf16, MatchIndices, Matches};

use pattern::Pattern;
pub(crate) use read::{ReadChars, Text};

/// What texts can do in parallel.
///
/// ```
/// use lyocell::prelude::*;
///
/// assert_eq!("weft and warp".par_chars().filter(|c| c.is_alphabetic()).count(), 11);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no parallel characters, lines or words",
    label = "not a text"
)]
pub trait ParallelString {
    /// The text itself.
    fn as_parallel_string(&self) -> &str;

    /// The characters.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!("weft".par_chars().max(), Some('w'));
    /// ```
    #[inline]
    fn par_chars(&self) -> Chars<'_> {
        Chars::new(self.as_parallel_string())
    }

    /// The characters, each with the place of its first byte.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let places: Vec<(usize, char)> = "Tüll".par_char_indices().collect();
    /// assert_eq!(places, [(0, 'T'), (1, 'ü'), (3, 'l'), (4, 'l')]);
    /// ```
    #[inline]
    fn par_char_indices(&self) -> CharIndices<'_> {
        CharIndices::new(self.as_parallel_string())
    }

    /// The bytes. Those of one character are given out by one thread.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// assert_eq!("Tüll".par_bytes().filter(|byte| !byte.is_ascii()).count(), 2);
    /// ```
    ///
    /// # Order and cost
    /// Where an index is wanted, and a character may be cut in two, take `text.as_bytes().par_iter().copied()`.
    #[inline]
    fn par_bytes(&self) -> Bytes<'_> {
        Bytes::new(self.as_parallel_string())
    }

    /// The text in UTF-16. Both surrogates of a pair are given out by one thread.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let wide: Vec<u16> = "𝄞!".par_encode_utf16().collect();
    /// assert_eq!(wide, [0xD834, 0xDD1E, 0x21]);
    /// ```
    #[inline]
    fn par_encode_utf16(&self) -> EncodeUtf16<'_> {
        EncodeUtf16::new(self.as_parallel_string())
    }

    /// What is between the characters that match. These belong to nothing.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let fields: Vec<&str> = "warp,weft,,".par_split(',').collect();
    /// assert_eq!(fields, ["warp", "weft", "", ""]);
    /// ```
    ///
    /// # Order and cost
    /// The parts are those of std's [`split`](str::split): one more than there are separators. What a [pattern](self#patterns)
    /// may be is told above.
    #[inline]
    fn par_split<P: Pattern>(&self, separator: P) -> Split<'_, P> {
        Split::new(self.as_parallel_string(), separator)
    }

    /// As [`par_split`](Self::par_split), but a separator is the last character of the part before it.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let sentences: Vec<&str> = "Warp. Weft! Yarn".par_split_inclusive(['.', '!']).collect();
    /// assert_eq!(sentences, ["Warp.", " Weft!", " Yarn"]);
    /// ```
    #[inline]
    fn par_split_inclusive<P: Pattern>(&self, separator: P) -> SplitInclusive<'_, P> {
        SplitInclusive::new(self.as_parallel_string(), separator)
    }

    /// As [`par_split`](Self::par_split), but there is no empty part behind a separator at the end, nor in an empty text.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let statements: Vec<&str> = "warp();weft();;".par_split_terminator(';').collect();
    /// assert_eq!(statements, ["warp()", "weft()", ""]);
    /// ```
    #[inline]
    fn par_split_terminator<P: Pattern>(&self, terminator: P) -> SplitTerminator<'_, P> {
        SplitTerminator::new(self.as_parallel_string(), terminator)
    }

    /// The lines, without the `\n` or `\r\n` that they end with. The last one need not end with any.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let lengths: Vec<usize> = "warp\r\n\nyarn".par_lines().map(str::len).collect();
    /// assert_eq!(lengths, [4, 0, 4]);
    /// ```
    ///
    /// # Order and cost
    /// The lines are those of std's [`lines`](str::lines): a `\r` with no `\n` behind it is a character like any other, even at
    /// the very end.
    #[inline]
    fn par_lines(&self) -> Lines<'_> {
        Lines::new(self.as_parallel_string())
    }

    /// The words: what is between whitespace, however much of it there is.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let words: Vec<&str> = " warp\u{2003}and\n\tweft ".par_split_whitespace().collect();
    /// assert_eq!(words, ["warp", "and", "weft"]);
    /// ```
    #[inline]
    fn par_split_whitespace(&self) -> SplitWhitespace<'_> {
        SplitWhitespace::new(self.as_parallel_string())
    }

    /// What is between ASCII whitespace, however much of it there is.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let words: Vec<&str> = " warp\u{2003}and\n\tweft ".par_split_ascii_whitespace().collect();
    /// assert_eq!(words, ["warp\u{2003}and", "weft"]);
    /// ```
    #[inline]
    fn par_split_ascii_whitespace(&self) -> SplitAsciiWhitespace<'_> {
        SplitAsciiWhitespace::new(self.as_parallel_string())
    }

    /// The characters that match, each as a part of the text.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let digits: Vec<&str> = "3 warps, 14 wefts".par_matches(char::is_numeric).collect();
    /// assert_eq!(digits, ["3", "1", "4"]);
    /// ```
    #[inline]
    fn par_matches<P: Pattern>(&self, pattern: P) -> Matches<'_, P> {
        Matches::new(self.as_parallel_string(), pattern)
    }

    /// The characters that match, each as a part of the text, with its place.
    ///
    /// ```
    /// use lyocell::prelude::*;
    ///
    /// let digits: Vec<(usize, &str)> = "3 warps, 14 wefts".par_match_indices(char::is_numeric).collect();
    /// assert_eq!(digits, [(0, "3"), (9, "1"), (10, "4")]);
    /// ```
    #[inline]
    fn par_match_indices<P: Pattern>(&self, pattern: P) -> MatchIndices<'_, P> {
        MatchIndices::new(self.as_parallel_string(), pattern)
    }
}

impl ParallelString for str {
    #[inline]
    fn as_parallel_string(&self) -> &str {
        self
    }
}
