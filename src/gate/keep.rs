//! Makes a record the baseline of its agents because a person says so, whatever its verdict is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::GateError;
use super::deposit::{Keep, Measured, deposit, message};
use super::lock::{lock_of, lock_path, locked, with_models};
use super::record_name::Series;
use crate::agent::AgentName;
use crate::config::{Config, KeptAnswers};
use crate::edge::github::{BranchStore, GitHub, NewFile, Revised, StoreError};
use crate::edge::{CommitSha, disk};
use crate::record::{AgentRecord, LockedModel, Outcome, RunRecord};

/// Which record a person makes a baseline, and why.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The record, as people know it.
    pub shown: &'a str,
    /// The agents; all that were measured where none is named.
    pub agents: &'a [AgentName],
    /// In the person's words.
    pub reason: Option<&'a str>,
}

/// What is to be stored.
#[derive(Debug)]
pub struct Keeping {
    files: Vec<NewFile>,
    lock: String,
    models: Vec<LockedModel>,
    message: String,
    notices: Vec<String>,
}

/// What is stored now.
#[derive(Debug, Default)]
pub struct Shelved {
    /// What came.
    pub stored: Vec<String>,
    /// What was there before, with the same content.
    pub already: Vec<String>,
    /// What a person should know.
    pub notices: Vec<String>,
}

/// Sees to it that a record may become a baseline. It has no shard: its file was opened as that of a whole run.
pub fn keeping(
    mut record: RunRecord,
    config: &Config,
    wish: Wish<'_>,
) -> Result<Keeping, GateError> {
    let commit = of_this_gate(&record, config, wish.shown)?;
    let reason = wish.reason.map(str::trim).filter(|text| !text.is_empty());
    let outcome = record.verdict.outcome;
    if outcome != Outcome::Pass && reason.is_none() {
        return Err(GateError::Usage(format!(
            "the outcome of {} is `{outcome}`, so it becomes no baseline by itself; `--reason TEXT` says why it shall be one, \
             and the text is stored with it",
            wish.shown
        )));
    }
    let names = chosen(&record, wish)?;
    record.kept_because = reason.map(str::to_owned);
    record.agents.retain(|agent| names.contains(&agent.name));
    let run = Measured {
        record: &record,
        // The record has its words.
        complete: &|_, _, _| Ok(()),
    };
    let (keep, told) = keep(config.baseline.answers);
    let deposit = deposit(
        &run,
        &names.iter().collect::<Vec<_>>(),
        (Series::Baselines, keep),
    )?;
    Ok(Keeping {
        files: deposit.files,
        lock: lock_path(&record.gate_id),
        models: locked(config, &record),
        message: message(names.iter(), &commit),
        notices: told.into_iter().chain(deposit.notices).collect(),
    })
}

/// The commit of a record that says what this gate measured there, and nothing else.
fn of_this_gate(record: &RunRecord, config: &Config, shown: &str) -> Result<CommitSha, GateError> {
    let refused =
        |why: String| GateError::Usage(format!("{shown} cannot become a baseline: {why}"));
    let own = &config.report.id;
    if record.gate_id != *own {
        return Err(refused(format!(
            "it is of the gate `{}`, and the configuration is of `{own}` (`report.id`)",
            record.gate_id
        )));
    }
    let source = &record.source;
    if source.dirty {
        return Err(refused(
            "what it measured is not what its commit holds (`source.dirty`): files were edited, or `--model` named another \
             model; commit, then run again"
                .to_owned(),
        ));
    }
    let named = source.commit.as_deref().unwrap_or_default();
    let commit = CommitSha::new(named).filter(|commit| commit.as_str() == named);
    let Some(commit) = commit else {
        return Err(refused(
            "it names no commit; measure in a git repository or in a workflow".to_owned(),
        ));
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if record.run.id.is_empty() || !record.run.id.chars().all(plain) {
        return Err(refused(format!(
            "its run has the id `{}`, which is no part of a file's name",
            record.run.id
        )));
    }
    Ok(commit)
}

/// The agents whose baseline it becomes.
fn chosen(record: &RunRecord, wish: Wish<'_>) -> Result<Vec<AgentName>, GateError> {
    let all: Vec<&AgentRecord> = if wish.agents.is_empty() {
        record.touched().collect()
    } else {
        let named = wish
            .agents
            .iter()
            .map(|name| named(record, name, wish.shown));
        named.collect::<Result<_, _>>()?
    };
    if all.is_empty() {
        return Err(GateError::Usage(format!(
            "{} measured no agent, so there is nothing to store",
            wish.shown
        )));
    }
    if let Some(agent) = all.iter().find(|agent| agent.score.is_none()) {
        return Err(GateError::Usage(format!(
            "{} has no score of {}, so it cannot become its baseline; `--agent NAME` takes the others",
            wish.shown, agent.name
        )));
    }
    let names: BTreeSet<AgentName> = all.iter().map(|agent| agent.name.clone()).collect();
    Ok(names.into_iter().collect())
}

fn named<'r>(
    record: &'r RunRecord,
    name: &AgentName,
    shown: &str,
) -> Result<&'r AgentRecord, GateError> {
    match record.agent(name) {
        Some(agent) if agent.touched => Ok(agent),
        Some(_) => Err(GateError::Usage(format!(
            "{shown} did not ask {name}: its score there is that of its baseline"
        ))),
        None => {
            let known: Vec<&str> = record.touched().map(|agent| agent.name.as_str()).collect();
            Err(GateError::Usage(format!(
                "{shown} has no agent `{name}`; it measured {}",
                known.join(", ")
            )))
        }
    }
}

/// Whether answers are stored beside the record, and what is to be said about that.
fn keep(configured: KeptAnswers) -> (Keep, Option<String>) {
    match configured {
        KeptAnswers::Keep => (Keep::Answers, None),
        KeptAnswers::Digests => (Keep::Digests, None),
        KeptAnswers::Auto => (
            Keep::Digests,
            Some(
                "answers are left out, their digests stay: `baseline.answers: auto` keeps them in private repositories only, \
                 and whether this one is private is not known here; `keep` keeps them"
                    .to_owned(),
            ),
        ),
    }
}

impl Keeping {
    /// Writes the files into a folder of the repository, for a person to commit. Where one of them is there with other
    /// content, nothing is written.
    pub fn below(self, root: &Path, folder: &str) -> Result<Shelved, GateError> {
        let mut kept = Shelved {
            notices: self.notices,
            ..Shelved::default()
        };
        let place = |path: &str| place(root, &format!("{folder}/{path}"));
        let lock = place(&self.lock)?;
        let _turn = disk::turn_in(&root.join(folder))?;
        let former = disk::read(&lock.path)?;
        lock_of(former.as_deref(), &lock.shown)?;
        let mut new = Vec::new();
        for file in &self.files {
            let place = place(&file.path)?;
            if place.holds(&file.bytes)? {
                kept.already.push(place.shown);
            } else {
                new.push((place, &file.bytes));
            }
        }
        for (place, bytes) in new {
            // Who cannot wait for a turn may still have been faster.
            if disk::write_new(&place.path, bytes)? {
                kept.stored.push(place.shown);
            } else if place.holds(bytes)? {
                kept.already.push(place.shown);
            } else {
                return Err(occupied(&format!("{} was there", place.shown)));
            }
        }
        let revised = with_models(former.as_deref(), &self.models);
        if let Some(bytes) = revised.filter(|now| Some(now) != former.as_ref()) {
            disk::write(&lock.path, &bytes)?;
            kept.stored.push(lock.shown);
        }
        Ok(kept)
    }

    /// Adds the files to the branch, which is never forced.
    pub async fn on_branch(self, github: &GitHub, branch: &str) -> Result<Shelved, GateError> {
        let store = BranchStore::new(github, branch);
        let before = store.list().await?;
        if before.contains(&self.lock) {
            lock_of(store.read(&self.lock).await?.as_deref(), &self.lock)?;
        }
        let lock = Revised {
            path: self.lock,
            revise: &|former| with_models(former, &self.models),
        };
        let put = store.put(&self.files, Some(&lock), &self.message).await;
        if let Err(StoreError::Occupied { path, branch }) = &put {
            return Err(occupied(&format!("{path} is on the branch `{branch}`")));
        }
        put?;
        let paths = self.files.into_iter().map(|file| file.path);
        let (already, stored) = paths.partition(|path| before.contains(path));
        Ok(Shelved {
            stored,
            already,
            notices: self.notices,
        })
    }
}

/// Where a file of the repository goes.
struct FilePlace {
    path: PathBuf,
    /// As people know it.
    shown: String,
}

impl FilePlace {
    /// Whether the file is there with this content; one with other content is never replaced.
    fn holds(&self, bytes: &[u8]) -> Result<bool, GateError> {
        match disk::read(&self.path)? {
            None => Ok(false),
            Some(there) if there == bytes => Ok(true),
            Some(_) => Err(occupied(&format!("{} is there", self.shown))),
        }
    }
}

/// The place of a file, to which no link leads: whoever reads records at a commit finds the link there, and no records.
fn place(root: &Path, shown: &str) -> Result<FilePlace, GateError> {
    if let Some(link) = disk::link_below(root, Path::new(shown)) {
        return Err(GateError::Usage(format!(
            "`{link}` is a symbolic link, and records are not stored through one, for a commit holds the link alone: put a \
             folder in its place, or name the folder that it leads to as `baseline.path`"
        )));
    }
    Ok(FilePlace {
        path: root.join(shown),
        shown: shown.to_owned(),
    })
}

/// What to do where another record has the name, given where it is.
fn occupied(there: &str) -> GateError {
    GateError::Usage(format!(
        "{there} already with other content, and records never change; measure again at another commit, or remove the file \
         if nobody relies on it"
    ))
}
