//! `tunegate action`: the GitHub Action's entry. Reads only the runner's environment; publishing is best effort and
//! never changes a verdict.

mod inputs;

use std::fmt::Write as _;
use std::path::Path;

use super::progress::{Look, Teller};
use super::{Ending, UNTOUCHED, variable};
use crate::edge::runner_files::{Level, Outputs, StepSummary};
use crate::edge::signal;
use crate::gate::action::{Division, Happened, Ran, Settings, World, handle, report_of};
use crate::gate::publish::{Desk, Told};
use crate::gate::{self, GateError, Remote, Written};
use crate::record::Outcome;
use crate::report::escape;
pub(super) use inputs::connect;
use inputs::{asked, event};

pub(super) async fn run() -> Ending {
    let told = Told::default();
    let ended = Box::pin(carry_out(&told)).await;
    let (code, error) = match ended {
        Ok(code) => (code, None),
        Err(error) => (error.exit_code(), Some(error)),
    };
    if let Some(error) = &error {
        told.say(Level::Error, &error.to_string());
        publish_failure(error, &told);
    }
    Ending {
        stdout: told.log(),
        code,
        ..Ending::default()
    }
}

/// Where nothing could be decided, the outputs still say so: a later step must not read an empty outcome as a pass.
fn publish_failure(error: &GateError, told: &Told) {
    set_outputs(
        &[
            ("outcome", Outcome::Error.to_string()),
            ("proven", "false".to_owned()),
        ],
        told,
    );
    summarise(&gate::publish::failure_text(error), told);
}

fn summarise(text: &str, told: &Told) {
    if let Some(path) = variable("GITHUB_STEP_SUMMARY")
        && let Err(why) = StepSummary::new(path).append(text)
    {
        told.say(Level::Warning, &why.to_string());
    }
}

fn set_outputs(outputs: &[(&str, String)], told: &Told) {
    let Some(path) = variable("GITHUB_OUTPUT") else {
        return;
    };
    let file = Outputs::new(path);
    for (name, value) in outputs {
        if let Err(why) = file.set(name, value) {
            told.say(Level::Warning, &why.to_string());
            return;
        }
    }
}

async fn carry_out(told: &Told) -> Result<u8, GateError> {
    let settings = asked()?;
    let event = event()?;
    let github = connect("INPUT_GITHUB-TOKEN", "GITHUB_TOKEN")?;
    let writer = match variable("INPUT_BASELINE-TOKEN") {
        Some(_) => Some(connect("INPUT_BASELINE-TOKEN", "INPUT_BASELINE-TOKEN")?),
        None => None,
    };
    let signals = signal::watch();
    let interrupt = signals.ended();
    let teller = Teller::new(Look::Lines);
    let progress = |step| teller.tell(step);
    let remote = Remote::new(&github);
    let world = World {
        github: &github,
        remote: &remote,
        writer: writer.as_ref().unwrap_or(&github),
        variables: &variable,
        interrupt: &interrupt,
        progress: &progress,
    };
    let happened = handle(world, &event, &settings).await;
    let desk = Desk {
        github: &github,
        event: &event,
        info: &settings.info,
        author: settings.comment_author.as_deref(),
        told,
    };
    // The pull request hears from the job that joins the parts.
    let silent = matches!(settings.division, Division::Part(_));
    match happened {
        Ok(Happened::Untouched {
            gate_id,
            comment,
            banners,
        }) => {
            if !silent {
                desk.untouched(&gate_id, comment, &banners).await;
            }
            untouched(told, &banners);
            Ok(0)
        }
        Ok(Happened::Ran(ran)) => {
            Ok(ran_to_a_record(&settings, &desk, &ran, signals.exit_code()).await)
        }
        Err(error @ GateError::Interrupted) => {
            told.say(Level::Error, &error.to_string());
            publish_failure(&error, told);
            Ok(signals.exit_code())
        }
        Err(error) if silent => Err(error),
        Err(error) => {
            let report = report_of(world, &event, &settings).await;
            let when = settings.comment(&report);
            desk.failed(&error, &report.id, when).await;
            Err(error)
        }
    }
}

fn untouched(told: &Told, banners: &[String]) {
    told.line(UNTOUCHED);
    let mut summary = format!("{UNTOUCHED}\n");
    for banner in banners {
        told.say(Level::Notice, banner);
        writeln!(summary, "\n> {}", escape::inline(banner)).ok();
    }
    summarise(&summary, told);
    set_outputs(
        &[
            ("outcome", Outcome::Skipped.to_string()),
            ("proven", "false".to_owned()),
        ],
        told,
    );
}

/// The verdict stands, whatever becomes of its publication.
async fn ran_to_a_record(settings: &Settings, desk: &Desk<'_>, ran: &Ran, interrupted: u8) -> u8 {
    let report_only = ran.record.run.report_only.is_some();
    let code = gate::exit_code(&ran.record, interrupted);
    let mut outputs = gate::outputs(&ran.record);
    let url = desk.ran(ran).await;
    outputs.push(("comment-url", url.unwrap_or_default()));
    match &ran.written {
        Ok(written) => outputs.extend(paths(&settings.workspace, written)),
        Err(why) => desk.told.say(Level::Warning, &why.to_string()),
    }
    set_outputs(&outputs, desk.told);
    summarise(&ran.documents.comment, desk.told);
    desk.verdict(ran);
    match (&ran.stored, code) {
        (Err(why), 0) => why.exit_code(),
        (Ok(_) | Err(_), 1 | 4) if report_only => 0,
        (Ok(_) | Err(_), code) => code,
    }
}

/// The paths of a run's files relative to the workspace, whose owner they are given to.
fn paths(workspace: &Path, written: &Written) -> [(&'static str, String); 3] {
    written.own_like(workspace);
    let relative = |path: &Path| {
        path.strip_prefix(workspace)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    };
    [
        ("report-json", relative(&written.record)),
        ("report-markdown", relative(&written.comment)),
        ("report-html", relative(&written.page)),
    ]
}
