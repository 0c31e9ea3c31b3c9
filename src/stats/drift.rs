//! Whether an instrument still means the same: the same things, measured before and now.
//!
//! Student's paired t test, two-sided ("Student", "The probable error of a mean", Biometrika 6, 1908), with a spread that is
//! never taken to be below that of the instrument itself: few differences may lie close together by luck.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::estimate::believed;
use super::{count, sum};

/// Fewer than this many differences show nothing.
const LEAST: usize = 5;

/// How far an instrument moved, and how far its noise alone may have moved it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// The mean of what is measured now minus what was measured before.
    pub mean: f64,
    /// The largest mean, upwards or downwards, that noise explains.
    pub bound: f64,
}

impl Drift {
    /// The move that these differences show; `noise` is the variance of a single measurement, where it is known. The bound
    /// is passed by noise alone with the chance `alpha`. There is none of fewer than five differences.
    pub fn of(differences: &[f64], noise: Option<f64>, alpha: f64) -> Option<Self> {
        let n = count(differences.len());
        if differences.len() < LEAST {
            return None;
        }
        let mean = sum(differences.iter().copied()) / n;
        let spread = sum(differences.iter().map(|x| (x - mean).powi(2))) / (n - 1.0);
        // Of a difference, both measurements are noisy.
        let least = (2.0 * noise.unwrap_or(0.0)).max(believed().powi(2));
        let t = StudentsT::new(0.0, 1.0, n - 1.0)
            .ok()?
            .inverse_cdf(1.0 - alpha / 2.0);
        Some(Self {
            mean,
            bound: t * (spread.max(least) / n).sqrt(),
        })
    }

    /// Whether it is more than noise.
    pub fn is_beyond_noise(&self) -> bool {
        self.mean.abs() > self.bound
    }
}

/// The variance of the median of so many values, an odd number from 1 to 9, as a share of that of one of them, where they
/// are normally distributed (H. A. David and H. N. Nagaraja, "Order Statistics", 2003, section 8.6).
pub fn variance_of_median(values: u32) -> f64 {
    match values {
        0..=1 => 1.0,
        2..=3 => 0.4487,
        4..=5 => 0.2868,
        6..=7 => 0.2104,
        _ => 0.1661,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differences of noise with the standard deviation 1 of one measurement, moved by this much.
    fn moved(by: f64) -> Vec<f64> {
        let noise = [1.4, -1.4, 2.0, -2.0, 0.5, -0.5, 1.1, -1.1, 1.5, -1.5];
        noise.iter().map(|noise| noise + by).collect()
    }

    #[test]
    fn a_drift_of_twice_the_noise_is_seen_and_one_of_half_is_not() {
        let drift = |by: f64, noise| Drift::of(&moved(by), noise, 0.01).unwrap();
        for by in [2.0, -2.0] {
            assert!(drift(by, None).is_beyond_noise());
            assert!(drift(by, Some(1.0)).is_beyond_noise());
        }
        for by in [0.0, 0.5, -0.5] {
            assert!(!drift(by, None).is_beyond_noise());
        }
        assert!((drift(2.0, None).mean - 2.0).abs() < 1e-12);
    }

    #[test]
    fn differences_that_lie_close_by_luck_are_held_against_the_noise_of_votes() {
        let close = [0.5; 10];
        assert!(Drift::of(&close, None, 0.01).unwrap().is_beyond_noise());
        assert!(
            !Drift::of(&close, Some(1.0), 0.01)
                .unwrap()
                .is_beyond_noise()
        );
    }

    #[test]
    fn the_bound_is_that_of_the_table_of_students_t() {
        // t(9, 0.995) = 3.2498;
        let all = moved(0.0);
        let variance = all.iter().map(|x| x * x).sum::<f64>() / 9.0;
        let expected = 3.249_835_5 * (variance / 10.0).sqrt();
        assert!((Drift::of(&all, None, 0.01).unwrap().bound - expected).abs() < 1e-5);
    }

    #[test]
    fn few_differences_show_nothing() {
        assert_eq!(Drift::of(&[9.0; 4], None, 0.01), None);
    }
}
