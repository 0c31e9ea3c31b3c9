//! `tunegate check`: is everything that people wrote right, and what would a run ask?

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::{Common, Ending, variable};
use crate::figures::counted;
use crate::gate::ping::{Ping, Pong, ping};
use crate::gate::scene::{self, Asked};
use crate::gate::self_test::self_test;
use crate::gate::{
    Bounds, Estimate, Files, GateError, Plan, PlannedAgent, estimate, exit_code_of_pings,
};
use crate::report::{self, Tested, escape};
use crate::score::Dimension;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Ask each agent one tiny question: does its address answer, is its key right, does its model exist. Exit 3 where not
    #[arg(long)]
    ping: bool,
    /// Spoil recorded good answers in known ways, and tell which of these the suites do not notice
    #[arg(long)]
    self_test: bool,
    /// Good answers of the self-test: a file that `tunegate run --record` wrote, a folder of such files, or a run.json;
    /// without it those that a provider of kind replay has
    #[arg(long, value_name = "FILE|DIR", requires = "self_test")]
    answers: Option<PathBuf>,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<Ending, GateError> {
    let (root, config_path) = common.root_and_config()?;
    let files = Files::disk(root);
    let scene = scene::single(
        &files,
        Asked {
            config_path: &config_path,
            agents: &[],
            all: true,
        },
    )
    .await?;
    let plan = scene.plan(BTreeMap::new())?;
    let estimate = estimate(&plan)?;
    let tested = if arguments.self_test {
        let answers = arguments.answers.as_deref();
        Some(self_test(&files, &scene.deciding, answers).await?)
    } else {
        None
    };
    let pings = if arguments.ping {
        let config = &scene.deciding.config;
        Some(ping(&plan, config, &files, &variable).await)
    } else {
        None
    };
    let code = exit_code_of_pings(!pings.iter().flatten().any(Ping::failed));
    if common.json {
        let text = as_json(&plan, &estimate, tested.as_deref(), pings.as_deref());
        return Ok(Ending::printed(text, code));
    }
    let mut text = match tested {
        None => as_text(&plan, &estimate),
        Some(tested) => report::self_test(&tested, scene.deciding.config.policy.max_drop),
    };
    text.push_str(&pinged(pings.as_deref().unwrap_or_default()));
    Ok(Ending::printed(text, code))
}

/// How each agent answered.
fn pinged(pings: &[Ping]) -> String {
    let width = pings.iter().map(|ping| ping.agent.as_str().len()).max();
    let width = width.unwrap_or(0);
    let line = |ping: &Ping| {
        let how = match &ping.pong {
            Pong::Answered {
                latency,
                served_model,
            } => {
                let time = latency.map_or_else(String::new, |time| {
                    format!(" after {} ms", time.as_millis())
                });
                let other = served_model
                    .as_deref()
                    .filter(|served| *served != ping.model);
                let other = other.map_or_else(String::new, |served| format!(", as {served}"));
                format!("answers{time}{other}")
            }
            Pong::Recorded => "has recorded answers; nobody was asked".to_owned(),
            Pong::Silent(why) => format!("DOES NOT ANSWER: {why}"),
        };
        format!("{:width$}  {}\n", ping.agent.as_str(), escape::plain(&how))
    };
    pings.iter().map(line).collect()
}

fn ping_as_json(ping: &Ping) -> serde_json::Value {
    let mut told = serde_json::json!({
        "agent": ping.agent,
        "provider": ping.provider,
        "model": ping.model,
        "answers": !ping.failed(),
    });
    let more = match &ping.pong {
        Pong::Answered {
            latency,
            served_model,
        } => {
            serde_json::json!({"latency_ms": latency.map(|time| time.as_millis()), "served_model": served_model})
        }
        Pong::Recorded => serde_json::json!({"recorded": true}),
        Pong::Silent(why) => serde_json::json!({"why": why}),
    };
    if let (Some(told), serde_json::Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    told
}

fn as_json(
    plan: &Plan,
    estimate: &Estimate,
    tested: Option<&[Tested]>,
    pings: Option<&[Ping]>,
) -> String {
    let bounds = |bounds: Bounds| serde_json::json!({"low": bounds.low, "likely": bounds.likely, "high": bounds.high});
    let agents = plan.agents.iter().map(|planned| {
        let own = estimate
            .agents
            .iter()
            .find(|one| one.agent == planned.agent.name);
        serde_json::json!({
            "agent": planned.agent.name,
            "model": planned.candidate.model,
            "provider": planned.agent.provider,
            "suite": planned.suite.path,
            "cases": planned.cases(),
            "tokens": own.map(|own| bounds(own.tokens)),
            "cost": own.and_then(|own| own.cost).map(bounds),
        })
    });
    let agents: Vec<_> = agents.collect();
    let total = serde_json::json!({
        "answers": estimate.answers(),
        "tokens": bounds(estimate.tokens()),
        "cost": estimate.cost().map(bounds),
        "currency": estimate.currency,
        "judge": estimate.judge.as_ref().map(|judge| serde_json::json!({
            "model": judge.model,
            "grades": judge.grades,
            "tokens": bounds(judge.tokens),
            "cost": judge.cost.map(bounds),
        })),
    });
    let notices = &plan.notices;
    let mut told = serde_json::json!({"problems": [], "agents": agents, "estimate": total, "notices": notices});
    if let (Some(pings), Some(told)) = (pings, told.as_object_mut()) {
        let pings: Vec<_> = pings.iter().map(ping_as_json).collect();
        told.insert("ping".to_owned(), serde_json::json!(pings));
    }
    if let (Some(tested), Some(told)) = (tested, told.as_object_mut()) {
        told.insert("self_test".to_owned(), serde_json::json!(tested));
    }
    format!("{told}\n")
}

fn as_text(plan: &Plan, estimate: &Estimate) -> String {
    let mut text = String::new();
    let samples = plan.samples();
    let names = plan
        .agents
        .iter()
        .map(|planned| planned.agent.name.as_str());
    let width = names.map(str::len).max().unwrap_or(0);
    for planned in &plan.agents {
        let (name, model) = (
            planned.agent.name.as_str(),
            escape::plain(&planned.candidate.model),
        );
        let cases = match planned.cases() {
            1 => "1 case".to_owned(),
            cases => format!("{cases} cases"),
        };
        let suite = escape::plain(&planned.suite.path);
        writeln!(
            text,
            "{name:width$}  {cases} × {samples}  {model}  ({suite})"
        )
        .ok();
        let mut own = estimate.agents.iter();
        if let Some(own) = own.find(|one| one.agent == planned.agent.name) {
            let amounts = own.amounts(&escape::plain(&estimate.currency));
            writeln!(text, "{:width$}  {amounts}", "").ok();
        }
    }
    judged(&mut text, plan, estimate);
    for notice in &plan.notices {
        writeln!(text, "note: {}", escape::plain(notice)).ok();
    }
    let cases: usize = plan.agents.iter().map(PlannedAgent::cases).sum();
    let answers = cases.saturating_mul(usize::try_from(samples).unwrap_or(usize::MAX));
    writeln!(
        text,
        "no problems; a run of all agents asks for {}",
        counted(answers, "answer")
    )
    .ok();
    if !estimate.agents.is_empty() || estimate.judge.is_some() {
        writeln!(text, "to pay for: {estimate}").ok();
    }
    text
}

/// Who grades, what, and for how much.
fn judged(text: &mut String, plan: &Plan, estimate: &Estimate) {
    let Some(judge) = plan.agents.iter().find_map(|one| one.judge.as_deref()) else {
        return;
    };
    let dimensions: Vec<&str> = judge.dimensions().map(Dimension::as_str).collect();
    let (model, votes) = (escape::plain(&judge.model), judge.votes);
    writeln!(
        text,
        "judge: {model} grades {}, votes: {votes}",
        dimensions.join(", ")
    )
    .ok();
    if let Some(own) = &estimate.judge {
        let amounts = own.amounts(&escape::plain(&estimate.currency));
        writeln!(text, "       {} grades, {amounts}", own.grades).ok();
    }
}
