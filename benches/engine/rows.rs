//! The benchmark's rows: what is asked, and what it may cost by the contract of the project.

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Args;

use crate::figures::{self, cpu_a_case, short_time, size, table, time, times};
use crate::measure::{self, Cost};
use crate::mock::Mock;
use crate::repository::{Load, Profile, Repository};

const HEAD: [&str; 10] = [
    "cases",
    "in flight",
    "latency",
    "scoring",
    "limit",
    "bare loop",
    "tunegate",
    "CPU a case, bare loop",
    "CPU a case, tunegate",
    "peak memory",
];
/// Processor time that a case may take where the model takes its time.
const CPU: Duration = Duration::from_micros(150);

/// What is run.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// A few cases with the build at hand: shows that the benchmark works, judges nothing
    #[arg(long)]
    quick: bool,
    /// This binary instead of a fresh release build
    #[arg(long, value_name = "FILE")]
    tunegate: Option<PathBuf>,
    /// Only rows whose name holds this text, such as `256 in flight`
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

/// One row.
struct Row {
    load: Load,
    latency: Duration,
    /// The median of so many counts.
    runs: usize,
    bounds: Vec<Bound>,
}

/// What the contract allows.
#[derive(Debug, Clone, Copy)]
enum Bound {
    /// Wall time as a multiple of what is physically possible.
    Times(f64),
    /// Wall time.
    Wall(Duration),
    /// Processor time a case.
    Cpu(Duration),
    /// Peak memory in bytes.
    Peak(u64),
}

/// What the runs of a row came to.
struct Measured {
    row: Row,
    bare: Cost,
    tunegate: Cost,
}

/// Measures every row, prints the table and whether each bound held.
pub(crate) fn run(choice: &Choice) -> Result<ExitCode, Box<dyn Error>> {
    let tunegate = binary(choice)?;
    let rows = if choice.quick { quick() } else { full() };
    let mut cells = Vec::new();
    let mut held = String::new();
    let mut all_held = true;
    for row in rows
        .into_iter()
        .filter(|row| row.name().contains(&choice.only))
    {
        writeln!(io::stderr(), "{} …", row.name())?;
        let measured = measured(row, &tunegate)?;
        cells.push(measured.cells());
        for bound in &measured.row.bounds {
            let (holds, sentence) = measured.holds(*bound);
            all_held &= holds;
            let word = if holds { "pass" } else { "MISS" };
            writeln!(held, "- {word}: {}: {sentence}", measured.row.name())?;
        }
    }
    let table = table(&HEAD, &cells);
    write!(io::stdout(), "{}\n\n{table}\n{held}", machine())?;
    Ok(if all_held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Where and when this is measured.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let system = std::env::consts::OS;
    let architecture = std::env::consts::ARCH;
    let today = jiff::Zoned::now().date();
    let version = env!("CARGO_PKG_VERSION");
    format!("tunegate {version}, {cores} cores, {system} {architecture}, {today}")
}

/// The binary that users get. Cargo's own build for benchmarks has features of test libraries in it.
fn binary(choice: &Choice) -> Result<PathBuf, Box<dyn Error>> {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_tunegate"));
    match &choice.tunegate {
        Some(path) => Ok(path.canonicalize()?),
        None if choice.quick => Ok(built),
        None => release(),
    }
}

/// Builds the release binary as `cargo build --release` does: without what `cargo bench` tells its children about this
/// package, else a build script that watches these variables would have everything compiled again.
pub(crate) fn release() -> Result<PathBuf, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    let built = cargo
        .args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--bin",
            "tunegate",
        ])
        .current_dir(root)
        .status()?;
    if !built.success() {
        return Err("`cargo build --release` failed".into());
    }
    Ok(PathBuf::from(env!("CARGO_BIN_EXE_tunegate")))
}

fn full() -> Vec<Row> {
    let slow = |in_flight, profile, allowed| Row {
        load: Load {
            cases: 5_000,
            in_flight,
            profile,
        },
        latency: Duration::from_millis(50),
        runs: 3,
        bounds: vec![Bound::Times(allowed), Bound::Cpu(CPU)],
    };
    let at_once = |cases, in_flight, runs, bound| Row {
        load: Load {
            cases,
            in_flight,
            profile: Profile::Standard,
        },
        latency: Duration::ZERO,
        runs,
        bounds: vec![bound],
    };
    vec![
        slow(20, Profile::Standard, 1.10),
        slow(20, Profile::Checks, 1.10),
        slow(256, Profile::Standard, 1.25),
        slow(256, Profile::Checks, 1.25),
        at_once(100_000, 64, 1, Bound::Peak(64 << 20)),
        at_once(50, 8, 10, Bound::Wall(Duration::from_millis(60))),
    ]
}

fn quick() -> Vec<Row> {
    let row = |profile, milliseconds| Row {
        load: Load {
            cases: 60,
            in_flight: 20,
            profile,
        },
        latency: Duration::from_millis(milliseconds),
        runs: 2,
        bounds: Vec::new(),
    };
    vec![row(Profile::Standard, 0), row(Profile::Checks, 20)]
}

fn measured(row: Row, tunegate: &Path) -> Result<Measured, Box<dyn Error>> {
    let mock = Mock::start(row.latency)?;
    let repository = Repository::write(&row.load, &mock.url)?;
    let bare = bare(&repository, &mock, row.load.in_flight)?;
    let command = [tunegate.into(), "run".into()];
    let mut costs = Vec::new();
    for _ in 0..row.runs {
        let before = mock.stats()?.requests;
        costs.push(measure::cost(repository.path(), &[], &command)?);
        let asked = mock.stats()?.requests - before;
        repository.expect_all_scored()?;
        if asked != row.load.cases {
            let cases = row.load.cases;
            return Err(format!("{asked} questions arrived for {cases} cases").into());
        }
        repository.forget()?;
    }
    let most = mock.stats()?.most_in_flight;
    if most > row.load.in_flight {
        return Err(format!("{most} questions were in flight").into());
    }
    let tunegate = measure::median(costs).ok_or("no run")?;
    Ok(Measured {
        row,
        bare,
        tunegate,
    })
}

/// What the least of all clients costs.
pub(crate) fn bare(
    repository: &Repository,
    mock: &Mock,
    in_flight: usize,
) -> Result<Cost, Box<dyn Error>> {
    let command: [OsString; 8] = [
        std::env::current_exe()?.into(),
        "bare".into(),
        "--url".into(),
        mock.url.as_str().into(),
        "--cases".into(),
        repository.cases_file().into(),
        "--in-flight".into(),
        in_flight.to_string().into(),
    ];
    measure::cost(repository.path(), &[], &command)
}

impl Row {
    fn name(&self) -> String {
        let Load {
            cases,
            in_flight,
            profile,
        } = self.load;
        let (latency, profile) = (self.latency.as_millis(), profile.name());
        format!("{cases} cases at {latency} ms, {in_flight} in flight, {profile}")
    }

    fn least(&self) -> Duration {
        figures::least(self.load.cases, self.load.in_flight, self.latency)
    }
}

impl Measured {
    fn cells(&self) -> Vec<String> {
        let Load {
            cases,
            in_flight,
            profile,
        } = self.row.load;
        let least = self.row.least();
        let walls = [self.bare.wall, self.tunegate.wall].map(|wall| {
            if least.is_zero() {
                time(wall)
            } else {
                format!("{} ({})", time(wall), times(wall, least))
            }
        });
        let [bare, tunegate] = walls;
        vec![
            cases.to_string(),
            in_flight.to_string(),
            format!("{} ms", self.row.latency.as_millis()),
            profile.name().to_owned(),
            if least.is_zero() {
                "–".to_owned()
            } else {
                time(least)
            },
            bare,
            tunegate,
            short_time(cpu_a_case(&self.bare, cases)),
            short_time(cpu_a_case(&self.tunegate, cases)),
            size(self.tunegate.peak),
        ]
    }

    /// Whether a bound held, and the sentence for it.
    fn holds(&self, bound: Bound) -> (bool, String) {
        let Cost { wall, peak, .. } = self.tunegate;
        let least = self.row.least();
        match bound {
            Bound::Times(most) => (
                wall <= least.mul_f64(most),
                format!("{} the limit, allowed {most:.2} ×", times(wall, least)),
            ),
            Bound::Wall(most) => (
                wall <= most,
                format!("{}, allowed {}", time(wall), time(most)),
            ),
            Bound::Cpu(most) => {
                let a_case = cpu_a_case(&self.tunegate, self.row.load.cases);
                let sentence = format!(
                    "{} of CPU a case, allowed {}",
                    short_time(a_case),
                    short_time(most)
                );
                (a_case <= most, sentence)
            }
            Bound::Peak(most) => (
                peak <= most,
                format!("{} at its peak, allowed {}", size(peak), size(most)),
            ),
        }
    }
}
