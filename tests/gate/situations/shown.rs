//! What is compared with the snapshots: three documents of a run, without what differs from run to run.

use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use super::team::Team;
use crate::support::job::Run;

/// Stand for the commits of a run, in the order in which its record names them.
const COMMITS: [&str; 4] = [
    "4f2c1ab09d3e58c76b1f2a94e0d7c8536ab1e2f0",
    "a91e0d2b7c64f3851e9d0c2a8b5f7e6143d2c1b0",
    "77d0c3e15ab2f4986d0e3c7b1a5f9d8264e0b3c7",
    "c05be91f2d7a4638e1b0c9d5f7a2e4836b1d0f9c",
];

/// Compares the comment as posted, the record in a terminal and the page with the snapshots of this situation.
pub(super) fn show(situation: &str, team: &Team, number: u64, run: &Run) {
    let comment = team.github.comments(number).remove(0).body;
    let page = &run.files["tunegate-out/report.html"];
    let stable = Stable::of(run);
    let (comment, page) = (stable.text(&comment), stable.text(page));
    if let Some(folder) = std::env::var_os("SITUATIONS_OUT") {
        let folder = Path::new(&folder);
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(format!("{situation}.md")), &comment).unwrap();
        std::fs::write(folder.join(format!("{situation}.html")), &page).unwrap();
    }
    let documents = [
        ("comment", comment),
        ("terminal", stable.text(&in_a_terminal(run))),
        ("page", readable(&page)),
    ];
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../../situations");
    settings.bind(|| {
        for (kind, text) in documents {
            insta::assert_snapshot!(format!("{situation}.{kind}"), text);
        }
    });
}

/// What `tunegate report run.json` prints.
fn in_a_terminal(run: &Run) -> String {
    let folder = tempfile::tempdir().unwrap();
    let record = &run.files["tunegate-out/run.json"];
    std::fs::write(folder.path().join("run.json"), record).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .args(["report", "run.json"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8(output.stdout).unwrap()
}

/// Puts the same words where a run has its own: commits, the day, the version, digests, the model server's port.
struct Stable {
    commits: Vec<String>,
    day: String,
}

impl Stable {
    fn of(run: &Run) -> Self {
        let record = run.record();
        let mut commits = Vec::new();
        collect_commits(&record, &mut commits);
        let created = record["created"].as_str().unwrap();
        let (day, _) = created.split_once('T').unwrap();
        assert!(commits.len() <= COMMITS.len(), "{commits:?}");
        Self {
            commits,
            day: day.to_owned(),
        }
    }

    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (commit, stands) in self.commits.iter().zip(COMMITS) {
            text = text.replace(commit, stands);
            text = text.replace(commit.split_at(7).0, stands.split_at(7).0);
        }
        let version = env!("CARGO_PKG_VERSION");
        // In Markdown its first point is escaped.
        let versions = [version.to_owned(), version.replacen('.', "\\.", 1)];
        for version in versions {
            text = text.replace(&format!("tunegate {version}"), "tunegate 0.0.0");
        }
        let port = Regex::new(r"127\.0\.0\.1:\d+").unwrap();
        let text = port.replace_all(&text, "api.example.com");
        let digest = Regex::new("sha256:[0-9a-f]{64}").unwrap();
        let text = digest.replace_all(&text, "sha256:…");
        text.replace(&self.day, "2026-11-30")
    }
}

fn collect_commits(value: &Value, commits: &mut Vec<String>) {
    let is_commit =
        |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match value {
        Value::String(text) if is_commit(text) && !commits.contains(text) => {
            commits.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect_commits(item, commits)),
        Value::Object(members) => members
            .values()
            .for_each(|item| collect_commits(item, commits)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A page without its style and its script, which are the same on all of them, and without the lines of its pictures,
/// of which their labels stay: what a reader gets, in some ten kilobytes where the file has more than a hundred. The cases, which the
/// script shows, are a line each at the end.
fn readable(page: &str) -> String {
    let (page, cases) = without_cases(page);
    let page = cut_out(&page, "<style", "</style>");
    let page = cut_out(&page, "<script", "</script>");
    let policy = Regex::new(r#"content="default-src[^"]*""#).unwrap();
    let page = policy.replace(&page, r#"content="…""#);
    format!("{}\n{cases}", labels_of_pictures(&page).trim_end())
}

fn without_cases(page: &str) -> (String, String) {
    let start = "<script type=\"application/json\" id=\"data\">";
    let (before, rest) = page.split_once(start).unwrap();
    let (data, after) = rest.split_once("</script>").unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    let cases = data["cases"].as_array().unwrap().iter().map(of_case);
    (format!("{before}{after}"), cases.collect())
}

/// `slack-not-syncing: 9.93 → 3.62 (−6.31), old answer, 1 answer; quality −2.00: …`
fn of_case(case: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let samples = case["samples"].as_array().unwrap();
    let told: Vec<String> = samples
        .iter()
        .flat_map(|sample| {
            let lost = sample["lost"].as_array().unwrap().iter().map(text);
            lost.chain(sample["why"].as_str().map(str::to_owned))
        })
        .collect();
    let old = if case["old_answer"].is_null() {
        ""
    } else {
        ", both answers"
    };
    format!(
        "{}: {} → {} ({}){old}; {}\n",
        text(&case["id"]),
        text(&case["old"][1]),
        text(&case["now"][1]),
        text(&case["change"][1]),
        told.join("; ")
    )
}

fn cut_out(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let mut kept = parts.next().unwrap().to_owned();
    for part in parts {
        let (_, after) = part.split_once(to).unwrap();
        kept += after;
    }
    kept
}

/// Each picture becomes its label, and one without a label nothing.
fn labels_of_pictures(page: &str) -> String {
    let label = Regex::new(r#"^<svg[^>]*aria-label="([^"]*)""#).unwrap();
    let mut kept = String::new();
    let mut rest = page;
    while let Some(start) = rest.find("<svg") {
        let (before, picture) = rest.split_at(start);
        kept += before;
        if let Some(label) = label.captures(picture) {
            kept.extend(["[picture: ", &label[1], "]"]);
        }
        rest = picture.split_at(end_of_picture(picture)).1;
    }
    kept + rest
}

/// Where a picture ends, which may hold pictures.
fn end_of_picture(text: &str) -> usize {
    let tag = Regex::new("<svg|</svg>").unwrap();
    let mut depth = 0;
    for found in tag.find_iter(text) {
        depth += if found.as_str() == "<svg" { 1 } else { -1 };
        if depth == 0 {
            return found.end();
        }
    }
    panic!("a picture has no end");
}
