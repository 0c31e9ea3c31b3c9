//! What is tested: an agent, and the candidate (model ID, system prompt, parameters) that stands for it on one side
//! of a pull request.

mod locator;
mod own;

use std::fmt;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use locator::{IdError, LocatorError, model_id};
pub use own::{Defaults, Own, OwnParameters};

/// The name of an agent: letters, digits, `-`, `_` and `.`, at most 64, so that it is safe in paths and commands.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct AgentName(String);

/// Between the name of an agent and what another model is to it.
const BESIDE: char = '+';

impl TryFrom<String> for AgentName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let shown = crate::problem::shown(&name);
        let read = match name.split_once(BESIDE) {
            Some((agent, role)) => Self::new(agent).and_then(|agent| agent.beside(role)),
            None => Self::new(name),
        };
        read.ok_or_else(|| format!("`{shown}` is not an agent's name"))
    }
}

impl From<AgentName> for String {
    fn from(name: AgentName) -> Self {
        name.0
    }
}

impl AgentName {
    /// The name, or `None` where it is not one.
    pub fn new(name: impl Into<String>) -> Option<Self> {
        let name = name.into();
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (!name.is_empty()
            && name.len() <= 64
            && !name.starts_with('.')
            && name.chars().all(allowed))
        .then_some(Self(name))
    }

    /// The name of another model that is asked for this agent: `qa+old-model`. No configuration can give it to an agent.
    pub fn beside(&self, role: &str) -> Option<Self> {
        let role = Self::new(role)?;
        (!self.is_beside()).then(|| Self(format!("{self}{BESIDE}{role}")))
    }

    /// Whether it is that of another model which is asked for an agent.
    pub fn is_beside(&self) -> bool {
        self.0.contains(BESIDE)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A named use of one model, as the configuration states it.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Its name.
    pub name: AgentName,
    /// The provider that is asked; a key of `providers`.
    pub provider: String,
    /// Where its model ID stands.
    pub locator: ModelLocator,
    /// Its system prompt, in place or in a file.
    pub system: Option<SystemPrompt>,
    /// What it is asked with, defaults already applied.
    pub parameters: Parameters,
    /// Provider and parameters as it says them itself, without defaults.
    pub own: Own,
    /// Where its parts stand in the configuration.
    pub lines: Lines,
    /// The model that was fine-tuned.
    pub base_model: Option<String>,
    /// Globs of its training data, relative to the repository's root.
    pub training_data: Vec<String>,
    /// Globs of its validation data, relative to the repository's root.
    pub validation_data: Vec<String>,
    /// Its suite, relative to the repository's root.
    pub suite: String,
}

/// The lines of the configuration where the parts of an agent stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Of its model ID, or of what says where that is.
    pub model: u64,
    /// Of its system prompt, where it has one.
    pub system: Option<u64>,
    /// Of its own parameters, where it has any.
    pub parameters: Option<u64>,
}

/// A system prompt as the configuration states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemPrompt {
    /// Written in the configuration.
    Text(String),
    /// A file, relative to the repository's root; its text without a byte order mark and outer white space.
    File(String),
}

/// What is asked and with which settings. Two candidates are the same when all three parts are equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The model ID.
    pub model: String,
    /// The system prompt.
    pub system: Option<String>,
    /// The sampling parameters.
    pub parameters: Parameters,
}

/// Sampling parameters; what is absent is not sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parameters {
    /// 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Tokens an answer may have, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Sent as `seed`, to Mistral as `random_seed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Texts at which the model stops.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// −2 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// −2 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
}

/// Where an agent's model ID stands.
#[derive(Debug, Clone)]
pub enum ModelLocator {
    /// In the configuration itself.
    Id(String),
    /// A file's whole text, trimmed, without a byte order mark.
    File {
        /// Relative to the repository's root.
        path: String,
    },
    /// A place in a JSON or YAML file.
    Pointer {
        /// Relative to the repository's root.
        path: String,
        /// RFC 6901.
        pointer: String,
    },
    /// The one capture group of the one match of a pattern in a file.
    Pattern {
        /// Relative to the repository's root.
        path: String,
        /// Has exactly one capture group.
        pattern: Regex,
    },
}

impl ModelLocator {
    /// The file that holds the model ID, if it is not the configuration.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Id(_) => None,
            Self::File { path } | Self::Pointer { path, .. } | Self::Pattern { path, .. } => {
                Some(path)
            }
        }
    }
}
