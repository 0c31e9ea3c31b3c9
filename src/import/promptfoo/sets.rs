//! Sets of assertions.

use serde_json::{Value, json};

use super::asserts::{Taken, one};
use super::{Piece, say};
use crate::import::report::At;
use crate::import::sheet::Sheet;
use crate::import::template::Vars;
use crate::yaml;

/// A set of assertions. Without a threshold its members share its weight; with one, so many of them have to pass.
pub(super) fn set(
    sheet: &mut Sheet<'_>,
    piece: &Piece,
    vars: &Vars,
    taken: &mut Taken,
    depth: usize,
) {
    let at = piece.at();
    if depth > 4 {
        sheet.lost(
            &at,
            "assert: assert-set",
            "sets stand in one another more than four deep",
        );
        return;
    }
    let number = |key: &str| {
        piece
            .node
            .get(key)
            .map(yaml::Node::to_json)
            .and_then(|value| value.as_f64())
    };
    let mut inner = Taken::default();
    let members = piece.child("assert");
    let nodes = members
        .as_ref()
        .map_or(&[][..], |list| list.node.elements());
    for node in nodes {
        one(sheet, &piece.with(node), vars, false, &mut inner, depth + 1);
    }
    let is_whole = inner.rubric.is_empty() && inner.lost.is_empty();
    taken.rubric.append(&mut inner.rubric);
    taken.lost.append(&mut inner.lost);
    if inner.checks.is_empty() {
        return;
    }
    let weight = number("weight")
        .filter(|weight| *weight > 0.0)
        .unwrap_or(1.0);
    if let Some(threshold) = number("threshold") {
        let share_of = |check: &Value| check.get("weight").and_then(Value::as_f64).unwrap_or(1.0);
        let first = inner.checks.first().map_or(1.0, share_of);
        let alike = inner
            .checks
            .iter()
            .all(|check| share_of(check).to_bits() == first.to_bits());
        if !is_whole || !alike {
            let why = "a share of members that weigh differently, or of which some are not translated, has no equal here; write \
                       `any` with `at_least`";
            sheet.lost(&at, "assert: assert-set", why);
            taken.lost.push(format!("assert-set: {why}"));
            return;
        }
        group(sheet, &at, inner.checks, threshold, weight, taken);
        return;
    }
    sheet.exact(&at, "assert: assert-set");
    let own = |check: &Value| check.get("weight").and_then(Value::as_f64).unwrap_or(1.0);
    let total: f64 = inner.checks.iter().map(own).sum();
    for mut check in inner.checks {
        let share = own(&check) / total * weight;
        if let Some(map) = check.as_object_mut() {
            map.insert("weight".to_owned(), json!(share));
        }
        taken.checks.push(check);
    }
}

/// Checks of which so large a share has to pass.
fn group(
    sheet: &mut Sheet<'_>,
    at: &At,
    mut checks: Vec<Value>,
    threshold: f64,
    weight: f64,
    taken: &mut Taken,
) {
    say(sheet, at, "assert-set with threshold");
    let most = checks.len();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a few members"
    )]
    let least = (threshold.clamp(0.0, 1.0) * most as f64).ceil() as usize;
    for check in checks.iter_mut().filter_map(Value::as_object_mut) {
        check.remove("dimension");
    }
    let any = json!({"any": checks, "at_least": least.clamp(1, most), "weight": weight});
    match sheet.refuses(&any) {
        None => taken.checks.push(any),
        Some(why) => sheet.lost(at, "assert: assert-set", &why),
    }
}
