//! Does the judge still mean the same? Stored answers that it graded again say so. Where it moved by more than its own
//! noise, points that it gave now cannot be held against points that it gave before, nor against a floor that was set
//! with those: nothing that rests on them blocks, and nothing of it passes.

use super::{Blocking, reason};
use crate::figures;
use crate::record::{AgentRecord, Points, Reason, ReasonCode, Regrade, RunRecord};
use crate::score::mean;
use crate::stats::{Drift, variance_of_median};

/// A judge that did not move is taken for one that did in one of so many runs.
const ALPHA: f64 = 0.01;

/// Adds what is to be said of the judge, and takes back what rests on a judge that moved.
pub(super) fn reasons(record: &RunRecord, reasons: &mut Vec<Reason>) {
    let all: Vec<&Regrade> = judged(record)
        .filter_map(|agent| agent.judge.as_ref())
        .flat_map(|judge| &judge.regrades)
        .collect();
    let Some(drift) = moved(record, &all).filter(Drift::is_beyond_noise) else {
        return;
    };
    for reason in reasons
        .iter_mut()
        .filter(|reason| rests_on_points(reason.code))
    {
        let own = reason.agent.as_ref();
        if own.is_none_or(|name| judged(record).any(|agent| agent.name == *name)) {
            reason.blocking = false;
        }
    }
    let verb = if drift.mean > 0.0 { "more" } else { "fewer" };
    for agent in judged(record) {
        let model = agent
            .judge
            .as_ref()
            .map_or("", |judge| judge.model.as_str());
        let message = format!(
            "{}: the judge `{model}` gives {} stored answers {} points {verb} than when they were stored; its own noise explains \
             up to {}",
            agent.name,
            all.len(),
            figures::points(drift.mean.abs()),
            figures::points(drift.bound),
        );
        let blocking = Blocking::when(!agent.new);
        reasons.push(reason(
            ReasonCode::JudgeMoved,
            Some(&agent.name),
            blocking,
            message,
        ));
    }
}

/// The agents that a judge graded in this run.
fn judged(record: &RunRecord) -> impl Iterator<Item = &AgentRecord> {
    record
        .touched()
        .filter(|agent| agent.judge.is_some() && !agent.is_reused())
}

fn moved(record: &RunRecord, all: &[&Regrade]) -> Option<Drift> {
    let votes = judged(record).find_map(|agent| Some(agent.judge.as_ref()?.votes))?;
    let differences: Option<Vec<f64>> = all.iter().map(|one| difference(one)).collect();
    // With a single vote nothing is known of them but the differences.
    let noise = mean(all.iter().filter_map(|one| one.variance));
    let noise = noise.map(|variance| variance * variance_of_median(votes));
    Drift::of(&differences?, noise, ALPHA)
}

/// Points of now minus points of then, the mean over the dimensions.
fn difference(one: &Regrade) -> Option<f64> {
    let of = |points: &Points| mean(points.iter().map(|(_, points)| points));
    Some(of(&one.now)? - of(&one.before)?)
}

const fn rests_on_points(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::AgentBelowFloor
            | ReasonCode::OverallBelowFloor
            | ReasonCode::DimensionBelowFloor
            | ReasonCode::AgentRegressed
            | ReasonCode::DimensionRegressed
            | ReasonCode::BelowPinned
            | ReasonCode::CaseNewlyFailed
    )
}
