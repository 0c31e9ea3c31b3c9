//! Changes that leave a model as it is: what the baseline holds of it is used, and nobody is asked again.

use std::io::{Read as _, Write as _};

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::github::Change;
use crate::support::job::Run;
use crate::support::world::{
    CONFIG, KEY_VARIABLE, QA_OLD, SUPPORT_FILE, SUPPORT_NEW, SUPPORT_OLD, Skill, World, prompt,
    suite,
};

const BRANCH: &str = "tunegate-data";
const DATA: &str = "data/support/train.jsonl";
const ROW: &str = "{\"prompt\": \"Hello\", \"answer\": \"Hello!\"}\n";
const SUPPORT_SUITE: &str = "suites/support_agent.yaml";

/// Two agents, one of which has training data; what they can do is stored.
fn measured() -> World {
    measured_with(|config| config)
}

fn measured_with(edit: impl FnOnce(String) -> String) -> World {
    let world = unmeasured_with(edit);
    world.push_to_main().exits(0);
    world
}

fn unmeasured_with(edit: impl FnOnce(String) -> String) -> World {
    World::configured(|config| {
        edit(config.replace(
            "    suite: suites/support_agent.yaml",
            "    training_data: [data/support/*.jsonl]\n    suite: suites/support_agent.yaml",
        ))
    })
}

/// The same, in a private repository.
fn measured_in_private() -> World {
    let world = unmeasured_with(|config| config);
    world.github.make_private();
    world.push_to_main().exits(0);
    world
}

/// A pull request with new training data, and nothing else.
fn data_only(world: &World) -> u64 {
    world.pull_request(&[(DATA, ROW)])
}

fn support(run: &Run) -> Value {
    let record = run.record();
    let agents = record["agents"].as_array().unwrap().iter();
    let mut agents = agents.filter(|agent| agent["name"] == "support_agent");
    agents.next().unwrap().clone()
}

/// Nothing was heard by the model server, not even a look at its models.
#[track_caller]
fn asks_nothing(world: &World, run: impl FnOnce() -> Run) -> Run {
    let before = world.model.heard();
    let run = run();
    assert_eq!(world.model.heard(), before, "{}", run.stdout);
    run
}

fn answers_files(world: &World) -> Vec<String> {
    let files = world.github.files_on_branch(BRANCH).into_iter();
    files
        .filter(|path| path.ends_with(".answers.jsonl.gz"))
        .collect()
}

#[test]
fn new_data_beside_an_old_model_asks_nothing_and_cannot_flip() {
    let world = measured();
    // Asked today, it would fail.
    world.teach(SUPPORT_OLD, Skill::Misses(10));
    let number = data_only(&world);
    let run = asks_nothing(&world, || world.opened(number).run().exits(0));

    let agent = support(&run);
    assert_eq!(agent["score"], 10.0);
    assert_eq!(agent["comparison"]["change"], 0.0);
    assert_eq!(agent["counts"]["reused"], 10);
    assert_eq!(agent["counts"]["scored"], 10);
    assert_eq!(agent["usage"]["prompt_tokens"], 0);
    assert_eq!(agent["latency_ms"]["p50"], Value::Null);
    let sample = &agent["cases"][0]["samples"][0];
    assert_eq!(sample["reused"], true);
    assert!(sample["checks"].as_array().unwrap().len() == 2, "{sample}");
    let comment = world.comment(number).body;
    let seen: Vec<&str> = comment.lines().skip(2).take(7).collect();
    insta::assert_snapshot!(seen.join("\n"), @r#"
    ### ✅ PASS: the model of support_agent is unchanged and was not asked again, 10.00 (stored)
    **Do this:** you may merge. support_agent has not been trained on the new data yet: train it, then bring its new model ID in a pull request.

    | agent | result | old → new | change (plausible range) |
    |---|---|---|---|
    | support_agent | ⏳ not retrained | 10.00 (stored) | not asked |
    | qa_agent | – untouched | 10.00 (stored) | not asked |
    "#);
    assert!(
        comment.contains("10 of 10 answers reused from the baseline"),
        "{comment}"
    );
}

#[test]
fn a_fork_without_the_key_passes_where_only_data_changes() {
    let world = measured();
    world.commit("feature", &[(DATA, ROW)]);
    let number = world
        .github
        .open_pull_request_from_fork("main", "feature", "mallory/assistants");
    let run = asks_nothing(&world, || {
        world.opened(number).without(KEY_VARIABLE).run().exits(0)
    });
    assert_eq!(run.output("outcome"), "pass");
}

#[test]
fn a_merge_queue_reuses_what_its_pull_request_reused() {
    let world = measured();
    let number = data_only(&world);
    let event = world.github.merge_group_event(number);
    let sha = event.payload["merge_group"]["head_sha"].as_str().unwrap();
    let run = asks_nothing(&world, || world.job(&event, sha).run().exits(0));
    assert_eq!(support(&run)["counts"]["reused"], 10);
}

#[test]
fn a_changed_suite_asks_nothing_while_the_old_one_decides() {
    let world = measured();
    let easier = suite().replace("{contains: Danube}", "{contains: river}");
    let number = world.pull_request(&[(SUPPORT_SUITE, &easier)]);
    let run = asks_nothing(&world, || world.opened(number).run().exits(0));
    assert_eq!(support(&run)["counts"]["reused"], 10);
}

#[test]
fn a_case_that_the_record_lacks_is_asked_and_only_it() {
    let world = measured();
    // The suite grew on `main`, and no run has stored it yet.
    let longer = format!(
        "{}  - id: capital-of-spain\n    prompt: {}\n    checks: [{{contains: Madrid}}]\n",
        suite(),
        prompt("spain")
    );
    world.commit("main", &[(SUPPORT_SUITE, &longer)]);
    world
        .model
        .answers(SUPPORT_OLD, &prompt("spain"), "Madrid, of course.");
    let number = data_only(&world);
    let before = world.model.asked().len();
    let run = world.opened(number).run().exits(0);

    let asked = world.model.asked().split_off(before);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].body.to_string().contains("spain"));
    let agent = support(&run);
    assert_eq!(agent["counts"]["reused"], 10);
    assert_eq!(agent["counts"]["scored"], 11);
    assert!(agent["usage"]["prompt_tokens"].as_u64().unwrap() > 0);
}

#[test]
fn a_case_that_says_something_else_is_asked_again() {
    let world = measured();
    let other = suite().replace(
        &prompt("egypt"),
        "Where does the Nile end, and what is Egypt's capital?",
    );
    world.commit("main", &[(SUPPORT_SUITE, &other)]);
    world.model.otherwise("Cairo lies on the Nile.");
    let before = world.model.asked().len();
    let number = data_only(&world);
    let run = world.opened(number).run().exits(0);
    assert_eq!(world.model.asked().len(), before + 1);
    assert_eq!(support(&run)["counts"]["reused"], 9);
}

#[test]
fn whoever_wants_every_agent_asked_gets_new_answers() {
    for (input, value) in [("all", "true"), ("agents", "support_agent")] {
        let world = measured();
        let number = data_only(&world);
        let before = world.model.asked().len();
        let run = world.opened(number).input(input, value).run().exits(0);
        assert!(world.model.asked().len() >= before + 10, "{input}");
        assert_eq!(support(&run)["counts"]["reused"], 0);
    }
}

#[test]
fn a_push_of_data_alone_stores_a_record_of_the_old_answers_and_asks_nothing() {
    let world = measured();
    let before = world.github.repository().tip("main").unwrap();
    let number = data_only(&world);
    let after = world.github.merge_pull_request(number);
    world.teach(SUPPORT_OLD, Skill::Misses(10));
    let job = world.push_to_main_from(&before).numbered(4712);
    asks_nothing(&world, || job.run().exits(0));

    let files = world.github.files_on_branch(BRANCH);
    let mut of_it = files.iter().filter(|path| path.contains(&after));
    let path = of_it.next().unwrap_or_else(|| panic!("{files:?}"));
    assert!(path.contains("support_agent"), "{path}");
    let record = tunegate::record::unseal(world.file(BRANCH, path).as_bytes()).unwrap();
    let first = tunegate::record::unseal(
        world
            .file(
                BRANCH,
                files
                    .iter()
                    .find(|one| one.contains(&before) && one.contains("support"))
                    .unwrap(),
            )
            .as_bytes(),
    )
    .unwrap();
    let agent = &record.agents[0];
    assert_eq!((agent.counts.reused, agent.score), (10, Some(10.0)));
    assert!(!agent.unchanged, "only what is to be merged is spared");
    assert_eq!(agent.measured.as_ref(), Some(&first.created));

    // And the record of that record is as good as the first one.
    let number = {
        world.commit("again", &[(DATA, &format!("{ROW}{ROW}"))]);
        world.github.open_pull_request("main", "again")
    };
    let run = asks_nothing(&world, || world.opened(number).run().exits(0));
    assert_eq!(run.output("baseline-commit"), after);
    assert_eq!(support(&run)["measured"], first.created.as_str());
}

#[test]
fn parts_of_a_run_take_what_is_theirs_and_need_no_key() {
    let world = measured();
    let number = data_only(&world);
    let before = world.model.heard();
    let job = || world.opened(number).without(KEY_VARIABLE);
    let parts: Vec<Run> = ["1/3", "2/3", "3/3"]
        .map(|part| job().input("shard", part).run().exits(0))
        .into();
    let reused: u64 = parts
        .iter()
        .map(|run| support(run)["counts"]["reused"].as_u64().unwrap())
        .sum();
    assert_eq!(reused, 10);

    let joined = parts.iter().enumerate().fold(job(), |job, (at, run)| {
        job.file(
            &format!("parts/{at}/run.json"),
            &run.files["tunegate-out/run.json"],
        )
    });
    let run = joined.input("merge", "parts").run().exits(0);
    assert_eq!(world.model.heard(), before);
    let agent = support(&run);
    assert_eq!(
        (&agent["counts"]["reused"], &agent["score"]),
        (&10.into(), &10.into())
    );
    assert_eq!(agent["comparison"]["change"], 0.0);
    assert!(agent["measured"].is_string(), "{}", agent["measured"]);
}

#[test]
fn a_model_that_is_asked_in_looks_is_not_asked_again_in_any_of_them() {
    let looks =
        |config: String| config.replace("retry_delay: 1ms", "retry_delay: 1ms, looks: [1, 3, 5]");
    let world = unmeasured_with(looks);
    // Undecided beside its floor, were it asked.
    world.teach(SUPPORT_OLD, Skill::Halves(4));
    world.push_to_main().exits(0);
    let number = data_only(&world);
    let run = asks_nothing(&world, || world.opened(number).run().exits(0));
    let agent = support(&run);
    assert_eq!(agent["counts"]["reused"], 50);
    assert_eq!(agent["comparison"]["change"], 0.0);
    assert_eq!(agent["looks"].as_array().unwrap().len(), 1);
    assert_eq!(agent["looks"][0]["end"], "reused");
}

#[test]
fn answers_are_stored_where_people_who_may_read_them_are_and_as_configured() {
    let own = |answers: &str| format!("baseline: {{answers: {answers}}}\n");
    for (private, configured, stored) in [
        (false, None, 0),
        (true, None, 2),
        (false, Some("keep"), 2),
        (true, Some("digests"), 0),
    ] {
        let world = unmeasured_with(|config| config + &configured.map(own).unwrap_or_default());
        if private {
            world.github.make_private();
        }
        world.push_to_main().exits(0);
        let files = answers_files(&world);
        assert_eq!(files.len(), stored, "{private} {configured:?}");
        for path in files {
            let packed = world.github.file_on_branch(BRANCH, &path).unwrap();
            let mut text = String::new();
            GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
            assert_eq!(text.lines().count(), 10);
            let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
            assert_eq!(line["case"], "capital-of-austria");
            assert_eq!(line["answer"], "Vienna lies on the Danube.");
            // The record itself has digests alone, wherever it is stored.
            let record = path.replace(".answers.jsonl.gz", ".json");
            assert!(!world.file(BRANCH, &record).contains("lies on the Danube"));
        }
    }
}

/// What a pull request with new data comes to after how answers are scored has changed on `main`.
fn scored_otherwise(world: &World) -> Run {
    let stricter = suite().replace("{contains: Danube}", "{contains: Donau}");
    world.commit("main", &[(SUPPORT_SUITE, &stricter)]);
    let number = data_only(world);
    world.opened(number).run()
}

#[test]
fn kept_answers_are_scored_again_where_how_they_are_scored_changed() {
    let world = measured_in_private();
    world.teach(SUPPORT_OLD, Skill::Misses(10));
    let run = asks_nothing(&world, || scored_otherwise(&world).exits(0));
    let agent = support(&run);
    assert_eq!(agent["counts"]["reused"], 10);
    assert_eq!(
        (&agent["score"], &agent["cases"][0]["score"]),
        (&9.5.into(), &5.into())
    );
    assert_eq!(agent["comparison"]["change"], 0.0);
    assert_eq!(agent["comparison"]["pairs"], 10);
    let notices = run.record()["notices"].to_string();
    assert!(
        notices.contains(
            "support_agent: baseline rescored: 1 answer, the expectation or a check changed"
        ),
        "{notices}"
    );
}

#[test]
fn a_case_that_is_scored_otherwise_is_asked_where_no_answer_is_kept() {
    let world = measured();
    let before = world.model.asked().len();
    let run = scored_otherwise(&world).exits(0);
    assert_eq!(world.model.asked().len(), before + 1);
    assert_eq!(support(&run)["counts"]["reused"], 9);
}

#[test]
fn a_moved_model_is_held_against_old_answers_that_are_scored_as_the_new_ones() {
    let world = measured_in_private();
    let stricter = suite().replace("{contains: Danube}", "{contains: Donau}");
    world.commit("main", &[(SUPPORT_SUITE, &stricter)]);
    let number = world.pull_request_for(SUPPORT_FILE, SUPPORT_NEW);
    let run = world.opened(number).run().exits(0);
    let agent = support(&run);
    assert_eq!(agent["counts"]["reused"], 0);
    let comparison = &agent["comparison"];
    assert_eq!(
        (&comparison["pairs"], &comparison["baseline_score"]),
        (&10.into(), &9.5.into())
    );
    assert_eq!(comparison["rescored"]["answers"], 1);
    assert_eq!(comparison["rescored"]["because"][0], "expectation");
}

/// Other bytes in place of the stored answers of the support agent.
fn tamper(world: &World, edit: impl Fn(&str) -> Vec<u8>) {
    let path = answers_files(world).pop().unwrap();
    assert!(path.contains("support_agent"));
    let packed = world.github.file_on_branch(BRANCH, &path).unwrap();
    let mut text = String::new();
    GzDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    world.change(BRANCH, &[Change::Write(&path, &edit(&text))]);
}

fn packed(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn tampered_answers_are_an_error_and_never_no_answers() {
    type Edit = fn(&str) -> Vec<u8>;
    let edits: [Edit; 3] = [
        |text| packed(&text.replacen("Vienna", "Berlin", 1)),
        |_| b"no archive".to_vec(),
        |_| packed(&" ".repeat(40 << 20)),
    ];
    for edit in edits {
        let world = measured_in_private();
        tamper(&world, edit);
        let number = data_only(&world);
        let run = asks_nothing(&world, || world.opened(number).run().exits(3));
        assert_eq!(run.output("outcome"), "error");
        let comment = world.comment(number).body;
        assert!(comment.contains("COULD NOT MEASURE"), "{comment}");
        assert!(comment.contains(".answers.jsonl.gz"), "{comment}");
    }
}

#[test]
fn answers_that_are_gone_are_no_error() {
    let world = measured_in_private();
    for path in answers_files(&world) {
        world.change(BRANCH, &[Change::Delete(&path)]);
    }
    let number = data_only(&world);
    let run = asks_nothing(&world, || world.opened(number).run().exits(0));
    assert_eq!(support(&run)["counts"]["reused"], 10);
    assert_eq!(
        world.asked(),
        [(QA_OLD.to_owned(), 10), (SUPPORT_OLD.to_owned(), 10)]
    );
}

/// A gate whose floor on `main` is higher than what its support agent reaches, with a record of both agents.
fn with_a_floor_that_nobody_can_meet() -> World {
    let world = unmeasured_with(|config| config);
    world.teach(SUPPORT_OLD, Skill::Halves(2));
    world.push_to_main().exits(0);
    let stricter = world.config_with("floor: 8.0", "floor: 9.9");
    world.commit("main", &[(CONFIG, &stricter)]);
    world
}

#[test]
fn a_floor_that_nobody_can_meet_is_lowered_by_a_pull_request_that_changes_rules_alone() {
    let world = with_a_floor_that_nobody_can_meet();
    let lower = world.config_with("floor: 9.9", "floor: 8.0");
    let number = world.pull_request(&[(CONFIG, &lower)]);
    let run = asks_nothing(&world, || world.opened(number).run().exits(0));

    assert_eq!(run.output("outcome"), "pass");
    assert_eq!(run.output("failed-agents"), "[]");
    // It may merge; that is no approval of a model below the floor that holds today.
    assert_eq!(run.output("approved-agents"), r#"["qa_agent"]"#);
    let comment = world.comment(number).body;
    let note = "support_agent: already below its floor on the base: 9.00, floor 9.90; this pull request does not change \
                the model";
    assert!(comment.contains(note), "{comment}");
    assert!(!comment.contains("FAIL"), "{comment}");
}

#[test]
fn the_same_pull_request_with_another_model_is_judged_by_the_floor_of_the_base() {
    let world = with_a_floor_that_nobody_can_meet();
    world.teach(SUPPORT_NEW, Skill::Halves(2));
    let lower = world.config_with("floor: 9.9", "floor: 8.0");
    let number = world.pull_request(&[(CONFIG, &lower), (SUPPORT_FILE, SUPPORT_NEW)]);
    let run = world.opened(number).run().exits(1);
    assert_eq!(run.output("failed-agents"), r#"["support_agent"]"#);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("support_agent is below its floor, 9.00 (floor 9.90)"),
        "{comment}"
    );
}

#[test]
fn a_push_is_judged_by_its_floor_whatever_it_changes() {
    let world = with_a_floor_that_nobody_can_meet();
    let before = world.github.repository().tip("main").unwrap();
    world.commit("main", &[(DATA, ROW)]);
    let stored = world.github.files_on_branch(BRANCH);
    let job = world.push_to_main_from(&before).numbered(4712);
    let run = asks_nothing(&world, || job.run().exits(1));
    assert_eq!(run.output("failed-agents"), r#"["support_agent"]"#);
    assert_eq!(world.github.files_on_branch(BRANCH), stored);
}

/// The first answer that a comment quotes, opened.
fn first_quoted(comment: &str) -> String {
    let (_, rest) = comment.split_once("<details><summary>1.").unwrap();
    let (_, rest) = rest.split_once("</summary>").unwrap();
    let (quoted, _) = rest.split_once("</details>").unwrap();
    quoted.trim().to_owned()
}

#[test]
fn old_stands_beside_new_where_answers_are_kept() {
    let world = measured_in_private();
    world.teach(SUPPORT_NEW, Skill::Halves(2));
    let number = world.pull_request_for(SUPPORT_FILE, SUPPORT_NEW);
    world.opened(number).run().exits(1);
    let quoted = first_quoted(&world.comment(number).body);
    insta::assert_snapshot!(quoted, @r#"
    The new answer lost: quality −5.00: check not met: contains "Danube".

    **Old**

    ```text
    Vienna lies on the Danube.
    ```

    **New**

    ```text
    It is Vienna.
    ```
    "#);

    // Without kept answers there is the new one alone.
    for path in answers_files(&world) {
        world.change(BRANCH, &[Change::Delete(&path)]);
    }
    world.pushed_again(number).numbered(4712).run().exits(1);
    let quoted = first_quoted(&world.comment(number).body);
    assert!(
        quoted.contains("It is Vienna.") && !quoted.contains("**Old**"),
        "{quoted}"
    );
}
