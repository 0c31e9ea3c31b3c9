//! The model server is down, refuses, limits or is slow: that is never a verdict about a model.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::github::{Fault as GitHubFault, HeadRepository};
use crate::support::job::Run;
use crate::support::model::Fault;
use crate::support::world::{KEY, KEY_VARIABLE, QA_FILE, QA_NEW, Skill, World, short};

/// The reviewer reads that nothing is known, and neither of the words that would be a verdict.
fn assert_no_verdict(world: &World, number: u64, run: &Run) -> String {
    let comment = world.comment(number).body;
    for told in [&comment, &run.summary] {
        assert!(told.contains("### ⚠️ COULD NOT MEASURE"), "{told}");
        assert!(!told.contains("PASS") && !told.contains("FAIL"), "{told}");
    }
    comment
}

#[test]
fn a_server_that_always_fails_is_no_verdict() {
    let world = World::new();
    world.push_to_main().exits(0);
    world
        .model
        .always_fails(Fault::Status(500, "boom".to_owned()));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);

    assert_no_verdict(&world, number, &run);
    assert_eq!(run.output("outcome"), "error");
    assert_eq!(run.output("score"), "");
    assert_eq!(run.output("failed-agents"), "[]");
}

#[test]
fn a_server_that_is_not_there_is_no_verdict() {
    // A port that was free a moment ago, and at which nobody listens.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let world = World::configured(|config| {
        let lines = config.lines().map(|line| {
            if line.contains("base_url") {
                format!("    base_url: http://{address}/v1")
            } else {
                line.to_owned()
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);
    assert_no_verdict(&world, number, &run);
}

#[test]
fn a_limit_that_passes_leaves_no_trace_in_the_scores() {
    let run_with = |faults: Vec<Fault>| {
        let world = World::new();
        world.push_to_main().exits(0);
        world.teach(QA_NEW, Skill::Halves(1));
        world.model.fails(faults);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).run().exits(0);
        // The address of the model server is in the configuration, so commits differ between two worlds.
        let baseline = run.output("baseline-commit");
        let comment = world.comment(number).body.replace(short(baseline), "BASE");
        let lines = comment
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with("<sub>"));
        (
            lines.collect::<Vec<_>>().join("\n"),
            run.output("score").to_owned(),
            world.asked(),
        )
    };
    let calm = run_with(Vec::new());
    let limited = run_with(vec![
        Fault::TooMany(Some("0")),
        Fault::TooMany(None),
        Fault::TooMany(Some("0")),
    ]);
    assert_eq!(calm.0, limited.0);
    assert_eq!(calm.1, limited.1);
    let questions = |asked: &[(String, usize)]| asked.iter().map(|(_, n)| n).sum::<usize>();
    assert_eq!(questions(&limited.2), questions(&calm.2) + 3);
}

#[test]
fn a_key_that_is_refused_is_named_by_its_variable_and_never_shown() {
    let world = World::new();
    // The server repeats the key that it was sent. Every job is searched for it.
    world.model.always_fails(Fault::KeyEcho);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);

    let comment = assert_no_verdict(&world, number, &run);
    assert!(
        comment.contains(KEY_VARIABLE) || comment.contains(&KEY_VARIABLE.replace('_', "\\_")),
        "{comment}"
    );
    assert!(
        world.model.asked().len() < 10,
        "no further question after a refusal"
    );
}

#[test]
fn a_key_in_an_answer_is_not_shown_stored_or_published() {
    let world = World::new();
    world.github.make_private();
    let answer = format!("Vienna lies on the Danube. My key is {KEY}, do not tell.");
    let model = "ft:open-mistral-7b:acme:20260301:qa";
    world.model.knows(model).otherwise(&answer);
    let number = world.pull_request_for(QA_FILE, model);
    let run = world.opened(number).run().exits(1);

    let comment = world.comment(number).body;
    assert!(
        comment.contains("My key is \\*\\*\\*") || comment.contains("My key is ***"),
        "{comment}"
    );
    assert!(run.files["tunegate-out/run.json"].contains("My key is ***"));
}

#[test]
fn a_key_in_an_error_is_not_shown() {
    let world = World::new();
    let body = json!({"error": {"message": format!("upstream refused {KEY}")}}).to_string();
    world.model.always_fails(Fault::Status(503, body));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);
    assert_no_verdict(&world, number, &run);
}

#[test]
fn a_key_that_is_not_set_is_asked_for_before_any_question() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).without(KEY_VARIABLE).run().exits(3);

    let comment = assert_no_verdict(&world, number, &run);
    assert!(
        comment.replace('\\', "").contains(KEY_VARIABLE),
        "{comment}"
    );
    assert!(comment.contains("pass the secret"), "{comment}");
    assert_eq!(world.asked(), []);
}

#[test]
fn a_fork_without_secrets_is_told_why_and_what_a_maintainer_can_do() {
    let world = World::new();
    world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let number = world
        .github
        .open_pull_request_from_fork("main", "feature", "mallory/assistants");
    world.github.edit_pull_request(number, |pull| {
        assert!(pull.head_repository != HeadRepository::Same);
    });
    let run = world.opened(number).without(KEY_VARIABLE).run().exits(3);

    let comment = assert_no_verdict(&world, number, &run);
    assert!(
        comment.contains("no secrets to pull requests of forks"),
        "{comment}"
    );
    assert!(
        comment.contains("a maintainer can push the branch"),
        "{comment}"
    );
}

#[test]
fn more_than_a_tenth_of_the_answers_missing_is_inconclusive() {
    let world = World::configured(|config| {
        config.replace("retry_delay: 1ms", "retry_delay: 1ms, retries: 0")
    });
    world.push_to_main().exits(0);
    // Each question is tried once and once more at the end: two of ten never come.
    world
        .model
        .always_fails_for(&["austria", "egypt"], &Fault::BadGateway);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(4);

    let comment = assert_no_verdict(&world, number, &run);
    assert_eq!(run.output("outcome"), "inconclusive");
    assert!(comment.contains("2 of 10 answers are missing"), "{comment}");
}

#[test]
fn a_tenth_of_the_answers_missing_is_said_and_decides_nothing() {
    let world = World::configured(|config| {
        config.replace("retry_delay: 1ms", "retry_delay: 1ms, retries: 0")
    });
    world.push_to_main().exits(0);
    world
        .model
        .always_fails_for(&["austria"], &Fault::BadGateway);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(comment.contains("1 of 10 answers are missing"), "{comment}");
}

#[test]
fn a_budget_that_is_used_up_is_inconclusive() {
    let world = World::configured(|config| {
        config
            .replace(
                "retry_delay: 1ms",
                "retry_delay: 1ms, budget: {tokens: 100}",
            )
            .replace("    api_key_env", "    concurrency: 1\n    api_key_env")
    });
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(4);

    let comment = assert_no_verdict(&world, number, &run);
    assert!(comment.contains("the budget was used up"), "{comment}");
    assert!(comment.contains("raise `run.budget`"), "{comment}");
    let asked = world.model.asked().len();
    assert!((1..10).contains(&asked), "{asked} questions for 100 tokens");
}

#[test]
fn a_deadline_that_passes_is_inconclusive() {
    let world = World::configured(|config| {
        config.replace("retry_delay: 1ms", "retry_delay: 1ms, deadline: 1s")
    });
    world.model.stalls_after(3);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(4);

    let comment = assert_no_verdict(&world, number, &run);
    assert!(comment.contains("the deadline passed"), "{comment}");
    assert!(comment.contains("raise `run.deadline`"), "{comment}");
}

#[test]
fn a_cancelled_job_ends_in_time_and_leaves_its_files() {
    let world = World::new();
    world.model.stalls_after(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let mut since = None;
    let run = world.opened(number).run_until(|world| {
        world.model.wait_for_a_question();
        since = Some(Instant::now());
    });
    let took = since.unwrap().elapsed();

    let run = run.exits(143);
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_eq!(run.output("outcome"), "error");
    assert_eq!(run.record()["verdict"]["reasons"][0]["code"], "interrupted");
    assert_no_verdict(&world, number, &run);
}

#[test]
fn a_cancelled_check_says_so_on_the_report_of_the_commit_before() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    world.commit("feature", &[("README.md", "# More\n")]);
    world
        .github
        .fault("repos/list-commits", 1, GitHubFault::Stall);
    let job = world
        .pushed_again(number)
        .numbered(4712)
        .input("all", "true");
    let run = job.run_until(|world| world.github.wait_for("issues/update-comment"));
    let run = run.exits(143);
    assert_eq!(run.output("outcome"), "error");
    let body = world.comment(number).body;
    assert!(
        body.contains("was cancelled: there is no result for it"),
        "{body}"
    );
    assert!(!body.contains("Checking `"), "{body}");
    assert!(body.contains("### ✅ PASS"), "{body}");
}

#[test]
fn a_cancelled_job_does_not_wait_for_a_forge_that_does_not_answer() {
    for (operation, code, outcome) in [
        ("pulls/list-files", 143, "error"),
        ("issues/create-comment", 0, "pass"),
    ] {
        let world = World::new();
        world.push_to_main().exits(0);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        world.github.fault(operation, 1, GitHubFault::Stall);
        let mut since = None;
        let job = world.opened(number).numbered(4712);
        let run = job.run_until(|world| {
            world.github.wait_for(operation);
            since = Some(Instant::now());
        });
        let run = run.exits(code);
        let took = since.unwrap().elapsed();
        assert!(took < Duration::from_secs(9), "{operation}: {took:?}");
        assert_eq!(run.output("outcome"), outcome, "{operation}");
        assert!(run.summary.contains("### "), "{operation}: {}", run.summary);
        assert!(run.stdout.contains("::"), "{operation}: {}", run.stdout);
    }
}
