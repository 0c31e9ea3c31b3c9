//! The files of a commit as one list, whoever lists them.

use std::fmt;

/// The files of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Every entry that is not a folder.
    pub entries: Vec<Entry>,
    /// Whether entries are left out, as GitHub does over 100,000 of them or 7 MB.
    pub truncated: bool,
}

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, relative to the repository's root.
    pub path: String,
    /// Git's mode, such as `100644`.
    pub mode: String,
    /// The name of its content.
    pub blob: String,
    /// Its size in bytes, where it is told.
    pub size: Option<u64>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A file.
    File,
    /// A symbolic link.
    Symlink,
    /// Another repository.
    Submodule,
}

impl Entry {
    /// What it is.
    pub fn kind(&self) -> EntryKind {
        match self.mode.as_str() {
            "120000" => EntryKind::Symlink,
            "160000" => EntryKind::Submodule,
            _ => EntryKind::File,
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Symlink => "symbolic link",
            Self::Submodule => "submodule",
        })
    }
}
