//! A cancelled job, wherever it is: it ends in time, and whoever reads its outputs reads no pass.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::github::Fault;
use crate::support::job::Run;
use crate::support::judge;
use crate::support::model::Fault as ModelFault;
use crate::support::world::{QA_FILE, QA_NEW, World};

/// A runner kills what is still there after ten seconds.
const SOON: Duration = Duration::from_secs(8);

fn ended_without_a_verdict(run: Run, since: Instant) -> Run {
    let took = since.elapsed();
    let run = run.exits(143);
    assert!(took < SOON, "{took:?}");
    assert_eq!(run.output("outcome"), "error");
    assert_eq!(run.output("proven"), "false");
    assert!(run.summary.contains("COULD NOT MEASURE"), "{}", run.summary);
    assert_eq!(run.annotations("error").len(), 1, "{}", run.stdout);
    run
}

#[test]
fn while_a_model_is_looked_up_no_question_is_paid_for() {
    let world = World::new();
    let never = ModelFault::Slow(Duration::from_hours(1));
    world.model.fails_look_ups(never);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let mut since = None;
    let run = world.opened(number).run_until(|world| {
        world.model.wait_for_a_look_up();
        since = Some(Instant::now());
    });
    ended_without_a_verdict(run, since.unwrap());
    assert_eq!(world.asked(), []);
}

#[test]
fn while_data_is_read_and_looked_through() {
    let world = World::configured(|config| {
        let model = "    model: {file: models/qa_agent.txt}\n";
        let data = "    training_data: [data/qa/*.jsonl]\n";
        config.replace(model, &format!("{model}{data}"))
    });
    let row = |number: usize| {
        let row = json!({"prompt": format!("Where is van {number}?"), "completion": "On its way."});
        format!("{row}\n")
    };
    let names: Vec<String> = (0..8)
        .map(|number| format!("data/qa/{number}.jsonl"))
        .collect();
    let texts: Vec<String> = (0..8).map(row).collect();
    let pairs = || {
        names
            .iter()
            .map(String::as_str)
            .zip(texts.iter().map(String::as_str))
    };
    let number = world.pull_request(&pairs().collect::<Vec<_>>());
    let (tell, told) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let waits = Fault::meanwhile(move |_| {
        tell.send(()).ok();
        released.recv().ok();
    });
    world.github.fault("git/get-blob", 1, waits);
    let mut since = None;
    let run = world.opened(number).run_until_and(
        |_| {
            told.recv().unwrap();
            since = Some(Instant::now());
        },
        || drop(release),
    );
    ended_without_a_verdict(run, since.unwrap());
    assert_eq!(world.asked(), []);
}

#[test]
fn while_a_judge_grades_the_answers_that_came_are_kept() {
    let world = judge::judged();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.model.stalls_after(11);
    let mut since = None;
    let run = world.opened(number).run_until(|world| {
        world.model.wait_for_questions(12);
        since = Some(Instant::now());
    });
    let run = ended_without_a_verdict(run, since.unwrap());
    let record = run.record();
    assert_eq!(record["verdict"]["reasons"][0]["code"], "interrupted");
    assert!(run.files["tunegate-out/journal.jsonl"].contains("lies on the"));
}

#[test]
fn while_a_record_is_stored_the_verdict_stands_and_nothing_is_half_stored() {
    let world = World::new();
    let first_call = "git/create-tree";
    world.github.fault(first_call, 1, Fault::Stall);
    let mut since = None;
    let run = world.push_to_main_from("").run_until(|world| {
        world.github.wait_for(first_call);
        since = Some(Instant::now());
    });
    let took = since.unwrap().elapsed();
    assert!(took < SOON, "{took:?}");
    let run = run.exits(143);
    assert_eq!(run.output("outcome"), "pass");
    assert_eq!(run.record()["verdict"]["outcome"], "pass");
    let said = run.annotations("error").join("");
    assert!(said.contains("could not be stored"), "{said}");
    assert_eq!(world.github.repository().tip("tunegate-data"), None);
    // The next push makes up for it.
    world.push_to_main().exits(0);
    assert!(!world.github.files_on_branch("tunegate-data").is_empty());
}

#[test]
fn a_record_that_is_being_stored_is_stored_where_the_forge_answers() {
    let world = World::new();
    let (tell, told) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let waits = Fault::meanwhile(move |_| {
        tell.send(()).ok();
        released.recv().ok();
    });
    world.github.fault("git/create-tree", 1, waits);
    let run = world
        .push_to_main_from("")
        .run_until_and(|_| told.recv().unwrap(), || drop(release));
    let run = run.exits(0);
    assert_eq!(run.output("outcome"), "pass");
    let stored = world.github.files_on_branch("tunegate-data");
    assert!(
        stored.iter().any(|path| path.contains("/qa_agent/")),
        "{stored:?}"
    );
}
