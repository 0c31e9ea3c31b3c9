//! What to do about the first thing that blocks, in one sentence.

use super::view::Style;
use crate::figures::points;
use crate::record::{AgentRecord, Reason, ReasonCode, RunRecord};

/// Answers that are named where an agent is below its floor.
const LOWEST: usize = 2;

/// The sentence after "Do this:"; `name` is the agent's, `needed` says what would pass.
pub(super) fn advice(code: ReasonCode, name: &str, needed: &str) -> String {
    match code {
        ReasonCode::AgentRegressed => {
            format!("do not merge; keep the old {name} model. Start with the answers below that lost most.{needed}")
        }
        ReasonCode::AgentBelowFloor => format!("do not merge; keep the old {name} model.{needed}"),
        ReasonCode::CaseNewlyFailed
        | ReasonCode::DimensionBelowFloor
        | ReasonCode::DimensionRegressed => {
            format!("do not merge; keep the old {name} model. Start with the answers below that lost most.")
        }
        ReasonCode::BelowPinned => format!(
            "do not merge; {name} went down in small steps that passed one by one. Train from the data of the pinned model again, or let its owner move `baseline.pinned`."
        ),
        ReasonCode::LatencyTooHigh => format!(
            "do not merge; keep the old {name} model, or let its owner raise `gate.latency_p95`."
        ),
        ReasonCode::FloorNotProven
        | ReasonCode::ChangeNotProven
        | ReasonCode::OverallNotProven => {
            "add prompts to the suite, or samples with `run.looks`, until it can tell; running again changes nothing. Or let the gate's owner set `gate.on_inconclusive: warn`.".to_owned()
        }
        ReasonCode::OverallBelowFloor => "do not merge. The weakest agent in the table is where to start.".to_owned(),
        ReasonCode::AgentRemoved => format!("keep {name} in the configuration, or let its owner set `gate.on_agent_removed: warn` first."),
        ReasonCode::ModelLocatorChanged => {
            "change where the model ID is read from in one pull request and the model ID in another.".to_owned()
        }
        ReasonCode::AuditFinding => {
            "do not merge; mend the rows that are listed under the training data, then push again.".to_owned()
        }
        ReasonCode::ModelNotRetrained => format!(
            "move {name}'s model ID to a model that was trained on this data, in this pull request, or let its owner set `gate.on_stale_model: warn`."
        ),
        ReasonCode::UnknownOrigin => format!(
            "commit the data that the new {name} model was made from, or let its owner set `gate.on_unknown_origin: warn`."
        ),
        ReasonCode::JudgeMoved => {
            "run again; if the judge stays where it is now, measure the baseline anew on the base branch, or name a judge with a fixed version under `judge.model`.".to_owned()
        }
        ReasonCode::NotCompared => "store a baseline first: run the gate on the base branch.".to_owned(),
        ReasonCode::AgentImproved
        | ReasonCode::AgentDropped
        | ReasonCode::LatencyNotTested
        | ReasonCode::TooFewCases
        | ReasonCode::TooManyUnanswered
        | ReasonCode::SomeUnanswered
        | ReasonCode::NothingScored
        | ReasonCode::BudgetReached
        | ReasonCode::DeadlineReached
        | ReasonCode::Interrupted
        | ReasonCode::NewAgent
        | ReasonCode::PartOfRun => "read the reasons below.".to_owned(),
    }
}

/// The score at which this agent changes sides, with the rule that says so: the higher of floor and allowed drop.
pub(super) fn needed(record: &RunRecord, agent: &AgentRecord) -> Option<String> {
    let drop = agent.comparison.as_ref().map(|c| {
        let allowed = record.policy.max_drop;
        let line = c.baseline_score - allowed;
        (
            line,
            format!(
                "{} or more ({} under the baseline)",
                points(line),
                points(allowed)
            ),
        )
    });
    let floor = agent
        .floor
        .map(|floor| (floor, format!("{} or more (its floor)", points(floor))));
    drop.into_iter()
        .chain(floor)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, text)| text)
}

/// The answers that pull an agent below its floor most: not those that lost most, which may well be above it.
pub(super) fn lowest(agent: &AgentRecord, style: Style) -> String {
    let cases = agent.cases.iter().filter(|case| case.gates());
    let mut cases: Vec<(f64, &str)> = cases
        .filter_map(|case| Some((case.score?, case.id.as_str())))
        .collect();
    cases.sort_by(|a, b| a.0.total_cmp(&b.0));
    let told = cases.iter().take(LOWEST);
    let told = told.map(|(score, id)| format!("{} {}", style.code(id), points(*score)));
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return String::new();
    }
    format!(" Its lowest answers: {}.", told.join(", "))
}

/// At which score it passes. That is not all where something else blocks too.
pub(super) fn passes_at(needed: &str, blocking: &[&Reason]) -> String {
    let by_score = |reason: &&Reason| {
        matches!(
            reason.code,
            ReasonCode::AgentRegressed | ReasonCode::AgentBelowFloor
        )
    };
    if blocking.iter().all(by_score) {
        format!(" It passes at {needed}.")
    } else {
        format!(" It takes {needed}, and nothing else that blocks, to pass.")
    }
}
