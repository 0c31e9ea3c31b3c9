//! What is asked of an agent: the cases of its suite, their messages and expectations.
//!
//! Reading a suite file collects every problem in it with its place; a suite that exists is valid.

mod check;
mod kinds;
mod raw;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::score::{Dimension, Expectation, Scoring};
use crate::yaml;

pub use read::{SuiteFile, read, read_cases};

/// The dimension of that name, or what to write instead.
pub fn dimension(name: &str) -> Result<Dimension, String> {
    check::named(name)
}

/// The compiler's reason why a pattern is none, on one line.
pub fn pattern_error(error: &regex::Error) -> String {
    check::reason(error)
}

/// The JSON Schema of a suite file, made from what the reader accepts.
pub fn schema() -> serde_json::Value {
    yaml::schema_of::<raw::RawSuite>()
}

/// The cases of one agent and how their answers are scored.
#[derive(Debug, Clone)]
pub struct Suite {
    /// Where it was read from, relative to the repository's root.
    pub path: String,
    /// One sentence for people.
    pub description: Option<String>,
    /// How answers are scored.
    pub scoring: Scoring,
    /// At least one case; ids are unique.
    pub cases: Vec<Case>,
    /// Draft suites are asked and shown, never gate.
    pub draft: bool,
}

/// One thing asked of a model, and what its answer is measured against.
#[derive(Debug, Clone)]
pub struct Case {
    /// Unique within its suite.
    pub id: CaseId,
    /// At least one message; the last one is the user's.
    pub messages: Vec<Message>,
    /// What a good answer holds.
    pub expectation: Expectation,
    /// Free labels.
    pub tags: Vec<String>,
    /// Share of this case in the agent's score; above 0.
    pub weight: f64,
    /// Cases made from one template share it.
    pub cluster: Option<String>,
    /// Asked and shown, never gating.
    pub draft: bool,
}

/// The id of a case, unique within its suite.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct CaseId(String);

impl CaseId {
    /// An id as a suite states it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions to the model.
    System,
    /// The person asking.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Case {
    /// The last thing the user says: what an answer has to address.
    pub fn prompt(&self) -> &str {
        self.messages
            .iter()
            .rev()
            .find(|message| message.role == Role::User)
            .map_or("", |message| &message.content)
    }
}
