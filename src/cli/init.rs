//! `tunegate init`: the first files, from what the repository holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::progress::Teller;
use super::{Common, Ending, variable};
use crate::edge::signal;
use crate::gate::action;
use crate::gate::scene::{self, Asked};
use crate::gate::start::{self, Placed, Start};
use crate::gate::{
    self, Answers, Documents, Files, GateError, Journaling, Providers, Recordings, Secrets,
    Variables,
};
use crate::report::{self, Context, escape};
use crate::starter::{CONFIG, IGNORED};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Write nothing; print what would be written
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Ask the models the drafted questions (this costs what a run costs), and propose floors from today's scores
    #[arg(long, conflicts_with = "dry_run")]
    measure: bool,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let (root, config_path) = common.root_and_config()?;
    // Unless a place is named, it is the root, from whichever folder the command is given.
    if config_path != CONFIG && common.config.as_os_str() != CONFIG {
        let message =
            format!("`init` writes `{CONFIG}` in the repository's root; leave `--config` out");
        return Err(GateError::Usage(message));
    }
    let start = start::look(&root, &|name| variable(name).is_some())?;
    if arguments.dry_run {
        return Ok(Ending::printed(proposed(common, &start), 0));
    }
    let placed = start.place(&root)?;
    let mut text = if common.json {
        String::new()
    } else {
        in_words(&start, &placed)
    };
    let mut told = as_json(&start, &placed);
    if arguments.measure {
        let floors = Box::pin(measure(common, &root)).await;
        let floors = match floors {
            Ok(floors) => floors,
            // What was written stays, and is told, whatever kept the models from being asked.
            Err(why) => {
                if let Some(told) = told.as_object_mut() {
                    told.insert("error".to_owned(), serde_json::json!(why.to_string()));
                }
                let stdout = if common.json {
                    format!("{told}\n")
                } else {
                    text
                };
                let error = Ending::from(why);
                return Ok(Ending { stdout, ..error });
            }
        };
        let written = !floors.is_empty() && start.with_floors(&root, &floors)?;
        text.push_str(&floors_in_words(&floors, written));
        if let Some(told) = told.as_object_mut() {
            told.insert("floors".to_owned(), serde_json::json!(floors));
        }
    }
    if common.json {
        text = format!("{told}\n");
    }
    Ok(Ending::printed(text, 0))
}

/// Asks every agent of the configuration that lies there now, and compares with nothing.
async fn measure(common: &Common, root: &Path) -> Result<BTreeMap<String, f64>, GateError> {
    let files = Files::disk(root.to_owned());
    let asked = Asked {
        config_path: CONFIG,
        agents: &[],
        all: true,
    };
    let scene = scene::single(&files, asked).await?;
    let mut plan = scene.plan(BTreeMap::new())?;
    plan.info.report_only =
        Some("this first measurement proposes floors and blocks nothing".to_owned());
    let known = (&variable as Variables<'_>, Secrets::Local);
    let config = &scene.deciding.config;
    let kept = Answers::KeptBelow(root);
    let providers = Providers::of(&plan, config, Recordings::of(&files), known, kept).await?;
    let teller = Teller::new(common.progress_on_terminal());
    let estimate = gate::estimate(&plan)?;
    teller.pays_in(&estimate.currency);
    teller.announce(&format!("to ask: {estimate}"));
    let out: PathBuf = root.join("tunegate-out");
    let journaling = Journaling::In(&out, gate::Leftover::Refuse);
    let signals = signal::watch();
    let ledger = gate::run(&plan, &providers, journaling, signals.ended(), &|step| {
        teller.tell(step);
    })
    .await;
    teller.end();
    let mut ledger = ledger.map_err(GateError::with_journal)?;
    let floors = start::floors(ledger.record());
    let unmeasured = start::unmeasured(ledger.record());
    let context = Context {
        answers: report::Answers::Excerpts,
        run: action::run_line(ledger.record()),
        old_answers: BTreeMap::new(),
        accepting: None,
        banners: Vec::new(),
    };
    // The answers were paid for: whoever wants to read them finds them as after any run.
    Documents::of(&mut ledger, &context)?.write(&mut ledger, &out)?;
    match unmeasured {
        Some(why) => Err(why),
        None => Ok(floors),
    }
}

fn in_words(start: &Start, placed: &Placed) -> String {
    let mut text = String::new();
    let told = &start.proposal.told;
    if !start.is_configured {
        section(&mut text, "Found", &told.found);
        section(&mut text, "Guessed", &told.guessed);
    }
    section(&mut text, "Written", &placed.written);
    section(&mut text, "There already, untouched", &placed.kept);
    if start.is_configured {
        text.push_str("\nThere is a configuration: `tunegate check` tells whether it is right.\n");
        return text;
    }
    let todo = told.must_do.iter().cloned().chain(ignored(placed));
    let numbered = todo
        .enumerate()
        .map(|(at, line)| format!("{}. {line}", at + 1));
    section(&mut text, "You must do", &numbered.collect::<Vec<_>>());
    text
}

/// A `.gitignore` that was there may not know of our files.
fn ignored(placed: &Placed) -> Option<String> {
    let advice = format!("{IGNORED}: add the line `tunegate-out/`, where runs write");
    placed.is_unignored.then_some(advice)
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let gap = if text.is_empty() { "" } else { "\n" };
    writeln!(text, "{gap}{title}").ok();
    for line in lines {
        writeln!(text, "  {}", escape::plain(line)).ok();
    }
}

fn as_json(start: &Start, placed: &Placed) -> serde_json::Value {
    serde_json::json!({
        "told": start.proposal.told,
        "written": placed.written,
        "kept": placed.kept,
    })
}

fn proposed(common: &Common, start: &Start) -> String {
    let files = &start.proposal.files;
    if common.json {
        let files: BTreeMap<&str, &str> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        let told = serde_json::json!({"told": start.proposal.told, "files": files});
        return format!("{told}\n");
    }
    let mut text = in_words(start, &Placed::default());
    for (path, content) in files {
        writeln!(
            text,
            "\n--- {} ---\n{}",
            escape::plain(path),
            escape::lines(content)
        )
        .ok();
    }
    text
}

fn floors_in_words(floors: &BTreeMap<String, f64>, written: bool) -> String {
    if floors.is_empty() {
        return "\nNo floor is proposed: it takes six scored cases of an agent.\n".to_owned();
    }
    if written {
        let list = floors
            .iter()
            .map(|(agent, floor)| format!("{agent} {floor:.1}"));
        let list = list.collect::<Vec<_>>().join(", ");
        return format!("\nFloors from today's scores, written into {CONFIG}: {list}\n");
    }
    let mut text = format!(
        "\nFloors from today's scores, for {CONFIG}, which is as it was:\n\ngate:\n  floors:\n    agents:\n"
    );
    for (agent, floor) in floors {
        writeln!(text, "      {agent}: {floor:.1}").ok();
    }
    text
}
