//! Was enough measured to say anything? An outage, a budget or a deadline is never a score.

use super::{Blocking, reason};
use crate::policy::Policy;
use crate::record::{
    AgentRecord, Reason, ReasonCode, RunRecord, SampleRecord, SampleStatus, Stopped,
};

/// Reasons that come from what was not measured.
pub(super) fn reasons(policy: &Policy, record: &RunRecord) -> Vec<Reason> {
    stopped_early(record)
        .into_iter()
        .chain(record.touched().filter_map(|agent| coverage(policy, agent)))
        .collect()
}

pub(super) fn stopped_early(record: &RunRecord) -> Option<Reason> {
    let because = record.run.stopped_because.as_deref();
    record.run.stopped.map(|why| stopped(why, because))
}

fn stopped(why: Stopped, because: Option<&str>) -> Reason {
    let (code, message) = match why {
        Stopped::Budget => (
            ReasonCode::BudgetReached,
            "the budget was used up before every prompt was asked",
        ),
        Stopped::Deadline => (
            ReasonCode::DeadlineReached,
            "the deadline passed before every prompt was answered",
        ),
        Stopped::Interrupted => (ReasonCode::Interrupted, "the run was interrupted"),
    };
    reason(
        code,
        None,
        Blocking::Yes,
        because.unwrap_or(message).to_owned(),
    )
}

fn coverage(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    let (planned, missing) = gating(agent).fold((0_u32, 0_u32), |(planned, missing), sample| {
        let lacks = u32::from(sample.status != SampleStatus::Scored);
        (planned + 1, missing + lacks)
    });
    if missing == 0 {
        return None;
    }
    let first = first_cause(agent);
    if missing == planned {
        let message = format!("{}: none of {planned} answers came{first}", agent.name);
        return Some(reason(
            ReasonCode::NothingScored,
            Some(&agent.name),
            Blocking::when(!agent.new),
            message,
        ));
    }
    let share = f64::from(missing) / f64::from(planned);
    let message = format!(
        "{}: {missing} of {planned} answers are missing{first}; {} % may be",
        agent.name,
        percent(policy.max_unanswered)
    );
    let over = share > policy.max_unanswered + crate::figures::SLACK;
    let code = if over {
        ReasonCode::TooManyUnanswered
    } else {
        ReasonCode::SomeUnanswered
    };
    Some(reason(
        code,
        Some(&agent.name),
        Blocking::when(over && !agent.new),
        message,
    ))
}

/// Draft cases and those that only the pull request has are asked and shown, never gate: what they lack is not missing.
fn gating(agent: &AgentRecord) -> impl Iterator<Item = &SampleRecord> {
    agent
        .cases
        .iter()
        .filter(|case| case.gates())
        .flat_map(|case| &case.samples)
}

pub(super) fn first_cause(agent: &AgentRecord) -> String {
    gating(agent)
        .find(|sample| sample.status != SampleStatus::Scored)
        .and_then(|sample| sample.text.as_ref()?.why.as_deref())
        .map(|why| format!(" ({why})"))
        .unwrap_or_default()
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
        .trim_end_matches(".0")
        .to_owned()
}
