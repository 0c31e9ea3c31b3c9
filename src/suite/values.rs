//! Reads the values of checks that are more than a text, a list or a range: schemas, thresholds.

use serde::Deserialize;
use serde_json::Value;

use super::check::yes;
use super::kinds::{KINDS, Shape, base};
use crate::problem::{nearest, shown};
use crate::score::{
    CheckKind, CostRange, ExpectedCall, Language, Likeness, Metric, Model, Schema, SchemaFault,
    SpokenLanguage,
};
use crate::yaml::{Node, Spot};

/// A JSON Schema, or nothing and what is wrong with it, at the place where it is.
pub(super) fn schema(value: &Spot<'_>) -> Option<Schema> {
    if !value.node().is_some_and(Node::is_mapping) {
        let found = value.node().map_or_else(String::new, Node::describe);
        value.report(format!(
            "expected a JSON Schema such as `{{type: object, required: [id]}}`, found {found}"
        ));
        return None;
    }
    match Schema::new(value.read::<Value>()?) {
        Ok(schema) => Some(schema),
        Err(SchemaFault { steps, why }) => {
            inside(value, &steps).report(format!("not a JSON Schema that can be used: {why}"));
            None
        }
    }
}

/// The check of `true`, or of a schema.
pub(super) fn yes_or_schema(
    value: &Spot<'_>,
    key: &str,
    make: fn(Option<Schema>) -> CheckKind,
) -> Option<CheckKind> {
    if value.node().is_some_and(Node::is_mapping) {
        return schema(value).map(|schema| make(Some(schema)));
    }
    if let Some(text) = value.node().and_then(Node::as_text) {
        let text = shown(text);
        value.report(format!(
            "expected `true` or a JSON Schema, found \"{text}\""
        ));
        return None;
    }
    yes(value, key).map(|()| make(None))
}

/// The value that these steps lead to, as far as they lead.
fn inside<'a>(value: &Spot<'a>, steps: &[String]) -> Spot<'a> {
    let Some((step, rest)) = steps.split_first() else {
        return value.clone();
    };
    let item = step.parse::<usize>().ok();
    let next = match item.and_then(|index| value.items().into_iter().nth(index)) {
        Some(item) => Some(item),
        None => value.present(step),
    };
    next.map_or_else(|| value.clone(), |next| inside(&next, rest))
}

/// A language of which code is read.
pub(super) fn language(value: &Spot<'_>) -> Option<Language> {
    let name: String = value.read()?;
    let found = Language::ALL
        .into_iter()
        .find(|language| language.as_str() == name);
    if found.is_none() {
        let names = Language::ALL.map(Language::as_str);
        let advice = match nearest(&name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", names.join(", ")),
        };
        value.report(format!("no parser for `{}`; {advice}", shown(&name)));
    }
    found
}

/// A language that people speak.
pub(super) fn spoken(value: &Spot<'_>) -> Option<SpokenLanguage> {
    let code: String = value.read()?;
    let found = SpokenLanguage::of(&code);
    if found.is_none() {
        let mut known: Vec<&str> = SpokenLanguage::codes().collect();
        known.sort_unstable();
        value.report(format!(
            "expected a two-letter code of a language, such as `en`, found \"{}\"; known: {}",
            shown(&code),
            known.join(", ")
        ));
    }
    found
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a range such as `{max: 0.002}`")]
struct RawCost {
    min: Option<f64>,
    max: Option<f64>,
}

/// A range of cost; everything that is wrong with it is reported.
pub(super) fn cost(value: &Spot<'_>) -> Option<CostRange> {
    let RawCost { min, max } = value.read()?;
    if value.entries().is_empty() {
        value.report("expected `min`, `max` or both: `{max: 0.002}`");
    }
    for (key, bound) in [("min", min), ("max", max)] {
        if let Some(bound) = bound.filter(|bound| !(bound.is_finite() && *bound >= 0.0)) {
            let message = format!("expected a cost of 0 or more, found {bound}");
            value.child(key).report(message);
        }
    }
    if let (Some(least), Some(most)) = (min, max)
        && least > most
    {
        value.report(format!(
            "`min` {least} is above `max` {most}, so no answer could pass"
        ));
    }
    Some(CostRange { min, max })
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a call such as `{name: lookup_order, arguments: {required: [order_id]}}`"
)]
struct RawCall {
    name: Option<String>,
    #[serde(rename = "arguments")]
    _arguments: Option<Value>,
}

/// The call of a tool.
pub(super) fn call(value: &Spot<'_>) -> Option<ExpectedCall> {
    let RawCall { name, .. } = value.read()?;
    if name.as_deref() == Some("") {
        value.child("name").report(
            "the name is empty; write the name of the tool, or remove the key for any tool",
        );
    }
    let arguments = value.present("arguments");
    let arguments = match arguments {
        Some(arguments) => Some(schema(&arguments)?),
        None => None,
    };
    Some(ExpectedCall { name, arguments })
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a threshold such as `{to: reference, min: 0.3}`"
)]
struct RawLikeness {
    to: Option<String>,
    text: Option<String>,
    n: Option<u64>,
    min: Option<f64>,
    max: Option<u64>,
}

/// A threshold on how like a text an answer is; everything that is wrong with it is reported.
pub(super) fn likeness(value: &Spot<'_>, metric: Metric) -> Option<Likeness> {
    let raw: RawLikeness = value.read()?;
    let key = metric.as_str();
    let to = match (raw.to, raw.text) {
        (Some(to), None) if to == "reference" => Some(Model::Reference),
        (Some(to), None) => {
            value.child("to").report(format!(
                "expected `reference`, found \"{}\"; a text of its own stands under `text`",
                shown(&to)
            ));
            None
        }
        (None, Some(text)) if !text.trim().is_empty() => Some(Model::Text(text)),
        (None, Some(_)) => {
            value
                .child("text")
                .report("the text is empty; write what the answer should be like");
            None
        }
        (Some(_), Some(_)) => {
            value.report_key("text", "here are `to` and `text`; keep one");
            None
        }
        (None, None) => {
            value.report("it does not say like what; add `to: reference`, or a text under `text`");
            None
        }
    };
    if let Some(min) = raw.min.filter(|min| !(*min > 0.0 && *min <= 1.0)) {
        value.child("min").report(format!(
            "expected a number above 0 and at most 1, found {min}"
        ));
    }
    if raw.max.is_some() && metric != Metric::Levenshtein {
        value.report_key(
            "max",
            format!("`{key}` has no `max`, which counts edits; write `min`"),
        );
    } else if raw.min.is_none() && raw.max.is_none() {
        value.report("expected a threshold, such as `min: 0.3`");
    }
    if raw.n.is_some() && metric.usual_n().is_none() {
        value.report_key("n", format!("`{key}` has no `n`; remove it"));
    } else if raw.n.is_some_and(|n| !(1..=9).contains(&n)) {
        value
            .child("n")
            .report("expected a number of words from 1 to 9");
    }
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Some(Likeness {
        metric,
        to: to?,
        n: raw.n.map(whole),
        min: raw.min,
        max: raw.max.map(whole),
    })
}

/// Reports every check of a list that compares with the reference of a case that has none.
pub(super) fn without_reference(checks: &Spot<'_>, id: &str) {
    for entry in checks.items() {
        for (key, value) in entry.entries() {
            let kind = KINDS.iter().find(|(name, ..)| *name == base(key));
            let Some((_, shape, _)) = kind else { continue };
            let to = value.child("to");
            let names_it = to.node().and_then(Node::as_text) == Some("reference");
            if matches!(shape, Shape::Like(_)) && names_it {
                to.report(format!(
                    "the case `{}` has no `reference` to compare with; add it, or give the text under `text`",
                    shown(id)
                ));
            } else if matches!(shape, Shape::Group) {
                without_reference(&value, id);
            }
        }
    }
}
