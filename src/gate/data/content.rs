//! Opens the bytes of a data file: from the workspace where its content is the commit's, else through the API, within an
//! allowance. What cannot be had is told, and never taken for empty.

use std::io::{BufRead, BufReader, Cursor};
use std::path::Path;

use super::listing::{Listed, Listing};
use crate::edge::disk::{self, ContentName, Text};
use crate::edge::github::EntryKind;
use crate::gate::{Files, GateError};

/// GitHub sends no larger blob: <https://docs.github.com/en/rest/git/blobs#get-a-blob>.
const LARGEST_BLOB: u64 = 100 * 1024 * 1024;
/// A pointer of Git LFS has a few lines: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
const LARGEST_POINTER: usize = 1024;
/// More files of that size are not looked into.
const MOST_POINTERS: usize = 100;
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

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
        if let Some(ContentName::Sha256(oid)) = &file.name {
            let root = match self {
                Self::Disk(root) => Some(root.as_path()),
                Self::Embedded(_) | Self::Commit(..) | Self::Merged { .. } => workspace,
            };
            return Ok(kept_by_lfs(oid, file, root, path));
        }
        let remote = match self {
            Self::Disk(root) => {
                let text = Text::open(&root.join(path))?;
                let gone = || Content::Unread("it is gone".to_owned());
                return Ok(text.map_or_else(gone, Content::File));
            }
            Self::Embedded(files) => {
                return Ok(Content::Bytes(files.get(path).cloned().unwrap_or_default()));
            }
            Self::Commit(remote, _) | Self::Merged { remote, .. } => remote,
        };
        let Some(ContentName::Blob(blob)) = &file.name else {
            return Ok(Content::Unread("nothing names its content".to_owned()));
        };
        if let Some(workspace) = workspace {
            let name = ContentName::Blob(blob.clone());
            let found = disk::with_content(&workspace.join(path), &name);
            if let Ok(Some(text)) = found {
                return Ok(Content::File(text));
            }
        }
        let bytes = file.bytes.unwrap_or(LARGEST_BLOB);
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
            if let Some(pointer) = self
                .start_of(path, file)
                .await?
                .as_deref()
                .and_then(Pointer::read)
            {
                file.name = Some(ContentName::Sha256(pointer.oid));
                file.bytes = Some(pointer.bytes);
            }
        }
        Ok(())
    }

    /// Files of a working tree are named by what they hold.
    pub(super) fn name_contents(&self, listing: &mut Listing) -> Result<(), GateError> {
        let Self::Disk(root) = self else {
            return Ok(());
        };
        let unnamed = listing.iter_mut().filter(|(_, file)| file.name.is_none());
        for (path, file) in unnamed {
            let path = root.join(path);
            let Some(text) = Text::open(&path)? else {
                continue;
            };
            let fail = |source| disk::DiskError {
                doing: "read",
                path,
                source,
            };
            file.name = Some(disk::blob_name(&text).map_err(fail)?);
            file.bytes = Some(text.length());
        }
        Ok(())
    }

    /// The bytes of a file that is no longer than a pointer of Git LFS.
    async fn start_of(&self, path: &str, file: &Listed) -> Result<Option<Vec<u8>>, GateError> {
        match self {
            Self::Disk(root) => Ok(disk::read_at_most(&root.join(path), LARGEST_POINTER)?),
            Self::Embedded(files) => Ok(files.get(path).cloned()),
            Self::Commit(remote, _) | Self::Merged { remote, .. } => match &file.name {
                Some(ContentName::Blob(blob)) => match remote.blob(blob).await {
                    Ok(bytes) => Ok(Some(bytes)),
                    Err(error) if error.is_unauthorized() => Err(error.into()),
                    Err(_) => Ok(None),
                },
                Some(ContentName::Sha256(_)) | None => Ok(None),
            },
        }
    }
}

/// What a pointer of Git LFS stands for, if it was brought along.
fn kept_by_lfs(oid: &str, file: &Listed, workspace: Option<&Path>, path: &str) -> Content {
    let name = ContentName::Sha256(oid.to_owned());
    let folders = oid.get(..2).zip(oid.get(2..4));
    let places = workspace.into_iter().flat_map(|root| {
        let objects = root.join(".git/lfs/objects");
        let kept = folders.map(|(first, second)| objects.join(first).join(second).join(oid));
        std::iter::once(root.join(path)).chain(kept)
    });
    for place in places {
        if let Ok(Some(text)) = disk::with_content(&place, &name) {
            return Content::File(text);
        }
    }
    Content::Unread(format!(
        "it is stored with Git LFS ({} bytes), and its content is not in the workspace; check the repository out with `lfs: true` before the gate",
        file.bytes.unwrap_or_default()
    ))
}

/// What Git LFS leaves in the place of a file.
#[derive(Debug, PartialEq, Eq)]
struct Pointer {
    oid: String,
    bytes: u64,
}

impl Pointer {
    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > LARGEST_POINTER || !bytes.starts_with(POINTER) {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let oid = value("oid sha256:")?.trim();
        let valid = oid.len() == 64
            && oid
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        Some(Self {
            oid: valid.then(|| oid.to_owned())?,
            bytes: value("size ")?.trim().parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_of_git_lfs_names_what_it_stands_for() {
        let oid = "ab".repeat(32);
        let text =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n");
        assert_eq!(
            Pointer::read(text.as_bytes()),
            Some(Pointer { oid, bytes: 12345 })
        );
        for other in [
            "",
            "{\"prompt\": 1}",
            "version https://git-lfs.github.com/spec/v1\noid sha256:../../x\nsize 1\n",
        ] {
            assert_eq!(Pointer::read(other.as_bytes()), None);
        }
        let long = format!(
            "version https://git-lfs.github.com/spec/v1\n{}",
            "x".repeat(2_000)
        );
        assert_eq!(Pointer::read(long.as_bytes()), None);
    }

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
