//! Reads the schemas of GitHub's description, which are `OpenAPI` 3.0, with a JSON Schema validator.
//!
//! The two differ in one word that matters here: `nullable`. Everything else is JSON Schema as of draft 4.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

/// Compiling a schema costs more than a request, and most tests ask for the same few.
static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Whether a body may hold fields that the description does not name.
#[derive(Clone, Copy)]
pub(super) enum Extra {
    /// Replies may: GitHub adds fields at any time.
    Allowed,
    /// Requests may not: GitHub ignores an unknown field in silence, so a misspelt one would go unseen.
    Refused,
}

/// What is wrong with `value` under the schema, one line a problem. `name` is unique to the schema.
pub(super) fn problems(
    name: &str,
    schema: &Value,
    components: &Value,
    extra: Extra,
    value: &Value,
) -> Vec<String> {
    let validator = {
        let mut compiled = COMPILED.lock().unwrap();
        compiled
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(compile(schema, components, extra)))
            .clone()
    };
    let line = |error: jsonschema::ValidationError<'_>| {
        // The message repeats the value, which may be a whole repository.
        let message: String = error.to_string().chars().take(300).collect();
        format!("{}: {message}", error.instance_path())
    };
    validator.iter_errors(value).map(line).collect()
}

fn compile(schema: &Value, components: &Value, extra: Extra) -> Validator {
    let root = json!({"components": {"schemas": translated(&components["schemas"], Extra::Allowed)}, "allOf": [translated(schema, extra)]});
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .build(&root)
        .expect("GitHub's schema compiles")
}

fn translated(schema: &Value, extra: Extra) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(|item| translated(item, extra)).collect(),
        Value::Object(fields) => translated_object(fields, extra),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
    }
}

fn translated_object(fields: &Map<String, Value>, extra: Extra) -> Value {
    let mut out: Map<String, Value> = fields
        .iter()
        .map(|(key, value)| (key.clone(), translated(value, extra)))
        .collect();
    let is_object = fields.get("properties").is_some_and(Value::is_object)
        && fields.get("type") == Some(&json!("object"));
    if matches!(extra, Extra::Refused) && is_object {
        out.entry("additionalProperties")
            .or_insert(Value::Bool(false));
    }
    if out.get("nullable") == Some(&Value::Bool(true)) {
        out.remove("nullable");
        return json!({"anyOf": [{"type": "null"}, out]});
    }
    Value::Object(out)
}
