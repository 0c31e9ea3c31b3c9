//! The kinds of checks: one table for the reader, for the advice about keys that are none, and for the published schema.

use crate::score::{CheckKind, CountRange, LetterCase, Metric, Notation, Schema};

pub(super) const COMMON: [&str; 7] = [
    "not",
    "weight",
    "dimension",
    "required",
    "case_sensitive",
    "at_least",
    "label",
];

/// The value that a kind of check takes.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Text(fn(String, LetterCase) -> CheckKind),
    Texts(fn(Vec<String>, LetterCase) -> CheckKind),
    Pattern,
    Yes(fn() -> CheckKind),
    Count(fn(CountRange) -> CheckKind),
    Schema(fn(Schema) -> CheckKind),
    Language,
    Like(Metric),
    YesOrSchema(fn(Option<Schema>) -> CheckKind),
    Reason,
    Spoken,
    Cost,
    Call,
    Group,
}

pub(super) const KINDS: &[(&str, Shape, &str)] = &[
    (
        "equals",
        Shape::Text(CheckKind::Equals),
        "The answer, trimmed, is this text.",
    ),
    (
        "contains",
        Shape::Text(CheckKind::Contains),
        "The answer holds this text.",
    ),
    (
        "contains-any",
        Shape::Texts(CheckKind::ContainsAny),
        "The answer holds at least one of these texts.",
    ),
    (
        "contains-all",
        Shape::Texts(CheckKind::ContainsAll),
        "The answer holds all of these texts.",
    ),
    (
        "starts-with",
        Shape::Text(CheckKind::StartsWith),
        "The answer, trimmed, starts with this text.",
    ),
    (
        "ends-with",
        Shape::Text(CheckKind::EndsWith),
        "The answer, trimmed, ends with this text.",
    ),
    (
        "regex",
        Shape::Pattern,
        "This pattern matches somewhere in the answer; (?i) ignores case.",
    ),
    (
        "is-json",
        Shape::Yes(|| CheckKind::IsJson),
        "The answer, or its one fenced block, is JSON.",
    ),
    (
        "contains-json",
        Shape::YesOrSchema(CheckKind::ContainsJson),
        "The answer holds a JSON object or list; with a JSON Schema in place of `true`, one that fits it.",
    ),
    (
        "json-schema",
        Shape::Schema(CheckKind::JsonSchema),
        "The answer, or its one fenced block, is JSON that fits this JSON Schema. `$ref` stays within the schema.",
    ),
    (
        "is-xml",
        Shape::Yes(|| CheckKind::Is(Notation::Xml)),
        "The answer, or its one fenced block, is well-formed XML without a document type.",
    ),
    (
        "contains-xml",
        Shape::Yes(|| CheckKind::Holds(Notation::Xml)),
        "The answer holds a well-formed XML element.",
    ),
    (
        "is-html",
        Shape::Yes(|| CheckKind::Is(Notation::Html)),
        "The answer, or its one fenced block, is HTML and nothing else: elements that HTML knows, closed where they have to be.",
    ),
    (
        "contains-html",
        Shape::Yes(|| CheckKind::Holds(Notation::Html)),
        "The answer holds an HTML element with its end, or one that has none.",
    ),
    (
        "is-yaml",
        Shape::Yes(|| CheckKind::Is(Notation::Yaml)),
        "The answer, or its one fenced block, is a mapping or list in YAML.",
    ),
    (
        "is-sql",
        Shape::Yes(|| CheckKind::IsSql),
        "The answer, or its one fenced block, is one statement of SQL or more, in any of the dialects known.",
    ),
    (
        "contains-sql",
        Shape::Yes(|| CheckKind::ContainsSql),
        "A fenced block of the answer, labelled as SQL or else without a label, is SQL; without any block the whole answer.",
    ),
    (
        "levenshtein",
        Shape::Like(Metric::Levenshtein),
        "Edits of single characters to a text: at most `max`, or at least the share `min` of the longer text is the same.",
    ),
    (
        "rouge-n",
        Shape::Like(Metric::RougeN),
        "ROUGE-N to a text: F1 of runs of `n` words (1 where absent) is at least `min`.",
    ),
    (
        "rouge-l",
        Shape::Like(Metric::RougeL),
        "ROUGE-L to a text: F1 of the longest common sequence of words is at least `min`.",
    ),
    (
        "bleu",
        Shape::Like(Metric::Bleu),
        "BLEU to a text, of runs of up to `n` words (4 where absent), is at least `min`.",
    ),
    (
        "gleu",
        Shape::Like(Metric::Gleu),
        "GLEU (Google BLEU) to a text, of runs of up to `n` words (4 where absent), is at least `min`.",
    ),
    (
        "meteor",
        Shape::Like(Metric::Meteor),
        "METEOR to a text, by equal words and equal English stems, without synonyms, is at least `min`.",
    ),
    (
        "code-parses",
        Shape::Language,
        "The code of the answer can be read: its fenced blocks in the language, else those without a label, else the whole answer.",
    ),
    (
        "language",
        Shape::Spoken,
        "The answer is written in this language, by its two-letter code (ISO 639-1); fenced code does not count.",
    ),
    (
        "is-refusal",
        Shape::Yes(|| CheckKind::IsRefusal),
        "The answer declines to answer.",
    ),
    (
        "word-count",
        Shape::Count(CheckKind::WordCount),
        "Number of words.",
    ),
    (
        "character-count",
        Shape::Count(CheckKind::CharacterCount),
        "Number of characters.",
    ),
    (
        "sentence-count",
        Shape::Count(CheckKind::SentenceCount),
        "Number of sentences.",
    ),
    (
        "finish-reason",
        Shape::Reason,
        "The model stopped for this reason (stop, length, …).",
    ),
    (
        "latency",
        Shape::Count(CheckKind::Latency),
        "Wall time of the answered request in milliseconds, without queueing and retries.",
    ),
    (
        "cost",
        Shape::Cost,
        "What the answer cost, in the unit of the price table. Fails where the model has no price.",
    ),
    (
        "tool-call",
        Shape::Call,
        "The model wants a tool called: the one of this `name`, with `arguments` that fit this JSON Schema. Either may be absent.",
    ),
    (
        "any",
        Shape::Group,
        "At least `at_least` of these checks pass; 1 where absent.",
    ),
];

/// The kind of a check key, with or without `not-`.
pub(super) fn base(key: &str) -> &str {
    key.strip_prefix("not-").unwrap_or(key)
}

/// All names, for a message.
pub(super) fn names() -> String {
    let names: Vec<&str> = KINDS.iter().map(|(name, ..)| *name).collect();
    names.join(", ")
}
