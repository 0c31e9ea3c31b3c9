//! `tunegate action`: the GitHub Action's entry. Reads only the runner's environment; publishing is best effort and
//! never changes a verdict.

use std::path::{Path, PathBuf};

use super::progress::{Look, Teller};
use super::run::amount;
use super::{Ending, variable};
use crate::agent::AgentName;
use crate::config::CommentWhen;
use crate::edge::disk;
use crate::edge::github::{CommitSha, Connection, Event, GitHub, Timing};
use crate::edge::runner_files::{Level, Outputs, StepSummary};
use crate::edge::signal;
use crate::gate::action::{BaselineMode, Happened, Ran, Settings, World, handle};
use crate::gate::publish::{Desk, Told};
use crate::gate::{self, GateError, Remote};
use crate::record::{Outcome, RunInfo};

/// What the workflow asks for, besides what the gate itself needs.
struct Request {
    settings: Settings,
    report_only: bool,
    comment: Option<CommentWhen>,
    comment_author: Option<String>,
    workspace: PathBuf,
}

const UNTOUCHED: &str = "nothing that this gate watches was touched; no model was asked";

/// Larger event files than this do not exist.
const MOST_EVENT_BYTES: usize = 26 * 1024 * 1024;

pub(super) async fn run() -> Ending {
    let told = Told::default();
    let ended = carry_out(&told).await;
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
        stderr: String::new(),
        code,
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
    let request = request()?;
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
    let happened = handle(world, &event, &request.settings).await;
    let desk = Desk {
        github: &github,
        event: &event,
        info: &request.settings.info,
        author: request.comment_author.as_deref(),
        comment: request.comment,
        told,
    };
    match happened {
        Ok(Happened::Untouched { gate_id }) => {
            desk.untouched(&gate_id).await;
            untouched(told);
            Ok(0)
        }
        Ok(Happened::Ran(ran)) => {
            Ok(ran_to_a_record(&request, &desk, &ran, signals.exit_code()).await)
        }
        Err(error) => {
            desk.failed(&error).await;
            Err(error)
        }
    }
}

fn untouched(told: &Told) {
    told.line(UNTOUCHED);
    summarise(&format!("{UNTOUCHED}\n"), told);
    set_outputs(
        &[
            ("outcome", Outcome::Skipped.to_string()),
            ("proven", "false".to_owned()),
        ],
        told,
    );
}

/// The verdict stands, whatever becomes of its publication.
async fn ran_to_a_record(request: &Request, desk: &Desk<'_>, ran: &Ran, interrupted: u8) -> u8 {
    let report_only = request.report_only || ran.report_only.is_some();
    let code = gate::exit_code(&ran.record, interrupted);
    let mut outputs = gate::outputs(&ran.record);
    let url = desk.ran(ran).await;
    outputs.push(("comment-url", url.unwrap_or_default()));
    match write_files(&request.workspace, ran) {
        Ok(paths) => outputs.extend(paths),
        Err(why) => desk.told.say(Level::Warning, &why.to_string()),
    }
    set_outputs(&outputs, desk.told);
    summarise(&ran.documents.comment, desk.told);
    desk.verdict(ran, report_only);
    if report_only && matches!(code, 1 | 4) {
        0
    } else {
        code
    }
}

/// Writes the documents into the workspace; their paths are relative to it.
fn write_files(workspace: &Path, ran: &Ran) -> Result<[(&'static str, String); 2], GateError> {
    let written = ran.documents.write(&workspace.join("tunegate-out"))?;
    written.own_like(workspace);
    let relative = |path: &Path| {
        path.strip_prefix(workspace)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    };
    Ok([
        ("report-json", relative(&written.record)),
        ("report-markdown", relative(&written.comment)),
    ])
}

fn event() -> Result<Event, GateError> {
    let name = required("GITHUB_EVENT_NAME")?;
    let path = required("GITHUB_EVENT_PATH")?;
    let Some(payload) = disk::read_at_most(Path::new(&path), MOST_EVENT_BYTES)? else {
        return Err(GateError::Usage(format!(
            "the event file {path}, which GITHUB_EVENT_PATH names, is not there"
        )));
    };
    Ok(Event::read(&name, &payload)?)
}

fn connect(token: &str, fallback: &str) -> Result<GitHub, GateError> {
    let connection = Connection {
        api_url: variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned()),
        repository: required("GITHUB_REPOSITORY")?,
        token: variable(token)
            .or_else(|| variable(fallback))
            .unwrap_or_default(),
        timing: timing()?,
    };
    Ok(GitHub::connect(connection)?)
}

/// `TUNEGATE_RETRY_DELAY_MS` is for people behind a slow or a very fast server, tests among them.
fn timing() -> Result<Timing, GateError> {
    let Some(text) = variable("TUNEGATE_RETRY_DELAY_MS") else {
        return Ok(Timing::default());
    };
    let delay: u64 = text.parse().map_err(|_| {
        GateError::Usage(format!(
            "TUNEGATE_RETRY_DELAY_MS is `{text}`; write milliseconds"
        ))
    })?;
    let delay = std::time::Duration::from_millis(delay);
    Ok(Timing {
        retry_delay: delay,
        unnamed_limit: delay,
        write_gap: delay,
        store_delay: delay,
        ..Timing::default()
    })
}

fn request() -> Result<Request, GateError> {
    let mode = input("mode").unwrap_or_else(|| "gate".to_owned());
    let report_only = one_of("mode", &mode, &[("gate", false), ("report-only", true)])?;
    let comment = match input("comment") {
        None => None,
        Some(text) => Some(one_of(
            "comment",
            &text,
            &[
                ("always", CommentWhen::Always),
                ("on-change", CommentWhen::OnChange),
                ("on-failure", CommentWhen::OnFailure),
                ("never", CommentWhen::Never),
            ],
        )?),
    };
    Ok(Request {
        settings: settings()?,
        report_only,
        comment,
        comment_author: input("comment-author"),
        workspace: variable("GITHUB_WORKSPACE").map_or_else(|| PathBuf::from("."), PathBuf::from),
    })
}

fn settings() -> Result<Settings, GateError> {
    let baseline = input("baseline").unwrap_or_else(|| "auto".to_owned());
    let all = input("all").unwrap_or_else(|| "false".to_owned());
    let max_cost = match input("max-cost") {
        None => None,
        Some(text) => Some(
            amount(&text).map_err(|why| GateError::Usage(format!("input `max-cost`: {why}")))?,
        ),
    };
    let mut agents = Vec::new();
    for name in input("agents")
        .iter()
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let agent = AgentName::new(name);
        agents.push(agent.ok_or_else(|| {
            GateError::Usage(format!("input `agents`: `{name}` is not an agent's name"))
        })?);
    }
    Ok(Settings {
        config_path: input("config").unwrap_or_else(|| "tunegate.yaml".to_owned()),
        agents,
        all: one_of("all", &all, &[("true", true), ("false", false)])?,
        baseline: one_of(
            "baseline",
            &baseline,
            &[
                ("read", BaselineMode::Read),
                ("write", BaselineMode::Write),
                ("auto", BaselineMode::Auto),
            ],
        )?,
        max_cost,
        info: info(),
        sha: variable("GITHUB_SHA").and_then(|sha| CommitSha::new(&sha)),
        git_ref: variable("GITHUB_REF"),
    })
}

fn info() -> RunInfo {
    let run = variable("GITHUB_RUN_ID").unwrap_or_else(|| "0".to_owned());
    let url = variable("GITHUB_SERVER_URL")
        .zip(variable("GITHUB_REPOSITORY"))
        .map(|(server, repository)| format!("{server}/{repository}/actions/runs/{run}"));
    RunInfo {
        id: run,
        attempt: variable("GITHUB_RUN_ATTEMPT")
            .and_then(|text| text.parse().ok())
            .unwrap_or(1),
        url,
        actor: variable("GITHUB_ACTOR"),
        workflow_ref: variable("GITHUB_WORKFLOW_REF"),
        ..RunInfo::default()
    }
}

/// Inputs arrive upper-cased with their hyphens; an unset one is an empty text.
fn input(name: &str) -> Option<String> {
    variable(&format!("INPUT_{}", name.to_uppercase()))
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn required(name: &str) -> Result<String, GateError> {
    variable(name).ok_or_else(|| {
        GateError::Usage(format!("{name} is not set; `tunegate action` runs inside a workflow, use `tunegate run` elsewhere"))
    })
}

fn one_of<T: Copy>(input: &str, found: &str, known: &[(&str, T)]) -> Result<T, GateError> {
    known
        .iter()
        .find(|(name, _)| *name == found)
        .map(|(_, value)| *value)
        .ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            GateError::Usage(format!(
                "input `{input}` is `{found}`; write one of {}",
                names.join(", ")
            ))
        })
}
