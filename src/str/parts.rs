//! Texts that fall into parts: at separators, behind them, into lines and into words.

use std::ops::Range;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::stretch::bridge_stretch;
use crate::iter::plumbing::{Folder, UnindexedConsumer};
use crate::parts::{Gaps, Parts};

use super::pattern::Pattern;

/// A gap at each match of the pattern. `KEPT`, it ends the part before it.
struct Separated<'p, P, const KEPT: bool>(&'p P);

impl<P, const KEPT: bool> Copy for Separated<'_, P, KEPT> {}

impl<P, const KEPT: bool> Clone for Separated<'_, P, KEPT> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<'ch, P: Pattern, const KEPT: bool> Gaps<&'ch str> for Separated<'_, P, KEPT> {
    #[inline]
    fn first(self, text: &&'ch str, places: Range<usize>) -> Option<usize> {
        let start = places.start;
        let ahead = self.0.find(&text[places])?;
        Some(start + ahead)
    }

    #[inline]
    fn last(self, text: &&'ch str, end: usize) -> Option<usize> {
        self.0.rfind(&text[..end])
    }

    #[inline]
    fn around(self, text: &&'ch str, place: usize) -> Range<usize> {
        let separator = text[place..].chars().next();
        let end = place + separator.map_or(0, char::len_utf8);
        if KEPT { end..end } else { place..end }
    }

    #[inline]
    fn pour<F: Folder<&'ch str>>(self, text: &'ch str, folder: F) -> F {
        if KEPT {
            folder.consume_iter(self.0.split_inclusive(text))
        } else {
            folder.consume_iter(self.0.split(text))
        }
    }
}

/// Writes the struct, its fields a text and perhaps a pattern, and how it is driven.
macro_rules! parts {
    ($(
        $(#[$attr:meta])*
        $name:ident $(<$pattern:ident>)?: |$consumer:ident, $text:ident $(, $by:ident)?| $drive:expr;
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

        impl<'ch $(, $pattern: Pattern)?> ParallelIterator for $name<'ch $(, $pattern)?> {
            type Item = &'ch str;

            fn drive_unindexed<C>(self, $consumer: C) -> C::Result
            where
                C: UnindexedConsumer<&'ch str>,
            {
                let $text = self.text;
                $(let $by = self.$by;)?
                $drive
            }
        }
    )+ };
}

parts! {
    /// What is between separators; made by [`par_split`](super::ParallelString::par_split).
    Split<P>: |consumer, text, separator| {
        bridge_stretch(Parts::new(text, Separated::<P, false>(&separator)), consumer)
    };

    /// What ends in a separator; made by [`par_split_inclusive`](super::ParallelString::par_split_inclusive).
    SplitInclusive<P>: |consumer, text, separator| {
        bridge_stretch(Parts::new(text, Separated::<P, true>(&separator)), consumer)
    };

    /// What is before terminators; made by [`par_split_terminator`](super::ParallelString::par_split_terminator).
    SplitTerminator<P>: |consumer, text, terminator| {
        if text.is_empty() {
            consumer.into_folder().complete()
        } else {
            // Without the terminator at its end, if there is one, the text has as many parts as it should.
            let text = terminator.strip_suffix(text).unwrap_or(text);
            Split::new(text, terminator).drive_unindexed(consumer)
        }
    };

    /// The lines of a text; made by [`par_lines`](super::ParallelString::par_lines).
    Lines: |consumer, text| {
        SplitInclusive::new(text, '\n').map(without_ending).drive_unindexed(consumer)
    };

    /// What is between whitespace; made by [`par_split_whitespace`](super::ParallelString::par_split_whitespace).
    SplitWhitespace: |consumer, text| {
        Split::new(text, char::is_whitespace).filter(is_word).drive_unindexed(consumer)
    };

    /// What is between ASCII whitespace; made by
    /// [`par_split_ascii_whitespace`](super::ParallelString::par_split_ascii_whitespace).
    SplitAsciiWhitespace: |consumer, text| {
        let is_whitespace = |c: char| c.is_ascii_whitespace();
        Split::new(text, is_whitespace).filter(is_word).drive_unindexed(consumer)
    };
}

/// A carriage return belongs to the ending only if the line has a line feed behind it.
#[inline]
fn without_ending(line: &str) -> &str {
    let Some(line) = line.strip_suffix('\n') else {
        return line;
    };
    line.strip_suffix('\r').unwrap_or(line)
}

/// Between two separators side by side there is nothing.
#[inline]
fn is_word(part: &&str) -> bool {
    !part.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::tests::{decisions, rows_of, split_and_collect};

    /// However it is cut, the parts are those of std: with separators of one byte and of several.
    #[test]
    fn every_text_cut_everywhere() {
        let longest = if cfg!(miri) { 2 } else { 6 };
        for chars in rows_of(&['a', ';', 'ü', '𝄞'], longest) {
            let text: &str = &chars.iter().collect::<String>();
            for mut decide in decisions() {
                for separator in [';', '𝄞'] {
                    let split = Parts::new(text, Separated::<_, false>(&separator));
                    let want: Vec<&str> = text.split(separator).collect();
                    assert_eq!(split_and_collect(split, &mut decide), want);

                    let split = Parts::new(text, Separated::<_, true>(&separator));
                    let want: Vec<&str> = text.split_inclusive(separator).collect();
                    assert_eq!(split_and_collect(split, &mut decide), want);
                }
                let not_ascii = |c: char| !c.is_ascii();
                let split = Parts::new(text, Separated::<_, false>(&not_ascii));
                let want: Vec<&str> = text.split(not_ascii).collect();
                assert_eq!(split_and_collect(split, &mut decide), want);
            }
        }
    }
}
