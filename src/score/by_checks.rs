//! Profile `checks`: ten times the weighted share of checks passed, in the dimensions that the checks name. No signals.

use super::Dimension;
use super::evaluate::Outcome;
use super::scored::{FULL, Tally};

/// The dimensions the checks name, each with what its failed checks cost.
pub(super) fn tallies(outcomes: &[Outcome<'_>]) -> Vec<Tally> {
    let dimensions = dimensions(outcomes);
    if dimensions.is_empty() {
        // A case that tests nothing has to stand out, not to shine.
        let mut tally = Tally::new(Dimension::QUALITY);
        tally.take(
            FULL,
            "the case has no checks, which is all that profile `checks` looks at",
        );
        return vec![tally];
    }
    dimensions
        .into_iter()
        .map(|dimension| {
            let mut tally = Tally::new(dimension);
            take(&mut tally, FULL, outcomes);
            tally
        })
        .collect()
}

/// The dimensions the checks name, the built-in ones first.
pub(super) fn dimensions(outcomes: &[Outcome<'_>]) -> Vec<Dimension> {
    let mut named: Vec<Dimension> = outcomes
        .iter()
        .map(|outcome| outcome.check.dimension.clone())
        .collect();
    let rank = |dimension: &Dimension| {
        let built_in = Dimension::BUILT_IN
            .iter()
            .position(|known| known == dimension);
        built_in.unwrap_or(Dimension::BUILT_IN.len())
    };
    named.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    named.dedup();
    named
}

/// Takes from a dimension what its failed checks cost, of `budget` points for all of its checks together.
pub(super) fn take(tally: &mut Tally, budget: f64, outcomes: &[Outcome<'_>]) {
    let own = || {
        outcomes
            .iter()
            .filter(|o| o.check.dimension == tally.dimension)
    };
    let weights: Vec<f64> = own().map(|outcome| sane(outcome.check.weight)).collect();
    let total: f64 = weights.iter().sum();
    let equal = total <= 0.0;
    let losses: Vec<(f64, String)> = own()
        .zip(&weights)
        .filter(|(outcome, _)| !outcome.result.pass)
        .map(|(outcome, weight)| {
            let share = if equal {
                1.0 / count(&weights)
            } else {
                weight / total
            };
            (budget * share, outcome.failure())
        })
        .collect();
    for (points, why) in losses {
        tally.take(points, why);
    }
}

fn sane(weight: f64) -> f64 {
    if weight.is_finite() {
        weight.max(0.0)
    } else {
        0.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "no suite has 2^52 checks")]
fn count(weights: &[f64]) -> f64 {
    weights.len() as f64
}
