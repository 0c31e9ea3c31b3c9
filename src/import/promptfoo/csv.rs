//! Tests as a table: a column is a value, and those that start with `__` say what is expected.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::Piece;
use crate::import::report::At;
use crate::import::sheet::Sheet;
use crate::import::tables::{ASSERTIONS, find};
use crate::yaml;

/// Each row as the test that it stands for.
pub(super) fn rows(sheet: &mut Sheet<'_>, path: &str, text: &str) -> Vec<Piece> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let file: Rc<str> = path.into();
    let header = reader.headers().cloned().unwrap_or_default();
    let mut pieces = Vec::new();
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(why) => {
                let at = At {
                    file: Rc::clone(&file),
                    line: 1,
                };
                sheet.lost(
                    &at,
                    "tests: CSV",
                    &format!("the table cannot be read: {why}"),
                );
                break;
            }
        };
        let line = row.position().map_or(1, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let at = At {
            file: Rc::clone(&file),
            line,
        };
        if row.len() != header.len() {
            let note = format!(
                "a row of {} cells below a head of {}; put quotes around a cell that holds commas",
                row.len(),
                header.len()
            );
            sheet.lost(&at, "tests: CSV", &note);
            continue;
        }
        if !sheet.may_keep(&at, pieces.len()) {
            break;
        }
        let meant = test(header.iter().zip(row.iter())).to_string();
        match yaml::json(path, &meant, line) {
            Ok(node) => pieces.push(Piece {
                file: Rc::clone(&file),
                node,
            }),
            Err(problem) => sheet.lost(&at, "tests: CSV", &problem.to_string()),
        }
    }
    pieces
}

fn test<'t>(cells: impl Iterator<Item = (&'t str, &'t str)>) -> Value {
    let (mut vars, mut options, mut asserts) = (Map::new(), Map::new(), Vec::new());
    let (mut test, mut metadata) = (Map::new(), Map::new());
    let mut metric = None;
    for (column, cell) in cells {
        let column = column.trim();
        match column.strip_prefix("__") {
            None => {
                vars.insert(column.to_owned(), json!(cell));
            }
            Some(_) if cell.trim().is_empty() => {}
            Some("description") => {
                test.insert("description".to_owned(), json!(cell));
            }
            Some("prefix" | "suffix") => {
                options.insert(column.trim_start_matches('_').to_owned(), json!(cell));
            }
            Some("metric") => metric = Some(cell),
            Some("threshold") => {
                test.insert("threshold".to_owned(), json!(cell));
            }
            Some(name) if name.starts_with("expected") => asserts.push(assertion(cell)),
            Some(name) => match name.split_once(':') {
                Some(("metadata", key)) => {
                    metadata.insert(key.trim_end_matches("[]").to_owned(), json!(cell));
                }
                Some(_) | None => {
                    test.insert(column.to_owned(), json!(cell));
                }
            },
        }
    }
    if let Some(metric) = metric {
        for one in asserts.iter_mut().filter_map(Value::as_object_mut) {
            one.insert("metric".to_owned(), json!(metric));
        }
    }
    test.insert("vars".to_owned(), Value::Object(vars));
    test.insert("assert".to_owned(), Value::Array(asserts));
    for (key, map) in [("options", options), ("metadata", metadata)] {
        if !map.is_empty() {
            test.insert(key.to_owned(), Value::Object(map));
        }
    }
    Value::Object(test)
}

/// What a cell expects: `contains: text`, `rouge-n(0.5): text`, or a text that the answer is.
fn assertion(cell: &str) -> Value {
    let code = |kind: &str| json!({"type": kind, "value": cell});
    for start in ["javascript:", "fn:", "eval:"] {
        if cell.starts_with(start) {
            return code("javascript");
        }
    }
    if cell.starts_with("file://") {
        return code("javascript");
    }
    if let Some(rubric) = cell.strip_prefix("grade:") {
        return json!({"type": "llm-rubric", "value": rubric.trim()});
    }
    let (head, value) = match cell.split_once(':') {
        // A few kinds have a colon of their own.
        Some((head, rest)) if matches!(head, "similar" | "trajectory") => {
            let (second, value) = rest.split_once(':').unwrap_or(("", rest));
            (format!("{head}:{second}"), Some(value))
        }
        Some((head, value)) => (head.to_owned(), Some(value)),
        None => (cell.to_owned(), None),
    };
    let (name, threshold) = match head
        .trim()
        .strip_suffix(')')
        .and_then(|head| head.split_once('('))
    {
        Some((name, threshold)) => (name.trim(), threshold.trim().parse::<f64>().ok()),
        None => (head.trim(), None),
    };
    let base = name.strip_prefix("not-").unwrap_or(name);
    if find(ASSERTIONS, base).is_none() {
        return json!({"type": "equals", "value": cell});
    }
    // In a table these have another threshold than in a configuration.
    let usual = matches!(base, "levenshtein" | "rouge-n" | "latency" | "cost").then_some(0.75);
    let threshold = threshold.or(usual);
    let mut made = Map::new();
    made.insert("type".to_owned(), json!(name));
    if let Some(value) = value {
        made.insert("value".to_owned(), json!(value.trim()));
    }
    if let Some(threshold) = threshold {
        made.insert("threshold".to_owned(), json!(threshold));
    }
    Value::Object(made)
}
