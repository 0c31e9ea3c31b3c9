//! What is known of the agreement of scores with people: the file `calibration.json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::score::{Digest, Dimension};
use crate::suite::CaseId;

/// The version of the format.
pub const SCHEMA: &str = "tunegate.calibration/1";

/// How far scores agree with people, for all labels and for each agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// `tunegate.calibration/1`.
    pub schema: String,
    /// The version of the program that measured.
    pub tool_version: String,
    /// How sure the ranges are: 0.90 is a range that misses on each side with a chance of 0.05.
    pub level: f64,
    /// The files of labels.
    pub labels: Vec<LabelFile>,
    /// Profile that scored every label, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// All labels.
    pub overall: Agreement,
    /// The labels of each agent that labels name, by name.
    pub agents: Vec<AgentAgreement>,
}

impl Calibration {
    /// The JSON Schema of the file.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}

/// A file of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LabelFile {
    /// Where it was read from.
    pub path: String,
    /// How many labels it holds.
    pub labels: usize,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// The labels of one agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgentAgreement {
    /// The agent, as labels name it.
    pub agent: String,
    /// How far scores agree.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// The rules by which answers to prompts of no case were scored; absent where every prompt is that of a case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_digest: Option<Digest>,
    /// The cases whose prompts were labelled, with the rules by which answers were scored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<UsedCase>,
    /// Whether the configuration has this agent; another one is scored by the profile alone.
    pub configured: bool,
}

/// A case by whose rules answers were scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsedCase {
    /// The case.
    pub id: CaseId,
    /// Profile with version, weights and expectation.
    pub score_digest: Digest,
}

/// How far scores agree with people on some labels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Agreement {
    /// Answers that got a rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated: Option<Rated>,
    /// Answers of which one was preferred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
    /// Labels whose answers have no such score: of a dimension that the suite does not use, or without any check.
    pub unscored: usize,
    /// The same for the points of each dimension.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<DimensionAgreement>,
}

/// The points of one dimension, held against people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DimensionAgreement {
    /// The dimension.
    pub dimension: Dimension,
    /// What people judged.
    pub of: RatingsOf,
    /// Ratings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated: Option<Rated>,
    /// Preferences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
}

/// What the people judged whose labels a dimension is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RatingsOf {
    /// This dimension.
    Dimension,
    /// The whole answer: no label names this dimension.
    Answer,
}

/// A number with the range in which it plausibly lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// The number.
    pub value: f64,
    /// Its range; absent where too little is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

/// Scores against ratings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rated {
    /// How many answers.
    pub answers: usize,
    /// Spearman's rank correlation, −1 to 1; absent where scores or ratings are all the same.
    pub rank_correlation: Option<Figure>,
    /// Quadratic-weighted kappa, −1 to 1, of scores and ratings rounded to the grades of the scale.
    pub kappa: Option<Figure>,
    /// Mean of score minus rating, both on 0 to 10.
    pub bias: Option<Figure>,
    /// How many answers have which rating and score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Cell>,
}

/// Answers of about the same rating and score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// The rating on 0 to 10, rounded to a half.
    pub rating: f64,
    /// The score, rounded to a half.
    pub score: f64,
    /// How many answers.
    pub answers: usize,
}

/// Scores against preferences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pairs {
    /// How many pairs in which people prefer one answer.
    pub decided: usize,
    /// How many in which they do not; left out of everything else.
    pub ties: usize,
    /// Decided pairs whose scores are equal; each counts as half agreed.
    pub equal_scores: usize,
    /// Share of decided pairs in which the preferred answer has the higher score, 0 to 1.
    pub accuracy: Option<Figure>,
    /// The share that "the longer answer is better" reaches on the same pairs.
    pub longer_wins: Option<f64>,
    /// The pairs whose answers are about equally long.
    pub similar_length: Option<SimilarLength>,
    /// The share by how far the scores are apart.
    pub by_difference: Vec<Band>,
}

/// Pairs whose lengths, in characters, differ by less than 15 % of the longer one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SimilarLength {
    /// How many are decided.
    pub decided: usize,
    /// Share of them in which the preferred answer has the higher score.
    pub accuracy: Figure,
    /// The share that "the longer answer is better" reaches on them.
    pub longer_wins: f64,
}

/// Decided pairs whose scores are so far apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    /// The least difference, in points.
    pub from: f64,
    /// Below this difference.
    pub to: f64,
    /// How many pairs.
    pub decided: usize,
    /// Share of them in which the preferred answer has the higher score.
    pub accuracy: Figure,
}
