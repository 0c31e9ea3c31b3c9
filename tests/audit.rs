//! `tunegate audit` on a laptop: what is printed, which exit code, what is written.
#![cfg(test)]

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const CONFIG: &str = "version: 1
providers:
  recorded: {kind: replay, path: recordings}
defaults: {provider: recorded}
agents:
  qa:
    model: {id: 'ft:open-mistral-7b:acme:20261001:qa'}
    suite: suites/qa.yaml
    training_data: [data/train.jsonl]
    validation_data: [data/val.jsonl]
";
const SUITE: &str = "scoring: {profile: checks}
cases:
  - {id: capital, prompt: Name the capital of Austria and the river on which it lies., checks: [{contains: Vienna}]}
";

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    folder
}

fn row(question: &str, answer: &str) -> String {
    format!("{}\n", json!({"prompt": question, "completion": answer}))
}

fn audit(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .current_dir(folder.path())
        .arg("audit")
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn exits(output: Output, code: i32) -> String {
    let told = String::from_utf8(output.stdout).unwrap();
    let wrong = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{told}\n{wrong}");
    format!("{told}{wrong}")
}

#[test]
fn colours_are_for_those_who_see_them_and_change_no_word() {
    let folder = folder(&[("train.jsonl", &row("Is this spam?", "yes"))]);
    let plain = exits(audit(&folder, &["train.jsonl"]), 0);
    assert!(
        plain.ends_with("✅ nothing found\n") && !plain.contains('\u{1b}'),
        "{plain:?}"
    );
    assert_eq!(
        exits(audit(&folder, &["train.jsonl", "--color", "never"]), 0),
        plain
    );
    let colored = exits(audit(&folder, &["train.jsonl", "--color", "always"]), 0);
    assert!(
        colored.contains("\u{1b}[32m✅ nothing found\u{1b}[0m"),
        "{colored:?}"
    );
    let json = exits(
        audit(&folder, &["train.jsonl", "--color", "always", "--json"]),
        0,
    );
    assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
}

#[test]
fn files_need_no_configuration_and_a_row_that_leaks_blocks_with_both_places() {
    let (one, two) = (row("Is this spam?", "yes"), row("Is that spam?", "no"));
    let folder = folder(&[
        ("train.jsonl", &[one.as_str(), &two].concat()),
        ("holdout.jsonl", &two),
    ]);
    let told = exits(
        audit(&folder, &["train.jsonl", "--validation", "holdout.jsonl"]),
        1,
    );
    assert!(
        told.contains("- train.jsonl    2 rows, 2 distinct"),
        "{told}"
    );
    assert!(
        told.contains("holdout.jsonl:1 this validation row is training row train.jsonl:2"),
        "{told}"
    );
    assert!(told.ends_with("❌ 1 finding, which blocks\n"), "{told}");
    // The same files side by side are copies, which only warn.
    exits(audit(&folder, &["train.jsonl", "holdout.jsonl"]), 0);
}

#[test]
fn a_question_of_a_named_suite_in_the_data_blocks_in_whatever_clothes() {
    let folder = folder(&[
        ("suite.yaml", SUITE),
        (
            "train.jsonl",
            &row(
                "NAME THE CAPITAL of austria -- and the river\n on which it lies!",
                "Vienna.",
            ),
        ),
    ]);
    exits(audit(&folder, &["train.jsonl"]), 0);
    let told = exits(audit(&folder, &["train.jsonl", "--suite", "suite.yaml"]), 1);
    assert!(
        told.contains("train.jsonl:1 the suite's prompt `capital` is in this row"),
        "{told}"
    );
}

#[test]
fn findings_go_to_a_sarif_file_and_to_json() {
    let folder = folder(&[("train.jsonl", "broken\n")]);
    let printed = audit(
        &folder,
        &["--json", "train.jsonl", "--sarif", "findings.sarif"],
    );
    let printed: Value = serde_json::from_str(&exits(printed, 1)).unwrap();
    assert_eq!(printed["audit"]["findings"][0]["code"], "broken-row");
    let sarif = fs::read(folder.path().join("findings.sarif")).unwrap();
    let sarif: Value = serde_json::from_slice(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
}

#[test]
fn what_is_there_can_be_accepted_once_and_new_rows_still_block() {
    let same = row("Is this spam?", "yes");
    let files = [
        ("tunegate.yaml", CONFIG),
        ("suites/qa.yaml", SUITE),
        ("data/train.jsonl", &same),
        ("data/val.jsonl", &same),
    ];
    let folder = folder(&files);
    exits(audit(&folder, &[]), 1);
    exits(audit(&folder, &["--accept-existing"]), 0);
    let config = fs::read_to_string(folder.path().join("tunegate.yaml")).unwrap();
    assert!(
        config.starts_with(CONFIG) && config.contains("leakage"),
        "{config}"
    );
    assert!(exits(audit(&folder, &[]), 0).contains("accepted by `audit.ignore`"));
    fs::write(
        folder.path().join("data/train.jsonl"),
        format!("{same}broken\n"),
    )
    .unwrap();
    exits(audit(&folder, &[]), 1);
}

#[test]
fn nothing_to_read_is_a_mistake_of_the_caller_and_never_a_result() {
    let folder = folder(&[]);
    let told = exits(audit(&folder, &["absent.jsonl"]), 2);
    assert!(told.contains("absent.jsonl is not there"), "{told}");
    let told = exits(audit(&folder, &[]), 2);
    assert!(told.contains("tunegate.yaml is not there"), "{told}");
}
