//! Whether models that nobody changed answer otherwise than when they were accepted.

use crate::agent::AgentName;
use crate::policy::Policy;
use crate::record::{Against, Outcome, RunRecord};

/// The agents that are worse than their stored record beyond chance, or fail. What could not be measured is none of them.
pub fn drifted<'r>(policy: &Policy, record: &'r RunRecord) -> Vec<&'r AgentName> {
    let chance = 1.0 - policy.confidence;
    let agents = record.touched().filter(|agent| {
        let stored = agent.comparison.as_ref();
        let stored = stored.filter(|one| one.against == Against::Baseline);
        let p_adjusted = stored.and_then(|one| one.p_adjusted);
        agent.verdict.outcome == Outcome::Fail
            || p_adjusted.is_some_and(|p_value| p_value <= chance)
    });
    agents.map(|agent| &agent.name).collect()
}

/// Whether a run can say that nothing drifted: every agent was asked, and answered.
pub fn is_whole(record: &RunRecord) -> bool {
    let all = record.agents.iter().all(|agent| agent.touched);
    let measured = matches!(record.verdict.outcome, Outcome::Pass | Outcome::Fail);
    all && measured && record.shard.is_none()
}
