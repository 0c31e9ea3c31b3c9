//! Each way of spoiling, and what noticing it means.

use super::*;
use crate::suite::{self, Suite};

const GOOD: &str = "1. Open your account at Orders and choose the parcel of 12 March.\n2. Press Return, then print the label for DHL.\n3. Bring the parcel to a shop within 14 days; the refund of 29 euros is with you after 5 days, and we write to you when it has been sent.";

fn suite() -> Suite {
    let text = "\
cases:
  - {id: parcel, prompt: \"How do I return a parcel from my account and get a refund?\", keywords: [parcel, label, refund], expect: steps}
  - {id: other, prompt: \"How do I brew coffee in a press?\", keywords: [coffee, water], expect: steps}
";
    let file = suite::read("s.yaml", text.as_bytes()).unwrap();
    file.finish(None).unwrap()
}

fn spoilt(spoiling: Spoiling, answer: &str) -> Option<String> {
    let suite = suite();
    let good = Good {
        case: &suite.cases[0],
        answer,
        other: Some("1. Boil water."),
    };
    spoil(spoiling, &good)
}

#[test]
fn every_way_changes_the_answer_and_does_so_the_same_way_twice() {
    for spoiling in Spoiling::ALL {
        let text = spoilt(spoiling, GOOD).unwrap_or_else(|| panic!("{spoiling}"));
        assert_ne!(text, GOOD, "{spoiling}");
        assert_eq!(Some(text), spoilt(spoiling, GOOD), "{spoiling}");
    }
}

#[test]
fn what_was_added_stands_behind_the_answer() {
    for spoiling in [Spoiling::Stuffed, Spoiling::Padded] {
        assert!(
            spoilt(spoiling, GOOD).unwrap().starts_with(GOOD),
            "{spoiling}"
        );
        assert_eq!(spoiling.noticing(), Noticing::DoesNotRise);
    }
}

#[test]
fn a_text_becomes_a_list_and_steps_become_one_paragraph() {
    let paragraph = spoilt(Spoiling::WrongForm, GOOD).unwrap();
    assert!(
        !paragraph.contains('\n') && !paragraph.contains("2."),
        "{paragraph}"
    );
    let list = flat::in_another_form("It works. It is quick.", crate::score::Form::Prose);
    assert_eq!(list.as_deref(), Some("- It works.\n- It is quick."));
}

#[test]
fn blanks_stand_for_numbers_and_names_and_another_language_leaves_code_alone() {
    let blanks = spoilt(Spoiling::Placeholders, GOOD).unwrap();
    assert!(blanks.contains("[number] [name]"), "{blanks}");
    assert_eq!(spoilt(Spoiling::Placeholders, "short and plain"), None);
    let text = format!("{GOOD}\n```\nthe code for you and me\n```\n");
    let german = spoilt(Spoiling::WrongLanguage, &text).unwrap();
    assert!(german.contains("zu eine shop"), "{german}");
    assert!(german.contains("the code for you and me"), "{german}");
    assert_eq!(spoilt(Spoiling::WrongLanguage, "print(1)"), None);
}

#[test]
fn hostile_answers_are_spoilt_without_harm() {
    for answer in [
        "",
        " ",
        "é",
        "\u{1f600}\u{1f600}",
        "```",
        "|||\n---",
        "1.\n2)\n",
    ] {
        for spoiling in Spoiling::ALL {
            spoilt(spoiling, answer);
        }
    }
}

#[test]
fn a_good_answer_is_told_from_spoilt_ones_and_the_rest_is_counted() {
    let found = test(&suite(), 0.5, |case| match case.id.as_str() {
        "parcel" => Some(GOOD.to_owned()),
        _ => Some("No.".to_owned()),
    })
    .unwrap();
    assert_eq!((found.cases, found.unanswered), (1, 0));
    assert_eq!(found.poor.len(), 1);
    let of = |spoiling| {
        let mut all = found.spoilings.iter();
        all.find(|one| one.spoiling == spoiling).unwrap()
    };
    for spoiling in [
        Spoiling::Generic,
        Spoiling::OffTopic,
        Spoiling::CopiedPrompt,
    ] {
        let one = of(spoiling);
        assert_eq!((one.tried, one.noticed), (1, 1), "{one:?}");
        assert!(one.dimensions.values().sum::<f64>() < -2.0, "{one:?}");
    }
    let nothing = test(&suite(), 0.5, |_| None).unwrap();
    assert_eq!((nothing.totals(), nothing.unanswered), ((0, 0), 2));
    // A rule that allows any drop notices none.
    let lax = test(&suite(), 10.0, |_| Some(GOOD.to_owned())).unwrap();
    assert!(
        lax.spoilings[2]
            .missed
            .iter()
            .all(|one| one.spoilt < one.good)
    );
    assert_eq!(lax.spoilings[2].noticed, 0);
}

#[test]
fn checks_of_how_an_answer_came_are_left_out_of_the_test() {
    let test_of = |text: &str| {
        let file = suite::read("s.yaml", text.as_bytes()).unwrap();
        test(&file.finish(None).unwrap(), 0.5, |_| Some(GOOD.to_owned())).unwrap()
    };
    let found = test_of(
        "\
cases:
  - id: parcel
    prompt: How do I return a parcel from my account and get a refund?
    expect: steps
    checks:
      - {finish-reason: stop, required: true}
      - {tool-call: {name: find}, required: true}
      - {any: [{cost: {max: 1}}, {contains: nowhere}], required: true}
",
    );
    assert_eq!((found.cases, found.poor.len(), found.wordless), (1, 0, 0));
    let found = test_of(
        "\
scoring: {profile: checks}
cases:
  - {id: parcel, prompt: Where is it?, checks: [{tool-call: {name: find}}]}
",
    );
    assert_eq!((found.cases, found.poor.len(), found.wordless), (0, 0, 1));
}
