//! What is stored of each agent in the repository on this machine, oldest first: on the branch as it was fetched, or in the
//! folder as it lies on the disk.

use std::collections::BTreeSet;
use std::path::Path;

use super::GateError;
use super::record_name::{Series, answers_of, by_agent, drift_by_agent};
use super::record_order::newest_last;
use super::record_store::{LocalRecords, RecordStore};
use super::since::USUAL_REMOTE;
use super::stored::record_at;
use crate::agent::AgentName;
use crate::config::{Config, Store};
use crate::edge::git::Repository;
use crate::record::AgentRecord;
use crate::report::history::{History, Step};

/// What is stored.
#[derive(Debug, Default)]
pub struct Stored {
    /// Agent by agent.
    pub histories: Vec<History>,
    /// Records that cannot be relied on: where, and why.
    pub broken: Vec<String>,
    /// Where it was read from, for people.
    pub origin: String,
}

/// The records of the agents, or of one of them.
pub async fn stored(
    root: &Path,
    config: &Config,
    only: Option<&AgentName>,
) -> Result<Stored, GateError> {
    match &config.baseline.store {
        Store::Path(folder) => {
            let origin = format!("`{folder}/` on this disk");
            read((RecordStore::disk(root, folder), origin), config, only).await
        }
        Store::Branch(branch) => {
            let repository = Repository::open(root)?;
            let Some(records) = LocalRecords::find(&repository, branch, USUAL_REMOTE)? else {
                return Err(GateError::NotFetched {
                    branch: branch.clone(),
                    remote: USUAL_REMOTE,
                    way_on: "and the first push of a gated branch makes it",
                });
            };
            let origin = records.origin.clone();
            read((RecordStore::Local(records), origin), config, only).await
        }
    }
}

async fn read(
    (store, origin): (RecordStore<'_>, String),
    config: &Config,
    only: Option<&AgentName>,
) -> Result<Stored, GateError> {
    let mut stored = Stored {
        origin,
        ..Stored::default()
    };
    let paths = store.list().await?;
    let all: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    let gate_id = &config.report.id;
    let mut by_agent = by_agent(&paths, gate_id);
    for (name, drift) in drift_by_agent(&paths, gate_id) {
        by_agent.entry(name).or_default().extend(drift);
    }
    if let Some(only) = only {
        // One that the configuration has no more keeps its records.
        let configured = config.agents.iter().map(|agent| agent.name.as_str());
        let known: BTreeSet<&str> = configured.chain(by_agent.keys().copied()).collect();
        if !known.contains(only.as_str()) {
            return Err(GateError::no_agent(only, known.into_iter()));
        }
    }
    for (name, paths) in by_agent {
        let Some(agent) = AgentName::new(name) else {
            continue;
        };
        if only.is_some_and(|only| *only != agent) {
            continue;
        }
        let mut steps = Vec::new();
        for path in paths {
            let kept = all.contains(answers_of(path).as_str());
            match step(&store, path, &agent, kept).await {
                Ok(step) => steps.extend(step),
                Err(why) => stored.broken.push(why.to_string()),
            }
        }
        let steps = newest_last(steps, |step| (&step.path, &step.created));
        stored.histories.push(History { agent, steps });
    }
    Ok(stored)
}

async fn step(
    store: &RecordStore<'_>,
    path: &str,
    agent: &AgentName,
    answers: bool,
) -> Result<Option<Step>, GateError> {
    let (file, record) = record_at(store, path).await?;
    let measured: Option<&AgentRecord> = record.agent(agent);
    Ok(measured.map(|measured| Step {
        path: file.path,
        commit: record.source.commit.clone().unwrap_or_default(),
        created: record.created.clone(),
        model: measured.model.clone(),
        score: measured.score,
        interval: measured.interval,
        prompts: measured.counts.cases,
        answers,
        kept_because: record.kept_because.clone(),
        scheduled: Series::of(path) == Some(Series::Drift),
    }))
}
