//! Do two raters give the same grades?

use super::{Bounds, count, normal_quantile, sum};

/// Agreement of two raters on grades of an even scale, beyond that of chance, where a difference counts by its square: 1
/// is complete, 0 is chance (J. Cohen, "Weighted kappa", Psychological Bulletin 70, 1968). `None` without grades, or
/// where both give one and the same grade throughout, so that agreement says nothing.
pub fn quadratic_kappa(grades: &[(f64, f64)]) -> Option<f64> {
    Some(Kappa::of(grades)?.value)
}

/// The plausible range of [`quadratic_kappa`]; each of its bounds is wrong with the chance `alpha`. From the standard
/// error for large samples of J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard errors of kappa and
/// weighted kappa", Psychological Bulletin 72, 1969. There is none of fewer than two grades.
pub fn quadratic_kappa_bounds(grades: &[(f64, f64)], alpha: f64) -> Option<Bounds> {
    let kappa = Kappa::of(grades).filter(|_| grades.len() > 1)?;
    let n = count(grades.len());
    // How far each pair of grades moves kappa: the formula of 1969 without its table of all combinations, which a square
    // does not need.
    let moves = grades.iter().map(|(a, b)| {
        let own = (a - b).powi(2);
        let beside = kappa.second.variance
            + (a - kappa.second.mean).powi(2)
            + kappa.first.variance
            + (b - kappa.first.mean).powi(2);
        let moved =
            kappa.seen * (beside - 2.0 * kappa.expected) / kappa.expected - (own - kappa.seen);
        (moved / kappa.expected).powi(2)
    });
    let half = normal_quantile(1.0 - alpha)? * (sum(moves) / n / n).sqrt();
    Some(Bounds {
        lower: (kappa.value - half).max(-1.0),
        upper: (kappa.value + half).min(1.0),
    })
}

struct Kappa {
    value: f64,
    /// Mean square of the differences.
    seen: f64,
    /// The same of two independent draws.
    expected: f64,
    first: Moments,
    second: Moments,
}

impl Kappa {
    fn of(grades: &[(f64, f64)]) -> Option<Self> {
        let n = count(grades.len());
        let seen = sum(grades.iter().map(|(a, b)| (a - b).powi(2))) / n;
        let first = Moments::of(grades.iter().map(|g| g.0), n);
        let second = Moments::of(grades.iter().map(|g| g.1), n);
        // The mean square of a difference of two independent draws: two variances and the square between the means.
        let expected = first.variance + second.variance + (first.mean - second.mean).powi(2);
        (expected > 0.0).then(|| Self {
            value: 1.0 - seen / expected,
            seen,
            expected,
            first,
            second,
        })
    }
}

/// Mean and variance (without Bessel's correction).
struct Moments {
    mean: f64,
    variance: f64,
}

impl Moments {
    fn of(values: impl Iterator<Item = f64> + Clone, n: f64) -> Self {
        let mean = sum(values.clone()) / n;
        let variance = sum(values.map(|value| (value - mean).powi(2))) / n;
        Self { mean, variance }
    }
}
