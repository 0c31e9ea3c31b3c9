//! Finds the stored baseline of each agent, on the data branch or in a folder of the repository.
//!
//! A record that cannot be relied on is an error, never "no baseline".

use std::collections::{BTreeMap, BTreeSet};

use super::GateError;
use super::record_name::{Index, answers_of, index, run_and_attempt};
use super::record_order::newest_last;
use super::record_store::RecordStore;
use super::stored::{Stored, StoredFile, record_at};
use crate::agent::{AgentName, Candidate};
use crate::baseline::Baseline;
use crate::edge::CommitSha;
use crate::record::RunRecord;
use crate::score::digest;

/// Commits that are looked through for a record: ten requests.
const MOST_PAGES: u32 = 10;

/// An agent whose baseline is wanted, with what it comes to on the deciding side.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a AgentName,
    pub(super) candidate: Option<&'a Candidate>,
    /// Whether its words are wanted too, and the answers beside them.
    pub(super) words: bool,
}

/// A baseline that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) baseline: Baseline,
    /// Where its words are read, if they are wanted.
    pub(super) stored: Option<Stored>,
}

/// The baseline of each agent, or why there is none.
pub(super) type FoundByAgent = BTreeMap<AgentName, Result<Found, String>>;

/// The newest record of each agent at or before a commit, of the very candidate that the deciding side has.
pub(super) async fn find(
    store: &RecordStore<'_>,
    gate_id: &str,
    wanted: &[Wanted<'_>],
    from: &CommitSha,
) -> Result<FoundByAgent, GateError> {
    let paths = store.list().await?;
    let shelf = Shelf {
        store,
        paths: &paths,
        index: index(&paths, gate_id),
    };
    let mut found = BTreeMap::new();
    let mut open: Vec<&Wanted<'_>> = Vec::new();
    for one in wanted {
        if shelf.index.contains_key(one.name.as_str()) {
            open.push(one);
        } else {
            found.insert(one.name.clone(), Err("no record is stored yet".to_owned()));
        }
    }
    for page in 1..=MOST_PAGES {
        if open.is_empty() {
            break;
        }
        let commits = store.ancestors(from, page).await?;
        for commit in &commits {
            shelf.settle(commit, &mut open, &mut found).await?;
        }
        if commits.is_empty() {
            break;
        }
    }
    for one in open {
        let why = "no record of the base's model is stored at or before the commit where the pull request began";
        found.insert(one.name.clone(), Err(why.to_owned()));
    }
    Ok(found)
}

/// The record of each agent at the commit that the configuration pins, of whatever model it is. An agent that has none
/// there is left out.
pub(super) async fn pinned(
    store: &RecordStore<'_>,
    gate_id: &str,
    names: &[&AgentName],
    commit: &str,
) -> Result<BTreeMap<AgentName, Found>, GateError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let paths = store.list().await?;
    let shelf = Shelf {
        store,
        paths: &paths,
        index: index(&paths, gate_id),
    };
    let meant = shelf.meant_by(commit)?;
    let mut found = BTreeMap::new();
    for name in names {
        let commits = shelf.index.get(name.as_str());
        let Some(paths) = commits.and_then(|commits| commits.get(meant)) else {
            continue;
        };
        let paths = shelf.newest_first(paths).await?;
        let Some(path) = paths.first() else { continue };
        let (file, record) = record_at(store, path).await?;
        let place = record.agents.iter().position(|agent| agent.name == **name);
        let answers = shelf.answers(path).await?;
        let stored = place.zip(answers).map(|(agent, answers)| Stored {
            record: file,
            agent,
            answers: Some(answers),
        });
        let baseline = Baseline::new(record, store.shown(path));
        found.insert((*name).clone(), Found { baseline, stored });
    }
    Ok(found)
}

/// The store as it was listed.
struct Shelf<'s> {
    store: &'s RecordStore<'s>,
    paths: &'s [String],
    index: Index<'s>,
}

impl Shelf<'_> {
    /// The commit that a pin is, or begins. One agent's records cannot tell: another one's may be of another commit.
    fn meant_by(&self, pin: &str) -> Result<&str, GateError> {
        let commits = self.index.values().flat_map(BTreeMap::keys);
        let meant: BTreeSet<&str> = commits
            .copied()
            .filter(|known| known.starts_with(pin))
            .collect();
        let all: Vec<&str> = meant.into_iter().collect();
        match all.as_slice() {
            [one] => Ok(one),
            [] => Err(GateError::Usage(format!(
                "`baseline.pinned` names the commit {pin}, of which no record is stored; `tunegate baseline history` lists \
                 what is stored, and `none` pins nothing"
            ))),
            several => Err(GateError::Usage(format!(
                "`baseline.pinned` is {pin}, with which several commits begin of which records are stored: {}; write more \
                 of its digits",
                several.join(", ")
            ))),
        }
    }

    async fn settle(
        &self,
        commit: &CommitSha,
        open: &mut Vec<&Wanted<'_>>,
        found: &mut FoundByAgent,
    ) -> Result<(), GateError> {
        let mut settled = Vec::new();
        for one in open.iter() {
            let commits = self.index.get(one.name.as_str());
            let paths = commits.and_then(|commits| commits.get(commit.as_str()));
            let Some(paths) = paths else { continue };
            let of_it = match self.newest(paths, one).await {
                // A base model only shows: its record ends no run, and the next push measures it anew.
                Err(why) if one.name.is_beside() => Some(Err(why.to_string())),
                read => read?.map(Ok),
            };
            if let Some(of_it) = of_it {
                found.insert(one.name.clone(), of_it);
                settled.push(one.name.clone());
            }
        }
        open.retain(|one| !settled.contains(one.name));
        Ok(())
    }

    /// The newest of the records of a commit that is of the model that is wanted.
    async fn newest(
        &self,
        paths: &[&String],
        wanted: &Wanted<'_>,
    ) -> Result<Option<Found>, GateError> {
        for path in self.newest_first(paths).await? {
            if let Some(found) = self.read(path, wanted).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The records of a commit in their order. They are opened for that only where their names do not say it.
    async fn newest_first<'p>(&self, paths: &[&'p String]) -> Result<Vec<&'p String>, GateError> {
        let by_time = paths.len() > 1 && paths.iter().any(|path| run_and_attempt(path).is_none());
        let mut made = Vec::new();
        for path in paths {
            let created = if by_time {
                record_at(self.store, path).await?.1.created
            } else {
                String::new()
            };
            made.push((*path, created));
        }
        let ordered = newest_last(made, |(path, created)| (path, created));
        Ok(ordered.into_iter().rev().map(|(path, _)| path).collect())
    }

    /// Reads a record, and what lies beside it, if it is of the model that is wanted.
    async fn read(&self, path: &str, wanted: &Wanted<'_>) -> Result<Option<Found>, GateError> {
        let (file, record) = record_at(self.store, path).await?;
        let Some(agent) = place(&record, wanted)? else {
            return Ok(None);
        };
        let stored = if wanted.words {
            let answers = self.answers(path).await?;
            let record = file;
            Some(Stored {
                record,
                agent,
                answers,
            })
        } else {
            None
        };
        let origin = self.store.shown(path);
        let baseline = Baseline::new(record, origin);
        Ok(Some(Found { baseline, stored }))
    }

    async fn answers(&self, record: &str) -> Result<Option<StoredFile>, GateError> {
        let path = answers_of(record);
        if !self.paths.contains(&path) {
            return Ok(None);
        }
        let bytes = self.store.read(&path).await?;
        Ok(bytes.map(|bytes| StoredFile {
            path: self.store.shown(&path),
            bytes,
        }))
    }
}

/// Where the record has the agent, if it is a whole run's and of the model that is wanted.
fn place(record: &RunRecord, wanted: &Wanted<'_>) -> Result<Option<usize>, GateError> {
    let (Some(candidate), None) = (wanted.candidate, record.shard) else {
        return Ok(None);
    };
    let candidate = digest(candidate)?.to_string();
    let mut agents = record.agents.iter();
    let place = agents.position(|agent| agent.name == *wanted.name);
    let agent = place.and_then(|place| record.agents.get(place));
    Ok(place.filter(|_| agent.is_some_and(|agent| agent.candidate_digest == candidate)))
}
