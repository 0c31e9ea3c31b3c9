//! Text as a sequence of comparable words: lower case, reduced to English stems. Decides what a word is, not what it
//! is worth.

use super::meaning::Meanings;
use super::phrases::INSTRUCTION_WORDS;

/// A word reduced to its stem, kept as a number (FNV-1a): words are only ever compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stem(u64);

impl Stem {
    pub(super) fn of(stem: &str) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(stem.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }
}

/// What a word tells of its text's topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Nothing: it stands in any text.
    Function,
    /// It carries meaning.
    Content,
    /// Nothing: it is a single letter.
    Letter,
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
        let mut words = Self::default();
        Meanings::with(|meanings| {
            each_token(text, |token| {
                let (stem, weight) = meanings.of(token);
                match weight {
                    Weight::Function => words.without_topic += 1,
                    Weight::Content => words.content.push(stem),
                    Weight::Letter => {}
                }
                words.stems.push(stem);
            });
        });
        words.content.sort_unstable();
        words.content.dedup();
        words
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

/// Calls back for each run of letters and digits, in lower case; in scripts without spaces every character is a word of
/// its own.
fn each_token(text: &str, mut found: impl FnMut(&str)) {
    let mut lower = String::new();
    let mut start = None;
    let mut is_lower = true;
    for (at, c) in text.char_indices() {
        if is_inside(c) {
            start.get_or_insert(at);
            is_lower &= c.is_ascii() && !c.is_ascii_uppercase();
            continue;
        }
        if let Some(start) = start.take() {
            let word = text.get(start..at).unwrap_or_default();
            found(lowered(word, is_lower, &mut lower));
            is_lower = true;
        }
        if !c.is_ascii() && is_unspaced(c) {
            found(c.encode_utf8(&mut [0; 4]));
        }
    }
    if let Some(start) = start {
        let word = text.get(start..).unwrap_or_default();
        found(lowered(word, is_lower, &mut lower));
    }
}

/// The word in lower case, which most words are in already.
fn lowered<'a>(word: &'a str, is_lower: bool, room: &'a mut String) -> &'a str {
    if is_lower {
        return word;
    }
    room.clear();
    for c in word.chars() {
        if c.is_ascii() {
            room.push(c.to_ascii_lowercase());
        } else {
            room.extend(c.to_lowercase());
        }
    }
    room
}

/// Whether the character is part of a word of several.
fn is_inside(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        !is_unspaced(c) && is_word_character(c)
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
