//! Links in places where the gate reads or writes: whoever may commit can prepare one, so none is followed.
#![cfg(unix)]

use std::os::unix::fs::symlink;

use crate::support::github::Change;
use crate::support::laptop::{Laptop, told};
use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

fn world_with(path: &str) -> World {
    World::configured(|config| format!("{config}baseline: {{store: path, path: {path}}}\n"))
}

#[test]
fn a_link_in_the_place_of_the_stored_baselines_is_an_error_and_never_no_baseline() {
    for (path, link) in [
        ("baselines", "baselines"),
        ("kept/baselines", "kept"),
        ("baselines", "baselines/v1"),
        ("baselines", "baselines/v1/model-quality/qa_agent"),
    ] {
        let world = world_with(path);
        world.change("main", &[Change::WriteAs(link, "120000", b"elsewhere")]);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let run = world.opened(number).run().exits(3);
        assert_eq!(run.output("outcome"), "error");
        assert_eq!(world.asked(), []);
        let errors = run.annotations("error").concat();
        let words = format!("`{link}` is a symbolic link");
        assert!(errors.contains(&words), "no {words} in {errors}");
        assert!(errors.contains("`baseline.path`"), "{errors}");

        let laptop = Laptop::clone_of(&world);
        laptop.write(QA_FILE, QA_NEW);
        let run = laptop.command(&["run", "--quiet", "--out", "out", "--since", "origin/main"]);
        let told = told(&run, 3);
        assert!(told.contains(&words), "{told}");
    }
}

#[test]
fn a_file_in_the_place_of_the_stored_baselines_is_an_error_too() {
    let world = world_with("baselines");
    world.commit("main", &[("baselines", "to be done\n")]);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(3);
    let errors = run.annotations("error").concat();
    assert!(errors.contains("`baselines` is a file"), "{errors}");
}

#[test]
fn what_is_behind_a_link_is_not_shown_as_stored_nor_as_nothing() {
    let world = world_with("baselines");
    let laptop = Laptop::clone_of(&world);
    std::fs::create_dir(laptop.path("elsewhere")).unwrap();
    symlink("elsewhere", laptop.path("baselines")).unwrap();
    let told = told(&laptop.command(&["baseline", "show"]), 3);
    assert!(told.contains("`baselines` is a symbolic link"), "{told}");
    assert!(!told.contains("no record is stored"), "{told}");
}

#[test]
fn nothing_is_accepted_through_a_link_that_stays_in_the_repository_either() {
    let world = world_with("kept/baselines");
    let laptop = Laptop::clone_of(&world);
    laptop.run(&[]);
    std::fs::create_dir(laptop.path("elsewhere")).unwrap();
    symlink("elsewhere", laptop.path("kept")).unwrap();
    let told = told(&laptop.command(&["baseline", "accept", "out/run.json"]), 2);
    assert!(told.contains("`kept` is a symbolic link"), "{told}");
    let written = std::fs::read_dir(laptop.path("elsewhere")).unwrap();
    assert_eq!(written.count(), 0);
}

#[test]
fn a_pull_request_cannot_send_the_files_of_its_run_elsewhere() {
    let world = World::new();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Halves(2));
    let asked = world.asked();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let elsewhere = tempfile::tempdir().unwrap();
    let job = world.opened(number);
    let run = job.link("tunegate-out", elsewhere.path()).run().exits(2);
    assert_eq!(run.output("outcome"), "error");
    assert_eq!(world.asked(), asked);
    let errors = run.annotations("error").concat();
    assert!(
        errors.contains("`tunegate-out` is a symbolic link"),
        "{errors}"
    );
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_link_of_the_working_tree_takes_no_files_of_a_run_and_a_folder_elsewhere_does() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), laptop.path("linked")).unwrap();
    let run = |out: &str| {
        let agent = ["run", "--quiet", "--agent", "qa_agent", "--out", out];
        laptop.command(&agent)
    };
    for out in ["linked", "linked/deep", "suites/../linked"] {
        let told = told(&run(out), 2);
        assert!(told.contains("`linked` is a symbolic link"), "{told}");
    }
    assert_eq!(world.asked(), []);
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0);
    told(&run(elsewhere.path().to_str().unwrap()), 0);
    let record = elsewhere.path().join("run.json");
    assert!(record.exists());
    // What else writes such a folder.
    let record = record.to_str().unwrap();
    for command in [
        ["report", record, "--out", "linked"],
        ["decide", record, "--out", "linked"],
        ["merge", record, "--out", "linked"],
    ] {
        let told = told(&laptop.command(&command), 2);
        assert!(
            told.contains("`linked` is a symbolic link"),
            "{command:?}: {told}"
        );
    }
    told(&laptop.command(&["demo", "--out", "linked"]), 2);
}

#[test]
fn a_link_in_the_place_of_a_journal_is_neither_gone_on_with_nor_thrown_away() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    laptop.write("notes", "mine\n");
    laptop.write("tunegate-out/README", "");
    symlink("../notes", laptop.path("tunegate-out/journal.jsonl")).unwrap();
    for leftover in ["--discard", "--resume"] {
        let run = laptop.command(&["run", "--quiet", "--agent", "qa_agent", leftover]);
        let told = told(&run, 2);
        assert!(
            told.contains("`tunegate-out/journal.jsonl` is a symbolic link"),
            "{told}"
        );
    }
    let notes = std::fs::read_to_string(laptop.path("notes")).unwrap();
    assert_eq!(notes, "mine\n");
}
