//! Opens the bytes of a data file: from the workspace where its content is the commit's, else through the API, within an
//! allowance. What cannot be had is told, and never taken for empty.

use std::io::{BufRead, BufReader, Cursor};
use std::path::{Path, PathBuf};

use super::listing::{Listed, Listing};
use super::pointer::{LARGEST_POINTER, Pointer};
use crate::edge::EntryKind;
use crate::edge::disk::{self, ContentName, Text};
use crate::edge::git::{Blob, Now, Repository};
use crate::gate::files::State;
use crate::gate::{Files, GateError, Remote};

/// GitHub sends no larger blob: <https://docs.github.com/en/rest/git/blobs#get-a-blob>.
const LARGEST_BLOB: u64 = 100 * 1024 * 1024;
/// A blob of the repository on this machine that is larger is read piece by piece.
const WHOLE_BLOB: u64 = 1024 * 1024;
/// More files of that size are not looked into.
const MOST_POINTERS: usize = 100;

/// What may be read through the API in one run: a job's token has a thousand requests an hour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    bytes: u64,
    requests: u32,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            bytes: 400 * 1024 * 1024,
            requests: 300,
        }
    }
}

impl Allowance {
    /// Whether so many bytes more could be read and as much as is needed elsewhere is left.
    pub(super) const fn has(&self, bytes: u64, needed: u64) -> bool {
        self.requests > 0 && self.bytes >= bytes.saturating_add(needed)
    }

    fn take(&mut self, bytes: u64) -> bool {
        let has = self.has(bytes, 0);
        if has {
            self.bytes -= bytes;
            self.requests -= 1;
        }
        has
    }
}

/// The bytes of a file, or why they cannot be had.
pub(super) enum Content {
    File(Text),
    Bytes(Vec<u8>),
    Blob(Blob),
    Unread(String),
}

/// A content that can be read, with its size.
pub(super) struct Opened {
    pub(super) text: Box<dyn BufRead>,
    pub(super) bytes: u64,
}

impl Content {
    pub(super) fn open(self) -> std::io::Result<Result<Opened, String>> {
        Ok(match self {
            Self::File(text) => Ok(Opened {
                bytes: text.length(),
                text: Box::new(text.from_start()?),
            }),
            Self::Bytes(bytes) => Ok(Opened {
                bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                text: Box::new(BufReader::new(Cursor::new(bytes))),
            }),
            Self::Blob(blob) => Ok(Opened {
                bytes: blob.size(),
                text: Box::new(blob),
            }),
            Self::Unread(why) => Err(why),
        })
    }
}

impl Files<'_> {
    /// The content of a data file. The workspace is believed only where what lies there is what the commit has.
    pub(super) async fn content(
        &self,
        path: &str,
        file: &Listed,
        workspace: Option<&Path>,
        allowance: &mut Allowance,
    ) -> Result<Content, GateError> {
        match file.kind {
            EntryKind::File => {}
            EntryKind::Symlink | EntryKind::Submodule => {
                let why = format!(
                    "it is a {}, whose content the gate does not follow",
                    file.kind
                );
                return Ok(Content::Unread(why));
            }
        }
        let state = self.state(path);
        if let Some(ContentName::Sha256(oid)) = &file.name {
            return Ok(state.held_by_lfs(path, oid, file, workspace));
        }
        state.content(path, file, workspace, allowance).await
    }

    /// Files of which Git LFS keeps the content elsewhere are named by that content, and have its size.
    pub(super) async fn resolve_pointers(&self, listing: &mut Listing) -> Result<(), GateError> {
        let small = |file: &&mut Listed| {
            let pointers_size = |bytes| bytes <= LARGEST_POINTER as u64;
            file.kind == EntryKind::File && file.bytes.is_none_or(pointers_size)
        };
        for (path, file) in listing
            .iter_mut()
            .filter(|(_, file)| small(file))
            .take(MOST_POINTERS)
        {
            let start = self.state(path).start_of(path, file).await?;
            if let Some(pointer) = start.as_deref().and_then(Pointer::read) {
                file.name = Some(ContentName::Sha256(pointer.oid));
                file.bytes = Some(pointer.bytes);
            }
        }
        Ok(())
    }

    /// Files of a working tree are named by what they hold.
    pub(super) fn name_contents(&self, listing: &mut Listing) -> Result<(), GateError> {
        let unnamed = |file: &&mut Listed| file.name.is_none() && file.kind == EntryKind::File;
        for (path, file) in listing.iter_mut().filter(|(_, file)| unnamed(file)) {
            let state = self.state(path);
            let Some(place) = state.place(path) else {
                continue;
            };
            let Some(text) = Text::open(&place)? else {
                continue;
            };
            let fail = |source| disk::DiskError {
                doing: "read",
                path: place,
                source,
            };
            file.name = Some(disk::named_like(&text, &state.naming(path)).map_err(fail)?);
            file.bytes = Some(text.length());
        }
        Ok(())
    }
}

impl State<'_> {
    async fn content(
        &self,
        path: &str,
        file: &Listed,
        workspace: Option<&Path>,
        allowance: &mut Allowance,
    ) -> Result<Content, GateError> {
        if let Some(place) = self.place(path) {
            let gone = || Content::Unread("it is gone".to_owned());
            return Ok(Text::open(&place)?.map_or_else(gone, Content::File));
        }
        let blob = match &file.name {
            Some(ContentName::Blob(blob)) => blob.as_str(),
            Some(ContentName::Sha256(_)) | None => "",
        };
        match self {
            Self::Embedded(files) => {
                Ok(Content::Bytes(files.get(path).cloned().unwrap_or_default()))
            }
            Self::Remote(remote, _) => {
                let workspace = workspace.map(|workspace| workspace.join(path));
                from_api(remote, (blob, file.bytes), workspace, allowance).await
            }
            Self::Git(repository, _) | Self::WorkingTree(repository, _) => {
                Ok(from_git(repository, blob, file.bytes))
            }
            Self::Disk(_) => Ok(Content::Unread("nothing names its content".to_owned())),
        }
    }

    /// The place of a file whose content is what lies there, whatever that is.
    fn place(&self, path: &str) -> Option<PathBuf> {
        match self {
            Self::Disk(root) => Some(root.join(path)),
            Self::WorkingTree(_, tree) => tree.is_loose_file(path).then(|| tree.place(path)),
            Self::Embedded(_) | Self::Remote(..) | Self::Git(..) => None,
        }
    }

    /// How a file is to be named so that it can be told whether it is what it was.
    fn naming(&self, path: &str) -> ContentName {
        let Self::WorkingTree(repository, tree) = self else {
            return ContentName::Blob(String::new());
        };
        let former = match tree.file(path) {
            Some(Now::Loose { former, .. }) => former.as_deref(),
            Some(Now::Gone | Now::Known(_)) | None => None,
        };
        let pointer = former.and_then(|blob| {
            let size = repository.size(blob).ok()?;
            let small = size <= LARGEST_POINTER as u64;
            Pointer::read(&repository.blob(blob).ok().filter(|_| small)?)
        });
        pointer.map_or_else(
            // Blobs and commits of a repository are named by the same kind of digest.
            || ContentName::Blob(tree.since_commit().to_string()),
            |pointer| ContentName::Sha256(pointer.oid),
        )
    }

    /// The bytes of a file that is no longer than a pointer of Git LFS.
    async fn start_of(&self, path: &str, file: &Listed) -> Result<Option<Vec<u8>>, GateError> {
        if let Some(place) = self.place(path) {
            return Ok(disk::read_at_most(&place, LARGEST_POINTER)?);
        }
        let Some(ContentName::Blob(blob)) = &file.name else {
            return Ok(match self {
                Self::Embedded(files) => files.get(path).cloned(),
                Self::Disk(_) | Self::Remote(..) | Self::Git(..) | Self::WorkingTree(..) => None,
            });
        };
        match self {
            Self::Remote(remote, _) => match remote.blob(blob).await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.is_unauthorized() => Err(error.into()),
                Err(_) => Ok(None),
            },
            Self::Git(repository, _) | Self::WorkingTree(repository, _) => {
                // Where its size is not known, neither is its content.
                let known = file.bytes.and_then(|_| repository.blob(blob).ok());
                Ok(known)
            }
            Self::Embedded(_) | Self::Disk(_) => Ok(None),
        }
    }
}

/// The workspace, where it has the blob; else the API, within the allowance.
async fn from_api(
    remote: &Remote<'_>,
    (blob, size): (&str, Option<u64>),
    workspace: Option<PathBuf>,
    allowance: &mut Allowance,
) -> Result<Content, GateError> {
    if let Some(place) = workspace {
        let name = ContentName::Blob(blob.to_owned());
        if let Ok(Some(text)) = disk::with_content(&place, &name) {
            return Ok(Content::File(text));
        }
    }
    let bytes = size.unwrap_or(LARGEST_BLOB);
    if bytes > LARGEST_BLOB || !allowance.take(bytes) {
        return Ok(Content::Unread(format!(
            "{} MB are more than is read through the API in one run; check the repository out before the gate, then it is read from the workspace",
            bytes.div_ceil(1_000_000)
        )));
    }
    match remote.blob(blob).await {
        Ok(bytes) => Ok(Content::Bytes(bytes)),
        Err(error) if error.is_unauthorized() => Err(error.into()),
        Err(error) => Ok(Content::Unread(error.to_string())),
    }
}

fn from_git(repository: &Repository, blob: &str, size: Option<u64>) -> Content {
    let content = if size.is_some_and(|size| size <= WHOLE_BLOB) {
        repository.blob(blob).map(Content::Bytes)
    } else {
        repository.open_blob(blob).map(Content::Blob)
    };
    content.unwrap_or_else(|why| Content::Unread(why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_elsewhere_is_left() {
        let mut allowance = Allowance {
            bytes: 10,
            requests: 2,
        };
        assert!(allowance.has(4, 6) && !allowance.has(5, 6));
        assert!(allowance.take(10) && !allowance.take(1));
        let mut allowance = Allowance {
            bytes: 10,
            requests: 1,
        };
        assert!(allowance.take(1) && !allowance.take(1));
    }
}
