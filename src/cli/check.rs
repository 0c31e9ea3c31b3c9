//! `tunegate check`: is everything that people wrote right, and what would a run ask?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Common, Ending};
use crate::gate::scene::{self, Asked};
use crate::gate::{Files, GateError, Plan, PlannedAgent};
use crate::report::escape;

pub(super) async fn run(common: &Common) -> Result<Ending, GateError> {
    let (root, config_path) = common.root_and_config()?;
    let files = Files::Disk(root);
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
    let text = if common.json {
        as_json(&plan)
    } else {
        as_text(&plan)
    };
    Ok(Ending::printed(text, 0))
}

fn as_json(plan: &Plan) -> String {
    let agents = plan.agents.iter().map(|planned| {
        serde_json::json!({
            "agent": planned.agent.name,
            "model": planned.candidate.model,
            "provider": planned.agent.provider,
            "suite": planned.suite.path,
            "cases": planned.cases(),
        })
    });
    let agents: Vec<_> = agents.collect();
    let notices = &plan.notices;
    format!(
        "{}\n",
        serde_json::json!({"problems": [], "agents": agents, "notices": notices})
    )
}

fn as_text(plan: &Plan) -> String {
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
        let cases = planned.cases();
        let suite = escape::plain(&planned.suite.path);
        writeln!(
            text,
            "{name:width$}  {cases} cases × {samples}  {model}  ({suite})"
        )
        .ok();
    }
    for notice in &plan.notices {
        writeln!(text, "note: {}", escape::plain(notice)).ok();
    }
    let cases: usize = plan.agents.iter().map(PlannedAgent::cases).sum();
    let answers = cases.saturating_mul(usize::try_from(samples).unwrap_or(usize::MAX));
    writeln!(
        text,
        "no problems; a run of all agents asks for {answers} answers"
    )
    .ok();
    text
}
