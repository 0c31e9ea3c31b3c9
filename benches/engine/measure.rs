//! What one command costs: wall time, processor time with that of its children, peak memory.
//!
//! The kernel sums and maximises over *all* ended children of a process, so each measurement gets a process of its
//! own: this program again, which is small enough not to be the peak.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// What a command cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// From before it was started until it had ended.
    pub(crate) wall: Duration,
    /// User and system time.
    pub(crate) cpu: Duration,
    /// The largest resident set, in bytes.
    pub(crate) peak: u64,
    /// Its exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
}

/// Runs the command as a child of this process and prints its cost as JSON.
pub(crate) fn here(choice: &Choice) -> Result<ExitCode, Box<dyn Error>> {
    let (program, arguments) = choice.command.split_first().ok_or("no command")?;
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        // A pipe that nobody reads would stop it; what it prints is not wanted here.
        .stdout(Stdio::null())
        .status()?;
    let wall = started.elapsed();
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = used.user_time().num_microseconds() + used.system_time().num_microseconds();
    let cost = Cost {
        wall,
        cpu: Duration::from_micros(cpu.try_into()?),
        // Linux counts kibibytes.
        peak: u64::try_from(used.max_rss())? * 1024,
        code: status.code(),
    };
    serde_json::to_writer(std::io::stdout(), &cost)?;
    Ok(ExitCode::SUCCESS)
}

/// The cost of a command in a folder. It has to end with 0: what failed early was cheap for the wrong reason.
pub(crate) fn cost(
    folder: &Path,
    environment: &[(&str, OsString)],
    command: &[OsString],
) -> Result<Cost, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .arg("measure")
        .arg("--")
        .args(command)
        .current_dir(folder)
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("cannot run {command:?}: {said}").into());
    }
    let cost: Cost = serde_json::from_slice(&output.stdout)?;
    if cost.code != Some(0) {
        return Err(format!("{command:?} ended with {:?}: {said}", cost.code).into());
    }
    Ok(cost)
}

/// The one in the middle by wall time, of at least one.
pub(crate) fn median(mut costs: Vec<Cost>) -> Option<Cost> {
    costs.sort_by_key(|cost| cost.wall);
    costs.get(costs.len() / 2).copied()
}
