//! Plausible ranges and chances: numbers in, numbers out. Knows nothing of models, rules or verdicts.
//!
//! Closed forms without random numbers: the same on every machine.

mod agreement;
mod drift;
mod estimate;
mod flips;
mod many;
mod sign_flip;

pub use agreement::quadratic_kappa;
pub use drift::{Drift, variance_of_median};
pub use estimate::{Bounds, Estimate, Repeated, Stratum};
pub use flips::{Flips, wilson};
pub use many::{holm, pocock};
pub use sign_flip::sign_flip;

fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    // Not `Iterator::sum`, whose order of additions is nobody's promise.
    values.into_iter().fold(0.0, |total, value| total + value)
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 values")]
const fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
