//! Was enough measured to say anything? An outage, a budget or a deadline is never a score.

use super::lacking::Lacking;
use super::{Blocking, reason};
use crate::policy::Policy;
use crate::record::{AgentRecord, Reason, ReasonCode, RunRecord, SampleRecord, Stopped};

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
    let lacking = Lacking::of(gating(agent));
    if lacking.missing() == 0 {
        return None;
    }
    if lacking.missing() == lacking.planned {
        return Some(reason(
            ReasonCode::NothingScored,
            Some(&agent.name),
            Blocking::when(!agent.new),
            format!("{}: {}", agent.name, lacking.all_in_words()),
        ));
    }
    let share = f64::from(lacking.missing()) / f64::from(lacking.planned);
    let message = format!(
        "{}: {}; {} % are allowed",
        agent.name,
        lacking.some_in_words(),
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

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
        .trim_end_matches(".0")
        .to_owned()
}
