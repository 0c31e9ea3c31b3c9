//! The repository on this machine, read through the `git` command: commits, files of commits, and what the working tree
//! holds otherwise. Nothing is written, nothing is fetched, no program but git is started. Decides nothing.

mod blob;
mod command;
mod error;
mod listing;
mod working_tree;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub use blob::Blob;
pub use error::GitError;
pub use working_tree::{Now, WorkingTree};

use super::{CommitSha, Entry, Tree};
use blob::{Objects, Told};
use command::Git;

/// Commits of a page, as many as GitHub lists.
const PAGE: u32 = 100;

/// A repository with a working tree.
#[derive(Debug)]
pub struct Repository {
    git: Git,
    shallow: bool,
    /// The folder that all working trees of the repository share.
    common: PathBuf,
    trees: RefCell<BTreeMap<CommitSha, Rc<Tree>>>,
    contents: RefCell<Option<Objects>>,
    sizes: RefCell<Option<Objects>>,
}

/// A branch, here or as it was when it was fetched last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// `origin`; absent for a branch of this repository.
    pub remote: Option<String>,
    /// Its tip.
    pub tip: CommitSha,
}

impl Repository {
    /// The repository whose working tree begins in this folder.
    pub fn open(root: &Path) -> Result<Self, GitError> {
        let git = Git::in_folder(root)?;
        let questions = [
            "rev-parse",
            "--is-bare-repository",
            "--is-shallow-repository",
            "--show-prefix",
            "--path-format=absolute",
            "--git-common-dir",
        ];
        let answer = git.ask("looking for the repository", &questions)?;
        let text = String::from_utf8_lossy(&answer.text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let no_repository = |detail: String| GitError::NotARepository {
            folder: root.to_owned(),
            detail,
        };
        match lines.as_slice() {
            ["true", ..] => Err(GitError::Bare(root.to_owned())),
            ["false", shallow, "", common] => Ok(Self {
                shallow: *shallow == "true",
                common: PathBuf::from(common),
                git,
                trees: RefCell::default(),
                contents: RefCell::default(),
                sizes: RefCell::default(),
            }),
            ["false", _, inside, ..] => Err(no_repository(format!("it is {inside} of one"))),
            _ => Err(no_repository(answer.complaint)),
        }
    }

    /// The top of its working tree.
    pub fn root(&self) -> &Path {
        self.git.folder()
    }

    /// Where Git LFS keeps content.
    pub fn lfs_objects(&self) -> PathBuf {
        self.common.join("lfs").join("objects")
    }

    /// Whether its history was cut off when it was cloned.
    pub const fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// The commit that is checked out.
    pub fn head(&self) -> Result<CommitSha, GitError> {
        self.resolve("HEAD")?.ok_or(GitError::Unborn)
    }

    /// The commit that a person names.
    pub fn commit(&self, revision: &str) -> Result<CommitSha, GitError> {
        match self.resolve(revision)? {
            Some(commit) => Ok(commit),
            None => Err(GitError::UnknownRevision {
                advice: self.advice(revision)?,
                revision: revision.to_owned(),
            }),
        }
    }

    fn resolve(&self, revision: &str) -> Result<Option<CommitSha>, GitError> {
        let doing = format!("looking for the revision `{revision}`");
        let wanted = format!("{revision}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &wanted,
        ];
        let answer = self.git.ask(&doing, &arguments)?;
        // It also prints something for `^main` and `a..b`, which are no commits.
        let found = CommitSha::new(answer.line().trim());
        Ok(found.filter(|_| answer.code == Some(0)))
    }

    fn advice(&self, revision: &str) -> Result<String, GitError> {
        let text = self.git.tell("listing remotes", &["remote"])?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let of_remote = |remote: &str| {
            let branch = revision.strip_prefix(remote)?.strip_prefix('/')?;
            Some(format!("`git fetch {remote} {branch}` brings it"))
        };
        let known = text.lines().find_map(of_remote);
        let advice = known.unwrap_or_else(|| {
            "name a branch, tag or commit; `git fetch` brings what is new".to_owned()
        });
        Ok(if self.shallow {
            format!("{advice}; this clone is shallow, `git fetch --unshallow` brings older commits")
        } else {
            advice
        })
    }

    /// The remote whose branch a revision is, such as `origin` for `origin/main`.
    pub fn remote_of(&self, revision: &str) -> Result<Option<String>, GitError> {
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--symbolic-full-name",
            "--end-of-options",
            revision,
        ];
        let name = self.git.ask("looking for a branch", &arguments)?.line();
        let remote = name
            .strip_prefix("refs/remotes/")
            .and_then(|name| name.split_once('/'));
        Ok(remote.map(|(remote, _)| remote.to_owned()))
    }

    /// The branches of this name: the one of this repository first.
    pub fn branches(&self, name: &str) -> Result<Vec<Branch>, GitError> {
        let here = format!("refs/heads/{name}");
        let fetched = format!("refs/remotes/*/{name}");
        let arguments = [
            "for-each-ref",
            "--format=%(objectname) %(refname)",
            &here,
            &fetched,
        ];
        let text = self
            .git
            .tell(&format!("looking for the branch {name}"), &arguments)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let branch = |line: &str| {
            let (tip, found) = line.split_once(' ')?;
            let tip = CommitSha::new(tip)?;
            if found == here {
                return Some(Branch { remote: None, tip });
            }
            let (remote, found) = found.strip_prefix("refs/remotes/")?.split_once('/')?;
            let remote = Some(remote.to_owned());
            (found == name).then_some(Branch { remote, tip })
        };
        Ok(text.lines().filter_map(branch).collect())
    }

    /// The newest commit that HEAD and a revision have in common.
    pub fn merge_base(
        &self,
        (revision, base): (&str, &CommitSha),
        head: &CommitSha,
    ) -> Result<CommitSha, GitError> {
        let doing = format!("looking for what HEAD and `{revision}` have in common");
        let answer = self
            .git
            .ask(&doing, &["merge-base", base.as_str(), head.as_str()])?;
        match (answer.code, CommitSha::new(answer.line().trim())) {
            (Some(0), Some(commit)) => Ok(commit),
            (Some(1), _) if self.shallow => Err(GitError::Shallow(revision.to_owned())),
            (Some(1), _) => Err(GitError::Unrelated(revision.to_owned())),
            (Some(_) | None, _) => Err(answer.into_error(&doing)),
        }
    }

    /// A commit and its ancestors, newest first, a hundred a page; pages count from 1, an empty one is past the end.
    pub fn ancestors(&self, commit: &CommitSha, page: u32) -> Result<Vec<CommitSha>, GitError> {
        let skip = format!("--skip={}", page.saturating_sub(1).saturating_mul(PAGE));
        let count = format!("--max-count={PAGE}");
        let arguments = ["rev-list", &skip, &count, commit.as_str(), "--"];
        let doing = format!("listing the ancestors of {commit}");
        let text = self.git.tell(&doing, &arguments)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(text.lines().filter_map(CommitSha::new).collect())
    }

    /// Every file of a commit.
    pub fn tree(&self, commit: &CommitSha) -> Result<Rc<Tree>, GitError> {
        if let Some(tree) = self.trees.borrow().get(commit) {
            return Ok(Rc::clone(tree));
        }
        let doing = format!("listing the files of {commit}");
        let list = |sizes| {
            let arguments = ["ls-tree", "-r", "-z", sizes, "--full-tree", commit.as_str()];
            self.git.tell(&doing, &arguments)
        };
        // A git that may not fetch what a partial clone left out may fail to tell a size.
        let raw = list("--long").or_else(|_| list("--full-name"))?;
        let lines = raw.split(|byte| *byte == 0).filter(|line| !line.is_empty());
        let tree = Rc::new(Tree {
            entries: lines.filter_map(entry).collect(),
            truncated: false,
        });
        self.trees
            .borrow_mut()
            .insert(commit.clone(), Rc::clone(&tree));
        Ok(tree)
    }

    /// The bytes of a blob.
    pub fn blob(&self, blob: &str) -> Result<Vec<u8>, GitError> {
        self.objects(&self.contents, Told::Content, |objects| {
            let size = objects.size(blob)?;
            objects.content(blob, size)
        })
    }

    /// The size of a blob.
    pub fn size(&self, blob: &str) -> Result<u64, GitError> {
        self.objects(&self.sizes, Told::Size, |objects| objects.size(blob))
    }

    /// A blob that is read piece by piece.
    pub fn open_blob(&self, blob: &str) -> Result<Blob, GitError> {
        Blob::open(&self.git, blob)
    }

    /// What the working tree holds otherwise than a commit.
    pub fn working_tree(&self, since: &CommitSha) -> Result<WorkingTree, GitError> {
        WorkingTree::since(self, since)
    }

    /// Asks a git that stays; one whose answer was not understood does not.
    fn objects<T>(
        &self,
        kept: &RefCell<Option<Objects>>,
        told: Told,
        ask: impl FnOnce(&mut Objects) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        let mut objects = match kept.borrow_mut().take() {
            Some(objects) => objects,
            None => Objects::start(&self.git, told)?,
        };
        let answer = ask(&mut objects)?;
        kept.replace(Some(objects));
        Ok(answer)
    }
}

/// Reads `MODE TYPE BLOB SIZE TAB PATH`; the size may be absent or no number.
fn entry(line: &[u8]) -> Option<Entry> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (head, path) = line.split_at_checked(tab)?;
    let head = String::from_utf8_lossy(head);
    let mut words = head.split_ascii_whitespace();
    let (mode, _, blob) = (words.next()?, words.next()?, words.next()?);
    Some(Entry {
        path: String::from_utf8_lossy(path.get(1..)?).into_owned(),
        mode: mode.to_owned(),
        blob: blob.to_owned(),
        size: words.next().and_then(|size| size.parse().ok()),
    })
}
