//! Files whose content Git LFS keeps elsewhere, and a pointer in their place.

use std::path::{Path, PathBuf};

use super::content::Content;
use super::listing::Listed;
use crate::edge::disk::{self, ContentName};
use crate::gate::files::State;

/// A pointer of Git LFS has a few lines: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
pub(super) const LARGEST_POINTER: usize = 1024;
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// What Git LFS leaves in the place of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pointer {
    pub(super) oid: String,
    pub(super) bytes: u64,
}

impl Pointer {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
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

impl State<'_> {
    /// What a pointer of Git LFS stands for, if it was brought along.
    pub(super) fn held_by_lfs(
        &self,
        path: &str,
        oid: &str,
        file: &Listed,
        workspace: Option<&Path>,
    ) -> Content {
        let name = ContentName::Sha256(oid.to_owned());
        for place in self.kept_by_lfs(path, oid, workspace) {
            if let Ok(Some(text)) = disk::with_content(&place, &name) {
                return Content::File(text);
            }
        }
        let advice = match self {
            Self::Git(..) | Self::WorkingTree(..) => {
                "is not on this machine; `git lfs fetch --all` brings it"
            }
            Self::Disk(_) | Self::Embedded(_) | Self::Remote(..) => {
                "is not in the workspace; check the repository out with `lfs: true` before the gate"
            }
        };
        let bytes = file.bytes.unwrap_or_default();
        Content::Unread(format!(
            "it is stored with Git LFS ({bytes} bytes), and its content {advice}"
        ))
    }

    /// Where the content may lie that Git LFS keeps.
    fn kept_by_lfs(&self, path: &str, oid: &str, workspace: Option<&Path>) -> Vec<PathBuf> {
        let (root, objects) = match self {
            Self::Disk(root) => (Some(root.as_path()), None),
            Self::Git(repository, _) | Self::WorkingTree(repository, _) => {
                (Some(repository.root()), Some(repository.lfs_objects()))
            }
            Self::Embedded(_) | Self::Remote(..) => (workspace, None),
        };
        let objects = objects.or_else(|| root.map(|root| root.join(".git/lfs/objects")));
        let folders = oid.get(..2).zip(oid.get(2..4));
        let kept = objects
            .zip(folders)
            .map(|(objects, (first, second))| objects.join(first).join(second).join(oid));
        root.map(|root| root.join(path))
            .into_iter()
            .chain(kept)
            .collect()
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
}
