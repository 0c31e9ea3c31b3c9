//! The `tunegate` command: parse, call, print, exit.

use std::process::ExitCode;

use clap::Parser;
use tunegate::cli::{Cli, Ending};

fn main() -> ExitCode {
    // clap exits with 2 on bad arguments and with 0 for --help, as the contract wants.
    let cli = Cli::parse();
    let ending = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(cli.run()),
        Err(error) => Ending {
            stderr: format!("tunegate: cannot start: {error}\n"),
            code: 3,
            ..Ending::default()
        },
    };
    ending.print();
    ExitCode::from(ending.code)
}
