//! One deterministic test of an answer: its kinds and common keys. `Serialize` writes the shape a suite file uses.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Dimension, Language, Likeness, Notation, Pattern, Schema};

/// A test of an answer, as a suite states it.
#[derive(Debug, Clone)]
pub struct Check {
    /// What is tested.
    pub kind: CheckKind,
    /// True when the test must *not* hold.
    pub negated: bool,
    /// Share of this check among the checks of its dimension.
    pub weight: f64,
    /// The dimension it counts in.
    pub dimension: Dimension,
    /// True when failing it makes the whole sample 0.
    pub required: bool,
    /// What it is about, for people: shown instead of the test itself, and without effect on points.
    pub label: Option<String>,
}

/// Whether upper and lower case are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// `Step` equals `step`.
    Ignored,
    /// `Step` differs from `step`.
    Sensitive,
}

/// An inclusive range of counts; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CountRange {
    /// The least count that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// The largest count that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

/// What a check tests. Text comparison is on the answer as it came.
#[derive(Debug, Clone)]
pub enum CheckKind {
    /// The answer, trimmed, is this text.
    Equals(String, LetterCase),
    /// The answer holds this text.
    Contains(String, LetterCase),
    /// The answer holds at least one of these texts.
    ContainsAny(Vec<String>, LetterCase),
    /// The answer holds all of these texts.
    ContainsAll(Vec<String>, LetterCase),
    /// The answer, trimmed, starts with this text.
    StartsWith(String, LetterCase),
    /// The answer, trimmed, ends with this text.
    EndsWith(String, LetterCase),
    /// This pattern matches somewhere in the answer.
    Regex(Pattern),
    /// The answer, or its one fenced block, is JSON.
    IsJson,
    /// The answer, or its one fenced block, is JSON that fits this schema.
    JsonSchema(Schema),
    /// The answer holds a JSON object or list, one that fits the schema where there is one.
    ContainsJson(Option<Schema>),
    /// The answer, or its one fenced block, is of this notation and nothing else.
    Is(Notation),
    /// The answer holds a piece of this notation.
    Holds(Notation),
    /// The answer is like enough to a text.
    Like(Likeness),
    /// The code of the answer can be read.
    CodeParses(Language),
    /// The answer declines to answer.
    IsRefusal,
    /// Number of words.
    WordCount(CountRange),
    /// Number of Unicode scalar values.
    CharacterCount(CountRange),
    /// Number of sentences.
    SentenceCount(CountRange),
    /// The model stopped for this reason (`stop`, `length`, …).
    FinishReason(String),
    /// At least this many of these checks pass.
    Any {
        /// The members of the group.
        checks: Vec<Check>,
        /// How many must pass.
        at_least: usize,
    },
}

impl PartialEq for Check {
    /// Two checks are equal when a suite file would state them alike; a compiled pattern has no equality of its own.
    fn eq(&self, other: &Self) -> bool {
        serde_json::to_value(self).ok() == serde_json::to_value(other).ok()
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shape<'a> {
    Text(&'a str),
    List(&'a [String]),
    Flag(bool),
    Range(CountRange),
    Schema(&'a Schema),
    Like(&'a Likeness),
    Group(&'a [Check]),
}

impl CheckKind {
    /// The key a suite uses for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Equals(..) => "equals",
            Self::Contains(..) => "contains",
            Self::ContainsAny(..) => "contains-any",
            Self::ContainsAll(..) => "contains-all",
            Self::StartsWith(..) => "starts-with",
            Self::EndsWith(..) => "ends-with",
            Self::Regex(_) => "regex",
            Self::IsJson => "is-json",
            Self::JsonSchema(_) => "json-schema",
            Self::ContainsJson(_) => "contains-json",
            Self::Is(Notation::Xml) => "is-xml",
            Self::Is(Notation::Html) => "is-html",
            Self::Is(Notation::Yaml) => "is-yaml",
            Self::Holds(Notation::Xml) => "contains-xml",
            Self::Holds(Notation::Html) => "contains-html",
            Self::Holds(Notation::Yaml) => "contains-yaml",
            Self::Like(likeness) => likeness.metric.as_str(),
            Self::CodeParses(_) => "code-parses",
            Self::IsRefusal => "is-refusal",
            Self::WordCount(_) => "word-count",
            Self::CharacterCount(_) => "character-count",
            Self::SentenceCount(_) => "sentence-count",
            Self::FinishReason(_) => "finish-reason",
            Self::Any { .. } => "any",
        }
    }

    fn shape(&self) -> Shape<'_> {
        match self {
            Self::Equals(text, _)
            | Self::Contains(text, _)
            | Self::StartsWith(text, _)
            | Self::EndsWith(text, _) => Shape::Text(text),
            Self::ContainsAny(list, _) | Self::ContainsAll(list, _) => Shape::List(list),
            Self::Regex(pattern) => Shape::Text(pattern.as_str()),
            Self::FinishReason(reason) => Shape::Text(reason),
            Self::IsJson
            | Self::IsRefusal
            | Self::ContainsJson(None)
            | Self::Is(_)
            | Self::Holds(_) => Shape::Flag(true),
            Self::JsonSchema(schema) | Self::ContainsJson(Some(schema)) => Shape::Schema(schema),
            Self::Like(likeness) => Shape::Like(likeness),
            Self::CodeParses(language) => Shape::Text(language.as_str()),
            Self::WordCount(range) | Self::CharacterCount(range) | Self::SentenceCount(range) => {
                Shape::Range(*range)
            }
            Self::Any { checks, .. } => Shape::Group(checks),
        }
    }

    const fn case(&self) -> Option<LetterCase> {
        match self {
            Self::Equals(_, case)
            | Self::Contains(_, case)
            | Self::ContainsAny(_, case)
            | Self::ContainsAll(_, case)
            | Self::StartsWith(_, case)
            | Self::EndsWith(_, case) => Some(*case),
            Self::Regex(_)
            | Self::IsJson
            | Self::JsonSchema(_)
            | Self::ContainsJson(_)
            | Self::Is(_)
            | Self::Holds(_)
            | Self::Like(_)
            | Self::CodeParses(_)
            | Self::IsRefusal
            | Self::WordCount(_)
            | Self::CharacterCount(_)
            | Self::SentenceCount(_)
            | Self::FinishReason(_)
            | Self::Any { .. } => None,
        }
    }
}

impl Check {
    /// Whether it, or a check within it, has a label.
    pub(super) fn is_labelled(&self) -> bool {
        let within = |kind: &CheckKind| matches!(kind, CheckKind::Any { checks, .. } if checks.iter().any(Self::is_labelled));
        self.label.is_some() || within(&self.kind)
    }

    /// The check without words for people: all that decides points.
    pub(super) fn unlabelled(&self) -> Self {
        let mut kind = self.kind.clone();
        if let CheckKind::Any { checks, .. } = &mut kind {
            *checks = checks.iter().map(Self::unlabelled).collect();
        }
        Self {
            kind,
            label: None,
            ..self.clone()
        }
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.kind.as_str(), &self.kind.shape())?;
        if let CheckKind::Any { at_least, .. } = &self.kind {
            map.serialize_entry("at_least", at_least)?;
        }
        if self.kind.case() == Some(LetterCase::Sensitive) {
            map.serialize_entry("case_sensitive", &true)?;
        }
        if self.negated {
            map.serialize_entry("not", &true)?;
        }
        map.serialize_entry("weight", &self.weight)?;
        map.serialize_entry("dimension", &self.dimension)?;
        if self.required {
            map.serialize_entry("required", &true)?;
        }
        if let Some(label) = &self.label {
            map.serialize_entry("label", label)?;
        }
        map.end()
    }
}
