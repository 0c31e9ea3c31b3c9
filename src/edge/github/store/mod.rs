//! The branch that keeps baselines: one immutable file per record, written through git's data API without a clone.
//!
//! Writers never edit the same bytes; only the branch's tip is contended, and it moves by fast-forward alone: no
//! update is ever forced. Decides nothing about what the files mean.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::client::GitHub;
use super::error::{Cause, GitHubError};
use super::limits::jitter;
use super::route::path as encoded;
use crate::edge::CommitSha;

mod write;

use write::Setback;

const MOST_TRIES: u32 = 8;
const MOST_OUTAGES: u32 = 3;

/// Files on a branch of the repository.
pub struct BranchStore<'a> {
    github: &'a GitHub,
    branch: String,
    known: Mutex<Known>,
}

/// What we have seen of the branch.
#[derive(Default)]
struct Known {
    /// The tip that we made. GitHub may show an older one for half a minute.
    tip: Option<CommitSha>,
    blobs: BTreeMap<String, String>,
}

/// A file to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path on the branch.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A file that is made anew from what it is at the tip, at each try; nothing leaves it as it is.
pub struct Revised<'f> {
    /// Its path on the branch.
    pub path: String,
    /// Its content, given the present one.
    pub revise: &'f Revision<'f>,
}

/// What a file becomes, given its present content.
pub(super) type Revision<'f> = dyn Fn(Option<&[u8]>) -> Option<Vec<u8>> + 'f;

/// Why the branch could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// GitHub did not list all of it.
    #[error(
        "GitHub does not list all files of the branch `{0}`, which are too many (100,000, or 7 MB of names): remove old records in a commit to it, or name a new branch as `baseline.branch`, which the next push fills"
    )]
    Truncated(String),
    /// A record cannot be replaced.
    #[error(
        "`{path}` is on the branch `{branch}` already with other content, and records never change: another job of the same run has stored it. Give each gate a `report.id` of its own, or let one job store (`baseline: read` in the others)"
    )]
    Occupied {
        /// The file.
        path: String,
        /// The branch.
        branch: String,
    },
    /// A rule of the repository forbids the update.
    #[error(
        "a rule of the repository forbids to update the branch `{branch}`: {detail}; leave this branch out of the rule, or pass the token of a GitHub App that may bypass it as `baseline-token`"
    )]
    Protected {
        /// The branch.
        branch: String,
        /// GitHub's words.
        detail: String,
    },
    /// 403 or 404 on a write.
    #[error(
        "the token may not write the branch `{branch}`; add `contents: write` to the permissions of the job that writes baselines"
    )]
    Forbidden {
        /// The branch.
        branch: String,
        /// What happened.
        #[source]
        source: GitHubError,
    },
    /// Other writers were faster each time.
    #[error(
        "the branch `{branch}` moved during each of {MOST_TRIES} tries to write it: {detail}; re-run the job"
    )]
    Contended {
        /// The branch.
        branch: String,
        /// GitHub's last words.
        detail: String,
    },
    /// Anything else.
    #[error("cannot use the branch `{branch}`")]
    Failed {
        /// The branch.
        branch: String,
        /// What happened.
        #[source]
        source: GitHubError,
    },
}

impl StoreError {
    /// Whether trying again later may help.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Truncated(_)
            | Self::Occupied { .. }
            | Self::Protected { .. }
            | Self::Forbidden { .. } => Cause::Refusal,
            Self::Contended { .. } => Cause::Outage,
            Self::Failed { source, .. } => source.cause(),
        }
    }
}

impl<'a> BranchStore<'a> {
    /// The store on a branch; asks for nothing yet.
    pub fn new(github: &'a GitHub, branch: &str) -> Self {
        Self {
            github,
            branch: branch.to_owned(),
            known: Mutex::default(),
        }
    }

    /// The paths of all files, in one request. A branch that does not exist has none.
    ///
    /// GitHub answers 404 both for a missing branch and for a repository that the token may not read.
    pub async fn list(&self) -> Result<Vec<String>, StoreError> {
        let tree = match self.github.tree_of(&self.name()).await {
            Ok(tree) => tree,
            Err(GitHubError::NotFound { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(self.failed(error)),
        };
        let paths = tree
            .entries
            .iter()
            .map(|entry| entry.path.clone())
            .collect();
        self.known().blobs.extend(
            tree.entries
                .into_iter()
                .map(|entry| (entry.path, entry.blob)),
        );
        if tree.truncated {
            return Err(StoreError::Truncated(self.branch.clone()));
        }
        Ok(paths)
    }

    /// The bytes of a file; `None` where the branch has no such file. Needs no list, but is faster after one.
    pub async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let blob = self.known().blobs.get(path).cloned();
        let bytes = match blob {
            Some(blob) => self.github.blob(&blob).await,
            None => self.github.read_at(path, &self.name()).await,
        };
        match bytes {
            Err(GitHubError::NotFound { .. }) => Ok(None),
            other => other.map(Some).map_err(|error| self.failed(error)),
        }
    }

    /// Adds files, and revises one, in one commit; returns the tip that holds them. Files that are there already with the same
    /// content are left as they are.
    pub async fn put(
        &self,
        files: &[NewFile],
        revised: Option<&Revised<'_>>,
        message: &str,
    ) -> Result<CommitSha, StoreError> {
        if let Some(file) = files.iter().find(|file| encoded(&file.path).is_none()) {
            return Err(self.failed(GitHubError::Path(file.path.clone())));
        }
        let (mut detail, mut outages) = (String::new(), 0);
        for round in 0..MOST_TRIES {
            match self.try_put(files, revised, message, round).await {
                Err(Setback::Moved(words)) => detail = words,
                Err(Setback::Lost(error)) => {
                    outages += 1;
                    if outages == MOST_OUTAGES {
                        return Err(self.failed(error));
                    }
                }
                Err(Setback::Final(error)) => return Err(error),
                Ok(tip) => {
                    self.known().tip = Some(tip.clone());
                    return Ok(tip);
                }
            }
            tokio::time::sleep(self.pause(round)).await;
        }
        Err(StoreError::Contended {
            branch: self.branch.clone(),
            detail,
        })
    }

    fn pause(&self, round: u32) -> Duration {
        let delay = self.github.timing().store_delay;
        jitter(delay, round, delay * 40)
    }

    fn failed(&self, source: GitHubError) -> StoreError {
        StoreError::Failed {
            branch: self.branch.clone(),
            source,
        }
    }

    /// What to read: the tip that we made, else the branch.
    fn name(&self) -> String {
        self.known()
            .tip
            .as_ref()
            .map_or_else(|| self.branch.clone(), ToString::to_string)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
