//! The data files of one side of a change: which files an agent's globs cover, and what names their content.

use std::collections::BTreeMap;

use globset::GlobMatcher;

use crate::change::ChangedFiles;
use crate::edge::disk::{self, ContentName};
use crate::edge::git::Now;
use crate::edge::{Entry, EntryKind, Tree};
use crate::gate::files::State;
use crate::gate::{Files, GateError};
use crate::yaml;

/// A file of training or validation data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gate) struct Listed {
    /// What names its content; absent in a working tree, where that takes reading it.
    pub(in crate::gate) name: Option<ContentName>,
    /// Its size, where it is known without reading it.
    pub(in crate::gate) bytes: Option<u64>,
    pub(in crate::gate) kind: EntryKind,
}

/// Files by path.
pub(in crate::gate) type Listing = BTreeMap<String, Listed>;

/// Globs, ready to be held against paths.
#[derive(Debug, Default)]
pub(super) struct Globs {
    matchers: Vec<GlobMatcher>,
    /// The folders that they look into.
    starts: Vec<String>,
}

impl Globs {
    pub(super) fn of<'a>(patterns: impl IntoIterator<Item = &'a String>) -> Self {
        let mut globs = Self::default();
        for pattern in patterns {
            // A glob that does not compile was refused when the configuration was read.
            globs.matchers.extend(yaml::glob(pattern).ok());
            globs.starts.push(start_of(pattern));
        }
        globs
    }

    /// The folders that they look into.
    pub(super) fn starts(&self) -> &[String] {
        &self.starts
    }

    pub(super) fn is_empty(&self) -> bool {
        self.matchers.is_empty()
    }

    /// Whether the globs look at this entry. A link or submodule in the place of a folder that they look into hides what
    /// they would find there.
    pub(super) fn cover(&self, path: &str, kind: EntryKind) -> bool {
        let hides = |start: &String| {
            let rest = start.strip_prefix(path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.matchers.iter().any(|glob| glob.is_match(path))
            || (kind != EntryKind::File && self.starts.iter().any(hides))
    }

    /// The part of a listing that they cover.
    pub(super) fn pick(&self, all: &Listing) -> Listing {
        let covered = all
            .iter()
            .filter(|(path, file)| self.cover(path, file.kind));
        covered
            .map(|(path, file)| (path.clone(), file.clone()))
            .collect()
    }
}

/// The folders before the first part of a glob that is a pattern.
fn start_of(pattern: &str) -> String {
    let is_pattern = |part: &&str| part.contains(['*', '?', '[', '{']);
    let parts: Vec<&str> = pattern.split('/').collect();
    let fixed = parts.iter().take_while(|part| !is_pattern(part)).copied();
    fixed.collect::<Vec<_>>().join("/")
}

impl Files<'_> {
    /// The files that the globs cover, or why they cannot be told.
    pub(super) async fn covered(
        &self,
        globs: &Globs,
    ) -> Result<Result<Listing, String>, GateError> {
        let (now, base) = self.layers();
        let now = now.covered(globs).await?;
        let Some((base, changed)) = base else {
            return Ok(now);
        };
        let base = base.covered(globs).await?;
        Ok(base.and_then(|base| now.map(|now| merged(base, now, changed))))
    }
}

impl State<'_> {
    async fn covered(&self, globs: &Globs) -> Result<Result<Listing, String>, GateError> {
        let all: Listing = match self {
            Self::Disk(root) => {
                let mut listing = Listing::new();
                for start in &globs.starts {
                    let found = disk::files_below(root, start)?;
                    listing.extend(
                        found
                            .into_iter()
                            .map(|path| (path, unnamed(EntryKind::File))),
                    );
                }
                listing
            }
            Self::Embedded(files) => {
                let paths = files.keys().cloned();
                paths.map(|path| (path, unnamed(EntryKind::File))).collect()
            }
            Self::Remote(remote, commit) => match remote.tree(commit).await? {
                Ok(tree) => of_tree(&tree),
                Err(why) => return Ok(Err(why)),
            },
            Self::Git(repository, commit) => of_tree(&*repository.tree(commit)?),
            Self::WorkingTree(_, tree) => tree.files().filter_map(of_working_tree).collect(),
        };
        Ok(Ok(globs.pick(&all)))
    }
}

/// A file whose content is named when it is read.
const fn unnamed(kind: EntryKind) -> Listed {
    Listed {
        name: None,
        bytes: None,
        kind,
    }
}

fn of_tree(tree: &Tree) -> Listing {
    let entries = tree.entries.iter();
    entries
        .map(|entry| (entry.path.clone(), listed(entry)))
        .collect()
}

fn listed(entry: &Entry) -> Listed {
    Listed {
        name: Some(ContentName::Blob(entry.blob.clone())),
        bytes: entry.size,
        kind: entry.kind(),
    }
}

fn of_working_tree((path, now): (&String, &Now)) -> Option<(String, Listed)> {
    let file = match now {
        Now::Gone => return None,
        Now::Known(entry) => listed(entry),
        Now::Loose { kind, .. } => unnamed(*kind),
    };
    Some((path.clone(), file))
}

/// What the files will be after the merge.
fn merged(mut base: Listing, mut now: Listing, changed: &ChangedFiles) -> Listing {
    let paths: std::collections::HashSet<&str> = changed.paths().collect();
    let touched = |path: &str| changed.doubt.is_some() || paths.contains(path);
    base.retain(|path, _| !touched(path));
    now.retain(|path, _| touched(path));
    base.append(&mut now);
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(patterns: &[&str]) -> Globs {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        Globs::of(&patterns)
    }

    #[test]
    fn a_glob_covers_files_and_what_hides_them() {
        let globs = globs(&["data/qa/*.jsonl"]);
        assert!(globs.cover("data/qa/a.jsonl", EntryKind::File));
        assert!(!globs.cover("data/qa/deep/a.jsonl", EntryKind::File));
        assert!(!globs.cover("data/qa", EntryKind::File));
        for hidden in ["data", "data/qa"] {
            assert!(globs.cover(hidden, EntryKind::Submodule), "{hidden}");
            assert!(globs.cover(hidden, EntryKind::Symlink), "{hidden}");
        }
        assert!(!globs.cover("dat", EntryKind::Submodule));
        assert!(!globs.cover("data/qa/val", EntryKind::Submodule));
    }

    #[test]
    fn a_glob_starts_where_its_folders_have_names() {
        for (pattern, start) in [
            ("data/qa/*.jsonl", "data/qa"),
            ("**/*.jsonl", ""),
            ("a/b.jsonl", "a/b.jsonl"),
            ("a/{b,c}/d", "a"),
        ] {
            assert_eq!(start_of(pattern), start);
        }
    }
}
