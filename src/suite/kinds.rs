//! The kinds of checks: one table for the reader, for the advice about keys that are none, and for the published schema.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::problem::{nearest, shown};
use crate::score::{CheckKind, CountRange, LetterCase};

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
    Reason,
    Group,
}

pub(super) const KINDS: [(&str, Shape, &str); 14] = [
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
        "any",
        Shape::Group,
        "At least `at_least` of these checks pass; 1 where absent.",
    ),
];

/// Kinds that the suite format names and this version cannot test.
const LATER: [&str; 9] = [
    "code-parses",
    "rouge-l",
    "rouge-n",
    "bleu",
    "levenshtein",
    "similar",
    "json-schema",
    "json-path",
    "tool-call",
];

/// The kind of a check key, with or without `not-`.
pub(super) fn base(key: &str) -> &str {
    key.strip_prefix("not-").unwrap_or(key)
}

/// What to write instead of a key that is no check.
pub(super) fn advice(key: &str) -> String {
    let (not, name) = key
        .strip_prefix("not-")
        .map_or(("", key), |name| ("not-", name));
    if LATER.contains(&name) {
        return format!("the check `{name}` is not available in this version; remove it");
    }
    let hint = match name {
        "icontains" | "icontains-any" | "icontains-all" | "iequals" => {
            let name = name.strip_prefix('i').unwrap_or(name);
            return format!("unknown check `{key}`; write `{not}{name}`: it ignores case here");
        }
        "contains-json" | "is-valid-json" => "write `is-json: true`",
        "matches" | "pattern" => "write `regex`",
        "llm-rubric" | "model-graded-closedqa" | "factuality" => {
            "write what a judge should look at into the case's `rubric`"
        }
        "javascript" | "python" | "ruby" | "webhook" | "exec" => {
            "no check can start a process or name a URL"
        }
        "type" | "value" | "threshold" => {
            "write the check as one key with its value: `contains: some text`"
        }
        "cost" | "latency" => "cost and latency are measured for every run, not checked by case",
        "all" | "and" => "checks of a case are all tested; for a group write `any` with `at_least`",
        _ => "",
    };
    if !hint.is_empty() {
        return format!("unknown check `{}`; {hint}", shown(key));
    }
    let names = KINDS.map(|(name, ..)| name);
    match nearest(name, names.into_iter().chain(COMMON)) {
        Some(near) if COMMON.contains(&near) => {
            format!("unknown key `{}`; did you mean `{near}`?", shown(key))
        }
        Some(near) => format!(
            "unknown check `{}`; did you mean `{not}{near}`?",
            shown(key)
        ),
        None => format!(
            "unknown check `{}`; known: {}",
            shown(key),
            names.join(", ")
        ),
    }
}

/// Stands for a check entry in the schema; entries are read by hand, since exactly one check key is allowed.
#[derive(Debug)]
pub(super) struct RawCheck;

impl JsonSchema for RawCheck {
    fn schema_name() -> Cow<'static, str> {
        "Check".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let members = generator.subschema_for::<Vec<Self>>().to_value();
        let mut properties = Map::new();
        let mut one_of = Vec::new();
        for (name, shape, what) in KINDS {
            for (key, what) in [
                (name.to_owned(), what.to_owned()),
                (format!("not-{name}"), format!("Must not hold: {what}")),
            ] {
                let mut schema = shape.schema(&members);
                if let Some(object) = schema.as_object_mut() {
                    object.insert("description".into(), what.into());
                }
                one_of.push(json!({"required": [key]}));
                properties.insert(key, schema);
            }
        }
        let common = json!({
            "not": {"type": "boolean", "description": "True when the check must not hold."},
            "weight": {"type": "number", "exclusiveMinimum": 0, "default": 1, "description": "Share of this check among the checks of its dimension."},
            "dimension": {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$", "default": "quality", "description": "The dimension it counts in."},
            "required": {"type": "boolean", "default": false, "description": "True when failing it makes the sample 0."},
            "case_sensitive": {"type": "boolean", "default": false, "description": "True when upper and lower case are told apart; texts only."},
            "at_least": {"type": "integer", "minimum": 1, "default": 1, "description": "How many members of `any` must pass."},
            "label": {"type": "string", "minLength": 1, "description": "What the check is about, for people: shown instead of the test when it fails. Without effect on points."},
        });
        properties.extend(common.as_object().cloned().unwrap_or_default());
        json_schema!({
            "type": "object",
            "description": "One deterministic test of the answer: exactly one check key, and the common keys.",
            "properties": properties,
            "additionalProperties": false,
            "oneOf": one_of,
        })
    }
}

impl Shape {
    fn schema(self, members: &Value) -> Value {
        let count = json!({"type": "integer", "minimum": 0});
        match self {
            Self::Text(_) | Self::Reason => json!({"type": "string"}),
            Self::Pattern => json!({"type": "string", "minLength": 1}),
            Self::Texts(_) => {
                json!({"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}})
            }
            Self::Yes(_) => json!({"const": true}),
            Self::Count(_) => json!({
                "type": "object", "minProperties": 1, "additionalProperties": false,
                "properties": {"min": count, "max": count},
            }),
            Self::Group => members.clone(),
        }
    }
}
