//! The shape of how a run asks, what the gate demands, where baselines are kept and what is told.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::config::report::{CommentWhen, ShownAnswers};
use crate::config::settings::{BaselineMode, KeptAnswers, Permission};
use crate::config::units::{
    AtLeastOne, Confidence, Count, Money, Points, Retries, Samples, Share, Size, Span,
};
use crate::corpus::Code;
use crate::policy::{FloorRule, NoBaseline, Severity};

/// How a run asks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawRun {
    /// Samples of each case; 1 where absent.
    pub(in crate::config) samples: Option<Samples>,
    /// Cumulative sample counts, ascending: asked only while undecided. Instead of `samples`.
    pub(in crate::config) looks: Option<Vec<Samples>>,
    /// What a run may use up.
    pub(in crate::config) budget: Option<RawBudget>,
    /// When a run gives up; 20m where absent.
    pub(in crate::config) deadline: Option<Span>,
    /// How often a question is asked again after a passing failure; 4 where absent.
    pub(in crate::config) retries: Option<Retries>,
    /// The wait before the first retry; 500ms where absent.
    pub(in crate::config) retry_delay: Option<Span>,
    /// The folder that keeps answers from run to run, relative to this file; none where absent.
    pub(in crate::config) cache: Option<String>,
    /// The most that the folder of answers may hold; 256MB where absent.
    pub(in crate::config) cache_size: Option<Size>,
}

/// What a run may use up.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a budget such as `{cost: 1.00, tokens: 2000000}`"
)]
pub(in crate::config) struct RawBudget {
    /// In the currency of the prices.
    pub(in crate::config) cost: Option<Money>,
    /// Tokens of questions and answers.
    pub(in crate::config) tokens: Option<u64>,
}

/// The rules of the gate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawGate {
    /// The score below which an agent, and the overall, fails.
    pub(in crate::config) floor: Option<Points>,
    /// Floors of single agents and of dimensions.
    pub(in crate::config) floors: Option<RawFloors>,
    /// What is held against a floor: the score, or the lower bound of its range.
    pub(in crate::config) floor_rule: Option<FloorRule>,
    /// The largest drop against the baseline that is allowed; 0.5 where absent.
    pub(in crate::config) max_drop: Option<Points>,
    /// Confidence of each bound; 0.95 where absent.
    pub(in crate::config) confidence: Option<Confidence>,
    /// Planned pairs below which nothing is tested; 6 where absent.
    pub(in crate::config) min_cases: Option<AtLeastOne>,
    /// The share of samples that may stay unanswered; 0.1 where absent.
    pub(in crate::config) max_unanswered: Option<Share>,
    /// The score below which one answer counts as failed; 4.0 where absent.
    pub(in crate::config) answer_floor: Option<Points>,
    /// How many cases may be newly failed; 0 where absent.
    pub(in crate::config) max_newly_failed: Option<Count>,
    /// When the numbers prove nothing; warn where absent.
    pub(in crate::config) on_inconclusive: Option<Severity>,
    /// When training data changed and the model ID did not; warn where absent.
    pub(in crate::config) on_stale_model: Option<Severity>,
    /// When nobody can say what a model was trained on; warn where absent.
    pub(in crate::config) on_unknown_origin: Option<Severity>,
    /// When the pull request removes an agent; fail where absent.
    pub(in crate::config) on_agent_removed: Option<Severity>,
    /// When there is nothing comparable to compare with; measure where absent.
    pub(in crate::config) on_no_baseline: Option<NoBaseline>,
    /// Dimensions that are tested for a regression of their own.
    pub(in crate::config) blocking_dimensions: Option<Vec<String>>,
    /// The 95th percentile of latency that is allowed.
    pub(in crate::config) latency_p95: Option<Span>,
}

/// Floors besides the general one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "floors such as `{agents: {legal_agent: 8.2}}`"
)]
pub(in crate::config) struct RawFloors {
    /// By agent, instead of the general floor.
    pub(in crate::config) agents: Option<BTreeMap<String, Points>>,
    /// By dimension, for each agent's mean.
    pub(in crate::config) dimensions: Option<BTreeMap<String, Points>>,
}

/// Where baselines are kept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawBaseline {
    /// `branch` of the repository, or a folder (`path`); branch where absent.
    pub(in crate::config) store: Option<RawStore>,
    /// The branch that holds them; tunegate-data where absent.
    pub(in crate::config) branch: Option<String>,
    /// With `store: path`: the folder, relative to this file; tunegate-baselines/ where absent.
    pub(in crate::config) path: Option<String>,
    /// The branches whose pushes may become the baseline, as globs; main where absent.
    pub(in crate::config) branches: Option<Vec<String>>,
    /// `stored`: the stored record. `measure`: the old model is asked in the same run.
    pub(in crate::config) mode: Option<BaselineMode>,
    /// A record that is compared with besides the newest one: its commit, or none.
    pub(in crate::config) pinned: Option<String>,
    /// Whether answers are kept; auto where absent.
    pub(in crate::config) answers: Option<KeptAnswers>,
}

/// Where baselines are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum RawStore {
    /// A branch of the repository.
    Branch,
    /// A folder.
    Path,
}

/// What the audit of training data does: `ignore`, and `warn` or `fail` by the code of a finding.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "only its schema is used: codes stand beside `ignore`, and are read one by one"
)]
pub(super) struct AuditSchema {
    /// Findings that are known and accepted.
    ignore: Option<Vec<RawIgnore>>,
    /// The tokens that a row of training data may have; no row is too long where absent.
    context_length: Option<AtLeastOne>,
    #[serde(flatten)]
    #[schemars(schema_with = "severities")]
    severities: BTreeMap<String, Severity>,
}

/// A severity by code.
fn severities(generator: &mut SchemaGenerator) -> Schema {
    let severity = generator.subschema_for::<Severity>().to_value();
    let codes = Code::ALL.map(|code| (code.as_str().to_owned(), severity.clone()));
    let properties: serde_json::Map<_, _> = codes.into_iter().collect();
    json_schema!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// A finding that is known and accepted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "`{code: …, path: …, reason: …, until: 2027-01-01}`"
)]
pub(in crate::config) struct RawIgnore {
    /// The code of the finding.
    #[schemars(with = "Code")]
    pub(in crate::config) code: String,
    /// A glob of files, relative to this file.
    pub(in crate::config) path: String,
    /// Why it is accepted.
    pub(in crate::config) reason: String,
    /// The last day on which it is.
    #[schemars(extend("format" = "date"))]
    pub(in crate::config) until: Option<String>,
}

/// What `tunegate verify` asks of a record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawRelease {
    /// The oldest record that still counts; 30d where absent.
    pub(in crate::config) max_age: Option<Span>,
    /// Whether the record has to be proven; true where absent.
    pub(in crate::config) require_proven: Option<bool>,
    /// Whether the record has to be attested; false where absent.
    pub(in crate::config) require_attestation: Option<bool>,
}

/// What is told, and when.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawReport {
    /// Tells the comments of several gates apart; model-quality where absent.
    pub(in crate::config) id: Option<String>,
    /// When a comment is written; on-change where absent.
    pub(in crate::config) comment: Option<CommentWhen>,
    /// Whether answers are shown; auto where absent.
    pub(in crate::config) answers: Option<ShownAnswers>,
    /// The calibration.json that `tunegate calibrate --out` wrote.
    pub(in crate::config) calibration: Option<String>,
}

/// Who may accept a worse model, and for how long.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawAccept {
    /// The least permission; maintain where absent.
    pub(in crate::config) permission: Option<Permission>,
    /// How long an acceptance holds; 30d where absent.
    pub(in crate::config) expires: Option<Span>,
}
