//! Records are judged, compared and reported again: no model is asked.

use std::process::Output;

use serde_json::Value;

use crate::support::laptop::Laptop;
use crate::support::world::{CONFIG, QA_OLD, Skill, World};

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn problem(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The same model measured twice: all right, then with five half answers.
fn measured_twice(world: &World) -> Laptop<'_> {
    let laptop = Laptop::new(world);
    assert!(
        laptop
            .command(&["run", "--all", "--quiet", "--out", "before"])
            .status
            .success()
    );
    world.teach(QA_OLD, Skill::Halves(5));
    let after = laptop.command(&["run", "--all", "--quiet", "--out", "after"]);
    assert_eq!(after.status.code(), Some(1), "{after:?}");
    laptop
}

#[test]
fn a_record_decided_again_by_its_own_rules_says_the_same() {
    let world = World::new();
    let laptop = measured_twice(&world);
    let asked = world.model.asked().len();
    let again = laptop.command(&["decide", "after/run.json", "--own-rules", "--out", "again"]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert_eq!(world.model.asked().len(), asked);
    let (first, second) = (laptop.record("after"), laptop.record("again"));
    for part in ["verdict", "overall", "agents", "policy_digest", "created"] {
        assert_eq!(first[part], second[part], "{part}");
    }
    assert_eq!(second["derived_from"], first["record_digest"]);
    let text =
        |folder: &str, file: &str| std::fs::read_to_string(laptop.path(folder).join(file)).unwrap();
    assert_eq!(text("after", "comment.md"), text("again", "comment.md"));
    assert!(told(&again).starts_with(&text("after", "summary.txt")));
}

#[test]
fn todays_rules_decide_anew_and_yesterdays_word_is_told() {
    let world = World::new();
    let laptop = measured_twice(&world);
    laptop.change(CONFIG, "floor: 8.0", "floor: 5.0");
    let again = laptop.command(&["decide", "after/run.json"]);
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    assert!(
        told(&again).contains("Under the rules of then: ❌ FAIL"),
        "{}",
        told(&again)
    );
    laptop.change(CONFIG, "floor: 5.0", "floor: 7.6");
    assert_eq!(
        laptop.command(&["decide", "after/run.json"]).status.code(),
        Some(1)
    );
}

#[test]
fn two_records_are_compared_case_by_case() {
    let world = World::new();
    let laptop = measured_twice(&world);
    let compared = laptop.command(&["compare", "before/run.json", "after/run.json"]);
    assert_eq!(compared.status.code(), Some(0), "{compared:?}");
    let text = told(&compared);
    assert!(
        text.contains("qa_agent got worse, 10.00 → 7.50 (−2.50)"),
        "{text}"
    );
    assert!(
        text.contains("5 of 10 prompts worse, 0 better, 5 the same"),
        "{text}"
    );
    let gated = laptop.command(&["compare", "before/run.json", "after/run.json", "--gate"]);
    assert_eq!(gated.status.code(), Some(1));
    let back = laptop.command(&["compare", "after/run.json", "before/run.json", "--gate"]);
    assert_eq!(back.status.code(), Some(0));
    assert!(told(&back).contains("got better: "), "{}", told(&back));
    let both = ["compare", "before/run.json", "after/run.json", "--out"];
    let kept = laptop.command(&[&both[..], &["compared"]].concat());
    assert_eq!(kept.status.code(), Some(0), "{kept:?}");
    let page = std::fs::read_to_string(laptop.path("compared").join("report.html")).unwrap();
    assert!(page.contains("\"old_answer\":[\""), "{page}");
    let over = laptop.command(&[&both[..], &["before"]].concat());
    assert_eq!(over.status.code(), Some(2), "{}", problem(&over));
    let json = laptop.command(&["compare", "before/run.json", "after/run.json", "--json"]);
    let record: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(record["agents"][0]["comparison"]["change"], -2.5);
}

#[test]
fn a_record_is_reported_as_the_run_reported_it() {
    let world = World::new();
    let laptop = measured_twice(&world);
    for (format, file) in [
        ("comment", "comment.md"),
        ("summary", "summary.txt"),
        ("html", "report.html"),
        ("junit", "junit.xml"),
        ("sarif", "findings.sarif"),
        ("json", "run.json"),
    ] {
        let output = laptop.command(&["report", "after/run.json", "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let file = std::fs::read(laptop.path("after").join(file)).unwrap();
        assert!(output.stdout == file, "{format}");
    }
    let printed = |format| told(&laptop.command(&["report", "after/run.json", "--format", format]));
    assert_eq!(
        printed("csv").lines().count(),
        21,
        "a heading, and two agents of ten cases"
    );
    let score = format!("agent=\"qa_agent\",model=\"{QA_OLD}\"}} 7.5\n");
    assert!(
        printed("openmetrics").contains(&score),
        "{}",
        printed("openmetrics")
    );
    let badge: Value = serde_json::from_str(&printed("badge")).unwrap();
    assert_eq!(badge["color"], "red");
    let without = laptop.command(&[
        "report",
        "after/run.json",
        "--format",
        "comment",
        "--no-answers",
    ]);
    assert!(
        !told(&without).contains("It is Vienna."),
        "{}",
        told(&without)
    );
}

#[test]
fn what_is_no_record_is_refused_with_its_name() {
    let world = World::new();
    let laptop = measured_twice(&world);
    let path = laptop.path("after").join("run.json");
    let text = std::fs::read_to_string(&path).unwrap();
    laptop.write(
        "tampered.json",
        &text.replace("\"floor\":8,", "\"floor\":1,"),
    );
    laptop.write(
        "newer.json",
        &text.replace("tunegate.run/1", "tunegate.run/2"),
    );
    laptop.write("cut.json", text.split_at(text.len() / 2).0);
    laptop.write("empty.json", "");
    for (file, code, words) in [
        ("tampered.json", 3, "changed after it was written"),
        ("newer.json", 3, "`tunegate.run/2`"),
        ("cut.json", 3, "not a run record"),
        ("empty.json", 3, "not a run record"),
        ("nothing.json", 2, "is not there"),
        ("after", 3, "after"),
    ] {
        for command in [
            vec!["decide", file],
            vec!["report", file],
            vec!["compare", "before/run.json", file],
        ] {
            let output = laptop.command(&command);
            assert_eq!(output.status.code(), Some(code), "{command:?}: {output:?}");
            assert!(
                problem(&output).contains(words),
                "{command:?}: {}",
                problem(&output)
            );
            assert!(output.stdout.is_empty(), "{output:?}");
        }
    }
    let own = laptop.command(&["decide", "after/run.json", "--out", "after"]);
    assert_eq!(own.status.code(), Some(2));
    assert!(
        problem(&own).contains("would be overwritten"),
        "{}",
        problem(&own)
    );
}

#[test]
fn records_of_two_gates_have_nothing_in_common() {
    let world = World::new();
    let laptop = measured_twice(&world);
    laptop.write(
        CONFIG,
        &(world.file("main", CONFIG) + "report: {id: another}\n"),
    );
    assert_eq!(
        laptop
            .command(&["run", "--all", "--quiet", "--out", "other"])
            .status
            .code(),
        Some(1)
    );
    let output = laptop.command(&["compare", "before/run.json", "other/run.json"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        problem(&output).contains("`model-quality` and `another`"),
        "{}",
        problem(&output)
    );
}
