//! Is what was decided proven? It is where something was tested and every bound holds, not only the measured values.

use super::evidence::Evidence;
use crate::policy::Policy;
use crate::record::{AgentRecord, CauseCode, Reason, ReasonCode, RunRecord};

/// Whether every bound of an agent holds.
pub(super) fn of_agent(
    policy: &Policy,
    record: &RunRecord,
    evidence: &Evidence,
    agent: &AgentRecord,
    reasons: &[Reason],
) -> bool {
    let mut own = reasons
        .iter()
        .filter(|reason| reason.agent.as_ref() == Some(&agent.name));
    let compared = agent
        .comparison
        .as_ref()
        .is_some_and(|comparison| comparison.planned() >= policy.min_cases);
    let floored = policy.floor_of(&agent.name).is_some();
    let ranged = evidence
        .agents
        .get(&agent.name)
        .is_some_and(|shown| shown.score.is_some());
    // Where a model took the place of another, a floor alone proves nothing of the drop.
    let tested = compared || (floored && ranged && !replaced(record, agent));
    !agent.new && tested && own.all(|reason| !leaves_open(reason.code))
}

/// Whether every bound of a run holds.
pub(super) fn of_run(agents: impl IntoIterator<Item = bool>, reasons: &[Reason]) -> bool {
    let mut agents = agents.into_iter().peekable();
    let open = reasons
        .iter()
        .any(|reason| reason.code == ReasonCode::OverallNotProven);
    agents.peek().is_some() && agents.all(|proven| proven) && !open
}

const fn leaves_open(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::FloorNotProven | ReasonCode::ChangeNotProven
    )
}

fn replaced(record: &RunRecord, agent: &AgentRecord) -> bool {
    let mut changes = record.changes.agents.iter();
    let change = changes.find(|change| change.name == agent.name);
    let moves = |code| {
        matches!(
            code,
            CauseCode::ModelId | CauseCode::SystemPrompt | CauseCode::Parameters
        )
    };
    change.is_some_and(|change| change.because.iter().any(|cause| moves(cause.code)))
}
