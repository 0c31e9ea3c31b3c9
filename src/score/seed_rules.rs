//! Profile `seed-rules`: the predecessor's scoring, exactly, so that its published numbers can be derived again.
//!
//! Lengths are Unicode scalar values of the answer, never trimmed; words are looked for in the answer lower-cased by
//! Unicode's full, locale-free mapping. Nothing here is an opinion of this project on what a good answer is.

use super::Dimension;
use super::scored::{Answer, FULL, Tally};
use super::{Expectation, Keyword};

/// Every dimension starts here.
const BASE: usize = 5;

const ADVICE: [&str; 4] = ["please", "recommend", "suggest", "should"];
const MARKERS: [&str; 5] = ["1.", "2.", "-", "*", "##"];
const CONCRETE: [&str; 8] = [
    "example", "step", "code", ":", "def ", "class ", "http", "```",
];

/// The four dimensions by the predecessor's rules.
pub(super) fn tallies(expectation: &Expectation, answer: Answer<'_>) -> Vec<Tally> {
    let text = answer.text;
    if text.starts_with("ERROR") {
        return Dimension::BUILT_IN
            .map(|dimension| tally(dimension, 1, "the answer starts with ERROR".to_owned()))
            .into();
    }
    let lower = text.to_lowercase();
    vec![
        quality(text, &lower),
        relevance(&expectation.keywords, &lower),
        format(text),
        specificity(&lower),
    ]
}

fn quality(text: &str, lower: &str) -> Tally {
    let length = text.chars().count();
    let advice = ADVICE.iter().any(|word| lower.contains(word));
    let points =
        BASE + 2 * usize::from(length > 100) + usize::from(length > 300) + usize::from(advice);
    let advises = if advice { "one" } else { "none" };
    let why = format!(
        "{length} characters and {advises} of please, recommend, suggest, should; these rules give at most 9"
    );
    tally(Dimension::QUALITY, points, why)
}

fn relevance(keywords: &[Keyword], lower: &str) -> Tally {
    let holds = |keyword: &&Keyword| {
        let mut alternatives = keyword.any_of.iter();
        alternatives.any(|word| lower.contains(&word.to_lowercase()))
    };
    let held = keywords.iter().filter(holds).count();
    let why = format!("holds {held} of {} keywords", keywords.len());
    tally(Dimension::RELEVANCE, BASE + (2 * held).min(5), why)
}

fn format(text: &str) -> Tally {
    let lines = text.split('\n').count();
    let marked = MARKERS.iter().any(|marker| text.contains(marker));
    let points =
        BASE + 2 * usize::from(lines > 1) + 2 * usize::from(marked) + usize::from(lines > 3);
    let markers = if marked { "a" } else { "no" };
    let why = format!("{lines} lines and {markers} list or heading marker");
    tally(Dimension::FORMAT, points, why)
}

fn specificity(lower: &str) -> Tally {
    let held = CONCRETE.iter().filter(|mark| lower.contains(*mark)).count();
    let why = format!("holds {held} of the eight marks of something concrete");
    tally(Dimension::SPECIFICITY, BASE + held, why)
}

#[expect(clippy::cast_precision_loss, reason = "points are small whole numbers")]
fn tally(dimension: Dimension, points: usize, why: String) -> Tally {
    let mut tally = Tally::new(dimension);
    tally.take(FULL - points.min(10) as f64, why);
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keywords(list: &[&[&str]]) -> Expectation {
        let keyword = |group: &&[&str]| Keyword {
            any_of: group.iter().map(|word| (*word).to_owned()).collect(),
        };
        Expectation {
            keywords: list.iter().map(keyword).collect(),
            ..Expectation::default()
        }
    }

    /// Quality, relevance, format, specificity.
    #[track_caller]
    fn gives(text: &str, words: &[&[&str]], expected: [f64; 4]) {
        let tallies = tallies(&keywords(words), Answer::new(text));
        let points: Vec<f64> = tallies.iter().map(Tally::points).collect();
        assert_eq!(points, expected, "{text:?}");
    }

    #[test]
    fn a_table_of_answers_computed_by_hand() {
        gives("", &[], [5.0, 5.0, 5.0, 5.0]);
        gives("ok", &[&["ok"]], [5.0, 7.0, 5.0, 5.0]);
        gives("You should.\nDo it.", &[], [6.0, 5.0, 7.0, 5.0]);
        gives("- a\n- b\n- c\n- d", &[], [5.0, 5.0, 10.0, 5.0]);
        gives("a\nb\nc", &[], [5.0, 5.0, 7.0, 5.0]);
        gives("a\nb\nc\n", &[], [5.0, 5.0, 8.0, 5.0]);
        gives(
            "Example: step 1. code `def f():` class A http://x ```",
            &[],
            [5.0, 5.0, 7.0, 10.0],
        );
        gives(
            "RESET your PassWord",
            &[&["Reset"], &["password"], &["email"]],
            [5.0, 9.0, 5.0, 5.0],
        );
    }

    #[test]
    fn relevance_stops_at_ten() {
        gives(
            "a b c d",
            &[&["a"], &["b"], &["c"], &["d"]],
            [5.0, 10.0, 5.0, 5.0],
        );
    }

    #[test]
    fn a_group_of_keywords_counts_once() {
        gives(
            "trend and growth",
            &[&["trend", "growth"]],
            [5.0, 7.0, 5.0, 5.0],
        );
    }

    #[test]
    fn keywords_are_parts_of_words() {
        gives("it is said", &[&["AI"]], [5.0, 7.0, 5.0, 5.0]);
    }

    #[test]
    fn a_hundred_emoji_are_a_hundred_characters() {
        gives(&"🦀".repeat(100), &[], [5.0, 5.0, 5.0, 5.0]);
        gives(&"🦀".repeat(101), &[], [7.0, 5.0, 5.0, 5.0]);
        gives(&"🦀".repeat(300), &[], [7.0, 5.0, 5.0, 5.0]);
        gives(&"🦀".repeat(301), &[], [8.0, 5.0, 5.0, 5.0]);
    }

    #[test]
    fn white_space_is_never_trimmed() {
        gives(&format!("a{}", " ".repeat(100)), &[], [7.0, 5.0, 5.0, 5.0]);
        gives("\n", &[], [5.0, 5.0, 7.0, 5.0]);
        gives(" ERROR", &[], [5.0, 5.0, 5.0, 5.0]);
    }

    #[test]
    fn lower_case_is_the_full_mapping() {
        // A capital dotted I becomes two code points, so that a plain "i" stands in it.
        gives("İ", &[&["i\u{307}"], &["i"]], [5.0, 9.0, 5.0, 5.0]);
        gives("STRASSE", &[&["straße"]], [5.0, 5.0, 5.0, 5.0]);
    }

    #[test]
    fn an_answer_that_starts_with_error_is_worth_one() {
        gives("ERROR: 500", &[&["error"]], [1.0, 1.0, 1.0, 1.0]);
        gives("Error: 500", &[&["error"]], [5.0, 7.0, 5.0, 6.0]);
    }
}
