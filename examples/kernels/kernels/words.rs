//! How often each word occurs in some texts: hash tables that grow and are merged.

use super::par::prelude::*;
use crate::data::{Inputs, generate_text};
use crate::kernel::{Agreement, Built, Kernel, Size, counted, furnish, grouped};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

/// Texts are counted in blocks of about so many bytes, so that one long book is work for many.
const BLOCK: usize = 1 << 16;

struct Words<'a> {
    texts: Cow<'a, [String]>,
    /// The text of each block, and its place there.
    blocks: Vec<(usize, Range<usize>)>,
}

/// Words in lower case: borrowed from the text where they are already.
type Counts<'t> = HashMap<Cow<'t, str>, usize>;

/// The most frequent word first, and of equally frequent ones the first in the alphabet.
type Ranking = Vec<(String, usize)>;

pub(super) fn build(inputs: &Inputs, size: Size) -> Built<'_> {
    let texts = match &inputs.texts {
        Some(texts) => Cow::Borrowed(&texts[..]),
        None => Cow::Owned(generate_text(size.pick(4, 24, 128) << 20)),
    };
    Ok(furnish(Words::new(texts)))
}

impl<'a> Words<'a> {
    fn new(texts: Cow<'a, [String]>) -> Self {
        let blocks = texts
            .iter()
            .enumerate()
            .flat_map(|(text, words)| cuts(words).map(move |place| (text, place)));
        Self {
            blocks: blocks.collect(),
            texts,
        }
    }

    fn block(&self, (text, place): &(usize, Range<usize>)) -> &str {
        &self.texts[*text][place.clone()]
    }
}

/// Cuts a text into blocks, none of them within a word.
fn cuts(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == text.len() {
            return None;
        }
        let long_enough = |&end: &usize| end >= text.len() || text.is_char_boundary(end);
        let at_least = (start + BLOCK..)
            .find(long_enough)
            .map_or(text.len(), |end| end.min(text.len()));
        let end = text[at_least..]
            .find(|c| !is_of_word(c))
            .map_or(text.len(), |more| at_least + more);
        let block = start..end;
        start = end;
        Some(block)
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric()
}

fn count<'t>(mut counts: Counts<'t>, text: &'t str) -> Counts<'t> {
    for word in text
        .split(|c| !is_of_word(c))
        .filter(|word| !word.is_empty())
    {
        let word = if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            Cow::Borrowed(word)
        } else {
            Cow::Owned(word.to_lowercase())
        };
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// The smaller table goes into the larger one.
fn merge<'t>(a: Counts<'t>, b: Counts<'t>) -> Counts<'t> {
    let (small, mut large) = if a.len() < b.len() { (a, b) } else { (b, a) };
    for (word, count) in small {
        *large.entry(word).or_default() += count;
    }
    large
}

fn unranked(counts: Counts<'_>) -> Ranking {
    counts
        .into_iter()
        .map(|(word, count)| (word.into_owned(), count))
        .collect()
}

fn by_rank(a: &(String, usize), b: &(String, usize)) -> Ordering {
    b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0))
}

impl Kernel for Words<'_> {
    type Room = Ranking;

    fn size(&self) -> String {
        let bytes: usize = self.texts.iter().map(String::len).sum();
        let length = match bytes >> 20 {
            0 => counted(bytes, "byte", "bytes"),
            mebibytes => format!("{} MiB", grouped(mebibytes)),
        };
        format!("{length} in {}", counted(self.texts.len(), "text", "texts"))
    }

    fn room(&self) -> Ranking {
        Ranking::new()
    }

    fn serial(&self, ranking: &mut Ranking) {
        let counts = self.blocks.iter().fold(Counts::new(), |counts, block| {
            count(counts, self.block(block))
        });
        *ranking = unranked(counts);
        ranking.sort_unstable_by(by_rank);
    }

    fn parallel(&self, ranking: &mut Ranking) {
        let parts = self.blocks.par_iter().fold(Counts::new, |counts, block| {
            count(counts, self.block(block))
        });
        *ranking = unranked(parts.reduce(Counts::new, merge));
        ranking.par_sort_unstable_by(by_rank);
    }

    fn compare(&self, serial: &Ranking, parallel: &Ranking) -> Agreement {
        Agreement::exact("words", serial, parallel)
    }

    fn answer(&self, ranking: &Ranking) -> String {
        match ranking.first() {
            Some((word, count)) => format!("'{word}' {}", counted(*count, "time", "times")),
            None => "no words".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(texts: &[String]) -> Ranking {
        let kernel = Words::new(Cow::Borrowed(texts));
        let (mut serial, mut parallel) = (kernel.room(), kernel.room());
        kernel.serial(&mut serial);
        kernel.parallel(&mut parallel);
        assert_eq!(kernel.compare(&serial, &parallel), Agreement::Exact);
        parallel
    }

    #[test]
    fn words_in_any_case() {
        let ranking = rank(&[
            "Über DEN Wolken, über\nden\u{a0}Bergen; 42!".into(),
            String::new(),
            "42".into(),
        ]);
        let expected = [
            ("42", 2),
            ("den", 2),
            ("über", 2),
            ("bergen", 1),
            ("wolken", 1),
        ];
        assert_eq!(ranking, expected.map(|(word, count)| (word.into(), count)));
    }

    #[test]
    fn no_words_at_all() {
        assert!(rank(&[]).is_empty());
        assert!(rank(&[" .\n".into()]).is_empty());
    }

    #[test]
    fn blocks_never_cut_a_word() {
        // Two-byte letters at odd places, so that the cut falls into one, and one word longer than a block.
        let text = format!("x{} {}", "é".repeat(BLOCK), "aé ".repeat(BLOCK));
        let blocks: Vec<_> = cuts(&text).collect();
        assert!(blocks.len() > 3);
        assert_eq!(
            (blocks[0].start, blocks[blocks.len() - 1].end),
            (0, text.len())
        );
        assert!(blocks.is_sorted_by(|a, b| a.end == b.start));
        let ranking = rank(&[text]);
        assert_eq!(ranking.len(), 2);
        assert_eq!(ranking[0], ("aé".into(), BLOCK));
    }
}
