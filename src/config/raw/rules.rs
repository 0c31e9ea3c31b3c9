//! The shape of how a run asks, what the gate demands, where baselines are kept and what is told.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::json;

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
    /// Answers to each case.
    #[schemars(extend("default" = 1))]
    pub(in crate::config) samples: Option<Samples>,
    /// Instead of `samples`: cumulative counts such as `[1, 3, 5]`; further looks only while an agent is undecided.
    #[schemars(extend("examples" = [[1, 3, 5]]))]
    pub(in crate::config) looks: Option<Vec<Samples>>,
    /// What a run may use up.
    pub(in crate::config) budget: Option<RawBudget>,
    /// When a run gives up.
    #[schemars(extend("default" = "20m"))]
    pub(in crate::config) deadline: Option<Span>,
    /// How often a question is asked again after a passing failure.
    #[schemars(extend("default" = 4))]
    pub(in crate::config) retries: Option<Retries>,
    /// The wait before the first retry; later ones wait longer.
    #[schemars(extend("default" = "500ms"))]
    pub(in crate::config) retry_delay: Option<Span>,
    /// A folder that keeps answers from run to run, relative to this file.
    #[schemars(extend("examples" = [".tunegate-cache/"]))]
    pub(in crate::config) cache: Option<String>,
    /// The most that the folder of answers may hold: bytes, or a whole number and `KB`, `MB` or `GB`.
    #[schemars(extend("default" = "256MB"))]
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
    #[schemars(extend("examples" = [1.0]))]
    pub(in crate::config) cost: Option<Money>,
    /// Tokens of questions and answers.
    #[schemars(extend("examples" = [2_000_000]))]
    pub(in crate::config) tokens: Option<u64>,
}

/// The rules of the gate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawGate {
    /// The score below which an agent, and the mean over agents, fails.
    #[schemars(extend("examples" = [8.0]))]
    pub(in crate::config) floor: Option<Points>,
    /// Floors of single agents and of dimensions.
    pub(in crate::config) floors: Option<RawFloors>,
    /// `score`: the measured score must reach the floor. `bounds`: an agent fails only where its plausible range lies
    /// below the floor, and is not proven where the floor lies inside.
    #[schemars(extend("default" = "score"))]
    pub(in crate::config) floor_rule: Option<FloorRule>,
    /// The largest drop against the baseline that is allowed, in points.
    #[schemars(extend("default" = 0.5))]
    pub(in crate::config) max_drop: Option<Points>,
    /// Confidence of each single bound of a plausible range; with `run.looks`, over all looks together.
    #[schemars(extend("default" = 0.95))]
    pub(in crate::config) confidence: Option<Confidence>,
    /// Where fewer pairs of cases are planned, no drop is tested.
    #[schemars(extend("default" = 6))]
    pub(in crate::config) min_cases: Option<AtLeastOne>,
    /// The share of samples that may stay without a score.
    #[schemars(extend("default" = 0.1))]
    pub(in crate::config) max_unanswered: Option<Share>,
    /// A case is failed where more than half of its samples score below this.
    #[schemars(extend("default" = 4))]
    pub(in crate::config) answer_floor: Option<Points>,
    /// How many cases may fail that did not fail in the baseline.
    #[schemars(extend("default" = 0))]
    pub(in crate::config) max_newly_failed: Option<Count>,
    /// `warn`: what is not proven passes. `fail`: it is exit 4.
    #[schemars(extend("default" = "warn"))]
    pub(in crate::config) on_inconclusive: Option<Severity>,
    /// `warn` or `fail` where training data is new and the model ID is the old one (`model-not-retrained`).
    #[schemars(extend("default" = "warn"))]
    pub(in crate::config) on_stale_model: Option<Severity>,
    /// `warn` or `fail` where a model ID moves while its training data never did (`unknown-origin`).
    #[schemars(extend("default" = "warn"))]
    pub(in crate::config) on_unknown_origin: Option<Severity>,
    /// `warn` or `fail` where a pull request removes an agent.
    #[schemars(extend("default" = "fail"))]
    pub(in crate::config) on_agent_removed: Option<Severity>,
    /// Where nothing comparable is stored: `measure` asks the old model in the same run, `floor-only` asks nobody else,
    /// `fail` fails.
    #[schemars(extend("default" = "measure"))]
    pub(in crate::config) on_no_baseline: Option<NoBaseline>,
    /// Dimensions whose drop is tested by itself and blocks.
    #[schemars(extend("examples" = [["relevance"]]))]
    pub(in crate::config) blocking_dimensions: Option<Vec<String>>,
    /// The longest that the slowest of twenty answers may take; tested from 100 answers on.
    #[schemars(extend("examples" = ["20s"]))]
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
    #[schemars(extend("examples" = [{"qa_agent": 8.2}]))]
    pub(in crate::config) agents: Option<BTreeMap<String, Points>>,
    /// By dimension, for each agent's mean in it.
    #[schemars(extend("examples" = [{"specificity": 6.0}]))]
    pub(in crate::config) dimensions: Option<BTreeMap<String, Points>>,
}

/// Where baselines are kept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawBaseline {
    /// `branch`: a branch of the repository. `path`: files of the repository itself, which people commit.
    #[schemars(extend("default" = "branch"))]
    pub(in crate::config) store: Option<RawStore>,
    /// With `store: branch`: the branch that holds baselines.
    #[schemars(extend("default" = "tunegate-data"))]
    pub(in crate::config) branch: Option<String>,
    /// With `store: path`: the folder, relative to this file.
    #[schemars(extend("default" = "tunegate-baselines/"))]
    pub(in crate::config) path: Option<String>,
    /// Branches whose pushes may become the baseline, as globs.
    #[schemars(extend("default" = ["main"]))]
    pub(in crate::config) branches: Option<Vec<String>>,
    /// `stored`: the stored record is held against. `measure`: the old model is asked again in every run, whether or
    /// not a record is stored.
    #[schemars(extend("default" = "stored"))]
    pub(in crate::config) mode: Option<BaselineMode>,
    /// The commit, 7 digits or more, whose stored record is held against besides the newest one.
    #[schemars(extend("examples" = ["4f2c1ab"]))]
    pub(in crate::config) pinned: Option<String>,
    /// Whether answers are stored beside the records: `auto` in private repositories, `keep`, `digests`.
    #[schemars(extend("default" = "auto"))]
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
    #[schemars(extend("examples" = [[{"code": "personal-data", "path": "data/support/*.jsonl", "reason": "invented names", "until": "2027-01-31"}]]))]
    ignore: Option<Vec<RawIgnore>>,
    /// The tokens that a row may have, approximately; no row is too long where absent.
    #[schemars(extend("examples" = [32768]))]
    context_length: Option<AtLeastOne>,
    #[serde(flatten)]
    #[schemars(schema_with = "severities")]
    severities: BTreeMap<String, Severity>,
}

/// A severity by code.
fn severities(generator: &mut SchemaGenerator) -> Schema {
    let severity = generator.subschema_for::<Severity>().to_value();
    let codes = Code::ALL.map(|code| {
        let name = code.as_str();
        let mut one = severity.clone();
        if let Some(one) = one.as_object_mut() {
            let told = format!("`warn` or `fail` for findings of the kind `{name}`.");
            one.insert("description".to_owned(), told.into());
            one.insert("default".to_owned(), json!(code.default_severity()));
        }
        (name.to_owned(), one)
    });
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
    /// A kind of finding that is known and accepted.
    #[schemars(with = "Code")]
    pub(in crate::config) code: String,
    /// A glob of files, relative to this file.
    #[schemars(extend("examples" = ["data/support/*.jsonl"]))]
    pub(in crate::config) path: String,
    /// Why it is accepted.
    #[schemars(extend("examples" = ["invented names"]))]
    pub(in crate::config) reason: String,
    /// The last day on which it is accepted (UTC).
    #[schemars(extend("examples" = ["2027-01-31"]))]
    #[schemars(extend("format" = "date"))]
    pub(in crate::config) until: Option<String>,
}

/// What `tunegate verify` asks of a record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawRelease {
    /// The oldest record that `verify` accepts.
    #[schemars(extend("default" = "30d"))]
    pub(in crate::config) max_age: Option<Span>,
    /// Whether every bound has to hold, not only the measured values: a model that only passes, not proven, does not
    /// ship.
    #[schemars(extend("default" = true))]
    pub(in crate::config) require_proven: Option<bool>,
    /// Whether `verify` wants an attestation of the model that ships, signed by a workflow.
    #[schemars(extend("default" = false))]
    pub(in crate::config) require_attestation: Option<bool>,
}

/// What is told, and when.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawReport {
    /// Tells several gates of one repository apart.
    #[schemars(extend("default" = "model-quality"))]
    pub(in crate::config) id: Option<String>,
    /// When a comment is written: `always`, `on-change`, `on-failure` or `never`.
    #[schemars(extend("default" = "on-change"))]
    pub(in crate::config) comment: Option<CommentWhen>,
    /// Whether answers are shown: `excerpts`, `none`, or `auto`: excerpts in private repositories, none in public ones.
    #[schemars(extend("default" = "auto"))]
    pub(in crate::config) answers: Option<ShownAnswers>,
    /// The `calibration.json` of `tunegate calibrate`, relative to this file.
    #[schemars(extend("examples" = ["calibration/calibration.json"]))]
    pub(in crate::config) calibration: Option<String>,
}

/// Who may accept a worse model, and for how long.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct RawAccept {
    /// The least permission of who may accept a worse model: `write`, `maintain` or `admin`.
    #[schemars(extend("default" = "maintain"))]
    pub(in crate::config) permission: Option<Permission>,
    /// How long an acceptance counts after it was written.
    #[schemars(extend("default" = "30d"))]
    pub(in crate::config) expires: Option<Span>,
}
