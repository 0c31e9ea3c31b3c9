//! What is known of a mean, and of which means that is plausible.
//!
//! The range is Hall's skewness-corrected t interval (P. Hall, "On the removal of skewness by transformation", Journal
//! of the Royal Statistical Society B 54, 1992) where the values are the sample, and Student's t with the degrees of
//! freedom of Welch and Satterthwaite (F. E. Satterthwaite, "An approximate distribution of estimates of variance
//! components", Biometrics Bulletin 2, 1946) where the spread is that of repeats or of agents.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{count, sum};

/// Scores closer than this are one score, as far as a benchmark can tell; a spread below that of the grid is not
/// believed, so that ten equal scores prove nothing about the eleventh.
const GRID: f64 = 0.25;
/// How often a drop of the size that is called detectable is seen.
const POWER: f64 = 0.8;

/// Each bound holds with the confidence that it was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The mean is hardly below.
    pub lower: f64,
    /// The mean is hardly above.
    pub upper: f64,
}

/// What is known of a mean, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean itself.
    pub mean: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom of that error.
    pub freedom: f64,
    /// Skewness of the values; 0 where it is not corrected for.
    skew: f64,
    /// Number of values.
    count: f64,
}

/// One thing that was measured several times on two sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeated {
    /// Mean of the new side minus mean of the old side.
    pub change: f64,
    /// Its share in the mean.
    pub weight: f64,
    /// Of each side: how many measurements, at least 2, and their variance.
    pub sides: [(f64, f64); 2],
}

/// One group whose mean counts as much as that of any other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stratum {
    /// Its mean.
    pub mean: f64,
    /// How many values it is the mean of, at least 2.
    pub count: f64,
    /// Their variance.
    pub variance: f64,
}

impl Estimate {
    /// The mean of what these values, given with their weights, were drawn from. There is none of fewer than two values.
    pub fn of(values: &[(f64, f64)]) -> Option<Self> {
        if values.len() < 2 {
            return None;
        }
        let n = count(values.len());
        let (mean, values) = weighted(values)?;
        let spread = sum(values.iter().map(|x| (x - mean).powi(2)));
        let deviation = (spread / (n - 1.0)).sqrt().max(believed());
        Some(Self {
            mean,
            error: deviation / n.sqrt(),
            freedom: n - 1.0,
            skew: skewness(&values, mean, spread / n),
            count: n,
        })
    }

    /// The mean change of these very things, from the spread of their repeats. There is none of fewer than two of them.
    pub fn of_repeats(all: &[Repeated]) -> Option<Self> {
        let n = count(all.len());
        let weights = sum(all.iter().map(|one| one.weight));
        if all.len() < 2 || weights <= 0.0 {
            return None;
        }
        let mean = sum(all.iter().map(|one| one.weight * one.change)) / weights;
        // Of each side of each thing: its part in the variance of the mean, and the degrees of freedom of that part.
        let parts = all.iter().flat_map(|one| {
            let share = (one.weight / weights).powi(2);
            one.sides
                .map(|(count, variance)| (share * variance / count, count - 1.0))
        });
        let parts: Vec<(f64, f64)> = parts.collect();
        let variance = sum(parts.iter().map(|(part, _)| *part));
        let least = believed() / n.sqrt();
        let freedom = sum(parts.iter().map(|(part, freedom)| part.powi(2) / freedom));
        let known = variance > 0.0 && freedom > 0.0;
        Some(Self {
            mean,
            error: variance.sqrt().max(least),
            freedom: if known {
                variance.powi(2) / freedom
            } else {
                n - 1.0
            },
            skew: 0.0,
            count: n,
        })
    }

    /// The mean over these very groups, each counting the same.
    pub fn of_strata(all: &[Stratum]) -> Option<Self> {
        let groups = count(all.len());
        let part = |one: &Stratum| one.variance.max(believed().powi(2)) / one.count;
        let variance = sum(all.iter().map(part));
        let freedom = sum(all.iter().map(|one| part(one).powi(2) / (one.count - 1.0)));
        (!all.is_empty() && freedom > 0.0).then(|| Self {
            mean: sum(all.iter().map(|one| one.mean)) / groups,
            error: variance.sqrt() / groups,
            freedom: variance.powi(2) / freedom,
            skew: 0.0,
            count: groups,
        })
    }

    /// The plausible range; each of its bounds is wrong with the chance `alpha`.
    pub fn bounds(&self, alpha: f64) -> Option<Bounds> {
        let t = self.student()?.inverse_cdf(1.0 - alpha);
        Some(Bounds {
            lower: self.mean - self.error * self.untransformed(t),
            upper: self.mean - self.error * self.untransformed(-t),
        })
    }

    /// The chance of a mean as low as this one or lower, if the true one were `line`. At most `alpha` exactly where the
    /// upper bound for `alpha` is at most `line`.
    pub fn chance_below(&self, line: f64) -> Option<f64> {
        let t = (self.mean - line) / self.error;
        Some(self.student()?.cdf(self.transformed(t)))
    }

    /// The chance of a mean as high as this one or higher, if the true one were `line`.
    pub fn chance_above(&self, line: f64) -> Option<f64> {
        self.chance_below(line).map(|below| 1.0 - below)
    }

    /// The distance from a line that is shown four times out of five, within 1.1 % of the exact figure from five values
    /// on: sum of two quantiles times the standard error.
    pub fn detectable(&self, alpha: f64) -> Option<f64> {
        let student = self.student()?;
        Some((student.inverse_cdf(1.0 - alpha) + student.inverse_cdf(POWER)) * self.error)
    }

    fn student(&self) -> Option<StudentsT> {
        StudentsT::new(0.0, 1.0, self.freedom).ok()
    }

    fn is_symmetric(&self) -> bool {
        self.skew.abs() < 1e-6
    }

    fn transformed(&self, t: f64) -> f64 {
        if self.is_symmetric() {
            return t;
        }
        let (root, g) = (self.count.sqrt(), self.skew);
        (root / g) * ((1.0 + g * t / (3.0 * root)).powi(3) - 1.0) + g / (6.0 * root)
    }

    fn untransformed(&self, v: f64) -> f64 {
        if self.is_symmetric() {
            return v;
        }
        let (n, root, g) = (self.count, self.count.sqrt(), self.skew);
        (3.0 * root / g) * ((1.0 + g * (v / root - g / (6.0 * n))).cbrt() - 1.0)
    }
}

/// The smallest standard deviation that is believed: that of rounding to the grid.
pub(super) fn believed() -> f64 {
    GRID / 12.0_f64.sqrt()
}

/// The weighted mean, and the values moved so that their plain mean and spread are the weighted ones.
fn weighted(values: &[(f64, f64)]) -> Option<(f64, Vec<f64>)> {
    let weights = sum(values.iter().map(|(_, weight)| *weight));
    let mean = sum(values.iter().map(|(value, weight)| value * weight)) / weights;
    let n = count(values.len());
    let moved = values
        .iter()
        .map(|(value, weight)| mean + n * weight * (value - mean) / weights);
    mean.is_finite().then(|| (mean, moved.collect()))
}

fn skewness(values: &[f64], mean: f64, variance: f64) -> f64 {
    if variance < 1e-12 {
        return 0.0;
    }
    let third = sum(values.iter().map(|x| (x - mean).powi(3))) / count(values.len());
    third / variance.powf(1.5)
}
