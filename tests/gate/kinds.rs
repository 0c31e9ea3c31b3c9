//! Whoever caused the event, and whichever it is: each has its own defined end.

use serde_json::json;

use crate::support::github::{Change, Event, HeadRepository};
use crate::support::world::{CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, Skill, World};

const DATA: &str = "tunegate-data";

/// A pull request from a fork that is gone.
fn from_nowhere(world: &World) -> u64 {
    let fork = "mallory/assistants";
    let number = world
        .github
        .open_pull_request_from_fork("main", "feature", fork);
    world.github.edit_pull_request(number, |pull| {
        pull.head_repository = HeadRepository::Deleted;
    });
    number
}

#[test]
fn a_fork_that_is_gone_is_told_like_any_other_why_it_has_no_key() {
    let world = World::new();
    world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let number = from_nowhere(&world);
    let run = world.opened(number).without(KEY_VARIABLE).run().exits(3);

    assert_eq!(run.output("outcome"), "error");
    let comment = world.comment(number).body;
    let why = "no secrets to pull requests of forks";
    assert!(comment.contains(why), "{comment}");
    assert_eq!(world.asked(), []);
}

#[test]
fn the_first_configuration_of_a_fork_that_is_gone_is_not_used() {
    let world = World::new();
    let config = world.file("main", CONFIG);
    world.change("main", &[Change::Delete(CONFIG)]);
    world.commit("feature", &[(CONFIG, &config)]);
    let number = from_nowhere(&world);
    let run = world.opened(number).run().exits(2);

    assert_eq!(run.output("outcome"), "error");
    assert!(
        run.stdout.contains("nobody has looked at whom it asks"),
        "{}",
        run.stdout
    );
    assert_eq!(world.asked(), []);
}

#[test]
fn dependabot_is_told_why_it_has_no_key_and_cannot_bring_the_first_configuration() {
    let by_dependabot = |world: &World, number: u64| {
        let mut event = world.github.pull_request_event(number, "opened");
        event.payload["sender"] =
            json!({"login": "dependabot[bot]", "id": 49_699_333, "type": "Bot"});
        event
    };
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let event = by_dependabot(&world, number);
    let sha = world.github.repository().tip("main").unwrap();
    let job = world.job(&event, &sha).without(KEY_VARIABLE);
    job.run().exits(3);
    let comment = world.comment(number).body;
    assert!(comment.contains("and of Dependabot"), "{comment}");
    assert_eq!(world.asked(), []);

    let world = World::new();
    let config = world.file("main", CONFIG);
    world.change("main", &[Change::Delete(CONFIG)]);
    let number = world.pull_request(&[(CONFIG, &config)]);
    let event = by_dependabot(&world, number);
    let sha = world.github.repository().tip("main").unwrap();
    world.job(&event, &sha).run().exits(2);
    assert_eq!(world.asked(), []);
}

#[test]
fn the_clock_asks_every_agent_and_makes_no_baseline() {
    let world = World::new();
    let sha = world.github.repository().tip("main").unwrap();
    let event = Event {
        name: "schedule",
        payload: json!({"schedule": "0 3 * * *"}),
    };
    let run = world.job(&event, &sha).run().exits(0);

    assert_eq!(run.output("outcome"), "pass");
    assert_eq!(run.record()["source"]["event"], "schedule");
    assert_eq!(world.model.asked().len(), 20);
    let kept = world.github.files_on_branch(DATA);
    let drift = |path: &String| path.starts_with("v1-drift/");
    assert!(kept.len() == 2 && kept.iter().all(drift), "{kept:?}");
    assert!(run.summary.contains("| **qa_agent** |"), "{}", run.summary);
}

#[test]
fn a_tag_is_nothing_to_check() {
    let world = World::new();
    let tip = world.github.repository().tip("main").unwrap();
    let mut event = world.github.push_event("main", "", &tip);
    event.payload["ref"] = json!("refs/tags/v1");
    let run = world.job(&event, &tip).run().exits(0);

    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(world.asked(), []);
    assert_eq!(world.github.files_on_branch(DATA), Vec::<String>::new());
}

#[test]
fn a_merge_queue_may_not_write_the_baseline() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str();
    let sha = sha.unwrap().to_owned();
    let run = world
        .job(&event, &sha)
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
fn a_pull_request_that_changes_its_base_is_judged_by_the_rules_of_the_new_one() {
    let world = World::new();
    world.push_to_main().exits(0);
    let lax = world.config_with("floor: 8.0", "floor: 0.0");
    let lax = lax.replace("max_drop: 0.5", "max_drop: 10.0");
    world.commit("lax", &[(CONFIG, &lax)]);
    world.teach(QA_NEW, Skill::Halves(5));
    world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let number = world.github.open_pull_request("lax", "feature");
    world.opened(number).run().exits(0);

    let event = world.github.retargeted_event(number, "main");
    let main = world.github.repository().tip("main").unwrap();
    let run = world.job(&event, &main).numbered(4712).run().exits(1);
    assert_eq!(run.output("baseline-commit"), main);
    let comment = world.comment(number).body;
    assert!(comment.contains("### ❌ FAIL"), "{comment}");
}
