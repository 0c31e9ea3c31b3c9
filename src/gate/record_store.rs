//! Where baselines are stored, and the history that says which of its records count: a branch or a folder of a commit,
//! behind the API or in the repository on this machine, or a folder of the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::record_name::leads_to_records;
use super::{GateError, Remote};
use crate::config::Store;
use crate::edge::git::{Branch, Repository};
use crate::edge::github::{BranchStore, GitHub};
use crate::edge::{CommitSha, EntryKind, Tree, disk};

/// Where baselines are read from.
pub(super) enum RecordStore<'a> {
    /// The branch on GitHub.
    Remote(&'a GitHub, BranchStore<'a>),
    /// A folder of a commit on GitHub.
    Folder(RemoteFolder<'a>),
    /// A branch that was fetched, or a folder of a commit that is here.
    Local(LocalRecords<'a>),
    /// A folder of the disk.
    Disk(DiskFolder),
}

/// The records of a commit behind the API.
pub(super) struct RemoteFolder<'a> {
    github: &'a GitHub,
    remote: &'a Remote<'a>,
    folder: String,
    /// The blob of each record.
    blobs: BTreeMap<String, String>,
}

/// The records of the repository on this machine.
pub(super) struct LocalRecords<'a> {
    repository: &'a Repository,
    /// The folder that they lie in; absent where they have a branch of their own.
    folder: Option<String>,
    /// The blob of each record.
    blobs: BTreeMap<String, String>,
    /// Where that is, in words.
    pub(super) origin: String,
}

/// The records as they lie on the disk, committed or not.
pub(super) struct DiskFolder {
    root: PathBuf,
    folder: String,
}

impl<'a> RecordStore<'a> {
    /// What the configuration says, behind the API: the branch as it is, of which nothing is asked yet, or the folder as
    /// it is in the commit that decides.
    pub(super) async fn remote(
        (github, remote): (&'a GitHub, &'a Remote<'a>),
        store: &Store,
        deciding: &CommitSha,
    ) -> Result<Self, GateError> {
        match store {
            Store::Branch(branch) => Ok(Self::Remote(github, BranchStore::new(github, branch))),
            Store::Path(folder) => {
                let tree = remote.tree(deciding).await?;
                let tree = tree.map_err(|why| GateError::Shelf {
                    folder: folder.clone(),
                    why,
                })?;
                Ok(Self::Folder(RemoteFolder {
                    github,
                    remote,
                    folder: folder.clone(),
                    blobs: below(&tree, folder, &at(deciding))?,
                }))
            }
        }
    }

    /// A folder of the disk, below the repository's root.
    pub(super) fn disk(root: &Path, folder: &str) -> Self {
        Self::Disk(DiskFolder {
            root: root.to_owned(),
            folder: folder.to_owned(),
        })
    }

    /// The paths of all records, relative to where they are stored.
    pub(super) async fn list(&self) -> Result<Vec<String>, GateError> {
        match self {
            Self::Remote(_, branch) => Ok(branch.list().await?),
            Self::Folder(folder) => Ok(folder.blobs.keys().cloned().collect()),
            Self::Local(local) => Ok(local.blobs.keys().cloned().collect()),
            Self::Disk(disk) => {
                let (root, folder) = (&disk.root, &disk.folder);
                let found = disk::entries_below(root, folder)?;
                let above = disk::link_below(root, Path::new(folder));
                let above = above.map(|link| (link, EntryKind::Symlink));
                for (path, kind) in above.iter().chain(&found) {
                    way(path, *kind, folder, "on this disk")?;
                }
                let inside = found.iter().filter_map(|(path, _)| inside(path, folder));
                Ok(inside.map(str::to_owned).collect())
            }
        }
    }

    /// The bytes of a record; `None` where it is not there.
    pub(super) async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GateError> {
        match self {
            Self::Remote(_, branch) => Ok(branch.read(path).await?),
            Self::Folder(folder) => match folder.blobs.get(path) {
                Some(blob) => Ok(Some(folder.remote.blob(blob).await?)),
                None => Ok(None),
            },
            Self::Local(local) => match local.blobs.get(path) {
                Some(blob) => Ok(Some(local.repository.blob(blob)?)),
                None => Ok(None),
            },
            Self::Disk(disk) => {
                let place = disk.root.join(&disk.folder).join(path);
                Ok(disk::read(&place)?)
            }
        }
    }

    /// A commit and its ancestors, newest first, by page from 1; an empty page is past the end. Files of the disk have
    /// none.
    pub(super) async fn ancestors(
        &self,
        commit: &CommitSha,
        page: u32,
    ) -> Result<Vec<CommitSha>, GateError> {
        match self {
            Self::Remote(github, _) => Ok(github.ancestors(commit, page).await?),
            Self::Folder(folder) => Ok(folder.github.ancestors(commit, page).await?),
            Self::Local(local) => Ok(local.repository.ancestors(commit, page)?),
            Self::Disk(_) => Ok(Vec::new()),
        }
    }

    /// A record's path as a person finds it.
    pub(super) fn shown(&self, path: &str) -> String {
        let folder = match self {
            Self::Remote(..) => None,
            Self::Folder(folder) => Some(&folder.folder),
            Self::Local(local) => local.folder.as_ref(),
            Self::Disk(disk) => Some(&disk.folder),
        };
        folder.map_or_else(|| path.to_owned(), |folder| format!("{folder}/{path}"))
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
            let name = one.remote.as_ref().map(|remote| format!("{remote}/"));
            origins.push(format!(
                "`{}{branch}` ({})",
                name.unwrap_or_default(),
                short(&one.tip)
            ));
        }
        Ok((!origins.is_empty()).then(|| Self {
            repository,
            folder: None,
            blobs,
            origin: origins.join(" and "),
        }))
    }

    /// A folder of the commit that a revision is; an empty one where the commit does not have it.
    pub(super) fn at(
        repository: &'a Repository,
        folder: &str,
        (revision, commit): (&str, &CommitSha),
    ) -> Result<Self, GateError> {
        Ok(Self {
            repository,
            folder: Some(folder.to_owned()),
            blobs: below(&*repository.tree(commit)?, folder, &at(commit))?,
            origin: format!("`{folder}/` of `{revision}` ({})", short(commit)),
        })
    }
}

fn short(commit: &CommitSha) -> String {
    commit.as_str().chars().take(7).collect()
}

fn at(commit: &CommitSha) -> String {
    format!("at {}", short(commit))
}

/// The files of a tree below a folder, by their path in it. A link with the name of a record is among them: read as it is,
/// it is none.
fn below(tree: &Tree, folder: &str, at: &str) -> Result<BTreeMap<String, String>, GateError> {
    let mut found = BTreeMap::new();
    for entry in &tree.entries {
        way(&entry.path, entry.kind(), folder, at)?;
        if let Some(inside) = inside(&entry.path, folder) {
            found.insert(inside.to_owned(), entry.blob.clone());
        }
    }
    Ok(found)
}

/// Sees to it that what lies at a path hides no records: nothing else stands where a folder of them is looked for.
fn way(path: &str, kind: EntryKind, folder: &str, at: &str) -> Result<(), GateError> {
    let above = path == folder || inside(folder, path).is_some();
    let hides = kind != EntryKind::File && inside(path, folder).is_some_and(leads_to_records);
    if above || hides {
        return Err(GateError::NoFolder {
            path: path.to_owned(),
            kind,
            at: at.to_owned(),
        });
    }
    Ok(())
}

fn inside<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}
