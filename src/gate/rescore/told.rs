//! What a person should know of a record whose answers were scored again.

use super::scorer::Scorer;
use crate::gate::GateError;
use crate::record::{AgentRecord, RunRecord};
use crate::suite::CaseId;
use crate::verdict;

/// Names that a sentence lists.
const MOST_NAMED: usize = 10;

/// What a person should know of an agent before its answers are scored.
pub(super) fn unscored(
    agent: &AgentRecord,
    scorer: Option<&Scorer>,
) -> Result<Vec<String>, GateError> {
    let name = &agent.name;
    let Some(scorer) = scorer else {
        let why = if agent.cases.is_empty() {
            "its score is that of its baseline, without answers"
        } else {
            "the configuration no longer has it"
        };
        return Ok(vec![format!("{name} was not scored again: {why}")]);
    };
    let beyond = scorer.beyond(agent)?;
    let told = (!beyond.is_empty()).then(|| {
        format!(
            "{name}: not in the record and not counted: {} of its suite: {}",
            cases(beyond.len()),
            listed(beyond.iter().map(CaseId::to_string))
        )
    });
    Ok(told.into_iter().collect())
}

pub(super) fn in_words(agent: &AgentRecord) -> Vec<String> {
    let Some(done) = &agent.rescored else {
        return Vec::new();
    };
    let name = &agent.name;
    let scored =
        (done.answers > 0).then(|| format!("{name} was scored again: {}", done.in_words()));
    let mut told: Vec<String> = scored.into_iter().collect();
    if !done.left_out.is_empty() {
        let left = done.left_out.iter();
        told.push(format!(
            "{name}: {} could not be scored again: {}",
            cases(done.left_out.len()),
            listed(left.map(|one| format!("{} ({})", one.id, one.why)))
        ));
    }
    told
}

fn cases(count: usize) -> String {
    match count {
        1 => "1 case".to_owned(),
        more => format!("{more} cases"),
    }
}

fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let first: Vec<String> = names.take(MOST_NAMED).collect();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", first.join(", "))
}

/// What the record came to under its own rules, in the words for people.
pub fn was(record: &RunRecord) -> &'static str {
    let before = verdict::decide(&record.policy, record).verdict;
    crate::report::verdict_word(before.outcome, before.proven)
}
