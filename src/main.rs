//! The `tunegate` command: parse, call, print, exit.

use std::io::Write;
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
    // A reader that went away (`| head`) does not change what was decided.
    std::io::stdout().write_all(ending.stdout.as_bytes()).ok();
    std::io::stderr().write_all(ending.stderr.as_bytes()).ok();
    ExitCode::from(ending.code)
}
