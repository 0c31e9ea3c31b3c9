//! Every problem at once, with its line, and points in their place.

use serde_json::json;

use super::*;

fn known() -> GradableAgents {
    let asked = Gradable {
        cases: [(CaseId::new("a"), 2), (CaseId::new("b"), 1)].into(),
        dimensions: [
            Dimension::QUALITY,
            Dimension::FORMAT,
            Dimension::new("tone"),
        ]
        .into(),
        asked: true,
    };
    let other = Gradable::default();
    let name = |name: &str| AgentName::new(name).unwrap();
    [(name("qa"), asked), (name("support"), other)].into()
}

fn read(text: &str) -> Result<Grades, Vec<String>> {
    let read = Grades::read("s.jsonl", text.as_bytes(), Some("mine 1"), &known()).unwrap();
    read.map_err(|problems| {
        let places = problems.iter();
        let told = places.map(|one| format!("{}: {}", one.line.unwrap_or(0), one.message));
        told.collect()
    })
}

fn line(case: &str, sample: u32, dimension: &str, score: f64) -> String {
    json!({"agent": "qa", "case": case, "sample": sample, "dimension": dimension, "score": score, "why": "so"})
        .to_string()
        + "\n"
}

fn sample(required_failed: bool) -> SampleRecord {
    let check = json!({"kind": "contains", "pass": !required_failed, "required": true, "dimension": "quality", "what": "contains \"x\""});
    serde_json::from_value(json!({
        "index": 0, "look": 1, "status": "scored", "why": null, "answer": "x", "answer_sha256": Digest::of(b"x"), "score": 6.0,
        "dimensions": {"quality": 8.0, "format": 4.0}, "lost": [
            {"dimension": "quality", "points": 2.0, "why": "short"}, {"dimension": "format", "points": 6.0, "why": "no list"}],
        "checks": [check], "judge": null, "finish_reason": "stop", "latency_ms": 1, "attempts": 1, "usage": null, "cached": false,
    }))
    .unwrap()
}

#[test]
fn every_problem_is_told_at_once_with_its_line() {
    let text = [
        line("a", 0, "tone", 10.5),
        "{\"agent\": \"qa\"}\n".to_owned(),
        line("a", 0, "tone", 7.0),
        line("a", 0, "tone", 7.0),
        line("c", 0, "tone", 7.0),
        line("b", 1, "tine", 7.0),
        line("a", 0, "quality", 7.0).replace("\"qa\"", "\"qb\""),
        line("a", 1, "tone", 7.0).replace("\"why\"", "\"reason\""),
        "\n".to_owned(),
        line("a", 0, "tone", 1.0).replace("\"qa\"", "\"support\""),
    ];
    let told = read(&text.concat()).unwrap_err();
    let starts = [
        "1: `score` is 0 to 10; found 10.5",
        "2: is no score (missing field `case`)",
        "4: the score of this sample in `tone` stands in line 3 already; keep one",
        "5: qa has no case `c`",
        "6: the case `b` of qa has 1 samples, counted from 0; found 1",
        "6: ",
        "7: ",
        "8: is no score (unknown field `reason`",
    ];
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (told, start) in told.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}");
    }
    assert!(told[5].contains("tone"), "the nearest: {}", told[5]);
    assert!(told[6].contains("qa"), "the nearest: {}", told[6]);
    assert!(read("").unwrap_err()[0].contains("holds no score"));
}

#[test]
fn grades_take_the_place_of_the_dimensions_that_they_name_and_of_no_other() {
    let grades = read(&(line("a", 0, "tone", 7.0) + &line("a", 0, "quality", 10.0))).unwrap();
    let own = grades.of(&AgentName::new("qa").unwrap()).unwrap();
    let mut one = sample(false);
    own.apply(
        &CaseId::new("a"),
        &mut one,
        &[(Dimension::QUALITY, 2.0)].into(),
    );
    let points: Vec<_> = one
        .dimensions
        .iter()
        .map(|(name, points)| (name.to_string(), points))
        .collect();
    let expected = [("format", 4.0), ("quality", 10.0), ("tone", 7.0)]
        .map(|(name, points)| (name.to_owned(), points));
    assert_eq!(points, expected);
    // (4 + 2 × 10 + 7) / 4
    assert_eq!(one.score, Some(7.75));
    let lost = &one.text.as_ref().unwrap().lost;
    let lost: Vec<_> = lost
        .iter()
        .map(|loss| (loss.dimension.as_str(), loss.points, &*loss.why))
        .collect();
    assert_eq!(lost, [("format", 6.0, "no list"), ("tone", 3.0, "so")]);
}

#[test]
fn what_lacks_a_grade_or_was_graded_as_another_answer_is_unscored_and_never_zero() {
    let other = line("b", 0, "tone", 7.0).replace(
        "\"why\"",
        &format!("\"answer_sha256\":\"{}\",\"why\"", Digest::of(b"y")),
    );
    let grades =
        read(&(line("a", 0, "tone", 7.0) + &line("a", 1, "quality", 7.0) + &other)).unwrap();
    let own = grades.of(&AgentName::new("qa").unwrap()).unwrap();
    for (case, why) in [
        ("a", "mine 1 gave it no score in quality"),
        ("b", "mine 1 gave it no score in quality"),
    ] {
        let mut one = sample(false);
        own.apply(&CaseId::new(case), &mut one, &BTreeMap::new());
        assert_eq!((one.status, one.score), (SampleStatus::Unscored, None));
        assert!(one.dimensions.is_empty());
        assert_eq!(one.text.unwrap().why.as_deref(), Some(why));
    }
    let grades = read(&other).unwrap();
    let own = grades.of(&AgentName::new("qa").unwrap()).unwrap();
    let mut one = sample(false);
    own.apply(&CaseId::new("b"), &mut one, &BTreeMap::new());
    assert_eq!(
        one.text.unwrap().why.as_deref(),
        Some("mine 1 graded another answer")
    );
}

#[test]
fn no_grade_makes_up_for_a_failed_required_check() {
    let grades = read(&line("a", 0, "quality", 10.0)).unwrap();
    let own = grades.of(&AgentName::new("qa").unwrap()).unwrap();
    let mut one = sample(true);
    one.dimensions = [(Dimension::QUALITY, 0.0)].into_iter().collect();
    own.apply(&CaseId::new("a"), &mut one, &BTreeMap::new());
    assert_eq!(one.score, Some(0.0));
}

#[test]
fn another_grader_or_other_dimensions_are_another_way_of_scoring() {
    let grades = read(&line("a", 0, "tone", 7.0)).unwrap();
    let own = grades.of(&AgentName::new("qa").unwrap()).unwrap();
    let before = Digest::of(b"suite");
    let digest = |edit: fn(&mut AgentGrades)| {
        let mut own = own.clone();
        edit(&mut own);
        own.score_digest(before).unwrap()
    };
    let same = digest(|_| {});
    assert_ne!(same, before);
    assert_eq!(
        same,
        digest(|own| own.samples.clear()),
        "grades are measurements"
    );
    assert_ne!(same, digest(|own| own.grader.name.push('2')));
    assert_ne!(
        same,
        digest(|own| {
            own.grader.dimensions.insert(Dimension::QUALITY);
        })
    );
    let unnamed = |text: &str| {
        let read = Grades::read("s", text.as_bytes(), None, &known())
            .unwrap()
            .unwrap();
        read.of(&AgentName::new("qa").unwrap())
            .unwrap()
            .grader
            .name
            .clone()
    };
    assert_ne!(
        unnamed(&line("a", 0, "tone", 7.0)),
        unnamed(&line("a", 0, "tone", 7.5))
    );
}
