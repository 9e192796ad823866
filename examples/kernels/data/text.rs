//! Text that nobody wrote.

use super::generator;
use rand::RngExt;

const VOCABULARY: usize = 20_000;
const SYLLABLES: [&str; 16] = [
    "ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo", "wen", "dar", "fel", "gus", "hol", "jan",
    "pär", "zyl",
];

/// Some texts of very different lengths, together of about `bytes` bytes. The n-th word of the vocabulary comes about
/// 1/n times as often as the first, as in real languages.
pub(crate) fn generate(bytes: usize) -> Vec<String> {
    let mut random = generator(0x5eed_0003);
    let words: Vec<String> = (0..VOCABULARY).map(word).collect();
    let mut texts = Vec::new();
    let mut left = bytes;
    while left > 0 {
        // Each text has half of what is left, until the rest is small.
        let length = if left < 4096 { left } else { left / 2 };
        let mut text = String::with_capacity(length + 64);
        let mut on_this_line = 0;
        while text.len() < length {
            // The inverse of the distribution: ranks whose logarithms are spread evenly.
            let rank = (VOCABULARY as f64).powf(random.random_range(0.0..1.0)) as usize - 1;
            text.push_str(&words[rank]);
            on_this_line += 1;
            if on_this_line == 12 {
                text.push_str(".\n");
                on_this_line = 0;
            } else {
                text.push(' ');
            }
        }
        left = left.saturating_sub(text.len());
        texts.push(text);
    }
    texts
}

/// The word of a rank: its digits to the base of the syllables, so that frequent words are short.
fn word(rank: usize) -> String {
    let mut left = rank + 1;
    let mut word = String::new();
    while left > 0 {
        word.push_str(SYLLABLES[left % SYLLABLES.len()]);
        left /= SYLLABLES.len();
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_long_as_asked_and_always_the_same() {
        let texts = generate(100_000);
        let total: usize = texts.iter().map(String::len).sum();
        assert!((100_000..101_000).contains(&total), "{total}");
        assert!(texts.len() > 3);
        assert_eq!(texts, generate(100_000));
        assert!(generate(0).is_empty());
    }

    #[test]
    fn words_are_distinct() {
        let words: std::collections::HashSet<String> = (0..VOCABULARY).map(word).collect();
        assert_eq!(words.len(), VOCABULARY);
    }
}
