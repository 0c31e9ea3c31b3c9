//! What becomes of a journal that an earlier run left behind.

use std::path::Path;

use super::GateError;
use crate::edge::disk::Journal;
use crate::record::{JournalLine, JournalPlan};

/// The journal's name in the folder of a run.
pub const JOURNAL: &str = "journal.jsonl";
/// The name of the journal before it.
const PREVIOUS: &str = "journal.previous.jsonl";

/// Where a run writes its journal.
#[derive(Debug, Clone, Copy)]
pub enum Journaling<'a> {
    /// Nowhere: it ends with the process.
    InMemory,
    /// In a folder whose content is not to be relied on: what lies there is thrown away, and where it cannot be
    /// written, the journal ends with the process.
    Anew(&'a Path),
    /// In a folder, where an earlier run may have left an unfinished one.
    In(&'a Path, Leftover),
}

/// What becomes of an unfinished journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// The run does not start: answers that were paid for would be lost.
    Refuse,
    /// The run goes on where that one ended, and asks again what stayed without an answer.
    Resume,
    /// It is thrown away.
    Discard,
}

/// What an existing journal holds.
#[derive(Debug, Default)]
struct Found {
    plan: Option<JournalPlan>,
    samples: usize,
    finished: bool,
    broken: Option<String>,
}

/// An empty journal, or one of the same plan whose answers are to be taken over.
pub(super) fn open(journaling: Journaling<'_>, plan: &JournalPlan) -> Result<Journal, GateError> {
    let (folder, leftover) = match journaling {
        Journaling::InMemory => return Ok(Journal::in_memory()),
        Journaling::Anew(folder) => {
            let anew = Journal::open(&folder.join(JOURNAL))
                .and_then(|journal| journal.clear().map(|()| journal));
            return Ok(anew.unwrap_or_else(|_| Journal::in_memory()));
        }
        Journaling::In(folder, leftover) => (folder, leftover),
    };
    let path = folder.join(JOURNAL);
    let shown = path.display();
    let journal = Journal::open(&path)?;
    let found = look_into(&journal)?;
    let same = resumable(&found, plan);
    if leftover == Leftover::Resume && same.is_ok() {
        journal.heal()?;
    } else if found.finished {
        journal.rotate(PREVIOUS)?;
    } else if found.samples == 0 && found.broken.is_none() || leftover == Leftover::Discard {
        journal.clear()?;
    } else if leftover == Leftover::Refuse {
        return Err(GateError::Usage(format!(
            "{shown} is of a run that did not end; it holds {} answers. `--resume` goes on with them, `--discard` \
             throws them away",
            found.samples
        )));
    } else if let Err(why) = same {
        return Err(GateError::Usage(format!(
            "{shown} cannot be resumed: {why}. `--discard` throws it away and asks anew"
        )));
    }
    Ok(journal)
}

fn look_into(journal: &Journal) -> Result<Found, GateError> {
    let mut found = Found::default();
    let mut number = 0_usize;
    journal.each::<GateError>(|line, _| {
        number += 1;
        // What a sample says is read when it is taken over; here it is only counted.
        match serde_json::from_slice::<JournalLine<serde::de::IgnoredAny>>(line) {
            Ok(JournalLine::Plan(plan)) if number == 1 => found.plan = Some(plan),
            Ok(JournalLine::Sample(_)) => found.samples += 1,
            Ok(JournalLine::Finished { .. }) => found.finished = true,
            Ok(JournalLine::Plan(_)) => {
                found
                    .broken
                    .get_or_insert(format!("line {number} begins a second plan"));
            }
            Err(why) => {
                found
                    .broken
                    .get_or_insert(format!("line {number} cannot be read ({why})"));
            }
        }
        Ok(())
    })?;
    Ok(found)
}

fn resumable(found: &Found, plan: &JournalPlan) -> Result<(), String> {
    if let Some(broken) = &found.broken {
        return Err(broken.clone());
    }
    let Some(older) = &found.plan else {
        return Err("it does not begin with a plan".to_owned());
    };
    let differences = plan.differs_from(older);
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("it is of another plan: {}", differences.join("; ")))
    }
}
