//! Which commit a run on this machine measures, and whether what it reads is what that commit holds.

use std::collections::BTreeSet;
use std::path::Path;

use super::opening::PREVIOUS;
use super::{GateError, JOURNAL};
use crate::config::{Config, Store};
use crate::edge::git::{GitError, Now, Repository};
use crate::edge::{CommitSha, disk};
use crate::record::Source;

/// The file by which a folder of a run is known.
const RECORD: &str = "run.json";
/// What else a run leaves there.
const FILES: [&str; 8] = [
    RECORD,
    JOURNAL,
    PREVIOUS,
    "comment.md",
    "summary.txt",
    "report.html",
    "junit.xml",
    "findings.sarif",
];

/// The commit that is checked out; a folder that is no repository, or has no commit yet, is measured all the same.
pub fn source(root: &Path, out: &Path, config: &Config) -> Source {
    let (commit, dirty) = checked_out(root, out, config).unwrap_or_default();
    Source {
        event: "local".to_owned(),
        commit,
        dirty,
        ..Source::default()
    }
}

fn checked_out(
    root: &Path,
    out: &Path,
    config: &Config,
) -> Result<(Option<String>, bool), GateError> {
    let repository = Repository::open(root)?;
    let head = repository.head()?;
    let dirty = is_dirty(&repository, &head, (out, config))?;
    Ok((Some(head.as_str().to_owned()), dirty))
}

/// Whether any file differs from the commit, files included that git does not know and was not told to ignore: what a
/// run reads may be among them. What runs leave behind is not: their files, kept answers, stored baselines.
pub(super) fn is_dirty(
    repository: &Repository,
    head: &CommitSha,
    (out, config): (&Path, &Config),
) -> Result<bool, GitError> {
    let root = repository.root();
    let mut tree = repository.working_tree(head)?;
    let cache = config.run.cache.as_ref().map(|cache| root.join(cache));
    let folders = [Some(out.to_owned()), cache];
    for folder in folders.iter().flatten() {
        if let Some(folder) = disk::inside(root, folder) {
            tree.leave_out(&folder);
        }
    }
    let runs: BTreeSet<&str> = tree
        .files()
        .filter(|(_, now)| is_new(now))
        .filter_map(|(path, _)| folder_of(path, RECORD))
        .collect();
    let of_a_run = |path: &str| {
        let mut folders = FILES.iter().filter_map(|name| folder_of(path, name));
        folders.any(|folder| runs.contains(folder))
    };
    let is_baseline = |path: &str| match &config.baseline.store {
        Store::Path(folder) => path
            .strip_prefix(folder.as_str())
            .is_some_and(|rest| rest.starts_with('/')),
        Store::Branch(_) => false,
    };
    let mut others = tree
        .files()
        .filter(|(path, now)| !(is_baseline(path) || is_new(now) && of_a_run(path)));
    Ok(others.next().is_some())
}

/// Whether git does not know it.
const fn is_new(now: &Now) -> bool {
    matches!(now, Now::Loose { former: None, .. })
}

/// The folder that holds the file, with its `/`, if the file has this name.
fn folder_of<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    let folder = path.strip_suffix(name)?;
    (folder.is_empty() || folder.ends_with('/')).then_some(folder)
}
