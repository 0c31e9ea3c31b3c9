//! A text in which many short phrases are looked for. Most are not there, and most of those are ruled out by a pair of
//! bytes that the text does not hold, without reading it again.

/// A text, lower case with single spaces and straight apostrophes, and the pairs of bytes it holds.
pub(super) struct Haystack {
    text: String,
    /// One bit for each pair of bytes.
    pairs: Vec<u64>,
}

/// Pairs of bytes, in words of 64 bits.
const PAIRS: usize = (1 << 16) / 64;

impl Haystack {
    pub(super) fn new(text: &str) -> Self {
        let text = flat(text);
        let mut pairs = vec![0; PAIRS];
        for pair in text.as_bytes().windows(2) {
            let (word, bit) = place(pair);
            pairs[word] |= bit;
        }
        Self { text, pairs }
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
        phrase.as_bytes().windows(2).all(|pair| {
            let (word, bit) = place(pair);
            self.pairs[word] & bit != 0
        })
    }
}

/// The word and the bit of a pair.
fn place(pair: &[u8]) -> (usize, u64) {
    let index = pair
        .iter()
        .fold(0, |index, byte| index << 8 | usize::from(*byte));
    (index / 64, 1 << (index % 64))
}

fn flat(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !flat.is_empty() {
            flat.push(' ');
        }
        for c in word.chars() {
            match c {
                '’' | 'ʼ' => flat.push('\''),
                c if c.is_ascii() => flat.push(c.to_ascii_lowercase()),
                c => flat.extend(c.to_lowercase()),
            }
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
