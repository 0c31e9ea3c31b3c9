//! What a person lets pass although it would block, and how others may do so.

use super::headline::{self, Headline, what};
use super::view::Style;
use super::{Accepting, rules};
use crate::record::{Accepted, AgentRecord, Outcome, Reason, RunRecord};

/// The first two lines, where nothing blocks because somebody accepted it.
pub(super) fn headline(record: &RunRecord, style: Style) -> Option<Headline> {
    let verdict = &record.verdict;
    let reasons: Vec<&Reason> = excused(record).collect();
    let (first, by) = reasons
        .iter()
        .find_map(|reason| Some((*reason, reason.accepted_by.as_deref()?)))?;
    if verdict.outcome != Outcome::Pass {
        return None;
    }
    let word = headline::word(verdict.outcome, verdict.proven);
    let accepted = record.accepted.iter();
    let until = accepted
        .filter(|accepted| Some(&accepted.agent) == first.agent.as_ref())
        .map(|accepted| day(&accepted.until))
        .next()
        .unwrap_or_default();
    Some(Headline {
        headline: format!(
            "{word}: {}; accepted by {}",
            what(record, &reasons, style),
            style.code(by)
        ),
        do_this: format!(
            "{} This model counts as accepted until {until}.",
            rules::may_merge(record)
        ),
    })
}

/// Whether an agent passes because somebody accepted it.
pub(super) fn is(record: &RunRecord, agent: &AgentRecord) -> bool {
    agent.verdict.outcome == Outcome::Pass
        && excused(record).any(|reason| reason.agent.as_ref() == Some(&agent.name))
}

/// Each reason that would block, and who lets it pass: why, and until when.
pub(super) fn lines(record: &RunRecord, style: Style) -> Vec<String> {
    let reasons = excused(record).map(|reason| style.text(&reason.message));
    let people = record
        .accepted
        .iter()
        .filter(|accepted| {
            excused(record).any(|reason| reason.agent.as_ref() == Some(&accepted.agent))
        })
        .map(|accepted| person(accepted, style));
    reasons.chain(people).collect()
}

fn person(accepted: &Accepted, style: Style) -> String {
    let by = style.code(&accepted.by);
    format!(
        "{}: accepted by {by} ({}) on {}, until {}: {}",
        style.name(accepted.agent.as_str()),
        style.code(&accepted.permission),
        day(&accepted.at),
        day(&accepted.until),
        style.text(&accepted.reason)
    )
}

/// Who may let what blocks pass, and how.
pub(super) fn how(accepting: Option<&Accepting>, style: Style) -> Option<String> {
    let accepting = accepting?;
    let first = accepting.agents.first()?;
    let more = if accepting.agents.len() > 1 {
        ", a line for each agent that fails"
    } else {
        ""
    };
    Some(format!(
        "somebody with the permission {} who did not open this pull request comments {}{more}, then runs this check again. It is recorded, counts for this model alone, and ends after {}.",
        style.literal(accepting.permission),
        style.literal(&format!("/tunegate accept {first} REASON")),
        accepting.holds
    ))
}

fn excused(record: &RunRecord) -> impl Iterator<Item = &Reason> {
    let reasons = record.verdict.reasons.iter();
    reasons.filter(|reason| reason.accepted_by.is_some())
}

/// `2026-12-26`, from a time.
fn day(time: &str) -> String {
    let date = time.split('T').next().unwrap_or_default();
    date.chars()
        .filter(|c| c.is_ascii_digit() || *c == '-')
        .take(10)
        .collect()
}
