//! What the first two lines say of changed rules: they apply after the merge, and are told all the same.

use super::headline::Headline;
use crate::record::{Outcome, RuleDirection, RunRecord};

/// So few new rules are read at a glance.
const MOST_OPEN: usize = 5;

/// What is said instead of a verdict.
pub(super) fn headline(record: &RunRecord) -> Option<Headline> {
    let rules = &record.changes.rules;
    if record.verdict.outcome != Outcome::Skipped || record.shard.is_some() || rules.is_empty() {
        return None;
    }
    Some(Headline {
        headline: "– No model is touched; this pull request changes rules of the gate".to_owned(),
        do_this: before_merging(record),
    })
}

/// What to do where nothing but rules changes.
pub(super) fn before_merging(record: &RunRecord) -> String {
    match count_looser(record) {
        0 => "read the rules below; they apply after the merge. No model was asked.".to_owned(),
        1 => {
            "read the rules below before you merge: one of them lets more pass. No model was asked."
                .to_owned()
        }
        looser => format!(
            "read the rules below before you merge: {looser} of them let more pass. No model was asked."
        ),
    }
}

/// That a reader may merge, and what to read before.
pub(super) fn may_merge(record: &RunRecord) -> String {
    match count_looser(record) {
        0 => "you may merge.".to_owned(),
        1 => {
            "you may merge once you have read the changed rules below: one of them lets more pass."
                .to_owned()
        }
        looser => format!(
            "you may merge once you have read the changed rules below: {looser} of them let more pass."
        ),
    }
}

fn count_looser(record: &RunRecord) -> usize {
    let rules = record.changes.rules.iter();
    rules
        .filter(|rule| rule.direction == RuleDirection::Looser)
        .count()
}

/// Whether these are all rules of a gate that has none yet. They are a long list in which nothing gets looser.
pub(super) fn begin(record: &RunRecord) -> bool {
    let rules = &record.changes.rules;
    rules.len() > MOST_OPEN
        && rules
            .iter()
            .all(|rule| rule.old == "none" && rule.direction == RuleDirection::Other)
}
