//! Assertions of promptfoo as checks.

use serde_json::{Map, Value, json};

use super::checks::checks;
use super::sets::set;
use super::test::Test;
use super::{Piece, keys, references, say};
use crate::import::report::{At, Fidelity};
use crate::import::sheet::{Draft, Sheet};
use crate::import::tables::{ASSERT_KEYS, ASSERTIONS, How, Row, find};
use crate::import::template::{self, Vars, as_text};
use crate::problem::shown;
use crate::yaml;

/// One assertion with its values filled in.
pub(super) struct Assertion<'a> {
    pub(super) at: At,
    feature: String,
    pub(super) row: &'a Row,
    negated: bool,
    pub(super) value: Value,
    pub(super) threshold: Option<f64>,
    /// Share, dimension: what stands beside the check.
    beside: Map<String, Value>,
}

/// What assertions come to.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) checks: Vec<Value>,
    pub(super) rubric: Vec<String>,
    pub(super) lost: Vec<String>,
}

/// Puts what a test expects into the case.
pub(super) fn take(sheet: &mut Sheet<'_>, test: &Test, vars: &Vars, draft: &mut Draft) {
    let mut taken = Taken::default();
    let transformed = ["transform", "postprocess"]
        .iter()
        .any(|key| test.option(key).is_some());
    for piece in &test.asserts {
        one(sheet, piece, vars, transformed, &mut taken, 0);
    }
    draft.checks = taken.checks;
    draft.rubric = taken.rubric;
    draft.lost = taken.lost;
}

pub(super) fn one(
    sheet: &mut Sheet<'_>,
    piece: &Piece,
    vars: &Vars,
    transformed: bool,
    taken: &mut Taken,
    depth: usize,
) {
    let at = piece.at();
    let kind = piece
        .node
        .get("type")
        .and_then(yaml::Node::as_text)
        .unwrap_or_default();
    let (negated, base) = kind
        .strip_prefix("not-")
        .map_or((false, kind), |base| (true, base));
    let feature = format!(
        "assert: {}",
        if base.is_empty() {
            "without `type`"
        } else {
            base
        }
    );
    let Some(row) = find(ASSERTIONS, base) else {
        sheet.lost(&at, &feature, "this version does not know it");
        taken.lost.push(shown(kind));
        return;
    };
    keys(
        sheet,
        piece,
        ASSERT_KEYS,
        "beside an assertion: ",
        &["type", "value", "threshold", "weight", "assert"],
    );
    // Code that only rewords the value changes what is tested; a rubric is read by a judge who sees the answer itself.
    let own = piece.node.get("transform").is_some();
    if (transformed || own) && row.fidelity != Fidelity::NotTranslated {
        sheet.lost(
            &at,
            &feature,
            "it tests what a `transform` makes of the answer; nothing is run",
        );
        taken.lost.push(format!("{kind} of a transform"));
        return;
    }
    if row.how == How::Set {
        set(sheet, piece, vars, taken, depth);
        return;
    }
    if row.fidelity == Fidelity::NotTranslated {
        sheet.lost(&at, &feature, row.note);
        taken.lost.push(shown(kind));
        return;
    }
    let said = feature.clone();
    let taking = assertion(sheet, piece, row, &at, feature, negated, vars);
    let taking = taking.and_then(|one| one.map_or(Ok(()), |one| made(sheet, &one, taken)));
    if let Err(why) = taking {
        sheet.lost(&at, &said, &why);
        taken.lost.push(format!("{kind}: {why}"));
    }
}

/// The assertion with its values; `None` where it counts for nothing.
fn assertion<'a>(
    sheet: &mut Sheet<'_>,
    piece: &Piece,
    row: &'a Row,
    at: &At,
    feature: String,
    negated: bool,
    vars: &Vars,
) -> Result<Option<Assertion<'a>>, String> {
    let number = |key: &str| {
        piece
            .node
            .get(key)
            .map(yaml::Node::to_json)
            .and_then(|value| as_text(&value).parse::<f64>().ok())
    };
    let mut beside = Map::new();
    match number("weight") {
        Some(weight) if weight <= 0.0 => {
            say(sheet, at, "weight: 0");
            return Ok(None);
        }
        Some(weight) if weight.is_finite() => {
            beside.insert("weight".to_owned(), json!(weight));
        }
        Some(_) | None => {}
    }
    if let Some(metric) = piece.node.get("metric").and_then(yaml::Node::as_text) {
        let metric = template::render(metric, vars)?.text;
        if let Some(name) = dimension(&metric) {
            beside.insert("dimension".to_owned(), json!(name));
        }
    }
    if negated {
        beside.insert("not".to_owned(), json!(true));
        say(sheet, at, "not-");
    }
    let value = piece
        .node
        .get("value")
        .map_or(Value::Null, yaml::Node::to_json);
    let unread = "its value cannot be read; write it out";
    let value = match value {
        Value::String(text) => references::value(sheet, at, &feature, &text).ok_or(unread)?,
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_)) => other,
    };
    let value = filled(value, vars)?;
    Ok(Some(Assertion {
        at: at.clone(),
        feature,
        row,
        negated,
        value,
        threshold: number("threshold"),
        beside,
    }))
}

/// A text, or each text of a list, with its templates filled.
fn filled(value: Value, vars: &Vars) -> Result<Value, String> {
    match value {
        Value::String(text) => Ok(Value::String(template::render(&text, vars)?.text)),
        Value::Array(items) => {
            let items: Result<Vec<Value>, String> =
                items.into_iter().map(|item| filled(item, vars)).collect();
            items.map(Value::Array)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Ok(other),
    }
}

/// A metric's name as the name of a dimension.
fn dimension(metric: &str) -> Option<String> {
    let name = crate::import::sheet::slug(metric);
    let name: String = name.chars().filter(char::is_ascii).take(60).collect();
    name.starts_with(|c: char| c.is_ascii_lowercase())
        .then_some(name)
}

/// Refuses a pattern that JavaScript reads in another way.
fn written_anew(one: &Assertion<'_>) -> Result<(), String> {
    let other = ["\\p", "\\P", "\\A", "\\z", "&&"];
    let pattern = as_text(&one.value);
    let mut found = other.iter().filter(|other| pattern.contains(**other));
    match found.next() {
        Some(found) if one.row.how == How::Regex => Err(format!(
            "`{found}` in its pattern means something else in JavaScript; write it anew as `regex`"
        )),
        Some(_) | None => Ok(()),
    }
}

/// Puts one assertion into what is taken, or says why it cannot be.
fn made(sheet: &mut Sheet<'_>, one: &Assertion<'_>, taken: &mut Taken) -> Result<(), String> {
    if let How::Rubric(before) = one.row.how {
        let texts = match &one.value {
            Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join("\n"),
            Value::Object(_) => {
                return Err("its value is no text; write what a judge should look at".to_owned());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                as_text(&one.value)
            }
        };
        if texts.trim().is_empty() {
            return Err("it has no text that could go into a rubric".to_owned());
        }
        let not = if one.negated {
            "This must not hold: "
        } else {
            ""
        };
        taken.rubric.push(format!("{not}{before}{}", texts.trim()));
        let beside = one.beside.keys().map(String::as_str);
        for key in beside.chain(one.threshold.map(|_| "threshold")) {
            sheet.lost(
                &one.at,
                &format!("{}: {key}", one.feature),
                "a text for a judge has none of its own; weigh the dimensions that the judge grades",
            );
        }
        sheet
            .report
            .say(&one.at, &one.feature, one.row.fidelity, one.row.note);
        return Ok(());
    }
    written_anew(one)?;
    for mut check in checks(sheet, one)? {
        if let Some(map) = check.as_object_mut() {
            map.extend(one.beside.clone());
        }
        if let Some(why) = sheet.refuses(&check) {
            return Err(why);
        }
        taken.checks.push(check);
    }
    let script = ["\\d", "\\D", "\\w", "\\W", "\\b", "\\B"];
    if one.row.how == How::Regex
        && script
            .iter()
            .any(|class| as_text(&one.value).contains(class))
    {
        say(sheet, &one.at, "regex with \\d, \\w or \\b");
        return Ok(());
    }
    sheet
        .report
        .say(&one.at, &one.feature, one.row.fidelity, one.row.note);
    Ok(())
}
