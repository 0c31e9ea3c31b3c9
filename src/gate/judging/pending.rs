//! Answers that wait for their grades, and the votes that are in. An answer that was paid for is in the journal before it
//! is graded, and so is every vote: a run that goes on asks for neither again.

use std::collections::BTreeMap;

use crate::edge::disk::Place;
use crate::gate::GateError;
use crate::gate::ledger::{Ledger, Line, Ticket};
use crate::gate::scoring::{self, Said};
use crate::judge::{Grades, Vote};
use crate::record::{CastVote, JournalLine, Settled};
use crate::runner::{Spent, Usage};
use crate::score::Digest;

/// Places of agent and case, and the sample's index.
pub(in crate::gate) type At = (usize, usize, u32);

/// Everything of a run that is not graded yet.
#[derive(Debug, Default)]
pub(in crate::gate) struct Pending {
    waiting: BTreeMap<At, Waiting>,
    /// Votes on stored answers, which count for nothing but the judge.
    pub(super) regrades: BTreeMap<At, Vec<Vote>>,
}

#[derive(Debug)]
struct Waiting {
    /// The line of the answer.
    place: Place,
    look: u32,
    votes: Vec<Vote>,
}

/// What a vote is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gate) enum On {
    /// An answer of this run.
    Answer,
    /// A stored answer.
    Stored,
}

pub(in crate::gate) const fn at(ticket: Ticket) -> At {
    (ticket.agent, ticket.case, ticket.sample)
}

impl Pending {
    /// Takes note of an answer whose line is in the journal.
    pub(in crate::gate) fn wait(&mut self, at: At, look: u32, place: Place) {
        self.waiting.entry(at).or_insert(Waiting {
            place,
            look,
            votes: Vec::new(),
        });
    }

    pub(in crate::gate) fn graded(&mut self, at: At) {
        self.waiting.remove(&at);
    }

    /// Takes note of a vote whose line is in the journal. Of two of one number the first one stands.
    pub(in crate::gate) fn vote(&mut self, at: At, on: On, vote: Vote) {
        let votes = match on {
            On::Answer => self.waiting.get_mut(&at).map(|waiting| &mut waiting.votes),
            On::Stored => Some(self.regrades.entry(at).or_default()),
        };
        let Some(votes) = votes else { return };
        if votes.iter().all(|known| known.vote != vote.vote) {
            votes.push(vote);
            votes.sort_by_key(|vote| vote.vote);
        }
    }

    pub(super) fn votes(&self, at: At, on: On) -> &[Vote] {
        let votes = match on {
            On::Answer => self.waiting.get(&at).map(|waiting| &waiting.votes),
            On::Stored => self.regrades.get(&at),
        };
        votes.map_or(&[], Vec::as_slice)
    }

    fn waits(&self, at: At) -> bool {
        self.waiting.contains_key(&at)
    }
}

impl Ledger<'_> {
    /// Whether a sample has its answer and waits for its grades.
    pub(in crate::gate) fn waits(&self, ticket: Ticket) -> bool {
        self.judging.waits(at(ticket))
    }

    /// Writes an answer down that is to be graded.
    pub(in crate::gate) fn wait_for_grades(
        &mut self,
        ticket: Ticket,
        mut settled: Settled,
    ) -> Result<(), GateError> {
        settled.sample.attempts += self.earlier.attempts(ticket);
        let place = self.append(&JournalLine::Answer(&settled))?;
        self.count_spent(settled.spent);
        self.judging.wait(at(ticket), ticket.look, place);
        Ok(())
    }

    /// An answer that waits for its grades, as the journal has it.
    pub(super) fn waiting(&self, ticket: Ticket) -> Result<Option<Settled>, GateError> {
        let Some(waiting) = self.judging.waiting.get(&at(ticket)) else {
            return Ok(None);
        };
        let line = self.words.journal.line(waiting.place)?;
        let line: Result<Line, _> = serde_json::from_slice(&line);
        Ok(match line.map_err(crate::score::DigestError::from)? {
            Line::Answer(settled) | Line::Sample(settled) => Some(settled),
            Line::Plan(_) | Line::Vote(_) | Line::Finished { .. } => None,
        })
    }

    /// Writes a vote down.
    pub(super) fn cast(
        &mut self,
        ticket: Ticket,
        on: On,
        (question, vote, spent): (Digest, Vote, Spent),
    ) -> Result<(), GateError> {
        let agent = self
            .record
            .agents
            .get(ticket.agent)
            .map(|agent| agent.name.clone());
        let (Some(agent), Some(case)) = (agent, self.case_id(ticket)) else {
            return Ok(());
        };
        self.append(&JournalLine::<Settled>::Vote(CastVote {
            agent,
            case,
            sample: ticket.sample,
            stored: on == On::Stored,
            question,
            spent,
            vote: vote.clone(),
        }))?;
        self.count_spent(spent);
        self.judging.vote(at(ticket), on, vote);
        Ok(())
    }

    /// Settles a sample with the votes that are in; `missing` says why others are not.
    pub(super) fn grade(&mut self, ticket: Ticket, missing: Option<&str>) -> Result<(), GateError> {
        let Some(mut settled) = self.waiting(ticket)? else {
            return Ok(());
        };
        let planned = self
            .words
            .plan()
            .and_then(|plan| plan.agents.get(ticket.agent));
        let Some((planned, judge)) = planned.and_then(|one| Some((one, one.judge.as_ref()?)))
        else {
            return Ok(());
        };
        let case = planned.case(ticket.case).map_err(GateError::Usage)?;
        let votes = self.judging.votes(at(ticket), On::Answer).to_vec();
        let text = settled.sample.text.take().unwrap_or_default();
        let answer = text.answer.unwrap_or_default();
        let usage = votes
            .iter()
            .fold(Usage::default(), |sum, vote| sum.plus(vote.usage));
        let grades = Grades {
            question: crate::judge::Question::of(judge, &case, &answer).digest,
            cost: self.prices.cost(&judge.model, usage),
            usage,
            votes,
        };
        let said = Said {
            answer,
            finish_reason: text.finish_reason,
            tool_calls: text.tool_calls,
            grades: Some(grades),
            missing: missing.map(str::to_owned),
        };
        scoring::score(planned, &case, said, &mut settled.sample);
        settled.sample.look = self
            .judging
            .waiting
            .get(&at(ticket))
            .map_or(ticket.look, |one| one.look);
        settled.spent = self.spent();
        let place = self.append(&JournalLine::Sample(&settled))?;
        self.judging.graded(at(ticket));
        self.take(ticket.agent, ticket.case, settled, place);
        Ok(())
    }
}
