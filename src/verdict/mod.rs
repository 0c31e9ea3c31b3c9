//! Decides whether a pull request may merge. The only room that says pass or fail.
//!
//! A pure function of the rules and the record (which holds the comparison with the baseline): same bytes in, same
//! verdict out, on every machine. Knows nothing of models, GitHub or Markdown.

mod accepted;
mod data;
mod drift;
mod evidence;
mod floors;
mod judge;
mod lacking;
mod latency;
mod looks;
mod measured;
mod noted;
mod part;
mod proof;
mod regression;
mod rules;

use std::collections::BTreeMap;

use crate::agent::AgentName;
use crate::policy::Policy;
use crate::record::{AgentRecord, AgentVerdict, Outcome, Reason, ReasonCode, RunRecord, Verdict};

/// The conclusion for the run and for each touched agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// For the run.
    pub verdict: Verdict,
    /// For each touched agent.
    pub agents: BTreeMap<AgentName, AgentVerdict>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// Decides what a record comes to under these rules. The verdict that the record already carries is not looked at, nor
/// are its ranges.
pub fn decide(policy: &Policy, record: &RunRecord) -> Decision {
    let evidence = evidence::evidence(policy, record);
    let mut reasons = measured::reasons(policy, record);
    reasons.extend(rules::reasons(policy, record, &evidence));
    reasons.extend(data::reasons(policy, record));
    judge::reasons(record, &mut reasons);
    let excused = accepted::excuse(policy, record, &mut reasons);
    // A stable sort: within blocking and not blocking, the order in which the rules were applied.
    reasons.sort_by_key(|reason| !reason.blocking);
    let agents: BTreeMap<AgentName, AgentVerdict> = record
        .touched()
        .map(|agent| {
            let own = reasons
                .iter()
                .filter(|reason| reason.agent.as_ref() == Some(&agent.name));
            let said = outcome(own);
            // Whatever kept the run from asking it, nothing speaks for it.
            let silent = said == Outcome::Pass && unmeasured(agent);
            let outcome = if silent { Outcome::Inconclusive } else { said };
            let proven = outcome == Outcome::Pass
                && !excused.contains(&agent.name)
                && proof::of_agent(policy, record, &evidence, agent, &reasons);
            (agent.name.clone(), AgentVerdict { outcome, proven })
        })
        .collect();
    let outcome = if record.touched().next().is_none() && reasons.is_empty() {
        Outcome::Skipped
    } else {
        outcome(reasons.iter())
    };
    let gating = record.touched().filter(|agent| !agent.new);
    let each = gating.map(|agent| {
        agents
            .get(&agent.name)
            .is_some_and(|verdict| verdict.proven)
    });
    let proven = outcome == Outcome::Pass && excused.is_empty() && proof::of_run(each, &reasons);
    Decision {
        verdict: Verdict {
            outcome,
            proven,
            reasons,
        },
        agents,
        evidence,
    }
}

/// Whether it was to be asked and not a single answer of it counts. What only the pull request has says nothing.
fn unmeasured(agent: &AgentRecord) -> bool {
    let mut cases = agent.cases.iter().filter(|case| !case.new);
    agent.counts.planned > 0 && cases.all(|case| case.score.is_none())
}

/// A missed rule outranks a missing measurement, and that outranks a half-finished one.
fn outcome<'a>(reasons: impl Iterator<Item = &'a Reason>) -> Outcome {
    let rank = |outcome: Outcome| match outcome {
        Outcome::Pass | Outcome::Skipped => 0,
        Outcome::Inconclusive => 1,
        Outcome::Error => 2,
        Outcome::Fail => 3,
    };
    reasons
        .filter(|reason| reason.blocking)
        .map(|reason| leads_to(reason.code))
        .max_by_key(|outcome| rank(*outcome))
        .unwrap_or(Outcome::Pass)
}

/// What a blocking reason of this kind comes to.
const fn leads_to(code: ReasonCode) -> Outcome {
    match code {
        ReasonCode::NothingScored | ReasonCode::Interrupted => Outcome::Error,
        ReasonCode::TooManyUnanswered
        | ReasonCode::BudgetReached
        | ReasonCode::DeadlineReached
        | ReasonCode::FloorNotProven
        | ReasonCode::ChangeNotProven
        | ReasonCode::OverallNotProven
        | ReasonCode::JudgeMoved => Outcome::Inconclusive,
        ReasonCode::AgentBelowFloor
        | ReasonCode::OverallBelowFloor
        | ReasonCode::DimensionBelowFloor
        | ReasonCode::AgentRegressed
        | ReasonCode::AgentImproved
        | ReasonCode::AgentDropped
        | ReasonCode::BelowPinned
        | ReasonCode::DimensionRegressed
        | ReasonCode::LatencyTooHigh
        | ReasonCode::LatencyNotTested
        | ReasonCode::CaseNewlyFailed
        | ReasonCode::TooFewCases
        | ReasonCode::NotCompared
        | ReasonCode::SomeUnanswered
        | ReasonCode::AgentRemoved
        | ReasonCode::ModelLocatorChanged
        | ReasonCode::ModelNotRetrained
        | ReasonCode::UnknownOrigin
        | ReasonCode::AuditFinding
        | ReasonCode::NewAgent
        | ReasonCode::PartOfRun => Outcome::Fail,
    }
}

pub use accepted::acceptable;
pub use drift::{drifted, is_whole};
pub use evidence::{AgentEvidence, Evidence, Ranged, Shown};
pub use looks::{Standing, look};
pub use part::of_part;
pub use rules::newly_failed_cases;

fn reason(
    code: ReasonCode,
    agent: Option<&AgentName>,
    blocking: Blocking,
    message: String,
) -> Reason {
    Reason {
        code,
        agent: agent.cloned(),
        message,
        blocking: blocking == Blocking::Yes,
        accepted_by: None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Blocking {
    Yes,
    No,
}

impl Blocking {
    const fn when(condition: bool) -> Self {
        if condition { Self::Yes } else { Self::No }
    }

    /// Of how good an agent is: one that does not gate yet blocks nothing, and neither does one whose model is as it was.
    const fn by_quality(agent: &AgentRecord) -> Self {
        Self::when(!agent.new && !agent.unchanged)
    }
}

#[cfg(test)]
mod tests;
