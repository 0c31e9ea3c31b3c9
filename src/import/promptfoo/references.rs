//! Values that stand in files of their own: `file://…`.

use serde_json::Value;

use super::say;
use crate::import::files::ending;
use crate::import::report::At;
use crate::import::sheet::Sheet;
use crate::problem::shown;

/// The value that a text stands for: what its file holds, else itself. `None` where it cannot be read; that is told.
pub(super) fn value(sheet: &mut Sheet<'_>, at: &At, feature: &str, text: &str) -> Option<Value> {
    let Some(name) = text.strip_prefix("file://") else {
        for address in [
            "exec:",
            "python:",
            "package:",
            "http://",
            "https://",
            "huggingface://",
            "env://",
        ] {
            if text.starts_with(address) && feature == "vars" && !text.starts_with("http") {
                let note = format!("{}: nothing is run; write the value", shown(text));
                sheet.lost(at, feature, &note);
                return None;
            }
        }
        return Some(Value::String(text.to_owned()));
    };
    let found = match ending(name).as_str() {
        "yaml" | "yml" | "json" => sheet
            .tree(at, feature, text)
            .map(|(_, node)| node.to_json())
            .filter(|value| sheet.may_copy(at, value.to_string().len())),
        "txt" | "md" | "html" | "csv" | "xml" | "j2" | "" => sheet
            .text(at, feature, text)
            .filter(|(_, text)| sheet.may_copy(at, text.len()))
            .map(|(_, text)| Value::String(text.trim_end_matches('\n').to_owned())),
        _ => {
            let note = format!(
                "{}: nothing is run, and only text is read; write the value",
                shown(text)
            );
            sheet.lost(at, feature, &note);
            return None;
        }
    };
    if found.is_some() {
        say(sheet, at, "file://");
    }
    found
}

/// The value of a variable: a file of data is put into a prompt as one text.
pub(super) fn of_var(sheet: &mut Sheet<'_>, at: &At, whole: Value) -> Option<Value> {
    let is_file = whole
        .as_str()
        .is_some_and(|text| text.starts_with("file://"));
    let value = within(sheet, at, "vars", whole)?;
    let is_data = is_file && !value.is_string();
    Some(if is_data {
        Value::String(value.to_string())
    } else {
        value
    })
}

/// The same for every text within a value.
pub(super) fn within(sheet: &mut Sheet<'_>, at: &At, feature: &str, whole: Value) -> Option<Value> {
    match whole {
        Value::String(text) => value(sheet, at, feature, &text),
        Value::Array(items) => {
            let items = items
                .into_iter()
                .map(|item| within(sheet, at, feature, item));
            items.collect::<Option<Vec<_>>>().map(Value::Array)
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Some(other),
    }
}
