//! Sentences that only list words which somebody may look for: those of the question, and every way to say a keyword. They
//! win nothing, however many of the words they hold.

use super::words::{Stem, Words};
use crate::score::Keyword;

/// A shorter sentence is none that wins much.
const LEAST: usize = 8;

/// Function words are about four of ten in English sentences. A list has less than one of so many, …
const LOOSE: usize = 4;

/// … and one that is not all of such words less than one of so many.
const BARE: usize = 10;

/// So many words in a row, all of which are looked for and in another order than the question's, are a list.
const ROW: usize = 12;

/// The same where a comma or the like follows at least every third word.
const SEPARATED_ROW: usize = 8;
const SEPARATED: usize = 3;

/// Words from which a question shows that it is English, and one of how many of them is a function word then.
const ENGLISH: (usize, usize) = (10, 5);

/// The words of which a list is made.
pub(super) struct List {
    /// Sorted.
    words: Vec<Stem>,
    /// Words that follow each other in the question, sorted.
    pairs: Vec<[Stem; 2]>,
    /// Whether the function words of this question are those that we know.
    english: bool,
}

/// What a list would be made of; `None` where no sentence of the answer is one.
pub(super) fn list_of(answer: &Words, question: &str, keywords: &[Keyword]) -> Option<List> {
    if !answer.counted_sentences().any(is_candidate) {
        return None;
    }
    let list = List::new(question, keywords);
    let mut sentences = answer.counted_sentences();
    let any = sentences.any(|sentence| list.holds(sentence, true));
    any.then_some(list)
}

const fn is_candidate((stems, function): (&[Stem], usize)) -> bool {
    stems.len() >= LEAST && LOOSE * function < stems.len()
}

impl List {
    fn new(question: &str, keywords: &[Keyword]) -> Self {
        let asked = Words::of(question);
        let (enough, one_of) = ENGLISH;
        let mut pairs: Vec<[Stem; 2]> = asked.stems.windows(2).filter_map(pair).collect();
        let every = keywords.iter().flat_map(|keyword| &keyword.any_of);
        let mut words: Vec<Stem> = every.flat_map(|word| Words::of(word).stems).collect();
        words.extend(&asked.stems);
        words.sort_unstable();
        words.dedup();
        pairs.sort_unstable();
        Self {
            words,
            pairs,
            english: asked.len() >= enough && one_of * asked.without_topic >= asked.len(),
        }
    }

    /// Whether a sentence is such a list. Rows of a table and members of JSON are no sentences.
    pub(super) fn is(&self, sentence: &str) -> bool {
        if sentence.trim_start().starts_with(['|', '{', '[', '"']) {
            return false;
        }
        let words = Words::of(sentence);
        let separators = sentence.matches([',', ';', '/', '·', '•', '|']).count();
        let separated = SEPARATED * separators >= words.len();
        let mut parts = words.counted_sentences();
        parts.any(|part| self.holds(part, separated))
    }

    fn holds(&self, sentence: (&[Stem], usize), separated: bool) -> bool {
        if !is_candidate(sentence) {
            return false;
        }
        let (stems, function) = sentence;
        let looked = stems.iter().filter(|word| self.has(**word)).count();
        let row = if separated { SEPARATED_ROW } else { ROW };
        let bare = stems.len() >= row && BARE * function < stems.len();
        if bare && 2 * looked >= stems.len() && (self.english || separated) {
            return true;
        }
        let mut rows = stems.split(|word| !self.has(*word));
        rows.any(|words| words.len() >= row && 2 * self.in_order(words) < words.len())
    }

    fn has(&self, word: Stem) -> bool {
        self.words.binary_search(&word).is_ok()
    }

    /// How many of these words follow the one before as they do in the question.
    fn in_order(&self, words: &[Stem]) -> usize {
        let pairs = words.windows(2).filter_map(pair);
        pairs
            .filter(|pair| self.pairs.binary_search(pair).is_ok())
            .count()
    }
}

fn pair(words: &[Stem]) -> Option<[Stem; 2]> {
    words.try_into().ok()
}
