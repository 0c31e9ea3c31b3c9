//! What a server says in place of an answer: finds the sentence for people and the codes in error bodies of any shape,
//! and says what they are about. What follows from that is decided in `fault`.

use serde_json::Value;

/// Letters of a server's message that are kept.
const LONGEST_MESSAGE: usize = 300;
/// Codes and types of an error that say that a filter stopped the question or the answer, in lower case.
const FILTERED: [&str; 4] = [
    "content_filter",
    "content_policy_violation",
    "data_inspection_failed",
    "responsibleaipolicyviolation",
];
/// The same for an account that has nothing left to spend.
const WITHOUT_CREDIT: [&str; 5] = [
    "billing_hard_limit_reached",
    "billing_not_active",
    "exceeded_current_quota_error",
    "insufficient_balance",
    "insufficient_quota",
];

/// What an error body says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    /// One line for people; not shortened and not redacted.
    pub(super) message: String,
    /// `code` and `type` of the error, and of the error inside it.
    codes: Vec<String>,
    /// Whether the server quotes what it took offence at.
    quotes: bool,
}

impl Complaint {
    /// Reads any error body there is: JSON of several shapes, plain text or a web page.
    pub(super) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::from(value.get(0).unwrap_or(&value)),
            Err(_) => Self {
                message: one_line(&plain(&String::from_utf8_lossy(body))),
                ..Self::default()
            },
        }
    }

    /// The error in a body or a choice that should hold an answer, if there is one.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let says_error = value.get("object").is_some_and(|object| object == "error");
        let holds_one = value.get("error").is_some_and(|error| !error.is_null());
        (says_error || holds_one).then(|| Self::from(value))
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

    /// Whether it says that the key is known and may not do this. OpenAI answers so with 401, for keys that may well
    /// ask a model.
    pub(super) fn is_about_scopes(&self) -> bool {
        let lower = self.message.to_lowercase();
        lower.contains("missing scopes") || lower.contains("insufficient permissions")
    }

    /// Whether it says that the account has no credit left.
    pub(super) fn is_about_credit(&self) -> bool {
        self.has_code(&WITHOUT_CREDIT)
    }

    /// Whether it asks for fewer requests, inside a success.
    pub(super) fn is_about_haste(&self) -> bool {
        self.has_code(&["429", "rate_limit_exceeded", "rate_limit_error"])
    }

    /// Whether it says that a filter stopped the question or the answer. `LiteLLM` names its exception in the message.
    pub(super) fn is_about_content(&self) -> bool {
        self.quotes
            || self.has_code(&FILTERED)
            || self.message.contains("ContentPolicyViolationError")
    }

    fn has_code(&self, known: &[&str]) -> bool {
        let is_known = |code: &String| known.contains(&code.to_lowercase().as_str());
        self.codes.iter().any(is_known)
    }
}

impl From<&Value> for Complaint {
    fn from(value: &Value) -> Self {
        let inner = value.get("error").filter(|error| error.is_object());
        let inner = inner.unwrap_or(value);
        // Azure and gateways before it put the code that matters one level further down.
        let levels = [
            Some(inner),
            inner.get("innererror"),
            inner.pointer("/provider_specific_fields/innererror"),
        ];
        let codes = levels.into_iter().flatten().flat_map(codes).collect();
        let message = sentence(value).unwrap_or_else(|| value.to_string());
        Self {
            message: one_line(&message),
            codes,
            quotes: inner.pointer("/metadata/flagged_input").is_some(),
        }
    }
}

fn codes(error: &Value) -> impl Iterator<Item = String> {
    let codes = ["code", "type"]
        .into_iter()
        .filter_map(|key| error.get(key));
    codes.filter_map(|code| match code {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}

/// The sentence for people inside an error value, wherever the server put it.
pub(super) fn sentence(value: &Value) -> Option<String> {
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
pub(super) fn plain(text: &str) -> String {
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
pub(super) fn one_line(text: &str) -> String {
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
