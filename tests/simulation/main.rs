//! What the gate's statistics come to when the truth is known: error rates and power, on made-up answers with fixed seeds.
//! `cargo bench --bench simulation` prints the tables of docs/gate.md in full.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "counts are small"
)]

#[path = "gate.rs"]
mod gate;
#[path = "generator.rs"]
mod generator;

use gate::{Size, shares};
use generator::{Models, Random, Truth, answer, location, prompt};
use tunegate::stats::Estimate;

const ALPHA: f64 = 0.05;
const RUNS: u32 = 8_000;
/// In shares: the reference was simulated with as many runs, so both carry an error of chance.
const TOLERANCE: f64 = 0.015;

#[track_caller]
fn close(what: &str, found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= TOLERANCE,
        "{what}: {found:.3} is not {expected:.3}"
    );
}

/// Of many suites whose true mean is the line: the shares wrongly proven above and below it.
fn errors(
    line: f64,
    prompts: usize,
    seed: u64,
    mut score: impl FnMut(&mut Random) -> f64,
) -> (f64, f64) {
    let mut random = Random::seeded(seed);
    let (mut above, mut below) = (0_u32, 0_u32);
    for _ in 0..RUNS {
        let scores: Vec<(f64, f64)> = (0..prompts).map(|_| (score(&mut random), 1.0)).collect();
        let known = Estimate::of(&scores).unwrap();
        above += u32::from(known.chance_above(line).unwrap() <= ALPHA);
        below += u32::from(known.chance_below(line).unwrap() < ALPHA);
    }
    (
        f64::from(above) / f64::from(RUNS),
        f64::from(below) / f64::from(RUNS),
    )
}

#[test]
fn a_floor_is_wrongly_proven_as_often_as_the_reference_says() {
    let middle = location(8.0);
    let ceiling = location(9.5);
    let failing = location((8.0 - 0.05 * 2.0) / 0.95);
    let one = |location: f64| {
        move |random: &mut Random| {
            let prompt = prompt(random);
            answer(random, location, prompt)
        }
    };
    for (prompts, pass, fail) in [
        (10, 0.064, 0.035),
        (20, 0.055, 0.048),
        (50, 0.054, 0.049),
        (100, 0.053, 0.051),
    ] {
        let found = errors(8.0, prompts, 11, one(middle));
        close(&format!("skewed, {prompts}: false pass"), found.0, pass);
        close(&format!("skewed, {prompts}: false fail"), found.1, fail);
    }
    for (prompts, pass, fail) in [(10, 0.056, 0.025), (20, 0.055, 0.036)] {
        let found = errors(9.5, prompts, 12, one(ceiling));
        close(&format!("ceiling, {prompts}: false pass"), found.0, pass);
        close(&format!("ceiling, {prompts}: false fail"), found.1, fail);
    }
    for (prompts, pass) in [(10, 0.176), (20, 0.164), (50, 0.066), (100, 0.044)] {
        let (found, _) = errors(8.0, prompts, 13, |random| {
            if random.happens(0.05) {
                2.0
            } else {
                one(failing)(random)
            }
        });
        close(&format!("catastrophes, {prompts}: false pass"), found, pass);
    }
}

/// Of many pairs of models: the shares in which the upper bound of the change is below 0, and the lower above −0.5.
fn bounds(truth: Truth, prompts: usize, each: usize, seed: u64) -> (f64, f64) {
    let models = Models::of(truth);
    let mut random = Random::seeded(seed);
    let (mut dropped, mut held) = (0_u32, 0_u32);
    for _ in 0..RUNS {
        let changes: Vec<(f64, f64)> = (0..prompts)
            .map(|_| {
                let (old, new) = models.answers(&mut random, (each, each));
                let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
                (mean(&new) - mean(&old), 1.0)
            })
            .collect();
        let known = Estimate::of(&changes).unwrap();
        dropped += u32::from(known.chance_below(0.0).unwrap() < ALPHA);
        held += u32::from(known.chance_above(-0.5).unwrap() < ALPHA);
    }
    (
        f64::from(dropped) / f64::from(RUNS),
        f64::from(held) / f64::from(RUNS),
    )
}

#[test]
fn a_drop_is_seen_and_missed_as_often_as_the_reference_says() {
    for (prompts, each, alarm) in [
        (10, 1, 0.055),
        (10, 3, 0.052),
        (20, 1, 0.062),
        (50, 1, 0.055),
    ] {
        let (found, _) = bounds(Truth::Everywhere(0.0), prompts, each, 21);
        close(
            &format!("no drop, {prompts} × {each}: false alarm"),
            found,
            alarm,
        );
    }
    for (truth, prompts, each, missed, seen) in [
        (Truth::Everywhere(0.5), 10, 1, 0.062, 0.575),
        (Truth::Everywhere(0.5), 10, 3, 0.055, 0.896),
        (Truth::Everywhere(0.5), 20, 1, 0.056, 0.826),
        (Truth::Everywhere(0.5), 50, 1, 0.049, 0.994),
        (Truth::Somewhere(0.5), 10, 3, 0.091, 0.433),
        (Truth::Somewhere(0.5), 20, 3, 0.038, 0.746),
        (Truth::Somewhere(0.5), 50, 3, 0.044, 0.981),
    ] {
        let (dropped, held) = bounds(truth, prompts, each, 22);
        close(
            &format!("{truth:?}, {prompts} × {each}: false pass"),
            held,
            missed,
        );
        close(
            &format!("{truth:?}, {prompts} × {each}: drop seen"),
            dropped,
            seen,
        );
    }
}

/// Two hundred pull requests whose model is as good as the stored one: how many are gated twice with two outcomes.
fn flips(twice: impl Fn(&mut Random, &[f64]) -> [Vec<Vec<f64>>; 2]) -> usize {
    let size = Size {
        prompts: 20,
        old: 1,
        new: 1,
    };
    let mut gate = gate::Gate::new(size);
    let mut random = Random::seeded(31);
    let level = location(8.0);
    let fails = |said| said == gate::Said::Fail;
    let differ = (0..200).filter(|_| {
        let prompts: Vec<f64> = (0..size.prompts).map(|_| prompt(&mut random)).collect();
        let stored: Vec<Vec<f64>> = prompts
            .iter()
            .map(|prompt| vec![answer(&mut random, level, *prompt)])
            .collect();
        let [one, other] = twice(&mut random, &prompts);
        fails(gate.decide(&stored, &one)) != fails(gate.decide(&stored, &other))
    });
    differ.count()
}

#[test]
fn a_check_that_is_run_again_says_the_same() {
    let level = location(8.0);
    let run = |random: &mut Random, prompts: &[f64]| -> Vec<Vec<f64>> {
        prompts
            .iter()
            .map(|prompt| vec![answer(random, level, *prompt)])
            .collect()
    };
    let drawn_again = flips(|random, prompts| [run(random, prompts), run(random, prompts)]);
    assert!(drawn_again < 4, "{drawn_again} of 200 differ");
    let same_bytes = flips(|random, prompts| {
        let answers = run(random, prompts);
        [answers.clone(), answers]
    });
    assert_eq!(same_bytes, 0);
}

#[test]
fn the_published_drops_are_those_that_so_many_prompts_show() {
    let page = include_str!("../../docs/gate.md");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| prompts | sd 0.4 |"));
    let rows: Vec<&str> = rows
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() >= 6);
    for row in rows {
        let cells = row
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().parse::<f64>().unwrap());
        let cells: Vec<f64> = cells.collect();
        let (prompts, drops) = cells.split_first().unwrap();
        // Half one deviation up, half one down: its spread is known by hand.
        for (deviation, drop) in [0.4, 0.8, 1.2, 2.0].into_iter().zip(drops) {
            let up = deviation * ((prompts - 1.0) / prompts).sqrt();
            let changes = (0..*prompts as u32).map(|i| (if i % 2 == 0 { up } else { -up }, 1.0));
            let known = Estimate::of(&changes.collect::<Vec<_>>()).unwrap();
            let found = known.detectable(ALPHA).unwrap();
            assert!(
                (found - drop).abs() <= 0.011 * drop + 0.006,
                "{prompts}, {deviation}: {found}"
            );
        }
    }
}

/// A row of the published table: prompts, samples of the baseline and of the run, and in percent for each truth what was
/// proven to hold, not proven, failed.
fn published() -> Vec<(Size, Vec<[f64; 3]>)> {
    let page = include_str!("../../docs/gate.md");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| prompts, answers each |"));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let number = |text: &str| text.trim().parse::<f64>().unwrap();
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let (prompts, each) = cells[0].split_once(", ").unwrap();
        let (old, new) = each.split_once(" → ").unwrap_or((each, each));
        let count = |text: &str| text.parse::<usize>().unwrap();
        let size = Size {
            prompts: count(prompts),
            old: count(old),
            new: count(new),
        };
        let cells = cells[1..].iter().map(|cell| {
            let parts: Vec<f64> = cell.split('/').map(number).collect();
            [parts[0], parts[1], parts[2]]
        });
        (size, cells.collect())
    })
    .collect()
}

#[test]
fn the_published_table_is_what_the_gate_does() {
    let rows = published();
    assert!(rows.len() >= 6, "{rows:?}");
    // Some cells, with fewer runs than were published: the bench prints all of them.
    for (row, column) in [(0, 0), (1, 3), (2, 2), (3, 0), (4, 5)] {
        let (size, cells) = &rows[row];
        let found = shares(&Models::of(gate::TRUTHS[column]), *size, 1_000, 99);
        for (found, expected) in found.iter().zip(cells[column]) {
            assert!(
                (found - expected).abs() <= 5.0,
                "{size:?}, {:?}: {found} is not {expected}",
                gate::TRUTHS[column]
            );
        }
    }
}
