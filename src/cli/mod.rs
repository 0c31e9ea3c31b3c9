//! Arguments and environment into gate settings; one file a command. Returns what is to be printed, prints nothing.

mod action;
mod again;
mod audit;
mod baseline;
mod calibrate;
mod check;
mod demo;
mod ending;
mod explain;
mod import;
mod init;
mod merge;
mod progress;
mod run;
mod scores;
mod verify;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::edge::disk;
use crate::gate::{GateError, JOURNAL, refuse_linked};
use crate::report::terminal::Terminal;

pub use ending::Ending;

/// Did this pull request make your fine-tuned models worse?
#[derive(Debug, Parser)]
#[command(name = "tunegate", version, about, long_about = LONG_ABOUT, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const LONG_ABOUT: &str = "Did this pull request make your fine-tuned models worse?\n\ntunegate benchmarks the models \
                          that a change touches, compares them with the stored baseline, and fails when they fell \
                          below the threshold or got worse.";

#[derive(Debug, Clone, Args)]
struct Common {
    /// Path of the configuration
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "tunegate.yaml"
    )]
    config: PathBuf,
    /// When to use colours: `auto` on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto)]
    color: ColorWhen,
    /// Print results only, no progress
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job on recorded answers: no key, no network
    #[command(after_help = "Example:\n  tunegate demo --out /tmp/demo")]
    Demo(demo::Arguments),
    /// Write the first files, from the model IDs, the data and the servers that the repository holds; overwrites nothing
    #[command(after_help = "Examples:\n  tunegate init --dry-run\n  tunegate init")]
    Init(init::Arguments),
    /// Validate configuration and suites, print the plan; without --ping it asks no model and needs no key
    #[command(
        after_help = "Examples:\n  tunegate check --ping\n  tunegate check --self-test --answers recorded.jsonl"
    )]
    Check(check::Arguments),
    /// Benchmark the agents of the working tree and decide
    #[command(
        after_help = "Examples:\n  tunegate run --since origin/main\n  tunegate run --agent qa_agent --baseline tunegate-out/run.json"
    )]
    Run(run::Arguments),
    /// Look into training data: broken rows, copies, leaks, secrets; asks no model. Exit 1 where a finding blocks
    #[command(
        after_help = "Example:\n  tunegate audit data/train.jsonl --validation data/val.jsonl --suite suites/qa_agent.yaml"
    )]
    Audit(audit::Arguments),
    /// Join the parts of a divided run and decide; asks no model
    #[command(
        after_help = "Example:\n  tunegate merge part-1/run.json part-2/run.json --baseline baseline.json"
    )]
    Merge(merge::Arguments),
    /// Decide a record again, under the rules of today; asks no model. Exits as the gate does
    #[command(
        after_help = "Example:\n  tunegate decide tunegate-out/run.json --config tunegate.yaml"
    )]
    Decide(again::Decide),
    /// Hold one record against another, case by case; asks no model. Exit 0 unless --gate
    #[command(after_help = "Example:\n  tunegate compare before/run.json after/run.json")]
    Compare(again::Compare),
    /// Print or write the documents of a record
    #[command(after_help = "Example:\n  tunegate report tunegate-out/run.json --format comment")]
    Report(again::Report),
    /// What is stored as baselines, and how a person adds to it
    #[command(after_help = "Example:\n  tunegate baseline history --agent qa_agent")]
    Baseline(baseline::Arguments),
    /// Ask whether a record approves a release: exit 0 approved, 1 not
    #[command(
        after_help = "Example:\n  tunegate verify --record run.json --agent qa_agent --model ft:open-mistral-7b:acme:20261001:qa"
    )]
    Verify(verify::Arguments),
    /// How far scores agree with people: with their ratings of answers, or their choice between two; asks no model
    #[command(
        after_help = "Examples:\n  tunegate calibrate labels.jsonl\n  tunegate calibrate rated.csv --map answer=response --map rating=stars --scale 1:5"
    )]
    Calibrate(calibrate::Arguments),
    /// Write a suite from a file of another tool: promptfoo, a GitHub .prompt.yml, OpenAI's evals or graders; runs nothing
    #[command(
        after_help = "Examples:\n  tunegate import promptfooconfig.yaml --out suites/qa_agent.yaml\n  tunegate import graders.json --format openai-grader"
    )]
    Import(import::Arguments),
    /// What a code of a verdict or of an audit means, with an example and what to do
    #[command(after_help = "Example:\n  tunegate explain agent-regressed")]
    Explain(explain::Arguments),
    /// The GitHub Action's entry; reads only the runner's environment
    #[command(after_help = "Example (in a workflow):\n  uses: tunegate/tunegate@SHA")]
    Action,
}

/// What is said where no agent is touched.
const UNTOUCHED: &str = "nothing that this gate watches was touched; no model was asked";

impl Cli {
    /// Carries the command out.
    pub async fn run(self) -> Ending {
        // A record in another form is for whoever reads that form, and the demonstration prints a comment.
        // Texts of files are for copying.
        let is_file = matches!(&self.command, Command::Report(_) | Command::Demo(_))
            || matches!(&self.command, Command::Init(arguments) if arguments.dry_run);
        let for_people = !is_file && !self.common.json;
        let ended = match self.command {
            Command::Demo(arguments) => demo::run(&self.common, &arguments).await,
            Command::Init(arguments) => init::run(&self.common, &arguments).await,
            Command::Check(arguments) => check::run(&self.common, &arguments).await,
            Command::Run(arguments) => run::run(&self.common, &arguments).await,
            Command::Audit(arguments) => audit::run(&self.common, &arguments).await,
            Command::Merge(arguments) => merge::run(&self.common, &arguments),
            Command::Decide(arguments) => again::decide(&self.common, &arguments).await,
            Command::Compare(arguments) => again::compare(&self.common, &arguments).await,
            Command::Report(arguments) => again::report(&self.common, &arguments),
            Command::Baseline(arguments) => baseline::run(&self.common, &arguments).await,
            Command::Verify(arguments) => verify::run(&self.common, &arguments).await,
            Command::Calibrate(arguments) => calibrate::run(&self.common, &arguments).await,
            Command::Import(arguments) => import::run(&self.common, &arguments).await,
            Command::Explain(arguments) => explain::run(&self.common, &arguments),
            Command::Action => return Box::pin(action::run()).await,
        };
        let ending = match ended {
            Ok(ending) => ending,
            Err(why) if self.common.json => Ending::of_error(why),
            Err(why) => Ending::from(why),
        };
        let terminal = if for_people {
            self.common.terminal()
        } else {
            Terminal::default()
        };
        Ending { terminal, ..ending }
    }
}

impl Common {
    /// The repository's root and the configuration's path below it. Outside a repository the configuration's own
    /// folder is the root.
    fn root_and_config(&self) -> Result<(PathBuf, String), GateError> {
        let folder = self
            .config
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        let name = self.config.file_name().and_then(|name| name.to_str());
        let Some(name) = name else {
            let message = format!(
                "`{}` is not a file name; write `--config FILE`",
                self.config.display()
            );
            return Err(GateError::Usage(message));
        };
        Ok(match disk::repository_around(folder) {
            Some((root, inside)) if inside.is_empty() => (root, name.to_owned()),
            Some((root, inside)) => (root, format!("{inside}/{name}")),
            None => (folder.to_path_buf(), name.to_owned()),
        })
    }

    /// What standard output is.
    fn terminal(&self) -> Terminal {
        let stdout = std::io::stdout();
        let by_itself = || anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
        let size = stdout
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten();
        Terminal {
            color: match self.color {
                ColorWhen::Auto => by_itself(),
                ColorWhen::Always => true,
                ColorWhen::Never => false,
            },
            columns: size.map(|(columns, _)| usize::from(columns.0)),
        }
    }

    fn progress_on_terminal(&self) -> progress::Look {
        if self.quiet {
            progress::Look::Nothing
        } else if std::io::stderr().is_terminal() {
            progress::Look::Bar
        } else {
            progress::Look::Lines
        }
    }
}

/// A folder for the files of a run; one of the working tree that a link leads to is refused before anything is asked.
fn out_folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|out| {
        let Ok(here) = std::env::current_dir() else {
            return Ok(out);
        };
        let around = disk::repository_around(&here);
        let root = around.map_or_else(|| here.clone(), |(root, _)| root);
        // What else a run writes there replaces a link; its journal may be one that is to be gone on with.
        match refuse_linked(&root, &here.join(&out).join(JOURNAL)) {
            Ok(()) => Ok(out),
            Err(why) => Err(why.to_string()),
        }
    })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
