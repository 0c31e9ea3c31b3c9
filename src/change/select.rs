//! Holds the agents of two commits against each other, by value.

use std::collections::BTreeMap;

use super::causes::{at, causes};
use super::{ChangedFiles, Concerns, SuiteChange};
use crate::agent::{Agent, AgentName, Candidate};
use crate::record::{AgentChange, CauseCode, LocatorChange, RuleChange};

/// An agent as one commit has it.
#[derive(Debug, Clone)]
pub struct Stand {
    /// As configured there.
    pub agent: Agent,
    /// What it comes to there, or why that cannot be told.
    pub candidate: Result<Candidate, String>,
    /// Where the parts of its candidate stand.
    pub places: Places,
    /// The files that make up its suite.
    pub suite_files: Vec<String>,
}

/// A place that people can look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The file.
    pub path: String,
    /// The line, where one is known.
    pub line: Option<u64>,
}

/// Where the parts of a candidate stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Its model ID.
    pub model: At,
    /// Its system prompt; where it has none, the configuration.
    pub system: At,
    /// Its own parameters; where it has none, the configuration.
    pub parameters: At,
}

/// All agents of one commit.
pub type Side = Vec<Stand>;

/// What is held against each other.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// The deciding side.
    pub base: &'a [Stand],
    /// The side that is judged.
    pub head: &'a [Stand],
    /// The base's locators, applied to the head's files: for each agent of the base, the model ID or why none was found.
    pub base_locators_on_head: &'a [(AgentName, Result<String, String>)],
    /// The files that differ.
    pub files: &'a ChangedFiles,
    /// Rules that differ, with whom they touch.
    pub rules: &'a [(RuleChange, Concerns)],
    /// The suites that were held against each other.
    pub suites: &'a BTreeMap<AgentName, SuiteChange>,
}

/// Which agents are touched, and what else the pull request does to the gate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Agents of the base that are touched.
    pub touched: Vec<AgentChange>,
    /// Agents that only the head has.
    pub added: Vec<AgentChange>,
    /// Agents that the head no longer has.
    pub removed: Vec<AgentName>,
    /// Agents whose model ID depends on whose locator is asked.
    pub locators: Vec<LocatorChange>,
}

/// Selects the agents that a change touches, each with its causes.
pub fn select(sides: Sides<'_>) -> Selection {
    let mut selection = Selection::default();
    for base in sides.base {
        let Some(head) = find(sides.head, &base.agent.name) else {
            selection.removed.push(base.agent.name.clone());
            continue;
        };
        let because = causes(base, head, sides);
        if !because.is_empty() {
            selection.touched.push(AgentChange {
                name: base.agent.name.clone(),
                because,
            });
        }
        selection.locators.extend(locator_change(base, head, sides));
    }
    selection.added = sides
        .head
        .iter()
        .filter(|head| find(sides.base, &head.agent.name).is_none())
        .map(|head| AgentChange {
            name: head.agent.name.clone(),
            because: vec![at(CauseCode::NewAgent, &head.places.model)],
        })
        .collect();
    selection
}

fn find<'a>(side: &'a [Stand], name: &AgentName) -> Option<&'a Stand> {
    side.iter().find(|stand| stand.agent.name == *name)
}

/// A model ID that moves to another place unchanged, leaving nothing behind, is no change of the model.
fn locator_change(base: &Stand, head: &Stand, sides: Sides<'_>) -> Option<LocatorChange> {
    let own = head.candidate.as_ref().ok()?;
    let kept = base
        .candidate
        .as_ref()
        .is_ok_and(|old| old.model == own.model);
    let (_, by_base) = sides
        .base_locators_on_head
        .iter()
        .find(|(name, _)| *name == head.agent.name)?;
    match by_base {
        Ok(model) if *model == own.model => return None,
        Err(_) if kept => return None,
        Ok(_) | Err(_) => {}
    }
    let by_base = by_base
        .as_ref()
        .map_or_else(|why| format!("nothing: {why}"), Clone::clone);
    Some(LocatorChange {
        name: head.agent.name.clone(),
        by_base,
        by_head: own.model.clone(),
    })
}
