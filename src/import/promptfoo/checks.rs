//! One assertion of promptfoo with its values as checks of ours.

use serde_json::{Value, json};

use super::asserts::Assertion;
use super::say;
use crate::import::sheet::Sheet;
use crate::import::tables::How;
use crate::import::template::as_text;
use crate::yaml;

/// The checks of one assertion, without what stands beside them.
pub(super) fn checks(sheet: &mut Sheet<'_>, one: &Assertion<'_>) -> Result<Vec<Value>, String> {
    let value = &one.value;
    let is_none = value.is_null();
    let needed = || -> Result<String, String> {
        if is_none || value.is_object() || value.is_array() {
            return Err("it has no text as its value".to_owned());
        }
        Ok(as_text(value))
    };
    let check = match one.row.how {
        How::Text(name, sensitive) => cased(name, &json!(needed()?), sensitive),
        How::Equals if value.is_object() || value.is_array() => {
            json!({"json-schema": {"const": value}})
        }
        How::Equals => cased("equals", &json!(needed()?), true),
        How::Texts(name, sensitive) => cased(name, &json!(texts(value)?), sensitive),
        How::Regex => json!({"regex": needed()?}),
        How::Reason => json!({"finish-reason": needed()?.to_lowercase()}),
        How::Yes(name) => json!({name: true}),
        How::Call => json!({"tool-call": {}}),
        How::Calls => {
            let names = texts(value)?.into_iter();
            return Ok(names
                .map(|name| json!({"tool-call": {"name": name}}))
                .collect());
        }
        How::Json(plain, with_schema) => match schema(value)? {
            Some(schema) => json!({with_schema: schema}),
            None => json!({plain: true}),
        },
        How::Count(name) => json!({name: count(value)?}),
        How::Most(name) => {
            let most = one.threshold.ok_or("it has no `threshold`")?;
            json!({name: {"max": most_of(name, most)}})
        }
        How::Like(name, usual) => like(sheet, one, name, usual)?,
        How::Rubric(_) | How::Set | How::Nothing => Value::Null,
    };
    Ok(vec![check])
}

fn cased(name: &str, value: &Value, sensitive: bool) -> Value {
    if sensitive {
        json!({name: value, "case_sensitive": true})
    } else {
        json!({name: value})
    }
}

/// The texts of a list, or of one text with commas, as promptfoo reads it.
fn texts(value: &Value) -> Result<Vec<String>, String> {
    let texts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(as_text).collect(),
        Value::String(text) => by_commas(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    if texts.is_empty() {
        return Err("it has no texts as its value".to_owned());
    }
    Ok(texts)
}

/// The parts of a text between its commas; quotes keep a comma within a part.
fn by_commas(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        let is_new = parts.last().is_some_and(|part| part.trim().is_empty());
        match c {
            '"' if quoted || is_new => quoted = !quoted,
            ',' if !quoted => parts.push(String::new()),
            c => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// A JSON Schema, written out or as YAML in a text.
fn schema(value: &Value) -> Result<Option<Value>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Object(_) => Ok(Some(value.clone())),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => {
            let node = yaml::foreign("", text);
            let node =
                node.map_err(|problem| format!("its schema cannot be read: {}", problem.message))?;
            Ok(Some(node.spread().to_json()))
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err("its value is no JSON Schema".to_owned())
        }
    }
}

fn count(value: &Value) -> Result<Value, String> {
    let whole = |value: &Value| as_text(value).trim().parse::<u64>().ok();
    if let Some(map) = value.as_object() {
        let bounds = ["min", "max"].into_iter();
        let bounds = bounds.filter_map(|key| Some((key.to_owned(), json!(whole(map.get(key)?)?))));
        return Ok(Value::Object(bounds.collect()));
    }
    let exactly = whole(value).ok_or("its value is no whole number")?;
    Ok(json!({"min": exactly, "max": exactly}))
}

/// A bound in the unit of the check: milliseconds are whole.
fn most_of(name: &str, most: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and nobody waits that long"
    )]
    if name == "latency" {
        return json!(most.max(0.0).ceil() as u64);
    }
    json!(most)
}

/// Likeness to one text, or to the most like of several.
fn like(
    sheet: &mut Sheet<'_>,
    one: &Assertion<'_>,
    name: &str,
    usual: &str,
) -> Result<Value, String> {
    let threshold = one
        .threshold
        .or_else(|| usual.parse().ok())
        .unwrap_or_default();
    let bound = if name == "levenshtein" {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, and no answer is that long"
        )]
        let most = threshold.max(0.0).floor() as u64;
        ("max", json!(most))
    } else {
        ("min", json!(threshold))
    };
    let check = |text: &str| json!({name: {"text": text, bound.0: bound.1.clone()}});
    match &one.value {
        Value::Array(items) => {
            say(sheet, &one.at, "several references");
            let members: Vec<Value> = items.iter().map(|item| check(&as_text(item))).collect();
            Ok(json!({"any": members}))
        }
        Value::Null | Value::Object(_) => Err("it has no text as its value".to_owned()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(check(&as_text(&one.value))),
    }
}
