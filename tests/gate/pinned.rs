//! `baseline.pinned`: small drops that pass one by one do not add up unseen.

use crate::support::world::{CONFIG, QA_FILE, QA_OLD, QA_SUITE, Skill, World, suite};

/// Four models, each half a point below the one before.
const MODELS: [&str; 4] = [QA_OLD, "ft:b", "ft:c", "ft:d"];

/// The first three are on `main`, one push each; `pin` says what the configuration pins of the first commit.
fn sliding(pin: impl FnOnce(&str) -> String) -> World {
    let world = World::configured(|config| {
        config
            .replace("max_drop: 0.5", "max_drop: 0.6")
            .replace("floor: 8.0", "floor: 1.0")
    });
    // Answers are kept.
    world.github.make_private();
    for (steps, model) in MODELS.into_iter().enumerate() {
        world.teach(model, Skill::Halves(steps));
    }
    world.push_to_main().exits(0);
    let first = world.github.repository().tip("main").unwrap();
    let config = world.file("main", CONFIG) + &format!("baseline: {{pinned: '{}'}}\n", pin(&first));
    let mut before = world.commit("main", &[(CONFIG, &config)]);
    for model in &MODELS[1..3] {
        let after = world.commit("main", &[(QA_FILE, &format!("{model}\n"))]);
        world.push_to_main_from(&before).run().exits(0);
        before = after;
    }
    world
}

#[test]
fn a_model_far_below_the_pinned_one_fails_though_each_step_was_allowed() {
    let world = sliding(|first| first.split_at(10).0.to_owned());
    let number = world.pull_request_for(QA_FILE, MODELS[3]);
    let run = world.opened(number).run().exits(1);
    let comment = world.comment(number).body;
    assert!(comment.contains("1. qa_agent: dropped 1.50 ("), "{comment}");
    assert!(
        comment.contains("against the pinned record of "),
        "{comment}"
    );
    assert!(
        comment.contains("10.00 → 8.50; 1.20 is allowed. Same 10 prompts"),
        "{comment}"
    );
    let record = run.record();
    let held = &record["agents"][0]["comparisons"][0];
    assert_eq!(held["against"], "pinned");
    assert_eq!(held["baseline_score"], 10.0);
    assert_eq!(record["verdict"]["reasons"][0]["code"], "below-pinned");
}

#[test]
fn without_a_pin_the_slide_goes_on() {
    let world = sliding(|_| "none".to_owned());
    let number = world.pull_request_for(QA_FILE, MODELS[3]);
    world.opened(number).run().exits(0);
}

#[test]
fn a_pin_without_a_record_is_said_and_is_no_verdict() {
    let world = sliding(|_| "0123456".to_owned());
    let number = world.pull_request_for(QA_FILE, MODELS[3]);
    let run = world.opened(number).run().exits(2);
    let told = &run.summary;
    assert!(told.contains("0123456") && !told.contains("FAIL"), "{told}");
}

#[test]
fn a_pin_that_is_the_beginning_of_two_commits_is_no_pin_and_both_are_named() {
    let world = sliding(|_| "0123456".to_owned());
    let commits = ["0123456a", "0123456b"].map(|start| format!("{start:0<40}"));
    for commit in &commits {
        let path = format!("v1/model-quality/qa_agent/01/{commit}-9-1.json");
        world.commit("tunegate-data", &[(&path, "{}")]);
    }
    let number = world.pull_request_for(QA_FILE, MODELS[3]);
    let run = world.opened(number).run().exits(2);
    let errors = run.annotations("error").concat();
    for commit in &commits {
        assert!(errors.contains(commit.as_str()), "{errors}");
    }
    assert!(errors.contains("write more of its digits"), "{errors}");
}

#[test]
fn a_pinned_record_is_scored_again_where_the_checks_changed_since() {
    let world = sliding(str::to_owned);
    let stricter = suite().replace("{contains: Tagus}", "{contains: Tejo}");
    world.commit("main", &[(QA_SUITE, &stricter)]);
    let number = world.pull_request_for(QA_FILE, MODELS[3]);
    let run = world.opened(number).run().exits(1);

    let record = run.record();
    let held = &record["agents"][0]["comparisons"][0];
    assert_eq!(held["against"], "pinned");
    assert_eq!(held["pairs"], 10, "{held}");
    assert_eq!(held["baseline_score"], 9.5, "one answer lost half");
    let notices = record["notices"].to_string();
    assert!(
        notices.contains(
            "qa_agent: pinned record rescored: 1 answer, the expectation or a check changed"
        ),
        "{notices}"
    );
}
