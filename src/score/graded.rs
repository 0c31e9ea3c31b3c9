//! Points that a judge gave, in place of those that rules gave.

use super::scored::{DUST, FULL};
use super::{Dimension, Loss, Profile, Scored, Scoring, mean, weighted_mean};

/// What a judge gave one dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// What was graded.
    pub dimension: Dimension,
    /// 0 to 10.
    pub points: f64,
    /// Why not more; a text of a stranger.
    pub why: String,
}

/// Whether a judge has something to say about an answer: not where its points are decided already, by a required check or
/// because there is nothing to grade, and never under `seed-rules`, which are somebody else's numbers.
pub fn wants_grades(scoring: &Scoring, answer: &str, scored: &Scored) -> bool {
    scoring.profile != Profile::SeedRules
        && !answer.trim().is_empty()
        && !scored
            .checks
            .iter()
            .any(|check| check.required && !check.pass)
}

/// The points with those of a judge in place of the rules' own; a dimension that the profile does not know is added.
#[must_use]
pub fn with_grades(
    scoring: &Scoring,
    mut scored: Scored,
    given: impl IntoIterator<Item = Given>,
) -> Scored {
    for one in given {
        let points = one.points.clamp(0.0, FULL);
        scored.lost.retain(|loss| loss.dimension != one.dimension);
        if FULL - points > DUST {
            scored.lost.push(Loss {
                dimension: one.dimension.clone(),
                points: FULL - points,
                why: one.why,
            });
        }
        scored.dimensions.insert(one.dimension, points);
    }
    let weight = |dimension: &Dimension| scoring.weights.get(dimension).copied().unwrap_or(1.0);
    let dimensions = || scored.dimensions.iter();
    let weighted = weighted_mean(dimensions().map(|(name, points)| (*points, weight(name))));
    scored.score = weighted
        .or_else(|| mean(dimensions().map(|(_, points)| *points)))
        .unwrap_or(0.0)
        .clamp(0.0, FULL);
    scored
}
