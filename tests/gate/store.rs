//! The branch of baselines when it is far away, broken, guarded, or written by others at the same time.

use serde_json::json;

use crate::support::github::{Change, Fault, On};
use crate::support::world::{QA_FILE, QA_NEW, Skill, World, short};

const DATA: &str = "tunegate-data";

fn stored(world: &World) -> Vec<String> {
    world.github.files_on_branch(DATA)
}

/// A world with a record of each agent, and where that of one agent is.
fn with_records() -> (World, String) {
    let world = World::new();
    world.push_to_main().exits(0);
    let path = stored(&world)
        .into_iter()
        .find(|path| path.contains("/qa_agent/"));
    (world, path.unwrap())
}

/// A pull request that a record would fail.
fn worse(world: &World) -> u64 {
    world.teach(QA_NEW, Skill::Halves(2));
    world.pull_request_for(QA_FILE, QA_NEW)
}

/// The pull request gets no verdict, and is told which file is to blame.
#[track_caller]
fn is_no_verdict(world: &World, path: &str, words: &str) {
    let number = worse(world);
    let run = world.opened(number).run().exits(3);
    assert_eq!(run.output("outcome"), "error");
    let comment = world.comment(number).body;
    assert!(
        comment.contains(path) && comment.contains(words),
        "{comment}"
    );
    assert!(!comment.contains("no record"), "{comment}");
}

#[test]
fn a_record_that_is_no_record_is_an_error_that_names_the_file() {
    let (world, path) = with_records();
    world.commit(DATA, &[(&path, "{\"schema\":")]);
    is_no_verdict(&world, &path, "not a run record");
}

#[test]
fn a_record_under_the_name_of_another_one_is_an_error_that_names_both() {
    let (world, path) = with_records();
    let older = world.github.repository().tip("main").unwrap();
    let newer = world.commit("main", &[("README.md", "# More\n")]);
    let text = world.file(DATA, &path);
    let moved = path.replace(&older, &newer).replace(
        &format!("/{}/", older.split_at(2).0),
        &format!("/{}/", newer.split_at(2).0),
    );
    world.commit(DATA, &[(&moved, &text)]);
    is_no_verdict(&world, &moved, &path);
}

#[test]
fn a_record_under_the_name_of_another_agent_is_an_error_that_names_the_file() {
    let (world, path) = with_records();
    let text = world.file(DATA, &path.replace("/qa_agent/", "/support_agent/"));
    world.commit(DATA, &[(&path, &text)]);
    is_no_verdict(&world, &path, "qa_agent");
}

#[test]
fn a_record_of_a_later_version_is_an_error_that_names_the_file() {
    let (world, path) = with_records();
    let later = world
        .file(DATA, &path)
        .replace("tunegate.run/1", "tunegate.run/2");
    world.commit(DATA, &[(&path, &later)]);
    is_no_verdict(&world, &path, "this version reads \\`tunegate.run/1");
}

#[test]
fn a_record_that_became_a_link_is_an_error_that_names_the_file() {
    let (world, path) = with_records();
    world.change(DATA, &[Change::WriteAs(&path, "120000", b"elsewhere.json")]);
    is_no_verdict(&world, &path, "not a run record");
}

#[test]
fn a_branch_that_was_deleted_is_as_one_that_never_was() {
    let (world, _) = with_records();
    world.github.repository().delete_branch(DATA);
    let number = worse(&world);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(comment.contains("no record is stored yet"), "{comment}");
}

#[test]
fn an_agent_that_nobody_touched_for_two_hundred_commits_has_its_record() {
    let (world, _) = with_records();
    let measured = world.github.repository().tip("main").unwrap();
    for number in 0..200 {
        world.commit("main", &[("README.md", &format!("# {number}\n"))]);
    }
    let number = worse(&world);
    let run = world.opened(number).run().exits(1);
    assert_eq!(run.output("baseline-commit"), measured);
}

#[test]
fn a_record_of_a_commit_that_was_forced_away_is_not_used() {
    let world = World::new();
    let first = world.github.repository().tip("main").unwrap();
    let gone = world.commit("main", &[("README.md", "# Gone\n")]);
    world.push_to_main_from(&first).run().exits(0);
    assert!(stored(&world).iter().any(|path| path.contains(&gone)));
    world.github.repository().reset("main", &first);
    world.commit("main", &[("README.md", "# Instead\n")]);
    let number = worse(&world);
    let run = world.opened(number).run().exits(0);
    assert_eq!(run.output("baseline-commit"), "");
    let comment = world.comment(number).body;
    assert!(
        comment.contains("no record of the base's model is stored at or before the commit"),
        "{comment}"
    );
}

#[test]
fn a_rule_that_guards_the_branch_leaves_the_verdict_and_names_the_remedy() {
    let world = World::new();
    let words =
        "Repository rule violations found\n\nGH013: Changes must be made through a pull request.";
    world
        .github
        .fault("git/create-ref", 1, Fault::refusal(422, words));
    let run = world.push_to_main().exits(3);
    assert_eq!(run.output("outcome"), "pass");
    let errors = run.annotations("error");
    let told = errors
        .iter()
        .any(|error| error.contains("the verdict stands") && error.contains("`baseline-token`"));
    assert!(told, "{errors:?}");
    assert_eq!(stored(&world), Vec::<String>::new());
}

#[test]
fn records_that_others_write_meanwhile_stay_and_nothing_is_forced() {
    let (world, path) = with_records();
    let theirs = "v1/model-quality/qa_agent/00/theirs.json";
    world.github.fault(
        On::operation("git/update-ref"),
        1,
        Fault::meanwhile(move |hub| {
            let change = Change::Write(theirs, b"theirs");
            hub.repository().commit_on(DATA, "Theirs", &[change]);
        }),
    );
    let main = world.github.repository().tip("main").unwrap();
    let event = world.github.workflow_dispatch_event("main", &json!({}));
    world.job(&event, &main).numbered(4712).run().exits(0);

    let mine = path.replace("4711", "4712");
    for path in [&path, theirs, mine.as_str()] {
        assert!(stored(&world).iter().any(|one| one == path), "{path}");
    }
    for request in world.github.requests() {
        assert_ne!(request.json()["force"], true, "{request:?}");
    }
}

#[test]
fn a_tip_that_github_shows_late_costs_a_try_and_no_record() {
    let (world, path) = with_records();
    let main = world.github.repository().tip("main").unwrap();
    let event = world.github.workflow_dispatch_event("main", &json!({}));
    world.job(&event, &main).numbered(4712).run().exits(0);
    // The branch is shown as it was before the last write.
    world.github.stale_reads(DATA, 2);
    world.job(&event, &main).numbered(4713).run().exits(0);
    for run in ["4711", "4712", "4713"] {
        let path = path.replace("4711", run);
        assert!(stored(&world).contains(&path), "{path} at {}", short(&main));
    }
}
