//! `tunegate action`: the GitHub Action's entry. Reads only the runner's environment; publishing is best effort and
//! never changes a verdict.

mod check;
mod inputs;

use std::fmt::Write as _;
use std::path::Path;

use super::ending::print_now;
use super::progress::{Look, Teller};
use super::{Ending, UNTOUCHED, variable};
use crate::edge::github::Event;
use crate::edge::runner_files::{Appended, Level, Outputs, StepSummary};
use crate::edge::signal::{self, Grace, Signals};
use crate::gate::action::{Division, Foreseen, Happened, Ran, Settings, World, handle, report_of};
use crate::gate::publish::{Desk, Told};
use crate::gate::{self, GateError, Remote, Written};
use crate::record::Outcome;
use crate::report::escape;
pub(super) use inputs::connect;
use inputs::{asked, event, wants_check};

pub(super) async fn run() -> Ending {
    let told = Told::default();
    let signals = signal::watch();
    let code = match Box::pin(carry_out(&signals, &told)).await {
        Ok(code) => code,
        Err(error) => {
            publish_failure(&error, &told);
            code_of(&error, &signals)
        }
    };
    Ending {
        stdout: told.take(),
        code,
        ..Ending::default()
    }
}

fn code_of(error: &GateError, signals: &Signals) -> u8 {
    if matches!(error, GateError::Interrupted) {
        signals.exit_code()
    } else {
        error.exit_code()
    }
}

/// Where nothing could be decided, the outputs still say so: a later step must not read an empty outcome as a pass.
fn publish_failure(error: &GateError, told: &Told) {
    told.say(Level::Error, &error.to_string());
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
    let Some(path) = variable("GITHUB_STEP_SUMMARY") else {
        return;
    };
    match StepSummary::new(path).append(text) {
        Ok(Appended::Whole) => {}
        Ok(Appended::Cut(bytes)) => told.say(
            Level::Warning,
            &format!("the job's summary is full: {bytes} bytes of the report did not fit; it is whole in comment.md"),
        ),
        Err(why) => told.say(Level::Warning, &why.to_string()),
    }
}

/// Whether outputs can be written; that they cannot is told once.
fn set_outputs(outputs: &[(&str, String)], told: &Told) -> bool {
    let Some(path) = variable("GITHUB_OUTPUT") else {
        return false;
    };
    let file = Outputs::new(path);
    for (name, value) in outputs {
        if let Err(why) = file.set(name, value) {
            told.say(Level::Warning, &why.to_string());
            return false;
        }
    }
    true
}

async fn carry_out(signals: &Signals, told: &Told) -> Result<u8, GateError> {
    let settings = asked()?;
    let wants_check = wants_check()?;
    let github = connect("INPUT_GITHUB-TOKEN", "GITHUB_TOKEN")?;
    let writer = match variable("INPUT_BASELINE-TOKEN") {
        Some(_) => Some(connect("INPUT_BASELINE-TOKEN", "INPUT_BASELINE-TOKEN")?),
        None => None,
    };
    let event = signals
        .within(Grace::Work, event(&github, settings.plan_only))
        .await;
    let event = event.ok_or(GateError::Interrupted)??;
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
    // A part decides nothing, and what was planned was not measured.
    let decides = !settings.plan_only && !matches!(settings.division, Division::Part(_));
    let check = if wants_check && decides {
        let begun = check::begun(&github, &event, &settings, told);
        signals.within(Grace::Work, begun).await.flatten()
    } else {
        None
    };
    let ended = Box::pin(carried(world, &event, (&settings, signals), told)).await;
    if let Some(check) = check {
        let ending = check::end(&check, &ended, told);
        if signals.within(Grace::Last, ending).await.is_none() {
            told.say(
                Level::Warning,
                "the check cannot be ended: no answer in time",
            );
        }
    } else if wants_check && settings.plan_only && matches!(ended, Ended::Untouched) {
        let telling = check::nothing(&github, &event, &settings, told);
        signals.within(Grace::Last, telling).await;
    }
    Ok(ended.code(signals))
}

/// How an event's run ended, and was told.
enum Ended {
    Untouched,
    Planned,
    Code(u8),
    Failed(GateError),
}

impl Ended {
    fn code(&self, signals: &Signals) -> u8 {
        match self {
            Self::Untouched | Self::Planned => 0,
            Self::Code(code) => *code,
            Self::Failed(error) => code_of(error, signals),
        }
    }
}

/// Carries the event through the gate, and tells what came of it.
async fn carried(
    world: World<'_>,
    event: &Event,
    (settings, signals): (&Settings, &Signals),
    told: &Told,
) -> Ended {
    let handled = Box::pin(handle(world, event, settings));
    let happened = signals.within(Grace::Work, handled).await;
    let happened = happened.unwrap_or(Err(GateError::Interrupted));
    let desk = Desk {
        github: world.github,
        event,
        info: &settings.info,
        author: settings.comment_author.as_deref(),
        told,
    };
    // The pull request hears from the job that joins the parts, or that measures what was planned.
    let silent = settings.plan_only || matches!(settings.division, Division::Part(_));
    match happened {
        Ok(Happened::Untouched {
            gate_id,
            comment,
            banners,
        }) => {
            untouched(told, &banners);
            if !silent {
                let telling = desk.untouched(&gate_id, comment, &banners);
                signals.within(Grace::Farewell, telling).await;
            }
            Ended::Untouched
        }
        Ok(Happened::Foreseen(foreseen)) => {
            planned(settings, &foreseen, told);
            Ended::Planned
        }
        Ok(Happened::Ran(ran)) => {
            Ended::Code(ran_to_a_record(settings, &desk, &ran, signals).await)
        }
        Err(error) => {
            publish_failure(&error, told);
            print_now(&told.take());
            if !silent {
                let telling = without_result(world, &desk, settings, &error);
                signals.within(Grace::Farewell, Box::pin(telling)).await;
            }
            Ended::Failed(error)
        }
    }
}

/// Tells the pull request that there is no result.
async fn without_result(world: World<'_>, desk: &Desk<'_>, settings: &Settings, error: &GateError) {
    let report = report_of(world, desk.event, settings).await;
    let when = settings.comment(&report);
    if matches!(error, GateError::Interrupted) {
        desk.cancelled(&report.id, when).await;
    } else {
        desk.failed(error, &report.id, when).await;
    }
}

/// Tells what a run would ask. Nothing is decided by that, so no step may read a pass.
fn planned(settings: &Settings, foreseen: &Foreseen, told: &Told) {
    told.line(&foreseen.notice.headline);
    for detail in &foreseen.notice.details {
        told.line(detail);
    }
    gate::publish::own_like(&settings.workspace, &foreseen.path);
    summarise(&gate::publish::without_hidden(&foreseen.notice), told);
    set_outputs(
        &[
            ("outcome", Outcome::Inconclusive.to_string()),
            ("proven", "false".to_owned()),
        ],
        told,
    );
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

/// The verdict stands, whatever becomes of its publication. What needs nobody comes first: a job may be ended while the
/// forge is waited for.
async fn ran_to_a_record(settings: &Settings, desk: &Desk<'_>, ran: &Ran, signals: &Signals) -> u8 {
    let report_only = ran.record.run.report_only.is_some();
    let code = gate::exit_code(&ran.record, signals.exit_code());
    let mut outputs = gate::outputs(&ran.record);
    match &ran.written {
        Ok(written) => outputs.extend(paths(&settings.workspace, written)),
        Err(why) => desk.told.say(Level::Warning, &why.to_string()),
    }
    let are_read = set_outputs(&outputs, desk.told);
    summarise(&ran.documents.comment, desk.told);
    desk.told.report(&ran.documents.comment);
    desk.verdict(ran);
    print_now(&desk.told.take());
    let url = signals.within(Grace::Farewell, Box::pin(desk.ran(ran)));
    let url = url.await.flatten();
    if are_read {
        set_outputs(&[("comment-url", url.unwrap_or_default())], desk.told);
    }
    signals
        .within(Grace::Farewell, Box::pin(desk.drift(ran)))
        .await;
    match (&ran.stored, code) {
        (Err(why), 0) => code_of(why, signals),
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
