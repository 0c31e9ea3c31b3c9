//! Runs the binary as GitHub's runner runs it: an empty environment, then only what a runner sets.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::github::Event;
use super::world::{KEY, KEY_VARIABLE, World};

/// The user that jobs have on GitHub's machines.
const RUNNER: u32 = 1001;

/// A job that is about to run.
pub(crate) struct Job<'w> {
    world: &'w World,
    folder: TempDir,
    variables: BTreeMap<String, String>,
    image: Option<String>,
    blocks: Option<usize>,
}

/// What a job left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The text of the step summary.
    pub(crate) summary: String,
    /// The outputs, as a later step reads them.
    pub(crate) outputs: BTreeMap<String, String>,
    /// The files in the workspace, by path.
    pub(crate) files: BTreeMap<String, String>,
}

impl<'w> Job<'w> {
    pub(super) fn new(world: &'w World, event: &Event, sha: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("workspace")).unwrap();
        let path = event.write(folder.path());
        let job = Self {
            world,
            folder,
            variables: BTreeMap::new(),
            image: None,
            blocks: None,
        };
        let inside = |name: &str| job.folder.path().join(name).to_str().unwrap().to_owned();
        let (event_path, summary, output) =
            (path.to_str().unwrap(), inside("summary"), inside("output"));
        let (api, token, workspace) = (
            world.github.api_url(),
            world.github.token(),
            inside("workspace"),
        );
        let variables = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "alice"),
            ("GITHUB_API_URL", &api),
            ("GITHUB_EVENT_NAME", event.name),
            ("GITHUB_EVENT_PATH", event_path),
            ("GITHUB_OUTPUT", &output),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_REPOSITORY", "acme/assistants"),
            ("GITHUB_RUN_ATTEMPT", "1"),
            ("GITHUB_RUN_ID", "4711"),
            ("GITHUB_SERVER_URL", "https://github.example"),
            ("GITHUB_SHA", sha),
            ("GITHUB_STEP_SUMMARY", &summary),
            (
                "GITHUB_WORKFLOW_REF",
                "acme/assistants/.github/workflows/gate.yml@refs/heads/main",
            ),
            ("GITHUB_WORKSPACE", &workspace),
            ("INPUT_GITHUB-TOKEN", &token),
            ("RUNNER_OS", "Linux"),
            ("TUNEGATE_RETRY_DELAY_MS", "1"),
            (KEY_VARIABLE, KEY),
        ];
        let job = variables
            .into_iter()
            .fold(job, |job, (name, value)| job.variable(name, value));
        // The runner makes both files before a step starts.
        std::fs::write(&summary, "").unwrap();
        std::fs::write(&output, "").unwrap();
        job
    }

    /// An input of the action, set in the workflow.
    pub(crate) fn input(self, name: &str, value: &str) -> Self {
        self.variable(&format!("INPUT_{}", name.to_uppercase()), value)
    }

    /// The run's number, which the next run of the workflow has another of.
    pub(crate) fn numbered(self, run: u64) -> Self {
        self.variable("GITHUB_RUN_ID", &run.to_string())
    }

    /// Another variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Without a variable.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.variables
            .remove(name)
            .unwrap_or_else(|| panic!("{name} is not set"));
        self
    }

    /// With the files of an earlier run's workspace below this folder, as `actions/cache` restores them.
    pub(crate) fn restored(self, run: &Run, folder: &str) -> Self {
        let start = format!("{folder}/");
        for (name, text) in run
            .files
            .iter()
            .filter(|(name, _)| name.starts_with(&start))
        {
            let path = self.path("workspace").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        self
    }

    /// With another content of the event's file.
    pub(crate) fn event_file(self, content: &[u8]) -> Self {
        std::fs::write(self.path("event.json"), content).unwrap();
        self
    }

    /// With a file in the workspace that an earlier step left there.
    pub(crate) fn file(self, name: &str, content: &str) -> Self {
        let path = self.path("workspace").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// With a folder where the runner's file of this name should be, `output` or `summary`: nobody can write that, root
    /// included.
    pub(crate) fn unwritable(self, name: &str) -> Self {
        std::fs::remove_file(self.path(name)).unwrap();
        std::fs::create_dir(self.path(name)).unwrap();
        self
    }

    /// Where no file may grow beyond so many blocks of 512 bytes, as if the disk were full.
    pub(crate) fn on_a_small_disk(mut self, blocks: usize) -> Self {
        self.blocks = Some(blocks);
        self
    }

    /// With a symbolic link in the workspace, as a checkout makes one of what was committed.
    #[cfg(unix)]
    pub(crate) fn link(self, name: &str, to: &Path) -> Self {
        std::os::unix::fs::symlink(to, self.path("workspace").join(name)).unwrap();
        self
    }

    /// In a container of this image instead of the binary that was built with this test. On GitHub's runner the user of
    /// the workspace is not the container's; here it is another one where this test may make it so.
    pub(crate) fn in_image(mut self, image: &str) -> Self {
        chown(self.path("workspace"), Some(RUNNER), Some(RUNNER)).ok();
        self.image = Some(image.to_owned());
        self
    }

    /// Runs to the end.
    pub(crate) fn run(self) -> Run {
        let child = self.spawn();
        self.collect(child.wait_with_output().unwrap())
    }

    /// Runs to the end; meanwhile something else is done with the world, given the number of the process.
    pub(crate) fn run_beside(self, meanwhile: impl FnOnce(&World, u32)) -> Run {
        let child = self.spawn();
        meanwhile(self.world, child.id());
        self.collect(child.wait_with_output().unwrap())
    }

    /// Runs until `when` returns, sends SIGTERM as a cancelled workflow does, and waits for the end.
    pub(crate) fn run_until(self, when: impl FnOnce(&World)) -> Run {
        self.run_until_and(when, || {})
    }

    /// The same; something else happens between the signal and the end.
    pub(crate) fn run_until_and(self, when: impl FnOnce(&World), then: impl FnOnce()) -> Run {
        self.run_beside(|world, process| {
            when(world);
            let killed = Command::new("sh")
                .args(["-c", "kill -TERM \"$0\"", &process.to_string()])
                .status()
                .unwrap();
            assert!(
                killed.success(),
                "the process is gone before its signal came"
            );
            then();
        })
    }

    fn spawn(&self) -> Child {
        let mut command = match (&self.image, self.blocks) {
            (Some(image), _) => self.podman(image),
            (None, None) => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_tunegate"));
                command.arg("action").env_clear().envs(&self.variables);
                command
            }
            (None, Some(blocks)) => {
                let mut command = Command::new("sh");
                command.args(["-c", "ulimit -f \"$0\" && exec \"$@\"", &blocks.to_string()]);
                command.args([env!("CARGO_BIN_EXE_tunegate"), "action"]);
                command.env_clear().envs(&self.variables);
                // A shell passes no name on that has a hyphen.
                command.env("GITHUB_TOKEN", self.world.github.token());
                command
            }
        };
        command
            .current_dir(self.path("workspace"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
    }

    fn podman(&self, image: &str) -> Command {
        let mut command = Command::new("podman");
        command.args(["--runtime", "runc", "run", "--rm", "--network", "host"]);
        command.args([
            "--ulimit",
            "nofile=1024:1024",
            "--ulimit",
            "nproc=1024:1024",
        ]);
        for (name, value) in &self.variables {
            command.arg("-e").arg(format!("{name}={value}"));
        }
        let folder = self.folder.path().display();
        command.arg("-v").arg(format!("{folder}:{folder}"));
        command
            .arg("--workdir")
            .arg(self.path("workspace"))
            .arg(image);
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn collect(self, output: Output) -> Run {
        let read = |name| {
            let path = self.path(name);
            if path.is_dir() {
                return String::new();
            }
            std::fs::read_to_string(path).unwrap()
        };
        let mut files = BTreeMap::new();
        collect_files(&self.path("workspace"), &self.path("workspace"), &mut files);
        let owner = owner(&self.path("workspace"));
        for name in files.keys() {
            let path = self.path("workspace").join(name);
            assert_eq!(owner, self::owner(&path), "the runner cannot remove {name}");
        }
        let run = Run {
            code: output
                .status
                .code()
                .unwrap_or_else(|| panic!("ended by a signal: {}", output.status)),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            summary: read("summary"),
            outputs: parse_outputs(&read("output")),
            files,
        };
        self.assert_no_secret(&run);
        run
    }

    /// Holds for every job: neither the model's key nor the token is anywhere but where it was sent to log in.
    fn assert_no_secret(&self, run: &Run) {
        let mut places = vec![
            format!("{run:?}"),
            run.stdout.clone(),
            run.stderr.clone(),
            run.summary.clone(),
        ];
        places.extend(run.outputs.values().chain(run.files.values()).cloned());
        for request in self.world.github.requests() {
            places.push(format!(
                "{} {:?} {:?}",
                request.path, request.query, request.headers
            ));
            places.push(String::from_utf8_lossy(&request.body).into_owned());
            places.extend(decoded_content(&request.json()));
        }
        let token = self.world.github.token();
        let quoted = serde_json::Value::from(KEY).to_string();
        for place in &places {
            for secret in [KEY, quoted.trim_matches('"'), &token] {
                assert!(!place.contains(secret), "{secret} is shown in\n{place}");
            }
        }
    }
}

fn owner(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().uid()
}

/// What a request carries in base64, as blobs are.
fn decoded_content(body: &serde_json::Value) -> Option<String> {
    use base64::Engine as _;
    let content = body["content"].as_str()?;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(content)
        .ok()?;
    String::from_utf8(bytes).ok()
}

fn collect_files(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_files(root, &path, files);
        } else {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Undoes `name<<DELIMITER`, the only form in which a value may have lines.
fn parse_outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line
            .split_once("<<")
            .unwrap_or_else(|| panic!("not an output: {line}"));
        let value: Vec<&str> = lines
            .by_ref()
            .take_while(|line| *line != delimiter)
            .collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}

impl Run {
    /// An output, empty where it was not set: that is what a workflow's expression reads.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// The record of the run.
    pub(crate) fn record(&self) -> serde_json::Value {
        serde_json::from_str(&self.files["tunegate-out/run.json"]).unwrap()
    }

    /// The lines of the log that the runner shows as annotations of this level.
    pub(crate) fn annotations(&self, level: &str) -> Vec<&str> {
        let start = format!("::{level} ");
        self.stdout
            .lines()
            .filter(|line| line.starts_with(&start))
            .collect()
    }

    /// Panics with everything that was told, where the exit code is another one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}\nsummary:\n{}",
            self.stdout, self.stderr, self.summary
        );
        self
    }
}
