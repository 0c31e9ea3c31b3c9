//! A run in parts, on recorded answers: the parts joined are the undivided run, and what is not its parts is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

struct Folder(TempDir);

/// What one command left behind.
#[derive(Debug)]
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap_or_default(),
            stderr: String::from_utf8(output.stderr).unwrap_or_default(),
        }
    }

    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl Folder {
    /// This repository's own gate, in a folder of its own.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|why| panic!("{why}"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for part in ["models", "suites", "recordings"] {
            let to = folder.path().join(part);
            fs::create_dir(&to).unwrap_or_else(|why| panic!("{why}"));
            for entry in fs::read_dir(root.join(part))
                .into_iter()
                .flatten()
                .flatten()
            {
                fs::copy(entry.path(), to.join(entry.file_name()))
                    .unwrap_or_else(|why| panic!("{why}"));
            }
        }
        fs::copy(
            root.join("tunegate.yaml"),
            folder.path().join("tunegate.yaml"),
        )
        .unwrap_or_else(|why| panic!("{why}"));
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn tunegate(&self, arguments: &[&str]) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_tunegate"))
            .args(arguments)
            .arg("--quiet")
            .current_dir(self.0.path())
            .env_clear()
            .output();
        Ended::of(output.unwrap_or_else(|why| panic!("{why}")))
    }

    fn run_part(&self, part: &str) -> Ended {
        let out = format!("part-{}", part.replace('/', "-of-"));
        self.tunegate(&["run", "--shard", part, "--out", &out])
    }

    fn parts(&self, of: u32) -> Vec<String> {
        let numbers = 1..=of;
        numbers
            .map(|number| {
                self.run_part(&format!("{number}/{of}")).exits(0);
                format!("part-{number}-of-{of}/run.json")
            })
            .collect()
    }

    fn merge(&self, parts: &[String], further: &[&str]) -> Ended {
        let parts = parts.iter().map(String::as_str);
        let arguments: Vec<&str> = ["merge"]
            .into_iter()
            .chain(parts)
            .chain(further.iter().copied())
            .collect();
        self.tunegate(&arguments)
    }

    fn record(&self, folder: &str) -> Value {
        let text = fs::read(self.path(folder).join("run.json"));
        let text = text.unwrap_or_else(|why| panic!("{folder}: {why}"));
        serde_json::from_slice(&text).unwrap_or_else(|why| panic!("{folder}: {why}"))
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    /// Changes a file of the gate.
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{name} has no {from}");
        fs::write(self.path(name), text.replace(from, to)).unwrap_or_else(|why| panic!("{why}"));
    }
}

/// Without what two executions never share, and without the self-test: who joins parts has no suite to test.
fn timeless(mut record: Value) -> Value {
    for key in ["created", "record_digest", "derived_from", "run"] {
        record[key] = json!(null);
    }
    let agents = record["agents"].as_array_mut().into_iter().flatten();
    for agent in agents.filter_map(Value::as_object_mut) {
        agent.remove("self_test");
    }
    record
}

fn ids(record: &Value) -> Vec<String> {
    let agents = record["agents"].as_array().into_iter().flatten();
    let cases = agents.flat_map(|agent| {
        let cases = agent["cases"].as_array().into_iter().flatten();
        cases.map(move |case| format!("{}/{}", agent["name"], case["id"]))
    });
    cases.collect()
}

#[test]
fn the_joined_record_is_that_of_the_undivided_run() {
    let folder = Folder::new();
    folder.tunegate(&["run", "--out", "whole"]).exits(0);
    for of in [1, 4] {
        let parts = folder.parts(of);
        let merged = folder.merge(&parts, &["--out", "merged"]).exits(0);
        assert!(merged.stdout.contains("PASS"), "{}", merged.stdout);
        let whole = timeless(folder.record("whole"));
        assert_eq!(timeless(folder.record("merged")), whole, "{of} parts");
        assert_eq!(
            folder.text("merged/comment.md"),
            folder.text("whole/comment.md")
        );
    }
}

#[test]
fn the_joined_record_is_compared_and_fails_like_the_undivided_one() {
    let folder = Folder::new();
    folder.tunegate(&["run", "--out", "before"]).exits(0);
    let moved = "ft:open-mistral-7b:tunegate:20261101:support-b";
    let recordings = folder.text("recordings/support_agent.jsonl");
    assert!(recordings.contains(moved), "no recording of {moved}");
    fs::write(folder.path("models/support_agent.txt"), moved).unwrap_or_else(|why| panic!("{why}"));
    let baseline = ["--baseline", "before/run.json"];
    folder
        .tunegate(&["run", "--out", "whole", baseline[0], baseline[1]])
        .exits(1);
    let parts = folder.parts(4);
    let merged = folder.merge(&parts, &["--out", "merged", baseline[0], baseline[1]]);
    let merged = merged.exits(1);
    assert!(merged.stdout.contains("FAIL: support_agent got worse"));
    let whole = timeless(folder.record("whole"));
    assert_eq!(timeless(folder.record("merged")), whole);
}

#[test]
fn the_parts_ask_each_case_once_and_say_that_they_have_no_verdict() {
    let folder = Folder::new();
    folder.tunegate(&["run", "--out", "whole"]).exits(0);
    folder.parts(4);
    let mut all = Vec::new();
    for number in 1..=4 {
        let record = folder.record(&format!("part-{number}-of-4"));
        assert_eq!(record["shard"], format!("{number}/4"));
        assert_eq!(record["verdict"]["outcome"], "skipped");
        assert_eq!(record["verdict"]["reasons"][0]["code"], "part-of-run");
        assert_eq!(record["overall"]["score"], Value::Null);
        assert_eq!(record["agents"][0]["score"], Value::Null);
        let own = ids(&record);
        assert!((10..=15).contains(&own.len()), "{}", own.len());
        all.extend(own);
    }
    let mut whole = ids(&folder.record("whole"));
    all.sort();
    whole.sort();
    assert_eq!(all, whole);
}

#[test]
fn more_parts_than_cases_leave_parts_empty_and_that_is_fine() {
    let folder = Folder::new();
    let of_one = |more: &[&str]| {
        let start = ["run", "--agent", "qa_agent"];
        let arguments: Vec<&str> = start.iter().chain(more).copied().collect();
        folder.tunegate(&arguments).exits(0)
    };
    of_one(&["--out", "whole"]);
    let mut parts = Vec::new();
    for number in 1..=12 {
        let ended = of_one(&[
            "--shard",
            &format!("{number}/12"),
            "--out",
            &number.to_string(),
        ]);
        let empty = ended.stdout.contains("nothing to ask");
        assert_eq!(empty, number > 10, "{}", ended.stdout);
        parts.push(format!("{number}/run.json"));
    }
    folder.merge(&parts, &["--out", "merged"]).exits(0);
    assert_eq!(
        timeless(folder.record("merged")),
        timeless(folder.record("whole"))
    );
}

#[test]
fn a_budget_is_divided_among_the_parts() {
    let folder = Folder::new();
    let prices =
        "prices: {models: {\"*\": {input_per_mtok: 1000, output_per_mtok: 1000}}}\nversion: 1\n";
    folder.edit("tunegate.yaml", "version: 1\n", prices);
    let ended = folder.tunegate(&["run", "--shard", "2/4", "--max-cost", "0.04"]);
    let ended = ended.exits(4);
    let said = "its share of the budget is USD 0.0100 of 0.0400";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
    let record = folder.record("tunegate-out");
    assert_eq!(record["verdict"]["reasons"][0]["code"], "budget-reached");
}

#[test]
fn all_that_does_not_fit_is_told_at_once_and_by_file() {
    let folder = Folder::new();
    let mut parts = folder.parts(4);
    parts.remove(2);
    folder.tunegate(&["run", "--out", "whole"]).exits(0);
    fs::create_dir(folder.path("twin")).unwrap_or_else(|why| panic!("{why}"));
    fs::copy(folder.path(&parts[0]), folder.path("twin/run.json"))
        .unwrap_or_else(|why| panic!("{why}"));
    folder.edit(&parts[1], "\"skipped\"", "\"pass\"");
    folder.edit(
        "suites/qa_agent.yaml",
        "Write pytest unit tests",
        "Write unit tests",
    );
    folder.edit("tunegate.yaml", "max_drop: 0.5", "max_drop: 0.6");
    folder.tunegate(&["run", "--shard", "3/4", "--out", "other"]);
    for more in [
        "whole/run.json",
        "twin/run.json",
        "other/run.json",
        "gone/run.json",
    ] {
        parts.push(more.to_owned());
    }
    let told = folder.merge(&parts, &["--out", "merged"]).exits(2).stderr;
    for words in [
        "whole/run.json: is no part of a divided run",
        "twin/run.json: is part 1 of 4, which part-1-of-4/run.json is too",
        "part-2-of-4/run.json: the record does not match its digest",
        "other/run.json: is of another run than part-1-of-4/run.json: the rules of the gate differ",
        "the suite of qa_agent differs",
        "gone/run.json: is not there",
        "part 2 of 4: is missing",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!folder.path("merged").exists());
}

#[test]
fn a_part_that_was_stopped_is_to_be_run_again() {
    let folder = Folder::new();
    let parts = folder.parts(2);
    let prices =
        "prices: {models: {\"*\": {input_per_mtok: 1000, output_per_mtok: 1000}}}\nversion: 1\n";
    folder.edit("tunegate.yaml", "version: 1\n", prices);
    let stopped = ["run", "--shard", "2/2", "--max-cost", "0.02", "--out"];
    let stopped: Vec<&str> = stopped.into_iter().chain(["stopped"]).collect();
    folder.tunegate(&stopped).exits(4);
    let parts = [parts[0].clone(), "stopped/run.json".to_owned()];
    let told = folder.merge(&parts, &["--out", "merged"]).exits(2).stderr;
    assert!(
        told.contains("stopped/run.json: part 2 of 2 did not come to its end: its share of the budget was used up"),
        "{told}"
    );
}

#[test]
fn the_first_part_is_not_overwritten() {
    let folder = Folder::new();
    folder.tunegate(&["run", "--shard", "1/1"]).exits(0);
    let own = ["tunegate-out/run.json".to_owned()];
    let told = folder.merge(&own, &[]).exits(2).stderr;
    assert!(told.contains("--out DIR"), "{told}");
    assert_eq!(folder.record("tunegate-out")["shard"], "1/1");
}

#[test]
fn a_part_approves_nothing_and_is_no_baseline() {
    let folder = Folder::new();
    folder.tunegate(&["run", "--shard", "1/1"]).exits(0);
    let part = "tunegate-out/run.json";
    let ended = folder.tunegate(&["verify", "--record", part]).exits(1);
    assert!(
        ended.stdout.contains("part 1 of 1 of a run"),
        "{}",
        ended.stdout
    );
    let ended = folder
        .tunegate(&["run", "--baseline", part, "--out", "x"])
        .exits(2);
    assert!(ended.stderr.contains("not a baseline"), "{}", ended.stderr);
}

#[test]
fn a_part_without_any_answer_could_not_measure() {
    let folder = Folder::new();
    fs::write(folder.path("models/qa_agent.txt"), "ft:unknown")
        .unwrap_or_else(|why| panic!("{why}"));
    let ended = folder.tunegate(&["run", "--agent", "qa_agent", "--shard", "1/3"]);
    let ended = ended.exits(3);
    assert!(ended.stdout.contains("none of "), "{}", ended.stdout);
}

#[test]
fn a_part_that_cannot_be_is_refused() {
    let folder = Folder::new();
    for part in ["0/4", "5/4", "1/257", "2", "a/b"] {
        let ended = folder.run_part(part).exits(2);
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}
