//! Training data in a pull request: which rows it adds, what is wrong with them, and what the model was made from.

use serde_json::{Value, json};

use crate::support::github::Change;
use crate::support::job::Run;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_OLD, Skill, World};

const TRAIN: &str = "data/qa/train.jsonl";
const VALIDATION: &str = "data/qa/val/val.jsonl";

/// A world in which one agent names its data.
fn world() -> World {
    world_with("")
}

fn world_with(rules: &str) -> World {
    let world = World::configured(|config| {
        let model = "    model: {file: models/qa_agent.txt}\n";
        let data =
            "    training_data: [data/qa/*.jsonl]\n    validation_data: [data/qa/val/*.jsonl]\n";
        format!(
            "{}{rules}",
            config.replace(model, &format!("{model}{data}"))
        )
    });
    world.commit(
        "main",
        &[(TRAIN, &rows(0..20)), (VALIDATION, &rows(100..105))],
    );
    world
}

fn row(number: u32) -> String {
    let row = json!({"messages": [
        {"role": "user", "content": format!("How many parcels does van {number} carry on a usual day?")},
        {"role": "assistant", "content": format!("It carries {} parcels, {} of them small.", 3 * number, number)},
    ]});
    format!("{row}\n")
}

/// The same row in another format, with another field.
fn as_sharegpt(number: u32) -> String {
    let row: Value = serde_json::from_str(&row(number)).unwrap();
    let turn = |turn: &Value| {
        let from = if turn["role"] == "user" {
            "human"
        } else {
            "gpt"
        };
        json!({"value": turn["content"], "from": from})
    };
    let turns: Vec<Value> = row["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(turn)
        .collect();
    json!({"id": number, "conversations": turns}).to_string()
}

fn rows(numbers: std::ops::Range<u32>) -> String {
    numbers.map(row).collect()
}

fn reasons(run: &Run) -> Vec<String> {
    let record = run.record();
    let reasons = record["verdict"]["reasons"].as_array().unwrap();
    let blocking = reasons.iter().filter(|reason| reason["blocking"] == true);
    blocking
        .map(|reason| reason["code"].as_str().unwrap().to_owned())
        .collect()
}

fn because(run: &Run) -> Value {
    run.record()["changes"]["agents"][0]["because"].clone()
}

fn counts(run: &Run) -> Vec<(String, u64, u64)> {
    let record = run.record();
    let counts = record["audit"]["counts"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let number = |count: &Value, key: &str| count[key].as_u64().unwrap_or(0);
    let count = |count: &Value| {
        (
            count["code"].as_str().unwrap().to_owned(),
            number(count, "new"),
            number(count, "old"),
        )
    };
    counts.iter().map(count).collect()
}

#[test]
fn the_rows_that_a_pull_request_adds_and_removes_are_told_and_that_the_model_is_not_retrained() {
    let world = world();
    world.push_to_main().exits(0);
    let more = format!("{}{}", rows(2..20), rows(20..25));
    let number = world.pull_request(&[(TRAIN, &more)]);
    let run = world.opened(number).run().exits(0);

    let wanted = json!([{"code": "training-data", "path": TRAIN, "rows_added": 5, "rows_removed": 2, "rows_changed": 0}]);
    assert_eq!(because(&run), wanted);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("**Training data in this pull request**"),
        "{comment}"
    );
    assert!(
        comment.contains("| `data/qa/train.jsonl` | +5 −2 | none |"),
        "{comment}"
    );
    assert!(comment.contains("qa_agent: not retrained"), "{comment}");
    assert!(
        comment.contains("training data (`data/qa/train.jsonl`) +5 −2 rows"),
        "{comment}"
    );
}

#[test]
fn a_file_that_is_only_written_otherwise_touches_nobody() {
    let world = world();
    world.push_to_main().exits(0);
    let asked = world.asked();
    let as_other_format: Vec<String> = (0..20).rev().map(as_sharegpt).collect();
    let as_other_format = as_other_format.join("\r\n");
    let number = world.pull_request(&[(TRAIN, &as_other_format)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("outcome"), "skipped");
    assert_eq!(world.github.comments(number), []);
    assert_eq!(world.asked(), asked);
}

#[test]
fn rows_that_move_to_another_file_are_the_same_rows() {
    let world = world();
    world.push_to_main().exits(0);
    let changes = [
        Change::Write("data/qa/part-1.jsonl", rows(0..8).into_bytes().leak()),
        Change::Write("data/qa/part-2.jsonl", rows(8..20).into_bytes().leak()),
        Change::Delete(TRAIN),
    ];
    world.change("feature", &changes);
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("outcome"), "skipped");
}

#[test]
fn data_that_is_moved_out_of_the_folder_or_out_of_the_globs_is_noticed() {
    let world = world();
    world.push_to_main().exits(0);
    let text = rows(0..20).into_bytes();
    world.change(
        "feature",
        &[
            Change::Write("archive/train.jsonl", &text),
            Change::Delete(TRAIN),
        ],
    );
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(0);
    assert_eq!(because(&run)[0]["rows_removed"], 20);

    // The globs of the base are looked at too.
    let narrower = world.config_with("data/qa/*.jsonl", "archive/*.jsonl");
    world.change(
        "narrower",
        &[
            Change::Write(CONFIG, narrower.as_bytes()),
            Change::Delete(TRAIN),
        ],
    );
    let number = world.github.open_pull_request("main", "narrower");
    let run = world.opened(number).numbered(4712).run().exits(0);
    let agents = run.record()["changes"]["agents"].clone();
    assert_eq!(agents[0]["name"], "qa_agent");
    assert!(
        agents[0]["because"]
            .as_array()
            .unwrap()
            .iter()
            .any(|cause| cause["code"] == "training-data" && cause["rows_removed"] == 20),
        "{agents}"
    );
}

#[test]
fn data_that_only_leaves_the_globs_is_gone_from_what_the_model_is_made_from() {
    let world = world();
    world.commit("main", &[("data/qa/more.jsonl", &rows(30..33))]);
    world.push_to_main().exits(0);
    let narrower = world.config_with("data/qa/*.jsonl", "data/qa/more.jsonl");
    let number = world.pull_request(&[(CONFIG, &narrower)]);
    let run = world.opened(number).run().exits(0);
    let causes = because(&run);
    let of_data = causes.as_array().unwrap().iter();
    let of_data: Vec<_> = of_data.filter(|cause| cause["path"] == TRAIN).collect();
    assert_eq!(of_data.len(), 1, "{causes}");
    assert_eq!(of_data[0]["rows_removed"], 20);
    let record = run.record();
    let qa = record["agents"].as_array().unwrap().iter();
    let qa = qa
        .clone()
        .find(|agent| agent["name"] == "qa_agent")
        .unwrap();
    let files = qa["data"]["files"].as_array().unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0]["path"], "data/qa/more.jsonl");
}

#[test]
fn a_validation_row_that_gets_into_the_training_data_blocks_with_its_place() {
    let world = world();
    world.push_to_main().exits(0);
    let number = world.pull_request(&[(TRAIN, &format!("{}{}", rows(0..20), row(103)))]);
    let run = world.opened(number).run().exits(1);

    assert_eq!(reasons(&run), ["audit-finding"]);
    assert_eq!(counts(&run), [("leakage".to_owned(), 1, 0)]);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("1 validation row that is also in training, data/qa/val/val.jsonl:4"),
        "{comment}"
    );
    assert!(
        comment.contains("mend the rows that are listed"),
        "{comment}"
    );
    assert!(
        comment.contains("this validation row is training row data/qa/train.jsonl:21"),
        "{comment}"
    );
    let annotations = run.annotations("error");
    assert!(
        annotations
            .iter()
            .any(|line| line.contains("file=data/qa/val/val.jsonl,line=4")),
        "{annotations:?}"
    );
    let sarif: Value = serde_json::from_str(&run.files["tunegate-out/findings.sarif"]).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "leakage");
    assert_eq!(run.output("failed-agents"), r#"["qa_agent"]"#);
}

#[test]
fn what_was_wrong_before_is_counted_and_does_not_block() {
    let world = world();
    world.commit(
        "main",
        &[(TRAIN, &format!("{}broken\n{}", rows(0..20), row(101)))],
    );
    world.push_to_main().exits(0);
    let more = format!("{}broken\n{}{}", rows(0..20), row(101), row(30));
    let number = world.pull_request(&[(TRAIN, &more)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(
        counts(&run),
        [
            ("leakage".to_owned(), 0, 1),
            ("broken-row".to_owned(), 0, 1)
        ]
    );
    let comment = world.comment(number).body;
    assert!(
        comment.contains("2 further findings are in rows that were there before"),
        "{comment}"
    );
}

#[test]
fn a_secret_blocks_and_is_shown_nowhere() {
    let world = world();
    world.push_to_main().exits(0);
    let key = private_key();
    let shown = key.lines().nth(1).unwrap().to_owned();
    let row = json!({"prompt": "Show me the key of the van.", "completion": key});
    let number = world.pull_request(&[(TRAIN, &format!("{}{row}\n", rows(0..20)))]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(reasons(&run), ["audit-finding"]);
    assert!(
        counts(&run).contains(&("secret".to_owned(), 1, 0)),
        "{:?}",
        counts(&run)
    );
    let comment = world.comment(number).body;
    assert!(comment.contains("data/qa/train.jsonl:21"), "{comment}");
    for place in run
        .files
        .values()
        .chain([&run.stdout, &run.summary, &comment])
    {
        assert!(!place.contains(&shown), "{place}");
    }
}

#[test]
fn of_many_findings_the_worst_are_annotations_and_no_more_than_a_runner_shows() {
    let world = world();
    world.commit("main", &[(VALIDATION, &rows(100..112))]);
    world.push_to_main().exits(0);
    // A copy of a row warns, a row of the validation data blocks; the copies come first in the file.
    let more = format!("{}{}{}", rows(0..20), rows(0..5), rows(100..112));
    let number = world.pull_request(&[(TRAIN, &more)]);
    let run = world.opened(number).run().exits(1);

    let (errors, warnings) = (run.annotations("error"), run.annotations("warning"));
    assert_eq!(errors.len(), 10, "{}", run.stdout);
    assert_eq!(warnings, Vec::<&str>::new());
    assert!(
        errors[0].contains("FAIL"),
        "the verdict first: {}",
        errors[0]
    );
    for error in &errors[1..] {
        assert!(
            error.contains("file=data/qa/val/val.jsonl,line="),
            "{error}"
        );
    }
    assert!(world.comment(number).body.contains("12"), "all are counted");
}

/// A key of Ed25519 as its file has it, made here: nobody uses it, and no scanner of this repository finds it.
fn private_key() -> String {
    use base64::Engine as _;
    let seed = ring::digest::digest(&ring::digest::SHA256, b"of nobody");
    let start = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let der = [&start, seed.as_ref()].concat();
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!(
        "-----BEGIN {0}-----\n{body}\n-----END {0}-----\n",
        "PRIVATE KEY"
    )
}

#[test]
fn a_suite_question_with_its_answer_in_the_data_blocks() {
    let world = world();
    world.push_to_main().exits(0);
    let row = json!({"prompt": "hello! NAME the capital of Austria, and the river on which it lies?", "completion": "Vienna, on the Danube."});
    let number = world.pull_request(&[(TRAIN, &format!("{}{row}\n", rows(0..20)))]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(
        counts(&run),
        [
            ("contamination".to_owned(), 1, 0),
            ("mixed-formats".to_owned(), 1, 0)
        ]
    );
    let comment = world.comment(number).body;
    assert!(comment.contains("capital-of-austria"), "{comment}");
}

#[test]
fn what_blocks_is_said_by_the_base() {
    let world = world_with("audit:\n  leakage: warn\n  duplicate-row: fail\n");
    world.push_to_main().exits(0);
    let looser = world.config_with("duplicate-row: fail", "duplicate-row: warn");
    let text = format!("{}{}{}", rows(0..20), row(103), row(3));
    let number = world.pull_request(&[(TRAIN, &text), (CONFIG, &looser)]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(reasons(&run), ["audit-finding"]);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("1 duplicate in the new training data"),
        "{comment}"
    );

    let world = world_with(
        "audit:\n  ignore:\n    - {code: leakage, path: data/qa/val/**, reason: known, until: 2999-01-01}\n",
    );
    world.push_to_main().exits(0);
    let number = world.pull_request(&[(TRAIN, &format!("{}{}", rows(0..20), row(103)))]);
    world.opened(number).run().exits(0);
    let world = world_with(
        "audit:\n  ignore:\n    - {code: leakage, path: data/qa/val/**, reason: known, until: 2020-01-01}\n",
    );
    world.push_to_main().exits(0);
    let number = world.pull_request(&[(TRAIN, &format!("{}{}", rows(0..20), row(103)))]);
    world.opened(number).run().exits(1);
    let comment = world.comment(number).body;
    assert!(comment.contains("held until 2020-01-01"), "{comment}");
}

#[test]
fn data_that_changes_before_its_model_is_what_the_model_is_said_to_be_made_from() {
    let world = world();
    world.push_to_main().exits(0);
    let first = stored(&world, 0);
    assert_eq!(first["trained_on"], Value::Null);

    let before = world.github.repository().tip("main").unwrap();
    let after = world.commit("main", &[(TRAIN, &rows(0..25))]);
    world
        .push_to_main_from(&before)
        .numbered(4712)
        .run()
        .exits(0);
    let second = stored(&world, 1);
    assert_eq!(second["changes_since"], 1);
    assert_ne!(second["digest"], first["digest"]);

    // The next pull request moves the model: it is said to be made from the data that was there.
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).numbered(4713).run().exits(0);
    let data = run.record()["agents"][0]["data"].clone();
    assert_eq!(data["origin"], "claimed");
    assert_eq!(data["trained_on"], second["digest"]);
    assert!(!world.comment(number).body.contains("not retrained"));

    // One more data change beside the old model: two are missing in it.
    let number = {
        world.commit("more", &[(TRAIN, &rows(0..30))]);
        world.github.open_pull_request("main", "more")
    };
    world.opened(number).numbered(4714).run().exits(0);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("the model is 2 data changes behind"),
        "{comment}"
    );
    assert_ne!(before, after);
}

#[test]
fn what_the_provider_says_of_a_model_confirms_its_origin_or_speaks_against_it() {
    let world = World::configured(|config| {
        let model = "    model: {file: models/qa_agent.txt}\n";
        let data = "    base_model: open-mistral-7b\n    training_data: [data/qa/*.jsonl]\n";
        config.replace(model, &format!("{model}{data}"))
    });
    world.commit("main", &[(TRAIN, &rows(0..20))]);
    world.push_to_main().exits(0);
    let page = json!({"created": 4_000_000_000_u64, "job": "job-7", "root": "open-mistral-7b"});
    world.model.describes(QA_NEW, &page);
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (TRAIN, &rows(0..25))]);
    let data = |run: &Run| run.record()["agents"][0]["data"].clone();
    let run = world.opened(number).run().exits(0);
    assert_eq!(data(&run)["origin"], "confirmed-by-provider");
    assert_eq!(data(&run)["job"], "job-7");

    world
        .model
        .describes(QA_NEW, &json!({"root": "open-mixtral-8x7b"}));
    let run = world.pushed_again(number).numbered(4712).run().exits(0);
    assert_eq!(data(&run)["origin"], "claimed");
    let comment = world.comment(number).body;
    assert!(
        comment.contains("it was made from \\`open-mixtral-8x7b\\`")
            || comment.contains("it was made from `open-mixtral-8x7b`"),
        "{comment}"
    );
}

#[test]
fn the_lock_knows_a_model_that_comes_back() {
    let world = world();
    world.push_to_main().exits(0);
    let mut before = world.github.repository().tip("main").unwrap();
    // Data and model move together, then the model moves back.
    let after = world.commit("main", &[(QA_FILE, QA_NEW), (TRAIN, &rows(0..25))]);
    world
        .push_to_main_from(&before)
        .numbered(4712)
        .run()
        .exits(0);
    before = after;
    let lock: Value =
        serde_json::from_str(&world.file("tunegate-data", "v1/model-quality/tunegate.lock"))
            .unwrap();
    let models: Vec<&str> = lock["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["model"].as_str().unwrap())
        .collect();
    assert_eq!(models, [QA_OLD, QA_NEW]);
    let made_from = lock["models"][1]["data"].clone();
    assert!(made_from.is_string(), "{lock}");

    let other = "ft:open-mistral-7b:acme:20260401:qa";
    world.teach(other, Skill::Perfect);
    let after = world.commit("main", &[(QA_FILE, other), (TRAIN, &rows(0..30))]);
    world
        .push_to_main_from(&before)
        .numbered(4713)
        .run()
        .exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).numbered(4714).run().exits(0);
    let data = run.record()["agents"][0]["data"].clone();
    assert_eq!(
        (&data["trained_on"], &data["origin"]),
        (&made_from, &json!("claimed"))
    );
    assert_eq!(data["changes_since"], 1, "the data has moved on");
    assert_ne!(before, after);
}

/// What the record of a commit says of the data, the newest commit last.
fn stored(world: &World, place: usize) -> Value {
    let mut records: Vec<Value> = world
        .github
        .files_on_branch("tunegate-data")
        .iter()
        .filter(|path| path.contains("/qa_agent/") && !path.contains(".answers."))
        .map(|path| serde_json::from_str(&world.file("tunegate-data", path)).unwrap())
        .collect();
    records.sort_by_key(|record| record["run"]["id"].as_str().unwrap().to_owned());
    records[place]["agents"][0]["data"].clone()
}

#[test]
fn a_model_that_moves_while_its_data_never_did_has_an_unknown_origin() {
    let world = world();
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.record()["agents"][0]["data"]["origin"], "unknown");
    assert!(
        world
            .comment(number)
            .body
            .contains("qa_agent: unknown origin"),
        "{}",
        world.comment(number).body
    );

    let world = World::configured(|config| {
        let strict = config.replace(
            "  max_drop: 0.5\n",
            "  max_drop: 0.5\n  on_unknown_origin: fail\n  on_stale_model: fail\n",
        );
        let model = "    model: {file: models/qa_agent.txt}\n";
        strict.replace(
            model,
            &format!("{model}    training_data: [data/qa/*.jsonl]\n"),
        )
    });
    world.commit("main", &[(TRAIN, &rows(0..20))]);
    world.push_to_main().exits(0);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);
    assert_eq!(reasons(&run), ["unknown-origin"]);

    world.commit("data", &[(TRAIN, &rows(0..21))]);
    let number = world.github.open_pull_request("main", "data");
    let run = world.opened(number).numbered(4712).run().exits(1);
    assert_eq!(reasons(&run), ["model-not-retrained"]);
    world.teach(QA_NEW, Skill::Perfect);
    world.commit("data", &[(QA_FILE, QA_NEW)]);
    world.pushed_again(number).numbered(4713).run().exits(0);
}

fn pointer(oid: &str) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 1234\n")
}

#[test]
fn data_in_git_lfs_is_named_by_its_content_and_read_where_it_was_brought_along() {
    let world = world();
    let (old, new) = ("ab".repeat(32), sha256(&rows(0..25)));
    world.commit("main", &[(TRAIN, &pointer(&old))]);
    world.push_to_main().exits(0);
    assert_eq!(
        stored(&world, 0)["files"][0]["digest"],
        format!("sha256:{old}")
    );

    let number = world.pull_request(&[(TRAIN, &pointer(&new))]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(because(&run)[0]["code"], "training-data");
    assert_eq!(counts(&run), [("not-read".to_owned(), 1, 0)]);
    assert!(world.comment(number).body.contains("stored with Git LFS"));

    // Another content in its place is not believed; the right one is read.
    let wrong = world
        .pushed_again(number)
        .numbered(4712)
        .file(TRAIN, &rows(0..3))
        .run()
        .exits(0);
    assert_eq!(counts(&wrong), [("not-read".to_owned(), 1, 0)]);
    let right = world
        .pushed_again(number)
        .numbered(4713)
        .file(TRAIN, &rows(0..25))
        .run()
        .exits(0);
    assert_eq!(counts(&right), []);
    assert_eq!(
        because(&right)[0]["rows_added"],
        25,
        "what was there before is not known"
    );
}

fn sha256(text: &str) -> String {
    use std::fmt::Write as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().fold(String::new(), |mut all, byte| {
        write!(all, "{byte:02x}").unwrap();
        all
    })
}

#[test]
fn the_workspace_is_read_only_where_it_holds_what_the_commit_holds() {
    let world = world();
    world.push_to_main().exits(0);
    let number = world.pull_request(&[(TRAIN, &format!("{}{}", rows(0..20), row(103)))]);
    // A clean file in the workspace does not hide what the commit has.
    let run = world
        .opened(number)
        .file(TRAIN, &rows(0..20))
        .run()
        .exits(1);
    assert_eq!(reasons(&run), ["audit-finding"]);
    let blobs = |from: usize| {
        world.github.requests()[from..]
            .iter()
            .filter(|request| request.path.contains("/git/blobs/"))
            .count()
    };
    let seen = world.github.requests().len();
    let text = format!("{}{}", rows(0..20), row(103));
    world
        .pushed_again(number)
        .numbered(4712)
        .file(TRAIN, &text)
        .run()
        .exits(1);
    let with_workspace = blobs(seen);
    let seen = world.github.requests().len();
    world.pushed_again(number).numbered(4713).run().exits(1);
    assert_eq!(
        blobs(seen),
        with_workspace + 1,
        "one file fewer is asked for"
    );
}

#[test]
fn a_pull_request_that_brings_an_agent_has_its_new_data_looked_at() {
    let world = world();
    world.push_to_main().exits(0);
    let model = "ft:open-mistral-7b:acme:20260301:sales";
    world.teach(model, Skill::Perfect);
    let added = "  sales_agent:\n    model: {file: models/sales.txt}\n    training_data: [data/sales/*.jsonl]\n    suite: suites/qa_agent.yaml\nrun:";
    let config = world.config_with("run:", added);
    let number = world.pull_request(&[
        (CONFIG, &config),
        ("models/sales.txt", model),
        ("data/sales/train.jsonl", "broken\n"),
    ]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(reasons(&run), ["audit-finding"]);
}

#[test]
fn a_row_of_the_validation_data_that_is_trained_on_now_touches_the_agent() {
    let world = world();
    world.push_to_main().exits(0);
    let (more, fewer) = (format!("{}{}", rows(0..20), row(100)), rows(101..105));
    let number = world.pull_request(&[(TRAIN, &more), (VALIDATION, &fewer)]);
    let run = world.opened(number).run().exits(0);
    let moved = |code: &str, path: &str, added: u32, removed: u32| json!({"code": code, "path": path, "rows_added": added, "rows_removed": removed, "rows_changed": 0});
    let wanted = json!([
        moved("training-data", TRAIN, 1, 0),
        moved("validation-data", VALIDATION, 0, 1),
    ]);
    assert_eq!(because(&run), wanted);
    let record = run.record();
    let qa = record["agents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|agent| agent["name"] == "qa_agent");
    assert_eq!(qa.unwrap()["data"]["changes_since"], 1);
}

#[test]
fn a_file_that_the_configuration_makes_training_data_was_not_trained_on_before() {
    let world = world();
    world.push_to_main().exits(0);
    let config = world.file("main", CONFIG);
    let trained = "    training_data: [data/qa/**]\n";
    let (start, rest) = config.split_once("    training_data:").unwrap();
    let (_, rest) = rest.split_once("val/*.jsonl]\n").unwrap();
    let number = world.pull_request(&[(CONFIG, &format!("{start}{trained}{rest}"))]);
    let run = world.opened(number).run().exits(0);
    let causes = because(&run);
    let causes = causes.as_array().unwrap().iter();
    let rows: Vec<_> = causes
        .filter(|cause| cause["path"] == VALIDATION)
        .map(|cause| (&cause["code"], &cause["rows_added"], &cause["rows_removed"]))
        .map(|(code, added, removed)| json!([code, added, removed]))
        .collect();
    assert_eq!(
        rows,
        [
            json!(["training-data", 5, 0]),
            json!(["validation-data", 0, 5])
        ]
    );
}
