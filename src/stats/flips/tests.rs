//! Known examples, and how often a bound is wrong: computed exactly, not simulated.

use super::*;

const fn flips(both: usize, lost: usize, won: usize, neither: usize) -> Flips {
    Flips {
        both,
        lost,
        won,
        neither,
    }
}

/// Newcombe's interval for "before minus now", at 95 %.
#[track_caller]
fn known(flips: Flips, lower: f64, upper: f64) {
    let bounds = flips.bounds(0.025).unwrap();
    let near = |found: f64, known: f64| (found + known).abs() < 5e-5;
    assert!(
        near(bounds.upper, lower) && near(bounds.lower, upper),
        "{flips:?}: {bounds:?}, known {lower} to {upper}"
    );
}

#[test]
fn the_range_of_a_change_is_that_of_the_formula_written_a_second_time() {
    // Method 10 with its corrected correlation in Python with `statistics.NormalDist`, to four decimals. The fourth is
    // the airway data of Fagerland, Lydersen and Laake, Statistics in Medicine 33, 2014.
    known(flips(36, 12, 2, 0), 0.0569, 0.3404);
    known(flips(20, 12, 2, 16), 0.0562, 0.3292);
    known(flips(43, 0, 0, 7), -0.0638, 0.0638);
    known(flips(1, 1, 7, 12), -0.5069, -0.0256);
    known(flips(54, 0, 0, 0), -0.0664, 0.0664);
}

/// The chance of each table of `cases` pairs, given those of its four cells.
fn each_table(cases: usize, cells: [f64; 4], mut visit: impl FnMut(Flips, f64)) {
    let mut factorials = vec![1.0_f64];
    for number in 1..=cases {
        let last = factorials[number - 1];
        factorials.push(last * count(number));
    }
    let power = |base: f64, times: usize| (0..times).fold(1.0, |product, _| product * base);
    for both in 0..=cases {
        for lost in 0..=cases - both {
            for won in 0..=cases - both - lost {
                let neither = cases - both - lost - won;
                let counts = [both, lost, won, neither];
                let cells = counts.iter().zip(cells);
                let chance = cells.fold(factorials[cases], |chance, (times, cell)| {
                    chance / factorials[*times] * power(cell, *times)
                });
                visit(flips(both, lost, won, neither), chance);
            }
        }
    }
}

/// How often the lower and the upper bound of the change are wrong, and how often chance alone reads as a drop.
fn errors(cases: usize, cells: [f64; 4], alpha: f64) -> [f64; 3] {
    let [_, lost, won, _] = cells;
    let truth = won - lost;
    let (mut errors, mut all) = ([0.0; 3], 0.0);
    each_table(cases, cells, |table, chance| {
        all += chance;
        let bounds = table.bounds(alpha).unwrap();
        errors[0] += if bounds.lower > truth + 1e-12 {
            chance
        } else {
            0.0
        };
        errors[1] += if bounds.upper < truth - 1e-12 {
            chance
        } else {
            0.0
        };
        let drop = bounds.upper < 0.0 && table.chance().unwrap() <= alpha;
        errors[2] += if drop { chance } else { 0.0 };
    });
    assert!((all - 1.0).abs() < 1e-9, "all tables: {all}");
    errors
}

/// Both right, lost, won, neither: from suites that everybody passes to those that half fail, with and without a change.
const TRUTHS: [[f64; 4]; 10] = [
    [0.8, 0.05, 0.05, 0.1],
    [0.9, 0.02, 0.03, 0.05],
    [0.85, 0.05, 0.05, 0.05],
    [0.6, 0.1, 0.1, 0.2],
    [0.5, 0.05, 0.05, 0.4],
    [0.7, 0.15, 0.05, 0.1],
    [0.9, 0.05, 0.0, 0.05],
    [0.75, 0.25, 0.0, 0.0],
    [0.4, 0.2, 0.1, 0.3],
    [0.25, 0.25, 0.25, 0.25],
];

#[test]
fn a_bound_of_the_change_is_wrong_in_one_of_twenty_cases_or_hardly_more() {
    for cases in [10, 20, 30] {
        for truth in TRUTHS {
            let [lower, upper, _] = errors(cases, truth, 0.05);
            assert!(
                lower < 0.062 && upper < 0.062,
                "{cases} cases, {truth:?}: {lower:.3} and {upper:.3}"
            );
        }
    }
}

#[test]
fn chance_alone_never_reads_as_a_drop_more_often_than_is_said() {
    let unchanged = TRUTHS.iter().filter(|[_, lost, won, _]| won >= lost);
    for truth in unchanged {
        for cases in [6, 10, 20, 30] {
            for alpha in [0.05, 0.02317] {
                let [_, _, drop] = errors(cases, *truth, alpha);
                assert!(drop <= alpha, "{cases} cases, {truth:?}: {drop:.4}");
            }
        }
    }
}

#[test]
fn a_drop_in_a_quarter_of_forty_cases_is_seen() {
    let [_, _, seen] = errors(40, [0.7, 0.25, 0.0, 0.05], 0.05);
    assert!(seen > 0.95, "{seen}");
}
