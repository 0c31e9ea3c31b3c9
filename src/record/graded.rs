//! Who graded the answers of an agent, what that took, and what it made of answers that it had graded before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::points::Points;
use crate::judge::{Judge, PROMPT_VERSION};
use crate::runner::Usage;
use crate::score::{Digest, Dimension};
use crate::suite::CaseId;

/// The judge of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgeRecord {
    /// Through whom it was asked.
    pub provider: String,
    /// Its model ID.
    pub model: String,
    /// Grades of each answer; their median counts.
    pub votes: u32,
    /// What it graded.
    pub dimensions: Vec<Dimension>,
    /// The version of the question that it is asked.
    pub prompt_version: u32,
    /// Digest of model, rubrics, votes, parameters and version of the question.
    pub identity: Digest,
    /// Tokens that grading took in this run.
    pub usage: Usage,
    /// What they cost, in the currency of the prices; absent where the judge has no price.
    pub cost: Option<f64>,
    /// Stored answers that it graded again in this run, to see whether it still means the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regrades: Vec<Regrade>,
}

/// A stored answer that was graded again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Regrade {
    /// Its case.
    pub case: CaseId,
    /// Its sample.
    pub sample: u32,
    /// What it was graded then.
    pub before: Points,
    /// What it is graded now.
    pub now: Points,
    /// Variance of one vote around the others of now, the mean over the dimensions; absent with a single vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variance: Option<f64>,
}

impl JudgeRecord {
    /// A judge that was not asked yet.
    pub fn of(judge: &Judge) -> Self {
        Self {
            provider: judge.provider.clone(),
            model: judge.model.clone(),
            votes: judge.votes,
            dimensions: judge.dimensions().cloned().collect(),
            prompt_version: PROMPT_VERSION,
            identity: judge.identity(),
            usage: Usage::default(),
            cost: None,
            regrades: Vec::new(),
        }
    }
}
