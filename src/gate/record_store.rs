//! The branch that stores baselines, and the history that says which of its records count: behind the API, or in the
//! repository on this machine.

use std::collections::BTreeMap;

use super::GateError;
use crate::edge::CommitSha;
use crate::edge::git::{Branch, Repository};
use crate::edge::github::{BranchStore, GitHub};

/// Where baselines are read from.
pub(super) enum RecordStore<'a> {
    /// The branch on GitHub.
    Remote(&'a GitHub, BranchStore<'a>),
    /// What was fetched of it.
    Local(LocalRecords<'a>),
}

/// The records of the branch on this machine.
pub(super) struct LocalRecords<'a> {
    repository: &'a Repository,
    /// The blob of each record.
    blobs: BTreeMap<String, String>,
    /// The branches that they are on, in words.
    pub(super) origin: String,
}

impl<'a> RecordStore<'a> {
    /// The branch on GitHub; nothing is asked yet.
    pub(super) fn remote(github: &'a GitHub, branch: &str) -> Self {
        Self::Remote(github, BranchStore::new(github, branch))
    }

    /// The paths of all records.
    pub(super) async fn list(&self) -> Result<Vec<String>, GateError> {
        match self {
            Self::Remote(_, branch) => Ok(branch.list().await?),
            Self::Local(local) => Ok(local.blobs.keys().cloned().collect()),
        }
    }

    /// The bytes of a record; `None` where it is not there.
    pub(super) async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GateError> {
        match self {
            Self::Remote(_, branch) => Ok(branch.read(path).await?),
            Self::Local(local) => match local.blobs.get(path) {
                Some(blob) => Ok(Some(local.repository.blob(blob)?)),
                None => Ok(None),
            },
        }
    }

    /// A commit and its ancestors, newest first, by page from 1; an empty page is past the end.
    pub(super) async fn ancestors(
        &self,
        commit: &CommitSha,
        page: u32,
    ) -> Result<Vec<CommitSha>, GateError> {
        match self {
            Self::Remote(github, _) => Ok(github.ancestors(commit, page).await?),
            Self::Local(local) => Ok(local.repository.ancestors(commit, page)?),
        }
    }
}

impl<'a> LocalRecords<'a> {
    /// What is here of the branch: one of this repository, and the one that was fetched from a remote. A record never
    /// changes, so all that either has count. `None` where neither is there.
    pub(super) fn find(
        repository: &'a Repository,
        branch: &str,
        remote: &str,
    ) -> Result<Option<Self>, GateError> {
        let found = repository.branches(branch)?;
        let of_remote = |one: &&Branch| one.remote.as_deref() == Some(remote);
        let fetched = found
            .iter()
            .find(of_remote)
            .or_else(|| found.iter().find(|one| one.remote.is_some()));
        let own = found.iter().find(|one| one.remote.is_none());
        let (mut blobs, mut origins) = (BTreeMap::new(), Vec::new());
        for one in fetched.into_iter().chain(own) {
            let tree = repository.tree(&one.tip)?;
            let records = tree.entries.iter();
            blobs.extend(records.map(|entry| (entry.path.clone(), entry.blob.clone())));
            let short: String = one.tip.as_str().chars().take(7).collect();
            let name = one.remote.as_ref().map(|remote| format!("{remote}/"));
            origins.push(format!("`{}{branch}` ({short})", name.unwrap_or_default()));
        }
        Ok((!origins.is_empty()).then(|| Self {
            repository,
            blobs,
            origin: origins.join(" and "),
        }))
    }
}
