//! `run.looks`: agents that are undecided are asked more, the others are not.

use serde_json::{Value, json};

use crate::support::laptop::Laptop;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_OLD, SUPPORT_OLD, Skill, World};

fn world() -> World {
    with_floor("floor: 8.0")
}

/// Ten right answers of ten prove a floor of 7, not of 8.
fn with_floor(floor: &str) -> World {
    World::configured(|config| {
        config
            .replace("retry_delay: 1ms", "retry_delay: 1ms, looks: [1, 3, 5]")
            .replace("floor: 8.0", floor)
    })
}

/// Samples and end of each look at an agent.
fn looks(record: &Value, agent: &str) -> Vec<(Value, Value)> {
    let agents = record["agents"].as_array().unwrap();
    let agent = agents.iter().find(|one| one["name"] == agent).unwrap();
    let looks = agent["looks"].as_array().unwrap().iter();
    looks
        .map(|look| (look["samples"].clone(), look["end"].clone()))
        .collect()
}

#[test]
fn an_agent_far_from_its_lines_is_asked_once() {
    let world = with_floor("floor: 7.0");
    let (asked, record) = Laptop::new(&world).run(&[]);
    assert_eq!(asked, 10);
    assert_eq!(looks(&record, "qa_agent"), [(json!(1), json!("decided"))]);
}

#[test]
fn an_undecided_model_that_repeats_itself_is_asked_no_third_time() {
    let world = world();
    world.teach(QA_OLD, Skill::Halves(4));
    let (asked, record) = Laptop::new(&world).run(&[]);
    assert_eq!(asked, 30, "ten cases, three times");
    assert_eq!(
        looks(&record, "qa_agent"),
        [(json!(1), Value::Null), (json!(3), json!("deterministic"))]
    );
}

#[test]
fn each_agent_is_asked_as_often_as_it_needs_itself() {
    let world = with_floor("floor: 8.0\n  floors: {agents: {support_agent: 7.0}}");
    world.teach(QA_OLD, Skill::Halves(4));
    let laptop = Laptop::new(&world);
    let output = laptop.command(&["run", "--all", "--quiet", "--out", "all"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        world.asked(),
        [(QA_OLD.to_owned(), 30), (SUPPORT_OLD.to_owned(), 10)]
    );
    let record = laptop.record("all");
    assert_eq!(looks(&record, "qa_agent").len(), 2);
    assert_eq!(looks(&record, "support_agent").len(), 1);
}

#[test]
fn a_push_that_stores_a_baseline_takes_the_last_look() {
    let world = world();
    world.push_to_main().exits(0);
    assert_eq!(
        world.asked(),
        [(QA_OLD.to_owned(), 50), (SUPPORT_OLD.to_owned(), 50)]
    );
}

#[test]
fn a_budget_that_is_reached_between_looks_ends_inconclusive() {
    let world = world();
    world.teach(QA_NEW, Skill::Halves(4));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let full = world.opened(number).run().exits(0);
    assert_eq!(looks(&full.record(), "qa_agent").len(), 2);
    let spent = &full.record()["agents"][0]["usage"];
    let tokens =
        spent["prompt_tokens"].as_u64().unwrap() + spent["completion_tokens"].as_u64().unwrap();

    // Enough for the first of three thirds.
    let config = world.config_with(
        "looks:",
        &format!("budget: {{tokens: {}}}, looks:", tokens / 2),
    );
    world.commit("main", &[(CONFIG, &config)]);
    let run = world.pushed_again(number).run().exits(4);
    let record = run.record();
    assert_eq!(record["verdict"]["reasons"][0]["code"], "budget-reached");
    assert_eq!(looks(&record, "qa_agent")[0], (json!(1), Value::Null));
}

#[test]
fn a_run_of_the_same_commit_goes_on_with_the_answers_of_the_first_and_never_rolls_the_dice_again() {
    let world = World::configured(|config| {
        let looks = "retry_delay: 1ms, looks: [1, 3, 5], cache: .answers";
        config.replace("retry_delay: 1ms", looks)
    });
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(5));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let first = world.opened(number).run().exits(1);
    let asked = world.model.asked().len();

    // Asked anew, the model would answer better.
    world.teach(QA_NEW, Skill::Perfect);
    let job = world.opened(number).variable("GITHUB_RUN_ATTEMPT", "2");
    let again = job.restored(&first, ".answers").run().exits(1);
    assert_eq!(world.model.asked().len(), asked, "nothing is asked");
    let (first, again) = (first.record(), again.record());
    assert_eq!(looks(&again, "qa_agent"), looks(&first, "qa_agent"));
    assert_eq!(again["verdict"], first["verdict"]);
    assert_eq!(
        again["agents"][0]["comparison"]["cases"],
        first["agents"][0]["comparison"]["cases"]
    );
}
