//! Models that nobody changed, asked again by the clock: one issue says that one got worse, and is closed when that is over.

use serde_json::json;

use crate::support::github::{Event, Permission};
use crate::support::job::Run;
use crate::support::laptop::Laptop;
use crate::support::model::Fault;
use crate::support::world::{QA_OLD, Skill, World};

/// A run by the clock.
fn by_the_clock(world: &World, run: u64) -> Run {
    let main = world.github.repository().tip("main").unwrap();
    world.job(&clock(), &main).numbered(run).run()
}

fn clock() -> Event {
    Event {
        name: "schedule",
        payload: json!({"schedule": "0 3 * * *", "repository": {"private": true}}),
    }
}

#[test]
fn a_model_that_got_worse_opens_one_issue_which_closes_when_that_is_over() {
    let world = World::new();
    world.push_to_main().exits(0);
    let stored = world.github.files_on_branch("tunegate-data");
    by_the_clock(&world, 5000).exits(0);
    assert!(world.github.issues().is_empty());

    world.teach(QA_OLD, Skill::Misses(4));
    by_the_clock(&world, 5001).exits(1);
    by_the_clock(&world, 5002).exits(1);
    let issues = world.github.issues();
    assert_eq!(issues.len(), 1);
    let open = &issues[0];
    assert!(open.is_open, "{open:?}");
    assert_eq!(
        open.title,
        "A model in production got worse (model-quality)"
    );
    assert!(open.body.contains("is now: qa"), "{}", open.body);
    assert!(open.body.contains("runs/5002"), "{}", open.body);

    // An outage closes nothing.
    world
        .model
        .always_fails_for(&["Name the capital"], &Fault::BadGateway);
    by_the_clock(&world, 5003).exits(3);
    assert!(world.github.issues()[0].is_open);
    world.model.works_again();

    world.teach(QA_OLD, Skill::Perfect);
    by_the_clock(&world, 5004).exits(0);
    let issues = world.github.issues();
    assert_eq!((issues.len(), issues[0].is_open), (1, false));
    assert!(
        issues[0].body.contains("Over: the models were asked again"),
        "{}",
        issues[0].body
    );
    let now = world.github.files_on_branch("tunegate-data").into_iter();
    let (drift, baselines): (Vec<_>, Vec<_>) = now.partition(|path| path.starts_with("v1-drift/"));
    assert_eq!(baselines, stored);
    // Two agents in each run but the one of the outage.
    assert_eq!(drift.len(), 8, "{drift:?}");
    assert!(
        !drift.iter().any(|path| path.contains("-5003-")),
        "{drift:?}"
    );
}

fn history(world: &World, what: &str) -> String {
    let laptop = Laptop::clone_of(world);
    let output = laptop.command(&["baseline", what, "--agent", "qa_agent"]);
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_was_measured_again_is_in_the_history_and_nothing_is_held_against_it() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_OLD, Skill::Misses(4));
    let run = by_the_clock(&world, 5000).exits(1);
    assert!(
        run.stdout
            .contains("kept for the history v1-drift/model-quality/qa_agent/"),
        "{}",
        run.stdout
    );
    let told = history(&world, "history");
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].ends_with("  2 records"), "{told}");
    assert!(lines[1].contains("10.00"), "{told}");
    assert!(!lines[1].contains("by the clock"), "{told}");
    assert!(lines[2].contains("more than noise"), "{told}");
    assert!(lines[2].contains("by the clock"), "{told}");
    // The baseline is what it was, for people and for the next run.
    assert!(history(&world, "show").contains("10.00"));
    let again = by_the_clock(&world, 5001).exits(1).record();
    let qa = again["agents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|agent| agent["name"] == "qa_agent");
    let comparison = &qa.unwrap()["comparison"];
    assert_eq!(comparison["baseline_score"], 10.0, "{comparison}");
}

#[test]
fn a_job_that_may_not_write_says_so_and_one_that_wants_no_history_writes_none() {
    let world = World::new();
    world.push_to_main().exits(0);
    let stored = world.github.files_on_branch("tunegate-data");
    world.github.refuse(Permission::Contents);
    let run = by_the_clock(&world, 5000).exits(0);
    let said = run.annotations("notice").join("\n");
    assert!(
        said.contains("is not in `tunegate baseline history`"),
        "{said}"
    );
    assert!(said.contains("`contents: write`"), "{said}");
    let main = world.github.repository().tip("main").unwrap();
    let run = world
        .job(&clock(), &main)
        .input("baseline", "read")
        .run()
        .exits(0);
    let said = run.annotations("notice").join("\n");
    assert!(!said.contains("history"), "{said}");
    assert_eq!(world.github.files_on_branch("tunegate-data"), stored);
}

#[test]
fn somebody_elses_issue_with_our_marker_is_not_touched() {
    let world = World::new();
    world.push_to_main().exits(0);
    let forged = "<!-- tunegate:v1:model-quality:drift -->\nmine";
    world.github.seed_issue("mallory", forged);
    by_the_clock(&world, 5000).exits(0);
    let issues = world.github.issues();
    assert_eq!((issues[0].body.as_str(), issues[0].is_open), (forged, true));
}

#[test]
fn without_the_permission_a_warning_says_which_one_is_missing() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.github.refuse(Permission::Issues);
    world.teach(QA_OLD, Skill::Misses(4));
    let run = by_the_clock(&world, 5000).exits(1);
    assert!(
        run.annotations("warning")
            .join("")
            .contains("`issues: write`"),
        "{}",
        run.stdout
    );
}
