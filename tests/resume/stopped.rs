//! Runs that ended early in good order: by a signal, the budget, the deadline, an outage, or between two looks.

use std::process::Command;

use serde_json::Value;

use crate::folder::{CONCURRENCY, Folder, Ran, asked};
use crate::server::{Moment, Server, TOKENS};

/// What the verdict names first.
fn reason(record: &Value) -> &str {
    record["verdict"]["reasons"][0]["code"].as_str().unwrap()
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let server = Server::start();
        let folder = Folder::new(&server, 60);
        folder.ran("undisturbed", &[]).exits(0);
        server.answers(Some(20));
        let child = folder.run("out", &[]).spawn().unwrap();
        server.wait_for_questions(12);
        let pid = child.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", signal, &pid])
            .status();
        assert!(sent.unwrap().success());
        Ran::of(&child.wait_with_output().unwrap()).exits(code);
        let kept = folder.answered("out");
        assert_eq!(kept.len(), 20);

        server.answers(None);
        server.clear();
        folder.ran("out", &[]).exits(2).tells(&["20 answers"]);
        folder.ran("out", &["--resume"]).exits(0);
        let wanted: Vec<usize> = (0..60).filter(|case| !kept.contains(case)).collect();
        assert_eq!(asked(&server), wanted);
        // Twelve questions were in flight and asked in vain; nothing else is different.
        let record = folder.record("out");
        assert_eq!(record["agents"][0]["counts"]["retries"], 12);
        assert_eq!(
            record["agents"][0]["score"],
            folder.record("undisturbed")["agents"][0]["score"]
        );
        assert!(record["run"]["stopped"].is_null());
    }
}

#[test]
fn who_presses_ctrl_c_again_waits_for_nothing_and_loses_no_answer() {
    let server = Server::start();
    let folder = Folder::new(&server, 60);
    server.answers(Some(20));
    let child = folder.run("out", &[]).spawn().unwrap();
    server.wait_for_questions(12);
    let pid = child.id().to_string();
    let presses = "while kill -s INT \"$0\"; do sleep 0.05; done 2>/dev/null";
    let mut person = Command::new("sh")
        .args(["-c", presses, &pid])
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    person.wait().unwrap();
    assert_eq!(output.status.code(), Some(130));
    // It did not come to the end, where the record is written.
    assert!(!folder.path("out/run.json").exists());
    let kept = folder.answered("out");
    server.answers(None);
    server.clear();
    folder.ran("out", &["--resume"]).exits(0);
    let wanted: Vec<usize> = (0..60).filter(|case| !kept.contains(case)).collect();
    assert_eq!(asked(&server), wanted);
}

#[test]
fn what_was_spent_before_counts_after_resuming() {
    for counted in [true, false] {
        let server = Server::start();
        let folder = Folder::new(&server, 60);
        if !counted {
            // A token for every four bytes then: eight for system prompt and question, four for the answer.
            server.stops_counting();
        }
        let budget = |tokens: usize| format!("budget: {{tokens: {tokens}}}, retry_delay: 1ms");
        let limit = TOKENS * 40;
        folder.change("tunegate.yaml", "retry_delay: 1ms", &budget(limit));
        folder.ran("out", &[]).exits(4);
        let first = asked(&server).len();
        assert!((36..=40 + 12).contains(&first), "{first} questions");
        assert_eq!(reason(&folder.record("out")), "budget-reached");

        server.clear();
        folder.ran("out", &["--resume"]).exits(4);
        assert!(asked(&server).is_empty(), "the budget is used up");
        folder.change("tunegate.yaml", &budget(limit), &budget(limit + 1000));
        folder.ran("out", &["--resume"]).exits(0);
        assert_eq!(asked(&server).len(), 60 - first);
    }
}

#[test]
fn a_run_out_of_time_goes_on_with_time_of_its_own() {
    let server = Server::start();
    let folder = Folder::new(&server, 40);
    folder.change(
        "tunegate.yaml",
        "retry_delay: 1ms",
        "deadline: 1s, retry_delay: 1ms",
    );
    server.answers(Some(10));
    folder.ran("out", &[]).exits(4);
    assert_eq!(reason(&folder.record("out")), "deadline-reached");
    let kept = folder.answered("out");
    server.answers(None);
    server.clear();
    folder.change("tunegate.yaml", "deadline: 1s", "deadline: 5m");
    folder.ran("out", &["--resume"]).exits(0);
    assert_eq!(asked(&server).len(), 40 - kept.len());
}

#[test]
fn after_an_outage_only_what_has_no_answer_is_asked_and_every_request_is_counted() {
    let server = Server::start();
    let folder = Folder::new(&server, 20);
    let fast = "retry_delay: 1ms, retries: 1";
    folder.change("tunegate.yaml", "retry_delay: 1ms", fast);
    folder.ran("undisturbed", &[]).exits(0);
    server.fails_for(["7", "8", "9"]);
    folder.ran("out", &[]).exits(4);
    let vain = folder.record("out")["agents"][0]["counts"]["retries"]
        .as_u64()
        .unwrap();
    // Asked, asked again, and once more in the late round.
    assert!(vain >= 6, "{vain} retries");
    server.fails_for([]);

    server.clear();
    folder.ran("out", &["--resume"]).exits(0);
    assert_eq!(asked(&server), [7, 8, 9, 17, 18, 19]);
    let record = folder.record("out");
    assert_eq!(record["agents"][0]["counts"]["retries"], vain + 6);
    let score = &folder.record("undisturbed")["agents"][0]["score"];
    assert_eq!(&record["agents"][0]["score"], score);

    server.clear();
    folder.ran("out", &["--resume"]).exits(0);
    assert!(asked(&server).is_empty(), "everything is answered");
    assert_eq!(
        folder.record("out")["agents"][0]["counts"]["retries"],
        vain + 6
    );
}

#[test]
fn a_run_killed_in_its_second_look_decides_as_if_nothing_had_happened() {
    let server = Server::start();
    let folder = Folder::new(&server, 30);
    folder.ran("before", &[]).exits(0);
    let baseline = ["--baseline", "before/run.json"];
    // These cases fail when they are asked first, and are asked twice more before that counts.
    let wanting = [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21];
    let questions = 30 + 2 * wanting.len();
    let forgets = || {
        server.clear();
        server.is_forgetful_about(["1"]);
    };
    forgets();
    folder.ran("undisturbed", &baseline).exits(1);
    assert_eq!(asked(&server).len(), questions);
    for moment in 31 + CONCURRENCY..=questions {
        forgets();
        server.kill(folder.run("out", &baseline), Moment::Asked(moment));
        let kept = folder.answered("out").len();
        server.clear();
        server.is_forgetful_about([]);
        folder
            .ran("out", &[&baseline[..], &["--resume"]].concat())
            .exits(1);
        assert_eq!(asked(&server).len(), questions - kept);
        assert!(asked(&server).iter().all(|case| wanting.contains(case)));
        let record = folder.timeless("out");
        assert_eq!(record, folder.timeless("undisturbed"), "killed at {moment}");
        std::fs::remove_dir_all(folder.path("out")).unwrap();
    }
}

#[test]
fn a_run_killed_between_looks_decides_as_if_nothing_had_happened() {
    let server = Server::start();
    let folder = Folder::new(&server, 30);
    let floor = "run: {retry_delay: 1ms, looks: [1, 3]}\ngate: {floor: 8.0}";
    folder.change(
        "tunegate.yaml",
        "run: {retry_delay: 1ms, samples: 1}",
        floor,
    );
    let code = folder.ran("undisturbed", &[]).code();
    assert_eq!(asked(&server).len(), 90, "a second look is wanted");
    for moment in [
        Moment::Answered(30),
        Moment::Asked(31 + CONCURRENCY),
        Moment::Asked(80),
    ] {
        server.kill(folder.run("out", &[]), moment);
        let kept = folder.answered("out").len();
        server.clear();
        folder.ran("out", &["--resume"]).exits(code);
        assert_eq!(asked(&server).len(), 90 - kept);
        let record = folder.timeless("out");
        assert_eq!(
            record,
            folder.timeless("undisturbed"),
            "killed at {moment:?}"
        );
        std::fs::remove_dir_all(folder.path("out")).unwrap();
    }
}
