//! Filled prompts as messages: data and texts that read as a conversation, and texts that do not.

use serde_json::Value;

use crate::import::chat::{self, Messages};
use crate::problem::shown;
use crate::yaml;

/// A value with each of its texts filled.
pub(super) fn deep(
    value: Value,
    fill: &mut impl FnMut(&str) -> Result<String, String>,
) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(fill(&text)?),
        Value::Array(items) => {
            let items: Result<_, _> = items.into_iter().map(|item| deep(item, fill)).collect();
            Value::Array(items?)
        }
        Value::Object(map) => {
            let pairs = map.into_iter();
            let pairs: Result<_, String> = pairs
                .map(|(key, inner)| Ok((key, deep(inner, fill)?)))
                .collect();
            Value::Object(pairs?)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    })
}

pub(super) fn of_data(data: &Value) -> Result<Messages, String> {
    let list = data.get("messages").unwrap_or(data);
    match list {
        Value::Array(list) if list.iter().all(|one| one.get("role").is_some()) => chat::messages(list),
        Value::String(text) => Ok(vec![("user".to_owned(), text.clone())]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(
            "the prompt is data of one provider's own form; write it as text or as a list of messages".to_owned(),
        ),
    }
}

/// A filled text: a list of messages where it reads as one, else what the user says.
pub(super) fn of_text(text: String) -> Result<Messages, String> {
    let start = text.trim_start();
    if start.starts_with('[') || start.starts_with('{') {
        if let Ok(data) = serde_json::from_str::<Value>(&text)
            && is_chat(&data)
        {
            return of_data(&data);
        }
    } else if start.starts_with("- role:") {
        let node = yaml::foreign("", &text).map_err(|problem| {
            format!(
                "the messages cannot be read once their values are there: {}",
                shown(&problem.message)
            )
        })?;
        return of_data(&node.to_json());
    }
    Ok(vec![("user".to_owned(), text)])
}

fn is_chat(data: &Value) -> bool {
    let list = data.get("messages").unwrap_or(data).as_array();
    list.is_some_and(|list| !list.is_empty() && list.iter().all(|one| one.get("role").is_some()))
}
