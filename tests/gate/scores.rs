//! Anybody's grader: the answers of a run are graded elsewhere, and its scores are paired, tested and gated here.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use crate::support::laptop::{Laptop, told};
use crate::support::world::{QA_OLD, QA_SUITE, Skill, World, suite};

/// A suite that knows a dimension which only the grader scores.
fn with_tone() -> String {
    suite().replace("profile: checks", "profile: checks, weights: {tone: 1}")
}

fn measured(world: &World) -> Laptop<'_> {
    let laptop = Laptop::new(world);
    laptop.write(QA_SUITE, &with_tone());
    told(
        &laptop.command(&["run", "--agent", "qa_agent", "--quiet", "--out", "then"]),
        0,
    );
    laptop
}

/// A line for each case of a run in `tone`: what a grader writes that read its record.
fn graded(record: &Value, grade: impl Fn(usize, &str) -> Option<f64>) -> String {
    let mut lines = String::new();
    for (at, case) in record["agents"][0]["cases"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let sample = &case["samples"][0];
        if let Some(score) = grade(at, sample["answer"].as_str().unwrap()) {
            let line = json!({"agent": "qa_agent", "case": case["id"], "sample": 0, "dimension": "tone", "score": score,
                "why": "the third sentence is rude", "answer_sha256": sample["answer_sha256"]});
            writeln!(lines, "{line}").unwrap();
        }
    }
    lines
}

fn agent(record: &Value) -> &Value {
    &record["agents"][0]
}

const BY: [&str; 4] = ["--scores", "scores.jsonl", "--scores-by", "tone-grader 3"];

#[test]
fn a_run_is_graded_by_anything_and_then_decided() {
    let world = World::new();
    let laptop = measured(&world);
    let record = laptop.record("then");
    laptop.write(
        "scores.jsonl",
        &graded(&record, |at, _| Some(if at < 5 { 1.0 } else { 10.0 })),
    );
    let asked = world.model.heard();
    let decide = [&["decide", "then/run.json", "--out", "graded"], &BY[..]].concat();
    let text = told(&laptop.command(&decide), 1);
    assert_eq!(world.model.heard(), asked);
    assert!(
        text.contains("qa_agent is below its floor, 7.75 (floor 8.00)"),
        "{text}"
    );
    let graded = laptop.record("graded");
    let agent = agent(&graded);
    // Half of each case is its checks, 10; half is tone, 5.5 on average.
    assert_eq!(agent["score"], 7.75);
    assert_eq!(agent["dimensions"], json!({"quality": 10, "tone": 5.5}));
    assert_eq!(
        agent["scorer"]["grader"],
        json!({"name": "tone-grader 3", "dimensions": ["tone"]})
    );
    let lost = &agent["cases"][0]["samples"][0]["lost"];
    assert_eq!(
        *lost,
        json!([{"dimension": "tone", "points": 9, "why": "the third sentence is rude"}])
    );
    assert_ne!(
        agent["cases"][0]["score_digest"],
        record["agents"][0]["cases"][0]["score_digest"]
    );
    assert_eq!(graded["derived_from"], record["record_digest"]);
    let comment = fs::read_to_string(laptop.path("graded/comment.md")).unwrap();
    assert!(comment.contains("tone by `tone-grader 3`"), "{comment}");
    assert!(comment.contains("the third sentence is rude"), "{comment}");
}

#[test]
fn runs_that_one_grader_graded_are_compared_and_those_of_two_graders_are_not() {
    let world = World::new();
    let laptop = measured(&world);
    laptop.write(
        "scores.jsonl",
        &graded(&laptop.record("then"), |_, _| Some(10.0)),
    );
    let decide = |from: &str, to: &str, by: &str| {
        laptop.command(&[
            "decide",
            from,
            "--scores",
            "scores.jsonl",
            "--scores-by",
            by,
            "--out",
            to,
        ])
    };
    told(&decide("then/run.json", "a", "mine 1"), 0);
    world.teach(QA_OLD, Skill::Halves(2));
    told(
        &laptop.command(&["run", "--agent", "qa_agent", "--quiet", "--out", "now"]),
        0,
    );
    laptop.write(
        "scores.jsonl",
        &graded(&laptop.record("now"), |at, _| {
            Some(if at < 5 { 4.0 } else { 10.0 })
        }),
    );
    decide("now/run.json", "b", "mine 1");
    decide("now/run.json", "c", "mine 2");
    let held = |now: &str| {
        let output = laptop.command(&["compare", "a/run.json", now, "--json"]);
        let record: Value = serde_json::from_slice(&output.stdout).unwrap();
        agent(&record).clone()
    };
    let same = held("b/run.json");
    assert_eq!(same["comparison"]["pairs"], 10);
    assert_eq!(same["comparison"]["change"], -2);
    let other = held("c/run.json");
    assert_eq!(
        other["not_compared"],
        "not comparable: the own grader changed"
    );
    let mixed = held("now/run.json");
    assert_eq!(
        mixed["not_compared"],
        "not comparable: the own grader changed"
    );
}

#[test]
fn a_missing_grade_is_unscored_and_all_problems_of_a_file_are_told_with_their_lines() {
    let world = World::new();
    let laptop = measured(&world);
    let record = laptop.record("then");
    laptop.write(
        "scores.jsonl",
        &graded(&record, |at, _| (at != 3).then_some(9.0)),
    );
    let decide = [&["decide", "then/run.json", "--out", "graded"], &BY[..]].concat();
    let text = told(&laptop.command(&decide), 0);
    assert!(
        text.contains("1 of 10 answers came and could not be scored"),
        "{text}"
    );
    let graded = laptop.record("graded");
    assert_eq!(
        (
            &agent(&graded)["counts"]["unscored"],
            &agent(&graded)["score"]
        ),
        (&1.into(), &json!(9.5))
    );
    let sample = &agent(&graded)["cases"][3]["samples"][0];
    assert_eq!(
        (&sample["status"], &sample["score"]),
        (&"unscored".into(), &Value::Null)
    );
    assert_eq!(sample["why"], "tone-grader 3 gave it no score in tone");

    laptop.write(
        "scores.jsonl",
        "{\"agent\":\"qa_agent\",\"case\":\"capital-of-egypt\",\"sample\":0,\"dimension\":\"tone\",\"score\":11,\"why\":\"\"}\n\
         {\"agent\":\"qa_agent\",\"case\":\"capital-of-mars\",\"sample\":0,\"dimension\":\"tone\",\"score\":1,\"why\":\"\"}\n\
         {\"agent\":\"qa-agent\",\"case\":\"capital-of-mars\",\"sample\":0,\"dimension\":\"tone\",\"score\":1,\"why\":\"\"}\n",
    );
    let output = laptop.command(
        &decide
            .iter()
            .map(|one| if *one == "graded" { "none" } else { *one })
            .collect::<Vec<_>>(),
    );
    let text = told(&output, 2);
    for words in [
        "scores.jsonl:1: `score` is 0 to 10; found 11",
        "scores.jsonl:2: qa_agent has no case `capital-of-mars`",
        "scores.jsonl:3: ",
        "qa_agent",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert!(!laptop.path("none/run.json").exists());
}

#[test]
fn a_run_takes_scores_at_once_and_a_grade_of_another_answer_does_not_count() {
    let world = World::new();
    let laptop = measured(&world);
    laptop.write(
        "scores.jsonl",
        &graded(&laptop.record("then"), |_, _| Some(9.0)),
    );
    let run = [
        &["run", "--agent", "qa_agent", "--quiet", "--out", "graded"],
        &BY[..],
    ]
    .concat();
    told(&laptop.command(&run), 0);
    assert_eq!(agent(&laptop.record("graded"))["score"], 9.5);

    // The model answers two cases otherwise today; the grades are of what it said then.
    world.teach(QA_OLD, Skill::Halves(2));
    let text = told(&laptop.command(&run), 4);
    assert!(
        text.contains("2 of 10 answers came and could not be scored"),
        "{text}"
    );
    assert_eq!(agent(&laptop.record("graded"))["score"], 9.5);
}

#[test]
fn the_lines_of_the_documentation_are_read_as_they_stand_there() {
    let docs = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scoring.md")).unwrap();
    let block = docs
        .split("```jsonl\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let world = World::new();
    let laptop = measured(&world);
    laptop.write("scores.jsonl", block);
    let decide = [&["decide", "then/run.json", "--out", "graded"], &BY[..]].concat();
    // Two of ten answers are graded there.
    told(&laptop.command(&decide), 4);
    let graded = laptop.record("graded");
    assert_eq!(agent(&graded)["dimensions"]["tone"], 6.5);
    assert_eq!(agent(&graded)["counts"]["scored"], 2);
}
