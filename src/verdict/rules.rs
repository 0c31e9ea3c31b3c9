//! The rules themselves: the allowed drop, newly failed cases, and what a pull request may not do to the gate. Floors are
//! in the file beside it.

use std::collections::HashSet;

use super::{Blocking, floors, reason};
use crate::figures::{self, below, points, points_against};
use crate::policy::{NoBaseline, Policy, Severity};
use crate::record::{AgentRecord, CauseCode, Comparison, Reason, ReasonCode, RunRecord};
use crate::suite::CaseId;

/// Reasons that come from holding the measurements against the rules.
pub(super) fn reasons(policy: &Policy, record: &RunRecord) -> Vec<Reason> {
    let mut reasons = tampering(policy, record);
    for agent in record.touched() {
        reasons.extend(regression(policy, agent));
        reasons.extend(newly_failed(policy, agent));
        reasons.extend(floors::of_agent(policy, agent));
        reasons.extend(agent.new.then(|| new_agent(record, agent)));
    }
    reasons.extend(floors::overall(policy, record));
    reasons
}

fn tampering(policy: &Policy, record: &RunRecord) -> Vec<Reason> {
    let removed = record.changes.removed.iter().map(|name| {
        let blocking = Blocking::when(policy.on_agent_removed == Severity::Fail);
        reason(
            ReasonCode::AgentRemoved,
            Some(name),
            blocking,
            format!("{name}: this pull request removes the agent from the gate"),
        )
    });
    let locators = record.changes.locators.iter().map(|change| {
        let message = format!(
            "{}: this pull request changes where the model ID is read from; the base's rules find `{}`, its own find `{}`",
            change.name, change.by_base, change.by_head
        );
        reason(ReasonCode::ModelLocatorChanged, Some(&change.name), Blocking::Yes, message)
    });
    removed.chain(locators).collect()
}

/// The one place that judges a change. It holds the plain difference against the allowance; a method that knows the
/// plausible range of the change belongs here.
fn regression(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    let Some(comparison) = &agent.comparison else {
        return not_compared(policy, agent);
    };
    let planned = agent.cases.iter().filter(|case| case.gates()).count();
    if comparison.pairs < policy.min_cases {
        let message = format!(
            "{}: regression not tested: {} of {planned} prompts could be paired with the baseline, {} are needed",
            agent.name, comparison.pairs, policy.min_cases
        );
        return Some(reason(
            ReasonCode::TooFewCases,
            Some(&agent.name),
            Blocking::No,
            message,
        ));
    }
    let drop = -comparison.change;
    if drop > policy.max_drop + figures::SLACK {
        let message = dropped(policy, agent, comparison) + kept_model(agent);
        return Some(reason(
            ReasonCode::AgentRegressed,
            Some(&agent.name),
            Blocking::by_quality(agent),
            message,
        ));
    }
    (comparison.change > figures::SLACK).then(|| {
        let message = format!("{}: improved by {}", agent.name, points(comparison.change));
        reason(
            ReasonCode::AgentImproved,
            Some(&agent.name),
            Blocking::No,
            message,
        )
    })
}

fn dropped(policy: &Policy, agent: &AgentRecord, comparison: &Comparison) -> String {
    let allowed = policy.max_drop;
    let now = comparison.baseline_score + comparison.change;
    let commit = comparison
        .baseline_commit
        .as_deref()
        .map(short)
        .map(|c| format!(" of {c}"))
        .unwrap_or_default();
    format!(
        "{}: dropped {} against the baseline{commit}, {} → {}; {} is allowed. Same {} prompts",
        agent.name,
        points_against(-comparison.change, allowed),
        points(comparison.baseline_score),
        policy
            .floor_of(&agent.name)
            .map_or_else(|| points(now), |floor| points_against(now, floor)),
        points(allowed),
        comparison.pairs
    )
}

/// Why what would block is only told: whoever changes data or rules cannot mend a model.
pub(super) const fn kept_model(agent: &AgentRecord) -> &'static str {
    if agent.unchanged {
        "; this pull request does not change the model"
    } else {
        ""
    }
}

fn not_compared(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    agent.score?;
    let why = agent
        .not_compared
        .as_deref()
        .unwrap_or("no record is stored");
    let blocking = Blocking::when(policy.on_no_baseline == NoBaseline::Fail && !agent.new);
    let message = format!("{}: not compared with a baseline: {why}", agent.name);
    Some(reason(
        ReasonCode::NotCompared,
        Some(&agent.name),
        blocking,
        message,
    ))
}

/// The cases that are failed now and were not in the baseline. They are asked again before they count. Answers that were
/// taken from the baseline fail as they did there.
pub fn newly_failed_cases(policy: &Policy, agent: &AgentRecord) -> Vec<CaseId> {
    let failed: HashSet<&CaseId> = agent
        .cases
        .iter()
        .filter(|case| !case.is_reused() && case.failed(policy.answer_floor))
        .map(|case| &case.id)
        .collect();
    let pairs = agent
        .comparison
        .iter()
        .flat_map(|comparison| &comparison.cases);
    pairs
        .filter(|pair| !below(pair.old, policy.answer_floor) && failed.contains(&pair.id))
        .map(|pair| pair.id.clone())
        .collect()
}

fn newly_failed(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    let comparison = agent.comparison.as_ref()?;
    let new: Vec<String> = newly_failed_cases(policy, agent)
        .iter()
        .map(ToString::to_string)
        .collect();
    let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
    (count > policy.max_newly_failed).then(|| {
        let message = format!(
            "{}: {count} of {} prompts newly fail (below {}): {}; {} may{}",
            agent.name,
            comparison.pairs,
            points(policy.answer_floor),
            new.join(", "),
            policy.max_newly_failed,
            kept_model(agent)
        );
        reason(
            ReasonCode::CaseNewlyFailed,
            Some(&agent.name),
            Blocking::by_quality(agent),
            message,
        )
    })
}

fn new_agent(record: &RunRecord, agent: &AgentRecord) -> Reason {
    let because = record.changes.agents.iter();
    let mut because = because
        .filter(|change| change.name == agent.name)
        .flat_map(|change| &change.because);
    let is_new = because.any(|cause| cause.code == CauseCode::NewAgent);
    let message = if is_new {
        format!(
            "{}: new in this pull request: shown, not gating until it is merged",
            agent.name
        )
    } else {
        format!(
            "{}: its suite on the base branch cannot be read: shown with that of this pull request, not gating until \
             that is merged",
            agent.name
        )
    };
    reason(
        ReasonCode::NewAgent,
        Some(&agent.name),
        Blocking::No,
        message,
    )
}

fn short(commit: &str) -> String {
    commit.chars().take(7).collect()
}
