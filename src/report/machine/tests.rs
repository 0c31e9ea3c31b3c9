//! What programs read of a record says what people read, and words of others stay words.

use serde_json::Value;

use super::*;
use crate::policy::Policy;
use crate::record::{Outcome, RunRecord};
use crate::report::Answers;
use crate::report::tests::record;

const HOSTILE: &str = "=cmd|' /C calc'!A0\",\n\u{fffe}\u{1b}]]><failure/>\\";

fn hostile(mut record: RunRecord) -> RunRecord {
    for agent in &mut record.agents {
        agent.model = HOSTILE.to_owned();
        for sample in agent.cases.iter_mut().flat_map(|case| &mut case.samples) {
            if let Some(text) = &mut sample.text {
                text.answer = Some(HOSTILE.to_owned());
                text.why = Some(HOSTILE.to_owned());
            }
        }
    }
    for reason in &mut record.verdict.reasons {
        reason.message = HOSTILE.to_owned();
    }
    record
}

fn elements(xml: &str, name: &str) -> Vec<[String; 2]> {
    let document = roxmltree::Document::parse(xml).unwrap();
    let found = document
        .descendants()
        .filter(|node| node.has_tag_name(name));
    let told = |node: roxmltree::Node<'_, '_>| {
        let of = node.parent().and_then(|test| test.attribute("name"));
        let message = node.attribute("message").or_else(|| node.attribute("name"));
        [of, message].map(|text| text.unwrap_or_default().to_owned())
    };
    found.map(told).collect()
}

#[test]
fn a_test_fails_where_something_blocks() {
    let failing = junit(&record(&[
        ("qa", Some(9.0), Some(7.0)),
        ("legal", Some(9.0), Some(9.0)),
    ]));
    let failures = elements(&failing.unwrap(), "failure");
    assert!(!failures.is_empty());
    assert!(failures.iter().all(|[of, _]| of == "qa"), "{failures:?}");
}

#[test]
fn no_test_fails_in_a_run_that_passes_however_low_a_case_is() {
    let mut passing = record(&[("qa", Some(9.0), Some(9.0))]);
    passing.agents[0].cases[0].score = Some(0.0);
    let xml = junit(&passing).unwrap();
    assert_eq!(passing.verdict.outcome, Outcome::Pass);
    assert_eq!(elements(&xml, "failure"), Vec::<[String; 2]>::new());
    assert_eq!(elements(&xml, "error"), Vec::<[String; 2]>::new());
    assert_eq!(
        elements(&xml, "testcase").len(),
        12,
        "agent, run and ten cases"
    );
}

#[test]
fn what_could_not_be_measured_is_an_error_and_its_cases_are_skipped() {
    let xml = junit(&record(&[("qa", Some(9.0), None)])).unwrap();
    assert!(!elements(&xml, "error").is_empty(), "{xml}");
    assert_eq!(elements(&xml, "skipped").len(), 10, "{xml}");
    assert!(elements(&xml, "failure").is_empty(), "{xml}");
}

#[test]
fn the_counts_of_a_suite_are_those_of_its_tests() {
    let xml = junit(&record(&[("qa", Some(9.0), Some(3.0))])).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    for suite in document
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"))
    {
        let said = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
        let tests = || {
            suite
                .children()
                .filter(|node| node.has_tag_name("testcase"))
        };
        let with = |name: &str| {
            let has = |test: &roxmltree::Node<'_, '_>| {
                test.children().any(|told| told.has_tag_name(name))
            };
            tests().filter(has).count()
        };
        assert_eq!(said("tests"), tests().count());
        assert_eq!(said("failures"), with("failure"));
        assert_eq!(said("errors"), with("error"));
        assert_eq!(said("skipped"), with("skipped"));
    }
}

#[test]
fn words_of_others_stay_words_in_xml() {
    let plain = elements(
        &junit(&record(&[("qa", Some(9.0), Some(7.0))])).unwrap(),
        "failure",
    );
    let xml = junit(&hostile(record(&[("qa", Some(9.0), Some(7.0))]))).unwrap();
    let failures = elements(&xml, "failure");
    assert_eq!(failures.len(), plain.len(), "{xml}");
    assert!(failures[0][1].contains("]]><failure/>"), "{failures:?}");
}

#[test]
fn the_table_has_a_line_a_sample_and_no_formula() {
    let text = samples(
        &hostile(record(&[("qa", Some(9.0), Some(7.0))])),
        Answers::Excerpts,
    )
    .unwrap();
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let heading = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 10);
    let column = |name: &str| heading.iter().position(|known| known == name).unwrap();
    assert_eq!(&rows[0][column("score")], "7");
    assert_eq!(&rows[0][column("quality")], "7");
    for name in ["model", "answer", "why"] {
        assert!(rows[0][column(name)].starts_with("'=cmd"), "{:?}", rows[0]);
    }
}

#[test]
fn the_table_can_leave_answers_out() {
    let record = record(&[("qa", Some(9.0), Some(7.0))]);
    let text = |answers| samples(&record, answers).unwrap();
    assert!(text(Answers::Excerpts).contains("We are sorry."));
    assert!(!text(Answers::Hidden).contains("We are sorry."));
}

#[test]
fn metrics_have_a_line_an_agent_and_nothing_for_what_is_not_known() {
    let text = metrics(&hostile(record(&[
        ("qa", Some(9.0), Some(7.0)),
        ("out", None, None),
    ])));
    let lines: Vec<&str> = text.lines().collect();
    let scores: Vec<&&str> = lines
        .iter()
        .filter(|line| line.starts_with("tunegate_score{"))
        .collect();
    assert_eq!(scores.len(), 1, "{text}");
    assert!(
        scores[0].starts_with(
            "tunegate_score{gate=\"model-quality\",agent=\"qa\",model=\"=cmd|' /C calc'!A0\\\",\\n"
        ),
        "{text}"
    );
    assert!(scores[0].ends_with("} 7"), "{text}");
    assert!(!text.contains("tunegate_cost"), "no price is set: {text}");
    assert_eq!(lines.last(), Some(&"# EOF"));
    for line in lines {
        assert!(
            line.starts_with("# ") || line.starts_with("tunegate_"),
            "{line}"
        );
    }
}

#[test]
fn a_badge_says_what_the_run_came_to() {
    let badge = |record: &RunRecord| -> Value { serde_json::from_str(&badge(record)).unwrap() };
    let failed = badge(&record(&[("qa", Some(9.0), Some(7.996))]));
    assert_eq!(
        (&failed["message"], &failed["color"]),
        (&"7.996 · fail".into(), &"red".into())
    );
    let missing = badge(&record(&[("qa", Some(9.0), None)]));
    assert_eq!(missing["message"], "could not measure");
    let mut passed = record(&[("qa", Some(9.0), Some(9.0))]);
    passed.policy = Policy::default();
    assert_eq!(badge(&passed)["schemaVersion"], 1);
    assert_eq!(badge(&passed)["label"], "model-quality");
}
