//! The shape of what a pull request changed: agents with their causes, rules, locators. Data only; [`crate::change`]
//! finds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::judged::{Outcome, Reason};
use crate::agent::AgentName;

/// What the pull request changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// Touched agents, each with its reasons.
    pub agents: Vec<AgentChange>,
    /// Rules of the gate that it changes.
    pub rules: Vec<RuleChange>,
    /// What the same measurement would come to under the changed rules; absent where that was not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_merge: Option<AfterMerge>,
    /// Agents that it removes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<AgentName>,
    /// Agents for which the base's locator finds another model ID in the pull request's files than its own locator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locators: Vec<LocatorChange>,
}

/// The conclusion under the rules that the pull request brings; told, never followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AfterMerge {
    /// What it would come to.
    pub outcome: Outcome,
    /// True where every bound would hold.
    pub proven: bool,
    /// Blocking reasons first.
    pub reasons: Vec<Reason>,
}

/// Two answers to the question which model an agent uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LocatorChange {
    /// The agent.
    pub name: AgentName,
    /// What the base's locator finds in the pull request's files, or why it finds nothing.
    pub by_base: String,
    /// What the pull request's own locator finds.
    pub by_head: String,
}

/// Why an agent is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentChange {
    /// The agent.
    pub name: AgentName,
    /// At least one cause.
    pub because: Vec<Cause>,
}

/// One cause for asking an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// What kind of change.
    pub code: CauseCode,
    /// The file, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The value after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// What else there is to say: which parameter or rule, how many files or cases, why there is doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Rows that a file of data gains, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_added: Option<u64>,
    /// Rows that it loses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_removed: Option<u64>,
    /// Rows whose question gets another answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_changed: Option<u64>,
}

impl Cause {
    /// A cause of which nothing more is known.
    pub const fn of(code: CauseCode) -> Self {
        Self {
            code,
            path: None,
            line: None,
            old: None,
            new: None,
            detail: None,
            rows_added: None,
            rows_removed: None,
            rows_changed: None,
        }
    }
}

/// Kinds of causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CauseCode {
    /// The model ID moved.
    ModelId,
    /// The system prompt changed.
    SystemPrompt,
    /// A sampling parameter changed.
    Parameters,
    /// Training data changed.
    TrainingData,
    /// Validation data changed.
    ValidationData,
    /// The suite changed.
    Suite,
    /// A rule that concerns the agent changed.
    Rule,
    /// The agent is new.
    NewAgent,
    /// What changed could not be told for sure.
    Doubt,
    /// Its present model has no stored record.
    NoRecord,
    /// It was asked for.
    Requested,
}

/// A rule that the pull request changes; it applies after the merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleChange {
    /// Key path in the configuration.
    pub key: String,
    /// The deciding value, as text.
    pub old: String,
    /// The value after the merge, as text.
    pub new: String,
    /// Which way it moves.
    pub direction: RuleDirection,
}

/// Whether a changed rule lets more or less pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleDirection {
    /// Lets more pass.
    Looser,
    /// Lets less pass.
    Stricter,
    /// Neither for sure.
    Other,
}
