//! The rules of the gate, as the configuration states them; every default is here. Data only: [`crate::verdict`] applies
//! them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::AgentName;
use crate::score::Dimension;

/// Everything a verdict needs to know besides what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Policy {
    /// The score below which an agent, and the overall, fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// Floors of single agents and of dimensions.
    pub floors: Floors,
    /// What is held against a floor.
    pub floor_rule: FloorRule,
    /// The largest drop against the baseline that is allowed.
    pub max_drop: f64,
    /// Confidence of each one-sided bound.
    pub confidence: f64,
    /// Planned pairs of cases below which nothing is tested.
    pub min_cases: u32,
    /// The share of samples that may stay unanswered.
    pub max_unanswered: f64,
    /// The score below which one answer counts as failed.
    pub answer_floor: f64,
    /// How many cases may be failed that were not failed in the baseline.
    pub max_newly_failed: u32,
    /// When the numbers prove nothing.
    pub on_inconclusive: Severity,
    /// When training data changed and the model ID did not.
    pub on_stale_model: Severity,
    /// When nobody can say what a model was trained on.
    pub on_unknown_origin: Severity,
    /// When the pull request removes an agent.
    pub on_agent_removed: Severity,
    /// When there is nothing comparable to compare with.
    pub on_no_baseline: NoBaseline,
    /// Dimensions that are tested for a regression of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocking_dimensions: Vec<Dimension>,
    /// The 95th percentile of latency that is allowed, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_p95_ms: Option<u64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            floor: None,
            floors: Floors::default(),
            floor_rule: FloorRule::Score,
            max_drop: 0.5,
            confidence: 0.95,
            min_cases: 6,
            max_unanswered: 0.1,
            answer_floor: 4.0,
            max_newly_failed: 0,
            on_inconclusive: Severity::Warn,
            on_stale_model: Severity::Warn,
            on_unknown_origin: Severity::Warn,
            on_agent_removed: Severity::Fail,
            on_no_baseline: NoBaseline::Measure,
            blocking_dimensions: Vec::new(),
            latency_p95_ms: None,
        }
    }
}

impl Policy {
    /// The floor of an agent: its own, else the general one.
    pub fn floor_of(&self, agent: &AgentName) -> Option<f64> {
        self.floors.agents.get(agent).copied().or(self.floor)
    }
}

/// Floors besides the general one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Floors {
    /// Instead of the general floor.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<AgentName, f64>,
    /// For each agent's mean in a dimension.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<Dimension, f64>,
}

/// What is held against a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FloorRule {
    /// The measured score.
    #[default]
    Score,
    /// The lower bound of the plausible range.
    Bounds,
}

/// Whether something is told or blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It is told.
    Warn,
    /// It blocks.
    Fail,
}

/// What happens where there is nothing comparable to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoBaseline {
    /// The old model is asked now; where that is not possible, as `floor-only`.
    #[default]
    Measure,
    /// Only floors are held against the score.
    FloorOnly,
    /// The gate fails.
    Fail,
}
