//! A person makes a record the baseline: what that needs, what is refused, and where it goes.

use std::process::{Command, Output};

use crate::support::laptop::{Laptop, told};
use crate::support::world::{QA_FILE, QA_NEW, QA_OLD, SUPPORT_FILE, Skill, World, short};

const STORE: &str = "baseline: {store: path, answers: keep}\n";
const FOLDER: &str = "tunegate-baselines/v1/model-quality/qa_agent";

fn world() -> World {
    World::configured(|config| config + STORE)
}

fn measure(laptop: &Laptop<'_>, arguments: &[&str]) {
    let fixed = [
        "run",
        "--quiet",
        "--agent",
        "qa_agent",
        "--out",
        "out",
        "--discard",
    ];
    laptop.command(&[&fixed, arguments].concat());
}

fn accept(laptop: &Laptop<'_>, arguments: &[&str]) -> Output {
    laptop.command(&[&["baseline", "accept", "out/run.json"], arguments].concat())
}

#[track_caller]
fn refused(laptop: &Laptop<'_>, arguments: &[&str], code: i32, words: &str) {
    let told = told(&accept(laptop, arguments), code);
    assert!(told.contains(words), "no {words} in\n{told}");
    assert!(!laptop.path("tunegate-baselines").exists(), "{told}");
}

/// The run's record with something else in it, closed as records are closed.
fn with_record(laptop: &Laptop<'_>, change: impl FnOnce(&mut tunegate::record::RunRecord)) {
    let bytes = std::fs::read(laptop.path("out/run.json")).unwrap();
    let mut record = tunegate::record::unseal(&bytes).unwrap();
    change(&mut record);
    let text = String::from_utf8(record.seal().unwrap()).unwrap();
    laptop.write("out/run.json", &text);
}

#[test]
fn a_pass_is_stored_with_its_answers_beside_it_and_once() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let first = told(&accept(&laptop, &[]), 0);
    let commit = laptop.git(&["rev-parse", "HEAD"]);
    let stem = format!("{FOLDER}/{}/{commit}-local-1", commit.split_at(2).0);
    assert_eq!(
        first,
        format!(
            "stored {stem}.json\nstored {stem}.answers.jsonl.gz\ncommit them: they count once the base branch has them\n"
        )
    );
    let record = std::fs::read(laptop.path(&format!("{stem}.json"))).unwrap();
    assert!(!String::from_utf8_lossy(&record).contains("Paris lies on"));
    let record = tunegate::record::unseal(&record).unwrap();
    assert_eq!((record.agents.len(), record.kept_because), (1, None));

    let again = told(&accept(&laptop, &[]), 0);
    assert_eq!(
        again,
        format!("{stem}.json is stored already\n{stem}.answers.jsonl.gz is stored already\n")
    );
}

#[test]
fn a_stored_record_is_never_replaced() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    told(&accept(&laptop, &[]), 0);
    let output = accept(&laptop, &["--reason", "another text, another record"]);
    let told = told(&output, 2);
    assert!(told.contains("records never change"), "{told}");
    // Its own files do not make the working tree another one than the commit, added or not.
    laptop.git(&["add", "tunegate-baselines"]);
    measure(&laptop, &[]);
    assert!(laptop.record("out")["source"].get("dirty").is_none());
}

#[test]
fn answers_are_left_out_where_nobody_knows_who_may_read_them() {
    let world = World::configured(|config| config + "baseline: {store: path}\n");
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let told = told(&accept(&laptop, &[]), 0);
    assert!(
        told.contains("answers are left out, their digests stay"),
        "{told}"
    );
    assert!(!told.contains(".answers."), "{told}");
}

#[test]
fn what_did_not_pass_is_kept_for_a_reason_that_is_shown() {
    let world = world();
    world.teach(QA_OLD, Skill::Misses(5));
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    refused(&laptop, &[], 2, "the outcome of out/run.json is `fail`");
    refused(&laptop, &["--reason", " "], 2, "`--reason TEXT` says why");
    let reason = ["--reason", "The suite is harder now"];
    told(&accept(&laptop, &reason), 0);
    let shown = told(&laptop.command(&["baseline", "show"]), 0);
    assert!(
        shown.contains("accepted by hand: The suite is harder now"),
        "{shown}"
    );
    laptop.commit("Keep it");
    laptop.git(&["push", "--quiet", "origin", "HEAD:main"]);

    world.teach(QA_NEW, Skill::Misses(7));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(1);
    let comment = world.comment(number).body;
    assert!(comment.contains("5.00 → 3.00"), "{comment}");
    assert_eq!(
        run.record()["agents"][0]["comparison"]["baseline_score"],
        5.0
    );
}

#[test]
fn what_was_measured_beside_the_commit_is_refused() {
    let world = world();
    let edits: [&dyn Fn(&Laptop<'_>); 3] = [
        &|laptop| {
            laptop.write(QA_FILE, QA_NEW);
            measure(laptop, &[]);
        },
        &|laptop| {
            laptop.write("models/new.txt", "untracked");
            measure(laptop, &[]);
        },
        &|laptop| measure(laptop, &["--model", &format!("qa_agent={QA_NEW}")]),
    ];
    for edit in edits {
        let laptop = Laptop::clone_of(&world);
        edit(&laptop);
        assert_eq!(laptop.record("out")["source"]["dirty"], true);
        refused(
            &laptop,
            &[],
            2,
            "what it measured is not what its commit holds",
        );
    }
}

#[test]
fn parts_are_joined_before_they_are_accepted_and_one_beside_the_commit_is_enough_to_refuse() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    let part = |number: u32| {
        let out = format!("out/{number}");
        let shard = format!("{number}/2");
        let run = [
            "run", "--quiet", "--agent", "qa_agent", "--out", &out, "--shard", &shard,
        ];
        laptop.command(&run);
    };
    let merge = || {
        let parts = ["out/1/run.json", "out/2/run.json"];
        told(
            &laptop.command(&[&["merge"], &parts[..], &["--out", "out"]].concat()),
            0,
        );
    };
    part(1);
    laptop.write("models/new.txt", "untracked");
    part(2);
    merge();
    refused(
        &laptop,
        &[],
        2,
        "what it measured is not what its commit holds",
    );
    std::fs::remove_file(laptop.path("models/new.txt")).unwrap();
    std::fs::remove_dir_all(laptop.path("out/2")).unwrap();
    part(2);
    merge();
    told(&accept(&laptop, &[]), 0);
}

#[test]
fn a_record_that_says_too_little_or_is_not_of_this_gate_is_refused() {
    let world = world();
    let no_repository = Laptop::new(&world);
    measure(&no_repository, &[]);
    refused(&no_repository, &[], 2, "it names no commit");

    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    assert!(laptop.record("out")["source"].get("dirty").is_none());
    refused(
        &laptop,
        &["--agent", "support_agent"],
        2,
        "did not ask support_agent",
    );
    refused(
        &laptop,
        &["--agent", "qa"],
        2,
        "no agent `qa`; it measured qa_agent",
    );
    with_record(&laptop, |record| record.agents[0].score = None);
    refused(&laptop, &[], 2, "no score of qa_agent");
    measure(&laptop, &[]);
    with_record(&laptop, |record| record.gate_id = "nightly".to_owned());
    refused(&laptop, &[], 2, "it is of the gate `nightly`");
    measure(&laptop, &[]);
    with_record(&laptop, |record| record.run.id = "../../../x".to_owned());
    refused(&laptop, &[], 2, "is no part of a file's name");
    with_record(&laptop, |record| {
        record.source.commit = Some("../../x".to_owned());
    });
    refused(&laptop, &[], 2, "it names no commit");
    measure(&laptop, &["--shard", "1/2"]);
    refused(&laptop, &[], 2, "`tunegate merge` joins the parts first");
}

#[test]
fn a_record_that_cannot_be_relied_on_is_refused() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let text = std::fs::read_to_string(laptop.path("out/run.json")).unwrap();
    laptop.write(
        "out/run.json",
        &text.replacen("\"score\":10", "\"score\":9", 1),
    );
    refused(&laptop, &[], 3, "changed after it was written");
    laptop.write(
        "out/run.json",
        &text.replace("tunegate.run/1", "tunegate.run/2"),
    );
    refused(&laptop, &[], 3, "this version reads `tunegate.run/1`");
    std::fs::remove_file(laptop.path("out/run.json")).unwrap();
    refused(&laptop, &[], 2, "is not there");
}

#[cfg(unix)]
#[test]
fn a_folder_that_leads_out_of_the_repository_is_not_written() {
    let world = world();
    let elsewhere = tempfile::tempdir().unwrap();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    std::os::unix::fs::symlink(elsewhere.path(), laptop.path("tunegate-baselines")).unwrap();
    let told = told(&accept(&laptop, &[]), 2);
    assert!(
        told.contains("`tunegate-baselines` is a symbolic link"),
        "{told}"
    );
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0);
}

/// The variables by which a person reaches the forge.
fn connected(mut command: Command, world: &World) -> Output {
    command
        .env("GITHUB_API_URL", world.github.api_url())
        .env("GITHUB_REPOSITORY", "acme/assistants")
        .env("GITHUB_TOKEN", world.github.token())
        .env("TUNEGATE_RETRY_DELAY_MS", "1")
        .output()
        .unwrap()
}

#[test]
fn on_a_branch_it_is_added_through_the_api_and_found_by_the_next_pull_request() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let missing = told(&accept(&laptop, &[]), 2);
    assert!(
        missing.contains("set GITHUB_REPOSITORY and GITHUB_TOKEN")
            && missing.contains("workflow run on a push"),
        "{missing}"
    );
    let arguments = ["baseline", "accept", "out/run.json"];
    let first = told(&connected(laptop.prepared(&arguments), &world), 0);
    assert!(
        first.contains("stored v1/model-quality/qa_agent/"),
        "{first}"
    );
    let again = told(&connected(laptop.prepared(&arguments), &world), 0);
    assert!(again.contains("-local-1.json is stored already"), "{again}");
    for request in world.github.requests() {
        assert_ne!(request.json()["force"], true, "{request:?}");
    }

    let commit = laptop.git(&["rev-parse", "HEAD"]);
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(1);
    let comment = world.comment(number).body;
    let against = format!("against the baseline of {}", short(&commit));
    assert!(comment.contains(&against), "{comment}");
}

#[test]
fn a_second_measurement_of_a_commit_is_not_added_to_the_branch_and_the_way_out_is_told() {
    let world = World::new();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let arguments = ["baseline", "accept", "out/run.json", "--reason", "to begin"];
    told(&connected(laptop.prepared(&arguments), &world), 0);
    measure(&laptop, &[]);
    let other = ["baseline", "accept", "out/run.json", "--reason", "again"];
    let told = told(&connected(laptop.prepared(&other), &world), 2);
    assert!(
        told.contains("is on the branch `tunegate-data` already with other content")
            && told.contains("measure again at another commit"),
        "{told}"
    );
    assert!(!told.contains("another path"), "{told}");
}

#[test]
fn of_two_that_are_accepted_at_once_one_is_stored_and_the_other_is_told() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let reasons = ["the first", "the second"];
    let both = reasons.map(|reason| {
        let arguments = ["baseline", "accept", "out/run.json", "--reason", reason];
        laptop.prepared(&arguments).spawn().unwrap()
    });
    let both = both.map(|child| child.wait_with_output().unwrap());
    let codes = both.each_ref().map(|output| output.status.code().unwrap());
    assert!(codes == [0, 2] || codes == [2, 0], "{both:?}");
    let stored = usize::from(codes == [2, 0]);
    let refused = told(&both[1 - stored], 2);
    assert!(refused.contains("records never change"), "{refused}");
    let shown = told(&laptop.command(&["baseline", "show"]), 0);
    assert!(shown.contains(reasons[stored]), "{shown}");
}

#[test]
fn a_lock_that_cannot_be_read_is_somebodys_to_mend_before_anything_is_stored() {
    let lock = "v1/model-quality/tunegate.lock";
    let world = world();
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let place = format!("tunegate-baselines/{lock}");
    laptop.write(&place, "<<<<<<< ours\n");
    let wrong = told(&accept(&laptop, &[]), 2);
    let words = format!("{place} among the stored baselines cannot be read");
    assert!(wrong.contains(&words), "{wrong}");
    assert!(wrong.contains("restore or remove it"), "{wrong}");
    assert!(!laptop.path(FOLDER).exists());

    let world = World::new();
    world.commit("tunegate-data", &[(lock, "<<<<<<< ours\n")]);
    let laptop = Laptop::clone_of(&world);
    measure(&laptop, &[]);
    let arguments = ["baseline", "accept", "out/run.json"];
    let wrong = told(&connected(laptop.prepared(&arguments), &world), 2);
    let words = format!("{lock} among the stored baselines cannot be read");
    assert!(wrong.contains(&words), "{wrong}");
    let stored = world.github.files_on_branch("tunegate-data");
    assert!(!stored.iter().any(|path| path.contains("-local-1")));
}

#[test]
fn one_agent_of_a_run_is_accepted_and_another_is_not() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    let run = ["run", "--quiet", "--all", "--out", "out"];
    told(&laptop.command(&run), 0);
    let told = told(&accept(&laptop, &["--agent", "support_agent", "--json"]), 0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let stored = told["stored"].as_array().unwrap();
    assert_eq!(stored.len(), 2, "{told}");
    assert!(
        stored
            .iter()
            .all(|path| path.as_str().unwrap().contains("/support_agent/"))
    );
    assert!(laptop.path(SUPPORT_FILE).exists());
}

#[test]
fn what_earlier_runs_left_behind_is_no_edit_a_rotated_journal_included() {
    let world = world();
    let laptop = Laptop::clone_of(&world);
    for _ in 0..2 {
        laptop.command(&["run", "--quiet", "--agent", "qa_agent", "--out", "before"]);
    }
    assert!(laptop.path("before/journal.previous.jsonl").exists());
    measure(&laptop, &[]);
    measure(&laptop, &[]);
    assert!(laptop.path("out/journal.previous.jsonl").exists());
    assert!(laptop.record("out")["source"].get("dirty").is_none());
    told(&accept(&laptop, &[]), 0);
    // The same name where no run was is a file like any other.
    laptop.write("data/journal.previous.jsonl", "{}\n");
    measure(&laptop, &[]);
    assert_eq!(laptop.record("out")["source"]["dirty"], true);
}
