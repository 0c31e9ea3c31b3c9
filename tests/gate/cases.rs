//! What only a pull request has: its cases and agents are asked after everything that gates, shown, and gate nothing.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::job::Run;
use crate::support::model::Fault;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_SUITE, Skill, World, prompt, suite};

/// The suite with further cases, none of which any model knows an answer to.
fn with_new(ids: &[&str]) -> String {
    let mut text = suite();
    for id in ids {
        let prompt = prompt(id);
        writeln!(
            text,
            "  - id: {id}\n    prompt: {prompt}\n    checks: [{{contains: Nowhere}}]"
        )
        .unwrap();
    }
    text
}

/// The cases of the first agent that only the pull request has.
fn new_cases(run: &Run) -> Vec<Value> {
    let record = run.record();
    let cases = record["agents"][0]["cases"].as_array().unwrap();
    let new = cases.iter().filter(|case| case["new"] == true);
    new.cloned().collect()
}

#[test]
fn a_case_that_a_pull_request_adds_is_shown_and_does_not_gate() {
    let world = World::new();
    world.push_to_main().exits(0);
    let stored = world.model.asked().len();
    let number = world.pull_request(&[
        (QA_FILE, QA_NEW),
        (QA_SUITE, &with_new(&["spain", "norway"])),
    ]);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.output("score"), "10", "the mean leaves them out");
    assert_eq!(run.record()["agents"][0]["comparison"]["pairs"], 10);
    let new = new_cases(&run);
    let ids: Vec<&str> = new
        .iter()
        .map(|case| case["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["spain", "norway"]);
    assert_eq!(new[0]["score"], 0.0);
    let comment = world.comment(number).body;
    for words in [
        "### ✅ PASS",
        "new, not gating",
        "qa_agent: 2 cases, mean 0.00: `spain` 0.00, `norway` 0.00",
        "suite (`suites/qa_agent.yaml`): 2 cases added",
    ] {
        assert!(comment.contains(words), "no {words} in\n{comment}");
    }
    // Those of the base come first.
    let asked = world.model.asked();
    assert_eq!(asked.len(), stored + 12);
    let last = asked
        .iter()
        .rev()
        .take(2)
        .map(|one| one.body["messages"].to_string());
    assert!(
        last.clone().any(|text| text.contains("spain")),
        "{:?}",
        last.collect::<Vec<_>>()
    );
}

#[test]
fn the_suite_of_the_record_is_the_one_that_decides() {
    let world = World::new();
    let plain = world.pull_request_for(QA_FILE, QA_NEW);
    let before = world.opened(plain).run().exits(0).record();
    world.commit("feature", &[(QA_SUITE, &with_new(&["spain"]))]);
    let after = world
        .pushed_again(plain)
        .numbered(4712)
        .run()
        .exits(0)
        .record();
    assert_eq!(
        after["agents"][0]["suite_digest"],
        before["agents"][0]["suite_digest"]
    );
    assert_ne!(after["plan_digest"], before["plan_digest"]);
}

#[test]
fn a_case_that_a_pull_request_changes_is_asked_as_the_base_has_it() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Misses(1));
    let easier = suite()
        .replace(&prompt("austria"), "Say Vienna and Danube.")
        .replace("{contains: Danube}", "{contains: a}");
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (QA_SUITE, &easier)]);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.output("score"), "9");
    assert_eq!(new_cases(&run), Vec::<Value>::new());
    let asked = world.model.asked();
    assert!(
        asked
            .iter()
            .all(|one| !one.body.to_string().contains("Say Vienna"))
    );
    let comment = world.comment(number).body;
    for words in [
        "1 case changed (capital-of-austria)",
        "cases that this pull request changes are asked as the base has them: capital-of-austria",
    ] {
        assert!(comment.contains(words), "no {words} in\n{comment}");
    }
}

#[test]
fn new_cases_get_what_the_budget_leaves_and_take_nothing_from_the_others() {
    // An answer is 18 tokens: enough for the ten cases of the base and for no other.
    let world = World::configured(|config| {
        config.replace(
            "retry_delay: 1ms",
            "retry_delay: 1ms, budget: {tokens: 180}",
        )
    });
    let ids: Vec<String> = (0..40).map(|id| format!("land{id}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (QA_SUITE, &with_new(&ids))]);
    let run = world.opened(number).run().exits(0);

    assert_eq!(run.output("outcome"), "pass");
    assert_eq!(world.asked(), [(QA_NEW.to_owned(), 10)]);
    assert_eq!(run.output("score"), "10");
    let new = new_cases(&run);
    assert!(new.iter().all(|case| case["score"].is_null()), "{new:?}");
    let comment = world.comment(number).body;
    assert!(comment.contains("40 cases, none has a score"), "{comment}");
    assert!(!comment.contains("the budget was used up"), "{comment}");
}

#[test]
fn a_pull_request_cannot_have_more_asked_than_fifty_new_cases() {
    let world = World::new();
    let ids: Vec<String> = (0..60).map(|id| format!("land{id}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (QA_SUITE, &with_new(&ids))]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(world.asked(), [(QA_NEW.to_owned(), 60)]);
    assert_eq!(new_cases(&run).len(), 50);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("10 of 60 new cases are not asked"),
        "{comment}"
    );
}

#[test]
fn a_refusal_of_the_new_cases_leaves_the_verdict_as_it_is() {
    let world = World::new();
    let refused = Fault::Status(402, "nothing left to spend".to_owned());
    world.model.always_fails_for(&["spain"], &refused);
    let changed = [(QA_FILE, QA_NEW), (QA_SUITE, &with_new(&["spain"]) as &str)];
    let number = world.pull_request(&changed);
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("score"), "10");
    let comment = world.comment(number).body;
    let told = "cases that only this pull request has were not all asked";
    assert!(comment.contains(told), "{comment}");
}

#[test]
fn a_new_agent_gets_what_the_budget_leaves() {
    let world = World::configured(|config| {
        config.replace(
            "retry_delay: 1ms",
            "retry_delay: 1ms, budget: {tokens: 180}",
        )
    });
    // It comes first in the file, and is asked last.
    let model = "ft:open-mistral-7b:acme:20260301:sales";
    world.teach(model, Skill::Perfect);
    let added =
        format!("agents:\n  a_agent:\n    model: {{id: \"{model}\"}}\n    suite: {QA_SUITE}\n");
    let config = world.config_with("agents:\n", &added);
    let number = world.pull_request(&[(CONFIG, &config), (QA_FILE, QA_NEW)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(world.asked(), [(QA_NEW.to_owned(), 10)]);
    assert_eq!(run.output("outcome"), "pass");
    let comment = world.comment(number).body;
    assert!(
        comment.contains("| **a_agent** | new, not gating | no score |"),
        "{comment}"
    );
}

#[test]
fn a_new_agent_below_the_general_floor_is_told_and_does_not_block() {
    let world = World::new();
    let model = "ft:open-mistral-7b:acme:20260301:sales";
    world.teach(model, Skill::Halves(8));
    let added =
        format!("  sales_agent:\n    model: {{id: \"{model}\"}}\n    suite: {QA_SUITE}\nrun:");
    let config = world.config_with("run:", &added);
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(0);
    let reasons = run.record()["verdict"]["reasons"].clone();
    let reasons = reasons.as_array().unwrap();
    assert!(reasons.iter().all(|reason| reason["blocking"] == false));
    assert!(
        reasons
            .iter()
            .any(|reason| reason["code"] == "agent-below-floor")
    );
    let comment = world.comment(number).body;
    assert!(
        comment.contains("sales_agent: below its floor: 6.00, floor 8.00"),
        "{comment}"
    );
}

#[test]
fn a_new_agent_without_a_provider_of_the_base_is_told_what_to_write() {
    let world = World::configured(|config| {
        let other = "providers:\n  other: {kind: replay, path: recordings}\n";
        let config = config.replace("providers:\n", other);
        let named = config.replace("defaults: {provider: acme}\n", "");
        named
            .replace("  qa_agent:\n", "  qa_agent:\n    provider: acme\n")
            .replace(
                "  support_agent:\n",
                "  support_agent:\n    provider: acme\n",
            )
    });
    let added =
        format!("  sales_agent:\n    model: {{id: \"{QA_NEW}\"}}\n    suite: {QA_SUITE}\nrun:");
    // The head's own default does not count.
    let config = world
        .config_with("run:", &added)
        .replace("agents:\n", "defaults: {provider: acme}\nagents:\n");
    let number = world.pull_request(&[(CONFIG, &config)]);
    let run = world.opened(number).run().exits(2);
    assert!(
        run.stdout.contains("`sales_agent` names no provider"),
        "{}",
        run.stdout
    );
    assert_eq!(world.asked(), []);
}

#[test]
fn a_suite_that_the_base_broke_can_be_mended() {
    let world = World::new();
    let good = suite();
    world.commit("main", &[(QA_SUITE, &good.replace("cases:", "casses:"))]);
    let number = world.pull_request(&[(QA_SUITE, &good)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("outcome"), "pass");
    let comment = world.comment(number).body;
    let told = "its suite on the base branch cannot be read";
    assert!(comment.contains(told), "{comment}");
    assert!(
        comment.contains("| **qa_agent** | new, not gating |"),
        "{comment}"
    );

    // Another agent of the same pull request gates as ever.
    world.teach(crate::support::world::SUPPORT_NEW, Skill::Misses(5));
    let worse = [(
        crate::support::world::SUPPORT_FILE,
        crate::support::world::SUPPORT_NEW,
    )];
    world.commit("feature", &worse);
    world.pushed_again(number).numbered(4712).run().exits(1);
}

#[test]
fn looks_are_for_what_gates() {
    let world = World::configured(|config| {
        config.replace("retry_delay: 1ms", "retry_delay: 1ms, looks: [1, 3]")
    });
    // 8.0 against a floor of 8.0 stays open after one look.
    world.teach(QA_NEW, Skill::Halves(4));
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (QA_SUITE, &with_new(&["spain"]))]);
    let run = world.opened(number).run().exits(0);
    let record = run.record();
    let looks = record["agents"][0]["looks"].as_array().unwrap();
    assert_eq!(looks.len(), 2, "{looks:?}");
    let new = new_cases(&run);
    assert_eq!(new[0]["samples"].as_array().unwrap().len(), 1);
}
