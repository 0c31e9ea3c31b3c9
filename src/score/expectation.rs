//! What a case expects of its answer, and how a suite wants it scored.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, Check, Dimension};

/// What an answer to a case is measured against.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Expectation {
    /// Words the answer should hold; each entry counts once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<Keyword>,
    /// The form the answer should come in.
    #[serde(rename = "expect", skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// Deterministic tests of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// An answer known to be good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What a judge should look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rubric: Option<String>,
}

impl Expectation {
    /// Whether a check tests something of the answer that nobody wrote down: what it would say says nothing of the model.
    pub fn lacks(&self, answer: &Answer<'_>) -> bool {
        self.checks.iter().any(|check| check.lacks(answer))
    }

    /// The same for an answer of which only the words are known: without the checks of how it came.
    pub fn of_words(&self) -> Cow<'_, Self> {
        if self.checks.iter().all(Check::is_of_words) {
            return Cow::Borrowed(self);
        }
        // Without some of its members a group asks for more or for less, so a mixed one goes as a whole.
        let of_words = self.checks.iter().filter(|check| check.is_of_words());
        Cow::Owned(Self {
            checks: of_words.cloned().collect(),
            ..self.clone()
        })
    }
}

/// A word or phrase the answer should hold; any one of its alternatives is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Keyword {
    /// At least one entry, each non-empty.
    pub any_of: Vec<String>,
}

/// The form an answer should come in, checked by parsing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Paragraphs of text.
    Prose,
    /// At least three numbered steps.
    Steps,
    /// At least three bullets or numbered items.
    List,
    /// A table with a header and at least two rows.
    Table,
    /// A closed fenced code block.
    Code,
    /// JSON, bare or in the answer's one fenced block.
    Json,
    /// Subject line, greeting and sign-off.
    Email,
    /// One paragraph of at most 280 characters.
    Tweet,
    /// At least four headed or numbered sections with sub-points.
    Outline,
    /// At least three time stamps, scene or speaker cues.
    Script,
}

impl Form {
    /// Every form, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Prose,
        Self::Steps,
        Self::List,
        Self::Table,
        Self::Code,
        Self::Json,
        Self::Email,
        Self::Tweet,
        Self::Outline,
        Self::Script,
    ];

    /// The word a suite uses for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prose => "prose",
            Self::Steps => "steps",
            Self::List => "list",
            Self::Table => "table",
            Self::Code => "code",
            Self::Json => "json",
            Self::Email => "email",
            Self::Tweet => "tweet",
            Self::Outline => "outline",
            Self::Script => "script",
        }
    }
}

/// Which rules turn an answer into points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// General signals and the case's checks, every lost point explained.
    #[default]
    Standard,
    /// Ten times the weighted share of checks passed, for classifiers and extractors.
    Checks,
    /// The predecessor's scoring, exactly, for re-deriving its published numbers.
    SeedRules,
}

impl Profile {
    /// The name a suite uses for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Checks => "checks",
            Self::SeedRules => "seed-rules",
        }
    }

    /// Raised whenever the same answer could get other points than before; part of every score digest.
    pub const fn version(self) -> u32 {
        match self {
            Self::Standard => 3,
            Self::Checks | Self::SeedRules => 1,
        }
    }
}

/// How a suite wants its answers scored.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Scoring {
    /// The rules.
    pub profile: Profile,
    /// Weight of a dimension in the score; 1 where absent.
    pub weights: BTreeMap<Dimension, f64>,
}
