//! A push to `main` stores what its models can do; the next pull request is held against it.

use serde_json::{Value, json};

use crate::support::github::Permission;
use crate::support::world::{
    CONFIG, QA_FILE, QA_NEW, QA_OLD, SUPPORT_FILE, SUPPORT_NEW, Skill, World, short,
};

const DATA: &str = "tunegate-data";

fn stored(world: &World) -> Vec<String> {
    world.github.files_on_branch(DATA)
}

fn path_of(agent: &str, commit: &str, run: u64) -> String {
    format!(
        "v1/model-quality/{agent}/{}/{commit}-{run}-1.json",
        commit.split_at(2).0
    )
}

#[test]
fn a_push_to_main_stores_a_record_of_each_agent_without_its_answers() {
    let world = World::new();
    world.push_to_main().exits(0);

    let commit = world.github.repository().tip("main").unwrap();
    let paths = ["qa_agent", "support_agent"].map(|agent| path_of(agent, &commit, 4711));
    assert_eq!(stored(&world), paths);
    for path in &paths {
        let text = world.file(DATA, path);
        assert!(
            !text.contains("Paris lies on"),
            "an answer is stored: {text}"
        );
        let bytes = text.as_bytes();
        let record = tunegate::record::unseal(bytes).unwrap();
        assert_eq!(record.source.commit.as_deref(), Some(commit.as_str()));
        assert_eq!(record.agents.len(), 1);
    }
}

#[test]
fn the_branch_of_records_has_a_history_of_its_own_and_is_never_forced() {
    let world = World::new();
    world.push_to_main().exits(0);
    let repository = world.github.repository();
    let first = repository.tip(DATA).unwrap();
    let before = repository.tip("main").unwrap();
    let after = world.commit("main", &[(QA_FILE, QA_NEW)]);
    world
        .push_to_main_from(&before)
        .numbered(4712)
        .run()
        .exits(0);

    let second = repository.tip(DATA).unwrap();
    assert_eq!(
        repository.resolve(&format!("{second}^")),
        Some(first.clone())
    );
    assert_eq!(repository.resolve(&format!("{first}^")), None);
    assert_eq!(stored(&world).len(), 3);
    assert!(stored(&world).contains(&path_of("qa_agent", &after, 4712)));
    for request in world.github.requests() {
        assert_ne!(request.json()["force"], Value::Bool(true), "{request:?}");
    }
}

#[test]
fn a_drop_above_the_floor_fails_and_names_the_baseline() {
    let world = World::new();
    world.push_to_main().exits(0);
    let baseline = world.github.repository().tip("main").unwrap();
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);

    let comment = world.comment(number).body;
    let reason = format!(
        "1. qa_agent: dropped 1.00 (0.06 to 3.31) against the baseline of {}, 10.00 → 9.00; 0.50 is allowed. Same 10 prompts",
        short(&baseline)
    );
    assert!(comment.lines().any(|line| line == reason), "{comment}");
    assert_eq!(run.output("baseline-commit"), baseline);
    assert_eq!(run.output("change"), "-0.5");
}

#[test]
fn a_drop_within_the_allowance_passes() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(1));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);

    let comment = world.comment(number).body;
    assert!(
        comment.contains("shows no clear change, 10.00 → 9.50 (−0.50)"),
        "{comment}"
    );
}

#[test]
fn a_push_of_a_new_branch_says_that_it_names_no_commit_before_it() {
    let world = World::new();
    let run = world.push_to_main().exits(0);
    let told = &run.summary;
    assert!(!told.contains("common ancestor"), "{told}");
    assert!(
        told.contains("this push names no commit before it"),
        "{told}"
    );
}

#[test]
fn a_second_job_of_one_run_cannot_replace_what_the_first_stored_and_is_told_what_to_do() {
    let world = World::new();
    world.push_to_main().exits(0);
    let before = world.file(DATA, &stored(&world)[0]);
    world.teach(QA_OLD, Skill::Halves(1));
    let run = world.push_to_main().exits(3);
    let errors = run.annotations("error").concat();
    assert!(
        errors.contains("records never change")
            && errors.contains("another job of the same run")
            && errors.contains("`report.id`")
            && errors.contains("`baseline: read`"),
        "{errors}"
    );
    assert_eq!(world.file(DATA, &stored(&world)[0]), before);
}

#[test]
fn without_a_record_only_floors_decide_and_the_comment_says_so() {
    for (skill, code, outcome) in [(Skill::Halves(4), 0, "pass"), (Skill::Halves(5), 1, "fail")] {
        let world = World::new();
        world.teach(QA_NEW, skill);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).run().exits(code);

        assert_eq!(run.output("outcome"), outcome);
        assert_eq!(run.output("baseline-commit"), "");
        let comment = world.comment(number).body;
        assert!(
            comment.contains("qa_agent: not compared with a baseline: no record is stored yet"),
            "{comment}"
        );
    }
}

#[test]
fn a_record_of_main_after_the_branch_point_is_not_used() {
    let world = World::new();
    let branch_point = world.github.repository().tip("main").unwrap();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    // Meanwhile `main` moves on, and is measured again with another result.
    let later = world.commit("main", &[("README.md", "# More\n")]);
    world.teach(QA_OLD, Skill::Halves(1));
    let event = world.github.workflow_dispatch_event("main", &json!({}));
    world.job(&event, &later).numbered(4712).run().exits(0);
    assert!(stored(&world).contains(&path_of("qa_agent", &later, 4712)));

    let run = world.pushed_again(number).numbered(4713).run().exits(0);
    assert_eq!(run.output("baseline-commit"), branch_point);
    let record = run.record();
    assert_eq!(record["source"]["base"], later.as_str());
    assert_eq!(record["agents"][0]["comparison"]["baseline_score"], 10.0);
}

#[test]
fn the_newest_record_at_or_before_the_branch_point_is_used_for_each_agent() {
    let world = World::new();
    world.teach(QA_NEW, Skill::Halves(1));
    let first = world.github.repository().tip("main").unwrap();
    world.push_to_main().exits(0);
    let second = world.commit("main", &[(QA_FILE, QA_NEW)]);
    world
        .push_to_main_from(&first)
        .numbered(4712)
        .run()
        .exits(0);
    world.commit("main", &[("README.md", "# More\n")]);
    let newest = "ft:open-mistral-7b:acme:20260301:qa";
    world.teach(newest, Skill::Halves(2));
    let number = world.pull_request(&[(QA_FILE, newest), (SUPPORT_FILE, SUPPORT_NEW)]);
    let run = world.opened(number).run().exits(0);

    let record = run.record();
    let against = |name: &str| {
        let agents = record["agents"].as_array().unwrap();
        let agent = agents.iter().find(|agent| agent["name"] == name).unwrap();
        let comparison = &agent["comparison"];
        (
            comparison["baseline_commit"].as_str().unwrap().to_owned(),
            comparison["baseline_score"].as_f64().unwrap(),
        )
    };
    assert_eq!(against("qa_agent"), (second, 9.5));
    assert_eq!(against("support_agent"), (first, 10.0));
}

#[test]
fn a_run_that_failed_does_not_become_the_baseline() {
    let world = World::new();
    world.teach(QA_OLD, Skill::Halves(6));
    world.push_to_main().exits(1);
    assert_eq!(stored(&world), Vec::<String>::new());
}

#[test]
fn a_push_to_another_branch_stores_nothing() {
    let world = World::new();
    let tip = world.commit("feature", &[(QA_FILE, QA_NEW)]);
    let event = world.github.push_event("feature", "", &tip);
    world.job(&event, &tip).run().exits(0);
    assert_eq!(stored(&world), Vec::<String>::new());
}

#[test]
fn a_tampered_record_is_an_error_and_never_no_baseline() {
    let world = World::new();
    world.push_to_main().exits(0);
    let commit = world.github.repository().tip("main").unwrap();
    let path = path_of("qa_agent", &commit, 4711);
    let text = world.file(DATA, &path);
    let lower = text.replacen("\"score\":10", "\"score\":8", 1);
    assert!(lower != text);
    world.commit(DATA, &[(&path, &lower)]);
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);

    assert_eq!(run.output("outcome"), "error");
    let comment = world.comment(number).body;
    assert!(comment.contains("COULD NOT MEASURE"), "{comment}");
    assert!(comment.contains(&path), "{comment}");
    assert!(!comment.contains("no record"), "{comment}");
    assert_eq!(world.model.asked().len(), 20, "only the push asked");
}

#[test]
fn another_gate_has_records_of_its_own() {
    let world = World::configured(|config| config + "report: {id: nightly}\n");
    world.push_to_main().exits(0);
    assert!(
        stored(&world)
            .iter()
            .all(|path| path.starts_with("v1/nightly/"))
    );
    assert!(world.file("main", CONFIG).contains("nightly"));
}

#[test]
fn a_baseline_that_cannot_be_stored_fails_the_job_and_keeps_what_was_measured() {
    let world = World::new();
    world.github.refuse(Permission::Contents);
    let run = world.push_to_main().exits(3);

    assert_eq!(run.output("outcome"), "pass");
    assert_eq!(run.record()["verdict"]["outcome"], json!("pass"));
    let errors = run.annotations("error");
    assert!(
        errors.iter().any(|error| {
            error.contains("the verdict stands") && error.contains("contents: write")
        }),
        "{errors:?}"
    );
    assert!(stored(&world).is_empty());
}
