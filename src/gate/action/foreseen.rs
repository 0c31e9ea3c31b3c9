//! What a run would ask, where only that is wanted: no model is asked, no key is needed, nothing is decided.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::edge::disk;
use crate::figures::counted;
use crate::gate::{GateError, Plan, estimate};
use crate::policy::Severity;
use crate::report::{Notice, RunLine};

/// The format of the file.
const SCHEMA: &str = "tunegate.plan/1";
/// Its name.
const FILE: &str = "plan.json";

/// What a run would do.
#[derive(Debug)]
pub struct Foreseen {
    /// The same for people.
    pub notice: Notice,
    /// The file that says so.
    pub path: PathBuf,
}

/// Writes down what the plan comes to.
pub(super) fn foresee(plan: &Plan, out: &Path, banners: &[String]) -> Result<Foreseen, GateError> {
    let cost = estimate(plan)?;
    let samples = plan.samples();
    let agents = plan.agents.iter().map(|one| {
        json!({
            "agent": one.agent.name, "model": one.candidate.model, "provider": one.agent.provider, "suite": one.suite.path,
            "cases": one.cases(), "new": one.new,
        })
    });
    let agents: Vec<_> = agents.collect();
    let blocking = plan.audit.findings.iter();
    let blocking = blocking
        .filter(|one| one.severity == Severity::Fail)
        .count();
    let file = json!({
        "schema": SCHEMA, "gate_id": plan.gate_id, "source": plan.source, "samples": samples, "agents": agents,
        "estimate": cost.to_string(), "changes": plan.changes, "findings": plan.audit.findings,
    });
    let path = out.join(FILE);
    disk::write(&path, format!("{file:#}\n"))?;
    let asked = plan.agents.iter().map(|one| {
        format!(
            "{}: {} × {samples} of model {}",
            one.agent.name,
            counted(one.cases(), "case"),
            one.candidate.model
        )
    });
    let mut details: Vec<String> = banners.to_vec();
    details.push(format!("to pay for: {cost}"));
    if blocking > 0 {
        let first = plan.audit.findings.iter();
        let first = first.filter(|one| one.severity == Severity::Fail).take(10);
        details.push(format!(
            "{} in training data would block",
            counted(blocking, "finding")
        ));
        details.extend(first.map(|one| format!("{}: {}", one.code, one.message)));
    }
    details.extend(asked);
    details.extend(plan.notices.iter().cloned());
    let agents = counted(plan.agents.len(), "agent");
    Ok(Foreseen {
        notice: Notice {
            run: RunLine::default(),
            headline: format!("– Planned, not measured: {agents} to be asked"),
            do_this: "look at what would be asked, then approve the run that asks it. This says nothing about the models."
                .to_owned(),
            details,
        },
        path,
    })
}
