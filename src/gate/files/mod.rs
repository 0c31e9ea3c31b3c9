//! Where the files of one side of a change are read from.

mod local;
mod remote;
mod state;

use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor};
use std::path::PathBuf;
use std::sync::Arc;

pub use remote::Remote;
pub(super) use state::State;

use super::GateError;
use crate::change::ChangedFiles;
use crate::edge::git::{Repository, WorkingTree};
use crate::edge::{CommitSha, disk};
use crate::problem::Problem;
use crate::suite::ReadAt;

/// A file of cases beyond this stays where it is and is read case by case; a smaller one is read once and kept.
const MOST_KEPT: u64 = 4 * 1024 * 1024;

/// A set of files, read by paths relative to the repository's root.
#[derive(Debug)]
pub struct Files<'a> {
    state: State<'a>,
    /// What the files were before a change, and what it touches: the rest is read from there. A branch that is behind its
    /// base does not bring old files back.
    base: Option<(State<'a>, &'a ChangedFiles)>,
}

impl<'a> Files<'a> {
    /// Those of a folder.
    pub const fn disk(root: PathBuf) -> Self {
        Self::of(State::Disk(root))
    }

    /// Files that came with the program.
    pub const fn embedded(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self::of(State::Embedded(files))
    }

    /// A commit, through the API: no checkout is needed, and none can be tampered with.
    pub const fn commit(remote: &'a Remote<'a>, commit: CommitSha) -> Self {
        Self::of(State::Remote(remote, commit))
    }

    /// A commit of the repository on this machine.
    pub const fn git(repository: &'a Repository, commit: CommitSha) -> Self {
        Self::of(State::Git(repository, commit))
    }

    /// A commit as it will be after the merge: what a pull request changed from its head, the rest from its base.
    pub const fn merged(
        remote: &'a Remote<'a>,
        base: CommitSha,
        head: CommitSha,
        changed: &'a ChangedFiles,
    ) -> Self {
        Self {
            state: State::Remote(remote, head),
            base: Some((State::Remote(remote, base), changed)),
        }
    }

    /// The same for a change on this machine that is not committed yet.
    pub const fn with_changes(
        repository: &'a Repository,
        base: CommitSha,
        tree: &'a WorkingTree,
        changed: &'a ChangedFiles,
    ) -> Self {
        Self {
            state: State::WorkingTree(repository, tree),
            base: Some((State::Git(repository, base), changed)),
        }
    }

    const fn of(state: State<'a>) -> Self {
        Self { state, base: None }
    }

    /// Where a file is read from.
    pub(super) fn state(&self, path: &str) -> &State<'a> {
        match &self.base {
            Some((base, changed)) if !changed.touches(path) => base,
            Some(_) | None => &self.state,
        }
    }

    /// The files themselves, and what lies below them with what is not read from there.
    pub(super) fn layers(&self) -> (&State<'a>, Option<(&State<'a>, &ChangedFiles)>) {
        let base = self.base.as_ref();
        (&self.state, base.map(|(base, changed)| (base, *changed)))
    }

    /// The bytes of a file; `None` where there is none.
    pub async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GateError> {
        self.state(path).read(path).await
    }

    /// A file that a file of another tool refers to: of a folder, one that lies in it, whatever links say, and at most so
    /// many bytes and one more; `None` where there is none.
    pub(super) async fn referred(
        &self,
        path: &str,
        most: usize,
    ) -> Result<Option<Vec<u8>>, GateError> {
        let State::Disk(root) = self.state(path) else {
            return self.read(path).await;
        };
        let place = root.join(path);
        if !disk::exists(&place) {
            return Ok(None);
        }
        let inside =
            disk::inside(root, &place).ok_or_else(|| unreadable(path, local::LEADS_OUT))?;
        if !disk::is_file(&inside) {
            return Err(unreadable(path, "it is no file"));
        }
        disk::read_at_most(&inside, most).map_err(|why| unreadable(path, &why.source.to_string()))
    }

    /// A file of cases; `None` where there is none.
    pub(super) async fn cases(&self, path: &str) -> Result<Option<CaseFile>, GateError> {
        let state = self.state(path);
        if let Some(text) = state.text(path)?
            && text.length() > MOST_KEPT
        {
            let failed = |source| disk::DiskError {
                doing: "read",
                path: path.into(),
                source,
            };
            return Ok(Some(streamed(text).map_err(failed)?));
        }
        Ok(state.read(path).await?.map(kept))
    }

    /// The files of a folder whose names end in `.jsonl`, by path.
    pub async fn json_lines_in(&self, folder: &str) -> Result<Vec<(String, Vec<u8>)>, GateError> {
        let folder = folder.trim_end_matches('/');
        self.state.json_lines_in(folder).await
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

/// A folder in a file's place, a file that may not be read: what people wrote is wrong, not the world.
fn unreadable(path: &str, why: &str) -> GateError {
    let message = format!("cannot be read: {why}");
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
