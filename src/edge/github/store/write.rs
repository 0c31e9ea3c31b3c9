//! One try to add files to the branch: read the tip, make a commit on it, move the branch there by fast-forward.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::error::GitHubError;
use super::super::route::segment;
use super::{BranchStore, NewFile, Revised, StoreError};
use crate::edge::{CommitSha, Tree};

/// Larger files are sent as blobs of their own, so that a tree stays a small request.
const LARGEST_INLINE: usize = 1024 * 1024;

/// Why one try to write came to nothing.
pub(super) enum Setback {
    /// The tip is not where it was; look again.
    Moved(String),
    /// The answer was lost; look whether it was carried out.
    Lost(GitHubError),
    /// Looking again does not help.
    Final(StoreError),
}

#[derive(Deserialize)]
struct Named {
    sha: String,
}

#[derive(Deserialize)]
struct RawRef {
    object: Named,
}

#[derive(Deserialize)]
struct RawCommit {
    tree: Named,
}

/// Where the branch stands: its tip with its tree, or nowhere yet.
type Tip = Option<(CommitSha, String)>;

impl BranchStore<'_> {
    /// Tries once: what the branch lacks becomes a commit, to which the branch is moved.
    pub(super) async fn try_put(
        &self,
        files: &[NewFile],
        revised: Option<&Revised<'_>>,
        message: &str,
        round: u32,
    ) -> Result<CommitSha, Setback> {
        let tip = self.tip(round).await?;
        let listed = self.listed(&tip).await?;
        let mut missing = self.missing(files, &tip, listed.as_ref()).await?;
        if let (Some((tip, _)), true) = (&tip, missing.is_empty()) {
            return Ok(tip.clone());
        }
        let revised = match revised {
            Some(revised) => self.revise(revised, listed.as_ref()).await?,
            None => None,
        };
        missing.extend(revised.as_ref());
        let commit = self.commit(&missing, &tip, message).await?;
        self.advance(&tip, &commit).await?;
        Ok(commit)
    }

    /// The tip: at first the one that we made, if any; then the one that GitHub shows.
    async fn tip(&self, round: u32) -> Result<Tip, Setback> {
        let own = self.known().tip.clone().filter(|_| round == 0);
        let shown = match own {
            Some(own) => Some(own),
            None => self.shown_tip().await?,
        };
        let Some(commit) = shown else { return Ok(None) };
        let doing = format!("reading commit {commit}");
        let raw: Result<RawCommit, _> = self
            .github
            .get_json(&doing, &format!("/git/commits/{commit}"))
            .await;
        let tree = raw.map_err(|error| self.setback(error))?.tree.sha;
        Ok(Some((commit, tree)))
    }

    async fn shown_tip(&self) -> Result<Option<CommitSha>, Setback> {
        let doing = format!("reading the branch {}", self.branch);
        let raw: Result<RawRef, _> = self.github.get_json(&doing, &self.ref_route("ref")).await;
        match raw {
            Err(GitHubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.setback(error)),
            Ok(raw) => {
                let commit = self.github.commit(&doing, &raw.object.sha);
                commit.map(Some).map_err(|error| self.setback(error))
            }
        }
    }

    async fn listed(&self, tip: &Tip) -> Result<Option<Tree>, Setback> {
        let Some((_, tree)) = tip else {
            return Ok(None);
        };
        let listed = self.github.tree_of(tree).await;
        listed.map(Some).map_err(|error| self.setback(error))
    }

    /// The file as it will be; none where it need not change, or where GitHub does not show what it is.
    async fn revise(
        &self,
        revised: &Revised<'_>,
        listed: Option<&Tree>,
    ) -> Result<Option<NewFile>, Setback> {
        let mut entries = listed.into_iter().flat_map(|listed| &listed.entries);
        let former = match entries.find(|entry| entry.path == revised.path) {
            None if listed.is_some_and(|listed| listed.truncated) => return Ok(None),
            None => None,
            Some(entry) => {
                let bytes = self.github.blob(&entry.blob).await;
                Some(bytes.map_err(|error| self.setback(error))?)
            }
        };
        let bytes = (revised.revise)(former.as_deref());
        Ok(bytes
            .filter(|bytes| Some(bytes) != former.as_ref())
            .map(|bytes| NewFile {
                path: revised.path.clone(),
                bytes,
            }))
    }

    /// The files that the tip does not have; an error where it has one with other content.
    async fn missing<'f>(
        &self,
        files: &'f [NewFile],
        tip: &Tip,
        listed: Option<&Tree>,
    ) -> Result<Vec<&'f NewFile>, Setback> {
        let (Some((commit, _)), Some(listed)) = (tip, listed) else {
            return Ok(files.iter().collect());
        };
        let entries = listed.entries.iter();
        let blobs: BTreeMap<&String, &String> =
            entries.map(|entry| (&entry.path, &entry.blob)).collect();
        let mut missing = Vec::new();
        for file in files {
            let stored = match blobs.get(&file.path) {
                Some(blob) => self.github.blob(blob).await.map(Some),
                None if listed.truncated => self.github.read(&file.path, commit).await,
                None => Ok(None),
            };
            match stored.map_err(|error| self.setback(error))? {
                None => missing.push(file),
                Some(bytes) if bytes == file.bytes => {}
                Some(_) => {
                    let (path, branch) = (file.path.clone(), self.branch.clone());
                    return Err(Setback::Final(StoreError::Occupied { path, branch }));
                }
            }
        }
        Ok(missing)
    }

    async fn commit(
        &self,
        files: &[&NewFile],
        tip: &Tip,
        message: &str,
    ) -> Result<CommitSha, Setback> {
        let mut entries = Vec::new();
        for file in files {
            entries.push(self.entry(file).await?);
        }
        let mut tree = json!({ "tree": entries });
        if let Some((_, base)) = tip {
            tree["base_tree"] = json!(base);
        }
        let tree = self.create("/git/trees", &tree).await?;
        let parents: Vec<&str> = tip.iter().map(|(commit, _)| commit.as_str()).collect();
        let commit = json!({ "message": message, "tree": tree, "parents": parents });
        let sha = self.create("/git/commits", &commit).await?;
        let commit = self.github.commit("committing", &sha);
        commit.map_err(|error| self.setback(error))
    }

    async fn entry(&self, file: &NewFile) -> Result<Value, Setback> {
        let mut entry = json!({ "path": file.path, "mode": "100644", "type": "blob" });
        match str::from_utf8(&file.bytes) {
            Ok(text) if text.len() <= LARGEST_INLINE => entry["content"] = json!(text),
            Ok(_) | Err(_) => {
                let blob = json!({ "content": STANDARD.encode(&file.bytes), "encoding": "base64" });
                entry["sha"] = json!(self.create("/git/blobs", &blob).await?);
            }
        }
        Ok(entry)
    }

    async fn create(&self, route: &str, body: &Value) -> Result<String, Setback> {
        let doing = format!("writing to {route} for the branch {}", self.branch);
        let named: Result<Named, _> = self.github.post(&doing, route, body).await;
        named
            .map(|named| named.sha)
            .map_err(|error| self.refused(error))
    }

    /// Moves the branch from its tip to the commit, or creates it there.
    async fn advance(&self, tip: &Tip, commit: &CommitSha) -> Result<(), Setback> {
        let doing = format!("moving the branch {}", self.branch);
        let moved: Result<Value, _> = if tip.is_some() {
            let body = json!({ "sha": commit.as_str(), "force": false });
            self.github
                .patch(&doing, &self.ref_route("refs"), &body)
                .await
        } else {
            let name = format!("refs/heads/{}", self.branch);
            let body = json!({ "ref": name, "sha": commit.as_str() });
            self.github.post(&doing, "/git/refs", &body).await
        };
        match moved {
            Ok(_) => Ok(()),
            Err(GitHubError::Refused {
                status: 409 | 422,
                detail,
                ..
            }) => Err(self.standstill(detail)),
            Err(error) => Err(self.refused(error)),
        }
    }

    /// A moved tip and a forbidding rule share a status; only GitHub's words tell them apart.
    fn standstill(&self, detail: String) -> Setback {
        let words = detail.to_lowercase();
        let rule = ["protected branch", "rule violation", "gh006", "gh013"];
        if rule.iter().any(|mark| words.contains(mark)) {
            let branch = self.branch.clone();
            return Setback::Final(StoreError::Protected { branch, detail });
        }
        Setback::Moved(detail)
    }

    /// An error of a write.
    fn refused(&self, error: GitHubError) -> Setback {
        if matches!(
            error,
            GitHubError::Forbidden { .. } | GitHubError::NotFound { .. }
        ) {
            let branch = self.branch.clone();
            return Setback::Final(StoreError::Forbidden {
                branch,
                source: error,
            });
        }
        self.setback(error)
    }

    fn setback(&self, error: GitHubError) -> Setback {
        if matches!(error, GitHubError::Outage { .. }) {
            return Setback::Lost(error);
        }
        Setback::Final(self.failed(error))
    }

    fn ref_route(&self, kind: &str) -> String {
        let branch = self
            .branch
            .split('/')
            .map(segment)
            .collect::<Vec<_>>()
            .join("/");
        format!("/git/{kind}/heads/{branch}")
    }
}
