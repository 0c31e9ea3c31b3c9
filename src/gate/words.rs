//! Where the words of a run are read again: what a case asks in its suite, or in the spool of parts that are joined;
//! what was answered in the journal.

use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::places::Places;
use super::plan::Plan;
use crate::agent::AgentName;
use crate::edge::disk::{Journal, Place};
use crate::judge::Grades;
use crate::record::{CaseRecord, CaseText, JournalLine, SampleText, SealError};
use crate::score::{CheckResult, Loss, ToolCall, Written};

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

/// Of a settled sample its words alone.
#[derive(Deserialize)]
struct Settled {
    sample: Said,
}

/// Of a settled sample all, as it was written.
#[derive(Deserialize)]
struct InJournal<'j> {
    #[serde(borrow)]
    sample: &'j RawValue,
}

/// [`SampleText`], or nothing where a part of a run came without words.
#[derive(Deserialize)]
struct Said {
    why: Option<String>,
    answer: Option<String>,
    lost: Option<Vec<Loss>>,
    checks: Option<Vec<CheckResult>>,
    judge: Option<Box<Grades>>,
    finish_reason: Option<String>,
    #[serde(default)]
    tool_calls: Vec<ToolCall>,
}

impl From<Said> for Option<Box<SampleText>> {
    fn from(said: Said) -> Self {
        let (lost, checks) = said.lost.zip(said.checks)?;
        Some(Box::new(SampleText {
            why: said.why,
            answer: said.answer,
            lost,
            checks,
            judge: said.judge,
            finish_reason: said.finish_reason,
            tool_calls: said.tool_calls,
        }))
    }
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
                sample.text = settled.sample.into();
            }
        }
        Ok(())
    }

    /// A case as it is to be written. Its samples are copied out of the journal as they were written there.
    pub(super) fn written(
        &self,
        name: &AgentName,
        place: usize,
        case: &CaseRecord,
    ) -> Result<CaseRecord<Written>, SealError> {
        let Some(agent) = self.texts.agent(name) else {
            return case.written();
        };
        let samples = case.samples.iter().map(|sample| {
            let Some(at) = self.places.get(agent, place, sample.index) else {
                return Ok(Written::of(sample)?);
            };
            let line = self.journal.line(at).map_err(io::Error::other)?;
            match serde_json::from_slice(&line)? {
                JournalLine::<InJournal<'_>>::Sample(settled) => {
                    Ok(Written::again(settled.sample.get().into()))
                }
                JournalLine::Plan(_)
                | JournalLine::Answer(_)
                | JournalLine::Vote(_)
                | JournalLine::Finished { .. } => Ok(Written::of(sample)?),
            }
        });
        let samples = samples.collect::<Result<_, SealError>>()?;
        Ok(case.with(self.text(agent, place)?.map(Box::new), samples))
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
