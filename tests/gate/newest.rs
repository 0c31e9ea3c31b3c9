//! One commit that was measured twice: the gate and whoever looks take the same record for the newest.

use serde_json::Value;

use crate::support::laptop::Laptop;
use crate::support::world::{QA_FILE, QA_NEW, QA_OLD, Skill, World};

const EARLY: &str = "2026-01-05T10:00:00Z";
const LATE: &str = "2026-01-05T10:00:01Z";

/// Makes the run's record the baseline, as one that was made at another time.
fn keep(laptop: &Laptop<'_>, run: &str, created: &str) {
    let mut record = tunegate::record::unseal(run.as_bytes()).unwrap();
    record.created = created.to_owned();
    let text = String::from_utf8(record.seal().unwrap()).unwrap();
    laptop.write("out/run.json", &text);
    let accept = ["baseline", "accept", "out/run.json", "--agent", "qa_agent"];
    let output = laptop.command(&accept);
    assert!(output.status.success(), "{output:?}");
}

/// The newest score of the commit, as `baseline show` has it and as a pull request is held against it. A workflow found
/// 10.00, somebody on a laptop 9.50, each at its time.
fn newest(by_workflow: &str, by_hand: &str) -> [Option<f64>; 2] {
    let world = World::configured(|config| config + "baseline: {store: path}\n");
    let run = world.push_to_main().exits(0);
    let laptop = Laptop::clone_of(&world);
    world.teach(QA_OLD, Skill::Halves(1));
    laptop.run(&[]);
    let own = std::fs::read_to_string(laptop.path("out/run.json")).unwrap();
    keep(&laptop, &own, by_hand);
    keep(&laptop, &run.files["tunegate-out/run.json"], by_workflow);
    laptop.commit("Keep what was measured");
    laptop.git(&["push", "--quiet", "origin", "HEAD:main"]);

    let shown = laptop.command(&["baseline", "show", "--json"]).stdout;
    let shown: Value = serde_json::from_slice(&shown).unwrap();
    let steps = shown["agents"][0]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2, "{shown}");
    world.teach(QA_NEW, Skill::Halves(2));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let record = world.opened(number).run().record();
    let held = &record["agents"][0]["comparison"]["baseline_score"];
    [steps[1]["score"].as_f64(), held.as_f64()]
}

#[test]
fn a_record_that_somebody_accepted_later_is_the_newer_one() {
    assert_eq!(newest(EARLY, LATE), [Some(9.5); 2]);
}

#[test]
fn a_record_that_a_workflow_stored_later_is_the_newer_one() {
    assert_eq!(newest(LATE, EARLY), [Some(10.0); 2]);
}
