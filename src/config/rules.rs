//! The rules of the gate: every default applied, every agent and dimension that they name known.

use super::raw::{RawFloors, RawGate};
use super::units::Points;
use crate::agent::AgentName;
use crate::policy::{Floors, Policy};
use crate::problem::unknown;
use crate::score::Dimension;
use crate::yaml::Spot;

pub(super) fn policy(spot: &Spot<'_>, agents: &Spot<'_>, raw: Option<RawGate>) -> Policy {
    let default = Policy::default();
    let Some(raw) = raw else {
        return default;
    };
    let dimensions = raw.blocking_dimensions.unwrap_or_default().into_iter();
    let blocking = spot.child("blocking_dimensions");
    Policy {
        floor: raw.floor.map(|floor| floor.0),
        floors: raw
            .floors
            .map(|raw| floors(&spot.child("floors"), agents, raw))
            .unwrap_or_default(),
        floor_rule: raw.floor_rule.unwrap_or(default.floor_rule),
        max_drop: raw.max_drop.map_or(default.max_drop, |value| value.0),
        confidence: raw.confidence.map_or(default.confidence, |value| value.0),
        min_cases: raw.min_cases.map_or(default.min_cases, |value| value.0),
        max_unanswered: raw
            .max_unanswered
            .map_or(default.max_unanswered, |value| value.0),
        answer_floor: raw
            .answer_floor
            .map_or(default.answer_floor, |value| value.0),
        max_newly_failed: raw
            .max_newly_failed
            .map_or(default.max_newly_failed, |value| value.0),
        on_inconclusive: raw.on_inconclusive.unwrap_or(default.on_inconclusive),
        on_stale_model: raw.on_stale_model.unwrap_or(default.on_stale_model),
        on_unknown_origin: raw.on_unknown_origin.unwrap_or(default.on_unknown_origin),
        on_agent_removed: raw.on_agent_removed.unwrap_or(default.on_agent_removed),
        on_no_baseline: raw.on_no_baseline.unwrap_or(default.on_no_baseline),
        blocking_dimensions: dimensions
            .filter_map(|name| dimension(&blocking, &name))
            .collect(),
        latency_p95_ms: raw
            .latency_p95
            .map(|span| u64::try_from(span.0.as_millis()).unwrap_or(u64::MAX)),
    }
}

fn dimension(spot: &Spot<'_>, name: &str) -> Option<Dimension> {
    crate::suite::dimension(name)
        .map_err(|why| spot.report(why))
        .ok()
}

fn floors(spot: &Spot<'_>, agents: &Spot<'_>, raw: RawFloors) -> Floors {
    let known: Vec<_> = agents.entries().into_iter().map(|(name, _)| name).collect();
    let list = spot.child("agents");
    let agent = |(name, floor): (String, Points)| {
        if !known.contains(&name.as_str()) {
            list.report_key(&name, unknown("agent", &name, &known));
        }
        Some((AgentName::new(name)?, floor.0))
    };
    let agents = raw
        .agents
        .unwrap_or_default()
        .into_iter()
        .filter_map(agent)
        .collect();
    let list = spot.child("dimensions");
    let by_dimension =
        |(name, floor): (String, Points)| Some((dimension(&list.child(&name), &name)?, floor.0));
    let dimensions = raw
        .dimensions
        .unwrap_or_default()
        .into_iter()
        .filter_map(by_dimension)
        .collect();
    Floors { agents, dimensions }
}
