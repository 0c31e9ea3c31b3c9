//! The first two lines where too little was measured for a verdict.

use super::advice::advice;
use super::view::Style;
use crate::record::{AgentRecord, ReasonCode, RunRecord, SampleStatus};

/// What is said instead of a verdict, and what to do.
pub(super) fn lines(record: &RunRecord, style: Style) -> (String, String) {
    let first = record.verdict.reasons.iter().find(|reason| reason.blocking);
    let what = first
        .map(|reason| style.text(&reason.message))
        .unwrap_or_default();
    let do_this = match first.map(|reason| reason.code) {
        Some(ReasonCode::BudgetReached) => {
            "do not merge yet: raise `run.budget` or shrink the suite, then run the check again."
        }
        Some(ReasonCode::DeadlineReached) => {
            "do not merge yet: raise `run.deadline` or shrink the suite, then run the check again."
        }
        Some(
            code @ (ReasonCode::FloorNotProven
            | ReasonCode::ChangeNotProven
            | ReasonCode::OverallNotProven),
        ) => return (what, advice(code, "", "")),
        _ => {
            "do not merge yet: run the check again when the model provider answers. This says nothing about the models."
        }
    };
    (what, do_this.to_owned())
}

/// How many of an agent's samples have a score, and how many there are.
pub(super) fn scored(agent: &AgentRecord) -> (usize, usize) {
    let cases = agent.cases.iter().filter(|case| case.gates());
    let samples = cases.flat_map(|case| &case.samples);
    samples.fold((0, 0), |(scored, planned), sample| {
        let has = usize::from(sample.status == SampleStatus::Scored);
        (scored + has, planned + 1)
    })
}
