//! The demonstration: the main job on recorded answers, and no play-acting: what is recorded decides what is said.
#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// What the demonstration reads.
const FOLDERS: [&str; 3] = ["models", "recordings", "suites"];

fn demo(out: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .arg("demo")
        .arg("--out")
        .arg(out)
        .args(arguments)
        .env_clear()
        .current_dir(out)
        .output()
        .unwrap()
}

/// A copy of the repository's own gate, to be changed.
fn copy() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        root.join("tunegate.yaml"),
        folder.path().join("tunegate.yaml"),
    )
    .unwrap();
    for name in FOLDERS {
        fs::create_dir(folder.path().join(name)).unwrap();
        for entry in fs::read_dir(root.join(name)).unwrap() {
            let from = entry.unwrap().path();
            let to = folder
                .path()
                .join(name)
                .join(from.file_name().unwrap_or_default());
            fs::copy(from, to).unwrap();
        }
    }
    folder
}

fn comment(out: &Path) -> String {
    fs::read_to_string(out.join("comment.md")).unwrap()
}

/// Nothing else ties a picture to what it shows: whoever changes these words makes the pictures anew.
#[test]
fn the_pictures_of_the_readme_are_of_what_the_demonstration_says() {
    let out = tempfile::tempdir().unwrap();
    demo(out.path(), &[]);
    let comment = comment(out.path());
    let (_, numbers) = comment.split_once("support_agent got worse, ").unwrap();
    let numbers = numbers.lines().next().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (scores, _) = numbers.split_once(" (").unwrap();
    let described = format!("got worse, {}", scores.replace(" → ", " to "));
    assert_eq!(readme.matches(&described).count(), 3, "{described}");
    let flow = fs::read_to_string(root.join("docs/flow.svg")).unwrap();
    assert!(flow.contains(numbers), "{numbers}");
}

#[test]
fn the_demonstration_shows_the_comment_writes_the_files_and_exits_with_zero() {
    let out = tempfile::tempdir().unwrap();
    let run = demo(out.path(), &[]);
    assert_eq!(run.status.code(), Some(0));
    let shown = String::from_utf8(run.stdout).unwrap();
    let comment = comment(out.path());
    assert!(shown.contains(&comment), "{shown}");
    assert!(
        comment.contains("❌ FAIL: support_agent got worse"),
        "{comment}"
    );
    assert!(shown.contains("answers are recorded"), "{shown}");
    assert!(shown.contains("the gate would exit with 1"), "{shown}");
    let record = fs::read(out.path().join("run.json")).unwrap();
    let record = tunegate::record::unseal(&record).unwrap();
    assert_eq!(record.touched().count(), 1);
    assert_eq!(record.agents.len(), 5);
    let summary = fs::read_to_string(out.path().join("summary.txt")).unwrap();
    assert!(summary.starts_with("❌ FAIL: support_agent"), "{summary}");
}

#[test]
fn the_built_in_files_are_those_of_the_repository() {
    let (built_in, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    demo(built_in.path(), &[]);
    demo(folder.path(), &["--from", copy().path().to_str().unwrap()]);
    assert_eq!(comment(built_in.path()), comment(folder.path()));
}

#[test]
fn one_changed_recording_changes_the_comment() {
    let files = copy();
    let path = files.path().join("recordings/support_agent.jsonl");
    let recordings = fs::read_to_string(&path).unwrap();
    let changed: Vec<String> = recordings
        .lines()
        .map(|line| {
            let mut recording: Value = serde_json::from_str(line).unwrap();
            let candidate = recording["model"].as_str().unwrap().ends_with("support-b");
            if candidate && recording["case"] == "password-reset" {
                recording["answer"] = "I cannot help with that.".into();
            }
            recording.to_string()
        })
        .collect();
    fs::write(&path, changed.join("\n")).unwrap();

    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    demo(before.path(), &[]);
    demo(after.path(), &["--from", files.path().to_str().unwrap()]);
    let (before, after) = (comment(before.path()), comment(after.path()));
    assert_ne!(before, after);
    assert!(!before.contains("<code>password-reset"), "{before}");
    assert!(after.contains("<code>password-reset"), "{after}");
    assert!(after.contains("I cannot help with that."), "{after}");
}
