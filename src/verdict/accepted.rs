//! What an entitled person accepted no longer blocks: the reasons stay and are told. What was not measured cannot be
//! accepted, and what concerns more than the model is accepted for the very commit only.

use std::collections::BTreeSet;

use crate::agent::AgentName;
use crate::figures::below;
use crate::policy::{Policy, Severity};
use crate::record::{AgentRecord, Reason, ReasonCode, RunRecord};
use crate::score::overall_score;

/// How far an acceptance of a reason reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// As long as model ID, system prompt and parameters stay as they are.
    Candidate,
    /// The commit for which it was written: the next one may bring other data, or another place for the model ID.
    Commit,
    /// Nobody can accept what was not measured.
    None,
}

/// Turns the blocking reasons that were accepted into notes; returns the agents that have one.
pub(super) fn excuse<'r>(
    policy: &Policy,
    record: &'r RunRecord,
    reasons: &mut [Reason],
) -> BTreeSet<&'r AgentName> {
    let mut excused = BTreeSet::new();
    for reason in reasons.iter_mut().filter(|reason| reason.blocking) {
        if let Some((agent, by)) = acceptance(record, reason) {
            reason.blocking = false;
            reason.accepted_by = Some(by.to_owned());
            excused.insert(agent);
        }
    }
    if !excused.is_empty() && holds_without(policy, record, &excused) {
        let overall = reasons.iter_mut().filter(|reason| of_overall(reason.code));
        for reason in overall.filter(|reason| reason.blocking) {
            reason.blocking = false;
            reason.message = format!(
                "{}; without what was accepted it would reach it",
                reason.message
            );
        }
    }
    excused
}

/// The agents of which a blocking reason could be accepted. `None` of an agent's record: the change removes it.
pub fn acceptable(record: &RunRecord) -> Vec<(&AgentName, Option<&AgentRecord>)> {
    let blocking = record.verdict.reasons.iter();
    let blocking = blocking.filter(|reason| reason.blocking && reach(reason.code) != Reach::None);
    let names: BTreeSet<&AgentName> = blocking
        .flat_map(|reason| concerned(record, reason))
        .collect();
    names
        .into_iter()
        .map(|name| (name, record.agent(name)))
        .collect()
}

/// Whose acceptance stands for a reason: all agents that it concerns need one.
fn acceptance<'r>(record: &'r RunRecord, reason: &Reason) -> Option<(&'r AgentName, &'r str)> {
    let reach = reach(reason.code);
    let mut first = None;
    for name in concerned(record, reason) {
        let agent = record.agent(name);
        let counts = |commit: &Option<String>| match reach {
            Reach::Candidate => true,
            Reach::Commit => commit.is_some() && *commit == record.source.commit,
            Reach::None => false,
        };
        let mut all = record.accepted.iter();
        let accepted = all.find(|accepted| {
            accepted.agent == *name && accepted.is_of(agent) && counts(&accepted.commit)
        })?;
        first.get_or_insert((&accepted.agent, accepted.by.as_str()));
    }
    first
}

/// The agents that a reason is about. A file of training data may be of several.
fn concerned<'r>(record: &'r RunRecord, reason: &'r Reason) -> BTreeSet<&'r AgentName> {
    let mut names: BTreeSet<&AgentName> = reason.agent.iter().collect();
    if reason.code == ReasonCode::AuditFinding {
        let findings = record.audit.findings.iter();
        let shared = findings.filter(|finding| {
            finding.severity == Severity::Fail && finding.agents.first() == reason.agent.as_ref()
        });
        names.extend(shared.flat_map(|finding| &finding.agents));
    }
    names
}

/// Whether the mean over the agents that nobody had to accept reaches the floor, or there is none.
fn holds_without(policy: &Policy, record: &RunRecord, accepted: &BTreeSet<&AgentName>) -> bool {
    let others = record.agents.iter();
    let others = others.filter(|agent| !agent.new && !accepted.contains(&agent.name));
    let mean = overall_score(others.filter_map(|agent| agent.score));
    let floor = policy.floor;
    mean.zip(floor)
        .is_none_or(|(mean, floor)| !below(mean, floor))
}

const fn of_overall(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::OverallBelowFloor | ReasonCode::OverallNotProven
    )
}

const fn reach(code: ReasonCode) -> Reach {
    match code {
        ReasonCode::AgentBelowFloor
        | ReasonCode::DimensionBelowFloor
        | ReasonCode::FloorNotProven
        | ReasonCode::AgentRegressed
        | ReasonCode::DimensionRegressed
        | ReasonCode::BelowPinned
        | ReasonCode::ChangeNotProven
        | ReasonCode::CaseNewlyFailed
        | ReasonCode::LatencyTooHigh
        | ReasonCode::NotCompared => Reach::Candidate,
        ReasonCode::AgentRemoved
        | ReasonCode::ModelLocatorChanged
        | ReasonCode::ModelNotRetrained
        | ReasonCode::UnknownOrigin
        | ReasonCode::AuditFinding => Reach::Commit,
        ReasonCode::OverallBelowFloor
        | ReasonCode::OverallNotProven
        | ReasonCode::AgentDropped
        | ReasonCode::AgentImproved
        | ReasonCode::LatencyNotTested
        | ReasonCode::TooFewCases
        | ReasonCode::TooManyUnanswered
        | ReasonCode::SomeUnanswered
        | ReasonCode::NothingScored
        | ReasonCode::BudgetReached
        | ReasonCode::DeadlineReached
        | ReasonCode::Interrupted
        | ReasonCode::NewAgent
        | ReasonCode::JudgeMoved
        | ReasonCode::PartOfRun => Reach::None,
    }
}
