//! What the program says to files and arguments that are wrong: one clear message, the right exit code, nothing written.
#![cfg(test)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const CONFIG: &str = "version: 1
providers:
  recorded: {kind: replay, path: recordings}
defaults: {provider: recorded}
agents:
  qa:
    model: {file: models/qa.txt}
    suite: suites/qa.yaml
gate: {floor: 8.0}
release: {require_proven: false}
";

const MODEL: &str = "ft:open-mistral-7b:acme:20261001:qa";

/// A repository whose gate works, to be broken in one place.
struct Repository(TempDir);

impl Repository {
    fn working() -> Self {
        Self::answering("yes")
    }

    fn answering(answer: &str) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        let mut suite = "scoring: {profile: checks}\ncases:\n".to_owned();
        let mut answers = String::new();
        for index in 0..8 {
            writeln!(
                suite,
                "  - {{id: c{index}, prompt: Say yes., checks: [{{contains: 'yes'}}]}}"
            )
            .unwrap();
            writeln!(answers, "{{\"agent\":\"qa\",\"case\":\"c{index}\",\"sample\":0,\"model\":\"{MODEL}\",\"answer\":\"{answer}\"}}").unwrap();
        }
        repository.write("tunegate.yaml", CONFIG);
        repository.write("suites/qa.yaml", suite);
        repository.write("recordings/qa.jsonl", answers);
        repository.write("models/qa.txt", format!("{MODEL}\n"));
        repository
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn with(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    fn without(self, path: &str) -> Self {
        fs::remove_file(self.path(path)).unwrap();
        self
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let begun = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_tunegate"))
            .args(arguments)
            .env_clear()
            .current_dir(self.0.path())
            .output()
            .unwrap();
        // Far above what is needed on a quiet machine, far below what a bomb would take.
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{arguments:?} took {:?}",
            begun.elapsed()
        );
        output
    }

    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(self.0.path(), &mut found);
        found
    }

    /// Runs the command, which must fail without a trace; returns what it says.
    #[track_caller]
    fn refused(&self, arguments: &[&str], code: i32) -> String {
        let before = self.files();
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "",
            "{arguments:?} prints a result: {said}"
        );
        assert!(
            !said.contains("panicked") && !said.trim().is_empty(),
            "{said}"
        );
        assert_eq!(self.files(), before, "{arguments:?} changes files");
        said
    }

    /// The same for `check` and `run`, which must say the same, and say all of `words`.
    #[track_caller]
    fn unusable(&self, words: &[&str]) -> String {
        let said = self.refused(&["check"], 2);
        assert_eq!(self.refused(&["run"], 2), said);
        for word in words {
            assert!(said.contains(word), "{word:?} is not in {said}");
        }
        assert!(
            said.lines().all(|line| line.starts_with("tunegate: ")),
            "{said}"
        );
        assert!(said.len() < 2_000, "{said}");
        said
    }

    #[track_caller]
    fn measured(&self) -> Output {
        let output = self.run(&["run", "--quiet"]);
        assert!(
            self.path("tunegate-out/run.json").exists(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.insert(path.clone(), Vec::new());
            collect(&path, found);
        } else {
            let content = fs::read(&path).unwrap_or_default();
            found.insert(path, content);
        }
    }
}

#[test]
fn a_program_that_asks_is_told_each_problem_with_its_place() {
    let repository = Repository::working().with(
        "tunegate.yaml",
        CONFIG.replace("floor: 8.0", "floor: 80, flor: 1"),
    );
    let output = repository.run(&["check", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let problems = told["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{told}");
    for problem in problems {
        assert_eq!(
            (&problem["file"], &problem["line"]),
            (&"tunegate.yaml".into(), &9.into()),
            "{told}"
        );
    }
    let blocked = Repository::working().with("tunegate-out/run.json/in-the-way", "");
    let output = blocked.run(&["run", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        told["error"].as_str().unwrap().contains("run.json"),
        "{told}"
    );
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("PASS"),
        "what was measured is told"
    );
    let missing = repository.run(&["decide", "nowhere.json", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&missing.stdout).unwrap();
    assert!(
        told["error"].as_str().unwrap().contains("nowhere.json"),
        "{told}"
    );
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere.json"));
}

#[test]
fn a_working_repository_passes_check_run_and_verify() {
    let repository = Repository::working();
    let output = repository.run(&["check"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !repository.path("tunegate-out").exists(),
        "check writes nothing"
    );
    assert_eq!(repository.measured().status.code(), Some(0));
}

#[test]
fn a_missing_configuration_is_said_with_what_to_do() {
    let repository = Repository::working().without("tunegate.yaml");
    let said = repository.unusable(&["tunegate.yaml is not there", "--config"]);
    assert_eq!(said.lines().count(), 1);
    repository.refused(&["check", "--config", "nowhere/gate.yaml"], 2);
    repository.refused(&["verify", "--record", "run.json"], 2);
}

#[test]
fn an_empty_file_is_said_to_be_empty() {
    Repository::working()
        .with("tunegate.yaml", "")
        .unusable(&["tunegate.yaml", "empty"]);
    Repository::working()
        .with("suites/qa.yaml", "")
        .unusable(&["suites/qa.yaml", "empty"]);
    Repository::working()
        .with("models/qa.txt", "")
        .unusable(&["qa", "models/qa.txt", "empty"]);
    Repository::working()
        .with("models/qa.txt", " \n\n")
        .unusable(&["qa", "models/qa.txt", "empty"]);
}

#[test]
fn broken_yaml_is_said_with_its_line() {
    Repository::working()
        .with("tunegate.yaml", "version: 1\nagents: [a, {b: c]\n")
        .unusable(&["tunegate.yaml:2"]);
    Repository::working()
        .with("suites/qa.yaml", "cases:\n  - id: a\n   prompt: b\n")
        .unusable(&["suites/qa.yaml:3"]);
    Repository::working()
        .with("tunegate.yaml", "- a\n- b\n")
        .unusable(&["tunegate.yaml:1"]);
    Repository::working()
        .with("tunegate.yaml", "a: &a [*a]\n")
        .unusable(&["tunegate.yaml"]);
}

#[test]
fn a_bomb_of_yaml_does_not_go_off() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (last, this) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        writeln!(bomb, "{this}: &{this} [*{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}]").unwrap();
    }
    Repository::working()
        .with("tunegate.yaml", &bomb)
        .unusable(&["tunegate.yaml"]);
    Repository::working()
        .with("suites/qa.yaml", &bomb)
        .unusable(&["suites/qa.yaml"]);
    let deep = format!("version: {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    Repository::working()
        .with("tunegate.yaml", deep)
        .unusable(&["tunegate.yaml"]);
}

#[test]
fn bytes_that_are_no_text_are_said_with_their_place() {
    Repository::working()
        .with("tunegate.yaml", b"version: 1\n\xff\n")
        .unusable(&["tunegate.yaml:2", "UTF-8"]);
    Repository::working()
        .with("suites/qa.yaml", b"cases: \xc3\x28\n")
        .unusable(&["suites/qa.yaml:1", "UTF-8"]);
    Repository::working()
        .with("tunegate.yaml", b"\xff\xfev\0")
        .unusable(&["tunegate.yaml", "UTF-16"]);
    Repository::working()
        .with("tunegate.yaml", b"version: \0")
        .unusable(&["tunegate.yaml:1", "U+0000"]);
    Repository::working()
        .with("models/qa.txt", b"ft:\xff")
        .unusable(&["models/qa.txt", "UTF-8"]);
}

#[test]
fn a_yaml_file_over_ten_megabytes_is_refused_and_says_what_to_use() {
    let large = format!("# {}\n", "x".repeat(11 << 20));
    Repository::working()
        .with("suites/qa.yaml", &large)
        .unusable(&["suites/qa.yaml", "10 MB", "cases_from"]);
    Repository::working()
        .with("tunegate.yaml", &large)
        .unusable(&["tunegate.yaml", "10 MB"]);
}

#[test]
fn a_folder_where_a_file_should_be_is_said() {
    for path in ["tunegate.yaml", "suites/qa.yaml", "models/qa.txt"] {
        let repository = Repository::working().without(path);
        fs::create_dir(repository.path(path)).unwrap();
        repository.unusable(&[path]);
    }
}

#[test]
fn a_file_that_is_named_and_not_there_is_said() {
    Repository::working()
        .without("suites/qa.yaml")
        .unusable(&["suites/qa.yaml"]);
    Repository::working()
        .without("models/qa.txt")
        .unusable(&["models/qa.txt"]);
    let repository = Repository::working().without("recordings/qa.jsonl");
    fs::remove_dir(repository.path("recordings")).unwrap();
    let said = repository.refused(&["run"], 2);
    assert!(said.contains("recordings"), "{said}");
}

#[test]
fn a_recording_that_is_broken_is_said_with_its_line() {
    let repository = Repository::working().with("recordings/b.jsonl", "{\"agent\":\n");
    let said = repository.refused(&["run"], 2);
    assert!(said.contains("recordings/b.jsonl:1"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::working();
    let path = repository.path("suites/qa.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    if fs::read(&path).is_ok() {
        return; // This is root, who may read everything.
    }
    repository.unusable(&["suites/qa.yaml"]);
}

#[test]
fn a_path_that_leaves_the_repository_is_refused() {
    for path in ["../qa.yaml", "/etc/passwd", "suites/../../qa.yaml"] {
        let config = CONFIG.replace("suites/qa.yaml", path);
        Repository::working()
            .with("tunegate.yaml", config)
            .unusable(&["tunegate.yaml:8", "suite"]);
    }
}

#[test]
fn an_address_in_the_place_of_a_suite_is_a_path_and_nobody_is_asked_for_it() {
    for address in [
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "https://suites.example/qa.yaml",
    ] {
        let config = CONFIG.replace("suites/qa.yaml", &format!("\"{address}\""));
        Repository::working()
            .with("tunegate.yaml", config)
            .unusable(&["the suite is not there"]);
        let suite = format!("scoring: {{profile: checks}}\ncases_from: \"{address}\"\n");
        Repository::working()
            .with("suites/qa.yaml", suite)
            .unusable(&[
                "suites/qa.yaml",
                "`cases_from` names suites/",
                "which is not there",
            ]);
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let config = CONFIG
        .replace("floor: 8.0", "floor: 80, max_dorp: 1")
        .replace("kind: replay", "kind: reply");
    let said = Repository::working()
        .with("tunegate.yaml", config)
        .unusable(&["did you mean `max_drop`", "8.0", "replay"]);
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[test]
fn a_problem_gives_terminal_and_runner_no_command() {
    let config = format!("{CONFIG}\"##[error]forged \\e[31m\\n::add-mask::x\": 1\n");
    let said = Repository::working()
        .with("tunegate.yaml", config)
        .unusable(&["tunegate.yaml:11"]);
    assert!(!said.contains("##[") && !said.contains('\u{1b}'), "{said}");
    assert!(
        !said.lines().any(|line| line.trim_start().starts_with("::")),
        "{said}"
    );
}

#[test]
fn wrong_arguments_are_refused_with_usage() {
    let repository = Repository::working();
    for arguments in [
        &["run", "--agnet", "qa"][..],
        &["run", "--model", "qa"],
        &["run", "--model", "qa="],
        &["run", "--model", "=ft:x"],
        &["run", "--agent", "no name"],
        &["run", "--max-cost", "-1"],
        &["run", "--max-cost", "NaN"],
        &["run", "--color", "blue"],
        &["check", "extra"],
        &["verify"],
        &["chekc"],
        &[],
        &["run", "--agent", "legal"],
        &["run", "--model", "legal=ft:x"],
        &["run", "--baseline", "nowhere.json"],
        &["verify", "--record", "r", "--agent", "no name"],
    ] {
        repository.refused(arguments, 2);
    }
    let said = repository.refused(&["run", "--agnet", "qa"], 2);
    assert!(said.contains("--agent"), "{said}");
    let said = repository.refused(&["run", "--model", "qa"], 2);
    assert!(said.contains("AGENT=MODEL_ID"), "{said}");
}

#[test]
fn a_baseline_that_was_changed_is_refused() {
    let repository = Repository::working();
    repository.measured();
    let forged =
        repository
            .read("tunegate-out/run.json")
            .replacen("\"score\":10", "\"score\":1", 1);
    repository.write("forged.json", forged);
    let said = repository.refused(&["run", "--baseline", "forged.json", "--out", "other"], 3);
    assert!(
        said.contains("forged.json") && said.contains("changed after it was written"),
        "{said}"
    );
    repository.write("forged.json", "{}");
    repository.refused(&["run", "--baseline", "forged.json", "--out", "other"], 3);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let crlf = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let repository = Repository::working();
    for path in [
        "tunegate.yaml",
        "suites/qa.yaml",
        "recordings/qa.jsonl",
        "models/qa.txt",
    ] {
        let text = repository.read(path);
        repository.write(path, crlf(&text));
    }
    let output = repository.measured();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let plain = Repository::working();
    plain.measured();
    let scores = |repository: &Repository| {
        let record: serde_json::Value =
            serde_json::from_str(&repository.read("tunegate-out/run.json")).unwrap();
        [
            record["agents"][0]["model"].clone(),
            record["agents"][0]["suite_digest"].clone(),
            record["overall"].clone(),
        ]
    };
    assert_eq!(scores(&repository), scores(&plain));
}

/// Exit code and first line of `verify`.
#[track_caller]
fn verified(repository: &Repository, arguments: &[&str]) -> (i32, String) {
    let before = repository.files();
    let all: Vec<&str> = ["verify", "--record", "tunegate-out/run.json"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let output = repository.run(&all);
    assert_eq!(repository.files(), before, "verify changes files");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        !said.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code().unwrap(), said)
}

#[test]
fn a_passing_record_approves_its_model_and_no_other() {
    let repository = Repository::working();
    repository.measured();
    let (code, said) = verified(&repository, &["--agent", "qa", "--model", MODEL]);
    assert!(code == 0 && said.starts_with("APPROVED"), "{code} {said}");
    for (arguments, word) in [
        (["--agent", "qa", "--model", "ft:other"], "ft:other"),
        (["--agent", "legal", "--model", MODEL], "legal"),
    ] {
        let (code, said) = verified(&repository, &arguments);
        assert!(
            code == 1 && said.starts_with("NOT APPROVED") && said.contains(word),
            "{code} {said}"
        );
    }
    repository.write(
        "tunegate.yaml",
        CONFIG.replace("require_proven: false", "require_proven: true"),
    );
    let (code, said) = verified(&repository, &["--agent", "qa", "--model", MODEL]);
    assert!(
        code == 1 && said.contains("require_proven"),
        "{code} {said}"
    );
}

#[test]
fn a_failing_record_approves_nothing() {
    let repository = Repository::answering("no");
    assert_eq!(repository.measured().status.code(), Some(1));
    let (code, said) = verified(&repository, &[]);
    assert!(
        code == 1 && said.starts_with("NOT APPROVED") && said.contains("floor"),
        "{code} {said}"
    );
}

#[test]
fn a_record_is_decided_under_todays_rules() {
    let repository = Repository::working();
    repository.measured();
    repository.write(
        "tunegate.yaml",
        CONFIG.replace("floor: 8.0", "floor: 8.0, on_no_baseline: fail"),
    );
    let (code, said) = verified(&repository, &[]);
    assert!(code == 1 && said.contains("baseline"), "{code} {said}");
}

#[test]
fn a_record_that_is_missing_old_changed_or_none_approves_nothing() {
    let repository = Repository::working();
    repository.measured();
    let sealed = repository.read("tunegate-out/run.json");
    for (record, word) in [
        (
            sealed.replacen("ft:open", "ft:0pen", 1),
            "changed after it was written",
        ),
        (
            sealed.replace("\"created\":\"20", "\"created\":\"19"),
            "changed after it was written",
        ),
        (sealed.replace("tunegate.run/1", "tunegate.run/9"), "schema"),
        (String::new(), "not a run record"),
        ("null".to_owned(), "schema"),
        (sealed.chars().take(300).collect(), "not a run record"),
    ] {
        repository.write("tunegate-out/run.json", record);
        let (code, said) = verified(&repository, &[]);
        assert!(
            code == 1 && said.starts_with("NOT APPROVED") && said.contains(word),
            "{code} {said}"
        );
    }
    fs::remove_file(repository.path("tunegate-out/run.json")).unwrap();
    let (code, said) = verified(&repository, &[]);
    assert!(code == 1 && said.contains("no record"), "{code} {said}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_asked() {
    // A file where the folder should be: refused on every system, for root too.
    let repository = Repository::working().with("taken", "a file");
    let error = repository.refused(&["run", "--quiet", "--out", "taken"], 3);
    assert!(error.contains("taken/journal.jsonl"), "{error}");
    assert_eq!(repository.read("taken"), "a file");
}

#[test]
fn a_result_that_cannot_be_written_is_shown_all_the_same() {
    let blocked = |repository: Repository| repository.with("out/run.json/in-the-way", "a file");
    let repository = blocked(Repository::working());
    let output = repository.run(&["run", "--quiet", "--out", "out"]);
    assert_eq!(output.status.code(), Some(3));
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.starts_with("✅ PASS"), "{shown}");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("cannot write out/run.json"), "{error}");

    let failing = blocked(Repository::answering("no"));
    let output = failing.run(&["run", "--quiet", "--out", "out"]);
    assert_eq!(output.status.code(), Some(1), "the verdict stands");
}
