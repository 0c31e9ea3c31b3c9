//! The words between the runner and whoever talks to a model.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agent::{AgentName, Candidate};
use crate::score::{Digest, ToolCall};
use crate::suite::Case;

/// One question: a sample of a case, put to a candidate.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The agent it is asked for.
    pub agent: AgentName,
    /// The case; its messages are without the candidate's system prompt.
    pub case: Arc<Case>,
    /// Which sample of the case, from 0.
    pub sample: u32,
    /// Model ID, system prompt and parameters.
    pub candidate: Arc<Candidate>,
    /// Where the question is about an answer: what a judge is asked for.
    pub grading: Option<Arc<Grading>>,
}

/// What a question to a judge is besides its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Grading {
    /// Names the question and the judge; recorded replies are found under it.
    pub question: Digest,
    /// Which vote on the same answer, from 0.
    pub vote: u32,
    /// True for a question that is put once more, since the reply to it could not be read.
    pub again: bool,
    /// JSON Schema of the reply, for servers that hold a model to one.
    pub schema: Arc<Value>,
    /// Whether a kept reply will do.
    pub kept: Kept,
}

/// Whether a kept reply answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It does.
    WillDo,
    /// The question is how the server answers now.
    WillNotDo,
}

/// Tokens of one answer, as the model server counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Tokens of the question.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    #[serde(default)]
    pub completion_tokens: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self
                .completion_tokens
                .saturating_add(other.completion_tokens),
        }
    }
}

/// What a model said. An empty text is an answer too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer, exactly as it came.
    pub text: String,
    /// Why the model stopped, in the server's word (`stop`, `length`, `model_length`, …).
    pub finish_reason: Option<String>,
    /// The tools that the model wants called, in its order.
    pub tool_calls: Vec<ToolCall>,
    /// The model that the server says answered.
    pub served_model: Option<String>,
    /// The server's fingerprint of the deployment.
    pub system_fingerprint: Option<String>,
    /// Tokens, where the server counts them.
    pub usage: Option<Usage>,
    /// Wall time of the one request that was answered, without queueing and retries; not known of every recorded answer.
    pub latency: Option<Duration>,
    /// True for an answer that was kept from earlier: it costs nothing and says nothing about the server's pace.
    pub cached: bool,
    /// How much more the server would answer now.
    pub allowance: Allowance,
}

/// How much more a server would answer now, where it says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Requests.
    pub requests: Option<Remaining>,
    /// Tokens of questions and answers.
    pub tokens: Option<Remaining>,
}

/// What is left of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// So many.
    pub left: u64,
    /// Time until there is more.
    pub reset: Duration,
}

/// The kinds of failure that may pass; each one slows a run down in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No connection to the server came about.
    Unreachable,
    /// The server asks for fewer requests (429).
    Throttled,
    /// The server was reached and failed: 5xx, time-out, cut or unreadable body, empty `choices`.
    Broken,
}

/// Why one attempt brought no answer. Messages hold no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskError {
    /// May pass: 429, 5xx, no connection, time-out, a cut or unreadable body, empty `choices`.
    Passing {
        /// What kind of failure it is.
        fault: Fault,
        /// What happened, for people.
        why: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
        /// Tokens that the server counted all the same.
        usage: Option<Usage>,
    },
    /// This question will not be answered, others may (a 400 or 422 about this request).
    Question {
        /// What happened, for people.
        why: String,
    },
    /// The recordings hold no answer to this question, they may hold others.
    NoRecording {
        /// What was looked for, for people.
        why: String,
    },
    /// No question to this provider or model will be answered: stop at once.
    Hopeless(Refusal),
}

/// A refusal that no retry mends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 401 or 403.
    #[error(
        "provider `{provider}` refused the key in `{key_env}` ({status}): {detail}; check that the secret is set, current and allowed to use this model"
    )]
    Key {
        /// The provider's name in the configuration.
        provider: String,
        /// The variable that holds the key.
        key_env: String,
        /// HTTP status.
        status: u16,
        /// What the server says, redacted and shortened.
        detail: String,
    },
    /// The server does not know the model.
    #[error(
        "provider `{provider}` does not know the model `{model}`: {detail}; check the model ID and that the key's account owns it"
    )]
    UnknownModel {
        /// The provider's name in the configuration.
        provider: String,
        /// The model ID.
        model: String,
        /// What the server says, redacted and shortened.
        detail: String,
    },
    /// The account has no credit left (402, or 429 with `insufficient_quota`).
    #[error(
        "provider `{provider}` says the account has nothing left to spend ({status}): {detail}; top it up or raise its limit, then run again"
    )]
    Quota {
        /// The provider's name in the configuration.
        provider: String,
        /// HTTP status.
        status: u16,
        /// What the server says, redacted and shortened.
        detail: String,
    },
    /// The server sends requests elsewhere; the key must not travel there.
    #[error(
        "provider `{provider}` redirects to `{host}` ({status}), which is not followed; set `base_url` to the address that answers"
    )]
    Redirect {
        /// The provider's name in the configuration.
        provider: String,
        /// HTTP status.
        status: u16,
        /// The host it points to.
        host: String,
    },
}
