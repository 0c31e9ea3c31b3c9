//! What was measured for one agent: cases, samples, counts.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calibrated::CalibrationRecord;
use super::case::CaseRecord;
use super::comparison::{Against, Comparison, Spread};
use super::data::DataRecord;
use super::graded::JudgeRecord;
use super::judged::{AgentVerdict, Outcome};
use super::rescored::Rescored;
use super::self_tested::SelfTestRecord;
use crate::agent::{Agent, AgentName, Candidate, Parameters};
use crate::runner::Usage;
use crate::score::Dimension;

/// What was measured for one agent, or carried from its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgentRecord {
    /// Its name.
    pub name: AgentName,
    /// The model ID that was asked.
    pub model: String,
    /// The model that the server said answered.
    pub served_model: Option<String>,
    /// The server's fingerprint of the deployment that answered, where it tells one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_fingerprint: Option<String>,
    /// The provider that was asked.
    pub provider: String,
    /// Sampling parameters.
    pub parameters: Parameters,
    /// Digest of model ID, system prompt and parameters.
    pub candidate_digest: String,
    /// True where it was asked in this run; false where its stored score is carried.
    pub touched: bool,
    /// What this model is to the agent for which it is asked; absent for the agent's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arm: Option<Against>,
    /// True for an agent that only the pull request has: asked and shown, not gating.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new: bool,
    /// True where the pull request leaves model ID, system prompt and parameters as they are: such an agent does not fail
    /// for what it was before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
    /// When the oldest of the answers that were taken from the baseline was given, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<String>,
    /// 0 to 10; absent where no sample could be scored.
    pub score: Option<f64>,
    /// Plausible range of the score.
    pub interval: Option<[f64; 2]>,
    /// Confidence of the range.
    pub interval_level: Option<f64>,
    /// How much the scores of its cases differ; of a carried agent, those of its stored record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
    /// Mean over cases, by dimension.
    pub dimensions: BTreeMap<Dimension, f64>,
    /// The conclusion for this agent.
    pub verdict: AgentVerdict,
    /// Of an agent that is not asked, what its stored record comes to today: an acceptance may have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_outcome: Option<Outcome>,
    /// The floor that holds for it.
    pub floor: Option<f64>,
    /// Digest of its suite's questions and expectations.
    pub suite_digest: String,
    /// Its training data.
    pub data: DataRecord,
    /// Who scored.
    pub scorer: ScorerRecord,
    /// Where its answers were scored again: how many, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescored: Option<Rescored>,
    /// The judge, where one graded.
    pub judge: Option<Box<JudgeRecord>>,
    /// How far its scores agree with people; absent where nobody measured that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationRecord>,
    /// Which bad answers its suite notices; absent where that was not tried, as where a judge or an own grader scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_test: Option<SelfTestRecord>,
    /// What was known after each look.
    pub looks: Vec<LookRecord>,
    /// The comparison with the stored baseline; absent where nothing comparable is stored.
    pub comparison: Option<Comparison>,
    /// Why there is no comparison, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_compared: Option<String>,
    /// Further comparisons.
    pub comparisons: Vec<Comparison>,
    /// How many samples were planned, scored, left unanswered.
    pub counts: Counts,
    /// Tokens and money.
    pub usage: UsageRecord,
    /// Wall time of a request, without queueing and retries.
    pub latency_ms: LatencyRecord,
    /// Its cases, in the suite's order; empty where the score is carried.
    pub cases: Vec<CaseRecord>,
    /// In a part of a divided run, the places of its cases in the whole suite, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Vec<u32>>,
}

/// What was known of an agent after one look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LookRecord {
    /// From 1.
    pub look: u32,
    /// Samples of each case up to this look.
    pub samples: u32,
    /// 0 to 10; absent where nothing was scored.
    pub score: Option<f64>,
    /// Plausible range of the score.
    pub interval: Option<[f64; 2]>,
    /// Score minus the baseline's over the paired cases; absent where none are.
    pub change: Option<f64>,
    /// Plausible range of the change.
    pub change_interval: Option<[f64; 2]>,
    /// Confidence of each single bound: higher the more looks there may be.
    pub bound_confidence: f64,
    /// Why no further look was taken; absent where one was.
    pub end: Option<LookEnd>,
}

/// Why an agent is not asked more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LookEnd {
    /// Floor and allowed drop lie outside of the plausible ranges.
    Decided,
    /// There is neither a floor nor a baseline, or the agent does not gate.
    NothingToDecide,
    /// The model answered the same, byte for byte.
    Deterministic,
    /// All of its answers were taken from the baseline.
    Reused,
    /// It was the last look.
    Last,
}

/// Which rules scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScorerRecord {
    /// Name of the profile.
    pub profile: String,
    /// Its version.
    pub version: u32,
    /// Weight of a dimension in the score, as the suite states it; 1 where absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<Dimension, f64>,
    /// The own grader that gave the scores of some dimensions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grader: Option<GraderRecord>,
}

/// Somebody's own grader.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GraderRecord {
    /// Its name as it was given, or the digest of its file.
    pub name: String,
    /// What it graded.
    pub dimensions: BTreeSet<Dimension>,
}

/// How many samples there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Cases that were to be asked.
    pub planned: u32,
    /// Cases with at least one scored sample.
    pub cases: u32,
    /// Samples that were to be asked.
    pub samples: u32,
    /// Samples with a score.
    pub scored: u32,
    /// Samples without an answer.
    pub unanswered: u32,
    /// Answers that could not be scored.
    pub unscored: u32,
    /// Requests that were repeated.
    pub retries: u32,
    /// Answers from the cache.
    pub cached: u32,
    /// Answers from the baseline.
    pub reused: u32,
}

/// Tokens and money of one agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UsageRecord {
    /// Tokens of the questions.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
    /// In the currency of `prices`; absent where the model has no price.
    pub cost: Option<f64>,
}

/// Latency in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyRecord {
    /// Median.
    pub p50: Option<u64>,
    /// 95th percentile.
    pub p95: Option<u64>,
}

impl AgentRecord {
    /// What answers and grades cost; absent where either has no price.
    pub fn cost(&self) -> Option<f64> {
        let judge = self
            .judge
            .as_ref()
            .filter(|judge| judge.usage != Usage::default());
        let answers = self.usage.cost?;
        judge.map_or(Some(answers), |judge| Some(answers + judge.cost?))
    }

    /// Whether there are answers and all of them were taken from the baseline.
    pub const fn is_reused(&self) -> bool {
        self.counts.reused > 0 && self.counts.reused == self.counts.samples
    }

    /// An agent that is not asked: with the score of its stored record, or without a score.
    pub fn carried(agent: &Agent, candidate: Option<&Candidate>, stored: Option<&Self>) -> Self {
        Self {
            name: agent.name.clone(),
            model: candidate
                .map(|candidate| candidate.model.clone())
                .unwrap_or_default(),
            served_model: None,
            system_fingerprint: None,
            provider: agent.provider.clone(),
            parameters: agent.parameters.clone(),
            candidate_digest: stored
                .map(|stored| stored.candidate_digest.clone())
                .unwrap_or_default(),
            touched: false,
            arm: None,
            new: false,
            unchanged: false,
            measured: None,
            score: stored.and_then(|stored| stored.score),
            interval: stored.and_then(|stored| stored.interval),
            interval_level: stored.and_then(|stored| stored.interval_level),
            spread: stored.and_then(|stored| stored.spread),
            dimensions: stored
                .map(|stored| stored.dimensions.clone())
                .unwrap_or_default(),
            verdict: AgentVerdict {
                outcome: Outcome::Skipped,
                proven: false,
            },
            stored_outcome: stored.map(|stored| stored.verdict.outcome),
            floor: stored.and_then(|stored| stored.floor),
            suite_digest: stored
                .map(|stored| stored.suite_digest.clone())
                .unwrap_or_default(),
            data: DataRecord::default(),
            scorer: stored.map_or_else(ScorerRecord::none, |stored| stored.scorer.clone()),
            rescored: None,
            judge: None,
            calibration: None,
            self_test: None,
            looks: Vec::new(),
            comparison: None,
            not_compared: None,
            comparisons: Vec::new(),
            counts: Counts::default(),
            usage: UsageRecord::default(),
            latency_ms: LatencyRecord::default(),
            cases: Vec::new(),
            part: None,
        }
    }
}

impl ScorerRecord {
    fn none() -> Self {
        Self {
            profile: "none".to_owned(),
            version: 0,
            weights: BTreeMap::new(),
            grader: None,
        }
    }
}
