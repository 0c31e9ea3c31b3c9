//! Whatever an answer holds: every check says something sound of it, the same twice, and none of them takes long.
#![cfg(test)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tunegate::score::{Answer, Scored, ToolCall, score};
use tunegate::suite::{self, Suite};

const EVERY_CHECK: &str = include_str!("data/every-check.yaml");
const SCHEMA: &str = include_str!("../schemas/suite.json");

/// Where a parser, a pattern or a counter may go wrong, and what several of them make of each other.
const UNITS: [&str; 56] = [
    "word ",
    "a",
    " ",
    "\n",
    "\n\n",
    ". ",
    "!",
    "? ",
    "- ",
    "1. ",
    "# ",
    "| a | b |\n",
    "|---|\n",
    "> ",
    "```\n",
    "```python\n",
    "```json\n",
    "~~~\n",
    "{",
    "}",
    "[",
    "]",
    "{\"id\": ",
    "{\"id\":1}",
    "[1,",
    "\"",
    "'",
    "\\",
    "<",
    ">",
    "<a",
    "<a>",
    "</a>",
    "<p>",
    "<!--",
    "<![CDATA[",
    "&amp;",
    "&#x",
    "a: ",
    "- a\n",
    "? ",
    "&a *a ",
    "%YAML",
    "(",
    "a(",
    "def f():\n ",
    "x = ",
    "refund ",
    "parcel label shop ",
    "5 days ",
    "é",
    "\u{301}",
    "\u{200d}",
    "漢字",
    "مرحبا ",
    "😀",
];

/// A hundred times what a text of this size takes in an unoptimised build: a time that grows with the square of the size,
/// or with every level of nesting, is far above it.
const PATIENCE: Duration = Duration::from_mins(1);

fn suite_of() -> Suite {
    let file = suite::read("every-check.yaml", EVERY_CHECK.as_bytes());
    let file = file.unwrap_or_else(|problems| panic!("{problems}"));
    file.finish(None)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn points(suite: &Suite, text: &str) -> Scored {
    let case = &suite.cases[0];
    let calls = [ToolCall {
        name: "find_order".to_owned(),
        arguments: text.to_owned(),
    }];
    let answer = Answer {
        finish_reason: Some("stop"),
        tool_calls: &calls,
        latency_ms: Some(1_000),
        cost: Some(0.001),
        ..Answer::new(text)
    };
    score(&suite.scoring, &case.expectation, case.prompt(), &answer)
}

#[track_caller]
fn sound(suite: &Suite, text: &str) {
    let scored = points(suite, text);
    assert!((0.0..=10.0).contains(&scored.score), "{}", scored.score);
    assert_eq!(scored.checks.len(), suite.cases[0].expectation.checks.len());
    assert!(scored.lost.iter().all(|loss| loss.points.is_finite()));
    assert_eq!(scored, points(suite, text), "not the same twice");
}

#[test]
fn no_kind_of_check_is_missing_here() {
    let suite = suite_of();
    let checks = suite.cases[0].expectation.checks.iter();
    let here: BTreeSet<&str> = checks.map(|check| check.kind.as_str()).collect();
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let mut all = BTreeSet::new();
    required(&schema, &mut all);
    let missing: Vec<_> = all
        .iter()
        .filter(|name| !name.starts_with("not-") && !here.contains(name.as_str()))
        .collect();
    assert!(here.len() > 25);
    assert_eq!(missing, Vec::<&String>::new());
}

/// The keys of which one is wanted, where the schema describes a check.
fn required(schema: &serde_json::Value, all: &mut BTreeSet<String>) {
    if let Some(choices) = schema["oneOf"].as_array()
        && schema["properties"]["not-contains"].is_object()
    {
        let keys = choices.iter().filter_map(|one| one["required"][0].as_str());
        all.extend(keys.map(str::to_owned));
    }
    let values = schema
        .as_object()
        .into_iter()
        .flat_map(|object| object.values());
    for value in values.chain(schema.as_array().into_iter().flatten()) {
        required(value, all);
    }
}

#[test]
fn the_same_over_and_over_takes_no_check_long() {
    let suite = suite_of();
    for unit in UNITS {
        let text = unit.repeat(200_000 / unit.len());
        let started = Instant::now();
        points(&suite, &text);
        let took = started.elapsed();
        assert!(took < PATIENCE, "{unit:?} took {took:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_check_says_something_sound_of_anything(
        units in proptest::collection::vec((0..UNITS.len(), 1..12_usize), 0..40),
    ) {
        let pieces = units.iter().map(|(unit, times)| UNITS[*unit].repeat(*times));
        sound(&suite_of(), &pieces.collect::<String>());
    }

    #[test]
    fn every_check_says_something_sound_of_two_things_in_turn(
        one in 0..UNITS.len(), other in 0..UNITS.len(), times in 1..800_usize,
    ) {
        sound(&suite_of(), &[UNITS[one], UNITS[other]].concat().repeat(times));
    }
}
