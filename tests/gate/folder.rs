//! Baselines as files of the repository itself: read where the rules are read, written by people alone.

use serde_json::Value;

use crate::support::github::Change;
use crate::support::job::Run;
use crate::support::laptop::Laptop;
use crate::support::world::{
    CONFIG, QA_FILE, QA_NEW, QA_OLD, SUPPORT_FILE, SUPPORT_NEW, Skill, World, short,
};

const STORE: &str = "baseline: {store: path, path: baselines}\n";

fn world() -> World {
    World::configured(|config| config + STORE)
}

/// Where the record of an agent lies that was measured on a laptop.
fn path_of(commit: &str) -> String {
    let folder = commit.split_at(2).0;
    format!("baselines/v1/model-quality/qa_agent/{folder}/{commit}-local-1.json")
}

/// Measures `main`, accepts the record, and pushes it to `main`; the record's commit is the one before.
fn accepted(world: &World) -> (Laptop<'_>, String) {
    let laptop = Laptop::clone_of(world);
    let measured = laptop.git(&["rev-parse", "HEAD"]);
    laptop.run(&[]);
    let output = laptop.command(&["baseline", "accept", "out/run.json"]);
    assert!(output.status.success(), "{output:?}");
    laptop.commit("Keep what was measured");
    laptop.git(&["push", "--quiet", "origin", "HEAD:main"]);
    (laptop, measured)
}

/// The same record with every score halved, as somebody writes it who knows how records are closed.
fn forged(text: &str) -> String {
    let mut record = tunegate::record::unseal(text.as_bytes()).unwrap();
    for agent in &mut record.agents {
        agent.score = Some(5.0);
        for case in &mut agent.cases {
            case.score = Some(5.0);
            for sample in &mut case.samples {
                sample.score = Some(5.0);
            }
        }
    }
    String::from_utf8(record.seal().unwrap()).unwrap()
}

#[track_caller]
fn dropped_from_ten(world: &World, number: u64, run: &Run, measured: &str) {
    let comment = world.comment(number).body;
    let against = format!("against the baseline of {}, 10.00 → 9.00", short(measured));
    assert!(comment.contains(&against), "{comment}");
    assert_eq!(run.output("baseline-commit"), measured);
}

#[test]
fn what_a_person_measured_accepted_and_committed_is_what_the_next_pull_request_is_held_against() {
    let world = world();
    let (_laptop, measured) = accepted(&world);
    assert_eq!(
        world.github.files_on_branch("tunegate-data"),
        Vec::<String>::new()
    );
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);
    dropped_from_ten(&world, number, &run, &measured);
    assert!(
        !world
            .comment(number)
            .body
            .contains("edits stored baselines")
    );
}

#[test]
fn a_failure_that_a_person_keeps_is_compared_with_and_approves_no_release() {
    let world = world();
    world.teach(QA_OLD, Skill::Misses(5));
    let laptop = Laptop::clone_of(&world);
    laptop.command(&["run", "--quiet", "--agent", "qa_agent", "--out", "out"]);
    let output = laptop.command(&[
        "baseline",
        "accept",
        "out/run.json",
        "--reason",
        "a new start",
    ]);
    assert!(output.status.success(), "{output:?}");
    laptop.commit("Keep what was measured");
    laptop.git(&["push", "--quiet", "origin", "HEAD:main"]);
    world.commit("main", &[("README.md", "# Words\n")]);
    let number = world.pull_request_for(SUPPORT_FILE, SUPPORT_NEW);
    let run = world.opened(number).run();
    let record = run.record();
    let agents = record["agents"].as_array().unwrap();
    let qa = agents
        .iter()
        .find(|agent| agent["name"] == "qa_agent")
        .unwrap();
    assert_eq!(qa["score"], 5);
    assert_eq!(qa["stored_outcome"], "fail");
    assert!(!run.output("approved-agents").contains("qa_agent"));
}

#[test]
fn a_pull_request_that_moves_the_store_and_fills_it_is_told_so() {
    let world = World::new();
    let config = format!("{}{STORE}", world.file("main", CONFIG));
    let files = [(CONFIG, config.as_str()), ("baselines/v1/x.json", "{}")];
    let number = world.pull_request(&files);
    let run = world.opened(number).input("all", "true").run();
    let comment = world.comment(number).body;
    assert!(
        comment.contains("edits stored baselines below"),
        "{comment} {}",
        run.stdout
    );
}

#[test]
fn a_pull_request_is_held_against_the_record_of_its_base_and_not_its_own() {
    let world = world();
    let (_laptop, measured) = accepted(&world);
    let path = path_of(&measured);
    let worse = forged(&world.file("main", &path));
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (&path, &worse)]);
    // What lies in the workspace is not read either.
    let run = world.opened(number).file(&path, &worse).run().exits(1);
    dropped_from_ten(&world, number, &run, &measured);
    let banner = "this pull request edits stored baselines below `baselines/`: they count after the merge, and not for itself";
    let comment = world.comment(number).body;
    assert!(
        comment.contains("edits stored baselines below"),
        "{comment}"
    );
    assert!(
        run.files["tunegate-out/summary.txt"].contains(banner),
        "{run:?}"
    );
}

#[test]
fn a_merge_queue_is_held_against_the_record_of_its_base() {
    let world = world();
    let (_laptop, measured) = accepted(&world);
    let path = path_of(&measured);
    let worse = forged(&world.file("main", &path));
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request(&[(QA_FILE, QA_NEW), (&path, &worse)]);
    let event = world.github.merge_group_event(number);
    let main = world.github.repository().tip("main").unwrap();
    let run = world.job(&event, &main).run().exits(1);
    assert_eq!(run.output("baseline-commit"), measured);
    assert!(run.summary.contains("10.00 → 9.00"), "{}", run.summary);
}

#[test]
fn a_pull_request_that_removes_the_record_is_held_against_it() {
    let world = world();
    let (_laptop, measured) = accepted(&world);
    world.teach(QA_NEW, Skill::Halves(2));
    let path = path_of(&measured);
    world.change(
        "feature",
        &[
            Change::Delete(&path),
            Change::Write(QA_FILE, QA_NEW.as_bytes()),
        ],
    );
    let number = world.github.open_pull_request("main", "feature");
    let run = world.opened(number).run().exits(1);
    dropped_from_ten(&world, number, &run, &measured);
}

#[test]
fn a_pull_request_of_baselines_alone_asks_nobody_and_says_when_they_count() {
    let world = world();
    let (_laptop, measured) = accepted(&world);
    let path = path_of(&measured);
    let before = world.asked();
    let worse = forged(&world.file("main", &path));
    let number = world.pull_request(&[(&path, &worse)]);
    let run = world.opened(number).run().exits(0);
    assert_eq!(world.asked(), before);
    assert_eq!(run.output("outcome"), "skipped");
    assert!(
        run.summary.contains("edits stored baselines"),
        "{}",
        run.summary
    );
    let notices = run.annotations("notice").concat();
    assert!(notices.contains("they count after the merge"), "{notices}");
}

#[test]
fn a_record_of_the_base_that_was_changed_is_an_error_that_names_the_file() {
    let world = world();
    let (_laptop, measured) = accepted(&world);
    let path = path_of(&measured);
    let text = world.file("main", &path);
    for broken in [
        text.replacen("\"score\":10", "\"score\":8", 1),
        "version https://git-lfs.github.com/spec/v1\n".to_owned(),
    ] {
        world.commit("main", &[(&path, &broken)]);
        world.teach(QA_NEW, Skill::Halves(2));
        world.github.repository().delete_branch("feature");
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).run().exits(3);
        assert_eq!(run.output("outcome"), "error");
        let comment = world.comment(number).body;
        assert!(comment.contains(&path), "{comment}");
        assert!(!comment.contains("no record"), "{comment}");
    }
}

#[test]
fn a_push_writes_nothing_and_says_how_a_person_keeps_what_it_measured() {
    let world = world();
    let main = world.github.repository().tip("main").unwrap();
    let run = world.push_to_main().exits(0);
    assert_eq!(world.github.repository().tip("main").unwrap(), main);
    assert_eq!(
        world.github.files_on_branch("tunegate-data"),
        Vec::<String>::new()
    );
    let notices = run.annotations("notice").concat();
    for words in [
        "qa_agent, support_agent",
        "`tunegate baseline accept run.json`",
        "below `baselines/`",
    ] {
        assert!(notices.contains(words), "{notices}");
    }
    assert!(
        !run.stdout.contains("stored the baseline"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_push_that_failed_or_may_only_read_says_nothing_of_keeping() {
    let world = world();
    let silent = |run: Run| assert!(!run.stdout.contains("baseline accept"), "{}", run.stdout);
    let job = world.push_to_main_from("").input("baseline", "read");
    silent(job.run().exits(0));
    world.teach(QA_OLD, Skill::Misses(6));
    silent(world.push_to_main().exits(1));
}

#[test]
fn the_record_of_a_push_is_accepted_and_the_next_push_asks_nobody() {
    let world = world();
    let before = world.github.repository().tip("main").unwrap();
    let run = world.push_to_main().exits(0);
    let laptop = Laptop::clone_of(&world);
    laptop.write("out/run.json", &run.files["tunegate-out/run.json"]);
    let output = laptop.command(&["baseline", "accept", "out/run.json"]);
    assert!(output.status.success(), "{output:?}");
    laptop.commit("Keep what was measured");
    laptop.git(&["push", "--quiet", "origin", "HEAD:main"]);

    let files = world.github.files_on_branch("main");
    for agent in ["qa_agent", "support_agent"] {
        let name = format!("/{agent}/{}/{before}-4711-1.json", before.split_at(2).0);
        assert!(files.iter().any(|path| path.ends_with(&name)), "{files:?}");
    }
    let asked = world.asked();
    let job = world.push_to_main_from(&before).numbered(4712);
    job.run().exits(0);
    assert_eq!(world.asked(), asked);
}

#[test]
fn a_workflow_that_wants_a_run_to_write_is_told_who_writes() {
    let world = world();
    let job = world.push_to_main_from("").input("baseline", "write");
    let run = job.run().exits(2);
    let errors = run.annotations("error").concat();
    assert!(
        errors.contains("`baseline: write` does not fit")
            && errors.contains("`tunegate baseline accept run.json`"),
        "{errors}"
    );
    assert_eq!(world.asked(), []);
}

#[test]
fn a_run_since_a_revision_reads_the_records_of_that_revision() {
    let world = world();
    let (laptop, measured) = accepted(&world);
    world.teach(QA_NEW, Skill::Halves(2));
    laptop.git(&["fetch", "--quiet"]);
    let worse = forged(&std::fs::read_to_string(laptop.path(&path_of(&measured))).unwrap());
    laptop.write(&path_of(&measured), &worse);
    laptop.write(QA_FILE, QA_NEW);
    let arguments = ["run", "--quiet", "--out", "out", "--since", "origin/main"];
    let output = laptop.command(&arguments);
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    let tip = laptop.git(&["rev-parse", "origin/main"]);
    for words in [
        format!("against the baseline of {}, 10.00 → 9.00", short(&measured)),
        format!(
            "the baseline is read from `baselines/` of `origin/main` ({})",
            short(&tip)
        ),
        "edits stored baselines below `baselines/`".to_owned(),
    ] {
        assert!(told.contains(&words), "no {words} in\n{told}");
    }
    assert_eq!(laptop.record("out")["source"]["dirty"], true);
}

#[test]
fn what_is_stored_is_shown_from_the_disk() {
    let world = world();
    let (laptop, measured) = accepted(&world);
    let read = |what: &str| {
        let output = laptop.command(&["baseline", what]);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, told, _) = read("show");
    assert_eq!(code, Some(0));
    for words in [
        &path_of(&measured),
        "10.00",
        "read from `baselines/` on this disk",
    ] {
        assert!(told.contains(words), "{told}");
    }
    let text = std::fs::read_to_string(laptop.path(&path_of(&measured))).unwrap();
    laptop.write(
        &path_of(&measured),
        &text.replacen("\"score\":10", "\"score\":8", 1),
    );
    let (code, _, wrong) = read("history");
    assert_eq!(code, Some(3));
    assert!(wrong.contains(&path_of(&measured)), "{wrong}");
}

#[test]
fn a_commit_that_is_pinned_is_looked_for_in_the_folder() {
    let world = world();
    let (_laptop, measured) = accepted(&world);
    let config = world.config_with(
        "path: baselines}",
        &format!("path: baselines, pinned: '{measured}'}}"),
    );
    world.commit("main", &[("tunegate.yaml", &config)]);
    world.teach(QA_NEW, Skill::Halves(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let record = world.opened(number).run().exits(1).record();
    let agents = record["agents"].as_array().unwrap();
    let of_qa = agents
        .iter()
        .find(|agent| agent["name"] == "qa_agent")
        .unwrap();
    assert_eq!(of_qa["comparisons"][0]["against"], "pinned");
    assert_eq!(
        of_qa["comparisons"][0]["baseline_commit"],
        Value::from(measured)
    );
}
