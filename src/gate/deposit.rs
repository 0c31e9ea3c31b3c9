//! What a run leaves as the baseline of an agent: its record with all words but those of the model, and the answers
//! beside it where they are kept.

use std::io::Cursor;

use super::baselines::answers_of;
use super::{GateError, Ledger};
use crate::agent::AgentName;
use crate::edge::github::NewFile;
use crate::record::{AnswerWriter, CaseRecord, Outcome, Packed, SealError, write};

/// Files that are to be stored, and what a person should know about them.
#[derive(Debug, Default)]
pub(super) struct Deposit {
    pub(super) files: Vec<NewFile>,
    pub(super) notices: Vec<String>,
}

/// Whether answers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Answers, beside the record.
    Answers,
    /// Their digests, in the record.
    Digests,
}

/// What makes a passed run the baseline of the agents that it measured; nothing where it did not pass.
pub(super) fn deposit(ledger: &Ledger<'_>, keep: Keep) -> Result<Deposit, GateError> {
    let record = ledger.record();
    let mut deposit = Deposit::default();
    let (Outcome::Pass, Some(commit), None) = (
        record.verdict.outcome,
        record.source.commit.as_deref(),
        record.shard,
    ) else {
        return Ok(deposit);
    };
    let folder: String = commit.chars().take(2).collect();
    for agent in record.touched().filter(|agent| agent.score.is_some()) {
        let path = format!(
            "v1/{}/{}/{folder}/{commit}-{}-{}.json",
            record.gate_id, agent.name, record.run.id, record.run.attempt
        );
        let packed = match keep {
            Keep::Answers => answers(ledger, &agent.name)?,
            Keep::Digests => Packed::Nothing,
        };
        let beside = answers_of(&path);
        deposit.files.push(NewFile {
            path,
            bytes: stored(ledger, &agent.name)?,
        });
        match packed {
            Packed::Nothing => {}
            Packed::Whole(bytes) => deposit.files.push(NewFile {
                path: beside,
                bytes,
            }),
            Packed::TooLarge => deposit.notices.push(format!(
                "the answers of {} are not stored beside its record, whose digests of them stay: they are over 20 MB packed, or \
                 over 400 MB unpacked",
                agent.name
            )),
        }
    }
    Ok(deposit)
}

fn stored(ledger: &Ledger<'_>, name: &AgentName) -> Result<Vec<u8>, GateError> {
    let mut narrowed = ledger.record().baseline_of(name);
    let mut out = Cursor::new(Vec::new());
    let mut without_answers = |name: &AgentName, place: usize, case: &CaseRecord| {
        let mut whole = case.clone();
        ledger.complete(name, place, &mut whole)?;
        whole.forget_answers();
        whole.written()
    };
    write(&mut narrowed, &mut without_answers, &mut out)?;
    Ok(out.into_inner())
}

fn answers(ledger: &Ledger<'_>, name: &AgentName) -> Result<Packed, GateError> {
    let mut writer = AnswerWriter::default();
    let agent = ledger.record().agent(name);
    let cases = agent.iter().flat_map(|agent| &agent.cases);
    for (place, case) in cases.enumerate() {
        let mut whole = case.clone();
        let added = ledger.complete(name, place, &mut whole);
        added
            .and_then(|()| writer.add(name, &whole))
            .map_err(SealError::Io)?;
    }
    Ok(writer.finish().map_err(SealError::Io)?)
}
