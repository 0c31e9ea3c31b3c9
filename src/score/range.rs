//! The ranges in which a count or a cost may lie.

use serde::Serialize;

/// An inclusive range of counts; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CountRange {
    /// The least count that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<u64>,
    /// The largest count that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

impl CountRange {
    pub(super) fn holds(self, count: u64) -> bool {
        self.min.is_none_or(|min| count >= min) && self.max.is_none_or(|max| count <= max)
    }
}

/// An inclusive range of cost, in the unit of the price table; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CostRange {
    /// The least cost that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The highest cost that passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

impl CostRange {
    pub(super) fn holds(self, cost: f64) -> bool {
        let slack = ROUNDING * cost.abs();
        self.min.is_none_or(|min| cost >= min - slack)
            && self.max.is_none_or(|max| cost <= max + slack)
    }
}

/// Tokens times prices do not come out as people write them: 0.1 + 0.2 is above 0.3.
const ROUNDING: f64 = 1e-9;
