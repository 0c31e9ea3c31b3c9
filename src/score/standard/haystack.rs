//! A text in which many short phrases are looked for. Most are not there, and most of those are ruled out by three bytes
//! that the text does not hold one after the other, without reading it again.

/// A text, lower case with single spaces and straight apostrophes, and the triples of bytes it holds.
pub(super) struct Haystack {
    text: String,
    /// A bit for each triple of bytes; several share one.
    triples: Vec<u64>,
}

/// The bits, as a power of two, and the words of 64 that hold them.
const BITS: u32 = 15;
const WORDS: usize = (1 << BITS) / 64;

impl Haystack {
    pub(super) fn new(text: &str) -> Self {
        let text = flat(text);
        let mut triples = vec![0; WORDS];
        for triple in text.as_bytes().windows(3) {
            let (word, bit) = place(triple);
            triples[word] |= bit;
        }
        Self { text, triples }
    }

    /// Whether a phrase, itself in lower case with single spaces, stands in the text.
    pub(super) fn contains(&self, phrase: &str) -> bool {
        self.may_contain(phrase) && self.text.contains(phrase)
    }

    /// How often a phrase stands in the text as whole words.
    pub(super) fn count_words(&self, phrase: &str) -> usize {
        if !self.may_contain(phrase) {
            return 0;
        }
        let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let whole = |at: usize| {
            let before = self
                .text
                .get(..at)
                .and_then(|part| part.chars().next_back());
            let after = self.text.get(at + phrase.len()..);
            is_edge(before) && is_edge(after.and_then(|part| part.chars().next()))
        };
        self.text
            .match_indices(phrase)
            .filter(|(at, _)| whole(*at))
            .count()
    }

    fn may_contain(&self, phrase: &str) -> bool {
        phrase.as_bytes().windows(3).all(|triple| {
            let (word, bit) = place(triple);
            self.triples[word] & bit != 0
        })
    }
}

/// The word and the bit of a triple.
fn place(triple: &[u8]) -> (usize, u64) {
    let number = triple
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte));
    let index = number.wrapping_mul(0x9e37_79b1) >> (u32::BITS - BITS);
    ((index / 64) as usize, 1 << (index % 64))
}

/// A text in lower case, with single spaces and straight apostrophes.
pub(super) fn flat(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = !flat.is_empty();
            continue;
        }
        if gap {
            flat.push(' ');
            gap = false;
        }
        match c {
            c if c.is_ascii() => flat.push(c.to_ascii_lowercase()),
            '’' | 'ʼ' => flat.push('\''),
            c => flat.extend(c.to_lowercase()),
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_across_lines_and_in_any_case() {
        let text = Haystack::new("As an\n AI  model; it’s Ärger");
        for phrase in ["as an ai model", "it's", "ärger", "a", ""] {
            assert!(text.contains(phrase), "{phrase}");
        }
        assert!(!text.contains("an ai model, it"));
        assert!(!text.contains("zebra"));
    }

    #[test]
    fn whole_words_are_counted() {
        let text = Haystack::new("Etc. and etc, but not etching or äetc");
        assert_eq!(text.count_words("etc"), 2);
        assert_eq!(text.count_words("zebra"), 0);
    }
}
