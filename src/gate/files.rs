//! Where the files of one side of a change are read from.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::GateError;
use crate::change::ChangedFiles;
use crate::edge::disk;
use crate::edge::github::{CommitSha, GitHub, GitHubError, Tree};
use crate::problem::Problem;
use crate::suite::ReadAt;

/// A file of cases beyond this stays where it is and is read case by case; a smaller one is read once and kept.
const MOST_KEPT: u64 = 4 * 1024 * 1024;

/// A set of files, read by paths relative to the repository's root.
#[derive(Debug)]
pub enum Files<'a> {
    /// A working tree.
    Disk(PathBuf),
    /// Files that came with the program.
    Embedded(BTreeMap<String, Vec<u8>>),
    /// A commit, through the API: no checkout is needed, and none can be tampered with.
    Commit(&'a Remote<'a>, CommitSha),
    /// A commit as it will be after the merge: what the pull request changed from its head, the rest from its base. A
    /// branch that is behind its base does not bring old files back.
    Merged {
        /// The API.
        remote: &'a Remote<'a>,
        /// The side that decides.
        base: CommitSha,
        /// The side that is judged.
        head: CommitSha,
        /// What differs.
        changed: &'a ChangedFiles,
    },
}

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
    pub(super) async fn tree(
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
    pub(super) async fn blob(&self, blob: &str) -> Result<Vec<u8>, GitHubError> {
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

    async fn read(&self, path: &str, commit: &CommitSha) -> Result<Option<Vec<u8>>, GateError> {
        let key = (commit.clone(), path.to_owned());
        let known = self.read.borrow().get(&key).cloned();
        if let Some(bytes) = known {
            return Ok(bytes);
        }
        let bytes = self.github.read(path, commit).await?;
        self.read.borrow_mut().insert(key, bytes.clone());
        Ok(bytes)
    }
}

/// A file of cases.
pub(super) enum CaseFile {
    /// All of it.
    Whole(Vec<u8>),
    /// Too large to be kept.
    Streamed {
        /// Its content from the start.
        text: Box<dyn BufRead>,
        /// Reads parts of it again.
        read: Arc<ReadAt>,
    },
}

impl Files<'_> {
    /// A file of cases; `None` where there is none.
    pub(super) async fn cases(&self, path: &str) -> Result<Option<CaseFile>, GateError> {
        if let Self::Disk(root) = self {
            let unreadable = |why: disk::DiskError| unreadable(path, &why);
            let Some(text) = disk::Text::open(&root.join(path)).map_err(unreadable)? else {
                return Ok(None);
            };
            if text.length() > MOST_KEPT {
                return streamed(text).map(Some).map_err(|source| {
                    GateError::Disk(disk::DiskError {
                        doing: "read",
                        path: root.join(path),
                        source,
                    })
                });
            }
        }
        Ok(self.read(path).await?.map(kept))
    }

    /// The bytes of a file; `None` where there is none.
    pub async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GateError> {
        match self {
            Self::Disk(root) => disk::read(&root.join(path)).map_err(|why| unreadable(path, &why)),
            Self::Embedded(files) => Ok(files.get(path).cloned()),
            Self::Commit(remote, commit) => remote.read(path, commit).await,
            Self::Merged {
                remote,
                base,
                head,
                changed,
            } => {
                let side = if changed.touches(path) { head } else { base };
                remote.read(path, side).await
            }
        }
    }

    /// The files of a folder whose names end in `.jsonl`, by path.
    pub async fn json_lines_in(&self, folder: &str) -> Result<Vec<(String, Vec<u8>)>, GateError> {
        let folder = folder.trim_end_matches('/');
        match self {
            Self::Disk(root) => {
                disk::json_lines_in(root, folder).map_err(|why| unreadable(folder, &why))
            }
            Self::Embedded(files) => {
                let inside = files.iter().filter(|(path, _)| is_json_lines(path, folder));
                Ok(inside
                    .map(|(path, bytes)| (path.clone(), bytes.clone()))
                    .collect())
            }
            Self::Commit(remote, commit)
            | Self::Merged {
                remote,
                head: commit,
                ..
            } => {
                let github = remote.github;
                let tree = github.tree(commit).await?;
                let mut found = Vec::new();
                for entry in tree
                    .entries
                    .iter()
                    .filter(|entry| is_json_lines(&entry.path, folder))
                {
                    found.push((entry.path.clone(), github.blob(&entry.blob).await?));
                }
                Ok(found)
            }
        }
    }
}

/// A folder in a file's place, a file that may not be read: what people wrote is wrong, not the world.
fn unreadable(path: &str, why: &disk::DiskError) -> GateError {
    let message = format!("cannot be read: {}", why.source);
    GateError::Problems(Problem::of_file(path, message).into())
}

fn streamed(text: disk::Text) -> io::Result<CaseFile> {
    Ok(CaseFile::Streamed {
        text: Box::new(text.from_start()?),
        read: Arc::new(move |offset, length| text.part(offset, length)),
    })
}

fn kept(bytes: Vec<u8>) -> CaseFile {
    let large = u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_KEPT);
    if !large {
        return CaseFile::Whole(bytes);
    }
    // The text of many cases is smaller than the cases.
    let bytes: Arc<[u8]> = bytes.into();
    let text = Box::new(Cursor::new(Arc::clone(&bytes)));
    let read = move |offset: u64, length: usize| {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let part = bytes.get(start..).and_then(|rest| rest.get(..length));
        part.map(<[u8]>::to_vec)
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    };
    CaseFile::Streamed {
        text,
        read: Arc::new(read),
    }
}

fn is_json_lines(path: &str, folder: &str) -> bool {
    let inside = path
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'));
    inside.is_some_and(|name| !name.contains('/') && disk::is_json_lines(name))
}
