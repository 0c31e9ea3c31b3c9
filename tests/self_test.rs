//! `tunegate check --self-test`: whether the suites that ship notice bad answers, and what a user sees of it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Share of all spoilt answers that the suites have to notice.
const LEAST_NOTICED: f64 = 0.95;

/// What a suite can see today without a check that looks for it is noticed nearly always.
const LEAST_OF_PLAIN: f64 = 0.97;
const PLAIN: [&str; 8] = [
    "truncated",
    "looping",
    "generic",
    "off-topic",
    "wrong-form",
    "stuffed",
    "padded",
    "copied-prompt",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .current_dir(folder)
        .args(["check", "--self-test"])
        .args(arguments)
        .output()
        .unwrap_or_else(|why| panic!("{why}"))
}

fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap_or_else(|why| panic!("{why}"))
}

/// The agents with what their suites notice.
fn tested(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let told: Value =
        serde_json::from_str(&stdout(&check(folder, &[&["--json"], arguments].concat())))
            .unwrap_or_else(|why| panic!("{why}"));
    told["self_test"].as_array().cloned().unwrap_or_default()
}

fn spoilings(agents: &[Value]) -> impl Iterator<Item = &Value> {
    let lists = agents.iter().map(|agent| &agent["spoilings"]);
    lists.flat_map(|list| list.as_array().into_iter().flatten())
}

fn share<'v>(all: impl Iterator<Item = &'v Value>) -> f64 {
    let number = |one: &Value, key: &str| one[key].as_f64().unwrap_or(f64::NAN);
    let (tried, noticed) = all.fold((0.0, 0.0), |sum, one| {
        (sum.0 + number(one, "tried"), sum.1 + number(one, "noticed"))
    });
    assert!(tried > 0.0);
    noticed / tried
}

#[test]
fn the_five_suites_notice_spoilt_answers() {
    let agents = tested(root(), &[]);
    assert_eq!(agents.len(), 5);
    for agent in &agents {
        assert_eq!(agent["cases"], 10, "{agent}");
        assert_eq!(agent["poor"], serde_json::json!([]), "{agent}");
    }
    let all = share(spoilings(&agents));
    assert!(all >= LEAST_NOTICED, "{all}");
    for way in PLAIN {
        let of_way = share(spoilings(&agents).filter(|one| one["spoiling"] == way));
        assert!(of_way >= LEAST_OF_PLAIN, "{way}: {of_way}");
    }
}

/// A repository with one agent that asks an API, and a case.
fn repository(folder: &Path) {
    let config = "\
version: 1
providers: {api: {kind: openai, base_url: 'https://api.example.com/v1'}}
agents: {qa: {model: {id: m}, provider: api, suite: suite.yaml}}
";
    fs::write(folder.join("tunegate.yaml"), config).unwrap_or_else(|why| panic!("{why}"));
    let suite = "\
cases:
  - {id: parcel, prompt: How do I return a parcel and get a refund?, keywords: [parcel, label, refund]}
  - {id: rude, prompt: What do you think of me?}
";
    fs::write(folder.join("suite.yaml"), suite).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn answers_that_were_recorded_are_spoilt_and_without_any_the_next_step_is_told() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let nothing = stdout(&check(folder.path(), &[]));
    assert!(nothing.contains("qa  no recorded answers"), "{nothing}");
    assert!(nothing.contains("tunegate run --record"), "{nothing}");

    let good = "1. Open Orders and choose the parcel.\n2. Print the label for DHL.\n3. The refund of 29 euros comes within 5 days.";
    let line = |case: &str, model: &str, answer: &str| {
        serde_json::json!({"agent": "qa", "case": case, "sample": 0, "model": model, "answer": answer})
            .to_string()
    };
    let lines = [
        line("parcel", "another", "no"),
        line("parcel", "m", good),
        line("rude", "m", ""),
    ];
    fs::create_dir(folder.path().join("kept")).unwrap();
    fs::write(folder.path().join("kept/good.jsonl"), lines.join("\n")).unwrap();
    for answers in ["kept", "kept/good.jsonl"] {
        let told = stdout(&check(folder.path(), &["--answers", answers]));
        assert!(
            told.contains(&format!("qa  1 good answer from {answers}")),
            "{told}"
        );
        assert!(
            told.contains("1 recorded answer below 6.00 and so not spoilt: rude"),
            "{told}"
        );
        assert!(told.contains("✅ copied-prompt    1 of  1"), "{told}");
    }
    let absent = check(folder.path(), &["--answers", "absent.jsonl"]);
    assert_eq!(absent.status.code(), Some(2));
    let text = String::from_utf8_lossy(&absent.stderr).into_owned();
    assert!(text.contains("absent.jsonl is not there"), "{text}");
}

/// A line without its numbers and marks: scores move when the scorer gets better.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    let mut in_number = false;
    for c in line.chars() {
        let numeric = c.is_ascii_digit() || matches!(c, '.' | '−' | '+');
        let repeated = c == ' ' && shape.ends_with(' ');
        if numeric && !in_number {
            shape.push('#');
        } else if !numeric && !repeated {
            shape.push(c);
        }
        in_number = numeric;
    }
    shape.replace(['✅', '⚠'], "!")
}

#[test]
fn the_documentation_shows_what_is_printed() {
    let page = fs::read_to_string(root().join("docs/self-test.md")).unwrap();
    let shown = page.split("```text\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let printed = stdout(&check(root(), &[]));
    let shapes: Vec<String> = printed.lines().map(shape).collect();
    let mut seen = 0;
    for line in shown.lines() {
        let wanted = shape(line);
        let found = match wanted.split_once("not in ") {
            // Which case misses something changes with the scorer.
            Some((before, _)) => shapes.iter().any(|shape| {
                shape.starts_with(&format!("{before}not in ")) && shape.ends_with("specificity #)")
            }),
            None => shapes.contains(&wanted),
        };
        assert!(found, "{line}\n{wanted}\n{shapes:#?}");
        seen += 1;
    }
    assert_eq!(seen, 5);
    let ways = tested(root(), &[]);
    for one in spoilings(&ways[..1]) {
        let row = format!("| `{}` |", one["spoiling"].as_str().unwrap());
        assert!(page.contains(&row), "{row}");
    }
}
