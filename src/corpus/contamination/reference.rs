//! The answer that a suite gives as right, looked for in the answers to its prompt. Decides whether a row's answer is
//! that one.

use std::collections::VecDeque;

use super::super::words::words;
use super::needles::{Kind, Needles, Number, Search};
use super::runs::{RUN, quarter_words, spellings};
use super::search::There;

/// Words of a reference that is looked for without its prompt.
const LONG: usize = 13;

/// Words of a reference that is looked for inside of an answer; fewer must be the whole answer.
const INSIDE: usize = 3;

/// Percent of a reference's runs that make it the answer to a found prompt: less than for one alone, since answers are
/// worded anew more often than questions.
const ANSWERED: usize = 60;

/// A reference as it is looked for.
#[derive(Debug)]
pub(super) enum Reference {
    /// A text with runs of words.
    Long(Number),
    /// The words of a shorter one, in each of its spellings.
    Few(Vec<Vec<u64>>),
}

impl Reference {
    /// Takes up the reference of a case; `None` where it has no words.
    pub(super) fn of(text: &str, case: usize, needles: &mut Needles) -> Option<Self> {
        let mut few: Vec<Vec<u64>> = spellings(text)
            .iter()
            .map(|text| words(text).take(RUN).collect())
            .collect();
        if few.iter().any(|words| words.len() >= RUN) {
            let search = if quarter_words(text) >= 4 * LONG {
                Search::Everywhere
            } else {
                Search::WithItsPrompt
            };
            return Some(Self::Long(needles.add(Kind::Reference, search, text, case)));
        }
        few.retain(|words| !words.is_empty());
        (!few.is_empty()).then_some(Self::Few(few))
    }

    /// Whether one of the answers gives it.
    pub(super) fn answers(&self, answered: &[&str], needles: &Needles) -> bool {
        match self {
            Self::Long(number) => needles.get(*number).is_some_and(|needle| {
                let there = There::of(needle.runs(), answered.iter().copied());
                needle.has(ANSWERED, |run| there.has(run))
            }),
            Self::Few(spellings) => spellings
                .iter()
                .any(|spelling| answered.iter().any(|answer| gives(answer, spelling))),
        }
    }
}

/// Whether the words stand in the answer one after the other, or are all of it where they are very few.
fn gives(answer: &str, wanted: &[u64]) -> bool {
    if wanted.len() < INSIDE {
        return words(answer).eq(wanted.iter().copied());
    }
    let mut last = VecDeque::with_capacity(wanted.len());
    words(answer).any(|word| {
        if last.len() == wanted.len() {
            last.pop_front();
        }
        last.push_back(word);
        last.iter().eq(wanted)
    })
}
