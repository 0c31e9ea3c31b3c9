//! The allowed latency: of answers that were asked in this run, nothing that was kept or stored.

use super::{Blocking, reason};
use crate::policy::Policy;
use crate::record::{AgentRecord, Reason, ReasonCode};

/// Fewer measurements than this say little of the slowest twentieth.
const ENOUGH: usize = 100;

pub(super) fn reasons(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    let limit = policy.latency_p95_ms?;
    let samples = agent.cases.iter().flat_map(|case| &case.samples);
    let timed = samples
        .filter(|sample| !sample.reused && sample.latency_ms.is_some())
        .count();
    let measured = agent.latency_ms.p95?;
    if timed < ENOUGH {
        let message = format!(
            "{}: latency not tested: {timed} answers were timed, {ENOUGH} are needed; the slowest twentieth took {measured} ms or more",
            agent.name
        );
        return Some(reason(
            ReasonCode::LatencyNotTested,
            Some(&agent.name),
            Blocking::No,
            message,
        ));
    }
    (measured > limit).then(|| {
        let message = format!(
            "{}: too slow: one answer in twenty took {measured} ms or more, {limit} ms are allowed",
            agent.name
        );
        reason(
            ReasonCode::LatencyTooHigh,
            Some(&agent.name),
            Blocking::by_quality(agent),
            message,
        )
    })
}
