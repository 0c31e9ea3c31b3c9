//! What training data means for the verdict: findings in rows that the change adds, models that are behind their data, and
//! models of which nobody can say what they were made from.

use super::{Blocking, reason};
use crate::agent::AgentName;
use crate::corpus::{Code, Finding, FindingCount};
use crate::policy::{Policy, Severity};
use crate::record::{AgentRecord, CauseCode, Origin, Reason, ReasonCode, RunRecord};

/// Reasons that come from training data.
pub(super) fn reasons(policy: &Policy, record: &RunRecord) -> Vec<Reason> {
    let blocking = record.audit.blocking();
    let mut reasons: Vec<Reason> = blocking.map(|count| finding(record, count)).collect();
    for agent in record.touched() {
        reasons.extend(not_retrained(policy, record, agent));
        reasons.extend(unknown_origin(policy, record, agent));
    }
    reasons
}

fn finding(record: &RunRecord, count: &FindingCount) -> Reason {
    let same = |finding: &&Finding| finding.code == count.code && finding.path == count.path;
    let first = record.audit.findings.iter().find(same);
    let place = first.and_then(|first| first.line).map_or_else(
        || count.path.clone(),
        |line| format!("{}:{line}", count.path),
    );
    let agents = first
        .map(|first| first.agents.as_slice())
        .unwrap_or_default();
    let whose = match agents {
        [] => String::new(),
        [agent] => format!("{agent}: "),
        many => format!(
            "{}: ",
            many.iter()
                .map(AgentName::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let what = count.code.counted(count.new);
    // The words of a leak name both sides.
    let leak = matches!(count.code, Code::Leakage | Code::NearLeakage);
    let where_found = if leak {
        ""
    } else {
        " in the new training data"
    };
    let first = if count.new == 1 { "" } else { "the first at " };
    let what = format!("{what}{where_found}, {first}{place}");
    reason(
        ReasonCode::AuditFinding,
        agents.first(),
        Blocking::Yes,
        format!("{whose}{what}"),
    )
}

fn has(record: &RunRecord, agent: &AgentRecord, code: CauseCode) -> bool {
    let mut changes = record.changes.agents.iter();
    let change = changes.find(|change| change.name == agent.name);
    change.is_some_and(|change| change.because.iter().any(|cause| cause.code == code))
}

/// New data beside an old model: the most common misunderstanding, so it is said. Only a change of the data itself is
/// held against a pull request; that an earlier one is still not learned is told.
fn not_retrained(policy: &Policy, record: &RunRecord, agent: &AgentRecord) -> Option<Reason> {
    if has(record, agent, CauseCode::ModelId) || has(record, agent, CauseCode::NewAgent) {
        return None;
    }
    let changes = has(record, agent, CauseCode::TrainingData);
    let behind = agent.data.changes_since;
    let since = agent.data.stale_since.as_deref().and_then(day);
    let message = match (changes, behind) {
        (false, 0) => return None,
        (true, 0 | 1) => format!(
            "{}: not retrained: its training data changes, its model ID does not, so nothing here says what the new data does",
            agent.name
        ),
        (true, behind) => format!(
            "{}: not retrained: its training data changes again, its model ID does not; the model is {behind} data changes behind{}",
            agent.name,
            since
                .map(|day| format!(", the first of {day}"))
                .unwrap_or_default()
        ),
        (false, behind) => format!(
            "{}: not retrained: the model is {} behind{}",
            agent.name,
            if behind == 1 {
                "a data change".to_owned()
            } else {
                format!("{behind} data changes")
            },
            since
                .map(|day| format!(", the first of {day}"))
                .unwrap_or_default()
        ),
    };
    let blocks = changes && policy.on_stale_model == Severity::Fail && !agent.new;
    Some(reason(
        ReasonCode::ModelNotRetrained,
        Some(&agent.name),
        Blocking::when(blocks),
        message,
    ))
}

fn unknown_origin(policy: &Policy, record: &RunRecord, agent: &AgentRecord) -> Option<Reason> {
    let moved = has(record, agent, CauseCode::ModelId);
    (moved && agent.data.origin == Some(Origin::Unknown)).then(|| {
        let message = format!(
            "{}: unknown origin: its model ID moves, its training data has not changed since the model before; nobody can say what the new model was made from",
            agent.name
        );
        let blocks = policy.on_unknown_origin == Severity::Fail && !agent.new;
        reason(ReasonCode::UnknownOrigin, Some(&agent.name), Blocking::when(blocks), message)
    })
}

/// `3 May 2026`, as people write it.
fn day(time: &str) -> Option<String> {
    let time: jiff::Timestamp = time.parse().ok()?;
    let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
    Some(date.strftime("%-d %B %Y").to_string())
}
