//! The published schema of a check entry, made from the table of kinds.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::kinds::{KINDS, Shape};
use crate::score::{Language, Metric, SpokenLanguage};

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
        for &(name, shape, what) in KINDS {
            for (key, what) in [
                (name.to_owned(), what.to_owned()),
                (format!("not-{name}"), format!("Must not hold: {what}")),
            ] {
                let mut schema = shape.schema(&members);
                if let Some(object) = schema.as_object_mut() {
                    object.insert("description".into(), what.into());
                    if let Some(example) = shape.example(name) {
                        object.insert("examples".into(), json!([example]));
                    }
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
            "label": {"type": "string", "minLength": 1, "examples": ["names the deadline"], "description": "What the check is about, for people: shown instead of the test when it fails. Without effect on points."},
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
    /// What somebody might write; nothing where the schema lists all that there is.
    fn example(self, name: &str) -> Option<Value> {
        let count = match name {
            "latency" => json!({"max": 5000}),
            _ => json!({"min": 40, "max": 200}),
        };
        match self {
            Self::Text(_) => Some(json!("14 days")),
            Self::Reason => Some(json!("stop")),
            Self::Pattern => Some(json!("(?i)\\brefund(ed|s)?\\b")),
            Self::Texts(_) => Some(json!(["refund", "money back"])),
            Self::Count(_) => Some(count),
            Self::Schema(_) | Self::YesOrSchema(_) => {
                Some(json!({"type": "object", "required": ["order"]}))
            }
            Self::Cost => Some(json!({"max": 0.01})),
            Self::Call => Some(json!({"name": "find_order"})),
            Self::Like(_) => Some(json!({"to": "reference", "min": 0.5})),
            Self::Group => Some(json!([{"contains": "refund"}, {"contains": "money back"}])),
            Self::Yes(_) | Self::Language | Self::Spoken => None,
        }
    }

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
            Self::Schema(_) => json!({"type": ["object", "boolean"]}),
            Self::Language => json!({"enum": Language::ALL.map(Language::as_str)}),
            Self::Spoken => json!({"enum": SpokenLanguage::codes().collect::<Vec<_>>()}),
            Self::Cost => {
                let cost = json!({"type": "number", "minimum": 0});
                json!({
                    "type": "object", "minProperties": 1, "additionalProperties": false,
                    "properties": {"min": cost, "max": cost},
                })
            }
            Self::Call => json!({
                "type": "object", "additionalProperties": false,
                "properties": {
                    "name": {"type": "string", "minLength": 1, "description": "Which tool; any one where absent."},
                    "arguments": {"type": "object", "description": "JSON Schema of the arguments; any object where absent."},
                },
            }),
            Self::Like(metric) => likeness(metric),
            Self::YesOrSchema(_) => json!({"anyOf": [{"const": true}, {"type": "object"}]}),
            Self::Group => members.clone(),
        }
    }
}

fn likeness(metric: Metric) -> Value {
    let mut properties = json!({
        "to": {"const": "reference", "description": "Compare with the case's `reference`. Either this or `text`."},
        "text": {"type": "string", "minLength": 1, "description": "Compare with this text. Either this or `to`."},
        "min": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "description": "The least score that passes."},
    });
    let required = if metric == Metric::Levenshtein {
        properties["max"] = json!({"type": "integer", "minimum": 0, "description": "The largest number of edits that passes."});
        json!([{"required": ["min"]}, {"required": ["max"]}])
    } else {
        json!([{"required": ["min"]}])
    };
    if let Some(usual) = metric.usual_n() {
        properties["n"] = json!({"type": "integer", "minimum": 1, "maximum": 9, "default": usual, "description": "Words of a run."});
    }
    json!({
        "type": "object", "additionalProperties": false, "properties": properties, "anyOf": required,
        "oneOf": [{"required": ["to"]}, {"required": ["text"]}],
    })
}
