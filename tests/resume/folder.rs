//! A folder with a gate of one agent, and the command that runs in it.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::server::Server;

/// Questions in flight.
pub(crate) const CONCURRENCY: usize = 12;
/// Questions that were asked and are not written down, at most: in flight, or answered and next to be scored.
pub(crate) const UNWRITTEN: usize = 2 * CONCURRENCY;

/// A repository's folder with one agent.
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    /// So many cases, asked of a server, twelve at once.
    pub(crate) fn new(server: &Server, cases: usize) -> Self {
        let folder = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut lines = String::new();
        for case in 0..cases {
            let checks = r#"[{"contains":"red"},{"contains":"blue","dimension":"format"}]"#;
            writeln!(
                lines,
                r#"{{"id":"case-{case}","prompt":"Name two colours, {case}","checks":{checks}}}"#
            )
            .unwrap();
        }
        folder.write("cases.jsonl", &lines);
        let suite = "scoring: {profile: checks}\ncases_from: cases.jsonl\n";
        folder.write("suite.yaml", suite);
        let url = server.base_url();
        let config = format!(
            "version: 1
providers:
  local: {{kind: openai, base_url: \"{url}\", concurrency: {CONCURRENCY}, extra_body: {{top_k: 1}}}}
  other: {{kind: openai, base_url: \"{url}\"}}
defaults: {{provider: local, temperature: 0.5}}
agents:
  qa_agent:
    model: {{id: \"ft:a\"}}
    system: {{text: Be brief.}}
    suite: suite.yaml
run: {{retry_delay: 1ms, samples: 1}}
"
        );
        folder.write("tunegate.yaml", &config);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Puts other words into a file.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no `{from}`");
        self.write(name, &text.replace(from, to));
    }

    /// `tunegate run` that writes to the folder `out`.
    pub(crate) fn run(&self, out: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunegate"));
        command
            .args(["run", "--quiet", "--out", out])
            .args(arguments);
        self.set_up(&mut command);
        command
    }

    /// The same where no file may grow beyond so many blocks of 512 bytes, as if the disk were full.
    pub(crate) fn run_on_a_small_disk(&self, out: &str, blocks: usize) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -f \"$0\" && exec \"$@\"", &blocks.to_string()]);
        command.arg(env!("CARGO_BIN_EXE_tunegate"));
        command.args(["run", "--quiet", "--out", out]);
        self.set_up(&mut command);
        command
    }

    fn set_up(&self, command: &mut Command) {
        command
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
    }

    /// Runs to the end.
    #[track_caller]
    pub(crate) fn ran(&self, out: &str, arguments: &[&str]) -> Ran {
        Ran::of(&self.run(out, arguments).output().unwrap())
    }

    /// The journal's lines that are whole.
    pub(crate) fn journal(&self, out: &str) -> Vec<Value> {
        let text = fs::read(self.path(out).join("journal.jsonl")).unwrap();
        let end = text.iter().rposition(|byte| *byte == b'\n');
        let whole = text.get(..end.map_or(0, |end| end + 1)).unwrap();
        let lines = whole.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// The numbers of the cases that the journal holds an answer to.
    pub(crate) fn answered(&self, out: &str) -> Vec<usize> {
        let lines = self.journal(out);
        let samples = lines.iter().map(|line| &line["sample"]);
        let mut answered: Vec<usize> = samples
            .filter(|line| line["sample"]["status"] == "scored")
            .map(|line| number(line["case"].as_str().unwrap()))
            .collect();
        answered.sort_unstable();
        answered
    }

    pub(crate) fn record(&self, out: &str) -> Value {
        serde_json::from_str(&self.read(&format!("{out}/run.json"))).unwrap()
    }

    /// The record without times.
    pub(crate) fn timeless(&self, out: &str) -> Value {
        let mut record = self.record(out);
        for key in ["record_digest", "created"] {
            record[key].take();
        }
        for key in ["started", "finished"] {
            record["run"][key].take();
        }
        let agents = record["agents"].as_array_mut().unwrap();
        for agent in agents {
            agent["latency_ms"].take();
            let cases = agent["cases"].as_array_mut().unwrap().iter_mut();
            for sample in cases.flat_map(|case| case["samples"].as_array_mut().unwrap()) {
                sample["latency_ms"].take();
            }
        }
        record
    }
}

/// The number in a text that has one.
pub(crate) fn number(text: &str) -> usize {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// The numbers of the cases that were asked, sorted.
pub(crate) fn asked(server: &Server) -> Vec<usize> {
    let mut asked: Vec<usize> = server.asked().iter().map(|text| number(text)).collect();
    asked.sort_unstable();
    asked
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    code: Option<i32>,
    pub(crate) told: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            told: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.told);
        self
    }

    /// The exit code.
    pub(crate) fn code(&self) -> i32 {
        self.code.unwrap()
    }

    /// Told in these words, in this order or another.
    #[track_caller]
    pub(crate) fn tells(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.told.contains(word), "no `{word}` in: {}", self.told);
        }
        self
    }
}
