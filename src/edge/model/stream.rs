//! Answers that come as a stream of events although none was asked for: some servers know no other way. Joins the pieces
//! into the answer that they would have been; a stream that ends before the answer does is none.

use serde_json::{Value, json};

use super::halves;

/// The answer in a stream of events, if the body is one.
pub(super) fn joined(body: &[u8]) -> Option<Result<Value, String>> {
    let body = body.trim_ascii_start();
    let starts: [&[u8]; 3] = [b"data:", b"event:", b": "];
    if !starts.iter().any(|start| body.starts_with(start)) {
        return None;
    }
    Some(join(&String::from_utf8_lossy(body)))
}

#[derive(Default)]
struct Joined {
    text: String,
    refusal: String,
    tool_calls: Vec<Call>,
    finish_reason: Value,
    /// The last piece; its `model`, `usage` and the like are those of the answer.
    last: Value,
    usage: Value,
    done: bool,
}

/// A call of a tool, as far as it came.
#[derive(Default)]
struct Call {
    index: u64,
    id: String,
    name: String,
    arguments: String,
}

fn join(body: &str) -> Result<Value, String> {
    let mut joined = Joined::default();
    for data in body.lines().filter_map(|line| line.strip_prefix("data:")) {
        match data.trim() {
            "" => {}
            "[DONE]" => joined.done = true,
            data => joined.take(piece(data)?),
        }
        if joined
            .last
            .get("error")
            .is_some_and(|error| !error.is_null())
        {
            return Ok(joined.last);
        }
    }
    if !joined.done && joined.finish_reason.is_null() {
        return Err("the answer is a stream that is cut off".to_owned());
    }
    Ok(joined.answer())
}

fn piece(data: &str) -> Result<Value, String> {
    halves::value(data)
        .map_err(|error| format!("the answer is a stream that is cut off or no JSON ({error})"))
}

impl Joined {
    fn take(&mut self, piece: Value) {
        if let Some(usage) = piece.get("usage").filter(|usage| usage.is_object()) {
            self.usage = usage.clone();
        }
        if let Some(choice) = piece.pointer("/choices/0") {
            let said = choice.get("delta").or_else(|| choice.get("message"));
            self.say(said.unwrap_or(&Value::Null));
            let reason = choice.get("finish_reason").and_then(Value::as_str);
            if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
                self.finish_reason = reason.into();
            }
        }
        self.last = piece;
    }

    fn say(&mut self, delta: &Value) {
        match delta.get("content") {
            Some(Value::Array(parts)) => {
                let said = parts.iter().filter(|part| part["type"] == "text");
                self.text
                    .extend(said.filter_map(|part| part["text"].as_str()));
            }
            Some(content) => self.text += content.as_str().unwrap_or_default(),
            None => {}
        }
        self.refusal += delta["refusal"].as_str().unwrap_or_default();
        for piece in delta["tool_calls"].as_array().into_iter().flatten() {
            self.call(piece);
        }
    }

    /// A piece goes on with the call of its number; another id begins another call, which some servers do not number.
    fn call(&mut self, piece: &Value) {
        let index = piece["index"].as_u64().unwrap_or_default();
        let id = piece["id"].as_str().unwrap_or_default();
        let same = |call: &&mut Call| {
            call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id)
        };
        if self.tool_calls.iter_mut().rev().find(same).is_none() {
            self.tool_calls.push(Call {
                index,
                ..Call::default()
            });
        }
        let Some(call) = self.tool_calls.iter_mut().rev().find(same) else {
            return;
        };
        if !id.is_empty() {
            id.clone_into(&mut call.id);
        }
        call.name += piece["function"]["name"].as_str().unwrap_or_default();
        let arguments = &piece["function"]["arguments"];
        if arguments.is_object() {
            call.arguments = arguments.to_string();
        } else {
            call.arguments += arguments.as_str().unwrap_or_default();
        }
    }

    fn answer(self) -> Value {
        let calls: Vec<Value> = self
            .tool_calls
            .into_iter()
            .map(|call| json!({"function": {"name": call.name, "arguments": call.arguments}}))
            .collect();
        json!({
            "model": self.last["model"],
            "system_fingerprint": self.last["system_fingerprint"],
            "usage": self.usage,
            "choices": [{
                "message": {"content": self.text, "refusal": self.refusal, "tool_calls": calls},
                "finish_reason": self.finish_reason,
            }],
        })
    }
}

#[cfg(test)]
mod tests;
