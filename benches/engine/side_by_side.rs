//! tunegate, promptfoo and the bare loop on the same machine, one after the other: the same model server, the same
//! cases, one `contains` each. `benches/side_by_side.sh` installs promptfoo and starts this.
//!
//! promptfoo runs as fast as it can: without cache, database, progress bar, table, adaptive scheduler, telemetry and
//! update check. Both tools write their results to one file; tunegate has no other switch to set.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Args;

use crate::figures::{self, cpu_a_case, short_time, size, table, time, times};
use crate::measure::{self, Cost};
use crate::mock::Mock;
use crate::repository::{Load, Profile, Repository};
use crate::rows;

const LATENCY: Duration = Duration::from_millis(50);
const IN_FLIGHT: [usize; 2] = [20, 256];
/// What keeps promptfoo from asking anybody but the model; without its adaptive scheduler it is a little faster.
const SWITCHES: [&str; 5] = [
    "PROMPTFOO_DISABLE_ADAPTIVE_SCHEDULER",
    "PROMPTFOO_DISABLE_REMOTE_GENERATION",
    "PROMPTFOO_DISABLE_SHARING",
    "PROMPTFOO_DISABLE_TELEMETRY",
    "PROMPTFOO_DISABLE_UPDATE",
];

/// What is compared.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// A folder where npm installed `promptfoo`
    #[arg(long, value_name = "DIR")]
    promptfoo: PathBuf,
    /// The Node.js that runs it
    #[arg(long, value_name = "FILE", default_value = "node")]
    node: PathBuf,
    /// This binary instead of a fresh release build
    #[arg(long, value_name = "FILE")]
    tunegate: Option<PathBuf>,
    /// Cases to ask
    #[arg(long, default_value_t = 5_000)]
    cases: usize,
    /// The median of so many runs counts
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

/// A tool with its command for a number of questions in flight.
struct Tool<'c> {
    title: String,
    installed: u64,
    start: Vec<OsString>,
    ask: Box<dyn Fn(usize) -> Vec<OsString> + 'c>,
    environment: Vec<(&'static str, OsString)>,
}

/// Measures each tool and prints the table.
pub(crate) fn run(choice: &Choice) -> Result<ExitCode, Box<dyn Error>> {
    let home = tempfile::TempDir::new()?;
    let tools = [tunegate(choice)?, promptfoo(choice, home.path())?];
    let mut rows = Vec::new();
    for in_flight in IN_FLIGHT {
        rows.extend(rows_at(choice, &tools, in_flight)?);
    }
    let mut installed = vec!["installed".to_owned(), "–".to_owned(), "–".to_owned()];
    installed.extend(tools.iter().map(|tool| size(tool.installed)));
    let mut start = vec!["`--version`".to_owned(), "–".to_owned(), "–".to_owned()];
    for tool in &tools {
        start.push(time(median(tool, home.path(), &tool.start, 5)?.wall));
    }
    rows.extend([installed, start]);
    let head: Vec<&str> = ["", "limit", "bare loop"]
        .into_iter()
        .chain(tools.iter().map(|tool| tool.title.as_str()))
        .collect();
    let (machine, cases) = (rows::machine(), choice.cases);
    let latency = LATENCY.as_millis();
    write!(
        io::stdout(),
        "{machine}; {cases} cases at {latency} ms\n\n{}",
        table(&head, &rows)
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Wall time, processor time and memory of all at so many questions in flight.
fn rows_at(
    choice: &Choice,
    tools: &[Tool<'_>],
    in_flight: usize,
) -> Result<[Vec<String>; 3], Box<dyn Error>> {
    let cases = choice.cases;
    let load = Load {
        cases,
        in_flight,
        profile: Profile::Checks,
    };
    let least = figures::least(cases, in_flight, LATENCY);
    let mock = Mock::start(LATENCY)?;
    let repository = Repository::write(&load, &mock.url)?;
    repository.write_promptfoo(&mock.url)?;
    let mut costs = vec![rows::bare(&repository, &mock, in_flight)?];
    for tool in tools {
        writeln!(io::stderr(), "{}, {in_flight} in flight …", tool.title)?;
        let before = mock.stats()?.requests;
        let command = (tool.ask)(in_flight);
        costs.push(median(tool, repository.path(), &command, choice.runs)?);
        let asked = mock.stats()?.requests - before;
        if asked != cases * choice.runs {
            return Err(format!("{}: {asked} questions arrived", tool.title).into());
        }
    }
    repository.expect_all_scored()?;
    let row = |name: &str, least: String, cell: &dyn Fn(&Cost) -> String| {
        let first = [format!("{name}, {in_flight} in flight"), least];
        first.into_iter().chain(costs.iter().map(cell)).collect()
    };
    let none = || "–".to_owned();
    Ok([
        row("wall time", time(least), &|cost| {
            format!("{} ({})", time(cost.wall), times(cost.wall, least))
        }),
        row("CPU a case", none(), &|cost| {
            short_time(cpu_a_case(cost, cases))
        }),
        row("peak memory", none(), &|cost| size(cost.peak)),
    ])
}

fn median(
    tool: &Tool<'_>,
    folder: &Path,
    command: &[OsString],
    runs: usize,
) -> Result<Cost, Box<dyn Error>> {
    let costs = (0..runs)
        .map(|_| measure::cost(folder, &tool.environment, command))
        .collect::<Result<Vec<_>, _>>()?;
    measure::median(costs).ok_or_else(|| "no run".into())
}

fn tunegate(choice: &Choice) -> Result<Tool<'_>, Box<dyn Error>> {
    let path = match &choice.tunegate {
        Some(path) => path.canonicalize()?,
        None => rows::release()?,
    };
    Ok(Tool {
        title: format!("tunegate {}", env!("CARGO_PKG_VERSION")),
        installed: fs::metadata(&path)?.len(),
        start: vec![path.clone().into(), "--version".into()],
        ask: Box::new(move |_| vec![path.clone().into(), "run".into()]),
        environment: Vec::new(),
    })
}

fn promptfoo<'c>(choice: &'c Choice, home: &Path) -> Result<Tool<'c>, Box<dyn Error>> {
    let modules = choice.promptfoo.join("node_modules").canonicalize()?;
    let entry = modules.join("promptfoo/dist/src/entrypoint.js");
    let run = move |arguments: &[&str]| {
        let command = [choice.node.clone().into(), entry.clone().into()];
        let arguments = arguments.iter().map(OsString::from);
        command.into_iter().chain(arguments).collect::<Vec<_>>()
    };
    let start = run(&["--version"]);
    let version = Command::new(&start[0]).args(&start[1..]).output()?.stdout;
    let version = String::from_utf8_lossy(&version);
    let switches = SWITCHES.map(|name| (name, "true".into()));
    Ok(Tool {
        title: format!("promptfoo {}", version.trim()),
        installed: weight(&modules)?,
        start,
        ask: Box::new(move |in_flight| {
            let in_flight = in_flight.to_string();
            run(&[
                "eval",
                "--config",
                "promptfooconfig.json",
                "--max-concurrency",
                &in_flight,
                "--no-cache",
                "--no-progress-bar",
                "--no-table",
                "--no-share",
                "--no-write",
                "--output",
                "promptfoo.json",
            ])
        }),
        environment: switches
            .into_iter()
            .chain([("PROMPTFOO_CONFIG_DIR", home.into())])
            .collect(),
    })
}

/// The bytes of all files in a folder.
fn weight(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            bytes += weight(&entry.path())?;
        } else if kind.is_file() {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
