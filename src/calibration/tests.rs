//! Labels as people write them, and what their agreement comes to.

use super::*;
use crate::problem::Problem;
use crate::score::{Digest, Profile};

fn read(reader: &Reader, line: &str) -> Result<Label, String> {
    let told = |problems: Vec<Problem>| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    reader.json("l.jsonl", line, 7).map_err(told)
}

fn mapped(columns: &[&str]) -> Reader {
    Reader {
        columns: Columns::parse(columns.iter().copied()).unwrap(),
        ..Reader::default()
    }
}

fn rating(line: &str) -> f64 {
    match read(&Reader::default(), line).unwrap().judged {
        Judged::Rated { rating, .. } => rating,
        Judged::Pair { .. } => panic!("{line}"),
    }
}

fn preferred(reader: &Reader, line: &str) -> Preferred {
    match read(reader, line).unwrap().judged {
        Judged::Pair { preferred, .. } => preferred,
        Judged::Rated { .. } => panic!("{line}"),
    }
}

#[test]
fn a_rating_is_read_from_its_scale_onto_zero_to_ten() {
    let on = |rating: &str, scale: &str| {
        format!(r#"{{"prompt": "p", "answer": "a", "rating": {rating}, "scale": {scale}}}"#)
    };
    for (written, scale, expected) in [
        ("1", "[1, 5]", 0.0),
        ("4", "[1, 5]", 7.5),
        ("\"4\"", "\"1:5\"", 7.5),
        ("[4, 5, 5, 4]", "[1, 5]", 8.75),
        ("true", "[0, 1]", 10.0),
        ("\"[2, 4]\"", "\"[1, 5]\"", 5.0),
        ("-1", "[-1, 1]", 0.0),
    ] {
        let found = rating(&on(written, scale));
        assert!((found - expected).abs() < 1e-12, "{written}: {found}");
    }
}

#[test]
fn a_preference_is_read_as_people_write_it() {
    let line =
        |prefer: &str| format!(r#"{{"prompt": "p", "a": "x", "b": "y", "prefer": {prefer}}}"#);
    for (written, expected) in [
        ("\"a\"", Preferred::A),
        ("\"B\"", Preferred::B),
        ("\"tie\"", Preferred::Tie),
        ("\"tie (bothbad)\"", Preferred::Tie),
        ("1", Preferred::A),
        ("2", Preferred::B),
        ("0", Preferred::Tie),
        ("\"model_b\"", Preferred::B),
    ] {
        assert_eq!(
            preferred(&Reader::default(), &line(written)),
            expected,
            "{written}"
        );
    }
    let reader = mapped(&["a=response 1", "b=/other/0", "prefer=better"]);
    let other = r#"{"prompt": "p", "response 1": "x", "other": ["y"], "better": "response 1"}"#;
    assert_eq!(preferred(&reader, other), Preferred::A);
}

#[test]
fn chosen_and_rejected_answers_need_no_preference_and_conversations_are_read() {
    let reader = Reader {
        prefer: Some(Preferred::A),
        ..mapped(&["a=chosen", "b=rejected", "prompt=chosen"])
    };
    let line = r#"{"chosen": [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}],
        "rejected": [{"role": "assistant", "content": "no"}]}"#;
    let label = read(&reader, line).unwrap();
    assert_eq!(label.prompt, "why?");
    let expected = Judged::Pair {
        a: "so".to_owned(),
        b: "no".to_owned(),
        preferred: Preferred::A,
    };
    assert_eq!(label.judged, expected);
}

#[test]
fn messages_stand_for_a_prompt() {
    let line = r#"{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}], "answer": "", "rating": 5, "scale": [1, 5]}"#;
    assert_eq!(read(&Reader::default(), line).unwrap().prompt, "u");
}

#[test]
fn everything_that_is_wrong_on_a_line_is_told_at_once() {
    let told = |line| read(&Reader::default(), line).unwrap_err();
    assert_eq!(
        told(r#"{"prompt": 7, "rating": 9, "scale": [1, 5], "dimension": "Not A Name!"}"#)
            .lines()
            .count(),
        4
    );
    assert_eq!(
        told(r#"{"prompt": "p", "answer": "a", "rating": 9, "scale": [1, 5]}"#),
        "l.jsonl:7: rating: 9 is not on the scale from 1 to 5"
    );
    assert_eq!(
        told(r#"{"prompt": "p", "answer": "a", "rating": 4}"#),
        "l.jsonl:7: the scale of the rating is not there; add `scale: [1, 5]` to the label or `--scale 1:5` to the command"
    );
    assert_eq!(
        told(r#"{"prompt": "p", "ansver": "a", "rating": 4, "scale": [1, 5]}"#),
        "l.jsonl:7: answer: is not there; did you mean `--map answer=ansver`?"
    );
    assert!(told("{").starts_with("l.jsonl:7:1: not valid JSON: EOF"));
    assert!(told("[1]").contains("expected an object"));
    assert!(told("{}").contains("neither a rating nor `prefer` is there"));
    assert!(told(r#"{"prompt": "p", "a": "x", "b": "y", "prefer": "c"}"#).contains("found c"));
    assert!(
        told(r#"{"prompt": "p", "a": "x", "b": "y", "prefer": "a", "rating": 1, "answer": "z"}"#)
            .contains("not both")
    );
}

#[test]
fn a_mapping_that_is_none_is_refused() {
    let refused = |columns: &[&str]| Columns::parse(columns.iter().copied()).unwrap_err();
    assert!(refused(&["answer"]).contains("KEY=COLUMN"));
    assert!(refused(&["anwser=x"]).contains("did you mean `answer`?"));
    assert!(refused(&["a=/x~3"]).contains("RFC 6901"));
    assert!(refused(&["a=x", "a=y"]).contains("twice"));
    assert!(Scale::parse("5:1").is_err() && Scale::parse("5").is_err());
}

#[test]
fn a_table_of_fields_is_read_row_by_row_with_its_lines() {
    let text = "\u{feff}prompt,answer,stars\np,\"two\nlines\",4\nq,,9\nr,x\n";
    let reader = Reader {
        scale: Some(Scale::new(1.0, 5.0).unwrap()),
        ..mapped(&["rating=stars"])
    };
    let mut rows = Rows::new("l.csv", text.as_bytes());
    let first = rows.next(&reader).unwrap().unwrap();
    assert_eq!(first.prompt, "p");
    let second = rows.next(&reader).unwrap().unwrap_err();
    assert_eq!(
        second[0].to_string(),
        "l.csv:4: stars: 9 is not on the scale from 1 to 5"
    );
    let third = rows.next(&reader).unwrap().unwrap_err();
    assert_eq!(
        third[0].to_string(),
        "l.csv:5: the row has 2 fields, the first row 3"
    );
    assert!(rows.next(&reader).is_none());
}

/// What labels come to, scored by length alone: `seed-rules` gives 5, 6.25 and 7.75 and so on.
fn conclude(lines: &[String]) -> Calibration {
    let scorer = Scorer::new([], Some(Profile::SeedRules)).unwrap();
    let mut tally = Tally::default();
    for line in lines {
        let label = read(&Reader::default(), line).unwrap();
        let measured = scorer.measure(&label).unwrap();
        tally.add(&label, measured);
    }
    let file = LabelFile {
        path: "l.jsonl".to_owned(),
        labels: lines.len(),
        digest: Digest::of(b""),
    };
    tally.conclude(vec![file], Some(Profile::SeedRules))
}

fn pair(a: &str, b: &str, prefer: &str) -> String {
    serde_json::json!({"prompt": "p", "a": a, "b": b, "prefer": prefer}).to_string()
}

#[test]
fn ties_are_left_out_equal_scores_count_half_and_the_longer_answer_is_set_beside() {
    let (good, long) = ("- an example: step 1.\n- code", "word ".repeat(30));
    let lines = [
        pair(good, "meh", "a"),
        pair(good, "meh", "b"),
        pair("meh", "mes", "a"),
        pair(good, &long, "a"),
        pair(good, "meh", "tie"),
    ];
    let found = conclude(&lines).overall.pairs.unwrap();
    assert_eq!((found.decided, found.ties, found.equal_scores), (4, 1, 1));
    let accuracy = found.accuracy.unwrap();
    assert!((accuracy.value - 2.5 / 4.0).abs() < 1e-12);
    assert!(accuracy.range.unwrap()[0] < 0.4);
    // Longer: right, wrong, equally long, wrong.
    assert!((found.longer_wins.unwrap() - 1.5 / 4.0).abs() < 1e-12);
    let similar = found.similar_length.unwrap();
    assert_eq!(similar.decided, 1);
    assert!((similar.accuracy.value - 0.5).abs() < 1e-12);
    let banded: usize = found.by_difference.iter().map(|band| band.decided).sum();
    assert_eq!(banded, 3);
}

#[test]
fn labels_of_a_dimension_are_held_against_its_points_and_of_no_other() {
    let label = |rating: u8, dimension: &str| {
        let answer = "word ".repeat(usize::from(rating) * 25);
        let mut label = serde_json::json!({"prompt": "p", "answer": answer, "rating": rating, "scale": [0, 10], "agent": "qa"});
        if !dimension.is_empty() {
            label["dimension"] = dimension.into();
        }
        label.to_string()
    };
    let mut lines: Vec<String> = (0..10).map(|rating| label(rating, "")).collect();
    lines.extend((0..5).map(|rating| label(rating, "quality")));
    lines.push(label(3, "tone"));
    let found = conclude(&lines);
    let agent = &found.agents[0];
    assert_eq!((agent.agent.as_str(), agent.configured), ("qa", false));
    assert_eq!(agent.agreement, found.overall);
    assert_eq!(found.overall.unscored, 1, "no rule gives points for `tone`");
    let whole = found.overall.rated.as_ref().unwrap();
    assert_eq!(whole.answers, 10);
    assert!(whole.rank_correlation.unwrap().value > 0.8);
    let of = |name: &str| {
        let mut all = found.overall.dimensions.iter();
        all.find(|one| one.dimension.as_str() == name).unwrap()
    };
    let quality = of("quality");
    assert_eq!(quality.of, RatingsOf::Dimension);
    assert_eq!(quality.rated.as_ref().unwrap().answers, 5);
    assert_eq!(of("format").of, RatingsOf::Answer);
    let counted: usize = whole.cells.iter().map(|cell| cell.answers).sum();
    assert_eq!(counted, 10);
}

#[test]
fn an_answer_without_any_rule_is_unscored_and_not_zero() {
    let scorer = Scorer::new([], Some(Profile::Checks)).unwrap();
    let line = r#"{"prompt": "p", "answer": "a", "rating": 4, "scale": [1, 5]}"#;
    let label = read(&Reader::default(), line).unwrap();
    let mut tally = Tally::default();
    tally.add(&label, scorer.measure(&label).unwrap());
    let found = tally.conclude(Vec::new(), None);
    assert_eq!((found.overall.unscored, found.overall.rated), (1, None));
}

#[test]
fn the_suite_of_a_labels_agent_scores_it_by_the_case_with_its_prompt() {
    let text = "scoring: {profile: checks}\ncases:\n  - {id: one, prompt: ask, checks: [{contains: yes}]}\n";
    let suite = crate::suite::read("s.yaml", text.as_bytes()).unwrap();
    let suite = suite.finish(None).unwrap();
    let scorer = Scorer::new([("qa", &suite)], None).unwrap();
    let measured = |prompt: &str, agent: &str| {
        let line = serde_json::json!({"prompt": prompt, "answer": "yes", "rating": 4, "scale": [1, 5], "agent": agent});
        let label = read(&Reader::default(), &line.to_string()).unwrap();
        scorer.measure(&label).unwrap()
    };
    let case = measured(" ask\n", "qa");
    assert_eq!(case.case.unwrap().id.as_str(), "one");
    let Some(Points::One(points)) = case.points else {
        panic!("one answer");
    };
    assert!((points.score - 10.0).abs() < 1e-12);
    assert!(measured("other", "qa").score_digest.is_some());
    assert!(!measured("ask", "stranger").configured);
}
