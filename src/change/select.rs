//! Holds the agents of two commits against each other, by value.

use globset::{GlobBuilder, GlobSetBuilder};

use super::ChangedFiles;
use crate::agent::{Agent, AgentName, Candidate};
use crate::record::{AgentChange, Cause, CauseCode, LocatorChange, RuleChange};

/// An agent as one commit has it.
#[derive(Debug, Clone)]
pub struct Stand {
    /// As configured there.
    pub agent: Agent,
    /// What it comes to there, or why that cannot be told.
    pub candidate: Result<Candidate, String>,
    /// The file and line that hold its model ID.
    pub model_place: Option<(String, Option<u64>)>,
    /// The files that make up its suite.
    pub suite_files: Vec<String>,
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
    /// Rules that differ, with the agents they concern (all where empty).
    pub rules: &'a [(RuleChange, Vec<AgentName>)],
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
            because: vec![Cause::of(CauseCode::NewAgent)],
        })
        .collect();
    selection
}

fn find<'a>(side: &'a [Stand], name: &AgentName) -> Option<&'a Stand> {
    side.iter().find(|stand| stand.agent.name == *name)
}

fn causes(base: &Stand, head: &Stand, sides: Sides<'_>) -> Vec<Cause> {
    let mut causes = candidate_causes(base, head);
    causes.extend(data_cause(
        CauseCode::TrainingData,
        &base.agent.training_data,
        &head.agent.training_data,
        sides.files,
    ));
    causes.extend(data_cause(
        CauseCode::ValidationData,
        &base.agent.validation_data,
        &head.agent.validation_data,
        sides.files,
    ));
    causes.extend(suite_cause(base, head, sides.files));
    causes.extend(
        sides
            .rules
            .iter()
            .filter(|(_, of)| of.is_empty() || of.contains(&base.agent.name))
            .map(|(rule, _)| Cause {
                detail: Some(rule.key.clone()),
                old: Some(rule.old.clone()),
                new: Some(rule.new.clone()),
                ..Cause::of(CauseCode::Rule)
            }),
    );
    if let Some(doubt) = &sides.files.doubt {
        causes.push(Cause {
            detail: Some(doubt.clone()),
            ..Cause::of(CauseCode::Doubt)
        });
    }
    causes
}

fn candidate_causes(base: &Stand, head: &Stand) -> Vec<Cause> {
    let (old, new) = match (&base.candidate, &head.candidate) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => {
            return vec![Cause {
                detail: Some(why.clone()),
                ..Cause::of(CauseCode::Doubt)
            }];
        }
    };
    let mut causes = Vec::new();
    if old.model != new.model {
        let (path, line) = head
            .model_place
            .clone()
            .map_or((None, None), |(path, line)| (Some(path), line));
        causes.push(Cause {
            path,
            line,
            old: Some(old.model.clone()),
            new: Some(new.model.clone()),
            ..Cause::of(CauseCode::ModelId)
        });
    }
    if old.system != new.system {
        causes.push(Cause::of(CauseCode::SystemPrompt));
    }
    if old.parameters != new.parameters {
        causes.push(Cause::of(CauseCode::Parameters));
    }
    causes
}

fn data_cause(
    code: CauseCode,
    old: &[String],
    new: &[String],
    files: &ChangedFiles,
) -> Option<Cause> {
    let globs = old.iter().chain(new);
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        // A glob that does not compile was refused when the configuration was read.
        if let Ok(glob) = GlobBuilder::new(glob).literal_separator(true).build() {
            set.add(glob);
        }
    }
    let set = set.build().ok()?;
    let changed: Vec<&str> = files.paths().filter(|path| set.is_match(path)).collect();
    let first = changed.first()?;
    let more = (changed.len() > 1).then(|| format!("and {} more files", changed.len() - 1));
    Some(Cause {
        path: Some((*first).to_owned()),
        detail: more,
        ..Cause::of(code)
    })
}

fn suite_cause(base: &Stand, head: &Stand, files: &ChangedFiles) -> Option<Cause> {
    let changed = base
        .suite_files
        .iter()
        .chain(&head.suite_files)
        .find(|path| files.paths().any(|p| p == path.as_str()));
    let path = changed
        .cloned()
        .or_else(|| (base.agent.suite != head.agent.suite).then(|| head.agent.suite.clone()))?;
    Some(Cause {
        path: Some(path),
        ..Cause::of(CauseCode::Suite)
    })
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
