//! The repository that is measured: one agent, one suite, as many cases as wanted, the same ones every time. Also the
//! same cases for promptfoo.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

const QUESTIONS: [&str; 6] = [
    "How do we find out why the channel gets no messages since Monday, and what can we check ourselves?",
    "The nightly export stopped with an error that nobody here has seen. What should we try first?",
    "A customer cannot sign in after the password was changed. Which steps do you recommend?",
    "We want to move our project to another workspace without losing its history. How is that done?",
    "Our invoices list a seat that we removed last month. Where does that come from?",
    "The webhook answers with 403 since the update. What has to be set again?",
];

/// How answers are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Signals and checks.
    Standard,
    /// Checks alone.
    Checks,
}

impl Profile {
    /// Its name in a suite.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Checks => "checks",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// So many cases, one sample each.
    pub(crate) cases: usize,
    /// So many at once.
    pub(crate) in_flight: usize,
    /// Scored so.
    pub(crate) profile: Profile,
}

/// A repository in a temporary folder.
#[derive(Debug)]
pub(crate) struct Repository {
    folder: TempDir,
    cases: usize,
}

#[derive(Deserialize)]
struct Record {
    agents: Vec<Agent>,
}

#[derive(Deserialize)]
struct Agent {
    counts: Counts,
}

#[derive(Deserialize)]
struct Counts {
    scored: usize,
}

impl Repository {
    /// Configuration, suite and cases for asking the model at `url`.
    pub(crate) fn write(load: &Load, url: &str) -> Result<Self, Box<dyn Error>> {
        let repository = Self {
            folder: TempDir::new()?,
            cases: load.cases,
        };
        let folder = repository.path();
        fs::create_dir(folder.join("suites"))?;
        let in_flight = load.in_flight;
        let config = format!(
            "version: 1\nproviders:\n  mock: {{kind: openai, base_url: \"{url}\", concurrency: {in_flight}}}\n\
             agents:\n  support_agent: {{model: {{id: mock-model}}, suite: suites/support.yaml}}\n"
        );
        fs::write(folder.join("tunegate.yaml"), config)?;
        let profile = load.profile.name();
        let suite = format!("scoring: {{profile: {profile}}}\ncases_from: cases.jsonl\n");
        fs::write(folder.join("suites/support.yaml"), suite)?;
        lines(&repository.cases_file(), load.cases, |number| {
            case(number, load.profile)
        })?;
        Ok(repository)
    }

    /// Beside it, the same cases for promptfoo.
    pub(crate) fn write_promptfoo(&self, url: &str) -> Result<(), Box<dyn Error>> {
        let config = json!({
            "prompts": ["{{prompt}}"],
            "providers": [{
                "id": "openai:chat:mock-model",
                "config": {"apiBaseUrl": url, "apiKey": "none"},
            }],
            "tests": "file://tests.jsonl",
        });
        fs::write(self.path().join("promptfooconfig.json"), config.to_string())?;
        lines(&self.path().join("tests.jsonl"), self.cases, |number| {
            json!({
                "vars": {"prompt": prompt(number)},
                "assert": [{"type": "contains", "value": ticket(number)}],
            })
        })
    }

    /// Its root.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file with the cases.
    pub(crate) fn cases_file(&self) -> PathBuf {
        self.path().join("suites/cases.jsonl")
    }

    /// Holds the last run to its task: every case asked, answered, scored and recorded.
    pub(crate) fn expect_all_scored(&self) -> Result<(), Box<dyn Error>> {
        let file = File::open(self.path().join("tunegate-out/run.json"))?;
        let record: Record = serde_json::from_reader(BufReader::new(file))?;
        let scored: usize = record.agents.iter().map(|agent| agent.counts.scored).sum();
        if scored == self.cases {
            Ok(())
        } else {
            Err(format!("{scored} of {} cases were scored", self.cases).into())
        }
    }

    /// Removes what the last run wrote, so that the next one starts like the first.
    pub(crate) fn forget(&self) -> Result<(), Box<dyn Error>> {
        Ok(fs::remove_dir_all(self.path().join("tunegate-out"))?)
    }
}

fn lines(path: &Path, cases: usize, line: impl Fn(usize) -> Value) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..cases {
        writeln!(file, "{}", line(number))?;
    }
    Ok(file.flush()?)
}

fn case(number: usize, profile: Profile) -> Value {
    let mut case = json!({
        "id": format!("ticket-{number:06}"),
        "prompt": prompt(number),
        "checks": [{"contains": ticket(number)}],
    });
    if profile == Profile::Standard {
        case["keywords"] = json!(["settings", ["token", "key"], "report"]);
        case["expect"] = json!("steps");
    }
    case
}

/// What the answer of the model server holds, as it repeats the first sentence of the question.
fn ticket(number: usize) -> String {
    format!("Ticket {number:06}")
}

fn prompt(number: usize) -> String {
    let question = QUESTIONS[number % QUESTIONS.len()];
    format!("{} of our support team. {question}", ticket(number))
}
