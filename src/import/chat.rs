//! Prompts of other tools as our messages: a text, or a list of roles and contents.

use serde_json::Value;

/// Roles and what they say.
pub(super) type Messages = Vec<(String, String)>;

/// The messages of a list, or why it is none that can be asked.
pub(super) fn messages(list: &[Value]) -> Result<Messages, String> {
    let mut messages = Vec::new();
    for one in list {
        let role = one.get("role").and_then(Value::as_str).unwrap_or("user");
        let role = match role {
            "system" | "developer" => "system",
            "user" | "human" => "user",
            "assistant" | "model" | "ai" => "assistant",
            other => {
                let other = crate::problem::shown(other);
                return Err(format!(
                    "a message of the role `{other}` cannot be asked; a case has system, user and assistant"
                ));
            }
        };
        let content = one.get("content").unwrap_or(&Value::Null);
        messages.push((role.to_owned(), self::content(content)?));
    }
    Ok(messages)
}

fn content(content: &Value) -> Result<String, String> {
    match content {
        Value::String(text) => Ok(text.clone()),
        Value::Array(parts) => {
            let texts: Option<Vec<&str>> = parts.iter().map(part).collect();
            let texts = texts
                .ok_or("a message holds more than text (an image, a file); write it as text")?;
            Ok(texts.join("\n"))
        }
        Value::Object(_) if part(content).is_some() => {
            Ok(part(content).unwrap_or_default().to_owned())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err("a message has no text as its content; write it as text".to_owned())
        }
    }
}

fn part(part: &Value) -> Option<&str> {
    if let Value::String(text) = part {
        return Some(text);
    }
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
    let text = matches!(kind, "text" | "input_text" | "output_text");
    part.get("text").and_then(Value::as_str).filter(|_| text)
}

/// What has to be done that a model can be asked these messages.
pub(super) enum Fit {
    /// Nothing.
    AsTheyAre,
    /// The last one is the system's and is asked as the user's.
    SystemAsked,
    /// They end with the model's own words.
    No,
}

/// Makes the last message the user's.
pub(super) fn fit(messages: &mut Messages) -> Fit {
    match messages.last_mut() {
        Some((role, _)) if role == "user" => Fit::AsTheyAre,
        Some((role, _)) if role == "system" => {
            "user".clone_into(role);
            Fit::SystemAsked
        }
        Some(_) | None => Fit::No,
    }
}
