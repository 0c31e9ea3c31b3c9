//! Whether a changed rule lets more or less pass. Where that is not clear, it says so: a row that is wrongly called
//! stricter hides what a reader should look at.

use serde_json::Value;

use super::rules::Worth;
use crate::record::RuleDirection;

/// From the value that decides now to the one after the merge; `None` where a rule says nothing.
pub(super) fn direction(path: &[&str], old: Option<&Worth>, new: Option<&Worth>) -> RuleDirection {
    match path {
        ["gate", "floor"] | ["gate", "floors", ..] => upwards(number(old), number(new)),
        // More pairs needed, fewer of them tested.
        [
            "gate",
            "max_drop" | "max_unanswered" | "max_newly_failed" | "latency_p95" | "min_cases",
        ]
        | ["release", "max_age"]
        | ["accept", "expires"] => downwards(number(old), number(new)),
        ["gate", "floor_rule"] => ranked(&["score", "bounds"], old, new),
        ["gate", "on_no_baseline"] => to_or_from("fail", old, new),
        ["audit", "ignore", ..] => ignored(old, new),
        ["gate", key] if key.starts_with("on_") => ranked(&["warn", "fail"], old, new),
        // A finding of which nothing is said is told.
        ["audit", _] => ranked(&["none", "warn", "fail"], old, new),
        ["release", _] => ranked(&["false", "none", "true"], old, new),
        ["accept", "permission"] => ranked(&["write", "maintain", "admin"], old, new),
        ["gate", "blocking_dimensions"] | ["agents", _, "training_data" | "validation_data"] => {
            listed(old, new)
        }
        _ => RuleDirection::Other,
    }
}

/// A higher number is stricter; none holds nothing back.
fn upwards(old: Option<f64>, new: Option<f64>) -> RuleDirection {
    let least = f64::NEG_INFINITY;
    by_order(new.unwrap_or(least).total_cmp(&old.unwrap_or(least)))
}

/// A lower number is stricter; none holds nothing back.
fn downwards(old: Option<f64>, new: Option<f64>) -> RuleDirection {
    let most = f64::INFINITY;
    by_order(old.unwrap_or(most).total_cmp(&new.unwrap_or(most)))
}

const fn by_order(order: std::cmp::Ordering) -> RuleDirection {
    match order {
        std::cmp::Ordering::Greater => RuleDirection::Stricter,
        std::cmp::Ordering::Less => RuleDirection::Looser,
        std::cmp::Ordering::Equal => RuleDirection::Other,
    }
}

fn number(worth: Option<&Worth>) -> Option<f64> {
    match worth? {
        Worth::Plain(value) => value.as_f64(),
        Worth::Time(time) => Some(time.as_secs_f64()),
        Worth::Hidden(_) => None,
    }
}

/// Words from the loosest to the strictest.
fn ranked(words: &[&str], old: Option<&Worth>, new: Option<&Worth>) -> RuleDirection {
    let rank = |worth: Option<&Worth>| {
        let word = worth.map_or(Some("none".to_owned()), word)?;
        words.iter().position(|known| *known == word)
    };
    match (rank(old), rank(new)) {
        (Some(old), Some(new)) => by_order(new.cmp(&old)),
        (None, _) | (_, None) => RuleDirection::Other,
    }
}

/// Of several words one is the strictest, and the others are not to be compared.
fn to_or_from(strict: &str, old: Option<&Worth>, new: Option<&Worth>) -> RuleDirection {
    let is = |worth: Option<&Worth>| worth.and_then(word).is_some_and(|word| word == strict);
    match (is(old), is(new)) {
        (false, true) => RuleDirection::Stricter,
        (true, false) => RuleDirection::Looser,
        (true, true) | (false, false) => RuleDirection::Other,
    }
}

fn word(worth: &Worth) -> Option<String> {
    match worth {
        Worth::Plain(Value::String(word)) => Some(word.clone()),
        Worth::Plain(Value::Bool(yes)) => Some(yes.to_string()),
        Worth::Plain(_) | Worth::Time(_) | Worth::Hidden(_) => None,
    }
}

/// Lists of what is watched: more is stricter.
fn listed(old: Option<&Worth>, new: Option<&Worth>) -> RuleDirection {
    let items = |worth: Option<&Worth>| match worth {
        Some(Worth::Plain(Value::Array(items))) => items.clone(),
        Some(Worth::Plain(_) | Worth::Time(_) | Worth::Hidden(_)) | None => Vec::new(),
    };
    let (old, new) = (items(old), items(new));
    let holds = |all: &[Value], some: &[Value]| some.iter().all(|item| all.contains(item));
    match (holds(&new, &old), holds(&old, &new)) {
        (true, false) => RuleDirection::Stricter,
        (false, true) => RuleDirection::Looser,
        (true, true) | (false, false) => RuleDirection::Other,
    }
}

/// An accepted finding: accepting one more, or one for longer, lets more pass.
fn ignored(old: Option<&Worth>, new: Option<&Worth>) -> RuleDirection {
    let until = |worth: &Worth| match worth {
        // Days are written so that their texts sort as they follow each other; no end is later than all.
        Worth::Plain(entry) => match entry.get("until").and_then(Value::as_str) {
            Some(day) => (0, day.to_owned()),
            None => (1, String::new()),
        },
        Worth::Time(_) | Worth::Hidden(_) => (2, String::new()),
    };
    match (old, new) {
        (None, _) => RuleDirection::Looser,
        (_, None) => RuleDirection::Stricter,
        (Some(old), Some(new)) => by_order(until(old).cmp(&until(new))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn moves(path: &[&str], old: Value, new: Value) -> RuleDirection {
        let worth = |value: Value| (!value.is_null()).then_some(Worth::Plain(value));
        direction(path, worth(old).as_ref(), worth(new).as_ref())
    }

    #[test]
    fn each_rule_knows_which_way_is_looser() {
        let looser = [
            (["gate", "floor"], json!(8.0), json!(6.0)),
            (["gate", "floor"], json!(8.0), json!(null)),
            (["gate", "max_drop"], json!(0.5), json!(3.0)),
            (["gate", "max_newly_failed"], json!(0), json!(2)),
            (["gate", "min_cases"], json!(6), json!(1000)),
            (["gate", "on_agent_removed"], json!("fail"), json!("warn")),
            (["gate", "on_no_baseline"], json!("fail"), json!("measure")),
            (["gate", "floor_rule"], json!("bounds"), json!("score")),
            (
                ["gate", "blocking_dimensions"],
                json!(["format"]),
                json!(null),
            ),
            (["audit", "secret"], json!("fail"), json!("warn")),
            (["audit", "duplicate-row"], json!("fail"), json!(null)),
            (["release", "require_proven"], json!(true), json!(false)),
            (
                ["release", "require_attestation"],
                json!(true),
                json!(false),
            ),
            (["accept", "permission"], json!("maintain"), json!("write")),
        ];
        for (path, old, new) in looser {
            let (there, back) = (
                moves(&path, old.clone(), new.clone()),
                moves(&path, new, old),
            );
            assert_eq!(
                (there, back),
                (RuleDirection::Looser, RuleDirection::Stricter),
                "{path:?}"
            );
        }
    }

    #[test]
    fn what_is_not_clear_is_called_neither() {
        for (path, old, new) in [
            (["gate", "confidence"], json!(0.95), json!(0.99)),
            (["gate", "answer_floor"], json!(4.0), json!(9.0)),
            (
                ["gate", "on_no_baseline"],
                json!("measure"),
                json!("floor-only"),
            ),
            (["run", "samples"], json!(1), json!(3)),
            (
                ["baseline", "branches"],
                json!(["main"]),
                json!(["main", "*"]),
            ),
            (["report", "comment"], json!("always"), json!("never")),
        ] {
            assert_eq!(moves(&path, old, new), RuleDirection::Other, "{path:?}");
        }
    }

    #[test]
    fn a_longer_time_lets_more_pass() {
        let days = |days: u64| Worth::Time(Duration::from_hours(24 * days));
        for path in [["release", "max_age"], ["accept", "expires"]] {
            let longer = direction(&path, Some(&days(30)), Some(&days(90)));
            assert_eq!(longer, RuleDirection::Looser);
        }
    }

    #[test]
    fn an_accepted_finding_is_looser_and_so_is_a_later_end() {
        let path = ["audit", "ignore", "duplicate-row data/**"];
        let until = |day: Value| json!({"code": "duplicate-row", "until": day});
        let day = until(json!("2027-01-01"));
        let cases = [
            (json!(null), day.clone(), RuleDirection::Looser),
            (day.clone(), json!(null), RuleDirection::Stricter),
            (
                day.clone(),
                until(json!("2028-01-01")),
                RuleDirection::Looser,
            ),
            (day.clone(), until(json!(null)), RuleDirection::Looser),
            (until(json!(null)), day.clone(), RuleDirection::Stricter),
            (
                day.clone(),
                json!({"until": "2027-01-01", "reason": "other"}),
                RuleDirection::Other,
            ),
        ];
        for (old, new, expected) in cases {
            assert_eq!(moves(&path, old, new), expected);
        }
    }

    #[test]
    fn a_glob_that_is_taken_away_watches_less() {
        let path = ["agents", "qa", "training_data"];
        let (two, one) = (json!(["a/*", "b/*"]), json!(["a/*"]));
        assert_eq!(
            moves(&path, two.clone(), one.clone()),
            RuleDirection::Looser
        );
        assert_eq!(moves(&path, one, two.clone()), RuleDirection::Stricter);
        assert_eq!(moves(&path, two, json!(["c/*"])), RuleDirection::Other);
    }
}
