//! The judge is late, gone or locked out, or the run ends while it grades: what it did not grade has no score, which is
//! not zero, and nothing that it graded is asked again.

use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;

use crate::support::job::Run;
use crate::support::judge::{
    JUDGE, LINE, VOTES, agent, asked, fair, graded, grades, judged_by, judged_with, says, timeless,
};
use crate::support::laptop::{Laptop, told};
use crate::support::model::Fault;
use crate::support::world::{KEY_VARIABLE, QA_FILE, QA_NEW, QA_OLD, Skill, World};

const HASTY: &str =
    "judge: {model: acme-judge-2411, dimensions: [quality, specificity], timeout: 300ms}";

fn never() -> Fault {
    Fault::Slow(Duration::from_hours(1))
}

/// A pull request that moves one agent, as its reviewer sees it.
fn reviewed(world: &World) -> (Run, String) {
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run();
    (run, world.comment(number).body.replace('\\', ""))
}

#[track_caller]
fn assert_no_verdict(comment: &str) {
    let (headline, _) = comment.split_once("**Do this:**").unwrap();
    assert!(headline.contains("COULD NOT MEASURE"), "{comment}");
    assert!(
        !comment.contains("PASS") && !comment.contains("FAIL"),
        "{comment}"
    );
}

#[test]
fn a_judge_that_is_late_or_fails_for_ever_leaves_every_answer_without_a_score() {
    for (fault, why) in [
        (never(), "did not answer in time"),
        (Fault::Status(500, "boom".to_owned()), "500"),
    ] {
        let world = judged_by(HASTY);
        world.model.always_fails_for(&[JUDGE], &fault);
        let (run, comment) = reviewed(&world);
        let run = run.exits(3);
        assert_eq!(run.output("outcome"), "error");
        assert_no_verdict(&comment);
        let told =
            "qa_agent: all 10 answers came, and none could be scored (the judge gave no grade: ";
        assert!(comment.contains(told) && comment.contains(why), "{comment}");
        let record = run.record();
        let agent = agent(&record);
        assert_eq!(agent["score"], Value::Null);
        assert_eq!(agent["counts"]["unscored"], 10);
        assert_eq!(agent["counts"]["unanswered"], 0);
        let answers = world.model.asked().len() - asked(&world).len();
        assert_eq!(answers, 10, "no answer is asked for again");
    }
}

#[test]
fn a_judge_that_is_late_for_some_answers_is_no_pass() {
    let world = judged_by(HASTY);
    world.model.always_fails_for(&["Paris", "Rome"], &never());
    let (run, comment) = reviewed(&world);
    let run = run.exits(4);
    assert_no_verdict(&comment);
    let told = "qa_agent: 2 of 10 answers came and could not be scored (the judge gave no grade: ";
    assert!(comment.contains(told), "{comment}");
    assert!(comment.contains("10 % are allowed"), "{comment}");
    let record = run.record();
    assert_eq!(agent(&record)["score"], 9.0, "of the eight that have one");
    assert_eq!(agent(&record)["counts"]["unscored"], 2);
}

#[test]
fn answers_that_did_not_come_and_answers_without_a_grade_are_told_apart() {
    let world = judged_by(HASTY);
    let gone = Fault::Status(503, "overloaded".to_owned());
    world.model.always_fails_for(&["of france", JUDGE], &gone);
    let (run, comment) = reviewed(&world);
    run.exits(3);
    assert!(
        comment.contains("qa_agent: none of 10 answers has a score: 1 did not come ("),
        "{comment}"
    );
    assert!(
        comment.contains("9 came and could not be scored (the judge gave no grade: "),
        "{comment}"
    );
}

#[test]
fn a_key_that_is_refused_to_the_judge_is_said_with_what_to_do() {
    let world = judged_by(LINE);
    world.model.always_fails_for(&[JUDGE], &Fault::KeyEcho);
    let (run, comment) = reviewed(&world);
    run.exits(3);
    assert_no_verdict(&comment);
    assert!(
        comment.contains(
            "the judge `acme-judge-2411` cannot be asked: provider `acme` refused the key in"
        ),
        "{comment}"
    );
    assert!(
        comment.contains(KEY_VARIABLE) && comment.contains("check that the secret is set"),
        "{comment}"
    );
}

#[test]
fn answers_that_were_paid_for_wait_for_a_judge_with_another_key() {
    let world = judged_by(LINE);
    world.model.always_fails_for(&[JUDGE], &Fault::KeyEcho);
    let laptop = Laptop::new(&world);
    let output = laptop.start("out", &[]).wait_with_output().unwrap();
    let text = told(&output, 3);
    assert!(
        text.contains("the judge `acme-judge-2411` cannot be asked"),
        "{text}"
    );
    assert!(text.contains("--resume"), "{text}");
    world.model.works_again();
    let before = world.model.asked().len();
    let output = laptop
        .start("out", &["--resume"])
        .wait_with_output()
        .unwrap();
    told(&output, 0);
    let after = world.model.asked().split_off(before);
    assert_eq!(after.len(), 10);
    assert!(after.iter().all(|one| one.body["model"] == JUDGE));
}

fn end(child: &Child, signal: &str) {
    let sent = Command::new("sh")
        .args([
            "-c",
            "kill -s \"$0\" \"$1\"",
            signal,
            &child.id().to_string(),
        ])
        .status();
    assert!(sent.unwrap().success());
}

/// Answer and number of each vote that a journal holds.
fn votes(laptop: &Laptop<'_>) -> Vec<Value> {
    let journal = std::fs::read_to_string(laptop.path("out/journal.jsonl")).unwrap();
    let lines = journal
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .map(|line| line["vote"].clone())
        .filter(|vote| !vote.is_null())
        .collect()
}

/// Answers of which the judge says nothing that can be read.
fn unreadable(answer: &str) -> bool {
    answer.contains("Vienna") || answer.contains("Lisbon")
}

#[test]
fn a_run_that_ends_while_its_judge_grades_goes_on_with_what_was_graded() {
    // With some of the votes on an answer; and when one of two answers was asked about twice in vain.
    for (signal, code, replies, in_flight) in [
        ("TERM", Some(143), 17, 8),
        ("KILL", None, 17, 8),
        ("TERM", Some(143), 34, 2),
    ] {
        let world = judged_by(VOTES);
        says(&world, |answer, _| match answer {
            answer if unreadable(answer) => "Hm.".to_owned(),
            answer => grades(fair(answer), 7),
        });
        let laptop = Laptop::new(&world);
        told(&laptop.start("whole", &[]).wait_with_output().unwrap(), 4);

        let before = world.model.asked().len();
        world.model.stalls_after(10 + replies);
        let child = laptop.start("out", &[]);
        world
            .model
            .wait_for_questions(before + 10 + replies + in_flight);
        end(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code, "{output:?}");
        let known = votes(&laptop);
        let graded_before = known
            .iter()
            .filter(|vote| vote["vote"]["unreadable"].is_null())
            .count();
        assert!(graded_before >= 5, "{known:?}");

        world.model.goes_on();
        let before = asked(&world).len();
        let output = laptop
            .start("out", &["--resume"])
            .wait_with_output()
            .unwrap();
        told(&output, 4);
        let after = asked(&world).split_off(before);
        let readable = after
            .iter()
            .filter(|one| !unreadable(&graded(&one.body)))
            .count();
        assert_eq!(readable, 24 - graded_before, "{signal} after {replies}");
        assert_eq!(
            timeless(&laptop.record("out")),
            timeless(&laptop.record("whole")),
            "{signal} after {replies}"
        );
    }
}

#[test]
fn a_run_that_is_killed_in_its_second_look_keeps_the_grades_of_both() {
    let world = judged_with(LINE, |config| {
        config
            .replace("retry_delay: 1ms", "retry_delay: 1ms, looks: [1, 3]")
            .replace("floor: 8.0", "floor: 7.5")
    });
    world.teach(QA_OLD, Skill::Halves(4));
    let laptop = Laptop::new(&world);
    told(&laptop.start("whole", &[]).wait_with_output().unwrap(), 0);
    let before = world.model.asked().len();
    assert_eq!((before, asked(&world).len()), (60, 30), "two looks");

    world.model.stalls_after(10 + 10 + 20 + 12);
    let child = laptop.start("out", &[]);
    world.model.wait_for_questions(before + 52 + 8);
    end(&child, "KILL");
    child.wait_with_output().unwrap();
    let known = votes(&laptop).len();
    assert!((15..=22).contains(&known), "{known}");
    world.model.goes_on();
    let before = world.model.asked().len();
    let output = laptop
        .start("out", &["--resume"])
        .wait_with_output()
        .unwrap();
    told(&output, 0);
    let after = world.model.asked().split_off(before);
    assert_eq!(after.len(), 30 - known, "grades alone");
    assert_eq!(
        timeless(&laptop.record("out")),
        timeless(&laptop.record("whole"))
    );
}
