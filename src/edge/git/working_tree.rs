//! What a working tree holds otherwise than a commit, committed or not: git's own answer, with what lies on the disk only
//! where git has no content of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Repository;
use super::command::text;
use super::error::GitError;
use crate::change::{ChangedFile, ChangedFiles};
use crate::edge::{CommitSha, Entry, EntryKind};

/// The files of a working tree that differ from a commit.
#[derive(Debug)]
pub struct WorkingTree {
    root: PathBuf,
    since: CommitSha,
    files: BTreeMap<String, Now>,
    /// The names of files that are not UTF-8, by what is shown in their place.
    names: BTreeMap<String, PathBuf>,
}

/// What has become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now {
    /// It is not there any more.
    Gone,
    /// Git has its content: it was committed or staged, and not edited since.
    Known(Entry),
    /// Only the working tree has its content.
    Loose {
        /// What it is.
        kind: EntryKind,
        /// The content that it had in the commit, if it was there.
        former: Option<String>,
    },
}

impl Now {
    /// What it is; a file that is gone was one.
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::Gone => EntryKind::File,
            Self::Known(entry) => entry.kind(),
            Self::Loose { kind, .. } => *kind,
        }
    }
}

impl WorkingTree {
    pub(super) fn since(repository: &Repository, commit: &CommitSha) -> Result<Self, GitError> {
        let mut tree = Self {
            root: repository.root().to_owned(),
            since: commit.clone(),
            files: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        let differ = [
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-color",
            "--no-renames",
            "--no-relative",
            "--no-ext-diff",
            "--no-textconv",
            // Git does not look into a submodule; that it stands at another commit is told.
            "--ignore-submodules=dirty",
            "-O/dev/null",
            commit.as_str(),
            "--",
        ];
        let doing = format!("comparing the working tree with {commit}");
        for (name, now) in differences(&repository.git.tell(&doing, &differ)?) {
            tree.add(name, now);
        }
        let untracked = ["ls-files", "--others", "--exclude-standard", "-z"];
        let doing = "listing files that are not tracked";
        let listed = repository.git.tell(doing, &untracked)?;
        for name in listed
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
        {
            let now = tree.untracked(name);
            tree.add(name.strip_suffix(b"/").unwrap_or(name), now);
        }
        for now in tree.files.values_mut() {
            if let Now::Known(entry) = now
                && entry.kind() != EntryKind::Submodule
            {
                entry.size = repository.size(&entry.blob).ok();
            }
        }
        Ok(tree)
    }

    /// The files that differ, by path.
    pub fn files(&self) -> impl Iterator<Item = (&String, &Now)> {
        self.files.iter()
    }

    /// What has become of a file; `None` where it does not differ.
    pub fn file(&self, path: &str) -> Option<&Now> {
        self.files.get(path)
    }

    /// Whether it is a file whose content only the working tree has.
    pub fn is_loose_file(&self, path: &str) -> bool {
        let now = self.file(path);
        now.is_some_and(|now| {
            matches!(
                now,
                Now::Loose {
                    kind: EntryKind::File,
                    ..
                }
            )
        })
    }

    /// Where a file lies.
    pub fn place(&self, path: &str) -> PathBuf {
        let odd = self.names.get(path).cloned();
        odd.unwrap_or_else(|| self.root.join(path))
    }

    /// The commit from which it differs.
    pub const fn since_commit(&self) -> &CommitSha {
        &self.since
    }

    /// The top of the working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every file that differs. Nothing is renamed: a file goes, another one comes.
    pub fn changed(&self) -> ChangedFiles {
        let file = |path: &String| ChangedFile {
            path: path.clone(),
            previous_path: None,
        };
        ChangedFiles {
            files: self.files.keys().map(file).collect(),
            doubt: None,
        }
    }

    /// Leaves out what lies below a folder and was never added: files of runs are no part of a change.
    pub fn leave_out(&mut self, folder: &Path) {
        let (root, names) = (&self.root, &self.names);
        let below = |path: &String| {
            let odd = names.get(path).map(PathBuf::as_path);
            odd.map_or_else(
                || root.join(path).starts_with(folder),
                |odd| odd.starts_with(folder),
            )
        };
        self.files
            .retain(|path, now| !matches!(now, Now::Loose { former: None, .. }) || !below(path));
    }

    fn add(&mut self, name: &[u8], now: Now) {
        let shown = String::from_utf8_lossy(name).into_owned();
        if shown.as_bytes() != name {
            let place = self.root.join(text(name));
            self.names.insert(shown.clone(), place);
        }
        // Named twice, it was taken out of the index and still lies there.
        let former = match self.files.get(&shown) {
            Some(Now::Loose { former, .. }) => former.clone(),
            Some(Now::Gone | Now::Known(_)) | None => None,
        };
        let now = match now {
            Now::Loose { kind, former: None } => Now::Loose { kind, former },
            Now::Loose { .. } | Now::Gone | Now::Known(_) => now,
        };
        self.files.insert(shown, now);
    }

    /// A name that ends in `/` is a repository inside of this one.
    fn untracked(&self, name: &[u8]) -> Now {
        let place = self.root.join(text(name));
        let is_link = std::fs::symlink_metadata(place).is_ok_and(|found| found.is_symlink());
        let kind = match (is_link, name.ends_with(b"/")) {
            (true, _) => EntryKind::Symlink,
            (false, true) => EntryKind::Submodule,
            (false, false) => EntryKind::File,
        };
        Now::Loose { kind, former: None }
    }
}

/// Reads `:MODE MODE BLOB BLOB STATUS NUL PATH NUL`, again and again.
fn differences(raw: &[u8]) -> Vec<(&[u8], Now)> {
    let mut parts = raw.split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let (Some(head), Some(name)) = (parts.next(), parts.next()) {
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let [old_mode, mode, old, blob, ..] = words.as_slice() else {
            continue;
        };
        found.push((name, now((old_mode, old), (mode, blob))));
    }
    found
}

fn now((old_mode, old): (&str, &str), (mode, blob): (&str, &str)) -> Now {
    let is_nothing = |name: &str| name.bytes().all(|digit| digit == b'0');
    if is_nothing(mode) {
        return Now::Gone;
    }
    let entry = Entry {
        path: String::new(),
        mode: mode.to_owned(),
        blob: blob.to_owned(),
        size: None,
    };
    if is_nothing(blob) {
        return Now::Loose {
            kind: entry.kind(),
            former: (!is_nothing(old_mode)).then(|| old.to_owned()),
        };
    }
    Now::Known(entry)
}
