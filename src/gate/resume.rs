//! Takes over what the journal of an earlier run holds. An answer counts as it would count now: its points are computed
//! again, and a line that says otherwise ends the run before anything is asked.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use super::GateError;
use super::judging::On;
use super::ledger::{Ledger, Line, Ticket};
use super::{measure, scoring};
use crate::agent::AgentName;
use crate::edge::disk::Place;
use crate::record::{CastVote, SampleStatus, Settled};
use crate::score::canonical;
use crate::suite::CaseId;

/// Places of agent and case, and the sample's index.
type At = (usize, usize, u32);

/// Of agents by name, and of their cases by id.
type Places = HashMap<AgentName, (usize, HashMap<CaseId, usize>)>;

/// What an earlier run left that does not count yet.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// Answers of later looks. They count when this run comes to that look and wants them: counted at once they would
    /// change what the first look says, and with it what is asked.
    later: HashMap<At, Place>,
    /// Requests for samples that stayed without an answer.
    attempts: HashMap<At, u32>,
}

impl Earlier {
    /// How often a sample was asked in vain before this run.
    pub(super) fn attempts(&self, ticket: Ticket) -> u32 {
        let at = (ticket.agent, ticket.case, ticket.sample);
        self.attempts.get(&at).copied().unwrap_or(0)
    }
}

impl Ledger<'_> {
    /// Takes over the answers of the journal. What stayed without one there is asked again.
    pub(super) fn resume(&mut self) -> Result<(), GateError> {
        let places = self.places_by_name();
        let journal = Rc::clone(&self.words.journal);
        let path = journal.path();
        let mut number = 0_usize;
        journal.each(|line, place| {
            number += 1;
            let taken = understood(line).and_then(|line| match line {
                Line::Plan(_) | Line::Finished { .. } => Ok(()),
                Line::Sample(settled) => self.take_over(&places, settled, place),
                Line::Answer(settled) => self.take_answer(&places, settled, place),
                Line::Vote(vote) => self.take_vote(&places, vote),
            });
            taken.map_err(|why| wrong_line(&path, number, &why))
        })
    }

    /// Counts the answers that an earlier run has to these tickets of a later look.
    pub(super) fn take_later(
        &mut self,
        tickets: impl Iterator<Item = Ticket>,
    ) -> Result<(), GateError> {
        if self.earlier.later.is_empty() {
            return Ok(());
        }
        for ticket in tickets {
            if self.has(ticket) {
                continue;
            }
            let at = (ticket.agent, ticket.case, ticket.sample);
            let Some(place) = self.earlier.later.remove(&at) else {
                continue;
            };
            let line = self.words.journal.line(place)?;
            if let Ok(Line::Sample(settled)) = serde_json::from_slice(&line) {
                self.take(ticket.agent, ticket.case, settled, place);
            }
        }
        Ok(())
    }

    fn places_by_name(&self) -> Places {
        let planned = self.words.plan().map_or(0, |plan| plan.agents.len());
        let agents = self.record.agents.iter().take(planned).enumerate();
        agents
            .map(|(place, agent)| {
                let cases = agent.cases.iter().enumerate();
                let cases = cases.map(|(place, case)| (case.id.clone(), place));
                (agent.name.clone(), (place, cases.collect()))
            })
            .collect()
    }

    fn take_over(&mut self, places: &Places, settled: Settled, place: Place) -> Result<(), String> {
        if settled.sample.reused {
            // Taken from the baseline anew: nothing was paid for it.
            return Ok(());
        }
        if settled.sample.status == SampleStatus::Unscored {
            // The votes that are in are in lines of their own; the others are asked for again.
            return self.take_answer(places, settled, place);
        }
        let (agent, case) = place_of(places, &settled.agent, &settled.case)?;
        let at = (agent, case, settled.sample.index);
        self.count_spent(settled.spent);
        if settled.sample.status == SampleStatus::Unanswered {
            // A later line counts the requests of the earlier ones too.
            self.earlier.attempts.insert(at, settled.sample.attempts);
            return Ok(());
        }
        let planned = self.words.plan().and_then(|plan| plan.agents.get(agent));
        let planned = planned.ok_or("it is of an agent that is not asked")?;
        let asked = planned.case(case)?;
        if !measure::scores_the_same(planned, &asked, &settled.sample) {
            return Err("its answer does not have these points".to_owned());
        }
        if planned.lacks_votes(&settled.sample) {
            return self.take_answer(places, settled, place);
        }
        self.judging.graded(at);
        if settled.sample.look > 1 {
            self.earlier.later.entry(at).or_insert(place);
        } else if self
            .words
            .plan()
            .is_some_and(|plan| settled.sample.index < plan.samples())
        {
            self.take(agent, case, settled, place);
        } else {
            return Err("it is of a sample that is not asked".to_owned());
        }
        Ok(())
    }
}

impl Ledger<'_> {
    /// An answer that has no grades yet.
    fn take_answer(
        &mut self,
        places: &Places,
        settled: Settled,
        place: Place,
    ) -> Result<(), String> {
        let (agent, case) = place_of(places, &settled.agent, &settled.case)?;
        self.count_spent(settled.spent);
        let planned = self.words.plan().and_then(|plan| plan.agents.get(agent));
        let planned = planned.ok_or("it is of an agent that is not asked")?;
        if !scoring::waits_for_grades(planned, &*planned.case(case)?, &settled.sample) {
            return Err("its answer is none that a judge has to grade".to_owned());
        }
        let sample = settled.sample;
        self.judging
            .wait((agent, case, sample.index), sample.look, place);
        Ok(())
    }

    /// A vote of the judge; of an answer that was graded since, it is in that line.
    fn take_vote(&mut self, places: &Places, given: CastVote) -> Result<(), String> {
        let (agent, case) = place_of(places, &given.agent, &given.case)?;
        self.count_spent(given.spent);
        let on = if given.stored { On::Stored } else { On::Answer };
        self.judging
            .vote((agent, case, given.sample), on, given.vote);
        Ok(())
    }
}

fn place_of(places: &Places, agent: &AgentName, case: &CaseId) -> Result<(usize, usize), String> {
    let known = places
        .get(agent)
        .and_then(|(agent, cases)| Some((*agent, *cases.get(case)?)));
    known.ok_or_else(|| "it is of a case that is not asked".to_owned())
}

/// A line in the only spelling that is written: samples go from here into the record as they stand.
fn understood(text: &[u8]) -> Result<Line, String> {
    let line = serde_json::from_slice(text).map_err(|why| why.to_string())?;
    match canonical(&line) {
        Ok(written) if written == text => Ok(line),
        Ok(_) | Err(_) => Err("it is spelt otherwise".to_owned()),
    }
}

fn wrong_line(path: &Path, number: usize, why: &str) -> GateError {
    let path = path.display();
    GateError::Usage(format!(
        "line {number} of {path} is not as this version wrote it: {why}. `--discard` throws the journal away and asks \
         anew"
    ))
}
