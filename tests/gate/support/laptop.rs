//! A repository on a laptop, where people run the gate before they push.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::world::{CONFIG, KEY, KEY_VARIABLE, QA_FILE, QA_SUITE, SUPPORT_FILE, World};

/// A repository on a laptop, with the files of the world's `main`.
pub(crate) struct Laptop<'w> {
    world: &'w World,
    folder: TempDir,
}

impl<'w> Laptop<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        let folder = TempDir::new().unwrap();
        let laptop = Self { world, folder };
        fs::create_dir(laptop.path(".git")).unwrap();
        for name in [
            CONFIG,
            QA_SUITE,
            "suites/support_agent.yaml",
            QA_FILE,
            SUPPORT_FILE,
        ] {
            laptop.write(name, &world.file("main", name));
        }
        laptop
    }

    /// A clone of the world's repository, as git makes it.
    pub(crate) fn clone_of(world: &'w World) -> Self {
        Self::clone_with(world, &[])
    }

    pub(crate) fn clone_with(world: &'w World, options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let laptop = Self { world, folder };
        let from = world.github.repository().address();
        laptop.git(&[&["clone", "--quiet"], options, &[&from, "."]].concat());
        laptop
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
            .args(arguments)
            .current_dir(self.folder.path())
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

    /// Commits everything that lies in the working tree.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all", "--", ":!out"]);
        self.git(&["commit", "--quiet", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        fs::write(self.path(name), text.replace(from, to)).unwrap();
    }

    /// Any command, with the key at hand.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).wait_with_output().unwrap()
    }

    pub(crate) fn start(&self, out: &str, arguments: &[&str]) -> Child {
        let fixed = ["run", "--agent", "qa_agent", "--quiet", "--out", out];
        self.spawn(&[&fixed, arguments].concat())
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        self.prepared(arguments).spawn().unwrap()
    }

    /// A command that was not started yet.
    pub(crate) fn prepared(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunegate"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env(KEY_VARIABLE, KEY)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs, and says how many questions that took; the record is the run's.
    pub(crate) fn run(&self, arguments: &[&str]) -> (usize, Value) {
        let before = self.world.model.asked().len();
        let output = self.start("out", arguments).wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        let asked = self.world.model.asked().len() - before;
        (asked, self.record("out"))
    }

    pub(crate) fn record(&self, out: &str) -> Value {
        let text = fs::read(self.path(out).join("run.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }
}

/// What a command said on both streams, once it ended with this code.
#[track_caller]
pub(crate) fn told(output: &Output, code: i32) -> String {
    let told = [output.stdout.as_slice(), &output.stderr].concat();
    let told = String::from_utf8(told).unwrap();
    assert_eq!(output.status.code(), Some(code), "{told}");
    told
}
