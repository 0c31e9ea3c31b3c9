//! The two looks at a row. Decides which texts are worth the second, closer one, and which runs of them stand there;
//! not whether that is enough.

use super::RowText;
use super::anchors::Anchors;
use super::needles::Number;
use super::runs::{Run, Runs};

/// Texts that are looked at more closely in one row.
const MOST_TEXTS: usize = 64;

/// Texts that are noted before repeated ones are dropped.
const NOTED: usize = 1024;

/// What a row betrays at the first look.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Long texts that may stand in the row, sorted.
    pub(super) texts: Vec<Number>,
    /// Turns of the asking side that are a short prompt, as the hashes of all their words; sorted.
    pub(super) turns: Vec<u64>,
    /// Whether as many texts are noted as are looked at.
    is_full: bool,
}

impl Seen {
    /// Looks at every word of the row once. `is_short_prompt` knows a whole turn by its number of words and their
    /// hash.
    pub(super) fn of(
        row: RowText<'_>,
        anchors: &Anchors,
        is_short_prompt: impl Fn(usize, u64) -> bool,
    ) -> Self {
        let mut seen = Self::default();
        for text in row.asked {
            let runs = seen.read(text, anchors);
            if is_short_prompt(runs.words_read(), runs.whole()) {
                seen.turns.push(runs.whole());
            }
        }
        for text in row.answered {
            seen.read(text, anchors);
        }
        seen.turns.sort_unstable();
        seen.turns.dedup();
        seen.drop_repeated();
        seen
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.turns.is_empty()
    }

    fn read<'a>(&mut self, text: &'a str, anchors: &Anchors) -> Runs<'a> {
        let mut runs = Runs::of(text);
        let mut last = None;
        for run in runs.by_ref() {
            if anchors.may_hold(run) && last != Some(run) {
                last = Some(run);
                self.note(anchors.numbers(run));
            }
        }
        runs
    }

    /// Notes texts, unless enough are known.
    #[cold]
    fn note(&mut self, texts: impl Iterator<Item = Number>) {
        if self.is_full {
            return;
        }
        self.texts.extend(texts.take(MOST_TEXTS));
        if self.texts.len() >= NOTED {
            self.drop_repeated();
        }
    }

    fn drop_repeated(&mut self) {
        self.texts.sort_unstable();
        self.texts.dedup();
        self.is_full = self.texts.len() >= MOST_TEXTS;
        self.texts.truncate(MOST_TEXTS);
    }
}

/// Which of some runs stand in some texts.
#[derive(Debug)]
pub(super) struct There {
    /// The runs, sorted, with whether they are there.
    runs: Vec<(Run, bool)>,
}

impl There {
    pub(super) fn of<'a>(mut runs: Vec<Run>, texts: impl Iterator<Item = &'a str>) -> Self {
        runs.sort_unstable();
        runs.dedup();
        let mut there = Self {
            runs: runs.into_iter().map(|run| (run, false)).collect(),
        };
        for run in texts.flat_map(Runs::of) {
            let at = there.runs.partition_point(|(other, _)| *other < run);
            if let Some((_, is_there)) = there.runs.get_mut(at).filter(|(other, _)| *other == run) {
                *is_there = true;
            }
        }
        there
    }

    pub(super) fn has(&self, run: Run) -> bool {
        let at = self.runs.partition_point(|(other, _)| *other < run);
        self.runs
            .get(at)
            .is_some_and(|(other, is_there)| *other == run && *is_there)
    }
}
