//! Models that nobody changed, asked again by the clock: one issue says that one got worse, and is closed when that is over.

use serde_json::json;

use crate::support::github::{Event, Permission};
use crate::support::job::Run;
use crate::support::model::Fault;
use crate::support::world::{QA_OLD, Skill, World};

/// A run by the clock.
fn by_the_clock(world: &World, run: u64) -> Run {
    let main = world.github.repository().tip("main").unwrap();
    let event = Event {
        name: "schedule",
        payload: json!({"schedule": "0 3 * * *", "repository": {"private": true}}),
    };
    world.job(&event, &main).numbered(run).run()
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
