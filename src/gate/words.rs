//! Where the words of a run are read again: what a case asks in its suite, what was answered in the journal.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use super::plan::Plan;
use crate::agent::AgentName;
use crate::edge::disk::{Journal, Place};
use crate::record::{CaseRecord, CaseText, JournalLine, Settled};

/// Where the words of cases and samples are read again.
#[derive(Debug)]
pub(super) struct Words<'p> {
    pub(super) plan: &'p Plan,
    pub(super) journal: Rc<Journal>,
    /// By the places of agent and case, and the sample's index.
    pub(super) places: HashMap<(usize, usize, u32), Place>,
}

impl Words<'_> {
    /// Puts the words back into a case, given with its place in the record.
    pub(super) fn complete(
        &self,
        name: &AgentName,
        place: usize,
        case: &mut CaseRecord,
    ) -> io::Result<()> {
        let planned = self
            .plan
            .agents
            .iter()
            .position(|one| one.agent.name == *name);
        let Some((agent, planned)) = planned.and_then(|at| Some((at, self.plan.agents.get(at)?)))
        else {
            return Ok(());
        };
        let asked = planned.case(place).map_err(io::Error::other)?;
        case.text = Some(Box::new(CaseText {
            messages: asked.messages.clone(),
            expectation: serde_json::to_value(&asked.expectation)?,
            tags: asked.tags.clone(),
        }));
        for sample in &mut case.samples {
            let Some(at) = self.places.get(&(agent, place, sample.index)) else {
                continue;
            };
            let line = self.journal.line(*at).map_err(io::Error::other)?;
            if let JournalLine::<Settled>::Sample(settled) = serde_json::from_slice(&line)? {
                sample.text = settled.sample.text;
            }
        }
        Ok(())
    }
}
