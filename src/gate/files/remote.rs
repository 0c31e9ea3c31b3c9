//! The files of a repository's commits, behind the API.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::state::is_json_lines;
use crate::edge::github::{GitHub, GitHubError};
use crate::edge::{CommitSha, Tree};
use crate::gate::GateError;

/// A repository behind the API. What was read once is not asked for again: both sides of a change share most files,
/// and a job's token has a thousand requests an hour.
#[derive(Debug)]
pub struct Remote<'a> {
    github: &'a GitHub,
    read: RefCell<BTreeMap<Place, Option<Vec<u8>>>>,
    trees: RefCell<BTreeMap<CommitSha, Rc<Tree>>>,
    small: RefCell<BTreeMap<String, Vec<u8>>>,
}

/// Blobs up to this size are kept once they were read.
const SMALL: usize = 4096;

/// A file of a commit.
type Place = (CommitSha, String);

impl<'a> Remote<'a> {
    /// Nothing is read yet.
    pub fn new(github: &'a GitHub) -> Self {
        Self {
            github,
            read: RefCell::default(),
            trees: RefCell::default(),
            small: RefCell::default(),
        }
    }

    /// Every file of a commit, or why not all of them can be told; a token that nobody accepts is an error.
    pub(in crate::gate) async fn tree(
        &self,
        commit: &CommitSha,
    ) -> Result<Result<Rc<Tree>, String>, GateError> {
        let known = self.trees.borrow().get(commit).cloned();
        if let Some(tree) = known {
            return Ok(Ok(tree));
        }
        let tree = match self.github.tree(commit).await {
            Ok(tree) if tree.truncated => {
                return Ok(Err(format!("GitHub does not list all files of {commit}")));
            }
            Ok(tree) => Rc::new(tree),
            Err(error) if error.is_unauthorized() => return Err(error.into()),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut trees = self.trees.borrow_mut();
        trees.insert(commit.clone(), Rc::clone(&tree));
        Ok(Ok(tree))
    }

    /// The bytes of a blob.
    pub(in crate::gate) async fn blob(&self, blob: &str) -> Result<Vec<u8>, GitHubError> {
        let known = self.small.borrow().get(blob).cloned();
        if let Some(bytes) = known {
            return Ok(bytes);
        }
        let bytes = self.github.blob(blob).await?;
        if bytes.len() <= SMALL {
            let mut small = self.small.borrow_mut();
            small.insert(blob.to_owned(), bytes.clone());
        }
        Ok(bytes)
    }

    pub(super) async fn read(
        &self,
        path: &str,
        commit: &CommitSha,
    ) -> Result<Option<Vec<u8>>, GateError> {
        let key = (commit.clone(), path.to_owned());
        let known = self.read.borrow().get(&key).cloned();
        if let Some(bytes) = known {
            return Ok(bytes);
        }
        let bytes = self.github.read(path, commit).await?;
        self.read.borrow_mut().insert(key, bytes.clone());
        Ok(bytes)
    }

    /// The files of a folder whose names end in `.jsonl`, by path.
    pub(super) async fn json_lines_in(
        &self,
        folder: &str,
        commit: &CommitSha,
    ) -> Result<Vec<(String, Vec<u8>)>, GateError> {
        let tree = self.github.tree(commit).await?;
        let inside = tree
            .entries
            .iter()
            .filter(|entry| is_json_lines(&entry.path, folder));
        let mut found = Vec::new();
        for entry in inside {
            found.push((entry.path.clone(), self.github.blob(&entry.blob).await?));
        }
        Ok(found)
    }
}
