//! Plausible ranges of means: numbers in, numbers out. Knows nothing of models, rules or verdicts.
//!
//! The range is Hall's skewness-corrected t interval (P. Hall, "On the removal of skewness by transformation", Journal
//! of the Royal Statistical Society B 54, 1992): closed form, without random numbers, the same on every machine.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Scores closer than this are one score, as far as a benchmark can tell; a spread below that of the grid is not
/// believed, so that ten equal scores prove nothing about the eleventh.
const GRID: f64 = 0.25;

/// Each bound holds with the confidence that it was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The mean is hardly below.
    pub lower: f64,
    /// The mean is hardly above.
    pub upper: f64,
}

/// The plausible range of the mean of what values with these weights were drawn from; each of its bounds is wrong with
/// the chance `alpha`. There is none of fewer than two values.
pub fn bounds(values: &[(f64, f64)], alpha: f64) -> Option<Bounds> {
    if values.len() < 2 {
        return None;
    }
    let n = count(values.len());
    let (mean, values) = weighted(values)?;
    let spread = sum(values.iter().map(|x| (x - mean).powi(2)));
    let sd = (spread / (n - 1.0)).sqrt().max(GRID / 12.0_f64.sqrt());
    let error = sd / n.sqrt();
    let t = StudentsT::new(0.0, 1.0, n - 1.0)
        .ok()?
        .inverse_cdf(1.0 - alpha);
    let g = skewness(&values, mean, spread / n);
    Some(Bounds {
        lower: mean - error * untransformed(t, g, n),
        upper: mean - error * untransformed(-t, g, n),
    })
}

/// Of each look among so many, the chance of a wrong bound such that the chance over all of them stays 0.05 (S. J.
/// Pocock, "Group sequential methods in the design and analysis of clinical trials", Biometrika 64, 1977). With more
/// than five looks it is that of five divided further, which errs on the safe side.
pub fn pocock(looks: usize) -> f64 {
    match looks {
        0 | 1 => 0.05,
        2 => 0.030_367,
        3 => 0.023_173,
        4 => 0.019_347,
        5 => 0.016_929,
        more => 0.05 / count(more),
    }
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

fn untransformed(v: f64, g: f64, n: f64) -> f64 {
    if g.abs() < 1e-6 {
        return v;
    }
    let root = n.sqrt();
    (3.0 * root / g) * ((1.0 + g * (v / root - g / (6.0 * n))).cbrt() - 1.0)
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |total, value| total + value)
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 values")]
const fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} is not {right}");
    }

    fn plain(values: &[f64]) -> Bounds {
        let values: Vec<(f64, f64)> = values.iter().map(|value| (*value, 1.0)).collect();
        bounds(&values, 0.05).unwrap()
    }

    // Made with NumPy 2.4.6 and SciPy 1.17.1 from the formula above.
    const VECTORS: [(&[f64], f64, f64); 5] = [
        (
            &[8.5, 7.75, 8.25, 7.75, 9.5, 6.75, 8.75, 7.25, 7.75, 8.0],
            7.600_077_838_479_145,
            8.505_844_087_764_471,
        ),
        (
            &[8.75, 7.5, 8.75, 8.0, 8.75, 8.75, 8.75, 8.25, 8.75, 8.75],
            8.060_261_903_383_44,
            8.699_758_669_675_772,
        ),
        (
            &[8.75, 8.75, 8.75, 8.0, 8.5, 7.0, 9.0, 6.75, 7.0, 7.5],
            7.460_178_566_430_538,
            8.471_149_550_134_799,
        ),
        (
            &[-0.5, -0.25, 0.0, -0.75, -0.25, 0.0, -0.75, 0.0, -0.5, -0.5],
            -0.521_433_589_399_527_2,
            -0.181_192_069_943_052_2,
        ),
        (&[8.0; 10], 7.958_165_112_347_072, 8.041_834_887_652_929),
    ];

    #[test]
    fn the_range_is_that_of_the_reference() {
        for (values, lower, upper) in VECTORS {
            let bounds = plain(values);
            close(bounds.lower, lower);
            close(bounds.upper, upper);
        }
    }

    #[test]
    fn quantiles_of_student_are_those_of_the_reference() {
        for (df, quantile) in [
            (1.0, 6.313_751_514_675_037),
            (9.0, 1.833_112_932_656_237),
            (49.0, 1.676_550_892_616_853_5),
            (36.2, 1.688_051_435_455_175_7),
        ] {
            let student = StudentsT::new(0.0, 1.0, df).unwrap();
            close(student.inverse_cdf(0.95), quantile);
        }
    }

    #[test]
    fn one_value_has_no_range_and_equal_weights_change_nothing() {
        assert_eq!(bounds(&[(8.0, 1.0)], 0.05), None);
        let heavy: Vec<(f64, f64)> = VECTORS[0].0.iter().map(|value| (*value, 3.0)).collect();
        let same = bounds(&heavy, 0.05).unwrap();
        close(same.lower, VECTORS[0].1);
        close(same.upper, VECTORS[0].2);
    }

    #[test]
    fn more_looks_ask_more_of_each() {
        let levels: Vec<f64> = (1..8).map(pocock).collect();
        assert!(levels.is_sorted_by(|one, next| one > next), "{levels:?}");
    }
}
