//! What stands in a field of a label, in the ways in which people write it.

use serde_json::Value;

use super::{Preferred, Scale};

/// A text: itself, the content of a message, or the last message of a speaker.
pub(super) fn text(value: &Value, speaker: &str) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Object(message) => match message.get("content") {
            Some(content) => text(content, speaker),
            None => Err("expected text, found an object without `content`".to_owned()),
        },
        Value::Array(items) if items.iter().any(|item| item.get("role").is_some()) => {
            let of_speaker = |item: &&Value| item["role"] == speaker;
            let message = items.iter().rev().find(of_speaker);
            let message = message.ok_or_else(|| format!("no message is of the {speaker}"))?;
            text(message, speaker)
        }
        // Parts of one content, as vision models take them.
        Value::Array(items) if items.iter().any(|item| item.get("text").is_some()) => {
            let parts = items.iter().filter_map(|item| item["text"].as_str());
            Ok(parts.collect())
        }
        Value::Array(_) => Err("expected text, found a list".to_owned()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            Err(format!("expected text, found {value}"))
        }
    }
}

/// A rating: a number, the mean of a list of them, or yes and no as 1 and 0.
pub(super) fn rating(value: &Value) -> Result<f64, String> {
    match value {
        Value::Number(number) => finite(number.as_f64(), value),
        Value::Bool(yes) => Ok(f64::from(u8::from(*yes))),
        Value::String(text) => match serde_json::from_str::<Value>(text.trim()) {
            Ok(inner @ (Value::Number(_) | Value::Array(_))) => rating(&inner),
            Ok(_) | Err(_) => finite(text.trim().parse().ok(), value),
        },
        Value::Array(items) if !items.is_empty() => {
            let ratings: Vec<f64> = items.iter().map(rating).collect::<Result<_, _>>()?;
            let ratings = ratings.into_iter();
            crate::score::mean(ratings).ok_or_else(|| "the list has no ratings".to_owned())
        }
        Value::Array(_) => Err("the list has no ratings".to_owned()),
        Value::Null | Value::Object(_) => Err("expected a number or a list of numbers".to_owned()),
    }
}

fn finite(number: Option<f64>, value: &Value) -> Result<f64, String> {
    number.filter(|number| number.is_finite()).ok_or_else(|| {
        let found = crate::problem::shown(&value.to_string());
        format!("expected a number, found {found}")
    })
}

/// A scale: `[1, 5]` or `1:5`.
pub(super) fn scale(value: &Value) -> Result<Scale, String> {
    match value {
        Value::Array(ends) => match ends.as_slice() {
            [low, high] => Scale::new(rating(low)?, rating(high)?),
            _ => Err("a scale has two ends, as in [1, 5]".to_owned()),
        },
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(list @ Value::Array(_)) => scale(&list),
            Ok(_) | Err(_) => Scale::parse(text),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err("a scale is written as [1, 5]".to_owned())
        }
    }
}

/// A preference: `a`, `b`, `tie`; 1, 2, 0; `model_a`, `model_b`, `tie (bothbad)`; or the name of the preferred column.
pub(super) fn preferred(value: &Value, names: [&str; 2]) -> Result<Preferred, String> {
    let word = match value {
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    let [a, b] = names.map(str::to_lowercase);
    match word.as_str() {
        "a" | "1" | "1.0" | "model_a" => Ok(Preferred::A),
        "b" | "2" | "2.0" | "model_b" => Ok(Preferred::B),
        "0" | "0.0" | "none" | "both" | "neither" => Ok(Preferred::Tie),
        column if column == a => Ok(Preferred::A),
        column if column == b => Ok(Preferred::B),
        tie if tie.starts_with("tie") => Ok(Preferred::Tie),
        other => Err(format!(
            "expected a, b or tie (or 1, 2, 0), found {}",
            crate::problem::shown(other)
        )),
    }
}
