//! What a single word means: its stem and what it tells of its text's topic. Remembers the words it met last, since
//! every text is made of the same few thousand; without effect on what they mean.

use std::cell::RefCell;

use rust_stemmers::{Algorithm, Stemmer};

use super::generic::GENERIC_WORDS;
use super::phrases::FUNCTION_WORDS;
use super::words::{Stem, Weight};

/// Longer "words" are data; stemming them would only cost time.
const LONGEST_STEMMED: usize = 40;

/// Words that are remembered: 256 KB a thread.
const REMEMBERED: usize = 8192;

/// The spelling of a short word, in one number.
type Spelling = u128;

/// The bytes of a word that is remembered at most.
const SHORT: usize = size_of::<Spelling>();

thread_local! {
    static MEANINGS: RefCell<Meanings> = RefCell::new(Meanings::new());
}

/// Knows stems and function words of lower-case words.
pub(super) struct Meanings {
    stemmer: Stemmer,
    /// Stems of words that fit an answer to any question, sorted.
    generic: Vec<Stem>,
    /// Each word at one place only, where the last one stays.
    met: Vec<Option<(Spelling, Stem, Weight)>>,
}

impl Meanings {
    fn new() -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let mut generic: Vec<Stem> = GENERIC_WORDS
            .iter()
            .map(|word| Stem::of(&stemmer.stem(word)))
            .collect();
        generic.sort_unstable();
        Self {
            stemmer,
            generic,
            met: vec![None; REMEMBERED],
        }
    }

    /// Calls with this thread's meanings.
    pub(super) fn with<T>(call: impl FnOnce(&mut Self) -> T) -> T {
        MEANINGS.with_borrow_mut(call)
    }

    /// The stem of a word, which for a function word is itself, and its weight.
    pub(super) fn of(&mut self, word: &str) -> (Stem, Weight) {
        let Some((spelling, place)) = short(word) else {
            return self.look_up(word);
        };
        if let Some(Some((known, stem, weight))) = self.met.get(place)
            && *known == spelling
        {
            return (*stem, *weight);
        }
        let (stem, weight) = self.look_up(word);
        if let Some(met) = self.met.get_mut(place) {
            *met = Some((spelling, stem, weight));
        }
        (stem, weight)
    }

    fn look_up(&self, word: &str) -> (Stem, Weight) {
        if FUNCTION_WORDS.binary_search(&word).is_ok() {
            return (Stem::of(word), Weight::Function);
        }
        let stem = if is_plain(word) {
            Stem::of(&self.stemmer.stem(word))
        } else {
            Stem::of(word)
        };
        let weight = if self.generic.binary_search(&stem).is_ok() {
            Weight::Generic
        } else if carries_meaning(word) {
            Weight::Content
        } else {
            Weight::Letter
        };
        (stem, weight)
    }
}

/// The whole of a short word as a number, and its place among the words met; equal numbers are equal words.
fn short(word: &str) -> Option<(Spelling, usize)> {
    let mut bytes = [0; SHORT];
    bytes
        .get_mut(..word.len())?
        .copy_from_slice(word.as_bytes());
    let spelling = Spelling::from_le_bytes(bytes);
    let mixed = spelling.wrapping_mul(0x2d35_8dcc_aa6c_78a5_8bb8_4b93_962e_acc9) >> 64;
    let place = usize::try_from(mixed >> 51).unwrap_or_default();
    Some((spelling, place % REMEMBERED))
}

/// A single letter tells little, a single ideograph or digit does.
fn carries_meaning(word: &str) -> bool {
    word.len() > 1 || word.starts_with(|c: char| c.is_ascii_digit())
}

/// Only ASCII words are stemmed: the algorithm is for English.
fn is_plain(word: &str) -> bool {
    (3..=LONGEST_STEMMED).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_list_is_sorted_so_that_it_can_be_searched() {
        assert!(FUNCTION_WORDS.is_sorted());
    }

    #[test]
    fn a_word_met_before_means_what_it_meant() {
        let mut meanings = Meanings::new();
        let words: Vec<String> = (0..20_000).map(|n| format!("word{n}s")).collect();
        let words = || {
            words
                .iter()
                .map(String::as_str)
                .chain(["the", "refunds", "a", "7", "東"])
        };
        let first: Vec<_> = words().map(|word| meanings.of(word)).collect();
        let again: Vec<_> = words().map(|word| meanings.of(word)).collect();
        let fresh: Vec<_> = words().map(|word| Meanings::new().look_up(word)).collect();
        assert_eq!(first, again);
        assert_eq!(first, fresh);
    }
}
