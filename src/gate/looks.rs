//! Which samples are asked next: look by look while the verdict stage finds an agent open, and twice more where a case
//! newly fails.

use super::ledger::Ticket;
use super::plan::Plan;
use super::planned::PlannedAgent;
use crate::record::{AgentRecord, RunRecord};
use crate::verdict::{self, Standing};

/// Extra samples of a case that newly fails, before it counts: one bad draw is no proof.
pub(super) const SAMPLES_AFTER_FAILING: u32 = 2;

/// The places of the agents that another look may still decide. What does not gate is asked when all of them are.
pub(super) fn open(plan: &Plan, record: &RunRecord) -> Vec<usize> {
    let agents = record.agents.iter().take(plan.agents.len()).enumerate();
    let undecided = |agent: &AgentRecord| agent.looks.last().is_none_or(|look| look.end.is_none());
    agents
        .filter(|(_, agent)| agent.arm.is_none() && !agent.new && undecided(agent))
        .map(|(place, _)| place)
        .collect()
}

/// The samples of one look at these agents, those of earlier looks included: what is settled is not asked again.
pub(super) fn tickets(
    plan: &Plan,
    agents: &[usize],
    place: usize,
    samples: u32,
) -> impl Iterator<Item = Ticket> {
    let look = u32::try_from(place + 1).unwrap_or(u32::MAX);
    agents.iter().flat_map(move |agent| {
        let cases = plan.agents.get(*agent).map_or(0, PlannedAgent::gating);
        (0..cases).flat_map(move |case| {
            (0..samples).map(move |sample| Ticket {
                agent: *agent,
                case,
                sample,
                look,
            })
        })
    })
}

/// Notes what is known of these agents after a look.
pub(super) fn note(plan: &Plan, record: &mut RunRecord, agents: &[usize], place: usize) {
    let schedule = plan.schedule();
    if plan.run.looks.is_empty() {
        return;
    }
    let gating = record
        .touched()
        .filter(|agent| !agent.new && !agent.unchanged);
    let standing = Standing {
        schedule: &schedule,
        place,
        agents: gating.count(),
    };
    for agent in agents {
        if let Some(agent) = record.agents.get_mut(*agent) {
            let look = verdict::look(&record.policy, agent, standing);
            agent.looks.push(look);
        }
    }
}

/// The cases that were fine in the baseline and fail now, asked again before they count.
pub(super) fn after_failing(plan: &Plan, record: &RunRecord) -> Vec<Ticket> {
    let mut wanted = Vec::new();
    for (agent, measured) in record.agents.iter().enumerate().take(plan.agents.len()) {
        let failed = verdict::newly_failed_cases(&plan.policy, measured);
        if failed.is_empty() {
            continue;
        }
        let taken = measured.looks.last();
        let first = taken.map_or(plan.samples(), |look| look.samples);
        let look = taken.map_or(2, |look| look.look + 1);
        let cases = measured.cases.iter().enumerate();
        for (case, _) in cases.filter(|(_, case)| failed.contains(&case.id)) {
            let samples = first..first.saturating_add(SAMPLES_AFTER_FAILING);
            wanted.extend(samples.map(|sample| Ticket {
                agent,
                case,
                sample,
                look,
            }));
        }
    }
    wanted
}
