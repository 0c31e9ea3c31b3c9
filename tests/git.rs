//! The repository on this machine, as git made it: what is read of it, and what is never done to it.
//!
//! Not beside the code: a process that starts others shares its open files with them for a moment, and the tests of
//! locked files would stumble over that.
#![cfg(test)]
#![cfg(unix)]

use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tunegate::edge::git::{GitError, Now, Repository, WorkingTree};
use tunegate::edge::{CommitSha, EntryKind};
use tunegate::gate::Files;

/// A repository in a folder of its own, made by git as it comes.
struct Sandbox(TempDir);

impl Sandbox {
    fn new() -> Self {
        Self::made(&["init", "--quiet", "--initial-branch=main"])
    }

    fn made(arguments: &[&str]) -> Self {
        let sandbox = Self(TempDir::new().unwrap());
        sandbox.git(arguments);
        sandbox
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.0.path(), arguments)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, name: &str, text: &str) -> CommitSha {
        self.write(name, text);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", name]);
        CommitSha::new(&self.git(&["rev-parse", "HEAD"])).unwrap()
    }

    fn open(&self) -> Repository {
        Repository::open(self.0.path()).unwrap()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("the tests need the git command");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn told(error: &GitError) -> String {
    error.to_string()
}

/// What differs, in words.
fn seen(tree: &WorkingTree) -> Vec<String> {
    let words = tree.files().map(|(path, now)| {
        let how = match now {
            Now::Gone => "gone".to_owned(),
            Now::Known(entry) => format!("known {}", entry.kind()),
            Now::Loose { kind, former: None } => format!("new {kind}"),
            Now::Loose { kind, .. } => format!("edited {kind}"),
        };
        format!("{path}: {how}")
    });
    words.collect()
}

#[test]
fn a_commit_lists_its_files_with_names_of_any_bytes() {
    let sandbox = Sandbox::new();
    for name in ["a b\n\"c\"", "-x", "ü/\t;$(id)", ":(top)y"] {
        sandbox.write(name, name);
    }
    let odd = sandbox
        .0
        .path()
        .join(std::ffi::OsStr::from_bytes(b"\xff.jsonl"));
    fs::write(&odd, "odd").unwrap();
    symlink("-x", sandbox.path("link")).unwrap();
    let commit = sandbox.commit("z", "zz\n");
    let repository = sandbox.open();
    let tree = repository.tree(&commit).unwrap();
    let entries: Vec<String> = tree
        .entries
        .iter()
        .map(|entry| format!("{} {} {:?}", entry.kind(), entry.path, entry.size))
        .collect();
    assert_eq!(
        entries,
        [
            "file -x Some(2)",
            "file :(top)y Some(7)",
            "file a b\n\"c\" Some(7)",
            "symbolic link link Some(2)",
            "file z Some(3)",
            "file ü/\t;$(id) Some(10)",
            "file \u{fffd}.jsonl Some(3)",
        ]
    );
    for entry in &tree.entries {
        let text = String::from_utf8(repository.blob(&entry.blob).unwrap()).unwrap();
        let expected = match entry.path.as_str() {
            "z" => "zz\n",
            "link" => "-x",
            "\u{fffd}.jsonl" => "odd",
            name => name,
        };
        assert_eq!(text, expected);
    }
}

#[test]
fn a_large_blob_is_read_piece_by_piece_and_its_end_is_known() {
    let sandbox = Sandbox::new();
    let text = "0123456789abcdef".repeat(1 << 16);
    let commit = sandbox.commit("big", &text);
    sandbox.commit("empty", "");
    let repository = sandbox.open();
    let blob = &repository.tree(&commit).unwrap().entries[0].blob;
    let mut opened = repository.open_blob(blob).unwrap();
    assert_eq!(opened.size(), 1 << 20);
    let mut read = String::new();
    opened.read_to_string(&mut read).unwrap();
    assert!(read == text);
    assert_eq!(opened.read(&mut [0; 8]).unwrap(), 0);
    // One that is not read to its end does not hold anybody up.
    drop(repository.open_blob(blob).unwrap());
    assert_eq!(repository.size(blob).unwrap(), 1 << 20);
    let empty = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    assert_eq!(repository.blob(empty).unwrap(), b"");
    assert_eq!(repository.blob(blob).unwrap(), text.as_bytes());
}

#[test]
fn an_object_that_is_absent_is_no_file_or_is_not_named_is_an_error_and_the_next_one_is_read() {
    let sandbox = Sandbox::new();
    let commit = sandbox.commit("a", "a");
    let repository = sandbox.open();
    let blob = repository.tree(&commit).unwrap().entries[0].blob.clone();
    for wrong in [
        "0".repeat(40).as_str(),
        commit.as_str(),
        "HEAD",
        "--help",
        "",
        &format!("{blob}\n{blob}"),
    ] {
        assert!(repository.blob(wrong).is_err(), "{wrong}");
        assert!(repository.open_blob(wrong).is_err(), "{wrong}");
        assert_eq!(repository.blob(&blob).unwrap(), b"a", "after {wrong}");
    }
}

#[test]
fn revisions_are_commits_and_never_options() {
    let sandbox = Sandbox::new();
    let first = sandbox.commit("a", "a");
    let second = sandbox.commit("b", "b");
    sandbox.git(&["tag", "--annotate", "--message", "x", "v1"]);
    let repository = sandbox.open();
    for name in ["main", "HEAD", "v1", "@", second.as_str()] {
        assert_eq!(repository.commit(name).unwrap(), second, "{name}");
    }
    assert_eq!(repository.commit("main~1").unwrap(), first);
    for name in [
        "--output=x",
        "-h",
        "--all",
        "",
        "^main",
        "main..HEAD",
        "HEAD:a",
        "nothing",
        "a\nb",
    ] {
        let error = repository.commit(name).unwrap_err();
        assert!(
            matches!(&error, GitError::UnknownRevision { revision, .. } if revision == name),
            "{name}: {error:?}"
        );
        assert!(error.is_usage());
    }
    assert!(!sandbox.path("x").exists());
}

#[test]
fn an_unknown_revision_of_a_known_remote_says_what_brings_it() {
    let sandbox = Sandbox::new();
    sandbox.commit("a", "a");
    sandbox.git(&["remote", "add", "up", "https://example.org/x"]);
    let repository = sandbox.open();
    let error = repository.commit("up/feature/x").unwrap_err();
    assert_eq!(
        told(&error),
        "there is no revision `up/feature/x` here; `git fetch up feature/x` brings it"
    );
    let error = repository.commit("other/x").unwrap_err();
    assert!(told(&error).ends_with("`git fetch` brings what is new"));
}

#[test]
fn a_working_tree_differs_in_what_was_committed_staged_edited_removed_and_added() {
    let sandbox = Sandbox::new();
    sandbox.write(".gitignore", "ignored\n");
    for name in ["same", "committed", "staged", "edited", "gone", "untouched"] {
        sandbox.write(name, "1\n");
    }
    let base = sandbox.commit("linked", "1\n");
    sandbox.commit("committed", "2\n");
    sandbox.write("staged", "2\n");
    sandbox.git(&["add", "staged"]);
    sandbox.write("edited", "2\n");
    sandbox.write("new/a b", "1\n");
    sandbox.write("ignored", "1\n");
    fs::remove_file(sandbox.path("gone")).unwrap();
    fs::remove_file(sandbox.path("linked")).unwrap();
    symlink("edited", sandbox.path("linked")).unwrap();
    symlink("/", sandbox.path("out")).unwrap();
    // Written again with the same content, or taken out of the index and left where it was.
    sandbox.write("same", "1\n");
    sandbox.git(&["rm", "--quiet", "--cached", "untouched"]);

    let tree = sandbox.open().working_tree(&base).unwrap();
    assert_eq!(
        seen(&tree),
        [
            "committed: known file",
            "edited: edited file",
            "gone: gone",
            "linked: edited symbolic link",
            "new/a b: new file",
            "out: new symbolic link",
            "staged: known file",
            "untouched: new file",
        ]
    );
    assert!(tree.changed().touches("gone") && !tree.changed().touches("same"));
    assert_eq!(tree.changed().doubt, None);
    let Some(Now::Known(entry)) = tree.file("committed") else {
        panic!("it is known")
    };
    assert_eq!(entry.size, Some(2));
}

#[test]
fn what_lies_below_a_folder_is_left_out_where_nobody_added_it() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit("out/kept", "1");
    for name in ["out/kept", "out/new", "outer", "a/out"] {
        sandbox.write(name, "2");
    }
    let mut tree = sandbox.open().working_tree(&base).unwrap();
    tree.leave_out(&sandbox.path("out"));
    assert_eq!(
        seen(&tree),
        [
            "a/out: new file",
            "out/kept: edited file",
            "outer: new file"
        ]
    );
}

#[test]
fn names_of_any_bytes_are_found_again_in_a_working_tree() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit("-f", "1");
    sandbox.write("-f", "2");
    sandbox.write("a\n:b\"\t", "x");
    let odd = sandbox
        .0
        .path()
        .join(std::ffi::OsStr::from_bytes(b"d\xfe.jsonl"));
    fs::write(&odd, "x").unwrap();
    let tree = sandbox.open().working_tree(&base).unwrap();
    assert_eq!(
        seen(&tree),
        [
            "-f: edited file",
            "a\n:b\"\t: new file",
            "d\u{fffd}.jsonl: new file"
        ]
    );
    let found = fs::canonicalize(tree.place("d\u{fffd}.jsonl")).unwrap();
    assert_eq!(found, fs::canonicalize(odd).unwrap());
}

#[test]
fn a_submodule_is_told_and_not_looked_into() {
    let inner = Sandbox::new();
    inner.commit("a", "1");
    let sandbox = Sandbox::new();
    sandbox.commit("a", "1");
    let from = inner.0.path().to_str().unwrap();
    sandbox.git(&["submodule", "--quiet", "add", from, "lib"]);
    let base = sandbox.commit("b", "1");
    let repository = sandbox.open();
    let tree = repository.tree(&base).unwrap();
    let lib = tree.entries.iter().find(|entry| entry.path == "lib");
    assert_eq!(lib.unwrap().kind(), EntryKind::Submodule);
    sandbox.write("lib/a", "edited");
    assert_eq!(
        seen(&repository.working_tree(&base).unwrap()),
        Vec::<String>::new()
    );
    git(&sandbox.path("lib"), &["commit", "--quiet", "-am", "x"]);
    // A repository inside of this one that nobody added would become a submodule.
    sandbox.write("nested/a", "1");
    git(&sandbox.path("nested"), &["init", "--quiet"]);
    git(&sandbox.path("nested"), &["add", "."]);
    git(&sandbox.path("nested"), &["commit", "--quiet", "-m", "x"]);
    assert_eq!(
        seen(&repository.working_tree(&base).unwrap()),
        ["lib: edited submodule", "nested: new submodule"]
    );
}

#[test]
fn no_program_that_a_repository_names_is_started_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".gitattributes",
        "*.lfs filter=evil diff=evil\n*.x filter=\"a=b\"\n",
    );
    sandbox.write("a.x", "1\n");
    let base = sandbox.commit("a.lfs", "1\n");
    let trap = sandbox.path("trap");
    let spring = format!("touch '{}'; cat", trap.display());
    for name in [
        "filter.evil.clean",
        "filter.evil.process",
        "filter.a=b.clean",
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
    ] {
        sandbox.git(&["config", name, &spring]);
    }
    sandbox.git(&["config", "filter.evil.required", "true"]);
    sandbox.write(
        ".git/hooks/post-index-change",
        &format!("#!/bin/sh\n{spring}\n"),
    );
    sandbox.write("a.lfs", "2\n");
    let index = fs::read(sandbox.path(".git/index")).unwrap();

    let repository = sandbox.open();
    let tree = repository.working_tree(&base).unwrap();
    assert_eq!(seen(&tree), ["a.lfs: edited file"]);
    repository.tree(&base).unwrap();
    assert!(!trap.exists());
    assert_eq!(fs::read(sandbox.path(".git/index")).unwrap(), index);
    assert!(!sandbox.path(".git/index.lock").exists());
}

#[test]
fn two_branches_have_their_newest_common_commit() {
    let sandbox = Sandbox::new();
    let start = sandbox.commit("a", "1");
    let main = sandbox.commit("b", "1");
    sandbox.git(&["checkout", "--quiet", "-b", "feature", start.as_str()]);
    let head = sandbox.commit("c", "1");
    let repository = sandbox.open();
    assert_eq!(repository.head().unwrap(), head);
    assert_eq!(
        repository.merge_base(("main", &main), &head).unwrap(),
        start
    );
    assert_eq!(
        repository.ancestors(&head, 1).unwrap(),
        [head.clone(), start]
    );
    assert_eq!(repository.ancestors(&head, 2).unwrap(), []);
    sandbox.git(&["checkout", "--quiet", "--orphan", "other"]);
    let other = sandbox.commit("d", "1");
    let error = repository.merge_base(("main", &main), &other).unwrap_err();
    assert!(
        matches!(&error, GitError::Unrelated(name) if name == "main"),
        "{error:?}"
    );
}

#[test]
fn a_shallow_clone_says_what_is_missing() {
    let origin = Sandbox::new();
    let start = origin.commit("a", "1");
    origin.git(&["checkout", "--quiet", "-b", "feature"]);
    origin.commit("b", "1");
    origin.commit("c", "1");
    origin.git(&["checkout", "--quiet", "main"]);
    let main = origin.commit("d", "1");
    let from = format!("file://{}", origin.0.path().display());
    let clone = Sandbox::made(&[
        "clone",
        "--quiet",
        "--depth=1",
        "--no-single-branch",
        "--branch=feature",
        &from,
        ".",
    ]);
    let repository = clone.open();
    assert!(repository.is_shallow() && !origin.open().is_shallow());
    let (base, head) = (repository.commit("origin/main"), repository.head().unwrap());
    assert_eq!(base.unwrap(), main);
    let error = repository
        .merge_base(("origin/main", &main), &head)
        .unwrap_err();
    assert!(told(&error).contains("git fetch --unshallow"), "{error}");
    let error = repository.commit(start.as_str()).unwrap_err();
    assert!(told(&error).contains("git fetch --unshallow"), "{error}");
}

#[test]
fn a_partial_clone_is_not_completed_in_secret() {
    let origin = Sandbox::new();
    let base = origin.commit("a", "1");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", origin.0.path().display());
    let clone = Sandbox::made(&[
        "clone",
        "--quiet",
        "--no-checkout",
        "--filter=blob:none",
        &from,
        ".",
    ]);
    let repository = clone.open();
    let tree = repository.tree(&base).unwrap();
    assert_eq!((tree.entries.len(), tree.entries[0].size), (1, None));
    let blob = &tree.entries[0].blob;
    for _ in 0..2 {
        assert!(matches!(repository.blob(blob), Err(GitError::Absent(_))));
        assert!(matches!(
            repository.open_blob(blob),
            Err(GitError::Absent(_))
        ));
        assert!(repository.size(blob).is_err());
    }
}

#[test]
fn what_is_no_working_tree_is_told() {
    let folder = TempDir::new().unwrap();
    let error = Repository::open(folder.path()).unwrap_err();
    assert!(
        matches!(error, GitError::NotARepository { .. }),
        "{error:?}"
    );
    let bare = Sandbox::made(&["init", "--quiet", "--bare"]);
    let error = Repository::open(bare.0.path()).unwrap_err();
    assert!(matches!(error, GitError::Bare(_)), "{error:?}");
    let sandbox = Sandbox::new();
    assert!(matches!(sandbox.open().head(), Err(GitError::Unborn)));
    sandbox.write("inner/a", "1");
    let error = Repository::open(&sandbox.path("inner")).unwrap_err();
    assert!(
        matches!(error, GitError::NotARepository { .. }),
        "{error:?}"
    );
}

#[test]
fn a_working_tree_beside_the_first_one_shares_its_repository() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit("a", "1");
    let beside = TempDir::new().unwrap();
    let place = beside.path().join("tree");
    sandbox.git(&["worktree", "add", "--quiet", place.to_str().unwrap()]);
    fs::write(place.join("b"), "1").unwrap();
    let repository = Repository::open(&place).unwrap();
    assert_eq!(
        seen(&repository.working_tree(&base).unwrap()),
        ["b: new file"]
    );
    let shared = fs::canonicalize(sandbox.path(".git")).unwrap();
    assert_eq!(repository.lfs_objects(), shared.join("lfs/objects"));
}

#[test]
fn a_repository_of_sha_256_is_read_like_any_other() {
    let sandbox = Sandbox::made(&[
        "init",
        "--quiet",
        "--initial-branch=main",
        "--object-format=sha256",
    ]);
    let base = sandbox.commit("a", "1");
    assert_eq!(base.as_str().len(), 64);
    sandbox.commit("a", "2");
    let repository = sandbox.open();
    let tree = repository.tree(&base).unwrap();
    assert_eq!(repository.blob(&tree.entries[0].blob).unwrap(), b"1");
    let changed = repository.working_tree(&base).unwrap();
    assert_eq!(seen(&changed), ["a: known file"]);
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_not_gone() {
    let sandbox = Sandbox::new();
    let base = sandbox.commit("data/a", "1");
    sandbox.write("b", "1");
    sandbox.commit("data/a", "2");
    sandbox.git(&["sparse-checkout", "set", "--no-cone", "/b"]);
    assert!(!sandbox.path("data/a").exists());
    let repository = sandbox.open();
    let tree = repository.working_tree(&base).unwrap();
    assert_eq!(seen(&tree), ["b: known file", "data/a: known file"]);
    let Some(Now::Known(entry)) = tree.file("data/a") else {
        panic!("it is known")
    };
    assert_eq!(repository.blob(&entry.blob).unwrap(), b"2");
}

#[test]
fn branches_of_a_name_are_found_here_and_as_fetched() {
    let sandbox = Sandbox::new();
    let tip = sandbox.commit("a", "1");
    for name in [
        "refs/heads/data",
        "refs/heads/data-2",
        "refs/heads/x/data",
        "refs/remotes/origin/data",
        "refs/remotes/origin/x/data",
        "refs/remotes/up/data",
    ] {
        sandbox.git(&["update-ref", name, tip.as_str()]);
    }
    let repository = sandbox.open();
    let found = repository.branches("data").unwrap();
    let remotes: Vec<Option<&str>> = found.iter().map(|one| one.remote.as_deref()).collect();
    assert_eq!(remotes, [None, Some("origin"), Some("up")]);
    assert_eq!(repository.branches("absent").unwrap(), []);
    for (revision, remote) in [
        ("up/data", Some("up")),
        ("origin/x/data", Some("origin")),
        ("data", None),
        ("main~0", None),
        ("--all", None),
    ] {
        assert_eq!(
            repository.remote_of(revision).unwrap().as_deref(),
            remote,
            "{revision}"
        );
    }
}

#[tokio::test]
async fn a_link_of_a_commit_reads_as_its_file_and_a_folder_is_none() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("deep")).unwrap();
    symlink("../small", sandbox.path("deep/link")).unwrap();
    symlink("link", sandbox.path("deep/again")).unwrap();
    symlink("../../x", sandbox.path("deep/out")).unwrap();
    symlink("loop", sandbox.path("loop")).unwrap();
    let commit = sandbox.commit("small", "small");
    sandbox.write("small", "edited");
    let repository = sandbox.open();
    let files = Files::git(&repository, commit);
    for name in ["small", "deep/link", "deep/again"] {
        assert_eq!(files.read(name).await.unwrap().unwrap(), b"small", "{name}");
    }
    assert_eq!(files.read("deep/absent").await.unwrap(), None);
    for (name, why) in [
        ("deep", "a folder, not a file"),
        ("deep/out", "leads to no file of this repository"),
        ("loop", "leads to no file of this repository"),
    ] {
        let error = files.read(name).await.unwrap_err().to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
}
