//! Floors: the promised scores of agents, dimensions and the mean over agents. What was below its floor before and is not
//! changed is told and does not block: otherwise a fix, of the floor itself for one, could not merge.

use super::evidence::{AgentEvidence, Evidence, Ranged};
use super::rules::kept_model;
use super::{Blocking, reason};
use crate::figures::{below, points, points_against};
use crate::policy::{FloorRule, Policy, Severity};
use crate::record::{AgentRecord, Reason, ReasonCode, RunRecord};

/// The floors that an agent misses, or is not proven to reach.
pub(super) fn of_agent(
    policy: &Policy,
    agent: &AgentRecord,
    evidence: &AgentEvidence,
    alpha: f64,
) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = floor(policy, agent, evidence, alpha).into_iter().collect();
    for (dimension, floor) in &policy.floors.dimensions {
        let Some(score) = agent.dimensions.get(dimension) else {
            continue;
        };
        let missed = below(*score, *floor).then(|| {
            let message = format!(
                "{}: {dimension} is below its floor: {}, floor {}{}",
                agent.name,
                points_against(*score, *floor),
                points(*floor),
                kept_model(agent)
            );
            reason(
                ReasonCode::DimensionBelowFloor,
                Some(&agent.name),
                Blocking::by_quality(agent),
                message,
            )
        });
        let range = evidence.dimensions.get(dimension);
        let what = format!("{dimension} scores ");
        reasons.extend(missed.or_else(|| open(policy, agent, &what, *score, *floor, range)));
    }
    reasons
}

fn floor(
    policy: &Policy,
    agent: &AgentRecord,
    evidence: &AgentEvidence,
    alpha: f64,
) -> Option<Reason> {
    let (score, floor) = agent.score.zip(policy.floor_of(&agent.name))?;
    let range = evidence.score.as_ref();
    let missed = match policy.floor_rule {
        FloorRule::Score => below(score, floor),
        FloorRule::Bounds => range.is_some_and(|range| {
            let significant = range.p_adjusted.is_none_or(|chance| chance <= alpha);
            below(range.bounds.upper, floor) && significant
        }),
    };
    if !missed {
        return open(policy, agent, "", score, floor, range);
    }
    let then = agent.comparison.as_ref().map(|held| held.baseline_score);
    let already = agent.unchanged && then.is_some_and(|then| below(then, floor));
    let message = format!(
        "{}: {}: {}, floor {}{}",
        agent.name,
        if already {
            "already below its floor on the base"
        } else {
            "below its floor"
        },
        points_against(score, floor),
        points(floor),
        kept_model(agent)
    );
    Some(reason(
        ReasonCode::AgentBelowFloor,
        Some(&agent.name),
        Blocking::by_quality(agent),
        message,
    ))
}

/// A floor that the measured score keeps and the lower bound does not.
fn open(
    policy: &Policy,
    agent: &AgentRecord,
    what: &str,
    score: f64,
    floor: f64,
    range: Option<&Ranged>,
) -> Option<Reason> {
    if range.is_some_and(|range| !below(range.bounds.lower, floor)) {
        return None;
    }
    let message = format!(
        "{}: {what}{}{}",
        agent.name,
        unproven(score, floor, range),
        kept_model(agent)
    );
    let blocking = match policy.on_inconclusive {
        Severity::Fail => Blocking::by_quality(agent),
        Severity::Warn => Blocking::No,
    };
    Some(reason(
        ReasonCode::FloorNotProven,
        Some(&agent.name),
        blocking,
        message,
    ))
}

/// `8.00, floor 8.00: met, not proven: plausible 7.46 to 8.47; this many prompts can only show gaps of about 0.74`.
fn unproven(score: f64, floor: f64, range: Option<&Ranged>) -> String {
    let met = if below(score, floor) { "missed" } else { "met" };
    let held = format!(
        "{}, floor {}: {met}, not proven",
        points_against(score, floor),
        points(floor)
    );
    let Some(range) = range else {
        return format!("{held}: so few answers give no range");
    };
    let sight = range
        .detectable
        .map(|gap| {
            format!(
                "; this many prompts can only show gaps of about {} or more",
                points(gap)
            )
        })
        .unwrap_or_default();
    format!(
        "{held}: plausible {} to {}{sight}",
        points_against(range.bounds.lower.max(0.0), floor),
        points_against(range.bounds.upper.min(10.0), floor)
    )
}

/// The mean over agents must reach the general floor. Where agents whose model is not changed pull it down and the others
/// did not worsen it, it is told and does not block.
pub(super) fn overall(policy: &Policy, record: &RunRecord, evidence: &Evidence) -> Option<Reason> {
    let (score, floor) = record.overall.score.zip(policy.floor)?;
    record.touched().next()?;
    let range = evidence.overall.as_ref();
    let missed = match policy.floor_rule {
        FloorRule::Score => below(score, floor),
        FloorRule::Bounds => range.is_some_and(|range| below(range.bounds.upper, floor)),
    };
    if !missed {
        return overall_open(policy, record, score, floor, range);
    }
    let mut counted = record.touched().filter(|agent| !agent.new);
    let kept = counted.all(|agent| agent.unchanged);
    let low_before = record.agents.iter().any(|agent| {
        let as_before = !agent.touched || agent.unchanged;
        as_before && agent.score.is_some_and(|score| below(score, floor))
    });
    let excused = kept || (low_before && !worsened(record));
    let message = format!(
        "the mean over agents is below the floor: {}, floor {}{}",
        points_against(score, floor),
        points(floor),
        if kept {
            "; this pull request changes no model"
        } else {
            ""
        }
    );
    Some(reason(
        ReasonCode::OverallBelowFloor,
        None,
        Blocking::when(!excused),
        message,
    ))
}

/// The mean over agents keeps the floor and its lower bound does not. It blocks only where the mean went down: carried
/// agents are nothing that this pull request could mend.
fn overall_open(
    policy: &Policy,
    record: &RunRecord,
    score: f64,
    floor: f64,
    range: Option<&Ranged>,
) -> Option<Reason> {
    if range.is_some_and(|range| !below(range.bounds.lower, floor)) {
        return None;
    }
    let message = match range {
        None => format!(
            "the mean over agents is {}, floor {}: not proven: not every stored score has a range",
            points_against(score, floor),
            points(floor)
        ),
        Some(_) => format!(
            "the mean over these agents is {}",
            unproven(score, floor, range)
        ),
    };
    let moves = record.touched().any(|agent| !agent.new && !agent.unchanged);
    let blocks = policy.on_inconclusive == Severity::Fail && moves && worsened(record);
    Some(reason(
        ReasonCode::OverallNotProven,
        None,
        Blocking::when(blocks),
        message,
    ))
}

/// Whether the mean over agents went down, or nobody can say.
fn worsened(record: &RunRecord) -> bool {
    record
        .overall
        .change
        .is_none_or(|change| below(change, 0.0))
}
