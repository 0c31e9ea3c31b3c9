//! The first two lines where no model is touched and rules of the gate are: what changes after the merge is told all the
//! same.

use super::headline::Headline;
use crate::record::{Outcome, RuleDirection, RunRecord};

/// What is said instead of a verdict.
pub(super) fn headline(record: &RunRecord) -> Option<Headline> {
    let rules = &record.changes.rules;
    if record.verdict.outcome != Outcome::Skipped || record.shard.is_some() || rules.is_empty() {
        return None;
    }
    let looser = rules
        .iter()
        .filter(|rule| rule.direction == RuleDirection::Looser);
    let do_this = match looser.count() {
        0 => "read the rules below; they apply after the merge. No model was asked.".to_owned(),
        1 => {
            "read the rules below before you merge: one of them lets more pass. No model was asked."
                .to_owned()
        }
        looser => format!(
            "read the rules below before you merge: {looser} of them let more pass. No model was asked."
        ),
    };
    Some(Headline {
        headline: "– No model is touched; this pull request changes rules of the gate".to_owned(),
        do_this,
    })
}
