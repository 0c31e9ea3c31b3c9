//! Where the words of a run are read again: what a case asks in its suite, or in the spool of parts that are joined;
//! what was answered in the journal.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use super::places::Places;
use super::plan::Plan;
use crate::agent::AgentName;
use crate::edge::disk::{Journal, Place};
use crate::record::{CaseRecord, CaseText, JournalLine, Settled};

/// What a case asks is read again from here.
#[derive(Debug)]
pub(super) enum Texts<'p> {
    /// The suites of a plan.
    Suites(&'p Plan),
    /// Lines of the journal: the agents in the record's order, and the places by those of agent and case.
    Spooled(Vec<AgentName>, HashMap<(usize, usize), Place>),
}

/// Where the words of cases and samples are read again.
#[derive(Debug)]
pub(super) struct Words<'p> {
    pub(super) texts: Texts<'p>,
    pub(super) journal: Rc<Journal>,
    /// Where each sample's line is.
    pub(super) places: Places,
}

impl Words<'_> {
    /// Puts the words back into a case, given with its place in the record.
    pub(super) fn complete(
        &self,
        name: &AgentName,
        place: usize,
        case: &mut CaseRecord,
    ) -> io::Result<()> {
        let Some(agent) = self.texts.agent(name) else {
            return Ok(());
        };
        case.text = self.text(agent, place)?.map(Box::new);
        for sample in &mut case.samples {
            let Some(at) = self.places.get(agent, place, sample.index) else {
                continue;
            };
            let line = self.journal.line(at).map_err(io::Error::other)?;
            if let JournalLine::<Settled>::Sample(settled) = serde_json::from_slice(&line)? {
                sample.text = settled.sample.text;
            }
        }
        Ok(())
    }

    /// What is asked; a run that was put together from parts has no plan.
    pub(super) const fn plan(&self) -> Option<&Plan> {
        match &self.texts {
            Texts::Suites(plan) => Some(plan),
            Texts::Spooled(..) => None,
        }
    }

    fn text(&self, agent: usize, place: usize) -> io::Result<Option<CaseText>> {
        match &self.texts {
            Texts::Suites(plan) => {
                let Some(planned) = plan.agents.get(agent) else {
                    return Ok(None);
                };
                let asked = planned.case(place).map_err(io::Error::other)?;
                Ok(Some(CaseText {
                    messages: asked.messages.clone(),
                    expectation: serde_json::to_value(&asked.expectation)?,
                    tags: asked.tags.clone(),
                }))
            }
            Texts::Spooled(_, places) => {
                let Some(at) = places.get(&(agent, place)) else {
                    return Ok(None);
                };
                let line = self.journal.line(*at).map_err(io::Error::other)?;
                Ok(Some(serde_json::from_slice(&line)?))
            }
        }
    }
}

impl Texts<'_> {
    fn agent(&self, name: &AgentName) -> Option<usize> {
        match self {
            Self::Suites(plan) => {
                let mut agents = plan.agents.iter();
                agents.position(|planned| planned.agent.name == *name)
            }
            Self::Spooled(names, _) => names.iter().position(|known| known == name),
        }
    }
}
