//! The parts of a divided run: whether they make up one run, and what they hold. A part is read twice: once to see
//! whether it fits, with ids and digests in memory, and once for its answers, which go on to a ledger.

mod fit;

use std::io;
use std::path::{Path, PathBuf};

use super::ledger::Ticket;
use super::suite_digest::SuiteDigest;
use super::{GateError, Ledger};
use crate::agent::AgentName;
use crate::edge::disk::Text;
use crate::problem::{Problem, Problems};
use crate::record::{
    AgentRecord, CaseRecord, Counts, RunRecord, SampleRecord, Settled, Shard, Stopped, read_each,
};
use crate::runner::{Spent, Usage};
use crate::score::digest;
use fit::{differences, gaps, strangers};

/// The parts of one run, in their order, every one of them once.
#[derive(Debug)]
pub struct Parts {
    parts: Vec<Part>,
    /// The record of the first one with the cases of all, in the suite's order, and no samples.
    whole: RunRecord,
}

/// One part.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    text: Text,
    shard: Shard,
    /// Its cases have moved on.
    record: RunRecord,
}

impl Parts {
    /// Reads the parts, and refuses those that do not make up one run: all problems at once.
    pub fn read(paths: &[PathBuf]) -> Result<Self, GateError> {
        let mut problems = Problems::default();
        let mut parts: Vec<Part> = Vec::new();
        for path in paths {
            match Part::read(path) {
                Ok(part) => parts.push(part),
                Err(why) => problems.extend([Problem::of_file(shown(path), why)]),
            }
        }
        problems.extend(strangers(&parts));
        parts.sort_by_key(|part| part.shard.number());
        problems.extend(gaps(&parts));
        if !problems.is_empty() {
            return Err(GateError::Parts(problems));
        }
        let Some(mut whole) = parts.first().map(without_cases) else {
            let nothing = Problem::of_file("merge", "no record of a part was found");
            return Err(GateError::Parts(nothing.into()));
        };
        whole.shard = None;
        join(&mut parts, &mut whole)?;
        Ok(Self { parts, whole })
    }

    /// The agents that were asked.
    pub fn agents(&self) -> impl Iterator<Item = &AgentName> {
        self.whole.touched().map(|agent| &agent.name)
    }

    /// Refuses parts of another run than that of a record before anything was asked.
    pub(super) fn fit(&self, record: &RunRecord) -> Result<(), GateError> {
        let mut problems = Problems::default();
        for part in &self.parts {
            let differences = differences(&part.record, record);
            problems.extend((!differences.is_empty()).then(|| {
                let why = differences.join("; ");
                let message =
                    format!("is a part of another commit or other rules than this run: {why}");
                Problem::of_file(shown(&part.path), message)
            }));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(GateError::Parts(problems))
        }
    }

    /// Names all parts by what they hold.
    pub(super) fn digest(&self) -> Result<String, GateError> {
        let digests = self.parts.iter().map(|part| &part.record.record_digest);
        Ok(digest(&digests.collect::<Vec<_>>())?.to_string())
    }

    /// The record of the whole run as far as the parts have it in common.
    pub(super) const fn whole(&self) -> &RunRecord {
        &self.whole
    }

    /// The record of the whole run before its samples are taken over; its cases move on.
    pub(super) fn unmeasured(&mut self) -> RunRecord {
        let mut record = self.whole.clone();
        // What a file says of itself does not loosen a gate.
        record.run.report_only = None;
        for agent in &mut self.whole.agents {
            agent.cases = Vec::new();
        }
        let records = || self.parts.iter().map(|part| &part.record);
        let started = records().map(|record| &record.run.started).min();
        record.run.started = started.cloned().unwrap_or_default();
        let finished = records().map(|record| &record.run.finished).max();
        record.run.finished = finished.cloned().unwrap_or_default();
        record.source.dirty = records().any(|record| record.source.dirty);
        record.note(self.notices());
        record
    }

    /// What a person should know of the parts.
    pub(super) fn notices(&self) -> impl Iterator<Item = String> {
        let records = self.parts.iter().map(|part| &part.record);
        records.flat_map(|record| record.notices.iter().cloned())
    }

    /// Hands every sample of the parts to a ledger that has all of their cases.
    pub(super) fn pour_into(&self, ledger: &mut Ledger<'_>) -> Result<(), GateError> {
        for part in &self.parts {
            let record = read_each(|| part.text.from_start(), &mut |agent, place, case| {
                let known = part.record.agents.get(agent);
                let known = known.ok_or_else(|| io::Error::other("it has more agents now"))?;
                pour(known, place, case, ledger).map_err(io::Error::other)
            });
            let same = record.is_ok_and(|now| now.record_digest == part.record.record_digest);
            if !same {
                let message = "cannot be read a second time, or changed meanwhile; merge again";
                let problem = Problem::of_file(shown(&part.path), message);
                return Err(GateError::Parts(problem.into()));
            }
        }
        Ok(())
    }
}

/// What was asked, said and scored goes on; nothing of it stays.
fn pour(
    known: &AgentRecord,
    place: usize,
    case: &mut CaseRecord,
    ledger: &mut Ledger<'_>,
) -> Result<(), GateError> {
    let mut agents = ledger.record().agents.iter();
    let agent = agents.position(|agent| agent.name == known.name);
    let in_suite = known.part.as_ref().and_then(|part| part.get(place));
    let Some((agent, in_suite)) = agent.zip(in_suite) else {
        return Ok(());
    };
    let in_suite = usize::try_from(*in_suite).unwrap_or(usize::MAX);
    if let Some(text) = case.text.take() {
        ledger.spool(agent, in_suite, &text)?;
    }
    for sample in std::mem::take(&mut case.samples) {
        let ticket = Ticket {
            agent,
            case: in_suite,
            sample: sample.index,
            look: sample.look,
        };
        let spent = ledger.spent_with(known, &sample);
        ledger.settle(ticket, settled(known, case, sample, spent))?;
    }
    Ok(())
}

/// A part does not say for each answer what the server called itself: it counts as what it mostly was.
fn settled(agent: &AgentRecord, case: &CaseRecord, sample: SampleRecord, spent: Spent) -> Settled {
    Settled {
        agent: agent.name.clone(),
        case: case.id.clone(),
        served_model: agent.served_model.clone(),
        system_fingerprint: agent.system_fingerprint.clone(),
        sample,
        spent,
    }
}

impl Part {
    /// A record that is a part and was measured to its end, or why not.
    fn read(path: &Path) -> Result<Self, String> {
        let text = Text::open(path).map_err(|why| why.source.to_string())?;
        let text = text.ok_or("is not there")?;
        let record = read_each(|| text.from_start(), &mut |_, _, case| {
            case.forget_text();
            case.samples = Vec::new();
            Ok(())
        });
        let record = record.map_err(|why| why.to_string())?;
        let Some(shard) = record.shard else {
            return Err("is no part of a divided run: it is a whole one".to_owned());
        };
        if let Some(stopped) = record.run.stopped {
            let known = match stopped {
                Stopped::Budget => "its share of the budget was used up",
                Stopped::Deadline => "its deadline passed",
                Stopped::Interrupted => "it was interrupted",
            };
            let why = record.run.stopped_because.as_deref().unwrap_or(known);
            return Err(format!(
                "{} did not come to its end: {why}; run that part again, `--resume` goes on with its answers",
                shard.in_words()
            ));
        }
        let path = path.to_owned();
        Ok(Self {
            path,
            text,
            shard,
            record,
        })
    }
}

fn without_cases(part: &Part) -> RunRecord {
    let mut record = part.record.clone();
    for agent in &mut record.agents {
        agent.cases = Vec::new();
    }
    record
}

/// Gives the agents that were asked the cases of all parts. That nothing is missing and nothing is in another place,
/// the digest of the suite says.
fn join(parts: &mut [Part], whole: &mut RunRecord) -> Result<(), GateError> {
    let mut problems = Problems::default();
    for agent in whole.agents.iter_mut().filter(|agent| agent.touched) {
        let mut cases: Vec<(u32, CaseRecord)> = Vec::new();
        for part in parts.iter_mut() {
            let mut all = part.record.agents.iter_mut();
            if let Some(own) = all.find(|own| own.name == agent.name) {
                let places = own.part.iter().flatten().copied();
                cases.extend(places.zip(std::mem::take(&mut own.cases)));
                let given = [agent.measured.take(), own.measured.clone()];
                agent.measured = given.into_iter().flatten().min();
            }
        }
        cases.sort_by_key(|(place, _)| *place);
        let mut suite = SuiteDigest::default();
        for (_, case) in &cases {
            suite.add(case)?;
        }
        let gapless = (0..).zip(&cases).all(|(at, (place, _))| at == *place);
        if !gapless || suite.finish().to_string() != agent.suite_digest {
            let message = "the cases of the parts do not make up its suite; run all parts again";
            problems.extend([Problem::of_file(agent.name.as_str(), message)]);
        }
        agent.part = None;
        agent.counts = Counts::default();
        if let Some(judge) = &mut agent.judge {
            // Counted anew, sample by sample.
            (judge.usage, judge.cost) = (Usage::default(), None);
        }
        (agent.served_model, agent.system_fingerprint) = (None, None);
        agent.cases = cases.into_iter().map(|(_, case)| case).collect();
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(GateError::Parts(problems))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
