//! A judge in a run of several looks or parts, beside a grader of one's own, and from recordings; and who is told of it.

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use crate::support::github::Change;
use crate::support::judge::{
    JUDGE, LINE, VOTES, agent, asked, grades, judged, judged_by, judged_with, says, timeless,
};
use crate::support::laptop::{Laptop, told};
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_OLD, Skill, World};

const PRICES: &str = "prices: {models: {'ft:*': {input_per_mtok: 1, output_per_mtok: 1}, 'acme-*': {input_per_mtok: 2, output_per_mtok: 6}}}\ndefaults:";

fn run(laptop: &Laptop<'_>, out: &str, more: &[&str]) -> (i32, String) {
    let output = laptop.start(out, more).wait_with_output().unwrap();
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn every_answer_of_every_look_is_graded_once() {
    let world = judged_with(LINE, |config| {
        config
            .replace("retry_delay: 1ms", "retry_delay: 1ms, looks: [1, 3, 5]")
            .replace("floor: 8.0", "floor: 7.5")
    });
    world.teach(QA_OLD, Skill::Halves(4));
    let laptop = Laptop::new(&world);
    let (code, text) = run(&laptop, "out", &[]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(
        world.asked(),
        [(JUDGE.to_owned(), 30), (QA_OLD.to_owned(), 30)]
    );
    let record = laptop.record("out");
    let looks = agent(&record)["looks"].as_array().unwrap();
    let ends: Vec<&Value> = looks.iter().map(|look| &look["end"]).collect();
    assert_eq!(ends, [&Value::Null, &json!("deterministic")]);
    assert_eq!(agent(&record)["counts"]["scored"], 30);
    assert_eq!(agent(&record)["judge"]["usage"]["prompt_tokens"], 330);
}

#[test]
fn the_grades_of_all_parts_are_those_of_the_whole_run_and_cost_the_same() {
    let world = judged_with(VOTES, |config| config.replace("defaults:", PRICES));
    let laptop = Laptop::new(&world);
    assert_eq!(run(&laptop, "whole", &[]).0, 0);
    let mut merge = vec!["merge".to_owned()];
    for part in 1..=3 {
        let out = format!("part-{part}");
        let (code, text) = run(&laptop, &out, &["--shard", &format!("{part}/3")]);
        assert_eq!(code, 0, "{text}");
        merge.push(format!("{out}/run.json"));
    }
    assert_eq!(asked(&world).len(), 60);
    merge.extend(["--out".to_owned(), "merged".to_owned()]);
    let merge: Vec<&str> = merge.iter().map(String::as_str).collect();
    told(&laptop.command(&merge), 0);
    assert_eq!(asked(&world).len(), 60, "a merge asks nobody");
    let whole = laptop.record("whole");
    assert!(agent(&whole)["judge"]["cost"].as_f64().unwrap() > 0.0);
    assert_eq!(timeless(&laptop.record("merged")), timeless(&whole));
}

/// Scores of a grader of one's own, the same for every answer.
fn scored(record: &Value, dimension: &str, score: f64) -> String {
    let mut lines = String::new();
    for case in agent(record)["cases"].as_array().unwrap() {
        let line = json!({"agent": "qa_agent", "case": case["id"], "sample": 0, "dimension": dimension, "score": score});
        writeln!(lines, "{line}").unwrap();
    }
    lines
}

const BY: [&str; 4] = ["--scores", "scores.jsonl", "--scores-by", "mine 1"];

#[test]
fn scores_of_ones_own_stand_in_the_place_of_the_judges() {
    let world = judged();
    let laptop = Laptop::new(&world);
    assert_eq!(run(&laptop, "out", &[]).0, 0);
    let judged = laptop.record("out");
    laptop.write("scores.jsonl", &scored(&judged, "quality", 4.0));
    let before = world.model.heard();
    let decide = [&["decide", "out/run.json", "--out", "graded"], &BY[..]].concat();
    told(&laptop.command(&decide), 1);
    assert_eq!(world.model.heard(), before, "nobody is asked");
    let record = laptop.record("graded");
    let graded = agent(&record);
    assert_eq!(graded["score"], 6.5);
    assert_eq!(
        graded["dimensions"],
        json!({"quality": 4, "specificity": 9})
    );
    let vote = &graded["cases"][0]["samples"][0]["judge"]["votes"][0];
    assert_eq!(
        vote["grades"]["quality"]["points"], 9.0,
        "what it said stays"
    );
    assert_ne!(
        graded["cases"][0]["score_digest"],
        agent(&judged)["cases"][0]["score_digest"]
    );
    let comment = fs::read_to_string(laptop.path("graded/comment.md")).unwrap();
    assert!(comment.contains("quality by `mine 1`"), "{comment}");
    assert!(
        comment.contains(" specificity graded by acme-judge-2411"),
        "{comment}"
    );
    assert!(
        !comment.contains("quality, specificity graded"),
        "{comment}"
    );

    // A run that takes them at once has its answers graded all the same, and comes to the same.
    let (code, text) = run(&laptop, "at-once", &BY);
    assert_eq!(code, 1, "{text}");
    assert_eq!(asked(&world).len(), 20);
    let at_once = laptop.record("at-once");
    assert_eq!(agent(&at_once)["score"], 6.5);
    assert_eq!(
        agent(&at_once)["cases"][0]["score_digest"],
        graded["cases"][0]["score_digest"]
    );
}

#[test]
fn scores_of_ones_own_do_not_fill_in_for_a_judge_that_could_not_grade() {
    let world = judged();
    says(&world, |answer, _| match answer {
        answer if answer.contains("Paris") => "No.".to_owned(),
        _ => grades(9, 9),
    });
    let laptop = Laptop::new(&world);
    assert_eq!(run(&laptop, "out", &[]).0, 0);
    let both = ["quality", "specificity"];
    let record = laptop.record("out");
    let lines = both.map(|name| scored(&record, name, 10.0));
    laptop.write("scores.jsonl", &lines.concat());
    let decide = [&["decide", "out/run.json", "--out", "graded"], &BY[..]].concat();
    let text = told(&laptop.command(&decide), 0);
    assert!(
        text.contains(
            "1 of 10 answers came and could not be scored (the judge's reply cannot be read"
        ),
        "{text}"
    );
    let record = laptop.record("graded");
    assert_eq!(agent(&record)["score"], 10.0);
    assert_eq!(agent(&record)["counts"]["unscored"], 1);
    assert!(!text.contains("graded by acme-judge-2411"), "{text}");
}

#[test]
fn whoever_reads_a_verdict_is_told_who_graded_and_what() {
    let line = "quality, specificity graded by acme-judge-2411 (median of 3 votes)";
    for (world, told) in [(judged_by(VOTES), true), (World::new(), false)] {
        let laptop = Laptop::new(&world);
        let (_, text) = run(&laptop, "out", &[]);
        for name in ["comment.md", "report.html", "summary.txt"] {
            let document = fs::read_to_string(laptop.path("out").join(name)).unwrap();
            assert_eq!(document.contains(line), told, "{name}: {document}");
            assert_eq!(document.contains("graded by"), told, "{name}");
        }
        assert_eq!(text.contains(line), told, "{text}");
    }
}

/// What the judge says of the answers of models of this skill, as recordings.
fn recorded(skill: Skill, edit: impl Fn(&str) -> String) -> String {
    let world = judged();
    world.teach(QA_OLD, skill);
    let laptop = Laptop::new(&world);
    run(&laptop, "out", &["--record", "all.jsonl"]);
    let all = fs::read_to_string(laptop.path("all.jsonl")).unwrap();
    let grades = all.lines().filter(|line| line.contains("\"grades\""));
    let edited: Vec<String> = grades.map(edit).collect();
    assert_eq!(edited.len(), 10, "{all}");
    edited.join("\n") + "\n"
}

/// A world whose judge is recorded on `main`.
fn replayed(grades: &str) -> World {
    let line =
        "judge: {provider: graded, model: acme-judge-2411, dimensions: [quality, specificity]}";
    let world = judged_with(line, |config| {
        let replay = "providers:\n  graded: {kind: replay, path: grades/}";
        config.replace("providers:", replay)
    });
    world.commit("main", &[("grades/all.jsonl", grades)]);
    world
}

fn generous(line: &str) -> String {
    let better = line.replace("\\\"points\\\":6", "\\\"points\\\":10");
    assert_ne!(better, line);
    better
}

#[test]
fn a_pull_request_does_not_bring_the_grades_of_its_own_answers() {
    let honest = recorded(Skill::Halves(10), str::to_owned);
    let world = replayed(&honest);
    world.teach(QA_NEW, Skill::Halves(10));
    let model = format!("{QA_NEW}\n");
    let bought = recorded(Skill::Halves(10), generous);
    let number = world.pull_request(&[(QA_FILE, &model), ("grades/all.jsonl", &bought)]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(agent(&run.record())["score"], 6.0);
    let comment = world.comment(number).body;
    assert!(comment.contains("6.00"), "{comment}");

    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, &model);
    laptop.write("grades/all.jsonl", &bought);
    told(
        &laptop.command(&["run", "--since", "origin/main", "--out", "out"]),
        1,
    );
    assert_eq!(agent(&laptop.record("out"))["score"], 6.0);
}

#[test]
fn grades_that_only_the_pull_request_has_are_none() {
    let world = replayed(&recorded(Skill::Perfect, str::to_owned));
    world.teach(QA_NEW, Skill::Halves(10));
    let model = format!("{QA_NEW}\n");
    let bought = recorded(Skill::Halves(10), generous);
    let number = world.pull_request(&[(QA_FILE, &model), ("grades/more.jsonl", &bought)]);
    let run = world.opened(number).run().exits(3);
    assert_eq!(agent(&run.record())["counts"]["unscored"], 10);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("all 10 answers came, and none could be scored"),
        "{comment}"
    );
    assert!(!comment.contains("PASS"), "{comment}");
}

#[test]
fn a_first_pull_request_is_graded_by_what_it_brings() {
    let world = replayed(&recorded(Skill::Perfect, str::to_owned));
    let config = world.file("main", CONFIG);
    let grades = world.file("main", "grades/all.jsonl");
    world.change(
        "main",
        &[Change::Delete(CONFIG), Change::Delete("grades/all.jsonl")],
    );
    let number = world.pull_request(&[(CONFIG, &config), ("grades/all.jsonl", &grades)]);
    // Nothing is recorded of the other agent.
    let run = world.opened(number).run().exits(3);
    assert_eq!(agent(&run.record())["score"], 9.0);
}
