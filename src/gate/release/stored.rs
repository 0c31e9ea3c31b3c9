//! Finds the record of a release where baselines are kept: the newest one of the agent that is of the very model.

use std::path::Path;

use jiff::Timestamp;

use super::{Approval, Release, verify};
use crate::agent::{AgentName, Candidate};
use crate::config::{Config, Store};
use crate::edge::git::Repository;
use crate::edge::github::{BranchStore, GitHub};
use crate::gate::GateError;
use crate::gate::record_name::{by_agent, run_and_attempt};
use crate::gate::record_order::newest_last;
use crate::gate::record_store::{LocalRecords, RecordStore};
use crate::gate::side::Side;
use crate::gate::since::USUAL_REMOTE;
use crate::gate::stored::record_at;
use crate::score::digest;

/// Records of an agent that are opened before the search ends: as many requests.
const MOST_OPENED: usize = 100;

/// Where stored records are read.
#[derive(Clone, Copy)]
pub enum Shelf<'a> {
    /// The repository on this machine: the branch as it was fetched, or the folder as it lies on the disk.
    Here(&'a Path),
    /// The branch behind the forge's API; a folder is read on this machine.
    Forge(&'a Path, &'a GitHub),
}

/// Whether what is stored approves a release, agent by agent: the one that is named, or each of the configuration. Without a
/// model ID that of today's files is meant.
pub async fn verify_stored(
    shelf: Shelf<'_>,
    side: &Side,
    release: &Release,
    now: Timestamp,
) -> Result<Vec<(AgentName, Approval)>, GateError> {
    let names: Vec<AgentName> = match &release.agent {
        Some(name) => vec![name.clone()],
        None => side
            .stands
            .iter()
            .map(|stand| stand.agent.name.clone())
            .collect(),
    };
    let known = side.stands.iter().map(|stand| stand.agent.name.as_str());
    if let Some(unknown) = names.iter().find(|name| side.stand(name).is_none()) {
        return Err(GateError::no_agent(unknown, known));
    }
    if let Some(problems) = side.suite_problems() {
        return Err(GateError::Problems(problems));
    }
    let repository;
    let store = match (&side.config.baseline.store, shelf) {
        (Store::Path(folder), Shelf::Here(root) | Shelf::Forge(root, _)) => {
            RecordStore::disk(root, folder)
        }
        (Store::Branch(branch), Shelf::Forge(_, github)) => {
            RecordStore::Remote(github, BranchStore::new(github, branch))
        }
        (Store::Branch(branch), Shelf::Here(root)) => {
            repository = Repository::open(root)?;
            RecordStore::Local(fetched(&repository, branch)?)
        }
    };
    approvals(&store, side, (&names, release), now).await
}

fn fetched<'r>(repository: &'r Repository, branch: &str) -> Result<LocalRecords<'r>, GateError> {
    LocalRecords::find(repository, branch, USUAL_REMOTE)?.ok_or_else(|| {
        GateError::NotFetched {
            branch: branch.to_owned(),
            remote: USUAL_REMOTE,
            way_on: "GITHUB_REPOSITORY and GITHUB_TOKEN let it be read from the forge, and `--record FILE` names a record",
        }
    })
}

async fn approvals(
    store: &RecordStore<'_>,
    side: &Side,
    (names, release): (&[AgentName], &Release),
    now: Timestamp,
) -> Result<Vec<(AgentName, Approval)>, GateError> {
    let paths = store.list().await?;
    let mut approvals = Vec::new();
    for name in names {
        let wanted = Wanted::of(side, name, release.model.as_deref())?;
        let approval = match relied_on(wanted.find(store, &paths, &side.config).await)? {
            Ok(bytes) => {
                let release = Release {
                    agent: Some(name.clone()),
                    model: Some(wanted.model),
                    ..release.clone()
                };
                verify(side, &bytes, &release, now)?
            }
            Err(why) => Approval::refused(why),
        };
        approvals.push((name.clone(), approval));
    }
    Ok(approvals)
}

/// Nothing that was changed or moved is passed over in favour of another: it is a refusal, and no fault of the store.
fn relied_on(
    found: Result<Result<Vec<u8>, String>, GateError>,
) -> Result<Result<Vec<u8>, String>, GateError> {
    match found {
        Err(why @ (GateError::Baseline { .. } | GateError::Misplaced { .. })) => {
            Ok(Err(why.to_string()))
        }
        Ok(_) | Err(_) => found,
    }
}

/// The model of which a record is wanted.
struct Wanted<'a> {
    name: &'a AgentName,
    model: String,
    /// Digest of model ID, system prompt and parameters of today.
    candidate: String,
}

impl<'a> Wanted<'a> {
    fn of(side: &Side, name: &'a AgentName, model: Option<&str>) -> Result<Self, GateError> {
        let stand = side.stand(name);
        let candidate = stand.map(|stand| stand.candidate.clone()).transpose();
        let candidate = candidate.map_err(|why| GateError::Candidate {
            agent: name.clone(),
            why,
        })?;
        let today = candidate.unwrap_or_else(|| Candidate {
            model: String::new(),
            system: None,
            parameters: crate::agent::Parameters::default(),
        });
        let candidate = Candidate {
            model: model.map_or(today.model, str::to_owned),
            ..today
        };
        Ok(Self {
            name,
            candidate: digest(&candidate)?.to_string(),
            model: candidate.model,
        })
    }

    /// The newest record of this very candidate, else the newest of its model ID; or why there is none.
    async fn find(
        &self,
        store: &RecordStore<'_>,
        paths: &[String],
        config: &Config,
    ) -> Result<Result<Vec<u8>, String>, GateError> {
        let name = self.name;
        let mut by_agent = by_agent(paths, &config.report.id);
        let own = by_agent.remove(name.as_str()).unwrap_or_default();
        let mut newest = None;
        let mut of_model = None;
        for path in newest_first(store, own)
            .await?
            .into_iter()
            .take(MOST_OPENED)
        {
            let (file, record) = record_at(store, path).await?;
            let Some(agent) = record.agent(name) else {
                continue;
            };
            if agent.candidate_digest == self.candidate {
                return Ok(Ok(file.bytes));
            }
            if agent.model == self.model {
                of_model.get_or_insert(file.bytes);
            }
            newest.get_or_insert_with(|| agent.model.clone());
        }
        Ok(of_model.ok_or_else(|| match newest {
            Some(newest) => format!(
                "no stored record of {name} is of `{}`; the newest is of `{newest}`",
                self.model
            ),
            None => format!("no record of {name} is stored"),
        }))
    }
}

/// Records of any commit in their order. Numbers of runs grow: records are opened for that only where one has no number.
async fn newest_first<'p>(
    store: &RecordStore<'_>,
    paths: Vec<&'p String>,
) -> Result<Vec<&'p String>, GateError> {
    let numbered = paths.iter().all(|path| run_and_attempt(path).is_some());
    if numbered {
        let mut paths = paths;
        paths.sort_by_key(|path| std::cmp::Reverse(run_and_attempt(path)));
        return Ok(paths);
    }
    let mut made = Vec::new();
    for path in paths {
        made.push((path, record_at(store, path).await?.1.created));
    }
    let ordered = newest_last(made, |(path, created)| (path, created));
    Ok(ordered.into_iter().rev().map(|(path, _)| path).collect())
}
