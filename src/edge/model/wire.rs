//! The JSON of chat APIs: reads replies of OpenAI, Mistral, vLLM, Ollama and their kin. Tolerant in what
//! it reads, but never takes a failure of the server for something the model said; knows nothing of HTTP.

mod tool_calls;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::complaint::{Complaint, one_line, plain, sentence};
use super::{halves, stream};
use crate::runner::{Fault, Usage};
use crate::score::ToolCall;

/// Finish reasons of an answer that was the server's to finish: Mistral and Together say `error`, vLLM and `SGLang`
/// `abort` when they shut down or run out of memory. What came so far says nothing about the model.
const FAILED: [&str; 2] = ["error", "abort"];
/// More tokens than any answer has.
const MOST_TOKENS: u64 = 1_000_000_000;

/// What a server said, without what HTTP knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) finish_reason: Option<String>,
    pub(super) tool_calls: Vec<ToolCall>,
    pub(super) served_model: Option<String>,
    pub(super) system_fingerprint: Option<String>,
    pub(super) usage: Option<Usage>,
}

/// Why a body holds no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoAnswer {
    pub(super) why: String,
    pub(super) fault: Fault,
    /// What it cost all the same.
    pub(super) usage: Option<Usage>,
}

impl From<String> for NoAnswer {
    fn from(why: String) -> Self {
        Self {
            why,
            fault: Fault::Broken,
            usage: None,
        }
    }
}

/// The answers of nearly all servers, for which no tree of values is built; anything else is read by [`odd`].
#[derive(Deserialize)]
struct Plain {
    choices: Vec<PlainChoice>,
    model: Option<String>,
    system_fingerprint: Option<String>,
    usage: Option<PlainUsage>,
    object: Option<String>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct PlainChoice {
    message: PlainMessage,
    finish_reason: Option<String>,
    object: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct PlainMessage {
    content: String,
    tool_calls: Option<Vec<IgnoredAny>>,
    function_call: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct PlainUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

impl Plain {
    fn answer(self) -> Option<Answer> {
        let choice = self.choices.into_iter().next()?;
        let PlainMessage {
            content: text,
            tool_calls,
            function_call,
        } = choice.message;
        let is_plain = !text.is_empty()
            && tool_calls.is_none_or(|calls| calls.is_empty())
            && function_call.is_none()
            && self.error.is_none()
            && choice.error.is_none()
            && choice.object.is_none()
            && self.object.is_none_or(|object| object != "error")
            && choice
                .finish_reason
                .as_deref()
                .is_none_or(|reason| !reason.is_empty() && !gave_up(reason))
            && self.usage.as_ref().is_none_or(|usage| {
                usage.prompt_tokens <= MOST_TOKENS && usage.completion_tokens <= MOST_TOKENS
            });
        is_plain.then_some(Answer {
            text,
            finish_reason: choice.finish_reason,
            tool_calls: Vec::new(),
            served_model: self.model,
            system_fingerprint: self.system_fingerprint,
            usage: self.usage.map(|usage| Usage {
                prompt_tokens: usage.prompt_tokens,
                completion_tokens: usage.completion_tokens,
            }),
        })
    }
}

/// Reads the body of a successful answer, or says why it holds none.
pub(super) fn answer(body: &[u8]) -> Result<Answer, NoAnswer> {
    match serde_json::from_slice(body).ok().and_then(Plain::answer) {
        Some(answer) => Ok(answer),
        None => odd(body),
    }
}

/// Reads an answer in any form there is.
fn odd(body: &[u8]) -> Result<Answer, NoAnswer> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body = match stream::joined(body) {
        Some(joined) => joined?,
        None => json(body)?,
    };
    let usage = body.get("usage").and_then(usage);
    if let Some(error) = Complaint::of(&body) {
        return Err(failed(&error, usage));
    }
    let Some(choice) = body.pointer("/choices/0") else {
        let said = sentence(&body).map(|said| format!(": {}", one_line(&said)));
        let why = format!("the answer holds no `choices`{}", said.unwrap_or_default());
        return Err(NoAnswer {
            usage,
            ..why.into()
        });
    };
    if let Some(error) = Complaint::of(choice) {
        return Err(failed(&error, usage));
    }
    let (text, finish_reason, tool_calls) = said(choice).map_err(|why| NoAnswer {
        usage,
        ..why.into()
    })?;
    Ok(Answer {
        text,
        finish_reason,
        tool_calls,
        served_model: text_at(&body, "model"),
        system_fingerprint: text_at(&body, "system_fingerprint"),
        usage,
    })
}

/// What an error status means that speaks of the content of the question or the answer: a filter in front of the model
/// belongs to what is tested, so this is an answer without a word.
pub(super) fn filtered(status: u16, body: &[u8]) -> Option<Answer> {
    let may_be = matches!(status, 400 | 403 | 422 | 451);
    (may_be && Complaint::read(body).is_about_content()).then(|| Answer {
        text: String::new(),
        finish_reason: Some("content_filter".to_owned()),
        tool_calls: Vec::new(),
        served_model: None,
        system_fingerprint: None,
        usage: None,
    })
}

/// The value of a body. Bytes that are no UTF-8 are a character that the model did not finish.
fn json(body: &[u8]) -> Result<Value, String> {
    let strict = serde_json::from_slice(body);
    strict.or_else(|error| {
        let text = String::from_utf8_lossy(body);
        halves::value(&text).map_err(|_| {
            if text.trim_start().starts_with('<') {
                return format!("the answer is {}", plain(&text));
            }
            format!("the answer is cut off or no JSON ({error})")
        })
    })
}

fn failed(error: &Complaint, usage: Option<Usage>) -> NoAnswer {
    NoAnswer {
        why: format!("the server answers with an error: {}", error.message),
        fault: if error.is_about_haste() {
            Fault::Throttled
        } else {
            Fault::Broken
        },
        usage,
    }
}

/// The text of a choice, why it ends there, and the tools it wants called.
fn said(choice: &Value) -> Result<(String, Option<String>, Vec<ToolCall>), String> {
    let finish_reason = text_at(choice, "finish_reason").filter(|reason| !reason.is_empty());
    if let Some(reason) = finish_reason.as_deref().filter(|reason| gave_up(reason)) {
        return Err(format!(
            "the server gave up on the answer (finish reason {reason})"
        ));
    }
    let message = choice.get("message").unwrap_or(&Value::Null);
    let calls = tool_calls::of(message);
    if message.is_null() && choice.get("delta").is_some() {
        return Err("the answer is one piece of a stream".to_owned());
    }
    let text = if message.is_null() {
        text_at(choice, "text").unwrap_or_default()
    } else {
        content(message)?
    };
    if text.is_empty() && finish_reason.is_none() && calls.is_empty() {
        return Err("the answer holds neither text nor a finish reason".to_owned());
    }
    Ok((text, finish_reason, calls))
}

fn gave_up(finish_reason: &str) -> bool {
    FAILED
        .iter()
        .any(|failed| finish_reason.eq_ignore_ascii_case(failed))
}

/// The text of a message: as it is, joined from its text parts, or what the model says when it declines.
fn content(message: &Value) -> Result<String, String> {
    let text = match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(part).collect(),
        None | Some(Value::Null) => String::new(),
        Some(Value::Object(_) | Value::Number(_) | Value::Bool(_)) => {
            return Err("the `content` of the answer is neither text nor a list".to_owned());
        }
    };
    if text.is_empty() {
        return Ok(text_at(message, "refusal").unwrap_or_default());
    }
    Ok(text)
}

/// The text of one part of a message, unless it is a thought or something else that is not said.
fn part(part: &Value) -> Option<&str> {
    if let Value::String(text) = part {
        return Some(text);
    }
    let is_text = part.get("type").is_none_or(|kind| kind == "text");
    part.get("text").filter(|_| is_text)?.as_str()
}

fn usage(usage: &Value) -> Option<Usage> {
    let tokens = |key: &str| usage.get(key).and_then(tokens);
    match (tokens("prompt_tokens"), tokens("completion_tokens")) {
        (None, None) => None,
        (prompt, completion) => Some(Usage {
            prompt_tokens: prompt.unwrap_or(0),
            completion_tokens: completion.unwrap_or(0),
        }),
    }
}

/// A number of tokens however it is written; one that no answer has is none.
fn tokens(count: &Value) -> Option<u64> {
    let whole = count.as_u64().or_else(|| match count.as_str() {
        Some(count) => count.trim().parse().ok(),
        None => format!("{:.0}", count.as_f64()?).parse().ok(),
    });
    whole.filter(|count| *count <= MOST_TOKENS)
}

fn text_at(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;
