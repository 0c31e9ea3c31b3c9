//! `tunegate decide`, `compare` and `report`: what records come to without asking anybody.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::scores::Scores;
use super::{Common, Ending, out_folder};
use crate::config::{self, Config};
use crate::edge::disk::Journal;
use crate::gate::again::{self, Former, documents, open, page, save};
use crate::gate::rescore::{By, Scorers, Stored, differ, was};
use crate::gate::{self, Documents, Files, GateError, action, gradable};
use crate::record::RunRecord;
use crate::report::{Answers, Context, escape, machine};
use crate::verdict;

/// Nobody can interrupt what asks nothing.
const NOT_INTERRUPTED: u8 = 130;

#[derive(Debug, Args)]
pub(super) struct Decide {
    /// The run.json to decide again
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// Decide under the rules that the record was decided under, not under the configuration's
    #[arg(long)]
    own_rules: bool,
    /// Score the answers that the record holds again first, with the suites of today
    #[arg(long)]
    rescore: bool,
    #[command(flatten)]
    scores: Scores,
    /// Also write run.json, report.html and the other documents into this folder
    #[arg(long, value_name = "DIR", value_parser = out_folder())]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The run.json of before
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The run.json that is held against it
    #[arg(value_name = "NOW")]
    now: PathBuf,
    /// Exit as the gate would: 1 where a rule is missed
    #[arg(long)]
    gate: bool,
    /// Also write run.json, report.html and the other documents into this folder
    #[arg(long, value_name = "DIR", value_parser = out_folder())]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Report {
    /// The run.json to report
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Summary)]
    format: Format,
    /// Show prompts alone, no answers
    #[arg(long)]
    no_answers: bool,
    /// Write report.html and the other documents into this folder instead
    #[arg(long, value_name = "DIR", value_parser = out_folder())]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The Markdown comment
    Comment,
    /// Its twin for terminals
    Summary,
    /// The page for a browser
    Html,
    /// Tests for a CI server
    Junit,
    /// A line a sample
    Csv,
    /// Numbers for a time series database
    Openmetrics,
    /// What shields.io reads for a badge
    Badge,
    /// Findings in training data
    Sarif,
    /// The record itself
    Json,
}

pub(super) async fn decide(common: &Common, arguments: &Decide) -> Result<Ending, GateError> {
    refuse_overwriting(&arguments.record, arguments.out.as_deref())?;
    if arguments.rescore || arguments.scores.are_given() {
        return rescored(common, arguments).await;
    }
    let mut record = open(&arguments.record)?;
    let config = if arguments.own_rules {
        None
    } else {
        Some(needed(common).await?)
    };
    let policy = again::policy(config.as_ref(), &record);
    let before = verdict::decide(&record.policy, &record).verdict;
    let was = crate::report::verdict_word(before.outcome, before.proven);
    let changed = record.policy != policy;
    again::decide(&mut record, &policy)?;
    let documents = documents(&record, Answers::Excerpts, Former::new())?;
    let mut told = documents.summary.clone();
    if changed {
        told += "Under the rules of then: ";
        told += was;
        told.push('\n');
    }
    ended(
        common,
        &mut record,
        &documents,
        arguments.out.as_deref(),
        told,
    )
}

/// Decides what the record comes to once its answers are scored as they are today.
async fn rescored(common: &Common, arguments: &Decide) -> Result<Ending, GateError> {
    let (root, name) = common.root_and_config()?;
    let stored = Stored::open(&arguments.record)?;
    let grades = arguments.scores.read(|| gradable(stored.record()))?;
    let suites = if arguments.rescore {
        Some(Scorers::load(&Files::disk(root), &name).await?)
    } else {
        None
    };
    let policy = if arguments.own_rules {
        stored.record().policy.clone()
    } else {
        needed(common).await?.policy
    };
    let by = By {
        suites: suites.as_ref(),
        grades: grades.as_ref(),
    };
    let (prices, was) = (stored.prices(), was(stored.record()));
    let folder = arguments.out.clone().unwrap_or_else(std::env::temp_dir);
    // A folder that cannot be written costs memory, not the verdict.
    let spool = Journal::passing(&folder).unwrap_or_else(|_| Journal::in_memory());
    let mut ledger = stored.rescored(by, &policy, &prices, spool)?;
    let context = Context {
        answers: Answers::Excerpts,
        run: action::run_line(ledger.record()),
        old_answers: Former::new(),
        accepting: None,
        banners: Vec::new(),
    };
    let documents = Documents::of(&mut ledger, &context)?;
    let told = format!(
        "{}As it was scored and decided then: {was}\n",
        documents.summary
    );
    let code = gate::exit_code(ledger.record(), NOT_INTERRUPTED);
    if let Some(folder) = &arguments.out {
        let saved = documents.write(&mut ledger, folder);
        return Ok(Ending::of_run(common, told, saved, code));
    }
    if common.json {
        let mut text = Cursor::new(Vec::new());
        ledger.write(&mut text)?;
        let text = String::from_utf8_lossy(text.get_ref()).into_owned();
        return Ok(Ending::printed(text, code));
    }
    Ok(Ending::printed(told, code))
}

pub(super) async fn compare(common: &Common, arguments: &Compare) -> Result<Ending, GateError> {
    let then = open(&arguments.before)?;
    let mut now = open(&arguments.now)?;
    for record in [&arguments.before, &arguments.now] {
        refuse_overwriting(record, arguments.out.as_deref())?;
    }
    let config = configuration(common).await?;
    let policy = again::policy(config.as_ref(), &now);
    // Suites are read where they are needed: a broken one is no reason to compare nothing.
    let scorers = if config.is_some() && differ(&now, &then) {
        let (root, name) = common.root_and_config()?;
        Some(Scorers::load(&Files::disk(root), &name).await?)
    } else {
        None
    };
    let former = again::compare(&mut now, then, &policy, scorers.as_ref())?;
    let documents = documents(&now, Answers::Excerpts, former)?;
    let told = documents.summary.clone();
    let ending = ended(common, &mut now, &documents, arguments.out.as_deref(), told)?;
    Ok(Ending {
        code: if arguments.gate { ending.code } else { 0 },
        ..ending
    })
}

pub(super) fn report(common: &Common, arguments: &Report) -> Result<Ending, GateError> {
    let mut record = open(&arguments.record)?;
    let answers = if arguments.no_answers {
        Answers::Hidden
    } else {
        Answers::Excerpts
    };
    let documents = documents(&record, answers, Former::new())?;
    if let Some(folder) = &arguments.out {
        refuse_overwriting(&arguments.record, Some(folder))?;
        let written = save(&mut record, &documents, folder)?;
        let place = written.comment.display().to_string();
        return Ok(Ending::printed(
            format!("Written: {}\n", escape::plain(&place)),
            0,
        ));
    }
    if common.json || arguments.format == Format::Json {
        return Ok(Ending::file(arguments.record.clone(), 0));
    }
    let text = match arguments.format {
        Format::Comment => documents.comment,
        Format::Summary | Format::Json => documents.summary,
        Format::Html => page(&record, &documents)?,
        Format::Junit => documents.junit,
        Format::Csv => machine::samples(&record, answers)?,
        Format::Openmetrics => machine::metrics(&record),
        Format::Badge => machine::badge(&record),
        Format::Sarif => documents.findings,
    };
    Ok(Ending::printed(text, 0))
}

/// What is printed of a record that was decided; its exit code is the gate's.
fn ended(
    common: &Common,
    record: &mut RunRecord,
    documents: &Documents,
    out: Option<&Path>,
    told: String,
) -> Result<Ending, GateError> {
    let code = gate::exit_code(record, NOT_INTERRUPTED);
    if let Some(folder) = out {
        return Ok(Ending::of_run(
            common,
            told,
            save(record, documents, folder),
            code,
        ));
    }
    if common.json {
        let mut text = String::from_utf8_lossy(&record.seal()?).into_owned();
        text.push('\n');
        return Ok(Ending::printed(text, code));
    }
    Ok(Ending::printed(told, code))
}

/// The record is what cannot be made again.
fn refuse_overwriting(record: &Path, out: Option<&Path>) -> Result<(), GateError> {
    let own = out.map(|folder| folder.join("run.json"));
    if own.is_some_and(|own| crate::edge::disk::is_same(record, &own)) {
        return Err(GateError::Usage(format!(
            "{} would be overwritten; name another folder with `--out DIR`",
            record.display()
        )));
    }
    Ok(())
}

/// The configuration, which has to be there.
async fn needed(common: &Common) -> Result<Config, GateError> {
    let found = configuration(common).await?;
    found.ok_or_else(|| GateError::NoConfig {
        path: common.config.display().to_string(),
    })
}

/// The configuration, where there is one; one that is named has to be there.
async fn configuration(common: &Common) -> Result<Option<Config>, GateError> {
    let (root, name) = common.root_and_config()?;
    match Files::disk(root).read(&name).await? {
        Some(bytes) => Ok(Some(config::read(&name, &bytes)?)),
        None if common.config == Path::new("tunegate.yaml") => Ok(None),
        None => Err(GateError::NoConfig {
            path: common.config.display().to_string(),
        }),
    }
}
