use proptest::prelude::*;

use super::*;

fn check(kind: CheckKind) -> Check {
    Check {
        kind,
        negated: false,
        weight: 1.0,
        dimension: Dimension::QUALITY,
        required: false,
        label: None,
    }
}

fn contains(text: &str) -> CheckKind {
    CheckKind::Contains(text.to_owned(), LetterCase::Ignored)
}

fn scoring(profile: Profile) -> Scoring {
    Scoring {
        profile,
        ..Scoring::default()
    }
}

fn with_checks(checks: Vec<Check>) -> Expectation {
    Expectation {
        checks,
        ..Expectation::default()
    }
}

#[track_caller]
fn close(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-9, "{left} is not {right}");
}

#[test]
fn profile_checks_is_the_weighted_share_of_checks_passed_in_the_dimensions_named() {
    let mut right = check(contains("billing"));
    right.weight = 3.0;
    let wrong = check(contains("refund"));
    let mut tone = check(contains("please"));
    tone.dimension = Dimension::new("tone");
    let scored = score(
        &scoring(Profile::Checks),
        &with_checks(vec![tone, right, wrong]),
        "Which queue?",
        &Answer::new("billing"),
    );
    close(scored.dimensions[&Dimension::QUALITY], 7.5);
    close(scored.dimensions[&Dimension::new("tone")], 0.0);
    close(scored.score, 3.75);
    assert_eq!(scored.dimensions.len(), 2);
    assert_eq!(scored.lost[0].why, r#"check not met: contains "refund""#);
    let passes: Vec<bool> = scored.checks.iter().map(|check| check.pass).collect();
    assert_eq!(passes, [false, true, false]);
}

#[test]
fn a_case_without_checks_cannot_shine_under_profile_checks() {
    let scored = score(
        &scoring(Profile::Checks),
        &Expectation::default(),
        "?",
        &Answer::new("x"),
    );
    close(scored.score, 0.0);
    assert!(scored.lost[0].why.contains("no checks"));
}

#[test]
fn weights_decide_how_much_a_dimension_counts() {
    let mut scoring = scoring(Profile::SeedRules);
    let points = |scoring: &Scoring| {
        score(
            scoring,
            &Expectation::default(),
            "",
            &Answer::new("a\nb\nc\n"),
        )
        .score
    };
    close(points(&scoring), (5.0 + 5.0 + 8.0 + 5.0) / 4.0);
    scoring.weights.insert(Dimension::FORMAT, 3.0);
    close(points(&scoring), (5.0 + 5.0 + 24.0 + 5.0) / 6.0);
    for dimension in Dimension::BUILT_IN {
        scoring.weights.insert(dimension, 0.0);
    }
    close(points(&scoring), (5.0 + 5.0 + 8.0 + 5.0) / 4.0);
}

#[test]
fn a_failed_required_check_makes_the_sample_zero_and_says_so() {
    for profile in [Profile::Standard, Profile::Checks, Profile::SeedRules] {
        let mut must = check(contains("unsubscribe"));
        must.required = true;
        let scored = score(
            &scoring(profile),
            &with_checks(vec![must, check(contains("sale"))]),
            "Write about our sale.",
            &Answer::new("The sale starts on 3 March."),
        );
        close(scored.score, 0.0);
        assert!(scored.dimensions.values().all(|points| points.abs() < 1e-9));
        let says = |loss: &Loss| loss.why == r#"required check not met: contains "unsubscribe""#;
        assert!(scored.lost.iter().any(says), "{:?}", scored.lost);
    }
}

#[test]
fn an_empty_answer_is_worth_nothing() {
    let scored = score(
        &Scoring::default(),
        &Expectation::default(),
        "Say nothing.",
        &Answer::new(" \n\t"),
    );
    close(scored.score, 0.0);
    assert_eq!(scored.lost.len(), 4);
}

#[test]
fn the_score_digest_covers_what_decides_points_and_nothing_else() {
    let expectation = with_checks(vec![check(contains("x"))]);
    let base = score_digest(&Scoring::default(), &expectation);
    let mut weighted = Scoring::default();
    weighted.weights.insert(Dimension::FORMAT, 1.0);
    assert_eq!(base, score_digest(&weighted, &expectation));
    weighted.weights.insert(Dimension::FORMAT, 2.0);
    assert_ne!(base, score_digest(&weighted, &expectation));
    assert_ne!(base, score_digest(&scoring(Profile::Checks), &expectation));
    let other = with_checks(vec![check(contains("y"))]);
    assert_ne!(base, score_digest(&Scoring::default(), &other));
}

#[test]
fn a_weight_that_is_no_number_still_has_a_digest() {
    let mut odd = Scoring::default();
    odd.weights.insert(Dimension::FORMAT, f64::NAN);
    let named = score_digest(&odd, &Expectation::default());
    assert_ne!(
        named,
        score_digest(&Scoring::default(), &Expectation::default())
    );
    let scored = score(&odd, &Expectation::default(), "x", &Answer::new("y"));
    assert!(scored.score.is_finite());
}

#[test]
fn points_survive_being_stored() {
    let scored = score(
        &Scoring::default(),
        &with_checks(vec![check(contains("x"))]),
        "What is x?",
        &Answer::new("A letter."),
    );
    let text = serde_json::to_string(&scored).unwrap();
    assert_eq!(serde_json::from_str::<Scored>(&text).unwrap(), scored);
}

#[test]
fn a_runaway_answer_is_scored_by_its_beginning() {
    let answer = "An answer of 7 words, for example. ".repeat(30_000);
    let scored = score(
        &Scoring::default(),
        &with_checks(vec![check(contains("words"))]),
        "Give an example.",
        &Answer::new(&answer),
    );
    assert!(scored.score < 8.0, "{}", scored.score);
    assert!(
        scored
            .lost
            .iter()
            .any(|loss| loss.why.contains("repeats itself"))
    );
}

fn pieces() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "1. ",
        "- ",
        "* ",
        "```",
        "```json\n",
        "\n",
        "\n\n",
        "|a|b|\n|---|---|\n",
        "# ",
        "**",
        "{\"a\":",
        "[",
        "]",
        "}",
        "Subject: x\n",
        "Hi,\n",
        "Best,\n",
        "0:12 ",
        "I can't help. ",
        "TODO ",
        "reset ",
        "password ",
        "İ",
        "ß",
        "🦀",
        "漢",
        "e\u{301}",
        "\u{0}",
        "\u{feff}",
        "various ",
        "“",
        "”",
        "10 ",
        ". ",
        ": ",
        "> ",
        "~~~\n",
        "<b>",
        "&amp;",
    ]);
    let part = prop_oneof![4 => known.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

fn expectations() -> impl Strategy<Value = (Scoring, Expectation)> {
    let profile = prop::sample::select(vec![
        Profile::Standard,
        Profile::Standard,
        Profile::Checks,
        Profile::SeedRules,
    ]);
    let form = prop::option::of(prop::sample::select(Form::ALL.to_vec()));
    let keywords = prop::collection::vec("[a-zß漢İ/. ]{1,8}", 0..4);
    let checks =
        prop::collection::vec((0..7_usize, any::<bool>(), 0.0..3.0_f64, 0..10_usize), 0..5);
    (profile, form, keywords, checks).prop_map(|(profile, form, keywords, checks)| {
        let keyword = |word: String| Keyword { any_of: vec![word] };
        let expectation = Expectation {
            keywords: keywords.into_iter().map(keyword).collect(),
            form,
            checks: checks.into_iter().map(random_check).collect(),
            ..Expectation::default()
        };
        (scoring(profile), expectation)
    })
}

fn random_check((kind, negated, weight, dimension): (usize, bool, f64, usize)) -> Check {
    let range = CountRange {
        min: Some(3),
        max: Some(30),
    };
    let kinds = [
        contains("a"),
        CheckKind::IsJson,
        CheckKind::IsRefusal,
        CheckKind::WordCount(range),
        CheckKind::SentenceCount(range),
        CheckKind::EndsWith(".".to_owned(), LetterCase::Sensitive),
        CheckKind::FinishReason("stop".to_owned()),
    ];
    let built_in = Dimension::BUILT_IN.get(dimension).cloned();
    Check {
        kind: kinds[kind].clone(),
        negated,
        weight,
        dimension: built_in.unwrap_or_else(|| Dimension::new("tone")),
        required: dimension == 9,
        label: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_answer_gets_sound_points_and_the_reasons_add_up(
        (scoring, expectation) in expectations(),
        prompt in pieces(),
        text in pieces(),
        cut in any::<bool>(),
    ) {
        let answer = Answer { finish_reason: cut.then_some("length"), ..Answer::new(&text) };
        let scored = score(&scoring, &expectation, &prompt, &answer);
        prop_assert!((0.0..=10.0).contains(&scored.score));
        for (dimension, points) in &scored.dimensions {
            prop_assert!((0.0..=10.0).contains(points));
            let own = scored.lost.iter().filter(|loss| loss.dimension == *dimension);
            let lost: f64 = own.map(|loss| loss.points).sum();
            prop_assert!((10.0 - points - lost).abs() < 1e-9, "{dimension}: {points} + {lost}");
        }
        prop_assert!(scored.lost.iter().all(|loss| loss.points > 0.0 && !loss.why.is_empty()));
        prop_assert!(scored.lost.iter().all(|loss| scored.dimensions.contains_key(&loss.dimension)));
        prop_assert_eq!(&scored, &score(&scoring, &expectation, &prompt, &answer));
    }
}

#[test]
fn a_label_is_shown_for_a_failed_check_and_changes_neither_points_nor_digest() {
    let labelled = |label: Option<&str>| Expectation {
        checks: vec![Check {
            kind: CheckKind::Contains("refund".to_owned(), LetterCase::Ignored),
            negated: false,
            weight: 1.0,
            dimension: Dimension::QUALITY,
            required: false,
            label: label.map(str::to_owned),
        }],
        ..Expectation::default()
    };
    let (plain, named) = (labelled(None), labelled(Some("names the refund")));
    let scoring = Scoring::default();
    let answer = Answer::new("Please wait.");
    let scored = score(&scoring, &named, "Where is my money?", &answer);
    assert!(
        scored
            .lost
            .iter()
            .any(|loss| loss.why.contains("names the refund"))
    );
    assert_eq!(scored.checks[0].what, "names the refund");
    assert_eq!(
        scored.dimensions,
        score(&scoring, &plain, "Where is my money?", &answer).dimensions
    );
    assert_eq!(
        score_digest(&scoring, &plain),
        score_digest(&scoring, &named)
    );
}
