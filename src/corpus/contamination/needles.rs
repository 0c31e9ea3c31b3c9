//! The texts that are looked for inside of turns, and the few of their runs that betray them. Decides when such a text
//! counts as found; not what that means for its cases.
//!
//! A run of words that stands in several of the texts is their template ("Answer as JSON with the keys …") and says
//! little. So a text counts as found when 80 % of its runs are there *and* 80 % of those that no other text has.
//! Whatever holds 80 % of a text's runs holds one of any fifth of them and one more: only so many are put where the
//! search sees them, chosen among the text's own, so that rows that share no more than the template cost nothing.

use std::collections::BTreeMap;

use super::anchors::Anchors;
use super::runs::{Reading, Run, spellings};

/// Percent of a text's runs that must stand in a row.
const FOUND: usize = 80;

/// Cases that are told of one text; the others ask the very same.
const MOST_CASES: usize = 64;

/// Texts of one kind are each other's template; a prompt is not that of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Prompt,
    Reference,
}

/// Whether a text is searched for in every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    Everywhere,
    /// Only in the answers to a prompt that was found.
    WithItsPrompt,
}

/// The number of a needle.
pub(super) type Number = u32;

/// A text that is looked for, with every case that has it.
#[derive(Debug)]
pub(super) struct Needle {
    pub(super) kind: Kind,
    pub(super) cases: Vec<usize>,
    search: Search,
    spellings: Vec<Wanted>,
}

/// A spelling of a text.
#[derive(Debug)]
struct Wanted {
    runs: Vec<Run>,
    /// Those that no other text has.
    own: Vec<Run>,
}

/// Texts, each once.
#[derive(Debug, Default)]
pub(super) struct Needles {
    all: Vec<Needle>,
    by_words: BTreeMap<(Kind, u64), Number>,
}

impl Needles {
    /// Takes up a text of a case; tells its number.
    pub(super) fn add(&mut self, kind: Kind, search: Search, text: &str, case: usize) -> Number {
        let readings: Vec<Reading> = spellings(text)
            .iter()
            .map(|text| Reading::of(text))
            .collect();
        let next = Number::try_from(self.all.len()).unwrap_or(Number::MAX);
        let whole = readings.first().map_or(0, |reading| reading.whole);
        let number = *self.by_words.entry((kind, whole)).or_insert(next);
        if number == next {
            let wanted = |reading: Reading| Wanted {
                runs: reading.runs,
                own: Vec::new(),
            };
            self.all.push(Needle {
                kind,
                cases: Vec::new(),
                search,
                spellings: readings.into_iter().map(wanted).collect(),
            });
        }
        let needle = self.all.get_mut(number as usize);
        if let Some(needle) = needle.filter(|needle| needle.cases.len() < MOST_CASES) {
            needle.cases.push(case);
            needle.cases.dedup();
        }
        number
    }

    pub(super) fn get(&self, number: Number) -> Option<&Needle> {
        self.all.get(number as usize)
    }

    /// Finds out which runs each text has alone, once all are there; gives the runs that betray a text.
    pub(super) fn settle(&mut self) -> Anchors {
        self.by_words = BTreeMap::new();
        let mut anchors = Vec::new();
        for kind in [Kind::Prompt, Kind::Reference] {
            let shared = self.shared(kind);
            let needles = (0..).zip(&mut self.all);
            for (number, needle) in needles.filter(|(_, needle)| needle.kind == kind) {
                for wanted in &mut needle.spellings {
                    let own = wanted
                        .runs
                        .iter()
                        .filter(|run| texts_with(&shared, **run) == 1);
                    wanted.own = own.copied().collect();
                    if needle.search == Search::Everywhere {
                        let runs = wanted.betraying(&shared);
                        anchors.extend(runs.into_iter().map(|run| (run, number)));
                    }
                }
            }
        }
        Anchors::of(anchors)
    }

    /// The runs that several texts of a kind have, sorted, with how many do.
    fn shared(&self, kind: Kind) -> Vec<(Run, usize)> {
        let mut all = Vec::new();
        for needle in self.all.iter().filter(|needle| needle.kind == kind) {
            all.extend(needle.runs());
        }
        all.sort_unstable();
        let same = all.chunk_by(|one, other| one == other);
        let several = same.filter(|same| same.len() > 1);
        several
            .filter_map(|same| Some((*same.first()?, same.len())))
            .collect()
    }
}

fn texts_with(shared: &[(Run, usize)], run: Run) -> usize {
    let at = shared.binary_search_by_key(&run, |(run, _)| *run);
    at.ok()
        .and_then(|at| shared.get(at))
        .map_or(1, |(_, texts)| *texts)
}

/// How many of so many are the percentage.
const fn share(of: usize, percent: usize) -> usize {
    of.saturating_mul(percent).div_ceil(100)
}

impl Needle {
    /// The different runs of all its spellings, sorted.
    pub(super) fn runs(&self) -> Vec<Run> {
        let spellings = self.spellings.iter();
        let mut runs: Vec<Run> = spellings
            .flat_map(|wanted| wanted.runs.iter().copied())
            .collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// The percentage of its runs that are there, if it counts as found.
    pub(super) fn found(&self, is_there: impl Fn(Run) -> bool) -> Option<usize> {
        let of = |runs: &[Run]| runs.iter().filter(|run| is_there(**run)).count();
        let enough = |runs: &[Run]| of(runs) >= share(runs.len(), FOUND);
        let spellings = self
            .spellings
            .iter()
            .filter(|wanted| !wanted.runs.is_empty());
        spellings
            .filter(|wanted| enough(&wanted.own) && enough(&wanted.runs))
            .map(|wanted| of(&wanted.runs) * 100 / wanted.runs.len().max(1))
            .max()
    }

    /// Whether at least the percentage of its runs is there, its own or not.
    pub(super) fn has(&self, percent: usize, is_there: impl Fn(Run) -> bool) -> bool {
        self.spellings.iter().any(|wanted| {
            let there = wanted.runs.iter().filter(|run| is_there(**run)).count();
            there > 0 && there >= share(wanted.runs.len(), percent)
        })
    }
}

impl Wanted {
    /// Runs of which a row that holds the text has at least one: of its own, or else of those that the fewest texts
    /// have.
    fn betraying(&self, shared: &[(Run, usize)]) -> Vec<Run> {
        let mut runs = self.own.clone();
        if runs.is_empty() {
            runs.clone_from(&self.runs);
            runs.sort_by_key(|run| texts_with(shared, *run));
        }
        runs.truncate((runs.len() + 1).saturating_sub(share(runs.len(), FOUND)));
        runs
    }
}
