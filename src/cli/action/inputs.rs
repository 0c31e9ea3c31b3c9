//! What the workflow says to the action: inputs, the event, the run, the connection. Every wrong value is named with
//! the input it came from.

use std::path::{Path, PathBuf};

use crate::agent::AgentName;
use crate::cli::run::amount;
use crate::cli::variable;
use crate::config::CommentWhen;
use crate::edge::disk;
use crate::edge::github::{CommitSha, Connection, Event, GitHub, StageError, Timing, WorkflowRun};
use crate::gate::GateError;
use crate::gate::action::{BaselineMode, Division, Settings};
use crate::record::RunInfo;

/// Larger event files than this do not exist.
const MOST_EVENT_BYTES: usize = 26 * 1024 * 1024;

/// The input by which somebody of the repository lets models be asked about what strangers wrote.
const FOR_FORKS: &str = "dangerously-ask-for-forks";

pub(super) async fn event(github: &GitHub, plan_only: bool) -> Result<Event, GateError> {
    let name = required("GITHUB_EVENT_NAME")?;
    let path = required("GITHUB_EVENT_PATH")?;
    let Some(payload) = disk::read_at_most(Path::new(&path), MOST_EVENT_BYTES)? else {
        return Err(GateError::Usage(format!(
            "the event file {path}, which GITHUB_EVENT_PATH names, is not there"
        )));
    };
    // A plan asks no model and needs no key.
    if !flag(FOR_FORKS)? && !plan_only {
        return Ok(Event::read(&name, &payload)?);
    }
    Ok(match name.as_str() {
        "workflow_run" => {
            let run = WorkflowRun::read(&payload)?;
            let pull = github.pull_of(&run).await.map_err(|why| match why {
                StageError::GitHub(why) => GateError::GitHub(why),
                StageError::Event(why) => GateError::Event(why),
                StageError::NotOne { .. } => GateError::Usage(why.to_string()),
            })?;
            Event::PullRequest(pull)
        }
        "pull_request_target" => Event::PullRequest(Event::reviewed(&payload)?),
        _ => Event::read(&name, &payload)?,
    })
}

/// Whether the run shows itself as a check of its own on the commit.
pub(super) fn wants_check() -> Result<bool, GateError> {
    let when = input("check-run").unwrap_or_else(|| "auto".to_owned());
    let when = one_of(
        "check-run",
        &when,
        &[
            ("auto", None),
            ("always", Some(true)),
            ("never", Some(false)),
        ],
    )?;
    // The job of such a run is not shown on the pull request.
    let hidden = || variable("GITHUB_EVENT_NAME").is_some_and(|name| name == "workflow_run");
    Ok(when.unwrap_or_else(hidden))
}

fn flag(name: &str) -> Result<bool, GateError> {
    let found = input(name).unwrap_or_else(|| "false".to_owned());
    one_of(name, &found, &[("true", true), ("false", false)])
}

/// The repository's API, with the token of one of two variables.
pub(in crate::cli) fn connect(token: &str, fallback: &str) -> Result<GitHub, GateError> {
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

/// What the workflow asks for.
pub(super) fn asked() -> Result<Settings, GateError> {
    let mode = input("mode").unwrap_or_else(|| "gate".to_owned());
    let modes = [
        ("gate", (false, false)),
        ("report-only", (true, false)),
        ("plan", (false, true)),
    ];
    let (report_only, plan_only) = one_of("mode", &mode, &modes)?;
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
    Ok(Settings {
        report_only,
        plan_only,
        comment,
        ..settings()?
    })
}

fn workspace() -> PathBuf {
    variable("GITHUB_WORKSPACE").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn settings() -> Result<Settings, GateError> {
    let baseline = input("baseline").unwrap_or_else(|| "auto".to_owned());
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
        all: flag("all")?,
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
        workspace: workspace(),
        division: division()?,
        report_only: false,
        plan_only: false,
        comment: None,
        comment_author: input("comment-author"),
        out: workspace().join("tunegate-out"),
        info: info(),
        sha: variable("GITHUB_SHA").and_then(|sha| CommitSha::new(&sha)),
    })
}

fn division() -> Result<Division, GateError> {
    match (input("shard"), input("merge")) {
        (None, None) => Ok(Division::Whole),
        (Some(part), None) => match part.parse() {
            Ok(shard) => Ok(Division::Part(shard)),
            Err(why) => Err(GateError::Usage(format!("input `shard`: {why}"))),
        },
        (None, Some(folder)) => Ok(Division::Join(workspace().join(folder))),
        (Some(_), Some(_)) => Err(GateError::Usage(
            "the inputs `shard` and `merge` exclude each other: one job asks a part, another one joins the parts"
                .to_owned(),
        )),
    }
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
