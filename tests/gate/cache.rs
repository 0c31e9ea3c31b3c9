//! What was answered once is not paid for again, and nothing in the folder of answers can talk the gate into a verdict.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::job::Run;
use crate::support::laptop::Laptop;
use crate::support::model::Fault;
use crate::support::world::{
    CONFIG, KEY_VARIABLE, QA_FILE, QA_NEW, QA_OLD, QA_SUITE, SUPPORT_FILE, SUPPORT_NEW, Skill,
    World,
};

const CACHE: &str = ".answers";

fn caching(config: &str) -> String {
    config
        .replace("retry_delay: 1ms", "retry_delay: 1ms, cache: .answers")
        .replace(
            "defaults:",
            "prices: {models: {\"ft:*\": {input_per_mtok: 1000, output_per_mtok: 1000}}}\ndefaults:",
        )
}

fn answers(laptop: &Laptop<'_>) -> Vec<PathBuf> {
    kept(&laptop.path(CACHE))
}

fn kept(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for shelf in fs::read_dir(folder).unwrap().flatten() {
        if shelf.file_type().unwrap().is_dir() {
            found.extend(
                fs::read_dir(shelf.path())
                    .unwrap()
                    .flatten()
                    .map(|file| file.path()),
            );
        }
    }
    found
}

/// All samples in order, but for where they came from.
fn samples(record: &Value) -> Vec<Value> {
    let cases = record["agents"][0]["cases"].as_array().unwrap().iter();
    let samples = cases.flat_map(|case| case["samples"].as_array().unwrap());
    samples
        .map(|sample| {
            let mut sample = sample.clone();
            sample["cached"] = Value::Null;
            sample
        })
        .collect()
}

fn world() -> World {
    World::configured(|config| caching(&config))
}

#[test]
fn a_second_run_asks_nothing_costs_nothing_and_comes_to_the_same() {
    let world = world();
    let laptop = Laptop::new(&world);
    let (asked, first) = laptop.run(&[]);
    assert_eq!(asked, 10);
    assert_eq!(first["agents"][0]["counts"]["cached"], 0);
    assert_eq!(first["agents"][0]["usage"]["cost"], 0.18);

    // The model would answer otherwise now; what it said is kept.
    world.teach(QA_OLD, Skill::Misses(10));
    let (asked, second) = laptop.run(&[]);
    assert_eq!(asked, 0);
    assert_eq!(samples(&second), samples(&first));
    let agent = &second["agents"][0];
    assert_eq!(agent["counts"]["cached"], 10);
    assert_eq!(agent["cases"][0]["samples"][0]["cached"], true);
    assert_eq!(agent["usage"]["prompt_tokens"], 0);
    assert_eq!(agent["usage"]["cost"], 0.0);
    assert_eq!(
        agent["cases"][0]["samples"][0]["usage"]["prompt_tokens"],
        11
    );
    let summary = fs::read_to_string(laptop.path("out/summary.txt")).unwrap();
    assert!(
        summary.contains("10 of 10 answers from the cache"),
        "{summary}"
    );
}

#[test]
fn no_cache_neither_reads_nor_writes() {
    let world = world();
    let laptop = Laptop::new(&world);
    assert_eq!(laptop.run(&["--no-cache"]).0, 10);
    assert!(!laptop.path(CACHE).exists());
    assert_eq!(laptop.run(&[]).0, 10);
    assert_eq!(laptop.run(&["--no-cache"]).0, 10);
    assert_eq!(laptop.run(&[]).0, 0);
}

#[test]
fn what_changes_the_question_is_asked_again() {
    let world = world();
    let laptop = Laptop::new(&world);
    laptop.run(&[]);
    laptop.change(QA_SUITE, "capital of austria", "capital of Austria");
    world.model.otherwise("Vienna lies on the Danube.");
    assert_eq!(laptop.run(&[]).0, 1, "a changed prompt");
    laptop.change(CONFIG, "run: {", "run: {samples: 2, ");
    assert_eq!(laptop.run(&[]).0, 10, "a second sample of each");
    laptop.change(
        CONFIG,
        "{provider: acme}",
        "{provider: acme, temperature: 0.5}",
    );
    assert_eq!(laptop.run(&[]).0, 20, "another temperature");
    laptop.change(
        CONFIG,
        "    api_key_env",
        "    extra_body: {top_k: 3}\n    api_key_env",
    );
    assert_eq!(laptop.run(&[]).0, 20, "another body");
    laptop.change(
        CONFIG,
        "    api_key_env",
        "    headers: {x-team: a}\n    api_key_env",
    );
    assert_eq!(laptop.run(&[]).0, 20, "another header");
    laptop.change(QA_FILE, QA_OLD, QA_NEW);
    assert_eq!(laptop.run(&[]).0, 20, "another model");
    // Rules and scores are not what is asked.
    laptop.change(CONFIG, "floor: 8.0", "floor: 7.0");
    laptop.change(QA_SUITE, "contains: Vienna", "contains: Wien");
    let mut output = laptop.start("out", &[]);
    output.wait().unwrap();
    assert_eq!(world.model.asked().len(), 10 + 1 + 10 + 4 * 20);
}

#[test]
fn a_failure_is_never_kept() {
    let world = World::configured(|config| {
        caching(&config).replace("retry_delay: 1ms", "retry_delay: 1ms, retries: 0")
    });
    let laptop = Laptop::new(&world);
    world.model.fails([Fault::Status(500, "oops".to_owned())]);
    let (asked, record) = laptop.run(&[]);
    assert_eq!(asked, 10);
    assert_eq!(record["agents"][0]["counts"]["unanswered"], 1);
    assert_eq!(answers(&laptop).len(), 9);
    let (asked, record) = laptop.run(&[]);
    assert_eq!(asked, 1);
    assert_eq!(record["agents"][0]["counts"]["cached"], 9);
}

#[test]
fn an_answer_that_was_tampered_with_is_asked_again_and_told() {
    let world = world();
    world.teach(QA_OLD, Skill::Misses(10));
    let laptop = Laptop::new(&world);
    laptop.start("out", &[]).wait().unwrap();
    assert_eq!(laptop.record("out")["agents"][0]["score"], 0.0);
    // All ten answers made good by hand.
    for file in answers(&laptop) {
        let text = fs::read_to_string(&file).unwrap();
        let better = text.replace("I have never heard of it.", "Vienna lies on the Danube.");
        assert_ne!(text, better);
        fs::write(file, better).unwrap();
    }
    let before = world.model.asked().len();
    laptop.start("out", &[]).wait().unwrap();
    assert_eq!(world.model.asked().len() - before, 10);
    let record = laptop.record("out");
    assert_eq!(record["agents"][0]["score"], 0.0);
    assert_eq!(record["agents"][0]["counts"]["cached"], 0);
    let notices = record["notices"].to_string();
    assert!(
        notices.contains("10 kept answers in `.answers` do not prove"),
        "{notices}"
    );
}

#[test]
fn the_folder_stays_within_its_bound() {
    let world = World::configured(|config| {
        caching(&config).replace("cache: .answers", "cache: .answers, cache_size: 20KB")
    });
    let laptop = Laptop::new(&world);
    laptop.run(&[]);
    let left = answers(&laptop).len();
    assert!(left <= 4, "{left} answers of 4 KiB each in 20 KB");
    assert_eq!(laptop.run(&[]).0, 10 - left);
    assert_eq!(answers(&laptop).len(), left);
}

#[test]
fn two_runs_share_the_folder() {
    let world = world();
    let laptop = Laptop::new(&world);
    let both = [laptop.start("one", &[]), laptop.start("two", &[])];
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let (one, two) = (laptop.record("one"), laptop.record("two"));
    assert_eq!(one["agents"][0]["score"], 10.0);
    assert_eq!(two["agents"][0]["score"], 10.0);
    for record in [&one, &two] {
        assert!(record.get("notices").is_none(), "{}", record["notices"]);
    }
    assert_eq!(answers(&laptop).len(), 10);
    assert_eq!(laptop.run(&[]).0, 0);
}

#[test]
fn a_folder_that_cannot_be_used_is_told_and_the_run_goes_on() {
    let world = world();
    let laptop = Laptop::new(&world);
    laptop.write(CACHE, "a file where the folder should be");
    let (asked, record) = laptop.run(&[]);
    assert_eq!(asked, 10);
    let notices = record["notices"].to_string();
    assert!(
        notices.contains("cannot be used as `run.cache`"),
        "{notices}"
    );
}

#[test]
fn a_provider_without_a_key_keeps_answers_on_a_laptop_and_not_in_the_action() {
    let world = World::configured(|config| {
        caching(&config).replace(&format!("    api_key_env: {KEY_VARIABLE}\n"), "")
    });
    let laptop = Laptop::new(&world);
    assert_eq!(laptop.run(&[]).0, 10);
    assert_eq!(laptop.run(&[]).0, 0);

    let run = world.push_to_main().exits(0);
    assert_eq!(kept_answers(&run), 0);
    let notices = run.record()["notices"].to_string();
    assert!(notices.contains("it has no key"), "{notices}");
}

fn kept_answers(run: &Run) -> usize {
    let in_shelf = |name: &&String| name.starts_with(".answers/") && name.matches('/').count() == 2;
    run.files.keys().filter(in_shelf).count()
}

#[test]
fn the_action_takes_up_what_an_earlier_run_kept() {
    let world = world();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let first = world.opened(number).run().exits(0);
    assert_eq!(kept_answers(&first), 10);
    // A push that touches the other agent asks that one alone.
    world.commit("feature", &[(SUPPORT_FILE, SUPPORT_NEW)]);
    let before = world.model.asked().len();
    let job = world.pushed_again(number).numbered(4712);
    let second = job.restored(&first, CACHE).run().exits(0);
    assert_eq!(world.model.asked().len() - before, 10);
    assert_eq!(kept_answers(&second), 20);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("10 of 20 answers from the cache"),
        "{comment}"
    );
}

#[test]
fn a_forged_answer_does_not_change_the_verdict() {
    let world = world();
    world.push_to_main().exits(0);
    world.teach(QA_NEW, Skill::Misses(10));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    // Whoever opened it knows everything but the key: all names are right, the seals are those of another key.
    let stolen = "sk-of-somebody-else-entirely";
    let thief = world.opened(number).variable(KEY_VARIABLE, stolen);
    world.teach(QA_NEW, Skill::Perfect);
    let forged = thief.run().exits(0);
    assert_eq!(kept_answers(&forged), 10);
    world.teach(QA_NEW, Skill::Misses(10));
    let job = world.pushed_again(number).numbered(4712);
    let run = job.restored(&forged, CACHE).run().exits(1);
    let notices = run.record()["notices"].to_string();
    assert!(notices.contains("10 kept answers"), "{notices}");
}

#[test]
fn answers_that_are_there_need_no_budget() {
    let world = world();
    let laptop = Laptop::new(&world);
    laptop.run(&[]);
    laptop.change(CONFIG, "run: {", "run: {budget: {tokens: 10}, ");
    assert_eq!(laptop.run(&[]).0, 0);
}
