//! Text as a sequence of comparable words: lower case, reduced to English stems. Decides what a word is, not what it
//! is worth.

use super::meaning::Meanings;
use super::number;
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
    /// It carries meaning, and fits an answer to any question.
    Generic,
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
    /// The different stems that belong to few texts, in sentences that hold enough of them, sorted.
    specific: Vec<Stem>,
    /// The different stems that fit an answer to any question, sorted.
    generic: Vec<Stem>,
    /// How many of the words are function words.
    pub(super) without_topic: usize,
    /// Words, and function words among them, of sentences that are no filling.
    said: (usize, usize),
    /// Each sentence.
    ends: Vec<End>,
}

/// Where a sentence ends.
#[derive(Debug, Clone, Copy)]
struct End {
    /// Behind its last word among the stems.
    at: usize,
    /// How many of its words are function words.
    function: usize,
}

/// A sentence of as many words, none of which belongs to few texts, is filling.
const SENTENCE: usize = 6;

/// The sentence that is being read.
#[derive(Default)]
struct Sentence {
    words: usize,
    /// How many of them belong to few texts.
    telling: usize,
    /// How many are function words.
    function: usize,
    /// Where its specific and its generic words start.
    start: (usize, usize),
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self::default();
        let mut sentence = Sentence::default();
        Meanings::with(|meanings| {
            each_token(text, |token| match token {
                Token::Word(token) => {
                    let (stem, weight) = meanings.of(token);
                    sentence.words += 1;
                    match weight {
                        Weight::Function => sentence.function += 1,
                        Weight::Generic => {
                            words.content.push(stem);
                            words.generic.push(stem);
                        }
                        Weight::Content => {
                            words.content.push(stem);
                            sentence.telling += 1;
                            words.specific.push(stem);
                        }
                        Weight::Letter => {}
                    }
                    words.stems.push(stem);
                }
                Token::Stop => words.end(&mut sentence),
            });
        });
        words.end(&mut sentence);
        for set in [&mut words.content, &mut words.specific, &mut words.generic] {
            set.sort_unstable();
            set.dedup();
        }
        words
    }

    /// Ends a sentence; the words of one that says nothing do not count.
    fn end(&mut self, sentence: &mut Sentence) {
        if sentence.words >= SENTENCE && sentence.telling == 0 {
            self.specific.truncate(sentence.start.0);
            self.generic.truncate(sentence.start.1);
        } else {
            self.said.0 += sentence.words;
            self.said.1 += sentence.function;
        }
        self.without_topic += sentence.function;
        if sentence.words > 0 {
            self.ends.push(End {
                at: self.stems.len(),
                function: sentence.function,
            });
        }
        *sentence = Sentence {
            start: (self.specific.len(), self.generic.len()),
            ..Sentence::default()
        };
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
            all.said.0 += part.said.0;
            all.said.1 += part.said.1;
        }
        all.content.sort_unstable();
        all.content.dedup();
        all
    }

    /// The stems of each sentence.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &[Stem]> {
        self.counted_sentences().map(|(stems, _)| stems)
    }

    /// The same, each with the number of its function words.
    pub(super) fn counted_sentences(&self) -> impl Iterator<Item = (&[Stem], usize)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end.at));
        let spans = starts.zip(&self.ends);
        spans.filter_map(|(start, end)| Some((self.stems.get(start..end.at)?, end.function)))
    }

    /// The different stems that are not function words.
    pub(super) fn content(&self) -> &[Stem] {
        &self.content
    }

    /// The different stems that belong to few texts, those of filling sentences left out.
    pub(super) fn specific(&self) -> usize {
        self.specific.len()
    }

    /// How many different stems fit an answer to any question.
    pub(super) fn generic(&self) -> usize {
        self.generic.len()
    }

    /// Share of the words that are not function words in what is said: lexical density (J. Ure, 1971), 0 to 1.
    pub(super) fn density(&self) -> f64 {
        1.0 - number(self.said.1) / number(self.said.0.max(1))
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

/// A part of a text.
enum Token<'a> {
    /// A word in lower case.
    Word(&'a str),
    /// A sentence or a line ends.
    Stop,
}

/// Calls back for each run of letters and digits, in lower case; in scripts without spaces every character is a word of
/// its own.
fn each_token(text: &str, mut found: impl FnMut(Token<'_>)) {
    let mut lower = String::new();
    let mut start = None;
    let mut is_lower = true;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if is_inside(c) {
            start.get_or_insert(at);
            is_lower &= c.is_ascii() && !c.is_ascii_uppercase();
            continue;
        }
        if let Some(start) = start.take() {
            let word = text.get(start..at).unwrap_or_default();
            found(Token::Word(lowered(word, is_lower, &mut lower)));
            is_lower = true;
        }
        if !c.is_ascii() && is_unspaced(c) {
            found(Token::Word(c.encode_utf8(&mut [0; 4])));
        } else if matches!(c, '\n' | '!' | '?' | '。') || (c == ' ' && before == '.') {
            found(Token::Stop);
        }
        before = c;
    }
    if let Some(start) = start {
        let word = text.get(start..).unwrap_or_default();
        found(Token::Word(lowered(word, is_lower, &mut lower)));
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
