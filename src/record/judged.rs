//! The shape of what was concluded: comparisons, reasons, verdicts. Data only; [`crate::verdict`] decides.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::AgentName;

/// The conclusion of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// What it comes to.
    pub outcome: Outcome,
    /// True where every bound holds, not only the measured values.
    pub proven: bool,
    /// Blocking reasons first.
    pub reasons: Vec<Reason>,
}

/// The conclusion for one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentVerdict {
    /// What it comes to.
    pub outcome: Outcome,
    /// True where every bound of this agent holds.
    pub proven: bool,
}

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every blocking rule holds.
    Pass,
    /// A blocking rule is missed.
    Fail,
    /// Too little was measured to say.
    Inconclusive,
    /// Nothing the gate watches was touched.
    Skipped,
    /// There is no result: configuration, model, forge or store failed.
    Error,
}

impl Outcome {
    /// The word in records and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Skipped => "skipped",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reason of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Stable code.
    pub code: ReasonCode,
    /// The agent it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// The sentence for people, with its numbers.
    pub message: String,
    /// True where it decides the outcome.
    pub blocking: bool,
    /// Who accepted it, so that it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
}

/// Stable codes of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// An agent scores below its floor.
    AgentBelowFloor,
    /// The mean over agents is below the floor.
    OverallBelowFloor,
    /// An agent's mean in a dimension is below that dimension's floor.
    DimensionBelowFloor,
    /// The mean over agents reaches its floor, its plausible range does not.
    OverallNotProven,
    /// An agent's score, or its mean in a dimension, reaches its floor, the plausible range does not.
    FloorNotProven,
    /// An agent dropped more than is allowed, and that is more than chance.
    AgentRegressed,
    /// The same in a dimension that is tested by itself.
    DimensionRegressed,
    /// An agent dropped more than twice what is allowed below the pinned record, and that is more than chance.
    BelowPinned,
    /// A drop of more than is allowed is neither proven nor ruled out.
    ChangeNotProven,
    /// An agent dropped, really, and less than is allowed.
    AgentDropped,
    /// An agent improved.
    AgentImproved,
    /// More cases fail than in the baseline.
    CaseNewlyFailed,
    /// Answers take longer than is allowed.
    LatencyTooHigh,
    /// Too few answers were timed to say how long the slowest take.
    LatencyNotTested,
    /// Too few pairs to test a regression.
    TooFewCases,
    /// Nothing comparable is stored.
    NotCompared,
    /// Too many samples stayed without an answer.
    TooManyUnanswered,
    /// Some samples stayed without an answer, fewer than the limit.
    SomeUnanswered,
    /// An agent has no scored sample at all.
    NothingScored,
    /// The budget was used up.
    BudgetReached,
    /// The deadline passed.
    DeadlineReached,
    /// The run was interrupted.
    Interrupted,
    /// The pull request removes an agent.
    AgentRemoved,
    /// The pull request points the gate at another model ID than the base's rules find.
    ModelLocatorChanged,
    /// The agent's data changed, its model did not.
    ModelNotRetrained,
    /// The model's ID moved, the data that it should be made from did not.
    UnknownOrigin,
    /// Rows that the change adds hold what the configuration forbids.
    AuditFinding,
    /// The agent is new: shown, not gating.
    NewAgent,
    /// The record is one part of a divided run: nothing is decided.
    PartOfRun,
    /// The judge gives stored answers other points than it gave them before.
    JudgeMoved,
}
