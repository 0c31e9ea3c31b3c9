//! What has no score, in words: answers that did not come, and answers that came and could not be scored.

use crate::record::{SampleRecord, SampleStatus};

/// Planned samples, and those of them without a score.
#[derive(Debug, Default)]
pub(super) struct Lacking<'r> {
    pub(super) planned: u32,
    unanswered: Kind<'r>,
    ungraded: Kind<'r>,
}

/// One way to have no score.
#[derive(Debug, Default)]
struct Kind<'r> {
    count: u32,
    /// Why the first one has none.
    why: Option<&'r str>,
}

impl<'r> Kind<'r> {
    fn add(&mut self, sample: &'r SampleRecord) {
        self.count += 1;
        let why = || sample.text.as_ref()?.why.as_deref();
        self.why = self.why.or_else(why);
    }

    fn because(&self) -> String {
        self.why.map_or_else(String::new, |why| format!(" ({why})"))
    }
}

impl<'r> Lacking<'r> {
    /// Counts what these samples lack.
    pub(super) fn of(samples: impl Iterator<Item = &'r SampleRecord>) -> Self {
        let mut lacking = Self::default();
        for sample in samples {
            lacking.planned += 1;
            match sample.status {
                SampleStatus::Scored => {}
                SampleStatus::Unanswered => lacking.unanswered.add(sample),
                SampleStatus::Unscored => lacking.ungraded.add(sample),
            }
        }
        lacking
    }

    /// How many have no score.
    pub(super) const fn missing(&self) -> u32 {
        self.unanswered.count + self.ungraded.count
    }

    /// Where none has a score.
    pub(super) fn all_in_words(&self) -> String {
        let planned = self.planned;
        match (self.unanswered.count, self.ungraded.count) {
            (_, 0) => format!(
                "none of {planned} answers came{}",
                self.unanswered.because()
            ),
            (0, _) => format!(
                "all {planned} answers came, and none could be scored{}",
                self.ungraded.because()
            ),
            (_, _) => format!("none of {planned} answers has a score: {}", self.both()),
        }
    }

    /// Where some have none.
    pub(super) fn some_in_words(&self) -> String {
        let planned = self.planned;
        match (self.unanswered.count, self.ungraded.count) {
            (missing, 0) => format!(
                "{missing} of {planned} answers are missing{}",
                self.unanswered.because()
            ),
            (0, ungraded) => format!(
                "{ungraded} of {planned} answers came and could not be scored{}",
                self.ungraded.because()
            ),
            (_, _) => format!(
                "{} of {planned} answers have no score: {}",
                self.missing(),
                self.both()
            ),
        }
    }

    fn both(&self) -> String {
        format!(
            "{} did not come{}, {} came and could not be scored{}",
            self.unanswered.count,
            self.unanswered.because(),
            self.ungraded.count,
            self.ungraded.because()
        )
    }
}
