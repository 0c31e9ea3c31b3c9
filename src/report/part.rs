//! The first two lines of a part of a divided run, which has no verdict.

use super::headline::Headline;
use super::view::Style;
use crate::record::{Outcome, ReasonCode, RunRecord};

/// What a part says instead of a verdict, where all of it was asked.
pub(super) fn headline(record: &RunRecord, style: Style) -> Option<Headline> {
    if record.shard.is_none() || record.verdict.outcome != Outcome::Skipped {
        return None;
    }
    let mut reasons = record.verdict.reasons.iter();
    let part = reasons.find(|reason| reason.code == ReasonCode::PartOfRun)?;
    Some(Headline {
        headline: format!("– {}", style.text(&part.message)),
        do_this: "keep run.json until the parts are joined.".to_owned(),
    })
}
