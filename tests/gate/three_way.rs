//! Base model, production, candidate: what the tuning is worth, shown and never decisive.

use serde_json::Value;

use crate::support::job::Run;
use crate::support::model::Fault;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_OLD, Skill, World};

const BASE: &str = "open-mistral-7b";

fn world() -> World {
    named(BASE)
}

fn named(base: &str) -> World {
    let world = World::configured(|config| {
        config.replacen(
            "    suite: suites/qa_agent.yaml",
            &format!("    base_model: '{base}'\n    suite: suites/qa_agent.yaml"),
            1,
        )
    });
    world.teach(base, Skill::Misses(6));
    world
}

fn asked(world: &World, model: &str) -> usize {
    let all = world.asked();
    let of = all.iter().find(|(name, _)| name == model);
    of.map_or(0, |(_, count)| *count)
}

/// What the agent was held against besides its baseline.
fn held(run: &Run) -> Vec<Value> {
    let record = run.record();
    let agents = record["agents"].as_array().unwrap();
    let agent = agents.iter().find(|agent| agent["name"] == "qa_agent");
    agent.unwrap()["comparisons"].as_array().unwrap().clone()
}

#[test]
fn a_push_asks_the_base_model_once_and_a_pull_request_shows_all_three_without_asking_it() {
    let world = world();
    let push = world.push_to_main().exits(0);
    assert_eq!(asked(&world, BASE), 10);
    assert_eq!(push.record()["arms"][0]["name"], "qa_agent+base-model");
    assert_eq!(held(&push)[0]["change"], 6.0);
    let told = push.record()["notices"].to_string();
    assert!(!told.contains("base model"), "{told}");
    let stored = world.github.files_on_branch("tunegate-data");
    let of_base = stored
        .iter()
        .filter(|path| path.contains("/qa_agent+base-model/"));
    assert_eq!(of_base.count(), 1, "{stored:?}");

    world.teach(QA_NEW, Skill::Halves(1));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(asked(&world, BASE), 10, "no bill for what only shows");
    let held = held(&run);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["against"], "base-model");
    assert_eq!(held[0]["baseline_model"], BASE);
    assert_eq!(held[0]["baseline_score"], 4.0);
    assert_eq!(held[0]["change"], 5.5);
    let body = world.comment(number).body;
    assert!(
        body.contains("base model `open-mistral-7b` 4.00, production 10.00, this model 9.50 over 10 prompts: the tuning makes +5.50 "),
        "{body}"
    );
    assert!(body.contains("; behind it in no prompt."), "{body}");
}

#[test]
fn the_next_push_does_not_ask_it_again_and_another_prompt_does() {
    let world = world();
    world.push_to_main().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.commit("main", &[(QA_FILE, &format!("{QA_NEW}\n"))]);
    let run = world
        .push_to_main_from(&before)
        .numbered(4712)
        .run()
        .exits(0);
    assert_eq!(asked(&world, BASE), 10);
    assert_eq!(held(&run)[0]["change"], 6.0);

    let before = world.github.repository().tip("main").unwrap();
    let config = world.config_with(
        "    base_model:",
        "    system: {text: Be brief.}\n    base_model:",
    );
    world.commit("main", &[(CONFIG, &config)]);
    world
        .push_to_main_from(&before)
        .numbered(4713)
        .run()
        .exits(0);
    assert_eq!(asked(&world, BASE), 20);
}

#[test]
fn a_tuned_model_that_is_behind_its_base_model_passes_and_everybody_reads_it() {
    let world = world();
    world.teach(BASE, Skill::Perfect);
    world.teach(QA_OLD, Skill::Halves(4));
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(4));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let record = run.record();
    assert_eq!(record["verdict"]["outcome"], "pass");
    let reasons = record["verdict"]["reasons"].to_string();
    assert!(!reasons.contains("base model"), "{reasons}");
    let body = world.comment(number).body;
    assert!(
        body.contains("qa_agent: the model that it is made from does better without tuning: \\`open-mistral-7b\\` 10.00, this model 8.00"),
        "{body}"
    );
    assert!(
        body.contains("behind it in 4 of them: `capital-of-austria` 10.00 → 5.00, `capital-of-czechia` 10.00 → 5.00, `capital-of-egypt` 10.00 → 5.00 and 1 more"),
        "{body}"
    );
}

#[test]
fn a_base_model_that_the_provider_does_not_have_or_refuses_ends_no_push() {
    for fault in [
        Fault::Status(
            404,
            r#"{"error": {"code": "model_not_found", "message": "no such model"}}"#.to_owned(),
        ),
        Fault::Status(401, "no".to_owned()),
    ] {
        let world = world();
        world.model.always_fails_for(&[BASE], &fault);
        let run = world.push_to_main().exits(0);
        assert_eq!(held(&run), [Value::Null; 0]);
        let told = run.record()["notices"].to_string();
        assert!(
            told.contains("qa_agent: not held against its base model"),
            "{told}"
        );
        let stored = world.github.files_on_branch("tunegate-data");
        assert!(
            !stored.iter().any(|path| path.contains("+base-model")),
            "{stored:?}"
        );
        assert!(
            stored.iter().any(|path| path.contains("/qa_agent/")),
            "{stored:?}"
        );
    }
}

#[test]
fn a_base_model_without_a_price_is_not_asked_where_money_is_capped() {
    let world = World::configured(|config| {
        let priced = "run: {budget: {cost: 5.0}, retry_delay: 1ms}\nprices: {currency: USD, models: {'ft:*': {input_per_mtok: 1.0, output_per_mtok: 1.0}}}";
        config.replace("run: {retry_delay: 1ms}", priced).replacen(
            "    suite: suites/qa_agent.yaml",
            "    base_model: open-mistral-7b\n    suite: suites/qa_agent.yaml",
            1,
        )
    });
    world.teach(BASE, Skill::Perfect);
    let run = world.push_to_main().exits(0);
    assert_eq!(asked(&world, BASE), 0);
    let told = run.record()["notices"].to_string();
    assert!(told.contains("it has no price in `prices`"), "{told}");
}

#[test]
fn a_budget_that_ends_while_the_base_model_is_asked_ends_nothing_else() {
    let world = World::configured(|config| {
        config
            .replace(
                "retry_delay: 1ms",
                "budget: {tokens: 365}, retry_delay: 1ms",
            )
            .replacen(
                "    suite: suites/qa_agent.yaml",
                "    base_model: open-mistral-7b\n    suite: suites/qa_agent.yaml",
                1,
            )
    });
    world.teach(BASE, Skill::Perfect);
    let run = world.push_to_main().exits(0);
    let before = asked(&world, BASE);
    assert!((1..10).contains(&before), "{before}");
    assert_eq!(held(&run)[0]["pairs"], before);
    assert_eq!(run.record()["verdict"]["outcome"], "pass");

    // What is there of it is not enough: the next push that may asks it anew.
    let config = world.config_with("budget: {tokens: 365}, ", "");
    let tip = world.github.repository().tip("main").unwrap();
    world.commit("main", &[(CONFIG, &config), (QA_FILE, QA_NEW)]);
    let push = world.push_to_main_from(&tip).numbered(4712);
    push.run().exits(0);
    assert_eq!(asked(&world, BASE), before + 10);
}

#[test]
fn the_base_model_is_asked_last() {
    let world = world();
    world.push_to_main().exits(0);
    let models = world.model.asked().into_iter();
    let models: Vec<String> = models
        .map(|one| one.body["model"].as_str().unwrap().to_owned())
        .collect();
    let first = models.iter().position(|model| model == BASE).unwrap();
    assert_eq!(first, 20, "{models:?}");
    assert_eq!(models.len(), 30);
}

#[test]
fn a_record_of_a_base_model_that_cannot_be_read_ends_no_run() {
    let world = world();
    world.push_to_main().exits(0);
    let paths = world.github.files_on_branch("tunegate-data");
    let path = paths
        .iter()
        .find(|path| path.contains("+base-model/") && !path.contains("answers"));
    let path = path.unwrap();
    world.commit("tunegate-data", &[(path, "{}")]);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(held(&run), [Value::Null; 0]);
}

#[test]
fn a_model_that_is_its_own_base_and_runs_that_store_nothing_ask_none() {
    let world = named(QA_OLD);
    world.teach(QA_OLD, Skill::Perfect);
    world.push_to_main().exits(0);
    assert_eq!(asked(&world, QA_OLD), 10);

    let world = self::world();
    world
        .push_to_main_from("")
        .input("baseline", "read")
        .run()
        .exits(0);
    assert_eq!(asked(&world, BASE), 0);
}

#[test]
fn the_name_of_a_base_model_stays_a_name() {
    let base = "b ](https://evil.example) @everyone **x**";
    let world = named(base);
    world.teach(base, Skill::Perfect);
    world.teach(QA_OLD, Skill::Halves(2));
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    let body = world.comment(number).body;
    assert!(body.contains("does better without tuning"), "{body}");
    assert!(!body.contains("](https://evil.example)"), "{body}");
    assert!(!body.contains("@everyone"), "{body}");
    let unquoted: Vec<&str> = body.split('`').step_by(2).collect();
    assert!(!unquoted.concat().contains("**x**"), "{body}");
}

#[test]
fn a_stored_base_model_is_scored_again_where_the_checks_changed_and_not_asked() {
    let world = world();
    world.github.make_private();
    world.push_to_main().exits(0);
    let suite = world.file("main", "suites/qa_agent.yaml");
    let stricter = suite.replace("{contains: Tagus}", "{contains: Tejo}");
    world.commit("main", &[("suites/qa_agent.yaml", &stricter)]);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(asked(&world, BASE), 10, "no bill for a better check");
    let held = held(&run);
    assert_eq!(
        (&held[0]["against"], &held[0]["pairs"]),
        (&"base-model".into(), &10.into())
    );
    assert_eq!(held[0]["baseline_score"], 3.5);
    assert_eq!(held[0]["rescored"]["answers"], 1);
    let told = run.record()["notices"].to_string();
    assert!(
        told.contains("qa_agent+base-model rescored: 1 answer, "),
        "{told}"
    );
}
