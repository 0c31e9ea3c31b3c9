//! Questions to git, and the few object writes behind the REST API's git endpoints.
//!
//! Knows nothing of GitHub. Everything runs the `git` command in a scrubbed environment: a developer's
//! `commit.gpgsign` or `core.autocrlf` must not change a SHA.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::history::Repository;

/// One line of a tree.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) mode: String,
    pub(super) kind: String,
    pub(super) sha: String,
    pub(super) size: Option<u64>,
    pub(super) path: String,
}

/// Who made a commit, and when.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) date: String,
}

/// What a commit says of itself.
pub(super) struct Commit {
    pub(super) sha: String,
    pub(super) tree: String,
    pub(super) parents: Vec<String>,
    pub(super) author: Person,
    pub(super) committer: Person,
    pub(super) message: String,
}

impl Repository {
    /// Runs git and gives its output, or what it complained of.
    pub(super) fn try_git(
        &self,
        arguments: &[&str],
        environment: &[(&str, &str)],
        input: &[u8],
    ) -> Result<Vec<u8>, String> {
        let mut child = Command::new("git")
            .args(arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs([
                ("GIT_CONFIG_GLOBAL", "/dev/null"),
                ("GIT_CONFIG_NOSYSTEM", "1"),
                ("TZ", "UTC"),
                ("LC_ALL", "C"),
            ])
            .envs([
                ("GIT_AUTHOR_NAME", "Ada"),
                ("GIT_AUTHOR_EMAIL", "ada@example.org"),
            ])
            .envs([
                ("GIT_COMMITTER_NAME", "Ada"),
                ("GIT_COMMITTER_EMAIL", "ada@example.org"),
            ])
            .env("GIT_DIR", self.directory.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tests need the git command");
        let mut stdin = child.stdin.take().unwrap();
        let output = std::thread::scope(|scope| {
            // A second thread, because git may fill its output pipe before it has read all input.
            scope.spawn(move || drop(stdin.write_all(input)));
            child.wait_with_output().unwrap()
        });
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.git_with_input(arguments, b"")).unwrap()
    }

    pub(super) fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        self.try_git(arguments, &[], input)
            .unwrap_or_else(|complaint| panic!("git {arguments:?}: {complaint}"))
    }

    /// The commit that a branch, a tag, a full reference or a SHA names.
    pub(crate) fn resolve(&self, revision: &str) -> Option<String> {
        self.object(&format!("{revision}^{{commit}}"))
    }

    /// The object behind any revision, whatever its type.
    pub(super) fn object(&self, revision: &str) -> Option<String> {
        let output = self
            .try_git(
                &[
                    "rev-parse",
                    "--verify",
                    "--quiet",
                    "--end-of-options",
                    revision,
                ],
                &[],
                b"",
            )
            .ok()?;
        let sha = String::from_utf8(output).ok()?.trim().to_owned();
        // rev-parse believes any forty digits; only cat-file looks whether the object is there.
        self.try_git(&["cat-file", "-e", &sha], &[], b"")
            .is_ok()
            .then_some(sha)
    }

    pub(super) fn is(&self, sha: &str, kind: &str) -> bool {
        self.try_git(&["cat-file", "-t", sha], &[], b"")
            .is_ok_and(|found| found.trim_ascii() == kind.as_bytes())
    }

    pub(super) fn blob(&self, sha: &str) -> Vec<u8> {
        self.git_with_input(&["cat-file", "blob", sha], b"")
    }

    /// The lines of a tree; with all depths, directories are listed too, as GitHub lists them.
    pub(super) fn entries(&self, tree: &str, depth: Depth) -> Vec<Entry> {
        let mut arguments = vec!["ls-tree", "-z", "-l"];
        if matches!(depth, Depth::All) {
            arguments.extend(["-r", "-t"]);
        }
        arguments.push(tree);
        parse_entries(&self.git(&arguments))
    }

    /// The line of a tree that stands for exactly this path; none for a path that leads out of the repository.
    pub(super) fn entry(&self, commit: &str, path: &str) -> Option<Entry> {
        let output = self
            .try_git(&["ls-tree", "-z", "-l", commit, "--", path], &[], b"")
            .ok()?;
        parse_entries(&String::from_utf8(output).unwrap()).pop()
    }

    pub(super) fn merge_base(&self, one: &str, other: &str) -> Option<String> {
        let output = self.try_git(&["merge-base", one, other], &[], b"").ok()?;
        Some(String::from_utf8(output).ok()?.trim().to_owned())
    }

    pub(super) fn is_ancestor(&self, ancestor: &str, descendant: &str) -> bool {
        self.try_git(
            &["merge-base", "--is-ancestor", ancestor, descendant],
            &[],
            b"",
        )
        .is_ok()
    }

    /// How many commits a range holds.
    pub(super) fn count(&self, range: &str) -> usize {
        self.git(&["rev-list", "--count", range])
            .trim()
            .parse()
            .unwrap()
    }

    /// The commits of a range, newest first. Further arguments are those of `git log`.
    pub(super) fn log(&self, range: &str, more: &[&str]) -> Vec<Commit> {
        const FIELDS: &str =
            "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B";
        const DATE: &str = "--date=format-local:%Y-%m-%dT%H:%M:%SZ";
        let mut arguments = vec!["log", "-z", FIELDS, DATE];
        let (options, paths): (Vec<&str>, Vec<&str>) =
            more.iter().partition(|one| one.starts_with('-'));
        arguments.extend(options);
        arguments.extend([range, "--"]);
        arguments.extend(paths);
        let output = self.git(&arguments);
        let fields: Vec<&str> = output.split('\0').collect();
        fields.chunks_exact(10).map(parse_commit).collect()
    }

    pub(super) fn facts(&self, sha: &str) -> Commit {
        self.log(sha, &["--max-count=1"]).remove(0)
    }

    /// The commit that a merge of the two would be, or nothing if they conflict.
    pub(super) fn merge(
        &self,
        base: &str,
        head: &str,
        message: &str,
        date: &str,
    ) -> Option<String> {
        let tree = self
            .try_git(&["merge-tree", "--write-tree", base, head], &[], b"")
            .ok()?;
        let tree = String::from_utf8(tree).ok()?.trim().to_owned();
        let dates = [("GIT_AUTHOR_DATE", date), ("GIT_COMMITTER_DATE", date)];
        let arguments = ["commit-tree", &tree, "-p", base, "-p", head, "-m", message];
        Some(
            String::from_utf8(self.try_git(&arguments, &dates, b"").ok()?)
                .ok()?
                .trim()
                .to_owned(),
        )
    }

    /// Moves a reference if it still points to `old` (`""`: if it does not exist yet). Says whether it moved.
    pub(super) fn compare_and_swap(&self, reference: &str, new: &str, old: &str) -> bool {
        const NOTHING: &str = "0000000000000000000000000000000000000000";
        let old = if old.is_empty() { NOTHING } else { old };
        self.try_git(&["update-ref", reference, new, old], &[], b"")
            .is_ok()
    }

    pub(super) fn write_blob(&self, bytes: &[u8]) -> String {
        let sha = self.git_with_input(&["hash-object", "-w", "--stdin"], bytes);
        String::from_utf8(sha).unwrap().trim().to_owned()
    }

    /// Writes a tree: `base` with the lines (`mode SHA<TAB>path`, mode 0 deletes) laid over it.
    pub(super) fn write_tree(
        &self,
        base: Option<&str>,
        lines: &[String],
    ) -> Result<String, String> {
        let folder = tempfile::TempDir::new().unwrap();
        let index = folder.path().join("index");
        let environment = [("GIT_INDEX_FILE", index.to_str().unwrap())];
        match base {
            Some(base) => self.try_git(&["read-tree", base], &environment, b"")?,
            None => self.try_git(&["read-tree", "--empty"], &environment, b"")?,
        };
        let input: String = lines
            .iter()
            .flat_map(|line| [line.as_str(), "\0"])
            .collect();
        self.try_git(
            &["update-index", "-z", "--index-info"],
            &environment,
            input.as_bytes(),
        )?;
        let sha = self.try_git(&["write-tree"], &environment, b"")?;
        Ok(String::from_utf8(sha).unwrap().trim().to_owned())
    }
}

/// Whether a tree is read with the trees below it.
#[derive(Clone, Copy)]
pub(super) enum Depth {
    One,
    All,
}

/// Reads `ls-tree -z -l`: mode, type, SHA and size by blanks, then a tab and the path.
fn parse_entries(output: &str) -> Vec<Entry> {
    let entry = |line: &str| {
        let (facts, path) = line.split_once('\t').unwrap();
        let mut facts = facts.split_whitespace().map(str::to_owned);
        Entry {
            mode: facts.next().unwrap(),
            kind: facts.next().unwrap(),
            sha: facts.next().unwrap(),
            size: facts.next().unwrap().parse().ok(),
            path: path.to_owned(),
        }
    };
    output.split_terminator('\0').map(entry).collect()
}

fn parse_commit(fields: &[&str]) -> Commit {
    let person = |from: usize| Person {
        name: fields[from].to_owned(),
        email: fields[from + 1].to_owned(),
        date: fields[from + 2].to_owned(),
    };
    Commit {
        sha: fields[0].to_owned(),
        tree: fields[1].to_owned(),
        parents: fields[2].split_whitespace().map(str::to_owned).collect(),
        author: person(3),
        committer: person(6),
        message: fields[9].trim_end().to_owned(),
    }
}
