//! What a run measured and what was concluded from it: the thing that is stored, compared and shown.
//!
//! Data and its aggregation only. Field names are a contract (`schemas/run.json`): fields may be added, never renamed.

mod accepted;
mod agent;
mod answers;
mod beside;
mod calibrated;
mod case;
mod changes;
mod comparison;
mod data;
mod graded;
mod grades;
mod journal;
mod judged;
mod lock;
mod measured;
mod points;
mod read;
mod rescored;
mod seal;
mod self_tested;
mod shard;
mod write;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agent::AgentName;
use crate::policy::Policy;
use crate::score::Dimension;

pub use accepted::Accepted;
pub use agent::{
    AgentRecord, Counts, GraderRecord, LatencyRecord, LookEnd, LookRecord, ScorerRecord,
    UsageRecord,
};
pub use answers::{AnswerReader, AnswerWriter, Packed};
pub use calibrated::{CalibrationRecord, Measure};
pub use case::{CaseRecord, CaseText, SampleRecord, SampleStatus, SampleText};
pub use changes::{
    AfterMerge, AgentChange, Cause, CauseCode, Changes, LocatorChange, RuleChange, RuleDirection,
};
pub use comparison::{Against, Comparison, Excluded, Method, PairedCase, Spread};
pub use data::{Audit, DataFile, DataRecord, Origin};
pub use graded::{JudgeRecord, Regrade};
pub use grades::{AgentGrades, Gradable, GradableAgents, Grades};
pub use journal::{CastVote, JOURNAL_SCHEMA, JournalAgent, JournalLine, JournalPlan, Settled};
pub use judged::{AgentVerdict, Outcome, Reason, ReasonCode, Verdict};
pub use lock::{Lock, LockedModel};
pub use measured::overall;
pub use points::Points;
pub use read::{Kept, Take, read, read_each};
pub use rescored::{Rescored, ScorePart};
pub use seal::{SealError, unseal};
pub use self_tested::{SelfTestRecord, SpoilingRecord};
pub use shard::Shard;
pub use write::{Complete, write};

/// The schema that this version writes.
pub const SCHEMA: &str = "tunegate.run/1";

/// The full result of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// Always `tunegate.run/1`.
    pub schema: String,
    /// SHA-256 over the canonical JSON (RFC 8785) of this record without this field.
    #[serde(default)]
    pub record_digest: String,
    /// Who wrote it.
    pub tool: Tool,
    /// When the record was closed, RFC 3339.
    pub created: String,
    /// The gate's id: `report.id` of the configuration.
    pub gate_id: String,
    /// The execution.
    pub run: RunInfo,
    /// The commits it is about.
    pub source: Source,
    /// The rules that decided.
    pub policy: Policy,
    /// Digest of the rules.
    pub policy_digest: String,
    /// Prices as configured.
    pub prices: Value,
    /// Digest of everything that was to be asked.
    pub plan_digest: String,
    /// Which part of a divided run this is.
    pub shard: Option<Shard>,
    /// Digest of the record that this one was made from without asking again.
    pub derived_from: Option<String>,
    /// Worse models that an entitled person accepted.
    pub accepted: Vec<Accepted>,
    /// Why a person made this record a baseline by hand, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_because: Option<String>,
    /// The conclusion.
    pub verdict: Verdict,
    /// The mean over agents.
    pub overall: Overall,
    /// Every agent of the gate: those asked, and those carried with their stored score.
    pub agents: Vec<AgentRecord>,
    /// Other models that were asked the same cases in this run, each named after its agent: `qa+old-model`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arms: Vec<AgentRecord>,
    /// Findings in training data.
    pub audit: Audit,
    /// What the pull request changed.
    pub changes: Changes,
    /// Things a person should know that are no reason of the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
}

/// The program that wrote a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Version of tunegate.
    pub version: String,
}

/// One execution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunInfo {
    /// The runner's id of it, or one made locally.
    pub id: String,
    /// Counts re-runs, from 1.
    pub attempt: u32,
    /// Where its log is.
    pub url: Option<String>,
    /// Who started it.
    pub actor: Option<String>,
    /// The workflow file and ref.
    pub workflow_ref: Option<String>,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: String,
    /// How often the run may look at the numbers and decide whether to ask more; absent where it looks once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<u32>,
    /// Why asking ended before everything was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
    /// The same in a sentence, where there is more to say than the kind of reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_because: Option<String>,
    /// Why the run reports and decides no check; absent where its verdict counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_only: Option<String>,
}

/// Why asking ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// The budget was used up.
    Budget,
    /// The deadline passed.
    Deadline,
    /// A signal came.
    Interrupted,
}

/// The commits a run is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The commit whose models were asked.
    pub commit: Option<String>,
    /// The commit whose rules decided.
    pub base: Option<String>,
    /// Where the pull request left its base branch.
    pub merge_base: Option<String>,
    /// The branch that was pushed or merged into.
    pub branch: Option<String>,
    /// The repository the pull request comes from.
    pub head_repo: Option<String>,
    /// What started the run: an event of the forge, or `local`.
    pub event: String,
    /// The pull request's number.
    pub pull_request: Option<u64>,
    /// True where what was measured is not what the commit holds: files of the working tree were edited or added, or
    /// another model was named on the command line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dirty: bool,
}

/// The mean over agents.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overall {
    /// 0 to 10; absent where an agent has no score.
    pub score: Option<f64>,
    /// Plausible range of the score.
    pub interval: Option<[f64; 2]>,
    /// The same mean over the stored scores.
    pub baseline: Option<f64>,
    /// Score minus baseline.
    pub change: Option<f64>,
    /// Mean over agents, by dimension.
    pub dimensions: BTreeMap<Dimension, f64>,
}

impl RunRecord {
    /// The record of one agent, if the gate has it.
    pub fn agent(&self, name: &AgentName) -> Option<&AgentRecord> {
        self.agents.iter().find(|agent| agent.name == *name)
    }

    /// The agents that were asked in this run.
    pub fn touched(&self) -> impl Iterator<Item = &AgentRecord> {
        self.agents.iter().filter(|agent| agent.touched)
    }

    /// Takes the other models out from among the agents, where they stand while they are asked.
    #[must_use]
    pub fn take_arms(&mut self) -> Vec<AgentRecord> {
        let all = std::mem::take(&mut self.agents);
        let (arms, agents) = all.into_iter().partition(|agent| agent.arm.is_some());
        self.agents = agents;
        arms
    }

    /// Adds what a person should know, once.
    pub fn note(&mut self, notices: impl IntoIterator<Item = String>) {
        for notice in notices {
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
    }

    /// This record narrowed to one agent, or to another model that was asked for it, and without answers: what is stored as
    /// its baseline.
    #[must_use]
    pub fn baseline_of(&self, name: &AgentName) -> Self {
        let mut narrowed = self.clone();
        let arms = std::mem::take(&mut narrowed.arms);
        narrowed.agents.extend(arms);
        narrowed.agents.retain(|agent| agent.name == *name);
        narrowed.accepted.retain(|accepted| accepted.agent == *name);
        narrowed
            .changes
            .agents
            .retain(|change| change.name == *name);
        narrowed.changes.after_merge = None;
        narrowed.changes.removed.retain(|removed| removed == name);
        narrowed
            .changes
            .locators
            .retain(|locator| locator.name == *name);
        narrowed.audit.keep(name);
        for case in narrowed
            .agents
            .iter_mut()
            .flat_map(|agent| &mut agent.cases)
        {
            case.forget_answers();
        }
        narrowed
    }

    /// The JSON Schema of a record.
    pub fn json_schema() -> Value {
        schemars::schema_for!(Self).to_value()
    }
}

#[cfg(test)]
mod tests;
