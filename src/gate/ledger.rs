//! Keeps what a run measures: numbers in memory, words in the journal, from where they are read again when a document
//! wants them. A sample counts once its line is in the journal.

use std::collections::BTreeMap;
use std::io::{self, Seek, Write};
use std::rc::Rc;

use serde::Serialize;

use super::GateError;
use super::judging::Pending;
use super::places::Places;
use super::plan::Plan;
use super::resume::Earlier;
use super::served::Served;
pub(super) use super::ticket::Ticket;
use super::words::{Texts, Words};
use crate::agent::AgentName;
use crate::config::Prices;
use crate::edge::disk::{Journal, Place};
use crate::record::{
    CaseRecord, JournalLine, JournalPlan, RunRecord, SampleRecord, SampleStatus, SealError,
    Settled, Stopped, write,
};
use crate::runner::Spent;
use crate::score::{DigestError, Mean, canonical};
use crate::suite::CaseId;

/// A line as it is written and read.
pub(super) type Line = JournalLine<Settled>;

/// What is known of a run so far.
#[derive(Debug)]
pub struct Ledger<'p> {
    pub(super) record: RunRecord,
    pub(super) words: Words<'p>,
    pub(super) prices: &'p Prices,
    /// By agent.
    served: Vec<Served>,
    /// By agent and kind: the first sample without a score, which keeps its reason in memory.
    missing: Vec<BTreeMap<SampleStatus, (usize, u32)>>,
    points: Mean,
    spent: Spent,
    pub(super) earlier: Earlier,
    pub(super) judging: Pending,
}

impl<'p> Ledger<'p> {
    /// A ledger for a record without samples. An empty journal is begun with the plan, another one is taken over.
    pub(super) fn open(
        plan: &'p Plan,
        record: RunRecord,
        journal: Journal,
        first_line: JournalPlan,
    ) -> Result<Self, GateError> {
        let begun = !journal.is_empty();
        let mut ledger = Self::empty(&plan.prices, Texts::Suites(plan), record, journal);
        if begun {
            ledger.resume()?;
        } else {
            ledger.append(&Line::Plan(first_line))?;
        }
        Ok(ledger)
    }

    pub(super) fn empty(
        prices: &'p Prices,
        texts: Texts<'p>,
        record: RunRecord,
        journal: Journal,
    ) -> Self {
        Self {
            words: Words {
                texts,
                journal: Rc::new(journal),
                places: Places::default(),
            },
            prices,
            served: record.agents.iter().map(|_| Served::default()).collect(),
            missing: record.agents.iter().map(|_| BTreeMap::new()).collect(),
            points: Mean::default(),
            spent: Spent::default(),
            earlier: Earlier::default(),
            judging: Pending::default(),
            record,
        }
    }

    /// Writes a settled sample down and counts it.
    pub(super) fn settle(&mut self, ticket: Ticket, mut settled: Settled) -> Result<(), GateError> {
        settled.sample.attempts += self.earlier.attempts(ticket);
        let place = self.append(&JournalLine::Sample(&settled))?;
        self.take(ticket.agent, ticket.case, settled, place);
        Ok(())
    }

    pub(super) fn append<S: Serialize>(&self, line: &JournalLine<S>) -> Result<Place, GateError> {
        let line = canonical(line).map_err(DigestError::from)?;
        let appended = self.words.journal.append(line);
        appended.map_err(|source| GateError::Journal {
            source,
            way_on: "run again",
        })
    }

    /// Counts a sample whose line is in the journal. Where it has two, the first one stands.
    pub(super) fn take(&mut self, agent: usize, case: usize, settled: Settled, place: Place) {
        let Settled {
            mut sample,
            served_model,
            system_fingerprint,
            spent,
            ..
        } = settled;
        self.count_spent(spent);
        let index = sample.index;
        if !self.words.places.note(agent, case, index, place) {
            return;
        }
        let grades = sample.text.as_mut().and_then(|text| text.judge.take());
        let paid = grades
            .filter(|_| !sample.reused)
            .map(|grades| grades.paid());
        if sample.status == SampleStatus::Scored {
            sample.text = None;
        } else {
            self.keep_first_reason(agent, case, &mut sample);
        }
        if sample.status != SampleStatus::Unanswered
            && let Some(served) = self.served.get_mut(agent)
        {
            served.note(served_model, system_fingerprint, &sample);
        }
        if let Some(score) = sample.score {
            self.points.add(score, 1.0);
        }
        let Some(record) = self.record.agents.get_mut(agent) else {
            return;
        };
        if let Some((judge, paid)) = record.judge.as_mut().zip(paid) {
            judge.usage = judge.usage.plus(paid);
        }
        if !sample.reused {
            record.counts.retries += sample.attempts.saturating_sub(1);
        }
        if let Some(case) = record.cases.get_mut(case) {
            // Room for one more and no further: most cases have a single sample, and there may be very many cases.
            case.samples.reserve_exact(1);
            case.samples.push(sample);
            case.samples.sort_by_key(|sample| sample.index);
        }
    }

    /// Takes note of what the run had spent when a line was written; spending never goes back.
    pub(super) fn count_spent(&mut self, then: Spent) {
        self.spent.tokens = self.spent.tokens.max(then.tokens);
        self.spent.cost = self.spent.cost.max(then.cost);
    }

    /// The verdict names why the first answer of each kind is missing; the other reasons are in the journal.
    fn keep_first_reason(&mut self, agent: usize, case: usize, sample: &mut SampleRecord) {
        let at = (case, sample.index);
        let Some(missing) = self.missing.get_mut(agent) else {
            return;
        };
        let known = missing.get(&sample.status).copied();
        if known.is_some_and(|first| first <= at) {
            sample.text = None;
            return;
        }
        missing.insert(sample.status, at);
        let Some((case, index)) = known else { return };
        let agent = self.record.agents.get_mut(agent);
        let case = agent.and_then(|agent| agent.cases.get_mut(case));
        let samples = case.into_iter().flat_map(|case| &mut case.samples);
        for later in samples.filter(|later| later.index == index) {
            later.text = None;
        }
    }

    /// Whether a sample is settled, or its case is not asked at all since the baseline has its answers.
    pub(super) fn has(&self, ticket: Ticket) -> bool {
        let places = &self.words.places;
        let settled = places.get(ticket.agent, ticket.case, ticket.sample);
        settled.is_some() || self.is_reused(ticket)
    }

    /// A case that a part of the run took from a baseline counts too, whatever the baseline says by now.
    fn is_reused(&self, ticket: Ticket) -> bool {
        let agent = self.record.agents.get(ticket.agent);
        let case = agent.and_then(|agent| agent.cases.get(ticket.case));
        let planned = self.words.plan();
        case.is_some_and(CaseRecord::is_reused)
            || planned.is_some_and(|plan| plan.reused.holds(ticket.agent, ticket.case))
    }

    /// The id of a ticket's case.
    pub(super) fn case_id(&self, ticket: Ticket) -> Option<CaseId> {
        let agent = self.record.agents.get(ticket.agent)?;
        Some(agent.cases.get(ticket.case)?.id.clone())
    }

    /// What was spent as the budget counts it, before the run went on included.
    pub(super) const fn spent(&self) -> Spent {
        self.spent
    }

    /// The mean of all points so far: for watching, not for deciding.
    pub(super) fn score_so_far(&self) -> Option<f64> {
        self.points.value()
    }

    /// Notes why asking ended early. An interrupt outranks the rest: it has its own exit code.
    pub(super) fn stopped(&mut self, why: Stopped) {
        let known = &mut self.record.run.stopped;
        if known.is_none() || why == Stopped::Interrupted {
            *known = Some(why);
        }
    }

    /// Writes into the record what the servers called themselves, and tells what changed.
    pub(super) fn servers(&mut self) -> Vec<String> {
        let agents = self.record.agents.iter_mut().zip(&self.served);
        agents
            .flat_map(|(agent, served)| served.tell(agent))
            .collect()
    }

    /// The record as far as it is in memory.
    pub const fn record(&self) -> &RunRecord {
        &self.record
    }

    /// The record as far as it is in memory; the journal is let go of.
    pub fn into_record(self) -> RunRecord {
        self.record
    }

    /// Writes the whole record and sets its digest.
    pub fn write(&mut self, out: &mut (impl Write + Seek)) -> Result<(), GateError> {
        let words = &self.words;
        let mut complete =
            |name: &AgentName, place: usize, case: &CaseRecord| words.written(name, place, case);
        Ok(write(&mut self.record, &mut complete, out)?)
    }

    /// Puts the words of these cases back into the record, for documents that quote them.
    pub(super) fn quote(&mut self, cases: &[(AgentName, CaseId)]) -> Result<(), GateError> {
        for (name, id) in cases {
            let mut agents = self.record.agents.iter_mut();
            let Some(agent) = agents.find(|agent| agent.name == *name) else {
                continue;
            };
            let mut cases = agent.cases.iter_mut().enumerate();
            if let Some((place, case)) = cases.find(|(_, case)| case.id == *id) {
                let completed = self.words.complete(name, place, case);
                completed.map_err(SealError::Io)?;
            }
        }
        Ok(())
    }

    /// Marks the journal as one whose record was written. One of a run that ended early stays open to be resumed.
    pub(super) fn close(&self) -> Result<(), GateError> {
        if self.record.run.stopped.is_some() {
            return Ok(());
        }
        let record_digest = self.record.record_digest.clone();
        self.append(&Line::Finished { record_digest }).map(drop)
    }

    /// Puts the words back into a case of the record.
    pub(super) fn complete(
        &self,
        name: &AgentName,
        place: usize,
        case: &mut CaseRecord,
    ) -> io::Result<()> {
        self.words.complete(name, place, case)
    }
}
