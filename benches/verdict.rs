//! How long the pure part takes: pairing and deciding a record of many cases.
//!
//! `cargo bench --bench verdict`

#![expect(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark for people, which uses a part of the simulation"
)]

#[path = "../tests/simulation/gate.rs"]
mod gate;
#[path = "../tests/simulation/generator.rs"]
mod generator;

use std::time::{Duration, Instant};

use gate::{Gate, Size};
use generator::{Models, Random, Truth};

const MOST: Duration = Duration::from_millis(50);

fn main() {
    let size = Size {
        prompts: 10_000,
        old: 3,
        new: 3,
    };
    let models = Models::of(Truth::Everywhere(0.25));
    let mut random = Random::seeded(1);
    let answers = (0..size.prompts).map(|_| models.answers(&mut random, (size.old, size.new)));
    let (old, new): (Vec<_>, Vec<_>) = answers.unzip();
    let mut gate = Gate::new(size);
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let started = Instant::now();
            gate.decide(&old, &new);
            started.elapsed()
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    let word = if median <= MOST { "ok" } else { "MISS" };
    println!(
        "tally, pair and decide 10,000 cases of 3 answers on each side: {median:.1?} (median of {}), at most {MOST:?}: {word}",
        times.len()
    );
}
