//! Which events start the gate, and which are refused before anything is asked.

use serde_json::json;

use crate::support::github::{Change, Event, Fault};
use crate::support::job::Run;
use crate::support::world::{KEY_VARIABLE, QA_FILE, QA_NEW, QA_OLD, Skill, World};

const DATA: &str = "tunegate-data";

/// A usage error: one clear line, nothing asked of the models, no file but the outputs and the summary.
fn assert_refused(world: &World, run: Run, words: &str) {
    let run = run.exits(2);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert_eq!(run.annotations("error").len(), 1, "{}", run.stdout);
    assert!(run.stdout.contains(words), "{}", run.stdout);
    assert_eq!(run.stderr, "");
    assert!(run.files.is_empty(), "{:?}", run.files.keys());
    assert_eq!(run.output("outcome"), "error");
    assert_eq!(world.asked(), []);
    assert!(
        world.github.requests().is_empty(),
        "{:?}",
        world.github.requests()
    );
}

#[test]
fn a_merge_queue_is_judged_without_a_comment() {
    for (skill, code) in [(Skill::Perfect, 0), (Skill::Halves(3), 1)] {
        let world = World::new();
        world.push_to_main().exits(0);
        world.teach(QA_NEW, skill);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let event = world.github.merge_group_event(number);
        let sha = event.payload["merge_group"]["head_sha"]
            .as_str()
            .unwrap()
            .to_owned();
        let run = world.job(&event, &sha).run().exits(code);

        assert_eq!(world.github.comments(number), []);
        assert!(run.summary.contains("| **qa_agent** |"), "{}", run.summary);
        assert_eq!(run.record()["source"]["event"], "merge_group");
        assert_eq!(
            world.github.files_on_branch(DATA).len(),
            2,
            "only the push stores"
        );
    }
}

#[test]
fn a_start_by_hand_on_main_writes_the_baseline() {
    let world = World::new();
    let event = world.github.workflow_dispatch_event("main", &json!({}));
    let sha = world.github.repository().tip("main").unwrap();
    world
        .job(&event, &sha)
        .input("baseline", "write")
        .run()
        .exits(0);
    assert_eq!(world.github.files_on_branch(DATA).len(), 2);
    assert_eq!(world.model.asked().len(), 20);
}

#[test]
fn a_start_by_hand_on_another_branch_stores_nothing() {
    let world = World::new();
    let sha = world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let event = world.github.workflow_dispatch_event("feature", &json!({}));
    world.job(&event, &sha).run().exits(0);
    assert_eq!(world.github.files_on_branch(DATA), Vec::<String>::new());
}

#[test]
fn a_run_that_may_only_read_stores_nothing() {
    let world = World::new();
    world
        .push_to_main_from("")
        .input("baseline", "read")
        .run()
        .exits(0);
    assert_eq!(world.github.files_on_branch(DATA), Vec::<String>::new());
}

#[test]
fn a_pull_request_may_not_write_the_baseline() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world
        .opened(number)
        .input("baseline", "write")
        .run()
        .exits(2);
    assert!(
        run.stdout.contains("only a push may store a baseline"),
        "{}",
        run.stdout
    );
    assert_eq!(world.asked(), []);
    assert_eq!(world.github.files_on_branch(DATA), Vec::<String>::new());
}

#[test]
fn an_event_that_gives_secrets_to_strangers_code_is_refused() {
    for name in ["pull_request_target", "workflow_run"] {
        let world = World::new();
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let payload = world.github.pull_request_event(number, "opened").payload;
        let run = world.job(&Event { name, payload }, QA_OLD).run();
        assert_refused(&world, run, "use `pull_request`");
    }
}

#[test]
fn an_event_that_is_not_known_is_named() {
    let world = World::new();
    let payload = json!({"action": "created"});
    let run = world
        .job(
            &Event {
                name: "issue_comment",
                payload,
            },
            QA_OLD,
        )
        .run();
    assert_refused(&world, run, "`issue_comment` is not supported");
}

#[test]
fn an_event_file_that_cannot_be_used_is_one_clear_line() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "the event file is empty"),
        (b" \n", "the event file is empty"),
        (b"<html>", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"{}", "has no"),
    ];
    for (content, words) in cases {
        let world = World::new();
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).event_file(content).run();
        assert_refused(&world, run, words);
    }
}

#[test]
fn an_event_file_that_is_not_there_is_one_clear_line() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world
        .opened(number)
        .variable("GITHUB_EVENT_PATH", "/nowhere/event.json")
        .run();
    assert_refused(&world, run, "/nowhere/event.json");
    let run = world.opened(number).without("GITHUB_EVENT_PATH").run();
    assert_refused(&world, run, "GITHUB_EVENT_PATH is not set");
}

#[test]
fn an_input_that_is_not_known_is_named_with_those_that_are() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).input("mode", "reprot-only").run();
    assert_refused(&world, run, "gate, report-only");
}

#[test]
fn report_only_changes_the_exit_code_and_nothing_else() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world
        .opened(number)
        .input("mode", "report-only")
        .run()
        .exits(0);

    assert_eq!(run.output("outcome"), "fail");
    assert_eq!(run.output("failed-agents"), r#"["qa_agent"]"#);
    assert!(world.comment(number).body.contains("### ❌ FAIL"));
}

#[test]
fn report_only_does_not_hide_an_error() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let job = world.opened(number).input("mode", "report-only");
    job.without(KEY_VARIABLE).run().exits(3);
}

#[test]
fn a_change_of_more_files_than_github_lists_touches_every_agent() {
    let world = World::new();
    world.push_to_main().exits(0);
    let paths: Vec<String> = (0..3001)
        .map(|number| format!("docs/{number:04}.md"))
        .collect();
    let changes: Vec<Change<'_>> = paths
        .iter()
        .map(|path| Change::Write(path, b"words\n"))
        .collect();
    world.change("feature", &changes);
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    let agents = run.record()["changes"]["agents"].clone();
    assert_eq!(agents.as_array().unwrap().len(), 2, "{agents}");
}

#[test]
fn a_tree_that_github_cuts_off_touches_every_agent() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request(&[("README.md", "# Words\n")]);
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"]
        .as_str()
        .unwrap()
        .to_owned();
    world.github.truncate_trees(4);
    let run = world.job(&event, &sha).run();
    assert_ne!(run.output("outcome"), "skipped", "{run:#?}");
}

#[test]
fn a_github_that_stumbles_twice_is_asked_again() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world
        .github
        .fault("pulls/list-files", 2, Fault::bad_gateway());
    world
        .github
        .fault("repos/get-content", 2, Fault::bad_gateway());
    world.opened(number).run().exits(0);
    assert!(world.comment(number).body.contains("### ✅ PASS"));
}

#[test]
fn a_github_that_is_down_is_an_error_and_no_verdict() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world
        .github
        .fault("repos/get-content", 50, Fault::unavailable());
    let run = world.opened(number).run().exits(3);
    assert_eq!(run.output("outcome"), "error");
    assert!(run.summary.contains("COULD NOT MEASURE"), "{}", run.summary);
    assert_eq!(world.asked(), []);
}

#[test]
fn a_list_of_files_that_cannot_be_read_touches_every_agent() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request(&[("README.md", "# Words\n")]);
    world
        .github
        .fault("pulls/list-files", 50, Fault::unavailable());
    let run = world.opened(number).run().exits(0);
    let agents = run.record()["changes"]["agents"].clone();
    assert_eq!(agents.as_array().unwrap().len(), 2, "{agents}");
}

#[test]
fn an_enterprise_server_is_reached_under_its_prefix() {
    let world = World::under("/api/v3", |config| config);
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(1);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("### ❌ FAIL: qa_agent got worse, 10.00 → 8.50"),
        "{comment}"
    );
}

#[test]
fn a_push_that_deletes_a_branch_is_nothing_to_check() {
    let world = World::new();
    let tip = world.github.repository().tip("main").unwrap();
    let mut event = world.github.push_event("main", "", &tip);
    event.payload["deleted"] = json!(true);
    event.payload["after"] = json!("0".repeat(40));
    let run = world.job(&event, &tip).run().exits(0);
    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(world.asked(), []);
}
