//! Which files changed: no list, no rename and nothing in a folder's place hides a change of data, and each cause is told
//! with its place.

use serde_json::Value;

use crate::support::github::Change;
use crate::support::job::Run;
use crate::support::world::{
    CONFIG, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, SUPPORT_NEW, Skill, World, suite,
};

const TRAIN: &str = "data/qa/train.jsonl";
const ROW: &[u8] = b"{\"prompt\": \"How far is it?\", \"completion\": \"Two miles.\"}\n";
const MORE: &[u8] = b"{\"prompt\": \"Is it open?\", \"completion\": \"Until six.\"}\n";
const HELD_OUT: &[u8] = b"{\"prompt\": \"Who drives?\", \"completion\": \"Nobody yet.\"}\n";

fn row(number: u32) -> String {
    format!("{{\"prompt\": \"How far is stop {number}?\", \"completion\": \"{number} miles.\"}}\n")
}

/// A world in which one agent has training and validation data.
fn world() -> World {
    let world = World::configured(|config| {
        config.replace(
            &format!("suite: {QA_SUITE}\n"),
            &format!(
                "suite: {QA_SUITE}\n    training_data: [data/qa/*.jsonl]\n    validation_data: [data/val/**]\n"
            ),
        )
    });
    world.change(
        "main",
        &[
            Change::Write(TRAIN, ROW),
            Change::Write("data/val/deep/v.jsonl", HELD_OUT),
            Change::Write("elsewhere/more.jsonl", MORE),
        ],
    );
    world
}

/// Code and path of each cause for asking an agent; none where it is not asked.
fn causes(run: &Run, agent: &str) -> Vec<(String, String)> {
    if run.output("outcome") == "skipped" {
        return Vec::new();
    }
    let record = run.record();
    let agents = record["changes"]["agents"].as_array().unwrap();
    let own = agents.iter().filter(|change| change["name"] == agent);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    own.flat_map(|change| change["because"].as_array().unwrap())
        .map(|cause| (text(&cause["code"]), text(&cause["path"])))
        .collect()
}

/// Why the agent with data is asked after these changes; the other one never is.
fn touched_by(changes: &[Change<'_>]) -> Vec<(String, String)> {
    let world = world();
    world.change("feature", changes);
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(causes(&run, "support_agent"), []);
    causes(&run, "qa_agent")
}

fn training(path: &str) -> Vec<(String, String)> {
    vec![("training-data".to_owned(), path.to_owned())]
}

#[test]
fn data_that_is_renamed_out_of_its_folder_or_into_it_touches_the_agent() {
    let out = [Change::Delete(TRAIN), Change::Write("old/train.jsonl", ROW)];
    assert_eq!(touched_by(&out), training(TRAIN));
    let into = [
        Change::Delete("elsewhere/more.jsonl"),
        Change::Write("data/qa/more.jsonl", MORE),
    ];
    assert_eq!(touched_by(&into), training("data/qa/more.jsonl"));
}

#[test]
fn data_that_is_deleted_touches_the_agent() {
    assert_eq!(touched_by(&[Change::Delete(TRAIN)]), training(TRAIN));
}

#[test]
fn a_submodule_where_a_folder_of_data_stood_or_above_it_touches_the_agent() {
    let other = "2222222222222222222222222222222222222222";
    // The folder's own files are listed as removed; what comes later is in another repository.
    let mut replaced = touched_by(&[Change::Delete(TRAIN), Change::Submodule("data/qa", other)]);
    replaced.sort();
    assert_eq!(replaced, [training("data/qa"), training(TRAIN)].concat());

    let world = world();
    world.change(
        "main",
        &[Change::Delete(TRAIN), Change::Submodule("data/qa", other)],
    );
    let next = "3333333333333333333333333333333333333333";
    world.change("feature", &[Change::Submodule("data/qa", next)]);
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(causes(&run, "qa_agent"), training("data/qa"));
    assert_eq!(causes(&run, "support_agent"), []);

    // The same in a merge queue, which has trees and no list.
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
    let run = world.job(&event, sha).numbered(4712).run().exits(0);
    assert_eq!(causes(&run, "qa_agent"), training("data/qa"));
}

#[test]
fn a_submodule_above_the_data_touches_the_agent() {
    let (one, two) = (
        "2222222222222222222222222222222222222222",
        "3333333333333333333333333333333333333333",
    );
    let world = world();
    let gone = [TRAIN, "data/val/deep/v.jsonl"].map(Change::Delete);
    world.change("main", &gone);
    world.change("main", &[Change::Submodule("data", one)]);
    world.change("feature", &[Change::Submodule("data", two)]);
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    let codes: Vec<(String, String)> = causes(&run, "qa_agent");
    assert_eq!(
        codes,
        [
            ("training-data".to_owned(), "data".to_owned()),
            ("validation-data".to_owned(), "data".to_owned())
        ]
    );
}

#[test]
fn a_link_where_a_folder_of_data_stood_touches_the_agent() {
    let world = world();
    world.change(
        "main",
        &[
            Change::Delete(TRAIN),
            Change::WriteAs("data/qa", "120000", b"../one"),
        ],
    );
    world.change(
        "feature",
        &[Change::WriteAs("data/qa", "120000", b"../two")],
    );
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(causes(&run, "qa_agent"), training("data/qa"));
}

#[test]
fn another_mode_is_no_change_of_data_or_model_unless_it_makes_a_link_of_a_file() {
    let mode = [Change::WriteAs(TRAIN, "100755", ROW)];
    assert_eq!(touched_by(&mode), []);
    let link = [Change::WriteAs(
        TRAIN,
        "120000",
        b"../../elsewhere/more.jsonl",
    )];
    assert_eq!(touched_by(&link), training(TRAIN));
    let id = format!("{QA_OLD}\n");
    assert_eq!(
        touched_by(&[Change::WriteAs(QA_FILE, "100755", id.as_bytes())]),
        []
    );
    assert_eq!(
        touched_by(&[Change::Write("data/qa/README.md", b"# Data\n")]),
        []
    );
}

#[test]
fn a_name_of_any_kind_is_matched_and_told_without_being_obeyed() {
    let odd = "data/qa/a b'\"\n::error::x @team <b> ü雪.jsonl";
    let world = world();
    world.change("feature", &[Change::Write(odd, MORE)]);
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(causes(&run, "qa_agent"), training(odd));
    assert!(run.annotations("error").is_empty(), "{}", run.stdout);
    let comment = world.comment(number).body;
    assert!(comment.contains("ü雪.jsonl"), "{comment}");
    assert!(!comment.contains("@team"), "{comment}");

    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
    let run = world.job(&event, sha).numbered(4712).run().exits(0);
    assert_eq!(causes(&run, "qa_agent"), training(odd));
}

#[test]
fn data_that_leaves_the_globs_together_with_them_is_noticed() {
    let world = world();
    let config = world.config_with("data/qa/*.jsonl", "data/new/*.jsonl");
    world.change(
        "feature",
        &[
            Change::Write(CONFIG, config.as_bytes()),
            Change::Delete(TRAIN),
            Change::Write("elsewhere/train.jsonl", ROW),
        ],
    );
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(causes(&run, "qa_agent"), training(TRAIN));
    let rules = run.record()["changes"]["rules"].clone();
    assert_eq!(rules[0]["key"], "agents.qa_agent.training_data", "{rules}");
    assert_eq!(rules[0]["new"], "[data/new/*.jsonl]");
}

#[test]
fn a_list_that_is_cut_off_is_told_as_the_cause() {
    let world = World::new();
    let paths: Vec<String> = (0..3001)
        .map(|number| format!("docs/{number:04}.md"))
        .collect();
    let changes: Vec<Change<'_>> = paths
        .iter()
        .map(|path| Change::Write(path, b"words\n"))
        .collect();
    world.change("feature", &changes);
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    for agent in ["qa_agent", "support_agent"] {
        assert_eq!(causes(&run, agent), [("doubt".to_owned(), String::new())]);
    }
    let comment = world.comment(number).body;
    for words in [
        "not sure what changed: GitHub lists at most 3000 files",
        "whether this pull request edits a workflow cannot be told",
    ] {
        assert!(comment.contains(words), "no {words} in\n{comment}");
    }
}

#[test]
fn a_push_whose_trees_are_cut_off_touches_everything() {
    let world = world();
    let before = world.github.repository().tip("main").unwrap();
    world.commit("main", &[("README.md", "# Words\n")]);
    world.github.truncate_trees(4);
    let run = world.push_to_main_from(&before).run().exits(0);
    for agent in ["qa_agent", "support_agent"] {
        let causes = causes(&run, agent);
        assert_eq!(causes, [("doubt".to_owned(), String::new())]);
    }
}

#[test]
fn a_push_with_nothing_before_it_measures_everything() {
    let world = world();
    world.push_to_main().exits(0);
    let before = world.github.repository().tip("main").unwrap();
    world.commit("main", &[("README.md", "# Words\n")]);
    let job = world.push_to_main_from(&before).numbered(4712);
    job.run().exits(0);
    assert_eq!(
        world.model.asked().len(),
        20,
        "nothing that is watched changed"
    );
    world.push_to_main_from("").numbered(4713).run().exits(0);
    assert_eq!(world.model.asked().len(), 40);
}

#[test]
fn every_cause_is_told_with_its_place() {
    let world = World::configured(|config| {
        config.replace(
            &format!("suite: {QA_SUITE}\n"),
            &format!(
                "suite: {QA_SUITE}\n    training_data: [data/qa/*.jsonl]\n    system: {{file: prompts/qa.md}}\n    parameters:\n      temperature: 0.2\n"
            ),
        )
    });
    world.commit(
        "main",
        &[
            ("prompts/qa.md", "Be brief.\n"),
            (TRAIN, &row(1)),
            ("data/qa/b.jsonl", &row(2)),
        ],
    );
    let config = world
        .config_with("temperature: 0.2", "temperature: 0.7")
        .replace("floor: 8.0", "floor: 7.0");
    let number = world.pull_request(&[
        (CONFIG, &config),
        (QA_FILE, QA_NEW),
        ("prompts/qa.md", "Be long.\n"),
        (TRAIN, &format!("{}{}", row(1), row(3))),
        ("data/qa/b.jsonl", &format!("{}{}", row(4), row(5))),
        (
            QA_SUITE,
            &suite().replace("capital-of-poland", "capital-of-polska"),
        ),
    ]);
    let run = world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    for told in [
        &format!("model ID `{QA_OLD}` → `{QA_NEW}` (`{QA_FILE}:1`)") as &str,
        "system prompt (`prompts/qa.md`)",
        "parameter `temperature` `0.2` → `0.7` (`tunegate.yaml:15`)",
        "training data (`data/qa/b.jsonl`) +2 −1 rows; training data (`data/qa/train.jsonl`) +1 −0 rows",
        "suite (`suites/qa_agent.yaml`): 1 case added, 1 removed (capital-of-poland)",
        "rule `gate.floor` `8.0` → `7.0`",
    ] {
        assert!(comment.contains(told), "no {told} in\n{comment}");
    }
    assert_eq!(
        causes(&run, "support_agent"),
        [("rule".to_owned(), String::new())]
    );
}

#[test]
fn what_stands_in_the_configuration_is_told_with_its_line() {
    let world = World::configured(|config| {
        config.replace(
            &format!("model: {{file: {QA_FILE}}}\n"),
            &format!("model: {{id: \"{QA_OLD}\"}}\n    system: {{text: Be brief.}}\n"),
        )
    });
    let config = world
        .config_with(QA_OLD, QA_NEW)
        .replace("Be brief.", "Be long.");
    let number = world.pull_request(&[(CONFIG, &config)]);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    for told in [
        &format!("model ID `{QA_OLD}` → `{QA_NEW}` (`tunegate.yaml:10`)") as &str,
        "system prompt (`tunegate.yaml:11`)",
    ] {
        assert!(comment.contains(told), "no {told} in\n{comment}");
    }
}

#[test]
fn a_new_agent_and_a_model_that_cannot_be_found_are_causes_too() {
    let world = World::new();
    world.teach(SUPPORT_NEW, Skill::Perfect);
    let added = format!(
        "  sales_agent:\n    model: {{id: \"{SUPPORT_NEW}\"}}\n    suite: {QA_SUITE}\nrun:"
    );
    let config = world.config_with("run:", &added);
    let number = world.pull_request(&[(CONFIG, &config)]);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("sales_agent: new agent (`tunegate.yaml:16`)"),
        "{comment}"
    );
}
