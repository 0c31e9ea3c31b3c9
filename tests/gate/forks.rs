//! Pull requests of strangers: planned without secrets, measured once somebody of the repository has looked.

use serde_json::{Value, json};

use crate::support::github::{Event, Fault, Permission};
use crate::support::job::Run;
use crate::support::world::{CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, Skill, World};

const FOR_FORKS: &str = "dangerously-ask-for-forks";

/// A world with a pull request of a fork to another model.
fn proposed() -> (World, u64) {
    let world = World::new();
    world.push_to_main().exits(0);
    world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let number = world
        .github
        .open_pull_request_from_fork("main", "feature", "mallory/assistants");
    (world, number)
}

/// The second stage, as the first one's end starts it.
fn second_stage(world: &World, number: u64, input: &str) -> Run {
    let event = world.github.workflow_run_event(number);
    let main = world.github.repository().tip("main").unwrap();
    world.job(&event, &main).input(FOR_FORKS, input).run()
}

#[test]
fn the_first_stage_needs_no_key_and_says_what_would_be_asked() {
    let (world, number) = proposed();
    let asked = world.model.heard();
    let job = world.opened(number).without(KEY_VARIABLE);
    let run = job.input("mode", "plan").run().exits(0);
    assert_eq!(world.model.heard(), asked);
    assert!(
        run.summary.contains("Planned, not measured: 1 agent"),
        "{}",
        run.summary
    );
    assert!(
        run.summary.contains("10 cases × 1 of model"),
        "{}",
        run.summary
    );
    assert_eq!(run.output("outcome"), "inconclusive");
    let plan: Value = serde_json::from_str(&run.files["tunegate-out/plan.json"]).unwrap();
    assert_eq!(plan["schema"], "tunegate.plan/1");
    assert_eq!(plan["agents"][0]["agent"], "qa_agent");
    assert_eq!(plan["source"]["pull_request"], number);
    assert!(
        world.github.comments(number).is_empty(),
        "a stranger's token writes nothing"
    );
}

#[test]
fn the_second_stage_measures_comments_and_shows_itself_as_a_check() {
    let (world, number) = proposed();
    let run = second_stage(&world, number, "true").exits(0);
    assert_eq!(run.output("outcome"), "pass");
    assert!(world.comment(number).body.contains("PASS"));
    let checks = world.github.checks();
    let head = world.github.head_of(number);
    let found: Vec<_> = checks
        .iter()
        .map(|one| (one.name.as_str(), one.state.as_str(), one.head.as_str()))
        .collect();
    assert_eq!(found, [("tunegate", "success", head.as_str())]);
    assert!(
        checks[0].summary.contains("### ✅ PASS"),
        "{}",
        checks[0].summary
    );
}

#[test]
fn a_worse_model_of_a_stranger_fails_its_check() {
    let (world, number) = proposed();
    world.teach(QA_NEW, Skill::Misses(3));
    second_stage(&world, number, "true").exits(1);
    let checks = world.github.checks();
    assert_eq!(
        (checks[0].state.as_str(), checks[0].title.as_str()),
        ("failure", "it may not merge")
    );
    assert!(world.comment(number).body.contains("FAIL"));
}

#[test]
fn without_the_dangerous_input_the_second_stage_is_refused() {
    let (world, number) = proposed();
    let asked = world.model.heard();
    let run = second_stage(&world, number, "false").exits(2);
    assert!(run.stdout.contains("is refused"), "{}", run.stdout);
    let event = world.github.pull_request_event(number, "synchronize");
    let event = Event {
        name: "pull_request_target",
        ..event
    };
    let main = world.github.repository().tip("main").unwrap();
    world.job(&event, &main).run().exits(2);
    assert_eq!(world.model.heard(), asked);
    world
        .job(&event, &main)
        .input(FOR_FORKS, "true")
        .run()
        .exits(0);
}

#[test]
fn which_pull_request_it_is_says_the_api_and_nothing_else() {
    let (world, number) = proposed();
    // What the event says of pull requests, and whatever a first stage left, is not looked at.
    let mut event = world.github.workflow_run_event(number);
    event.payload["workflow_run"]["pull_requests"] = json!([{"number": number + 70}]);
    let main = world.github.repository().tip("main").unwrap();
    let job = world.job(&event, &main).input(FOR_FORKS, "true");
    job.run().exits(0);
    assert!(world.comment(number).body.contains("PASS"));
    // A commit that is the tip of no open pull request any more.
    event.payload["workflow_run"]["head_sha"] = json!("0a".repeat(20));
    let run = world
        .job(&event, &main)
        .input(FOR_FORKS, "true")
        .run()
        .exits(2);
    assert!(
        run.stdout.contains("0 open pull requests"),
        "{}",
        run.stdout
    );
    event.payload["workflow_run"]["event"] = json!("push");
    let run = world
        .job(&event, &main)
        .input(FOR_FORKS, "true")
        .run()
        .exits(2);
    assert!(
        run.stdout.contains("only one on `pull_request`"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_strangers_providers_are_never_asked_even_after_a_look() {
    let world = World::new();
    world.push_to_main().exits(0);
    let config = world.file("main", CONFIG);
    let elsewhere = config.replace(&world.model.base_url(), "http://127.0.0.1:9/v1");
    world.commit("feature", &[(QA_FILE, QA_NEW), (CONFIG, &elsewhere)]);
    let number = world
        .github
        .open_pull_request_from_fork("main", "feature", "mallory/assistants");
    second_stage(&world, number, "true").exits(0);
}

#[test]
fn a_forge_without_checks_gets_a_commit_status() {
    let (world, number) = proposed();
    world.github.refuse(Permission::Checks);
    second_stage(&world, number, "true").exits(0);
    let checks = world.github.checks();
    let states: Vec<&str> = checks.iter().map(|one| one.state.as_str()).collect();
    assert_eq!(states, ["pending", "success"]);
}

#[test]
fn a_check_that_cannot_be_written_changes_no_verdict() {
    let (world, number) = proposed();
    world.github.fault("checks/create", 1, Fault::unavailable());
    let run = second_stage(&world, number, "true").exits(0);
    assert_eq!(run.annotations("warning").len(), 1, "{}", run.stdout);
    let (world, number) = proposed();
    world.github.fault("checks/update", 3, Fault::unavailable());
    let run = second_stage(&world, number, "true").exits(0);
    assert_eq!(run.output("outcome"), "pass");
    assert!(
        run.stdout.contains("the check cannot be ended"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_check_is_made_where_the_workflow_wants_one() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    assert!(world.github.checks().is_empty());
    world
        .opened(number)
        .numbered(4712)
        .input("check-run", "always")
        .run()
        .exits(0);
    assert_eq!(world.github.checks().len(), 1);
}

#[test]
fn the_first_stage_on_workflow_run_needs_no_dangerous_input() {
    let (world, number) = proposed();
    let asked = world.model.heard();
    let event = world.github.workflow_run_event(number);
    let main = world.github.repository().tip("main").unwrap();
    let job = world.job(&event, &main).without(KEY_VARIABLE);
    let job = job.input("mode", "plan").input("check-run", "always");
    let run = job.run().exits(0);
    assert_eq!(run.output("outcome"), "inconclusive");
    assert_eq!(world.model.heard(), asked);
    // What was only planned is no green check.
    assert!(world.github.checks().is_empty());
}

#[test]
fn a_plan_of_nothing_says_so_on_the_commit_at_once() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.commit("feature", &[("README.md", "# Other words\n")]);
    let number = world
        .github
        .open_pull_request_from_fork("main", "feature", "mallory/assistants");
    let event = world.github.workflow_run_event(number);
    let main = world.github.repository().tip("main").unwrap();
    let job = world.job(&event, &main).without(KEY_VARIABLE);
    let job = job.input("mode", "plan").input("check-run", "always");
    assert_eq!(job.run().exits(0).output("outcome"), "skipped");
    let checks = world.github.checks();
    assert_eq!(
        (checks[0].state.as_str(), checks[0].title.as_str()),
        ("success", "nothing to check")
    );
}

#[test]
fn a_part_of_a_divided_run_makes_no_check() {
    let world = World::new();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let job = world.opened(number).input("check-run", "always");
    job.input("shard", "1/2").run().exits(0);
    assert!(world.github.checks().is_empty());
}

#[test]
fn a_stranger_does_not_choose_whose_rules_decide() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.commit("lax", &[("README.md", "# Lax\n")]);
    world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let number = world
        .github
        .open_pull_request_from_fork("lax", "feature", "mallory/assistants");
    let asked = world.model.heard();
    let run = second_stage(&world, number, "true").exits(2);
    assert!(
        run.stdout.contains("not to the default branch"),
        "{}",
        run.stdout
    );
    assert_eq!(world.model.heard(), asked);
}
