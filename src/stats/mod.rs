//! Plausible ranges and chances: numbers in, numbers out. Knows nothing of models, rules or verdicts.
//!
//! Closed forms without random numbers: the same on every machine.

mod agreement;
mod drift;
mod estimate;
mod flips;
mod many;
mod rank;
mod sign_flip;

use statrs::distribution::{ContinuousCDF, Normal};

pub use agreement::{quadratic_kappa, quadratic_kappa_bounds};
pub use drift::{Drift, variance_of_median};
pub use estimate::{Bounds, Estimate, Repeated, Stratum};
pub use flips::{Flips, wilson, wilson_of_share};
pub use many::{holm, pocock};
pub use rank::{spearman, spearman_bounds};
pub use sign_flip::sign_flip;

fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    // Not `Iterator::sum`, whose order of additions is nobody's promise.
    values.into_iter().fold(0.0, |total, value| total + value)
}

/// A number of things as one that can be divided.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 values")]
pub const fn count(number: usize) -> f64 {
    number as f64
}

/// The point below which a standard normal value falls with this chance.
fn normal_quantile(level: f64) -> Option<f64> {
    Some(Normal::new(0.0, 1.0).ok()?.inverse_cdf(level))
}

#[cfg(test)]
mod tests;
