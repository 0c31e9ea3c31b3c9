//! What the audit of training data costs: `cargo bench --bench audit`. A file is generated, then read in one process of
//! its own. `-- --quick` takes a small file and judges nothing; `-- --tunegate FILE` another binary; `-- --megabytes N`.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark prints, and has nobody else to tell"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use tunegate::corpus::{Before, Purpose};

/// Rows of this many bytes on average, as chat data has them.
const ROW: usize = 800;
/// Of so many rows one is a copy of an earlier one, and one is nearly an earlier one.
const COPIES: usize = 20;

/// MB a second and core that reading, roles and identities reach; the whole audit; MiB at most.
const READING: f64 = 150.0;
const WHOLE: f64 = 40.0;
const MEMORY: u64 = 300;

const TRAIN: &str = "train.jsonl";
const VALIDATION: &str = "val.jsonl";
const SUITE: &str = "suite.yaml";

type Outcome<T> = Result<T, Box<dyn Error>>;

struct Settings {
    megabytes: usize,
    quick: bool,
    tunegate: PathBuf,
}

fn main() -> ExitCode {
    match settings().and_then(|settings| measure(&settings)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            println!("{why}");
            ExitCode::from(2)
        }
    }
}

fn settings() -> Outcome<Settings> {
    let mut settings = Settings {
        megabytes: 1_000,
        quick: false,
        tunegate: PathBuf::from(env!("CARGO_BIN_EXE_tunegate")),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} wants a value"));
        match argument.as_str() {
            "--quick" => (settings.quick, settings.megabytes) = (true, 3),
            "--megabytes" => settings.megabytes = value()?.parse()?,
            "--tunegate" => settings.tunegate = value()?.into(),
            // Cargo's own.
            "--bench" => {}
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    Ok(settings)
}

fn measure(settings: &Settings) -> Outcome<bool> {
    let folder = tempfile::tempdir()?;
    let bytes = generate(folder.path(), settings.megabytes)?;
    let reading = reading_speed(&folder.path().join(TRAIN))?;
    let cost = audit_cost(folder.path(), &settings.tunegate)?;
    let whole = megabytes(bytes) / cost.cpu;

    println!("| what | measured | wanted |\n|---|---|---|");
    let held = [
        row(
            "reading, roles, identities, copies",
            &format!("{reading:.0} MB/s"),
            &format!("{READING} MB/s"),
            reading >= READING,
        ),
        row(
            "everything, likeness too",
            &format!("{whole:.0} MB/s"),
            &format!("{WHOLE} MB/s"),
            whole >= WHOLE,
        ),
        row(
            "peak memory",
            &format!("{} MiB", cost.peak),
            &format!("{MEMORY} MiB"),
            cost.peak <= MEMORY,
        ),
    ];
    println!("\nwall time {:.1} s", cost.wall);
    Ok(settings.quick || held.into_iter().all(|held| held))
}

/// Writes data and a suite; the bytes of the data.
fn generate(folder: &Path, megabytes: usize) -> Outcome<u64> {
    let (train, validation) = (folder.join(TRAIN), folder.join(VALIDATION));
    let mut words = Words::new();
    let rows = megabytes * 1_000_000 / ROW;
    write_rows(&train, rows, &mut words)?;
    write_rows(&validation, rows / 50 + 1, &mut words)?;
    fs::write(folder.join(SUITE), suite_of(1_000, &mut words))?;
    let bytes = fs::metadata(&train)?.len() + fs::metadata(&validation)?.len();
    println!(
        "{} MB, {rows} rows of training data, 1,000 cases in the suite\n",
        bytes / 1_000_000
    );
    Ok(bytes)
}

/// MB a second.
fn reading_speed(train: &Path) -> Outcome<f64> {
    let started = Instant::now();
    let mut before = Before::default();
    let file = BufReader::with_capacity(1 << 16, File::open(train)?);
    before.read(TRAIN, Purpose::Training, file)?;
    before.close();
    Ok(megabytes(fs::metadata(train)?.len()) / started.elapsed().as_secs_f64())
}

/// What a run of the audit takes: seconds, seconds of all cores, MiB.
struct Cost {
    wall: f64,
    cpu: f64,
    peak: u64,
}

fn audit_cost(folder: &Path, tunegate: &Path) -> Outcome<Cost> {
    let started = Instant::now();
    let done = Command::new(tunegate)
        .current_dir(folder)
        .args(["audit", TRAIN, "--validation", VALIDATION, "--suite", SUITE])
        .stdout(Stdio::null())
        .status()?;
    if !matches!(done.code(), Some(0 | 1)) {
        return Err(format!("the audit ended with {done}").into());
    }
    let wall = started.elapsed().as_secs_f64();
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = (used.user_time() + used.system_time()).num_microseconds();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let cpu = cpu as f64 / 1e6;
    Ok(Cost {
        wall,
        cpu,
        peak: u64::try_from(used.max_rss())? / 1024,
    })
}

fn row(what: &str, measured: &str, wanted: &str, held: bool) -> bool {
    let miss = if held { "" } else { " MISS" };
    println!("| {what} | {measured} | {wanted}{miss} |");
    held
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn write_rows(path: &Path, rows: usize, words: &mut Words) -> Outcome<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut former = String::new();
    for number in 0..rows {
        let row = match number % COPIES {
            7 if !former.is_empty() => former.clone(),
            13 if !former.is_empty() => former.replacen("order", "parcel", 1),
            _ => words.row(),
        };
        file.write_all(row.as_bytes())?;
        file.write_all(b"\n")?;
        former = row;
    }
    Ok(file.flush()?)
}

fn suite_of(cases: usize, words: &mut Words) -> String {
    let mut suite = "scoring: {profile: checks}\ncases:\n".to_owned();
    for case in 0..cases {
        writeln!(
            suite,
            "  - {{id: case-{case}, prompt: \"{}\", checks: [{{contains: x}}]}}",
            words.sentence(14)
        )
        .ok();
    }
    suite
}

/// Sentences out of two thousand words, the same in every run.
struct Words {
    words: Vec<String>,
    state: u64,
}

impl Words {
    fn new() -> Self {
        let mut all = Self {
            words: Vec::new(),
            state: 7,
        };
        let syllables = [
            "re", "port", "ser", "vice", "con", "ta", "bil", "ling", "or", "der", "cus", "tom",
            "ac", "count", "up", "date",
        ];
        for _ in 0..2_000 {
            let length = 1 + all.next(3);
            let word = (0..length)
                .map(|_| syllables[all.next(syllables.len())])
                .collect();
            all.words.push(word);
        }
        all
    }

    fn next(&mut self, below: usize) -> usize {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or(0) % below
    }

    fn sentence(&mut self, words: usize) -> String {
        let mut sentence = String::from("The order");
        for _ in 0..words {
            let at = self.next(self.words.len());
            write!(sentence, " {}", self.words[at]).ok();
        }
        sentence
    }

    fn row(&mut self) -> String {
        let question = self.sentence(18);
        let answer = format!(
            "{}.\\n\\n1. {}: \\\"{}\\\"\\n2. {}",
            self.sentence(22),
            self.sentence(20),
            self.sentence(14),
            self.sentence(24)
        );
        format!(
            "{{\"messages\": [{{\"role\": \"system\", \"content\": \"You answer customers.\"}}, {{\"role\": \"user\", \"content\": \"{question}?\"}}, {{\"role\": \"assistant\", \"content\": \"{answer}\"}}]}}"
        )
    }
}
