//! A stored record and the answers beside it, as they lie in their store: the one place that reads the two together.

use std::io;

use super::GateError;
use super::record_name::{Series, path_of};
use super::record_store::RecordStore;
use crate::agent::AgentName;
use crate::record::{AnswerReader, CaseRecord, Kept, RunRecord, SealError, read, read_each};

/// The record of an agent, and the answers where they are kept.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) record: StoredFile,
    /// The place of the agent among those of the record.
    pub(super) agent: usize,
    pub(super) answers: Option<StoredFile>,
}

/// A file of a store.
#[derive(Debug)]
pub(super) struct StoredFile {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

/// Is given each case of the agent with its words, answers included, and its place; the words are gone afterwards.
pub(super) type Take<'t> = dyn FnMut(usize, &mut CaseRecord) -> Result<(), GateError> + 't;

impl Stored {
    /// Reads the cases of an agent with their words, one after the other. Everything that was given out is to be relied
    /// on only once this returned. A record that is read whole after all is begun anew, with the first case.
    pub(super) fn each(&self, name: &AgentName, take: &mut Take<'_>) -> Result<(), GateError> {
        let mut answers = self.reader();
        let mut failed = None;
        let record = read_each(|| Ok(&*self.record.bytes), &mut |agent, place, case| {
            if agent != self.agent {
                return Ok(());
            }
            if place == 0 {
                answers = self.reader();
            }
            let completed = self.complete(&mut answers, name, case);
            let taken = completed.and_then(|()| take(place, case));
            case.forget_text();
            taken.map_err(|why| {
                failed = Some(why);
                io::Error::other("a case cannot be used")
            })
        });
        if let Some(why) = failed {
            return Err(why);
        }
        record.map_err(|why| self.record.unusable(why))?;
        match (answers, &self.answers) {
            (Some(reader), Some(file)) => reader.end().map_err(|why| file.unusable(why)),
            (Some(_) | None, _) => Ok(()),
        }
    }

    fn reader(&self) -> Option<AnswerReader<'_>> {
        let file = self.answers.as_ref();
        file.map(|file| AnswerReader::new(&file.bytes))
    }

    fn complete(
        &self,
        answers: &mut Option<AnswerReader<'_>>,
        name: &AgentName,
        case: &mut CaseRecord,
    ) -> Result<(), GateError> {
        match (answers, &self.answers) {
            (Some(reader), Some(file)) => reader
                .complete(name, case)
                .map_err(|why| file.unusable(why)),
            (Some(_) | None, _) => Ok(()),
        }
    }
}

/// A record of the store with its numbers. Its seal holds its content and not its name, so both are held against each
/// other: moved or copied, a record would be another commit's or another agent's.
pub(super) async fn record_at(
    store: &RecordStore<'_>,
    path: &str,
) -> Result<(StoredFile, RunRecord), GateError> {
    let shown = store.shown(path);
    let misplaced = |why: String| GateError::Misplaced {
        path: shown.clone(),
        why,
    };
    let Some(bytes) = store.read(path).await? else {
        return Err(misplaced(
            "it was listed and is not there; run again".to_owned(),
        ));
    };
    let file = StoredFile {
        path: shown.clone(),
        bytes,
    };
    let record = file.numbers()?;
    let series = Series::of(path).unwrap_or(Series::Baselines);
    let mut own: Vec<String> = record
        .agents
        .iter()
        .filter_map(|agent| path_of(&record, &agent.name, series))
        .collect();
    if own.iter().any(|own| own == path) {
        return Ok((file, record));
    }
    let own = own.pop().map_or_else(
        || "a run of no commit, or of no agent".to_owned(),
        |own| store.shown(&own),
    );
    Err(misplaced(format!(
        "its content is that of {own}, so it was copied or moved here; move it back or remove it"
    )))
}

impl StoredFile {
    /// A record's numbers. What the models said and lost back then is for people who open the record.
    pub(super) fn numbers(&self) -> Result<RunRecord, GateError> {
        read(|| Ok(&*self.bytes), Kept::Numbers).map_err(|why| self.unusable(why))
    }

    fn unusable(&self, source: SealError) -> GateError {
        GateError::Baseline {
            path: self.path.clone(),
            source,
        }
    }
}
