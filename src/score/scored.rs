//! What scoring takes and gives: an answer in, points with the reason for every lost one out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Dimension;

/// What a model said, and what is known of how it came.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The answer, exactly as it came.
    pub text: &'a str,
    /// The server's word for why the model stopped (`stop`, `length`, …).
    pub finish_reason: Option<&'a str>,
    /// The tools that the model wants called, in its order.
    pub tool_calls: &'a [ToolCall],
    /// Wall time of the answered request, in milliseconds.
    pub latency_ms: Option<u64>,
    /// What it cost, in the unit of the price table.
    pub cost: Option<f64>,
}

impl Answer<'_> {
    /// Whether the server says that tools are called, and nobody wrote down which.
    pub(super) fn lacks_calls(&self) -> bool {
        let says_so = self
            .finish_reason
            .is_some_and(|reason| matches!(reason, "tool_calls" | "function_call"));
        says_so && self.tool_calls.is_empty()
    }
}

/// A tool that a model wants called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// Which tool.
    pub name: String,
    /// With what, as the model wrote it: JSON, if it did well.
    pub arguments: String,
}

impl<'a> Answer<'a> {
    /// An answer of which nothing is known but its text.
    pub const fn new(text: &'a str) -> Self {
        Self {
            text,
            finish_reason: None,
            tool_calls: &[],
            latency_ms: None,
            cost: None,
        }
    }
}

/// The points of one answer. Every number is finite and between 0 and 10.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// Weighted mean of the dimensions.
    pub score: f64,
    /// Points in each dimension that applies.
    pub dimensions: BTreeMap<Dimension, f64>,
    /// Why points are missing; within a dimension the points add up to what it lacks of 10.
    pub lost: Vec<Loss>,
    /// What became of each check, in the suite's order.
    pub checks: Vec<CheckResult>,
}

/// Points lost in one dimension for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// Where the points are missing.
    pub dimension: Dimension,
    /// How many, above 0.
    pub points: f64,
    /// The reason, for people.
    pub why: String,
}

/// What became of one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The key a suite uses for it.
    pub kind: String,
    /// Whether the answer passed, negation applied.
    pub pass: bool,
    /// Whether failing makes the whole sample 0.
    pub required: bool,
    /// The dimension it counts in.
    pub dimension: Dimension,
    /// What was tested, as in `contains "refund"`.
    pub what: String,
}

/// One dimension while it is being scored: full points, from which reasons take.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) dimension: Dimension,
    pub(super) lost: Vec<Loss>,
}

/// The points of a dimension that lost nothing.
pub(super) const FULL: f64 = 10.0;

/// Less than this is rounding, not a loss.
pub(super) const DUST: f64 = 1e-12;

impl Tally {
    pub(super) const fn new(dimension: Dimension) -> Self {
        Self {
            dimension,
            lost: Vec::new(),
        }
    }

    /// The points that are left.
    pub(super) fn points(&self) -> f64 {
        let lost: f64 = self.lost.iter().map(|loss| loss.points).sum();
        (FULL - lost).clamp(0.0, FULL)
    }

    /// Takes points for a reason, but never more than are left, so that the reasons add up.
    pub(super) fn take(&mut self, points: f64, why: impl Into<String>) {
        let points = points.min(self.points());
        if points > DUST {
            self.lost.push(Loss {
                dimension: self.dimension.clone(),
                points,
                why: why.into(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_never_take_more_than_ten_points() {
        let mut tally = Tally::new(Dimension::QUALITY);
        tally.take(6.0, "one");
        tally.take(3.0, "two");
        tally.take(5.0, "three");
        tally.take(1.0, "four");
        let points: Vec<f64> = tally.lost.iter().map(|loss| loss.points).collect();
        assert_eq!(points, [6.0, 3.0, 1.0]);
        assert!(tally.points().abs() < 1e-12);
    }
}
