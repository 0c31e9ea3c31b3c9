//! One deterministic test of an answer: its kinds and common keys. `Serialize` writes the shape a suite file uses.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{
    Answer, CostRange, CountRange, Dimension, ExpectedCall, Language, Likeness, Notation, Pattern,
    Schema, SpokenLanguage,
};

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
    /// The answer, or its one fenced block, is SQL.
    IsSql,
    /// The answer holds code that is SQL.
    ContainsSql,
    /// The answer is like enough to a text.
    Like(Likeness),
    /// The code of the answer can be read.
    CodeParses(Language),
    /// The answer is written in this language.
    Language(SpokenLanguage),
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
    /// Wall time of the answered request, in milliseconds.
    Latency(CountRange),
    /// What the answer cost.
    Cost(CostRange),
    /// The model wants a tool called.
    ToolCall(ExpectedCall),
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
    Cost(CostRange),
    Call(&'a ExpectedCall),
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
            Self::IsSql => "is-sql",
            Self::ContainsSql => "contains-sql",
            Self::Like(likeness) => likeness.metric.as_str(),
            Self::CodeParses(_) => "code-parses",
            Self::Language(_) => "language",
            Self::IsRefusal => "is-refusal",
            Self::WordCount(_) => "word-count",
            Self::CharacterCount(_) => "character-count",
            Self::SentenceCount(_) => "sentence-count",
            Self::FinishReason(_) => "finish-reason",
            Self::Latency(_) => "latency",
            Self::Cost(_) => "cost",
            Self::ToolCall(_) => "tool-call",
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
            | Self::IsSql
            | Self::ContainsSql
            | Self::IsRefusal
            | Self::ContainsJson(None)
            | Self::Is(_)
            | Self::Holds(_) => Shape::Flag(true),
            Self::JsonSchema(schema) | Self::ContainsJson(Some(schema)) => Shape::Schema(schema),
            Self::Like(likeness) => Shape::Like(likeness),
            Self::CodeParses(language) => Shape::Text(language.as_str()),
            Self::Language(language) => Shape::Text(language.as_str()),
            Self::WordCount(range)
            | Self::CharacterCount(range)
            | Self::SentenceCount(range)
            | Self::Latency(range) => Shape::Range(*range),
            Self::Cost(range) => Shape::Cost(*range),
            Self::ToolCall(call) => Shape::Call(call),
            Self::Any { checks, .. } => Shape::Group(checks),
        }
    }

    const fn is_case_sensitive(&self) -> bool {
        matches!(
            self,
            Self::Equals(_, LetterCase::Sensitive)
                | Self::Contains(_, LetterCase::Sensitive)
                | Self::ContainsAny(_, LetterCase::Sensitive)
                | Self::ContainsAll(_, LetterCase::Sensitive)
                | Self::StartsWith(_, LetterCase::Sensitive)
                | Self::EndsWith(_, LetterCase::Sensitive)
        )
    }
}

impl Check {
    /// Whether it tests words alone, and nothing of how they came.
    pub(super) fn is_of_words(&self) -> bool {
        if let CheckKind::Any { checks, .. } = &self.kind {
            return checks.iter().all(Self::is_of_words);
        }
        !matches!(
            self.kind,
            CheckKind::FinishReason(_)
                | CheckKind::Latency(_)
                | CheckKind::Cost(_)
                | CheckKind::ToolCall(_)
        )
    }

    /// Whether it tests something of the answer that nobody wrote down.
    pub(super) fn lacks(&self, answer: &Answer<'_>) -> bool {
        if let CheckKind::Any { checks, .. } = &self.kind {
            return checks.iter().any(|check| check.lacks(answer));
        }
        let lacks = [
            matches!(self.kind, CheckKind::Latency(_)) && answer.latency_ms.is_none(),
            matches!(self.kind, CheckKind::Cost(_)) && answer.cost.is_none(),
            matches!(self.kind, CheckKind::ToolCall(_)) && answer.lacks_calls(),
        ];
        lacks.contains(&true)
    }

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
        if self.kind.is_case_sensitive() {
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
