//! `tunegate calibrate` as a user meets it: files of labels in, figures, a page and problems out.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tunegate::calibration::Calibration;

fn calibrate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .current_dir(folder)
        .arg("calibrate")
        .args(arguments)
        .output()
        .unwrap_or_else(|why| panic!("{why}"))
}

fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Ten ratings that go with the length of the answers, as a table of other columns.
fn table() -> String {
    let row = |stars: usize| {
        let reply = "Press the red button, then wait for 5 seconds. ".repeat(stars);
        format!(
            "How do I restart the router?,\"{}\",{stars}\n",
            reply.trim()
        )
    };
    let rows = [1, 2, 2, 3, 3, 4, 4, 5, 5, 5].map(row);
    format!("question,reply,stars\n{}", rows.concat())
}

const COLUMNS: [&str; 10] = [
    "--map",
    "prompt=question",
    "--map",
    "answer=reply",
    "--map",
    "rating=stars",
    "--scale",
    "1:5",
    "--profile",
    "seed-rules",
];

#[test]
fn a_table_with_columns_of_others_comes_to_figures_a_file_and_a_page() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rated.csv"), table()).unwrap();
    let arguments = [&["rated.csv", "--out", "out"], COLUMNS.as_slice()].concat();
    let told = stdout(&calibrate(folder.path(), &arguments));
    assert!(told.starts_with("- rated.csv  10 labels\n"), "{told}");
    assert!(told.contains("rank correlation"), "{told}");
    assert!(!told.contains("preferences"), "{told}");
    assert!(
        told.contains("Written: out/calibration.json, out/calibration.html"),
        "{told}"
    );

    let written = fs::read_to_string(folder.path().join("out/calibration.json")).unwrap();
    let printed = stdout(&calibrate(
        folder.path(),
        &[&["rated.csv", "--json"], COLUMNS.as_slice()].concat(),
    ));
    assert_eq!(written, printed, "the same bytes, whoever asks");
    let read: Calibration = serde_json::from_str(&written).unwrap();
    let rated = read.overall.rated.as_ref().unwrap();
    let correlation = rated.rank_correlation.unwrap();
    assert_eq!(rated.answers, 10);
    assert!(correlation.value > 0.7, "{correlation:?}");
    let [lower, upper] = correlation.range.unwrap();
    assert!(lower < correlation.value && correlation.value < upper);
    let again = serde_json::to_string_pretty(&read).unwrap() + "\n";
    assert_eq!(again, written, "what is written is what is read");
    let schema = Calibration::json_schema();
    let value: Value = serde_json::from_str(&written).unwrap();
    assert!(jsonschema::is_valid(&schema, &value));

    let page = fs::read_to_string(folder.path().join("out/calibration.html")).unwrap();
    assert!(
        page.contains("<circle") && page.contains("script-src"),
        "{page}"
    );
}

#[test]
fn all_problems_of_all_files_are_told_at_once_with_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let good = r#"{"prompt": "p", "answer": "a", "rating": 4, "scale": [1, 5]}"#;
    let lines = [
        good,
        "",
        "{",
        r#"{"prompt": "p", "answer": "a", "rating": 40, "scale": [1, 5]}"#,
    ];
    fs::write(folder.path().join("one.jsonl"), lines.join("\n")).unwrap();
    fs::write(folder.path().join("two.jsonl"), b"\xff\n").unwrap();
    fs::write(folder.path().join("three.jsonl"), "\n").unwrap();
    let ended = calibrate(
        folder.path(),
        &["one.jsonl", "two.jsonl", "three.jsonl", "four.jsonl"],
    );
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(ended.stdout.is_empty());
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    for words in [
        "one.jsonl:3:1: not valid JSON",
        "one.jsonl:4: rating: 40 is not on the scale from 1 to 5",
        "two.jsonl:1: byte 0xff",
        "three.jsonl: the file has no label",
        "four.jsonl: is not there",
    ] {
        assert!(told.contains(words), "no {words} in\n{told}");
    }
}

#[test]
fn names_in_labels_cannot_drive_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let line = serde_json::json!({"prompt": "p", "a": "x", "b": "y", "prefer": "a", "agent": "\u{1b}[2J\n::error::x"});
    fs::write(folder.path().join("l.jsonl"), line.to_string()).unwrap();
    let told = stdout(&calibrate(folder.path(), &["l.jsonl"]));
    assert!(!told.contains('\u{1b}'), "{told:?}");
    assert!(!told.contains("\n::error"), "{told}");
    assert!(
        told.contains("the configuration has no such agent"),
        "{told}"
    );
}

#[test]
fn a_wrong_argument_is_told_with_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let told = |arguments: &[&str]| {
        let ended = calibrate(folder.path(), arguments);
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
        String::from_utf8_lossy(&ended.stderr).into_owned()
    };
    assert!(told(&["l.jsonl", "--map", "anwser=x"]).contains("did you mean `answer`?"));
    assert!(told(&["l.jsonl", "--scale", "5"]).contains("as in 1:5"));
    assert!(told(&["l.jsonl", "--config", "absent.yaml"]).contains("absent.yaml is not there"));
    assert!(told(&[]).contains("LABELS"));
}
