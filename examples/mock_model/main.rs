//! A model server for benchmarks and for trying things out: `cargo run --release --example mock_model -- --help`.
//!
//! Only the command line; what it answers, when, and what it counts stands in [`server`].

mod server;

use clap::Parser;

/// A chat API that answers any model by the prompt alone. Prints its base URL, then serves until it is ended.
#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    settings: server::Settings,
}

fn main() -> Result<(), server::ServerError> {
    server::serve(&Cli::parse().settings)
}
