//! Do two raters put things into the same order?

use super::{Bounds, count, normal_quantile, sum};

/// Values closer than this are equal: sums of floating point numbers carry such errors.
const SLACK: f64 = 1e-9;

/// Spearman's rank correlation, −1 to 1: that of the ranks, equal values sharing the mean of theirs (C. Spearman, "The
/// proof and measurement of association between two things", American Journal of Psychology 15, 1904). `None` where a
/// side gives one and the same value throughout, so that there is no order.
pub fn spearman(values: &[(f64, f64)]) -> Option<f64> {
    let first = ranks(values.iter().map(|value| value.0));
    let second = ranks(values.iter().map(|value| value.1));
    let middle = f64::midpoint(count(values.len()), 1.0);
    let products = |one: &[f64], other: &[f64]| {
        let pairs = one.iter().zip(other);
        sum(pairs.map(|(one, other)| (one - middle) * (other - middle)))
    };
    let spread = products(&first, &first) * products(&second, &second);
    (spread > 0.0).then(|| (products(&first, &second) / spread.sqrt()).clamp(-1.0, 1.0))
}

/// The plausible range of a rank correlation that was seen in so many pairs of values; each of its bounds is wrong with
/// the chance `alpha`: R. A. Fisher's z with the variance of D. G. Bonett and T. A. Wright, "Sample size requirements for
/// estimating Pearson, Kendall and Spearman correlations", Psychometrika 65, 2000. There is none of fewer than four
/// pairs, and none of a perfect order, whose z has no end.
pub fn spearman_bounds(correlation: f64, pairs: usize, alpha: f64) -> Option<Bounds> {
    if pairs < 4 || correlation.abs() >= 1.0 {
        return None;
    }
    let error = ((1.0 + correlation * correlation / 2.0) / (count(pairs) - 3.0)).sqrt();
    let half = normal_quantile(1.0 - alpha)? * error;
    // Not those of the standard library, whose last digits are the machine's.
    let middle = libm::atanh(correlation);
    Some(Bounds {
        lower: libm::tanh(middle - half),
        upper: libm::tanh(middle + half),
    })
}

/// The rank of each value, from 1; equal ones share the mean of their ranks.
fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let mut order: Vec<(f64, usize)> = values.into_iter().zip(0..).collect();
    order.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut ranks = vec![0.0; order.len()];
    let mut before = 0;
    for equal in order.chunk_by(|one, next| (next.0 - one.0).abs() <= SLACK) {
        let middle = count(before) + f64::midpoint(count(equal.len()), 1.0);
        for (_, place) in equal {
            if let Some(rank) = ranks.get_mut(*place) {
                *rank = middle;
            }
        }
        before += equal.len();
    }
    ranks
}
