//! Would a suite notice bad answers? Good answers are spoilt in known ways and scored again.
//!
//! Decides which spoilings a suite notices; knows nothing of where good answers come from. The same answers are spoilt
//! in the same way every time.

mod flat;
mod language;
mod spoil;
mod texts;
mod trial;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::score::Dimension;
use crate::suite::CaseId;

pub use spoil::{Good, spoil};
pub use trial::{MOST_CASES, test, test_answers};

/// A spoilt answer may score so much more than the good one, where all that is wrong with it is what was added.
pub const MOST_RISE: f64 = 0.2;
/// An answer below this is none of which one can say that it was spoilt.
pub const LEAST_GOOD: f64 = 6.0;

/// A known way in which an answer is bad.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Spoiling {
    /// It stops after two fifths, in the middle of a word.
    Truncated,
    /// After its first half it says its last sentence twelve times more.
    Looping,
    /// It is polite, well formed and about nothing.
    Generic,
    /// It is the good answer to another case.
    OffTopic,
    /// It says the same in another form: a text as a list, everything else as one paragraph.
    WrongForm,
    /// Numbers and names are blanks such as `[number]`.
    Placeholders,
    /// Its small words are German; terms of the field stay.
    WrongLanguage,
    /// Keywords and words of the question are added, three times over.
    Stuffed,
    /// As many words again that say nothing are added.
    Padded,
    /// It is the question.
    CopiedPrompt,
}

/// What a suite has to do to notice a spoiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noticing {
    /// The score falls by more than the gate allows.
    Falls,
    /// The score does not rise by more than [`MOST_RISE`]: what was added is worth nothing.
    DoesNotRise,
}

impl Spoiling {
    /// Every way, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Truncated,
        Self::Looping,
        Self::Generic,
        Self::OffTopic,
        Self::WrongForm,
        Self::Placeholders,
        Self::WrongLanguage,
        Self::Stuffed,
        Self::Padded,
        Self::CopiedPrompt,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Looping => "looping",
            Self::Generic => "generic",
            Self::OffTopic => "off-topic",
            Self::WrongForm => "wrong-form",
            Self::Placeholders => "placeholders",
            Self::WrongLanguage => "wrong-language",
            Self::Stuffed => "stuffed",
            Self::Padded => "padded",
            Self::CopiedPrompt => "copied-prompt",
        }
    }

    /// What noticing it means.
    pub const fn noticing(self) -> Noticing {
        match self {
            Self::Truncated
            | Self::Looping
            | Self::Generic
            | Self::OffTopic
            | Self::WrongForm
            | Self::Placeholders
            | Self::WrongLanguage
            | Self::CopiedPrompt => Noticing::Falls,
            Self::Stuffed | Self::Padded => Noticing::DoesNotRise,
        }
    }
}

impl fmt::Display for Spoiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a suite notices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelfTest {
    /// Cases whose good answers were spoilt.
    pub cases: usize,
    /// Cases without a recorded answer.
    pub unanswered: usize,
    /// Cases that test nothing of an answer's words, but tools, time or cost: there is nothing to spoil.
    pub wordless: usize,
    /// Cases whose recorded answer scores below [`LEAST_GOOD`].
    pub poor: Vec<CaseId>,
    /// Each way of spoiling.
    pub spoilings: Vec<Noticed>,
}

/// How often one way of spoiling was noticed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Noticed {
    /// The way.
    pub spoiling: Spoiling,
    /// Answers that were spoilt so; it cannot be done to every answer.
    pub tried: usize,
    /// Of how many the suite noticed it.
    pub noticed: usize,
    /// Mean change of the points of each dimension, below 0 where they fall.
    pub dimensions: BTreeMap<Dimension, f64>,
    /// The cases that did not notice it.
    pub missed: Vec<Missed>,
}

/// A case that does not notice a spoiling.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missed {
    /// The case.
    pub case: CaseId,
    /// The score of the good answer.
    pub good: f64,
    /// The score of the spoilt one.
    pub spoilt: f64,
    /// Change of the points of each dimension.
    pub dimensions: BTreeMap<Dimension, f64>,
}

impl SelfTest {
    /// Spoilt answers, and how many of them were noticed.
    pub fn totals(&self) -> (usize, usize) {
        let add = |of: fn(&Noticed) -> usize| self.spoilings.iter().map(of).sum();
        (add(|one| one.tried), add(|one| one.noticed))
    }
}

#[cfg(test)]
mod tests;
