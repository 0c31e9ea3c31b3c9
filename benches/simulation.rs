//! Prints the table of docs/gate.md: what the gate says of made-up models whose difference is known.
//!
//! `cargo bench --bench simulation`

#![expect(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark for people"
)]

#[path = "../tests/simulation/gate.rs"]
mod gate;
#[path = "../tests/simulation/generator.rs"]
mod generator;

use gate::{Size, TRUTHS, shares};
use generator::Models;

const RUNS: u32 = 4_000;
const SIZES: [(usize, usize, usize); 8] = [
    (10, 1, 1),
    (10, 3, 3),
    (20, 1, 1),
    (20, 3, 3),
    (20, 5, 1),
    (50, 1, 1),
    (50, 3, 3),
    (100, 1, 1),
];

fn main() {
    println!(
        "| prompts, answers each | no change | drop 0.25 | drop 0.5 | drop 0.75 | drop 1.0 | drop 0.5 in one of five | drop 1.0 in one of five |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let models: Vec<Models> = TRUTHS.into_iter().map(Models::of).collect();
    for (prompts, old, new) in SIZES {
        let size = Size { prompts, old, new };
        let each = if old == new {
            old.to_string()
        } else {
            format!("{old} → {new}")
        };
        let cells: Vec<String> = models
            .iter()
            .zip(1_u64..)
            .map(|(models, seed)| {
                let [proven, open, fail] = shares(models, size, RUNS, seed);
                format!("{proven:.0} / {open:.0} / {fail:.0}")
            })
            .collect();
        println!("| {prompts}, {each} | {} |", cells.join(" | "));
    }
}
