//! What is asked of an agent: the cases of its suite, their messages and expectations.
//!
//! Reading a suite file collects every problem in it with its place; a suite that exists is valid.

mod advice;
mod check;
mod check_schema;
mod file;
mod kinds;
mod lines;
mod raw;
mod read;
mod streamed;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::score::{Dimension, Expectation, Scoring};
use crate::yaml;

pub use file::SuiteFile;
pub use lines::{read_case, read_cases};
pub use read::read;
pub use streamed::{Lines, ReadAt};

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
    /// The cases that are in memory; ids are unique over these and [`Self::lines`], and there is at least one.
    pub cases: Vec<Arc<Case>>,
    /// Further cases, which stay in their file.
    pub lines: Option<Lines>,
    /// Draft suites are asked and shown, never gate.
    pub draft: bool,
    /// What a person should know about how it was read; empty for a file of our own form.
    pub notes: Vec<String>,
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
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub struct CaseId(Arc<str>);

impl From<String> for CaseId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl From<CaseId> for String {
    fn from(id: CaseId) -> Self {
        id.as_str().to_owned()
    }
}

impl CaseId {
    /// An id as a suite states it.
    pub fn new(id: impl Into<String>) -> Self {
        Self::from(id.into())
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

impl Suite {
    /// How many cases it has.
    pub fn len(&self) -> usize {
        self.cases.len() + self.lines.as_ref().map_or(0, Lines::len)
    }

    /// False for every suite that was read: one without cases is refused.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A case by its place, or why it cannot be read any more.
    pub fn case(&self, index: usize) -> Result<Arc<Case>, String> {
        match (self.cases.get(index), &self.lines) {
            (Some(case), _) => Ok(Arc::clone(case)),
            (None, Some(lines)) => lines.case(index - self.cases.len()).map(Arc::new),
            (None, None) => Err(format!("{} has no case number {index}", self.path)),
        }
    }
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
