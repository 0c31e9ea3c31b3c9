//! Every method against reference values that other programs computed, and what must hold of it whatever it is given.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts in the vectors are small"
)]

use proptest::prelude::*;
use serde_json::Value;

use super::*;

// Made with SciPy 1.17.1, NumPy 2.4.6, statsmodels 0.15.0 and scikit-learn 1.9.1.
const VECTORS: &str = include_str!("../../tests/data/stat-vectors.json");

/// Vectors of methods that this program does not use.
const NOT_SHIPPED: [&str; 11] = [
    "t_qa",
    "paired_t",
    "bca_exhaustive_n5",
    "bca_mc_qa",
    "bca_mc_support",
    "bh",
    "power_nct",
    "clustered_se",
    "betting_capital",
    "splitmix64",
    "ppi",
];

struct Vector(Value);

impl Vector {
    fn number(&self, pointer: &str) -> f64 {
        let found = self.0.pointer(pointer);
        found
            .and_then(Value::as_f64)
            .unwrap_or_else(|| panic!("{pointer} in {}", self.0))
    }

    fn numbers(&self, pointer: &str) -> Vec<f64> {
        numbers(self.0.pointer(pointer).unwrap())
    }

    #[track_caller]
    fn holds(&self, name: &str, found: f64) {
        let expected = self.number(&format!("/expected/{name}"));
        self.close(name, found, expected);
    }

    #[track_caller]
    fn close(&self, name: &str, found: f64, expected: f64) {
        let tolerance = self.number("/tol");
        let id = &self.0["id"];
        assert!(
            (found - expected).abs() <= tolerance,
            "{id}, {name}: {found} is not {expected}"
        );
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap())
        .collect()
}

fn even(values: &[f64]) -> Vec<(f64, f64)> {
    values.iter().map(|value| (*value, 1.0)).collect()
}

fn estimate(values: &[f64]) -> Estimate {
    Estimate::of(&even(values)).unwrap()
}

#[test]
fn every_vector_of_a_method_that_is_used_holds() {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let mut checked = 0;
    for vector in all["vectors"].as_array().unwrap() {
        let id = vector["id"].as_str().unwrap().to_owned();
        if NOT_SHIPPED.contains(&id.as_str()) {
            continue;
        }
        check(&id, &Vector(vector.clone()));
        checked += 1;
    }
    assert_eq!(checked, 35 - NOT_SHIPPED.len());
}

fn check(id: &str, vector: &Vector) {
    match id {
        "holm" => {
            let adjusted = holm(&vector.numbers("/input/p"));
            let expected = vector.numbers("/expected/adj");
            for (found, expected) in adjusted.into_iter().zip(expected) {
                vector.close("adjusted", found, expected);
            }
        }
        "kappa" => {
            let pairs: Vec<(f64, f64)> = vector
                .numbers("/input/a")
                .into_iter()
                .zip(vector.numbers("/input/b"))
                .collect();
            vector.holds("quadratic", quadratic_kappa(&pairs).unwrap());
        }
        "mde_factor" => detectable(vector),
        "t_quantiles" => quantiles(vector),
        "suite_mode" => suite(vector),
        "stratified" => stratified(vector),
        "verdict_absolute" => absolute(vector),
        "mcnemar_exact" => {
            let flips = Flips {
                lost: 7,
                won: 1,
                ..Flips::default()
            };
            vector.holds("p_worse", flips.chance().unwrap());
        }
        "pocock" => {
            for (looks, expected) in (2..).zip(vector.numbers("/expected/p")) {
                vector.close("level", pocock(looks), expected);
            }
        }
        id if id.starts_with("prop_") => proportion(vector),
        id if id.starts_with("signflip") => flipped(vector),
        _ => hall(vector),
    }
}

fn hall(vector: &Vector) {
    let known = estimate(&vector.numbers("/input/x"));
    let bounds = known.bounds(vector.number("/input/alpha")).unwrap();
    let line = vector.number("/input/m0");
    vector.holds("mean", known.mean);
    vector.holds("se", known.error);
    vector.holds("lower", bounds.lower);
    vector.holds("upper", bounds.upper);
    vector.holds("p_below", known.chance_below(line).unwrap());
    vector.holds("p_above", known.chance_above(line).unwrap());
}

/// The exact figure needs a noncentral t; ours is within 1.1 % of it.
fn detectable(vector: &Vector) {
    for (n, factor) in vector
        .numbers("/input/n")
        .into_iter()
        .zip(vector.numbers("/expected/factor"))
    {
        let half = (0..n as usize).map(|i| (if i % 2 == 0 { 7.0 } else { 9.0 }, 1.0));
        let values: Vec<(f64, f64)> = half.collect();
        let known = Estimate::of(&values).unwrap();
        let found = known.detectable(0.05).unwrap() / (known.error * n.sqrt());
        assert!(
            (found / factor - 1.0).abs() < 0.011,
            "{n}: {found} is not {factor}"
        );
    }
}

fn quantiles(vector: &Vector) {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    for (df, expected) in vector
        .numbers("/input/df")
        .into_iter()
        .zip(vector.numbers("/expected/q"))
    {
        let student = StudentsT::new(0.0, 1.0, df).unwrap();
        vector.close("quantile", student.inverse_cdf(0.95), expected);
    }
}

fn side(values: &[f64]) -> (f64, f64, f64) {
    let n = count(values.len());
    let mean = sum(values.iter().copied()) / n;
    let squares = sum(values.iter().map(|x| (x - mean).powi(2)));
    (mean, n, squares / (n - 1.0))
}

fn suite(vector: &Vector) {
    let rows = |pointer: &str| -> Vec<Vec<f64>> {
        let rows = vector.0.pointer(pointer).unwrap().as_array().unwrap();
        rows.iter().map(numbers).collect()
    };
    let pairs = rows("/input/base").into_iter().zip(rows("/input/cand"));
    let all: Vec<Repeated> = pairs
        .map(|(old, new)| {
            let (old, new) = (side(&old), side(&new));
            Repeated {
                change: new.0 - old.0,
                weight: 1.0,
                sides: [(old.1, old.2), (new.1, new.2)],
            }
        })
        .collect();
    let known = Estimate::of_repeats(&all).unwrap();
    let bounds = known.bounds(0.05).unwrap();
    vector.holds("diff", known.mean);
    vector.holds("se", known.error);
    vector.holds("df", known.freedom);
    vector.holds("lower", bounds.lower);
    vector.holds("upper", bounds.upper);
}

fn stratified(vector: &Vector) {
    let agents = vector.0["input"]["agents"].as_object().unwrap();
    let strata: Vec<Stratum> = agents
        .values()
        .map(|values| {
            let (mean, count, variance) = side(&numbers(values));
            Stratum {
                mean,
                count,
                variance,
            }
        })
        .collect();
    let known = Estimate::of_strata(&strata).unwrap();
    vector.holds("mean", known.mean);
    vector.holds("se", known.error);
    vector.holds("df", known.freedom);
    let bounds = known.bounds(0.05).unwrap();
    vector.holds("lower", bounds.lower);
    vector.holds("upper", bounds.upper);
    vector.holds("p_above", known.chance_above(8.0).unwrap());
}

fn absolute(vector: &Vector) {
    let agents = vector.0["input"]["agents"].as_object().unwrap();
    for (name, values) in agents {
        let proven = estimate(&numbers(values)).bounds(0.05).unwrap().lower >= 8.0;
        assert_eq!(proven, vector.0["expected"][name] == "pass", "{name}");
    }
}

fn proportion(vector: &Vector) {
    let (hits, all) = (
        vector.number("/input/k") as usize,
        vector.number("/input/n") as usize,
    );
    for (name, alpha) in [("wilson95", 0.025), ("wilson90", 0.05)] {
        let bounds = wilson(hits, all, alpha).unwrap();
        vector.holds(&format!("{name}/0"), bounds.lower);
        vector.holds(&format!("{name}/1"), bounds.upper);
    }
}

fn flipped(vector: &Vector) {
    let changes = vector.numbers("/input/x");
    let turned: Vec<f64> = changes.iter().map(|change| -change).collect();
    vector.holds("less", sign_flip(&changes).unwrap());
    vector.holds("greater", sign_flip(&turned).unwrap());
}

#[test]
fn one_value_has_no_range_and_equal_weights_change_nothing() {
    assert_eq!(Estimate::of(&[(8.0, 1.0)]), None);
    let values = [8.5, 7.75, 8.25, 7.75, 9.5, 6.75];
    let heavy: Vec<(f64, f64)> = values.iter().map(|value| (*value, 3.0)).collect();
    let (one, other) = (estimate(&values), Estimate::of(&heavy).unwrap());
    assert!((one.error - other.error).abs() < 1e-12);
    assert!((one.mean - other.mean).abs() < 1e-12);
}

#[test]
fn more_looks_ask_more_of_each() {
    let levels: Vec<f64> = (1..8).map(pocock).collect();
    assert!(levels.is_sorted_by(|one, next| one > next), "{levels:?}");
}

#[test]
fn what_flipped_moves_the_range_of_the_share() {
    // Newcombe 1998, table II, the pair (36, 12, 2, 0): −0.2 to 0.0 or so, and nothing flipped is no change.
    let some = Flips {
        both: 36,
        lost: 12,
        won: 2,
        neither: 0,
    };
    let bounds = some.bounds(0.025).unwrap();
    assert!(bounds.lower < -0.2 && bounds.upper < 0.0, "{bounds:?}");
    let none = Flips {
        both: 8,
        neither: 2,
        ..Flips::default()
    };
    let bounds = none.bounds(0.05).unwrap();
    assert!(bounds.lower < 0.0 && bounds.upper > 0.0);
    assert_eq!(none.chance(), Some(1.0));
    assert_eq!(Flips::default().bounds(0.05), None);
}

#[test]
fn agreement_on_one_grade_says_nothing() {
    assert_eq!(quadratic_kappa(&[(8.0, 8.0), (8.0, 8.0)]), None);
    assert_eq!(quadratic_kappa(&[]), None);
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn ranges_of_agreement_are_those_of_other_programs() {
    // statsmodels 0.15: `cohens_kappa(table, weights=(i − j)²)`, `kappa ± norm.ppf(.95) × std_kappa`.
    let first = [8, 7, 9, 6, 8, 10, 7, 5, 8, 9, 6, 7].map(f64::from);
    let second = [8, 8, 9, 5, 7, 9, 7, 6, 8, 10, 6, 8].map(f64::from);
    let grades: Vec<(f64, f64)> = first.into_iter().zip(second).collect();
    near(quadratic_kappa(&grades).unwrap(), 0.847_826_086_956_521_7);
    let bounds = quadratic_kappa_bounds(&grades, 0.05).unwrap();
    near(bounds.lower, 0.777_664_270_134_739);
    near(bounds.upper, 0.917_987_903_778_304_4);
    let first = [
        2, 3, 4, 5, 0, 0, 4, 5, 1, 1, 5, 2, 1, 4, 1, 2, 3, 3, 0, 0, 5, 4, 5, 3, 4, 1, 2, 4, 0, 1,
        0, 2, 5, 0, 2, 2, 5, 1, 3, 1,
    ];
    let second = [
        0, 4, 2, 4, 0, 0, 2, 5, 2, 3, 3, 3, 0, 4, 3, 1, 4, 1, 0, 2, 5, 4, 4, 1, 4, 2, 2, 5, 0, 2,
        1, 4, 5, 0, 3, 2, 5, 1, 2, 0,
    ];
    let grades: Vec<(f64, f64)> = first
        .map(f64::from)
        .into_iter()
        .zip(second.map(f64::from))
        .collect();
    near(quadratic_kappa(&grades).unwrap(), 0.765_957_446_808_510_6);
    let bounds = quadratic_kappa_bounds(&grades, 0.05).unwrap();
    near(bounds.lower, 0.668_896_741_204_551_7);
    near(bounds.upper, 0.863_018_152_412_469_6);
    // `proportion_confint(8.5, 10, alpha=.1, method="wilson")`.
    let bounds = wilson_of_share(0.85, 10, 0.05).unwrap();
    near(bounds.lower, 0.594_625_692_616_274);
    near(bounds.upper, 0.956_314_928_325_340_8);
}

#[test]
fn a_rank_correlation_and_its_range_are_those_of_other_programs() {
    // SciPy: `spearmanr`, and `tanh(arctanh(r) ± norm.ppf(.95) × sqrt((1 + r²/2) / (n − 3)))` in NumPy.
    let scores = [8.25, 7.5, 9.0, 6.75, 7.5, 9.5, 5.25, 7.5, 8.0, 6.0];
    let ratings = [4.0, 3.5, 5.0, 3.0, 4.0, 5.0, 1.0, 2.0, 4.0, 3.0];
    let values: Vec<(f64, f64)> = scores.into_iter().zip(ratings).collect();
    let correlation = spearman(&values).unwrap();
    near(correlation, 0.893_767_456_566_112);
    let bounds = spearman_bounds(correlation, values.len(), 0.05).unwrap();
    near(bounds.lower, 0.607_469_154_717_617_4);
    near(bounds.upper, 0.974_555_144_642_864_6);
}

#[test]
fn an_order_of_equal_things_is_none_and_a_perfect_one_has_no_range() {
    assert_eq!(spearman(&[]), None);
    assert_eq!(spearman(&[(8.0, 1.0), (8.0, 2.0), (8.0, 3.0)]), None);
    let up = [(1.0, 10.0), (2.0, 20.0), (3.0, 21.0), (9.0, 22.0)];
    assert_eq!(spearman(&up), Some(1.0));
    assert_eq!(spearman_bounds(1.0, 4, 0.05), None);
    assert_eq!(spearman_bounds(0.5, 3, 0.05), None);
    assert!(quadratic_kappa_bounds(&[(1.0, 2.0)], 0.05).is_none());
}

proptest! {
    #[test]
    fn agreement_stays_within_its_ends(values in prop::collection::vec((0..=4_u8, 0..=4_u8), 2..40)) {
        let values: Vec<(f64, f64)> = values.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).collect();
        if let Some(correlation) = spearman(&values) {
            prop_assert!((-1.0..=1.0).contains(&correlation));
            if let Some(bounds) = spearman_bounds(correlation, values.len(), 0.05) {
                prop_assert!(bounds.lower < correlation && correlation < bounds.upper);
            }
        }
        if let Some(bounds) = quadratic_kappa_bounds(&values, 0.05) {
            let kappa = quadratic_kappa(&values).unwrap();
            prop_assert!(bounds.lower <= kappa && kappa <= bounds.upper, "{bounds:?} {kappa}");
        }
    }

    #[test]
    fn a_bound_and_its_chance_say_the_same(values in prop::collection::vec(0.0..10.0_f64, 2..40), line in 0.0..10.0_f64) {
        let known = estimate(&values);
        let bounds = known.bounds(0.05).unwrap();
        prop_assert!(bounds.lower <= bounds.upper);
        let chance = known.chance_below(line).unwrap();
        prop_assert!((0.0..=1.0).contains(&chance));
        if (bounds.upper - line).abs() > 1e-6 {
            prop_assert_eq!(bounds.upper < line, chance < 0.05, "{} {}", bounds.upper, chance);
        }
        if (bounds.lower - line).abs() > 1e-6 {
            prop_assert_eq!(bounds.lower > line, known.chance_above(line).unwrap() < 0.05);
        }
    }

    #[test]
    fn a_corrected_chance_is_never_smaller_and_keeps_the_order(chances in prop::collection::vec(0.0..1.0_f64, 0..12)) {
        let adjusted = holm(&chances);
        for (one, other) in chances.iter().zip(&adjusted) {
            prop_assert!(other >= one && *other <= 1.0);
        }
        for (a, b) in chances.iter().zip(&adjusted) {
            for (c, d) in chances.iter().zip(&adjusted) {
                prop_assert!(a > c || b <= d);
            }
        }
    }

    #[test]
    fn flipping_signs_by_hand_comes_to_the_same(changes in prop::collection::vec(-5.0..5.0_f64, 1..8)) {
        let observed: f64 = changes.iter().sum();
        let ways = 1_usize << changes.len();
        let lower = (0..ways).filter(|way| {
            let flip = |(place, change): (usize, &f64)| if way >> place & 1 == 1 { change.abs() } else { -change.abs() };
            changes.iter().enumerate().map(flip).sum::<f64>() <= observed + 1e-9
        });
        let expected = count(lower.count()) / count(ways);
        prop_assert!((sign_flip(&changes).unwrap() - expected).abs() < 1e-12);
    }
}
