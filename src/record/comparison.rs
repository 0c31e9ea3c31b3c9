//! The shape of what is held against what: an agent against an earlier record, or against another model of the same run,
//! case by case. Data only; [`crate::baseline`] pairs, [`crate::verdict`] judges.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::points::Points;
use super::rescored::Rescored;
use crate::suite::CaseId;

/// An agent held against another measurement of it, case by case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// What it is held against.
    pub against: Against,
    /// The commit whose record it is.
    pub baseline_commit: Option<String>,
    /// Days between that record and this run.
    pub age_days: Option<u64>,
    /// The model that the other side measured.
    #[serde(default)]
    pub baseline_model: Option<String>,
    /// The other side's score over the paired cases.
    pub baseline_score: f64,
    /// Candidate minus the other side over the paired cases.
    pub change: f64,
    /// Plausible range of the change; absent where too few pairs give none.
    pub interval: Option<[f64; 2]>,
    /// How the change is judged.
    pub method: Method,
    /// Chance of so large a drop if nothing changed.
    pub p_value: Option<f64>,
    /// The same, corrected for the number of tests of the run (S. Holm, "A simple sequentially rejective multiple test
    /// procedure", Scandinavian Journal of Statistics 6, 1979).
    pub p_adjusted: Option<f64>,
    /// The same chance by flipping the signs of the changes in every possible way: a check on the method, which decides
    /// nothing. Absent over 20 pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_sign_flip: Option<f64>,
    /// Number of paired cases.
    pub pairs: u32,
    /// Number of cases that both sides were to answer; absent in records of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_pairs: Option<u32>,
    /// Cases without a partner, and why.
    pub excluded: Vec<Excluded>,
    /// The smallest drop that so many pairs of such a spread show four times out of five.
    pub detectable_drop: Option<f64>,
    /// Where the other side's stored answers were scored again, as the new ones are: how many, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescored: Option<Rescored>,
    /// Every pair, in the suite's order.
    #[serde(default)]
    pub cases: Vec<PairedCase>,
}

impl Comparison {
    /// How many cases both sides were to answer.
    pub fn planned(&self) -> u32 {
        self.planned_pairs.unwrap_or(self.pairs)
    }
}

/// The other side of a comparison.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    /// The stored baseline.
    Baseline,
    /// The model before, asked in this run.
    OldModel,
    /// The record that the configuration pins.
    Pinned,
    /// The model that the agent's models are made from.
    BaseModel,
}

impl Against {
    /// The word in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::OldModel => "old-model",
            Self::Pinned => "pinned",
            Self::BaseModel => "base-model",
        }
    }
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a change is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The plain difference of the means over paired cases, without a range.
    PlainDifference,
    /// Hall's skewness-corrected t over the changes of the cases: says something of cases like these.
    Hall,
    /// The spread between answers to the same case, on both sides: says something of these very cases.
    Suite,
    /// Every answer is right (10) or wrong (0): Wilson's ranges and the exact test on what flipped (McNemar).
    Flips,
}

/// A case that has no partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excluded {
    /// The case.
    pub id: CaseId,
    /// Why, in a sentence.
    pub why: String,
}

/// One case on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PairedCase {
    /// The case.
    pub id: CaseId,
    /// The other side's score.
    pub old: f64,
    /// Score now.
    pub new: f64,
    /// The other side's points by dimension.
    #[serde(default, skip_serializing_if = "Points::is_empty")]
    pub old_dimensions: Points,
    /// How much the other side's answers to this case differ in score; absent where fewer than two of them differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_spread: Option<Spread>,
}

/// How much the scores of several measurements of one thing differ.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// How many there are, at least 2.
    pub count: u32,
    /// Their variance, in squared points (with Bessel's correction).
    pub variance: f64,
}
