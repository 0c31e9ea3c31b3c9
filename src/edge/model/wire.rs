//! The JSON of chat APIs: writes requests, reads replies and error bodies of OpenAI, Mistral, vLLM, Ollama and their
//! kin. Tolerant in what it reads; knows nothing of HTTP.

use serde_json::{Map, Value, json};

use crate::agent::Parameters;
use crate::runner::{Ask, Usage};

/// Letters of a server's message that are kept.
const LONGEST_MESSAGE: usize = 300;
/// Keys of a request that `extra_body` cannot change: they decide what is measured and how it is read.
const FIXED_KEYS: [&str; 3] = ["model", "messages", "stream"];

/// The name under which a server expects the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeedKey {
    /// OpenAI and everybody who follows it.
    Seed,
    /// Mistral, which refuses a request with `seed`.
    RandomSeed,
}

/// The body of a request. `extra` comes last and may change any key but `model`, `messages` and `stream`.
pub(super) fn request(ask: &Ask, seed_key: SeedKey, extra: &Map<String, Value>) -> Value {
    let system = ask.candidate.system.iter();
    let system = system.map(|text| json!({"role": "system", "content": text}));
    let messages = ask.case.messages.iter().map(|message| json!(message));
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(ask.candidate.model));
    body.insert("messages".to_owned(), system.chain(messages).collect());
    insert_parameters(&mut body, &ask.candidate.parameters, seed_key);
    for (key, value) in extra {
        if !FIXED_KEYS.contains(&key.as_str()) {
            body.insert(key.clone(), value.clone());
        }
    }
    Value::Object(body)
}

fn insert_parameters(body: &mut Map<String, Value>, parameters: &Parameters, seed_key: SeedKey) {
    let Parameters {
        temperature,
        max_tokens,
        top_p,
        seed,
        stop,
        presence_penalty,
        frequency_penalty,
    } = parameters;
    let seed_key = match seed_key {
        SeedKey::Seed => "seed",
        SeedKey::RandomSeed => "random_seed",
    };
    let stop = (!stop.is_empty()).then(|| json!(stop));
    let set = [
        ("temperature", temperature.map(Value::from)),
        ("max_tokens", max_tokens.map(Value::from)),
        ("top_p", top_p.map(Value::from)),
        (seed_key, seed.map(Value::from)),
        ("stop", stop),
        ("presence_penalty", presence_penalty.map(Value::from)),
        ("frequency_penalty", frequency_penalty.map(Value::from)),
    ];
    for (key, value) in set {
        if let Some(value) = value {
            body.insert(key.to_owned(), value);
        }
    }
}

/// What a server said, without what HTTP knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) finish_reason: Option<String>,
    pub(super) served_model: Option<String>,
    pub(super) system_fingerprint: Option<String>,
    pub(super) usage: Option<Usage>,
}

/// Reads the body of a successful answer, or says why it holds none.
pub(super) fn answer(body: &[u8]) -> Result<Answer, String> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| format!("the answer is cut off or no JSON ({error})"))?;
    if let Some(error) = error_object(&body) {
        return Err(format!("the server answers with an error: {error}"));
    }
    let Some(choice) = body.pointer("/choices/0") else {
        return Err("the answer holds no `choices`".to_owned());
    };
    if let Some(error) = error_object(choice) {
        return Err(format!("the server answers with an error: {error}"));
    }
    let finish_reason = text_at(choice, "finish_reason");
    let message = choice.get("message").unwrap_or(&Value::Null);
    let calls_tools = ["tool_calls", "function_call"]
        .iter()
        .any(|key| message.get(key).is_some_and(|calls| !calls.is_null()));
    let text = content(message);
    if text.is_empty() && finish_reason.is_none() && !calls_tools {
        return Err("the answer holds neither text nor a finish reason".to_owned());
    }
    Ok(Answer {
        text,
        finish_reason,
        served_model: text_at(&body, "model"),
        system_fingerprint: text_at(&body, "system_fingerprint"),
        usage: body.get("usage").and_then(usage),
    })
}

/// The text of a message: as it is, joined from its text parts, or what the model says when it declines.
fn content(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter(|part| part.get("type").is_none_or(|kind| kind == "text"))
            .filter_map(|part| part.get("text")?.as_str())
            .collect(),
        _ => text_at(message, "refusal").unwrap_or_default(),
    }
}

fn usage(usage: &Value) -> Option<Usage> {
    let tokens = |key: &str| usage.get(key).and_then(Value::as_u64);
    match (tokens("prompt_tokens"), tokens("completion_tokens")) {
        (None, None) => None,
        (prompt, completion) => Some(Usage {
            prompt_tokens: prompt.unwrap_or(0),
            completion_tokens: completion.unwrap_or(0),
        }),
    }
}

fn error_object(value: &Value) -> Option<String> {
    let says_error = value.get("object").is_some_and(|object| object == "error");
    let error = value.get("error").filter(|error| !error.is_null());
    (says_error || error.is_some()).then(|| {
        let message = sentence(value).unwrap_or_else(|| value.to_string());
        one_line(&message)
    })
}

fn text_at(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

/// What an error body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    /// One line for people; not shortened and not redacted.
    pub(super) message: String,
    /// `code`, else `type`, of the error.
    codes: Vec<String>,
}

impl Complaint {
    /// Reads any error body there is: JSON of several shapes, plain text or a web page.
    pub(super) fn read(body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return Self {
                message: one_line(&plain(&String::from_utf8_lossy(body))),
                codes: Vec::new(),
            };
        };
        let value = value.get(0).unwrap_or(&value);
        let inner = value.get("error").filter(|error| error.is_object());
        let codes = ["code", "type"]
            .iter()
            .filter_map(|key| inner.unwrap_or(value).get(key))
            .filter_map(|code| match code {
                Value::String(code) => Some(code.clone()),
                Value::Number(code) => Some(code.to_string()),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            })
            .collect();
        let message = sentence(value).unwrap_or_else(|| value.to_string());
        Self {
            message: one_line(&message),
            codes,
        }
    }

    /// Whether it says that the model does not exist. Mistral's code for that is 1500.
    pub(super) fn is_about_the_model(&self, model: &str) -> bool {
        let known = ["model_not_found", "invalid_model", "1500"];
        let lower = self.message.to_lowercase();
        let names_it = lower.contains("model") && lower.contains(&model.to_lowercase());
        self.codes.iter().any(|code| known.contains(&code.as_str()))
            || lower.starts_with("invalid model")
            || (names_it
                && ["not exist", "not found"]
                    .iter()
                    .any(|it| lower.contains(it)))
    }

    /// Whether it says that the account has no credit left.
    pub(super) fn is_about_credit(&self) -> bool {
        self.codes.iter().any(|code| code == "insufficient_quota")
    }
}

/// The sentence for people inside an error value, wherever the server put it.
fn sentence(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(entries) => {
            let sentences: Vec<String> = entries.iter().filter_map(sentence).collect();
            (!sentences.is_empty()).then(|| sentences.join("; "))
        }
        Value::Object(map) => {
            if let (Some(Value::Array(loc)), Some(Value::String(msg))) =
                (map.get("loc"), map.get("msg"))
            {
                return Some(format!("{}: {msg}", dotted(loc)));
            }
            ["error", "message", "detail", "msg"]
                .iter()
                .find_map(|key| map.get(*key).and_then(sentence))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn dotted(loc: &[Value]) -> String {
    let steps = loc.iter().map(|step| match step.as_str() {
        Some(name) => name.to_owned(),
        None => step.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// Text as it is; of a web page its title.
fn plain(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let title = text
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map(|(title, _)| title.trim());
    match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("a web page titled \"{title}\""),
        None => "a web page".to_owned(),
    }
}

/// The text on one line: runs of white space and control characters become one space.
fn one_line(text: &str) -> String {
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// At most 300 characters of it.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().nth(LONGEST_MESSAGE).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST_MESSAGE - 1).collect();
    kept + "…"
}

#[cfg(test)]
mod tests;
