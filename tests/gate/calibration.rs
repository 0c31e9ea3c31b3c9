//! What a comment says of the worth of its scores: a figure that somebody measured, under the rules of today, and as the
//! base has it.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::judge::judged_by;
use crate::support::world::{CONFIG, QA_FILE, QA_NEW, QA_SUITE, World, prompt, suite};

const FILE: &str = "calibration/calibration.json";

/// A world whose configuration names a calibration.
fn world() -> World {
    World::configured(|config| format!("{config}report: {{calibration: {FILE}}}\n"))
}

/// What `tunegate calibrate` writes of these labels, by the rules that the world has.
fn calibrated(world: &World, labels: &[Value]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for path in [CONFIG, QA_SUITE, "suites/support_agent.yaml", QA_FILE] {
        let path_here = folder.path().join(path);
        fs::create_dir_all(path_here.parent().unwrap()).unwrap();
        fs::write(path_here, world.file("main", path)).unwrap();
    }
    let lines: Vec<String> = labels.iter().map(Value::to_string).collect();
    fs::write(folder.path().join("labels.jsonl"), lines.join("\n")).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_tunegate"))
        .current_dir(folder.path())
        .args(["calibrate", "labels.jsonl", "--out", "out"])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    fs::read_to_string(folder.path().join("out/calibration.json")).unwrap()
}

fn rated(country: &str, answer: &str, rating: u8) -> Value {
    json!({"agent": "qa_agent", "prompt": prompt(country), "answer": answer, "rating": rating, "scale": [1, 5]})
}

/// Two judges who agree with the checks but for one answer: 0.87 in ranks.
fn ratings() -> Vec<Value> {
    vec![
        rated("austria", "Vienna lies on the Danube.", 5),
        rated("egypt", "Cairo lies on the Nile.", 4),
        rated("france", "It is Paris.", 3),
        rated("iraq", "No idea.", 1),
        rated("italy", "Rome.", 1),
    ]
}

#[test]
fn the_last_line_says_how_far_scores_agree_with_people() {
    let world = world();
    let text = calibrated(&world, &ratings());
    world.commit("main", &[(FILE, &text)]);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);

    let comment = world.comment(number).body;
    let value: Value = serde_json::from_str(&text).unwrap();
    let measured = value["agents"][0]["rated"]["rank_correlation"]["value"]
        .as_f64()
        .unwrap();
    let line = format!("scores agree with your reviewers: {measured:.2} (5 answers)");
    assert!(comment.contains(&line), "no {line} in\n{comment}");
    assert!(run.summary.contains(&line), "{}", run.summary);
    let told = &run.record()["agents"][0]["calibration"];
    assert_eq!(told["measure"], "rank-correlation");
    assert_eq!(told["labels"], 5);
    assert_eq!(told["value"], measured);
    let page = &run.files["tunegate-out/report.html"];
    assert!(
        page.contains("Scores agree with your reviewers: "),
        "{page}"
    );
    assert!(page.contains("rating 10.0, score 10.0: 1 answer"), "{page}");
}

#[test]
fn an_agent_without_labels_is_not_calibrated_and_says_so_in_two_words() {
    let world = World::new();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(comment.contains(" · not calibrated · "), "{comment}");
    assert_eq!(run.record()["agents"][0].get("calibration"), None);
}

#[test]
fn a_figure_of_other_rules_is_not_shown() {
    let world = world();
    let text = calibrated(&world, &ratings());
    let stricter = suite().replacen("{contains: Danube}", "{contains: Danube, weight: 2}", 1);
    world.commit("main", &[(FILE, &text), (QA_SUITE, &stricter)]);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let run = world.opened(number).run().exits(0);

    let comment = world.comment(number).body;
    assert!(
        comment.contains("not calibrated since the rules of scoring changed"),
        "{comment}"
    );
    assert!(!comment.contains("agree with your reviewers"), "{comment}");
    assert_eq!(run.record()["agents"][0]["calibration"]["outdated"], true);
    let page = &run.files["tunegate-out/report.html"];
    assert!(!page.contains("Score against rating"), "{page}");
}

#[test]
fn a_pull_request_cannot_praise_its_own_scorer() {
    let world = world();
    let text = calibrated(&world, &ratings());
    world.commit("main", &[(FILE, &text)]);
    let pair = |country: &str, good: &str| json!({"agent": "qa_agent", "prompt": prompt(country), "a": good, "b": "no", "prefer": "a"});
    let praise = calibrated(
        &world,
        &[
            pair("iraq", "Baghdad lies on the Tigris."),
            pair("italy", "Rome, Tiber"),
        ],
    );
    let model = format!("{QA_NEW}\n");
    let number = world.pull_request(&[(QA_FILE, &model), (FILE, &praise)]);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(comment.contains("(5 answers)"), "{comment}");
    assert!(!comment.contains("of 2 pairs"), "{comment}");

    world.commit("main", &[(FILE, &praise)]);
    world.pushed_again(number).numbered(4712).run().exits(0);
    let comment = world.comment(number).body;
    assert!(
        comment.contains("scores agree with your reviewers: in 100 % of 2 pairs"),
        "{comment}"
    );
}

#[test]
fn a_file_that_is_none_is_told_and_changes_no_verdict() {
    let world = world();
    world.commit("main", &[(FILE, "{\"schema\": \"something.else/9\"}")]);
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    world.opened(number).run().exits(0);
    let comment = world.comment(number).body;
    assert!(comment.contains("### ✅ PASS"), "{comment}");
    assert!(comment.contains("report.calibration"), "{comment}");
    assert!(comment.contains(" · not calibrated · "), "{comment}");
}

#[test]
fn a_figure_of_the_rules_is_not_shown_for_what_a_judge_grades() {
    let judge = "judge: {model: acme-judge-2411}";
    let line = format!("report: {{calibration: {FILE}}}\n{judge}");
    let elsewhere = [
        ("Where is Oslo?", 5),
        ("Where is Rome?", 1),
        ("Where is Bonn?", 3),
    ];
    let elsewhere = elsewhere.map(|(prompt, rating)| json!({"agent": "qa_agent", "prompt": prompt, "answer": "There, in the north.".repeat(rating), "rating": rating, "scale": [1, 5]}));
    for labels in [ratings(), elsewhere.to_vec()] {
        let world = judged_by(&line);
        let standard = suite().replace("profile: checks", "profile: standard");
        world.commit("main", &[(QA_SUITE, &standard)]);
        let text = calibrated(&world, &labels);
        world.commit("main", &[(FILE, &text)]);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        world.opened(number).run();
        let comment = world.comment(number).body;
        assert!(
            comment.contains("not calibrated since the rules of scoring changed"),
            "{comment}"
        );
        assert!(!comment.contains("agree with your reviewers"), "{comment}");
    }
}
