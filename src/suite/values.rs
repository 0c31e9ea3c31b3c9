//! Reads the values of checks that are more than a text, a list or a range: schemas.

use serde_json::Value;

use super::check::yes;
use crate::problem::shown;
use crate::score::{CheckKind, Schema, SchemaFault};
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
