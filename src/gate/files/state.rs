//! One state of a repository's files, wherever they lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::remote::Remote;
use super::{MOST_KEPT, local, unreadable};
use crate::edge::disk::{self, ContentName, Text};
use crate::edge::git::{Now, Repository, WorkingTree};
use crate::edge::{CommitSha, Entry, EntryKind};
use crate::gate::GateError;

/// Files of one moment.
#[derive(Debug)]
pub(in crate::gate) enum State<'a> {
    /// Those of a folder.
    Disk(PathBuf),
    /// Those that came with the program.
    Embedded(BTreeMap<String, Vec<u8>>),
    /// A commit, behind the API.
    Remote(&'a Remote<'a>, CommitSha),
    /// A commit, on this machine.
    Git(&'a Repository, CommitSha),
    /// What a working tree holds otherwise than a commit, and nothing else.
    WorkingTree(&'a Repository, &'a WorkingTree),
}

impl State<'_> {
    /// The bytes of a file; `None` where there is none.
    pub(super) async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GateError> {
        match self {
            Self::Disk(root) => on_disk(path, &root.join(path)),
            Self::Embedded(files) => Ok(files.get(path).cloned()),
            Self::Remote(remote, commit) => remote.read(path, commit).await,
            Self::Git(repository, commit) => {
                let tree = repository.tree(commit)?;
                match local::find(repository, &tree, path)? {
                    Some(entry) => Ok(Some(repository.blob(&entry.blob)?)),
                    None => Ok(None),
                }
            }
            Self::WorkingTree(repository, tree) => match tree.file(path) {
                None | Some(Now::Gone) => Ok(None),
                Some(Now::Known(entry)) if entry.kind() == EntryKind::File => {
                    Ok(Some(repository.blob(&entry.blob)?))
                }
                Some(now) => match now.kind() {
                    EntryKind::File => on_disk(path, &tree.place(path)),
                    EntryKind::Symlink => match disk::inside(tree.root(), &tree.place(path)) {
                        Some(place) => on_disk(path, &place),
                        None => Err(unreadable(path, local::LEADS_OUT)),
                    },
                    EntryKind::Submodule => Err(unreadable(path, local::SUBMODULE)),
                },
            },
        }
    }

    /// A file that lies on the disk exactly as it is to be read, and is not worth keeping.
    pub(super) fn text(&self, path: &str) -> Result<Option<Text>, GateError> {
        match self {
            Self::Disk(root) => open(path, &root.join(path)),
            Self::WorkingTree(_, tree) if tree.is_loose_file(path) => open(path, &tree.place(path)),
            Self::Git(repository, commit) => {
                let tree = repository.tree(commit)?;
                let entry = tree.entries.iter().find(|entry| entry.path == path);
                Ok(entry.and_then(|entry| large(&repository.root().join(path), entry)))
            }
            Self::WorkingTree(_, tree) => Ok(match tree.file(path) {
                Some(Now::Known(entry)) => large(&tree.place(path), entry),
                Some(Now::Gone | Now::Loose { .. }) | None => None,
            }),
            Self::Embedded(_) | Self::Remote(..) => Ok(None),
        }
    }

    /// The files of a folder whose names end in `.jsonl`, by path.
    pub(super) async fn json_lines_in(
        &self,
        folder: &str,
    ) -> Result<Vec<(String, Vec<u8>)>, GateError> {
        let root = match self {
            Self::Disk(root) => root.as_path(),
            // A folder of recordings is read as it stands.
            Self::WorkingTree(_, tree) => tree.root(),
            Self::Embedded(files) => {
                let inside = files.iter().filter(|(path, _)| is_json_lines(path, folder));
                return Ok(inside
                    .map(|(path, bytes)| (path.clone(), bytes.clone()))
                    .collect());
            }
            Self::Remote(remote, commit) => return remote.json_lines_in(folder, commit).await,
            Self::Git(repository, commit) => {
                let tree = repository.tree(commit)?;
                let mut entries = tree.entries.iter();
                let mut found = Vec::new();
                while let Some(entry) = entries.find(|entry| is_json_lines(&entry.path, folder)) {
                    found.push((entry.path.clone(), repository.blob(&entry.blob)?));
                }
                return Ok(found);
            }
        };
        disk::json_lines_in(root, folder).map_err(|why| unreadable(folder, &why.source.to_string()))
    }
}

fn on_disk(path: &str, place: &Path) -> Result<Option<Vec<u8>>, GateError> {
    disk::read(place).map_err(|why| unreadable(path, &why.source.to_string()))
}

fn open(path: &str, place: &Path) -> Result<Option<Text>, GateError> {
    Text::open(place).map_err(|why| unreadable(path, &why.source.to_string()))
}

/// The file of a checkout in place of a large blob, if it has the same content: it can be read in parts.
fn large(place: &Path, entry: &Entry) -> Option<Text> {
    let large = entry.size.is_some_and(|size| size > MOST_KEPT);
    let name = large.then(|| ContentName::Blob(entry.blob.clone()))?;
    disk::with_content(place, &name).ok().flatten()
}

pub(super) fn is_json_lines(path: &str, folder: &str) -> bool {
    let inside = path
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'));
    inside.is_some_and(|name| !name.contains('/') && disk::is_json_lines(name))
}
