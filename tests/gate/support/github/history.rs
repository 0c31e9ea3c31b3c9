//! The repository behind the fake: a real bare git repository, and the words to write its history.
//!
//! Real objects, because SHAs, merge bases and renames are what the product reasons about, and an
//! imitation would agree with our own mistakes. Names, dates and configuration are fixed, so that a
//! SHA is the same on every machine and may stand in a snapshot. Questions to git are in `git`.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::git::Depth;

/// What `git init` calls the first branch here.
const FIRST_BRANCH: &str = "main";

/// 2026-01-05T00:00:00Z. A fixed start, so that no SHA depends on when the test runs.
const FIRST_SECOND: u64 = 1_767_571_200;

/// One file's fate in a commit.
pub(crate) enum Change<'a> {
    /// The path holds these bytes, as an ordinary file.
    Write(&'a str, &'a [u8]),
    /// The path holds these bytes under a mode of its own: `100755` for a program, `120000` for a symbolic link.
    WriteAs(&'a str, &'a str, &'a [u8]),
    /// The path is a submodule at this commit of another repository.
    Submodule(&'a str, &'a str),
    /// The path is gone.
    Delete(&'a str),
}

/// A moment of the fake's clock, which moves by one second at each look.
#[derive(Clone, Copy)]
pub(super) struct Moment(u64);

impl Moment {
    pub(super) fn iso(self) -> String {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        assert!(hours < 24, "the fake's clock has one day only");
        format!("2026-01-05T{hours:02}:{minutes:02}:{seconds:02}Z")
    }

    fn raw(self) -> String {
        format!("{} +0000", FIRST_SECOND + self.0)
    }
}

/// A bare git repository in a directory that goes away with it.
pub(crate) struct Repository {
    pub(super) directory: TempDir,
    full_name: String,
    branch: Mutex<String>,
    clock: AtomicU64,
}

impl Repository {
    /// An empty repository, `acme/assistants`.
    pub(crate) fn new() -> Self {
        Self::named("acme/assistants")
    }

    /// An empty repository under another `owner/name`.
    pub(crate) fn named(full_name: &str) -> Self {
        assert_eq!(
            full_name.split('/').count(),
            2,
            "a repository's name is owner/name"
        );
        let repository = Self {
            directory: TempDir::new().unwrap(),
            full_name: full_name.to_owned(),
            branch: Mutex::new(FIRST_BRANCH.to_owned()),
            clock: AtomicU64::new(0),
        };
        repository.git(&[
            "init",
            "--quiet",
            "--bare",
            &format!("--initial-branch={FIRST_BRANCH}"),
            ".",
        ]);
        repository
    }

    /// `owner/name`.
    pub(crate) fn full_name(&self) -> &str {
        &self.full_name
    }

    /// The part before the slash.
    pub(crate) fn owner(&self) -> &str {
        self.full_name.split_once('/').unwrap().0
    }

    /// Later commits go to `branch`, which starts at the tip of the present one if it is new.
    pub(crate) fn branch(&self, branch: &str) {
        let from = std::mem::replace(&mut *self.branch.lock().unwrap(), branch.to_owned());
        if let (None, Some(tip)) = (self.tip(branch), self.tip(&from)) {
            self.git(&["update-ref", &format!("refs/heads/{branch}"), &tip]);
        }
    }

    /// Commits to the present branch: a path with bytes is written, a path with `None` is deleted. Returns the SHA.
    pub(crate) fn commit(&self, message: &str, files: &[(&str, Option<&[u8]>)]) -> String {
        let changes = files.iter().map(|(path, bytes)| match bytes {
            Some(bytes) => Change::Write(path, bytes),
            None => Change::Delete(path),
        });
        let branch = self.branch.lock().unwrap().clone();
        self.commit_on(&branch, message, &changes.collect::<Vec<_>>())
    }

    /// Commits to the named branch, which starts without history if it is new. Returns the SHA.
    ///
    /// One `fast-import`, because three thousand files would otherwise be three thousand processes.
    pub(crate) fn commit_on(&self, branch: &str, message: &str, changes: &[Change<'_>]) -> String {
        let reference = self.reference(branch);
        let when = self.tick().raw();
        let mut stream =
            format!("commit {reference}\nmark :1\ncommitter Ada <ada@example.org> {when}\n")
                .into_bytes();
        append_data(&mut stream, message.as_bytes());
        if let Some(tip) = self.tip(branch) {
            stream.extend(format!("from {tip}\n").bytes());
        }
        for change in changes {
            append_change(&mut stream, change);
        }
        stream.extend(b"\nget-mark :1\n");
        let output = self.git_with_input(&["fast-import", "--quiet", "--force"], &stream);
        String::from_utf8(output).unwrap().trim().to_owned()
    }

    /// What `git clone` takes.
    pub(crate) fn address(&self) -> String {
        format!("file://{}", self.directory.path().display())
    }

    /// The SHA that a branch points to now.
    pub(crate) fn tip(&self, branch: &str) -> Option<String> {
        self.resolve(&self.reference(branch))
    }

    /// The bytes of a file at the tip of a branch.
    pub(super) fn file(&self, branch: &str, path: &str) -> Option<Vec<u8>> {
        let entry = self.entry(&self.tip(branch)?, path)?;
        (entry.kind == "blob").then(|| self.blob(&entry.sha))
    }

    /// The paths of all files at the tip of a branch.
    pub(super) fn files(&self, branch: &str) -> Vec<String> {
        let entries = self
            .tip(branch)
            .map(|tip| self.entries(&tip, Depth::All))
            .unwrap_or_default();
        entries
            .into_iter()
            .filter(|entry| entry.kind != "tree")
            .map(|entry| entry.path)
            .collect()
    }

    /// Points the branch at a commit, whatever it pointed to, as a forced push does.
    pub(crate) fn reset(&self, branch: &str, sha: &str) {
        self.git(&["update-ref", &self.reference(branch), sha]);
    }

    /// Takes the branch away.
    pub(crate) fn delete_branch(&self, branch: &str) {
        self.git(&["update-ref", "-d", &self.reference(branch)]);
    }

    /// Hides a branch from the base repository, as a fork's branch is hidden though its objects are shared.
    pub(super) fn move_to_fork(&self, branch: &str) {
        let tip = self.tip(branch).expect("the fork's branch has commits");
        self.git(&["update-ref", &format!("refs/forks/{branch}"), &tip]);
        self.git(&["update-ref", "-d", &format!("refs/heads/{branch}")]);
    }

    pub(super) fn tick(&self) -> Moment {
        Moment(self.clock.fetch_add(1, Ordering::Relaxed))
    }

    fn reference(&self, branch: &str) -> String {
        let fork = format!("refs/forks/{branch}");
        if self.resolve(&fork).is_some() {
            fork
        } else {
            format!("refs/heads/{branch}")
        }
    }
}

fn append_change(stream: &mut Vec<u8>, change: &Change<'_>) {
    match change {
        Change::Write(path, bytes) => append_file(stream, path, "100644", bytes),
        Change::WriteAs(path, mode, bytes) => append_file(stream, path, mode, bytes),
        Change::Submodule(path, sha) => {
            stream.extend(format!("M 160000 {sha} {}\n", quoted(path)).bytes());
        }
        Change::Delete(path) => stream.extend(format!("D {}\n", quoted(path)).bytes()),
    }
}

fn append_file(stream: &mut Vec<u8>, path: &str, mode: &str, bytes: &[u8]) {
    stream.extend(format!("M {mode} inline {}\n", quoted(path)).bytes());
    append_data(stream, bytes);
}

fn append_data(stream: &mut Vec<u8>, bytes: &[u8]) {
    stream.extend(format!("data {}\n", bytes.len()).bytes());
    stream.extend(bytes);
    stream.push(b'\n');
}

/// A path as fast-import reads it; quoted always, so that a newline or a quote in a name needs no special case.
fn quoted(path: &str) -> String {
    let mut text = String::from('"');
    for character in path.chars() {
        match character {
            '"' | '\\' => write!(text, "\\{character}").unwrap(),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}
