//! All rules in their order; here are those of newly failed cases and of what a pull request may not do to the gate.

use std::collections::HashSet;

use super::evidence::Evidence;
use super::{Blocking, floors, latency, reason, regression};
use crate::figures::{below, points};
use crate::policy::{Policy, Severity};
use crate::record::{AgentRecord, CauseCode, PairedCase, Reason, ReasonCode, RunRecord};
use crate::suite::CaseId;

/// Reasons that come from holding the measurements against the rules.
pub(super) fn reasons(policy: &Policy, record: &RunRecord, evidence: &Evidence) -> Vec<Reason> {
    let mut reasons = tampering(policy, record);
    for agent in record.touched() {
        if let Some(shown) = evidence.agents.get(&agent.name) {
            reasons.extend(regression::reasons(policy, agent, shown, evidence.alpha));
            reasons.extend(newly_failed(policy, agent));
            reasons.extend(floors::of_agent(policy, agent, shown, evidence.alpha));
        }
        reasons.extend(latency::reasons(policy, agent));
        reasons.extend(agent.new.then(|| new_agent(record, agent)));
    }
    reasons.extend(floors::overall(policy, record, evidence));
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

/// Why what would block is only told: whoever changes data or rules cannot mend a model.
pub(super) const fn kept_model(agent: &AgentRecord) -> &'static str {
    if agent.unchanged {
        "; this pull request does not change the model"
    } else {
        ""
    }
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
    let newly =
        |pair: &&PairedCase| !below(pair.old, policy.answer_floor) && failed.contains(&pair.id);
    let mut cases: Vec<CaseId> = pairs.filter(newly).map(|pair| pair.id.clone()).collect();
    cases.sort_unstable();
    cases
}

fn newly_failed(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    let comparison = agent.comparison.as_ref()?;
    let new: Vec<String> = newly_failed_cases(policy, agent)
        .iter()
        .map(ToString::to_string)
        .collect();
    let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
    (count > policy.max_newly_failed).then(|| {
        let allowed = match policy.max_newly_failed {
            0 => "none is allowed".to_owned(),
            1 => "1 is allowed".to_owned(),
            more => format!("{more} are allowed"),
        };
        let message = format!(
            "{}: {count} of {} prompts newly {} (below {}): {}; {allowed}{}",
            agent.name,
            comparison.pairs,
            if count == 1 { "fails" } else { "fail" },
            points(policy.answer_floor),
            new.join(", "),
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
