//! What becomes of a journal that an earlier run left behind.

use std::path::Path;

use serde::Deserialize;

use super::{GateError, Plan};
use crate::config::Provider;
use crate::edge::disk::Journal;
use crate::record::{
    JOURNAL_SCHEMA, JournalAgent, JournalLine, JournalPlan, RunRecord, SampleStatus,
};
use crate::score::{Digest, DigestError, digest};

/// The journal's name in the folder of a run.
pub const JOURNAL: &str = "journal.jsonl";
/// The name of the journal before it.
pub(super) const PREVIOUS: &str = "journal.previous.jsonl";

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
    answers: usize,
    /// True where the record of everything before was written.
    finished: bool,
    broken: Option<String>,
}

/// What is read of a sample before it is known whether its journal is of use.
#[derive(Debug, Deserialize)]
struct Glance {
    sample: Settledness,
}

#[derive(Debug, Deserialize)]
struct Settledness {
    status: SampleStatus,
    /// One that is there to be had again is no loss.
    #[serde(default)]
    reused: bool,
    #[serde(default)]
    judge: Option<serde::de::IgnoredAny>,
}

/// What a run with this record is going to ask, as the first line of its journal says it.
pub(super) fn planned(plan: &Plan, record: &RunRecord) -> Result<JournalPlan, DigestError> {
    let asked = record
        .agents
        .iter()
        .filter(|agent| agent.touched || agent.arm.is_some());
    let agents = asked.map(|agent| {
        let who = who_answers(plan.providers.get(&agent.provider))?;
        Ok(JournalAgent::of(agent, who))
    });
    Ok(JournalPlan {
        schema: JOURNAL_SCHEMA.to_owned(),
        plan_digest: record.plan_digest.clone(),
        shard: record.shard.map(|shard| shard.to_string()),
        samples: plan.samples(),
        agents: agents.collect::<Result<_, DigestError>>()?,
    })
}

/// Names what may change an answer; how fast it is asked may differ between a run and its continuation.
fn who_answers(provider: Option<&Provider>) -> Result<Digest, DigestError> {
    match provider {
        Some(Provider::OpenAi(api)) => digest(&(&api.base_url, &api.headers, &api.extra_body)),
        Some(Provider::Replay { path }) => digest(path),
        None => digest(&()),
    }
}

/// An empty journal, or one of the same plan whose answers are to be taken over.
pub(super) fn open(journaling: Journaling<'_>, plan: &JournalPlan) -> Result<Journal, GateError> {
    let (folder, leftover) = match journaling {
        Journaling::InMemory => return Ok(Journal::in_memory()),
        Journaling::Anew(folder) => {
            let anew = Journal::anew(&folder.join(JOURNAL));
            return Ok(anew.unwrap_or_else(|_| Journal::in_memory()));
        }
        Journaling::In(folder, leftover) => (folder, leftover),
    };
    let path = folder.join(JOURNAL);
    let journal = Journal::open(&path)?;
    let found = look_into(&journal)?;
    let resumable = resumable(&found, plan);
    let worthless = found.answers == 0 && found.broken.is_none();
    match (leftover, resumable) {
        (Leftover::Resume, Ok(())) => journal.heal()?,
        (Leftover::Resume, Err(why)) if !worthless => {
            return Err(foreign(&path, &why, found.finished));
        }
        (Leftover::Resume | Leftover::Refuse | Leftover::Discard, _) if found.finished => {
            journal.rotate(PREVIOUS)?;
        }
        (Leftover::Refuse, _) if !worthless => return Err(unfinished(&path, found.answers)),
        (Leftover::Resume | Leftover::Refuse | Leftover::Discard, _) => journal.clear()?,
    }
    Ok(journal)
}

fn foreign(path: &Path, why: &str, finished: bool) -> GateError {
    let path = path.display();
    let instead = if finished {
        format!("without `--resume` everything is asked, and this journal is kept as {PREVIOUS}")
    } else {
        "`--discard` throws it away and asks anew".to_owned()
    };
    GateError::Usage(format!("{path} cannot be resumed: {why}. {instead}"))
}

fn unfinished(path: &Path, answers: usize) -> GateError {
    let path = path.display();
    let answers = match answers {
        1 => "1 answer".to_owned(),
        _ => format!("{answers} answers"),
    };
    GateError::Usage(format!(
        "{path} is of a run that did not end; it holds {answers}. `--resume` goes on with what it holds, `--discard` \
         throws it away"
    ))
}

fn look_into(journal: &Journal) -> Result<Found, GateError> {
    let mut found = Found::default();
    let mut number = 0_usize;
    journal.each::<GateError>(|line, _| {
        number += 1;
        let line = serde_json::from_slice::<JournalLine<Glance>>(line);
        found.finished = matches!(line, Ok(JournalLine::Finished { .. }));
        let broken = match line {
            Ok(JournalLine::Plan(plan)) if number == 1 => {
                found.plan = Some(plan);
                None
            }
            Ok(JournalLine::Plan(_)) => Some(format!("line {number} begins a second plan")),
            Ok(JournalLine::Sample(line)) => {
                let answered = line.sample.status != SampleStatus::Unanswered;
                // One that was graded has a line of its own for the answer.
                let lost = answered && !line.sample.reused && line.sample.judge.is_none();
                found.answers += usize::from(lost);
                None
            }
            Ok(JournalLine::Answer(_)) => {
                found.answers += 1;
                None
            }
            Ok(JournalLine::Vote(_) | JournalLine::Finished { .. }) => None,
            Err(why) => Some(format!("line {number} cannot be read ({why})")),
        };
        found.broken = found.broken.take().or(broken);
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
