//! What the gate costs besides the model: `cargo bench --bench engine`.
//!
//! Runs the release build of `tunegate run` as a user does, against a model server on this machine that answers after
//! a fixed time, and holds wall time, processor time and memory against the limits of the project. The limit that no
//! client can beat is `ceil(cases / in flight) × latency`. Exits with 1 where a limit is missed.

mod bare;
mod figures;
mod measure;
mod mock;
mod repository;
mod rows;
#[path = "../../examples/mock_model/server/mod.rs"]
mod server;
mod side_by_side;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Wall time, processor time and memory of `tunegate run` against what is physically possible.
#[derive(Debug, Parser)]
#[command(name = "engine", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    job: Option<Job>,
    #[command(flatten)]
    rows: rows::Choice,
    /// Cargo says so to every benchmark
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Job {
    /// The same cases with tunegate, a bare loop and promptfoo
    SideBySide(side_by_side::Choice),
    /// Serve as the model (the benchmark starts itself so)
    #[command(hide = true)]
    Mock(server::Settings),
    /// Run a command and print what it cost (the benchmark starts itself so)
    #[command(hide = true)]
    Measure(measure::Choice),
    /// Ask the cases and do nothing else (the benchmark starts itself so)
    #[command(hide = true)]
    Bare(bare::Choice),
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let cli = Cli::parse();
    match cli.job {
        None => rows::run(&cli.rows),
        Some(Job::SideBySide(choice)) => side_by_side::run(&choice),
        Some(Job::Mock(settings)) => Ok(server::serve(&settings).map(|()| ExitCode::SUCCESS)?),
        Some(Job::Measure(choice)) => measure::here(&choice),
        Some(Job::Bare(choice)) => bare::run(&choice),
    }
}
