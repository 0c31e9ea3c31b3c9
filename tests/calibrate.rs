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

/// Writes a gate with a suite of one case, in which an answer is worth 5 points or 10.
fn write_gate(folder: &Path, judge: &str) {
    let config = format!(
        "version: 1\nproviders: {{r: {{kind: replay, path: recordings/}}}}\ndefaults: {{provider: r}}\nagents: {{qa: \
         {{model: {{id: 'ft:x'}}, suite: s.yaml}}}}\n{judge}"
    );
    fs::write(folder.join("tunegate.yaml"), config).unwrap_or_else(|why| panic!("{why}"));
    let suite = "scoring: {profile: checks}\ncases: [{id: colours, prompt: Which?, checks: [contains: red, contains: blue]}]\n";
    fs::write(folder.join("s.yaml"), suite).unwrap_or_else(|why| panic!("{why}"));
}

/// A reviewer who gives so many points less than the rules, and up to 1.5 more or less besides, by what is thrown.
fn ratings(less: f64, mut thrown: u32) -> String {
    let mut line = |answer: &str, score: f64| {
        thrown = thrown.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = f64::from(thrown >> 16) / f64::from(u16::MAX) * 3.0 - 1.5;
        let rating = score - less + noise;
        serde_json::json!({"agent": "qa", "prompt": "Which?", "answer": answer, "rating": rating, "scale": [0, 10]})
            .to_string()
    };
    let lines = (0..15).flat_map(|_| [("red", 5.0), ("red and blue", 10.0)]);
    let lines: Vec<String> = lines.map(|(answer, score)| line(answer, score)).collect();
    lines.join("\n")
}

#[test]
fn the_range_of_the_bias_covers_the_bias_of_a_scripted_reviewer() {
    let folder = tempfile::tempdir().unwrap();
    write_gate(folder.path(), "");
    let mut covered = 0;
    for seed in 0..40 {
        fs::write(folder.path().join("l.jsonl"), ratings(1.5, seed * 7919)).unwrap();
        let told = stdout(&calibrate(folder.path(), &["l.jsonl", "--json"]));
        let read: Calibration = serde_json::from_str(&told).unwrap();
        let bias = read.overall.rated.unwrap().bias.unwrap();
        let [lower, upper] = bias.range.unwrap();
        assert!(upper - lower < 0.8, "{bias:?}");
        assert!(lower > 0.0, "a bias of 1.5 is seen: {bias:?}");
        covered += u32::from(lower <= 1.5 && 1.5 <= upper);
    }
    // Of forty ranges of 90 % about thirty-six, and fewer than thirty-one once in a hundred times.
    assert!((31..=40).contains(&covered), "{covered} of 40");
}

#[test]
fn a_judge_is_not_said_to_be_calibrated() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("l.jsonl"), ratings(1.5, 1)).unwrap();
    for (judge, told) in [("judge: {model: acme-judge-2411}\n", true), ("", false)] {
        write_gate(folder.path(), judge);
        let text = stdout(&calibrate(folder.path(), &["l.jsonl"]));
        let note = "Note: the judge acme-judge-2411 was not asked: the figures are those of the rules without it.";
        assert_eq!(text.contains(note), told, "{text}");
    }
}
