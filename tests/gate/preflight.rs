//! Before the first question: is the model there, does the key open the door?

use std::time::Duration;

use crate::support::model::Fault;
use crate::support::world::{KEY_VARIABLE, QA_FILE, QA_NEW, World};

const TYPO: &str = "ft:open-mistral-7b:acme:20260201:qq";

#[test]
fn a_model_that_does_not_exist_is_named_before_any_question() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, TYPO);
    let run = world.opened(number).run().exits(3);

    assert_eq!(world.asked(), []);
    let comment = world.comment(number).body.replace('\\', "");
    assert!(comment.contains("COULD NOT MEASURE"), "{comment}");
    assert!(
        comment.contains("`acme` does not know the model") && comment.contains("20260201:qq"),
        "{comment}"
    );
    assert_eq!(run.output("outcome"), "error");
}

#[test]
fn one_unknown_model_keeps_the_others_from_being_paid_for() {
    let world = World::new();
    let number = world.pull_request(&[(QA_FILE, QA_NEW), ("models/support_agent.txt", TYPO)]);
    world.opened(number).run().exits(3);
    assert_eq!(world.asked(), []);
}

#[test]
fn each_model_is_looked_up_once() {
    let world = World::new();
    world.push_to_main().exits(0);
    assert_eq!(world.model.looked_up(), 2, "two agents, a model each");
    assert_eq!(world.model.asked().len(), 20);
}

#[test]
fn a_key_that_may_not_look_at_models_may_still_ask_them() {
    let body = r#"{"error": {"message": "this key may only chat"}}"#;
    let scopes = r#"{"error": {"message": "You have insufficient permissions. Missing scopes: api.model.read"}}"#;
    for (status, body) in [
        (403, body),
        (404, "Not Found"),
        (405, ""),
        (501, ""),
        (500, "oops"),
        (401, scopes),
    ] {
        let world = World::new();
        world
            .model
            .fails_look_ups(Fault::Status(status, body.to_owned()));
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        world.opened(number).run().exits(0);
        let comment = world.comment(number).body;
        let told = comment.matches("could not tell whether it has").count();
        assert_eq!(told, 1, "{status}: {comment}");
    }
}

#[test]
fn a_key_that_is_unknown_is_told_before_any_question() {
    let world = World::new();
    world.model.fails_look_ups(Fault::KeyEcho);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(3);
    assert_eq!(world.asked(), []);
    let comment = world.comment(number).body.replace('\\', "");
    assert!(comment.contains(KEY_VARIABLE), "{comment}");
}

#[test]
fn a_signal_does_not_wait_for_a_look_up() {
    let world = World::new();
    world
        .model
        .fails_look_ups(Fault::Slow(Duration::from_hours(1)));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let mut since = None;
    let run = world.opened(number).run_until(|world| {
        world.model.wait_for_a_look_up();
        since = Some(std::time::Instant::now());
    });
    run.exits(143);
    let took = since.unwrap().elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn an_untouched_gate_looks_nothing_up() {
    let world = World::new();
    let number = world.pull_request(&[("README.md", "# Other\n")]);
    world.opened(number).run().exits(0);
    assert_eq!(world.model.heard(), 0);
}
