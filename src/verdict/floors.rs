//! Floors: the promised scores of agents, dimensions and the mean over agents. What was below its floor before and is not
//! changed is told and does not block: otherwise a fix, of the floor itself for one, could not merge.

use super::rules::kept_model;
use super::{Blocking, reason};
use crate::figures::{below, points, points_against};
use crate::policy::Policy;
use crate::record::{AgentRecord, Reason, ReasonCode, RunRecord};

/// The floors that an agent misses.
pub(super) fn of_agent(policy: &Policy, agent: &AgentRecord) -> Vec<Reason> {
    let mut reasons = dimension_floors(policy, agent);
    reasons.splice(0..0, floor(policy, agent));
    reasons
}

fn floor(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    let (score, floor) = agent.score.zip(policy.floor_of(&agent.name))?;
    let then = agent.comparison.as_ref().map(|held| held.baseline_score);
    let already = agent.unchanged && then.is_some_and(|then| below(then, floor));
    below(score, floor).then(|| {
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
        reason(
            ReasonCode::AgentBelowFloor,
            Some(&agent.name),
            Blocking::by_quality(agent),
            message,
        )
    })
}

fn dimension_floors(policy: &Policy, agent: &AgentRecord) -> Vec<Reason> {
    policy
        .floors
        .dimensions
        .iter()
        .filter_map(|(dimension, floor)| {
            agent
                .dimensions
                .get(dimension)
                .map(|score| (dimension, *score, *floor))
        })
        .filter(|(_, score, floor)| below(*score, *floor))
        .map(|(dimension, score, floor)| {
            let message = format!(
                "{}: {dimension} is below its floor: {}, floor {}{}",
                agent.name,
                points_against(score, floor),
                points(floor),
                kept_model(agent)
            );
            reason(
                ReasonCode::DimensionBelowFloor,
                Some(&agent.name),
                Blocking::by_quality(agent),
                message,
            )
        })
        .collect()
}

/// The mean over agents must reach the general floor. Where agents whose model is not changed pull it down and the others
/// did not worsen it, it is told and does not block.
pub(super) fn overall(policy: &Policy, record: &RunRecord) -> Option<Reason> {
    let (score, floor) = record.overall.score.zip(policy.floor)?;
    let mut counted = record.touched().filter(|agent| !agent.new);
    let kept = counted.all(|agent| agent.unchanged);
    let low_before = record.agents.iter().any(|agent| {
        let as_before = !agent.touched || agent.unchanged;
        as_before && agent.score.is_some_and(|score| below(score, floor))
    });
    let change = record.overall.change;
    let not_worse = change.is_some_and(|change| !below(change, 0.0));
    let excused = kept || (low_before && not_worse);
    (record.touched().next().is_some() && below(score, floor)).then(|| {
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
        reason(
            ReasonCode::OverallBelowFloor,
            None,
            Blocking::when(!excused),
            message,
        )
    })
}
