//! Do two raters give the same grades?

use super::{count, sum};

/// Agreement of two raters on grades of an even scale, beyond that of chance, where a difference counts by its square: 1
/// is complete, 0 is chance (J. Cohen, "Weighted kappa", Psychological Bulletin 70, 1968). `None` without grades, or
/// where both give one and the same grade throughout, so that agreement says nothing.
pub fn quadratic_kappa(grades: &[(f64, f64)]) -> Option<f64> {
    let n = count(grades.len());
    let seen = sum(grades.iter().map(|(a, b)| (a - b).powi(2))) / n;
    // The mean square of a difference of two independent draws: two variances and the square between the means.
    let (first, second) = (
        moments(grades.iter().map(|g| g.0), n),
        moments(grades.iter().map(|g| g.1), n),
    );
    let expected = first.1 + second.1 + (first.0 - second.0).powi(2);
    (expected > 0.0).then(|| 1.0 - seen / expected)
}

/// Mean and variance (without Bessel's correction).
fn moments(values: impl Iterator<Item = f64> + Clone, n: f64) -> (f64, f64) {
    let mean = sum(values.clone()) / n;
    (mean, sum(values.map(|value| (value - mean).powi(2))) / n)
}
