//! The page of a run: where the words of its cases are read from while it is written.

use std::ops::Range;
use std::path::Path;

use super::again::{self, Former};
use super::{GateError, Ledger, arms};
use crate::agent::AgentName;
use crate::edge::disk;
use crate::record::{Against, CaseRecord, RunRecord, SealError};
use crate::report::page::{self, PageError, Told, Words};
use crate::report::{Answers, Context};
use crate::suite::CaseId;

/// Writes the page of a run whose words stand in its journal.
pub(super) fn of_run(ledger: &Ledger<'_>, context: &Context, path: &Path) -> Result<(), GateError> {
    let mut words =
        |name: &AgentName, range: Range<usize>| said(ledger, context.answers, name, range);
    write(&ledger.record, context, &mut words, path)
}

/// Writes the page of a record that holds its words.
pub(super) fn of_record(
    record: &RunRecord,
    context: &Context,
    path: &Path,
) -> Result<(), GateError> {
    write(record, context, &mut words_of(record, context), path)
}

/// The same as text.
pub(super) fn text(record: &RunRecord, context: &Context) -> Result<String, GateError> {
    let mut page = Vec::new();
    let written = page::write(record, context, &mut words_of(record, context), &mut page);
    written.map_err(|why| told(why, Path::new("report.html")))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn words_of(
    record: &RunRecord,
    context: &Context,
) -> impl FnMut(&AgentName, Range<usize>) -> Result<Vec<Told>, GateError> {
    let mut old = context.old_answers.clone();
    let mut base = again::answers_of(arms::of(record, Against::BaseModel));
    move |name, range| {
        let cases = cases(record, name, range).iter().cloned();
        Ok(cases
            .map(|case| beside(name, case, &mut old, &mut base))
            .collect())
    }
}

fn write(
    record: &RunRecord,
    context: &Context,
    words: &mut Words<'_, GateError>,
    path: &Path,
) -> Result<(), GateError> {
    disk::write_with(path, |file| {
        page::write(record, context, words, file).map_err(|why| told(why, path))
    })
}

fn told(why: PageError<GateError>, path: &Path) -> GateError {
    match why {
        PageError::Report(why) => why.into(),
        PageError::Io(why) => disk::failed_to_write(path)(why).into(),
        PageError::Words(why) => why,
    }
}

/// These cases of an agent with their words, and what other models answered.
fn said(
    ledger: &Ledger<'_>,
    answers: Answers,
    name: &AgentName,
    range: Range<usize>,
) -> Result<Vec<Told>, GateError> {
    let mut found = Vec::new();
    for (place, case) in range.clone().zip(cases(&ledger.record, name, range)) {
        let mut case = case.clone();
        let completed = ledger.complete(name, place, &mut case);
        completed.map_err(SealError::Io)?;
        found.push(case);
    }
    let (mut old, mut base) = match answers {
        Answers::Excerpts => others(ledger, name, &found)?,
        Answers::Hidden => (Former::new(), Former::new()),
    };
    let found = found.into_iter();
    Ok(found
        .map(|case| beside(name, case, &mut old, &mut base))
        .collect())
}

/// What the old model and the base model answered, in this run or, where they were not asked in it, for a stored record.
fn others(
    ledger: &Ledger<'_>,
    name: &AgentName,
    cases: &[CaseRecord],
) -> Result<(Former, Former), GateError> {
    let named = |name: &AgentName| -> Vec<(AgentName, CaseId)> {
        let ids = cases.iter().map(|case| case.id.clone());
        ids.map(|id| (name.clone(), id)).collect()
    };
    let of_agent = named(name);
    let (mut old, mut base) = (Former::new(), Former::new());
    if let Some(plan) = ledger.words.plan() {
        old = plan.former_answers(&of_agent)?;
        if let Some(base_model) = name.beside(Against::BaseModel.as_str()) {
            let stored = plan.former_answers(&named(&base_model))?.into_iter();
            base = stored
                .map(|((_, id), answer)| ((name.clone(), id), answer))
                .collect();
        }
    }
    old.extend(arms::answers(ledger, Against::OldModel, &of_agent)?);
    base.extend(arms::answers(ledger, Against::BaseModel, &of_agent)?);
    Ok((old, base))
}

fn cases<'r>(record: &'r RunRecord, name: &AgentName, range: Range<usize>) -> &'r [CaseRecord] {
    let agent = record.agent(name);
    let cases = agent.and_then(|agent| agent.cases.get(range));
    cases.unwrap_or_default()
}

fn beside(name: &AgentName, case: CaseRecord, old: &mut Former, base: &mut Former) -> Told {
    let of_case = (name.clone(), case.id.clone());
    Told {
        old: old.remove(&of_case),
        base: base.remove(&of_case),
        case,
    }
}
