//! Was enough measured to say anything? An outage, a budget or a deadline is never a score.

use super::{Blocking, reason};
use crate::policy::Policy;
use crate::record::{AgentRecord, Reason, ReasonCode, RunRecord, SampleStatus, Stopped};

/// Reasons that come from what was not measured.
pub(super) fn reasons(policy: &Policy, record: &RunRecord) -> Vec<Reason> {
    let stopped = record.run.stopped.map(stopped);
    stopped
        .into_iter()
        .chain(record.touched().filter_map(|agent| coverage(policy, agent)))
        .collect()
}

fn stopped(why: Stopped) -> Reason {
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
    reason(code, None, Blocking::Yes, message.to_owned())
}

fn coverage(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    let counts = agent.counts;
    let missing = counts.unanswered + counts.unscored;
    if missing == 0 {
        return None;
    }
    let first = first_cause(agent);
    if counts.scored == 0 {
        let message = format!(
            "{}: none of {} answers came{first}",
            agent.name, counts.samples
        );
        return Some(reason(
            ReasonCode::NothingScored,
            Some(&agent.name),
            Blocking::Yes,
            message,
        ));
    }
    let share = f64::from(missing) / f64::from(counts.samples);
    let message = format!(
        "{}: {missing} of {} answers are missing{first}; {} % may be",
        agent.name,
        counts.samples,
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

fn first_cause(agent: &AgentRecord) -> String {
    agent
        .cases
        .iter()
        .flat_map(|case| &case.samples)
        .find(|sample| sample.status != SampleStatus::Scored)
        .and_then(|sample| sample.why.as_deref())
        .map(|why| format!(" ({why})"))
        .unwrap_or_default()
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
        .trim_end_matches(".0")
        .to_owned()
}
