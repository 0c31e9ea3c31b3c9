//! The page of a run: every case with its answers, in one file that no word of others can make do anything.

use serde_json::Value;

use crate::support::github::Change;
use crate::support::job::Run;
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

const BRANCH: &str = "tunegate-data";
const PAGE: &str = "tunegate-out/report.html";

/// What the page's script shows.
fn data(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

/// The ids of a run's cases and their scores, of the record.
fn scores(run: &Run) -> Vec<(Value, Option<f64>)> {
    let record = run.record();
    let agents = record["agents"].as_array().unwrap();
    let asked = agents.iter().filter(|agent| agent["touched"] == true);
    let cases = asked.flat_map(|agent| agent["cases"].as_array().unwrap());
    cases
        .map(|case| (case["id"].clone(), case["score"].as_f64()))
        .collect()
}

#[test]
fn the_page_holds_every_case_with_the_answers_of_both_models() {
    let world = World::new();
    world.github.make_private();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let page = &run.files[PAGE];
    assert!(page.contains("<h1>❌ FAIL: qa_agent "), "{page}");
    let data = data(page);
    let shown: Vec<(Value, Option<f64>)> = data["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| (case["id"].clone(), case["now"][0].as_f64()))
        .collect();
    assert_eq!(shown, scores(&run));
    let missed = data["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["now"][0] == 0.0)
        .unwrap();
    assert_eq!(missed["old"][1], "10.00");
    assert_eq!(missed["change"][1], "−10.00");
    let (old, now) = (&missed["old_answer"][0], &missed["samples"][0]["answer"][0]);
    assert!(old.is_string() && now.is_string() && old != now, "{missed}");
    assert!(!missed["samples"][0]["lost"].as_array().unwrap().is_empty());
}

#[test]
fn the_page_says_what_the_suite_would_notice() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let page = &run.files[PAGE];
    assert!(page.contains("would a bad answer be noticed?"), "{page}");
    let tested = &run.record()["agents"][0]["self_test"];
    let ways = tested["spoilings"].as_array().unwrap();
    let sum = |key: &str| -> u64 { ways.iter().filter_map(|way| way[key].as_u64()).sum() };
    let told = format!(
        "<td class=\"number\">{} of {} (",
        sum("noticed"),
        sum("tried")
    );
    assert!(
        sum("tried") > 0 && page.contains(&told),
        "no {told} in {page}"
    );
    for way in ways {
        let noticed = way["noticed"] == way["tried"];
        let named = page.contains(&format!(
            "<code>{}</code>",
            way["spoiling"].as_str().unwrap()
        ));
        assert_ne!(noticed, named, "{way}");
    }
}

#[test]
fn in_a_public_repository_the_page_holds_no_answer() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let data = data(&run.files[PAGE]);
    assert_eq!(data["hidden"], true);
    for case in data["cases"].as_array().unwrap() {
        assert!(!case["messages"].as_array().unwrap().is_empty(), "{case}");
        assert_eq!(case["old_answer"], Value::Null);
        for sample in case["samples"].as_array().unwrap() {
            assert_eq!(sample["answer"], Value::Null);
        }
    }
    assert!(!run.files[PAGE].contains("I have never heard of it"));
}

/// A private repository with stored records, one of them of a base model that misses six prompts.
fn with_base_model() -> World {
    let world = World::configured(|config| {
        config.replacen(
            "    suite: suites/qa_agent.yaml",
            "    base_model: open-mistral-7b\n    suite: suites/qa_agent.yaml",
            1,
        )
    });
    world.github.make_private();
    world.teach("open-mistral-7b", Skill::Misses(6));
    world.push_to_main().exits(0);
    world
}

#[test]
fn answers_of_a_base_model_that_were_changed_are_not_shown_and_decide_nothing() {
    let world = with_base_model();
    let files = world.github.files_on_branch(BRANCH);
    let of_base =
        |path: &&String| path.contains("+base-model/") && path.ends_with(".answers.jsonl.gz");
    let path = files.iter().find(of_base).unwrap();
    world.change(BRANCH, &[Change::Write(path, b"no archive")]);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);

    let cases = data(&run.files[PAGE])["cases"].take();
    let cases = cases.as_array().unwrap();
    assert!(cases.iter().all(|case| case["base_answer"] == Value::Null));
    assert!(
        cases.iter().any(|case| case["base"][0] == 0.0),
        "its scores are shown"
    );
    let notices = run.record()["notices"].to_string();
    assert!(
        notices.contains("the answers of qa_agent+base-model are not shown: "),
        "{notices}"
    );
}

#[test]
fn the_page_says_what_the_base_model_answered_to_a_pull_request_that_did_not_ask_it() {
    let world = with_base_model();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);

    let page = &run.files[PAGE];
    assert!(page.contains("<h2>qa_agent: base model, production, this model</h2>"));
    let data = data(page);
    assert_eq!(data["agents"][0]["base"], true);
    let cases = data["cases"].as_array().unwrap();
    let behind = cases.iter().filter(|case| case["base"][0] == 0.0);
    let said: Vec<&Value> = behind.map(|case| &case["base_answer"][0]).collect();
    assert_eq!(said.len(), 6);
    let never = "I have never heard of it";
    assert!(
        said.iter()
            .all(|said| said.as_str().is_some_and(|said| said.contains(never))),
        "{said:?}"
    );
}
