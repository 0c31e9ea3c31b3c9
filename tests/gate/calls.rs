//! What is known of an answer beside its words is tested too: the tools that it calls, how long it took, what it cost.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::model::Fault;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, Skill, World, suite};

/// A reply that has a tool called.
fn calling(name: &str, arguments: &str) -> Fault {
    Fault::Body(json!({
        "model": "served",
        "choices": [{
            "message": {
                "content": null,
                "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}],
            },
            "finish_reason": "tool_calls",
        }],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7},
    }))
}

/// The ten cases with one check, the same for all.
fn with_check(check: &str) -> String {
    let mut text = "description: Capitals.\nscoring: {profile: checks}\ncases:\n".to_owned();
    for line in suite()
        .lines()
        .filter(|line| line.contains("prompt: ") || line.contains("- id: "))
    {
        text += line;
        text.push('\n');
        if line.contains("prompt: ") {
            writeln!(text, "    checks: [{check}]").unwrap();
        }
    }
    text
}

const FINDS: &str =
    "{tool-call: {name: find_capital, arguments: {required: [country]}}, required: true}";

fn sample(record: &Value) -> &Value {
    &record["agents"][0]["cases"][0]["samples"][0]
}

#[test]
fn a_model_that_calls_another_tool_fails_and_the_comment_says_which() {
    let world = World::new();
    world.github.make_private();
    let finds = calling("find_capital", r#"{"country": "x"}"#);
    world.model.always_fails_for(&[QA_OLD], &finds);
    world.commit("main", &[(QA_SUITE, &with_check(FINDS))]);
    world.push_to_main().exits(0);
    world
        .model
        .always_fails_for(&[QA_NEW], &calling("find_river", "{}"));

    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let record = run.record();
    let sample = sample(&record);
    assert_eq!(sample["score"], 0.0);
    assert_eq!(sample["answer"], "");
    assert_eq!(
        sample["tool_calls"],
        json!([{"name": "find_river", "arguments": "{}"}])
    );
    let comment = world.comment(number).body;
    for words in ["tool-call", "find_capital", "called", "find_river"] {
        assert!(comment.contains(words), "no {words} in\n{comment}");
    }
}

#[test]
fn the_calls_of_a_stored_baseline_are_checked_again_when_the_check_changes() {
    let world = World::new();
    world.github.make_private();
    let finds = calling("find_capital", r#"{"country": "x"}"#);
    world.model.always_fails_for(&[QA_OLD, QA_NEW], &finds);
    world.commit("main", &[(QA_SUITE, &with_check(FINDS))]);
    world.push_to_main().exits(0);
    let stricter = FINDS.replace(
        "[country]",
        "[country], additionalProperties: false, properties: {country: {maxLength: 1}}",
    );
    world.commit("main", &[(QA_SUITE, &with_check(&stricter))]);

    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);

    let record = run.record();
    let comparison = &record["agents"][0]["comparison"];
    assert_eq!(comparison["pairs"], 10, "{comparison}");
    assert_eq!(comparison["rescored"]["answers"], 10, "{comparison}");
    assert_eq!(comparison["change"], 0.0);
}

#[test]
fn an_answer_may_take_and_cost_only_so_much() {
    let world = World::configured(|config| {
        config + "prices: {models: {'ft:*': {input_per_mtok: 1000, output_per_mtok: 1000}}}\n"
    });
    let run_with = |check: &str| {
        world.commit("main", &[(QA_SUITE, &with_check(check))]);
        let record = world.push_to_main().record();
        let sample = sample(&record);
        let cost = sample["cost"].as_f64().unwrap();
        assert!((cost - 0.018).abs() < 1e-12, "{cost}");
        sample["score"].to_string()
    };
    assert_eq!(
        run_with("{cost: {max: 0.018}}, {latency: {max: 60000}}"),
        "10"
    );
    assert_eq!(
        run_with("{cost: {max: 0.017}}, {latency: {max: 60000}}"),
        "5"
    );
}

#[test]
fn a_cost_that_nobody_knows_is_no_cheap_one() {
    let world = World::new();
    world.commit("main", &[(QA_SUITE, &with_check("{cost: {max: 1000}}"))]);
    let record = world.push_to_main().record();
    let sample = sample(&record);
    assert_eq!(sample["score"], 0.0);
    assert!(
        sample["lost"][0]["why"]
            .as_str()
            .unwrap()
            .contains("the cost is not known"),
        "{sample}"
    );
}

#[test]
fn a_baseline_of_which_the_cost_is_not_known_is_not_held_against_a_check_of_cost() {
    let world = World::new();
    world.github.make_private();
    world.push_to_main().exits(0);
    // Under the new check the old answers would lose what nobody wrote down: the worse model would look as good.
    let priced = world.file("main", CONFIG)
        + "prices: {models: {'ft:*': {input_per_mtok: 1, output_per_mtok: 1}}}\n";
    let suite = suite().replace("    checks:\n", "    checks:\n      - {cost: {max: 1}}\n");
    world.commit("main", &[(CONFIG, &priced), (QA_SUITE, &suite)]);
    world.teach(QA_NEW, Skill::Misses(10));

    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let record = run.record();
    let agent = &record["agents"][0];
    assert_eq!(agent["comparison"], Value::Null, "{agent}");
    let why = agent["not_compared"].as_str().unwrap();
    assert!(why.contains("the expectation or a check changed"), "{why}");
    let comment = world.comment(number).body;
    assert!(!comment.contains("scores the same"), "{comment}");
}
