//! Text as a sequence of comparable words: lower case, reduced to English stems. Decides what a word is, not what it
//! is worth.

use rust_stemmers::{Algorithm, Stemmer};

use super::phrases::{FUNCTION_WORDS, INSTRUCTION_WORDS};

/// Longer "words" are data; stemming them would only cost time.
const LONGEST_STEMMED: usize = 40;

/// A word reduced to its stem, kept as a number (FNV-1a): words are only ever compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stem(u64);

impl Stem {
    fn of(stem: &str) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(stem.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }
}

/// The words of a text in order, and the set of those that carry meaning.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Stems in order; a function word stands as it is.
    pub(super) stems: Vec<Stem>,
    /// The different stems that are not function words, sorted.
    content: Vec<Stem>,
    /// How many of the words are function words.
    pub(super) without_topic: usize,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let stemmer = Stemmer::create(Algorithm::English);
        let mut words = Self::default();
        each_token(text, |token| words.push(token, &stemmer));
        words.content.sort_unstable();
        words.content.dedup();
        words
    }

    fn push(&mut self, token: &str, stemmer: &Stemmer) {
        if FUNCTION_WORDS.binary_search(&token).is_ok() {
            self.without_topic += 1;
            self.stems.push(Stem::of(token));
            return;
        }
        let stem = if is_plain(token) {
            Stem::of(&stemmer.stem(token))
        } else {
            Stem::of(token)
        };
        if carries_meaning(token) {
            self.content.push(stem);
        }
        self.stems.push(stem);
    }

    /// The words of a question: those that only say which form the answer should have carry no meaning.
    pub(super) fn of_prompt(text: &str) -> Self {
        let mut words = Self::of(text);
        let form = INSTRUCTION_WORDS.map(Stem::of);
        words.content.retain(|stem| !form.contains(stem));
        words
    }

    /// The words of several texts as one.
    pub(super) fn joined(parts: &[Self]) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.stems.extend(&part.stems);
            all.content.extend(&part.content);
            all.without_topic += part.without_topic;
        }
        all.content.sort_unstable();
        all.content.dedup();
        all
    }

    /// The different stems that are not function words.
    pub(super) fn content(&self) -> &[Stem] {
        &self.content
    }

    /// How many of these content words stand in another text as well.
    pub(super) fn shared_with(&self, other: &Self) -> usize {
        let found = |stem: &&Stem| other.content.binary_search(stem).is_ok();
        self.content.iter().filter(found).count()
    }

    /// Whether the words of a phrase stand here, one after the other.
    pub(super) fn hold(&self, phrase: &str) -> bool {
        let phrase = Self::of(phrase).stems;
        match phrase.as_slice() {
            [] => false,
            [word] => self.stems.contains(word),
            _ => self.stems.windows(phrase.len()).any(|part| part == phrase),
        }
    }

    /// Number of words.
    pub(super) fn len(&self) -> usize {
        self.stems.len()
    }
}

/// A single letter tells little, a single ideograph or digit does.
fn carries_meaning(token: &str) -> bool {
    token.len() > 1 || token.starts_with(|c: char| c.is_ascii_digit())
}

/// Only ASCII words are stemmed: the algorithm is for English.
fn is_plain(token: &str) -> bool {
    (3..=LONGEST_STEMMED).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_lowercase())
}

/// Calls back for each run of letters and digits, in lower case; in scripts without spaces every character is a word of
/// its own.
fn each_token(text: &str, mut found: impl FnMut(&str)) {
    let mut token = String::new();
    for c in text.chars() {
        let alone = is_unspaced(c);
        if !alone && is_word_character(c) {
            if c.is_ascii() {
                token.push(c.to_ascii_lowercase());
            } else {
                token.extend(c.to_lowercase());
            }
            continue;
        }
        if !token.is_empty() {
            found(&token);
            token.clear();
        }
        if alone {
            found(c.encode_utf8(&mut [0; 4]));
        }
    }
    if !token.is_empty() {
        found(&token);
    }
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}')
}

/// Chinese, Japanese, Thai, Lao, Khmer and Burmese write no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_lists_are_sorted_so_that_they_can_be_searched() {
        assert!(FUNCTION_WORDS.is_sorted());
    }

    #[test]
    fn keywords_are_whole_words_by_stem() {
        let words =
            Words::of("He said that refunded payments, A/B tests and `failed_attempts` matter.");
        assert!(words.hold("refund"));
        assert!(words.hold("A/B test"));
        assert!(words.hold("failed attempt"));
        assert!(!words.hold("AI"));
        assert!(!words.hold("payments refunded"));
        assert!(!words.hold("—"));
    }

    #[test]
    fn words_of_other_scripts_are_found() {
        assert!(Words::of("私は東京に住んでいます").hold("東京"));
        assert!(!Words::of("私は東京に住んでいます").hold("京東"));
        assert!(Words::of("ГДЕ МОЙ СЧЁТ?").hold("счёт"));
        assert!(Words::of("Die STRAßE").hold("straße"));
    }
}
