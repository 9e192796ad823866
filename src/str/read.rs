//! What can be read off a text from any boundary between characters to any other: the characters in one form or another, and
//! matches of one character each.

use crate::iter::ParallelIterator;
use crate::iter::plumbing::stretch::{Stretch, bridge_stretch};
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer};
use crate::parts::Row;

use super::pattern::Pattern;

/// A way to read a text.
pub(crate) trait Read<'t>: Copy + Send {
    /// What is read.
    type Item;

    /// Reads `text`, which begins `at` so many bytes of the whole.
    fn read(self, text: &'t str, at: usize) -> impl Iterator<Item = Self::Item>;
}

/// A text with a way to read it, as a producer. It can be cut between any two characters.
pub(crate) struct Text<'t, R> {
    text: &'t str,
    at: usize,
    read: R,
}

impl<'t, R> Text<'t, R> {
    #[inline]
    pub(crate) fn new(text: &'t str, read: R) -> Self {
        Self { text, at: 0, read }
    }
}

impl<'t, R: Read<'t>> Stretch for Text<'t, R> {
    #[inline]
    fn extent(&self) -> usize {
        self.text.len()
    }
}

impl<'t, R: Read<'t>> UnindexedProducer for Text<'t, R> {
    type Item = R::Item;

    fn split(self) -> (Self, Option<Self>) {
        let middle = self.text.middle(self.text.len());
        if middle == 0 {
            return (self, None);
        }
        let (text, right) = self.text.split_at(middle);
        let right = Self {
            text: right,
            at: self.at + middle,
            ..self
        };
        (Self { text, ..self }, Some(right))
    }

    #[inline]
    fn fold_with<F: Folder<Self::Item>>(self, folder: F) -> F {
        folder.consume_iter(self.read.read(self.text, self.at))
    }
}

/// Writes a way to read, without or with a pattern, and the face of the iterator that reads so.
macro_rules! reads {
    ($(
        $(#[$attr:meta])*
        $name:ident $(<$pattern:ident>)?, $item:ty, $reader:ident:
        |$text:ident, $at:ident $(, $by:ident)?| $items:expr;
    )+) => { $(
        $(#[$attr])*
        #[derive(Clone, Debug)]
        pub struct $name<'ch $(, $pattern: Pattern)?> {
            text: &'ch str,
            $($by: $pattern,)?
        }

        impl<'ch $(, $pattern: Pattern)?> $name<'ch $(, $pattern)?> {
            #[inline]
            pub(super) fn new(text: &'ch str $(, $by: $pattern)?) -> Self {
                Self { text $(, $by)? }
            }
        }

        /// The way of the iterator that is named after it.
        pub(crate) struct $reader<$('p, $pattern)?>($(&'p $pattern)?);

        impl<$($pattern)?> Copy for $reader<$('_, $pattern)?> {}

        impl<$($pattern)?> Clone for $reader<$('_, $pattern)?> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<'ch $(, $pattern: Pattern)?> Read<'ch> for $reader<$('_, $pattern)?> {
            type Item = $item;

            #[inline]
            fn read(self, $text: &'ch str, $at: usize) -> impl Iterator<Item = $item> {
                $(let $by = self.0;)?
                $items
            }
        }

        impl<'ch $(, $pattern: Pattern)?> ParallelIterator for $name<'ch $(, $pattern)?> {
            type Item = $item;

            fn drive_unindexed<C>(self, consumer: C) -> C::Result
            where
                C: UnindexedConsumer<$item>,
            {
                bridge_stretch(Text::new(self.text, $reader($(&self.$by)?)), consumer)
            }
        }
    )+ };
}

reads! {
    /// The characters of a text; made by [`par_chars`](super::ParallelString::par_chars).
    Chars, char, ReadChars: |text, _at| text.chars();

    /// The characters of a text, each with its place; made by
    /// [`par_char_indices`](super::ParallelString::par_char_indices).
    CharIndices, (usize, char), ReadCharIndices: |text, at| text.char_indices().map(move |(i, c)| (at + i, c));

    /// The bytes of a text; made by [`par_bytes`](super::ParallelString::par_bytes).
    Bytes, u8, ReadBytes: |text, _at| text.bytes();

    /// A text in UTF-16; made by [`par_encode_utf16`](super::ParallelString::par_encode_utf16).
    EncodeUtf16, u16, ReadUtf16: |text, _at| text.encode_utf16();

    /// What in a text matches a pattern; made by [`par_matches`](super::ParallelString::par_matches).
    Matches<P>, &'ch str, ReadMatches: |text, _at, pattern| pattern.matches(text);

    /// What in a text matches a pattern, each with its place; made by
    /// [`par_match_indices`](super::ParallelString::par_match_indices).
    MatchIndices<P>, (usize, &'ch str), ReadMatchIndices: |text, at, pattern| {
        pattern.match_indices(text).map(move |(i, found)| (at + i, found))
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::tests::{decisions, rows_of, split_and_collect};

    /// However it is cut, what is read is what std reads, and every place is one of the whole text.
    #[test]
    fn every_text_cut_everywhere() {
        let longest = if cfg!(miri) { 2 } else { 6 };
        for chars in rows_of(&['a', 'ü', '€', '𝄞'], longest) {
            let text: &str = &chars.iter().collect::<String>();
            for mut decide in decisions() {
                let read = split_and_collect(Text::new(text, ReadCharIndices()), &mut decide);
                assert_eq!(read, text.char_indices().collect::<Vec<_>>());
                let read = split_and_collect(Text::new(text, ReadUtf16()), &mut decide);
                assert_eq!(read, text.encode_utf16().collect::<Vec<_>>());
                let pattern = ['ü', '𝄞'];
                let producer = Text::new(text, ReadMatchIndices(&pattern));
                let want: Vec<_> = text.match_indices(pattern).collect();
                assert_eq!(split_and_collect(producer, &mut decide), want);
            }
        }
    }
}
