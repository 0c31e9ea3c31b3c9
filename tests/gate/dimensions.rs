//! Dimensions of a suite's own, and suites whose cases are right or wrong.

use std::fs;

use serde_json::{Value, json};

use crate::support::laptop::{Laptop, told};
use crate::support::world::{CONFIG, QA_OLD, QA_SUITE, Skill, World, suite};

const RUN: [&str; 4] = ["run", "--agent", "qa_agent", "--quiet"];

fn agent(record: &Value) -> &Value {
    &record["agents"][0]
}

/// Rivers are a dimension of their own, which counts three times.
fn rivers(laptop: &Laptop<'_>) {
    let mut text = suite().replace("profile: checks", "profile: checks, weights: {rivers: 3}");
    for river in [
        "Danube", "Vltava", "Nile", "Thames", "Seine", "Spree", "Tigris", "Tiber", "Vistula",
        "Tagus",
    ] {
        text = text.replace(
            &format!("{{contains: {river}}}"),
            &format!("{{contains: {river}, dimension: rivers}}"),
        );
    }
    laptop.write(QA_SUITE, &text);
}

#[test]
fn a_dimension_of_ones_own_is_scored_floored_tested_and_shown_like_any_other() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    rivers(&laptop);
    laptop.change(
        CONFIG,
        "floor: 8.0",
        "floor: 2.0\n  floors: {dimensions: {rivers: 6.0}}\n  blocking_dimensions: [rivers]",
    );
    told(
        &laptop.command(&[&RUN[..], &["--out", "before"]].concat()),
        0,
    );
    world.teach(QA_OLD, Skill::Halves(6));
    let now = [&RUN[..], &["--baseline", "before/run.json", "--out", "now"]].concat();
    let text = told(&laptop.command(&now), 1);
    assert!(
        text.contains("rivers is below its floor: 4.00, floor 6.00"),
        "{text}"
    );

    let record = laptop.record("now");
    let agent = agent(&record);
    assert_eq!(agent["dimensions"], json!({"quality": 10, "rivers": 4}));
    assert_eq!(agent["score"], 5.5, "a quarter of 10, three of 4");
    assert_eq!(agent["scorer"]["weights"], json!({"rivers": 3}));
    let reasons = record["verdict"]["reasons"].to_string();
    for code in [
        "dimension-below-floor",
        "dimension-regressed",
        "agent-regressed",
    ] {
        assert!(reasons.contains(code), "{reasons}");
    }
    // Two tests of one agent: Holm doubles the smaller chance.
    let comparison = &agent["comparison"];
    let (raw, corrected) = (&comparison["p_value"], &comparison["p_adjusted"]);
    assert!(
        corrected.as_f64().unwrap() > raw.as_f64().unwrap(),
        "{raw} {corrected}"
    );

    let comment = fs::read_to_string(laptop.path("now/comment.md")).unwrap();
    assert!(comment.contains("rivers −10.00"), "{comment}");
    let page = fs::read_to_string(laptop.path("now/report.html")).unwrap();
    assert!(page.contains("rivers"), "the page");
    let printed = |format| {
        told(
            &laptop.command(&["report", "now/run.json", "--format", format]),
            0,
        )
    };
    let csv = printed("csv");
    let heading = csv.lines().next().unwrap();
    assert!(heading.contains(",quality,rivers"), "{heading}");
    let metrics = printed("openmetrics");
    assert!(metrics.contains("dimension=\"rivers\"} 4\n"), "{metrics}");
    assert!(
        printed("junit").contains("rivers is below its floor"),
        "a test that fails says why"
    );
}

#[test]
fn cases_that_are_right_or_wrong_are_judged_as_shares() {
    let world = World::new();
    let laptop = Laptop::new(&world);
    let one_check = suite()
        .lines()
        .filter(|line| !is_river(line))
        .collect::<Vec<_>>()
        .join("\n");
    laptop.write(QA_SUITE, &one_check);
    laptop.change(CONFIG, "floor: 8.0", "floor: 1.0\n  max_newly_failed: 10");
    told(
        &laptop.command(&[&RUN[..], &["--out", "before"]].concat()),
        0,
    );
    world.teach(QA_OLD, Skill::Misses(6));
    let now = [&RUN[..], &["--baseline", "before/run.json", "--out", "now"]].concat();
    told(&laptop.command(&now), 1);
    let record = laptop.record("now");
    let comparison = &agent(&record)["comparison"];
    assert_eq!(
        (&comparison["method"], &comparison["change"]),
        (&"flips".into(), &(-6).into())
    );
    let near = |value: &Value, known: f64| (value.as_f64().unwrap() - known).abs() < 0.005;
    // Six flips the same way: one in 64.
    assert!(near(&comparison["p_value"], 1.0 / 64.0), "{comparison}");
    // Wilson, 4 of 10 at 95 % each: 0.19 to 0.65.
    let range = &agent(&record)["interval"];
    assert!(near(&range[0], 1.942) && near(&range[1], 6.484), "{range}");
    assert!(
        record["verdict"]["reasons"]
            .to_string()
            .contains("agent-regressed")
    );
    let comment = fs::read_to_string(laptop.path("now/comment.md")).unwrap();
    assert!(
        comment.contains("10 paired prompts, right or wrong (Wilson, exact McNemar)"),
        "{comment}"
    );
}

fn is_river(line: &str) -> bool {
    let rivers = [
        "Danube", "Vltava", "Nile", "Thames", "Seine", "Spree", "Tigris", "Tiber", "Vistula",
        "Tagus",
    ];
    rivers
        .iter()
        .any(|river| line.contains(&format!("{{contains: {river}}}")))
}
