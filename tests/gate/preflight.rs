//! Before the first question: is the model there, does the key open the door?

use std::time::Duration;

use serde_json::json;

use crate::support::laptop::Laptop;
use crate::support::model::Fault;
use crate::support::world::{CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, World};

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

/// A token costs 1, an answer 0.5 at the very least.
fn priced(config: &str) -> String {
    let prices = "prices: {models: {\"ft:*\": {input_per_mtok: 1000000, output_per_mtok: 500000}}}";
    config.replace("defaults:", &format!("{prices}\ndefaults:"))
}

#[test]
fn a_budget_below_the_least_that_a_run_takes_asks_nothing() {
    let world = World::configured(|config| {
        config.replace("retry_delay: 1ms", "retry_delay: 1ms, budget: {tokens: 60}")
    });
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(4);
    assert_eq!(world.model.heard(), 0);
    assert_eq!(run.output("outcome"), "inconclusive");
    let record = run.record();
    let reason = &record["verdict"]["reasons"][0];
    assert_eq!(reason["code"], "budget-reached");
    let message = reason["message"].as_str().unwrap();
    for part in [
        "10 answers take at least 8",
        "the budget is 60",
        "`run.budget.tokens`",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let comment = world.comment(number).body;
    assert!(
        comment.contains("COULD NOT MEASURE: nothing was asked"),
        "{comment}"
    );
}

#[test]
fn a_cap_of_the_workflow_below_the_least_cost_names_the_input() {
    let world = World::configured(|config| priced(&config));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).input("max-cost", "20").run().exits(4);
    assert_eq!(world.asked(), []);
    let message = run.record()["verdict"]["reasons"][0]["message"].to_string();
    for part in [
        "10 answers cost at least USD 7",
        "the budget is 20.0000",
        "raise `max-cost`",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn what_a_run_takes_is_told_by_check_and_before_the_first_question() {
    let world = World::configured(|config| priced(&config));
    let laptop = Laptop::new(&world);
    let checked = String::from_utf8(laptop.command(&["check"]).stdout).unwrap();
    let lines: Vec<&str> = checked.lines().collect();
    let amounts =
        |line: &str| line.contains("about ") && line.contains(" tokens (") && line.contains("USD ");
    assert!(
        lines[0].starts_with("qa_agent") && amounts(lines[1]),
        "{checked}"
    );
    let total = lines
        .iter()
        .find(|line| line.starts_with("to pay for: 20 answers, "));
    assert!(total.is_some_and(|line| amounts(line)), "{checked}");

    let json = laptop.command(&["check", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let cost = &json["estimate"]["cost"];
    assert!(cost["low"].as_f64() < cost["likely"].as_f64(), "{json}");
    assert!(cost["likely"].as_f64() < cost["high"].as_f64(), "{json}");

    let run = laptop.command(&["run", "--agent", "qa_agent"]);
    let told = String::from_utf8(run.stderr).unwrap();
    assert!(told.starts_with("to ask: 10 answers, about "), "{told}");
    let quiet = laptop.command(&["run", "--agent", "qa_agent", "--quiet"]);
    assert_eq!(quiet.stderr, b"");
}

#[test]
fn the_least_of_the_estimate_is_below_what_a_run_took_and_the_most_above() {
    let world = World::configured(|config| priced(&config));
    let laptop = Laptop::new(&world);
    let json = laptop.command(&["check", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let (_, record) = laptop.run(&[]);
    let usage = &record["agents"][0]["usage"];
    let took =
        usage["prompt_tokens"].as_f64().unwrap() + usage["completion_tokens"].as_f64().unwrap();
    let tokens = &json["agents"][0]["tokens"];
    assert!(tokens["low"].as_f64().unwrap() <= took, "{json}");
    assert!(tokens["high"].as_f64().unwrap() >= took, "{json}");
}

#[test]
fn a_model_that_changes_within_a_run_is_told() {
    let answer = |served: &str| {
        let message = json!({"role": "assistant", "content": "Vienna lies on the Danube."});
        Fault::Body(json!({
            "model": served, "system_fingerprint": format!("fp-{served}"),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }))
    };
    let world = World::new();
    world.model.fails(vec![answer("acme-2502"); 3]);
    let laptop = Laptop::new(&world);
    laptop.change(CONFIG, "floor: 8.0", "floor: 0.0");
    let (_, record) = laptop.run(&[]);
    let notices = record["notices"].to_string();
    assert!(
        notices.contains("the served model changed within the run"),
        "{notices}"
    );
    assert!(notices.contains("`acme-2502` 3 answers"), "{notices}");
    assert!(notices.contains("`fp_1` 7 answers"), "{notices}");
    assert!(record["agents"][0]["system_fingerprint"].is_string());
}
