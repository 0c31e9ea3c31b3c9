//! No record is stored, or none can be held against the new model: the old model is asked in the same run.

use serde_json::Value;

use crate::support::laptop::Laptop;
use crate::support::model::Fault;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_OLD, Skill, World};

/// The default: what is not stored is measured.
const STORED_ONLY: &str = "  on_no_baseline: floor-only\n";

fn world() -> World {
    World::configured(|config| config.replace(STORED_ONLY, ""))
}

fn agent(record: &Value) -> &Value {
    let mut agents = record["agents"].as_array().unwrap().iter();
    agents.find(|agent| agent["name"] == "qa_agent").unwrap()
}

fn both(each: usize) -> Vec<(String, usize)> {
    vec![(QA_OLD.to_owned(), each), (QA_NEW.to_owned(), each)]
}

#[test]
fn the_first_pull_request_of_all_is_held_against_the_model_before() {
    let world = world();
    world.github.make_private();
    world.teach(QA_NEW, Skill::Halves(5));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    assert_eq!(world.asked(), both(10), "both models, the same questions");
    let comment = world.comment(number).body;
    assert!(
        comment.contains("### ❌ FAIL: qa_agent got worse, 10.00 → 7.50 (−2.50)"),
        "{comment}"
    );
    let reason =
        "against the old model, asked in this run, 10.00 → 7.50; 0.50 is allowed. Same 10 prompts";
    assert!(comment.contains(reason), "{comment}");
    assert!(
        comment.contains("Vienna lies on the Danube."),
        "the old answer: {comment}"
    );
    assert!(
        comment.contains("It is Vienna."),
        "the new answer: {comment}"
    );
    assert!(comment.contains("20 answers, 0 unanswered"), "{comment}");

    let record = run.record();
    assert_eq!(agent(&record)["comparison"]["against"], "old-model");
    assert_eq!(agent(&record)["comparison"]["baseline_model"], QA_OLD);
    let arm = &record["arms"][0];
    assert_eq!(arm["name"], "qa_agent+old-model");
    assert_eq!(arm["model"], QA_OLD);
    assert_eq!(
        arm["cases"][0]["samples"][0]["answer"],
        "Vienna lies on the Danube."
    );
    assert_eq!(record["agents"].as_array().unwrap().len(), 2);
}

#[test]
fn a_model_that_is_as_good_passes_and_nothing_of_the_old_one_is_stored() {
    let world = world();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("change"), "0");
    assert_eq!(agent(&run.record())["comparison"]["change"], 0.0);
    assert!(world.github.repository().tip("tunegate-data").is_none());
}

#[test]
fn an_old_model_that_is_gone_leaves_the_floor_and_the_comment_says_so() {
    let world = world();
    world.model.forgets(QA_OLD);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(world.asked(), [(QA_NEW.to_owned(), 10)]);
    assert_eq!(run.output("proven"), "false");
    let comment = world.comment(number).body.replace('\\', "");
    let told = format!("the old model `{QA_OLD}` could not be asked: ");
    assert!(comment.contains(&told), "{comment}");
    assert!(comment.contains("PASS (not proven)"), "{comment}");
}

#[test]
fn an_old_model_that_does_not_answer_says_nothing_of_the_new_one() {
    let world = world();
    world
        .model
        .always_fails_for(&[QA_OLD], &Fault::Status(503, "busy".to_owned()));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let record = run.record();
    assert_eq!(agent(&record)["score"], 10.0);
    assert_eq!(agent(&record)["comparison"], Value::Null);
    let why = agent(&record)["not_compared"].as_str().unwrap();
    assert_eq!(
        why,
        format!("the old model `{QA_OLD}` was asked in this run, and answered 0 of 10 prompts")
    );
}

#[test]
fn an_old_model_that_refuses_ends_no_run() {
    let world = world();
    world
        .model
        .always_fails_for(&[QA_OLD], &Fault::Status(401, "no".to_owned()));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(agent(&run.record())["score"], 10.0);
}

#[test]
fn floors_alone_ask_nobody_else() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    assert_eq!(world.asked(), [(QA_NEW.to_owned(), 10)]);
}

#[test]
fn a_stored_record_spares_the_old_model_unless_it_is_always_wanted() {
    for (mode, asked) in [("stored", 10), ("measure", 20)] {
        let world = World::configured(|config| {
            format!("{config}baseline: {{mode: {mode}}}\n").replace(STORED_ONLY, "")
        });
        world.push_to_main().exits(0);
        let before = world.model.asked().len();
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).run().exits(0);
        assert_eq!(world.model.asked().len() - before, asked, "{mode}");
        let against = agent(&run.record())["comparison"]["against"].clone();
        assert_eq!(against, if asked == 10 { "baseline" } else { "old-model" });
    }
}

#[test]
fn a_pull_request_that_changes_the_temperature_does_not_escape_the_comparison() {
    let world = world();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(5));
    let config = world.config_with(
        "    suite: suites/qa_agent.yaml",
        "    parameters: {temperature: 0.1}\n    suite: suites/qa_agent.yaml",
    );
    let number = world.pull_request(&[(CONFIG, &config), (QA_FILE, &format!("{QA_NEW}\n"))]);
    let before = world.model.asked().len();
    let run = world.opened(number).run().exits(1);
    assert_eq!(agent(&run.record())["comparison"]["against"], "old-model");
    let asked = world.model.asked().split_off(before);
    let temperature = |model: &str| {
        let mut of = asked.iter().filter(|one| one.body["model"] == model);
        of.next().unwrap().body["temperature"].clone()
    };
    assert_eq!(temperature(QA_NEW), 0.1);
    assert_eq!(temperature(QA_OLD), Value::Null, "as it is on the base");
}

#[test]
fn both_models_stop_together() {
    let world = World::configured(|config| {
        config
            .replace("retry_delay: 1ms", "retry_delay: 1ms, looks: [1, 3]")
            .replace("floor: 8.0", "floor: 1.0")
            .replace(STORED_ONLY, "")
    });
    // One half answer in ten is undecided: asked again, the models repeat themselves.
    world.teach(QA_NEW, Skill::Halves(1));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(world.asked(), both(30));
    let looks = agent(&run.record())["looks"].as_array().unwrap().len();
    assert_eq!(looks, 2);
}

#[test]
fn a_laptop_asks_the_old_model_too() {
    let world = world();
    world.teach(QA_NEW, Skill::Halves(5));
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, &format!("{QA_NEW}\n"));
    let output = laptop.command(&["run", "--since", "origin/main", "--quiet", "--out", "since"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(world.asked(), both(10));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.contains("against the old model, asked in this run"),
        "{told}"
    );
}

#[test]
fn a_model_that_is_tried_is_held_against_the_one_in_the_files() {
    let world = world();
    world.teach(QA_NEW, Skill::Halves(5));
    let laptop = Laptop::new(&world);
    let model = format!("qa_agent={QA_NEW}");
    let tried = [
        "run", "--agent", "qa_agent", "--model", &model, "--quiet", "--out", "tried",
    ];
    let output = laptop.command(&tried);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(world.asked(), both(10));
    let record = laptop.record("tried");
    assert_eq!(agent(&record)["comparison"]["baseline_score"], 10.0);
}

#[test]
fn a_run_that_was_broken_off_asks_neither_model_twice() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    laptop.write(QA_FILE, &format!("{QA_NEW}\n"));
    world.model.stalls_after(15);
    let mut child = laptop.start("out", &["--since", "origin/main"]);
    world.model.wait_for_questions(16);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = world.model.asked().len();
    world.model.goes_on();
    let output = laptop.command(&[
        "run",
        "--since",
        "origin/main",
        "--quiet",
        "--out",
        "out",
        "--resume",
    ]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        world.model.asked().len() - before < 20,
        "{:?}",
        world.asked()
    );
    let record = laptop.record("out");
    assert_eq!(record["arms"][0]["counts"]["scored"], 10);
    assert_eq!(agent(&record)["comparison"]["pairs"], 10);
}
