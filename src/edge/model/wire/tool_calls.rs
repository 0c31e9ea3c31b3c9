//! The tools that a model wants called, however a server writes them.

use serde_json::Value;

use crate::score::ToolCall;

/// The tools that a message wants called; one call without a list is how OpenAI's API had it before.
pub(super) fn of(message: &Value) -> Vec<ToolCall> {
    match message.get("tool_calls") {
        Some(Value::Array(calls)) => calls
            .iter()
            .map(|call| tool_call(call.get("function").unwrap_or(call)))
            .collect(),
        _ => message
            .get("function_call")
            .filter(|call| !call.is_null())
            .map(tool_call)
            .into_iter()
            .collect(),
    }
}

/// A call as it is checked. Servers that give arguments as an object, not as its text, mean the same.
fn tool_call(function: &Value) -> ToolCall {
    let arguments = match function.get("arguments") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let name = function.get("name").and_then(Value::as_str);
    ToolCall {
        name: name.unwrap_or_default().to_owned(),
        arguments,
    }
}
