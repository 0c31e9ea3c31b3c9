//! What a run leaves as the baseline of an agent: its record with all words but those of the model, and the answers
//! beside it where they are kept.

use std::io::{self, Cursor};

use super::record_name::{Series, answers_of, path_of};
use super::{GateError, Ledger};
use crate::agent::AgentName;
use crate::edge::CommitSha;
use crate::edge::github::NewFile;
use crate::record::{
    Against, AnswerWriter, CaseRecord, Outcome, Packed, RunRecord, SealError, write,
};

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

/// What a run measured, wherever its words are.
#[derive(Clone, Copy)]
pub(super) struct Measured<'a> {
    pub(super) record: &'a RunRecord,
    /// Puts the words into a case of an agent, given with its place, where the record is without them.
    pub(super) complete: &'a Complete<'a>,
}

/// Puts the words into a case.
pub(super) type Complete<'c> = dyn Fn(&AgentName, usize, &mut CaseRecord) -> io::Result<()> + 'c;

/// The agents whose baseline a run becomes by itself: those that it measured, if it passed.
pub(super) fn passed(record: &RunRecord) -> Vec<&AgentName> {
    let passed = record.verdict.outcome == Outcome::Pass
        && record.shard.is_none()
        && record.source.commit.is_some();
    let measured = record
        .touched()
        .filter(|agent| passed && agent.score.is_some());
    measured.map(|agent| &agent.name).collect()
}

/// The base models that it measured for them.
pub(super) fn base_models(record: &RunRecord) -> impl Iterator<Item = &AgentName> {
    let arms = record.arms.iter();
    let measured = arms.filter(|arm| {
        let whole = arm.not_compared.is_none() && arm.score.is_some();
        arm.arm == Some(Against::BaseModel) && whole
    });
    measured.map(|arm| &arm.name)
}

/// The agents that a run by the clock measured, whatever came of it.
pub(super) fn measured(record: &RunRecord) -> Vec<&AgentName> {
    let measured = record.touched().filter(|agent| {
        let settled = matches!(agent.verdict.outcome, Outcome::Pass | Outcome::Fail);
        settled && agent.score.is_some() && record.shard.is_none()
    });
    measured.map(|agent| &agent.name).collect()
}

/// What is stored of a run of these agents, which it measured; nothing where it is of no commit.
pub(super) fn deposit(
    run: &Measured<'_>,
    names: &[&AgentName],
    (series, keep): (Series, Keep),
) -> Result<Deposit, GateError> {
    let record = run.record;
    let mut deposit = Deposit::default();
    for name in names {
        let Some(path) = path_of(record, name, series) else {
            continue;
        };
        let packed = match keep {
            Keep::Answers => answers(run, name)?,
            Keep::Digests => Packed::Nothing,
        };
        let beside = answers_of(&path);
        deposit.files.push(NewFile {
            path,
            bytes: stored(run, name, keep)?,
        });
        match packed {
            Packed::Nothing => {}
            Packed::Whole(bytes) => deposit.files.push(NewFile {
                path: beside,
                bytes,
            }),
            Packed::TooLarge => deposit.notices.push(format!(
                "the answers of {name} are not stored beside its record, whose digests of them stay: they are over 20 MB packed, or \
                 over 400 MB unpacked"
            )),
        }
    }
    Ok(deposit)
}

/// The same of a run whose words are where it left them.
pub(super) fn deposit_of(
    ledger: &Ledger<'_>,
    names: &[&AgentName],
    stored: (Series, Keep),
) -> Result<Deposit, GateError> {
    let complete =
        |name: &AgentName, place: usize, case: &mut CaseRecord| ledger.complete(name, place, case);
    let run = Measured {
        record: ledger.record(),
        complete: &complete,
    };
    deposit(&run, names, stored)
}

/// The message of the commit that stores it.
pub(super) fn message<'n>(names: impl Iterator<Item = &'n AgentName>, at: &CommitSha) -> String {
    let names: Vec<&str> = names.map(AgentName::as_str).collect();
    format!("Baseline of {} at {at}", names.join(", "))
}

fn stored(run: &Measured<'_>, name: &AgentName, keep: Keep) -> Result<Vec<u8>, GateError> {
    let mut narrowed = run.record.baseline_of(name);
    let mut out = Cursor::new(Vec::new());
    let mut without_answers = |name: &AgentName, place: usize, case: &CaseRecord| {
        let mut whole = case.clone();
        (run.complete)(name, place, &mut whole)?;
        whole.forget_answers();
        if keep == Keep::Digests {
            whole.forget_reasons_of_judge();
        }
        whole.written()
    };
    write(&mut narrowed, &mut without_answers, &mut out)?;
    Ok(out.into_inner())
}

pub(super) fn answers(run: &Measured<'_>, name: &AgentName) -> Result<Packed, GateError> {
    let mut writer = AnswerWriter::default();
    let mut all = run.record.agents.iter().chain(&run.record.arms);
    let agent = all.find(|agent| agent.name == *name);
    let cases = agent.iter().flat_map(|agent| &agent.cases);
    for (place, case) in cases.enumerate() {
        let mut whole = case.clone();
        let added = (run.complete)(name, place, &mut whole);
        added
            .and_then(|()| writer.add(name, &whole))
            .map_err(SealError::Io)?;
    }
    Ok(writer.finish().map_err(SealError::Io)?)
}
