//! The suite as a file that people go on with.

use std::fmt::Write as _;

use serde_json::Value;

use super::Imported;
use super::report::Fidelity;
use super::sheet::Made;
use crate::starter::written::{block, comment, value};

/// Cases that stand in the suite's own file; more go to a file of JSON lines beside it.
const MOST_CASES: usize = 1_000;
/// Text that stands in the suite's own file.
const MOST_BYTES: usize = 2 * 1024 * 1024;

const HEAD: &str = "# yaml-language-server: $schema=https://raw.githubusercontent.com/tunegate/tunegate/main/schemas/suite.json\n";

/// The files of a suite.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// The suite itself.
    pub yaml: String,
    /// Its cases as JSON lines, where they are many.
    pub lines: Option<String>,
}

impl Imported {
    /// The suite as files; `lines` is the name of the one with many cases, beside the suite.
    pub fn document(&self, lines: &str) -> Document {
        let mut yaml = HEAD.to_owned();
        let count = |fidelity: Fidelity| {
            let (count, word) = (self.report.count(fidelity), fidelity.as_str());
            format!("{count} {word}")
        };
        let counts = [
            Fidelity::Exact,
            Fidelity::Approximate,
            Fidelity::NotTranslated,
        ]
        .map(count);
        let source = format!(
            "From {} ({}): {}.",
            self.path,
            self.format.title(),
            counts.join(", ")
        );
        writeln!(yaml, "# {}", comment(&source)).ok();
        if let Some(description) = &self.description {
            writeln!(yaml, "description: {}", block(description, 2)).ok();
        }
        writeln!(yaml, "scoring: {{profile: {}}}", self.profile.as_str()).ok();
        let size: usize = self
            .made
            .iter()
            .map(|made| made.case.to_string().len())
            .sum();
        if self.made.len() > MOST_CASES || size > MOST_BYTES {
            writeln!(yaml, "cases_from: {}", value(lines)).ok();
            let cases: Vec<String> = self
                .made
                .iter()
                .map(|made| format!("{}\n", made.case))
                .collect();
            let lines = Some(cases.concat());
            return Document { yaml, lines };
        }
        yaml.push_str("cases:\n");
        for made in &self.made {
            case(&mut yaml, made);
        }
        Document { yaml, lines: None }
    }
}

fn case(yaml: &mut String, made: &Made) {
    writeln!(yaml, "  # {}", comment(&made.at.to_string())).ok();
    for lost in &made.lost {
        writeln!(yaml, "  # not translated: {}", comment(lost)).ok();
    }
    let mut before = "  - ";
    for (key, inner) in made.case.as_object().into_iter().flatten() {
        write!(yaml, "{before}{}:", value(key)).ok();
        item(yaml, inner, 6);
        before = "    ";
    }
}

/// A value behind its key, whose own lines stand this deep.
fn item(yaml: &mut String, inner: &Value, indent: usize) {
    match inner {
        Value::String(text) => {
            writeln!(yaml, " {}", block(text, indent)).ok();
        }
        Value::Array(items) if items.iter().any(is_large) => {
            yaml.push('\n');
            for entry in items {
                write!(yaml, "{:indent$}-", "").ok();
                entry_of(yaml, entry, indent + 2);
            }
        }
        Value::Object(map) if !map.is_empty() => {
            yaml.push('\n');
            for (key, inner) in map {
                write!(yaml, "{:indent$}{}:", "", key_text(key)).ok();
                item(yaml, inner, indent + 2);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            writeln!(yaml, " {}", flow(inner)).ok();
        }
    }
}

/// An entry of a list: a mapping starts on the line of its dash.
fn entry_of(yaml: &mut String, entry: &Value, indent: usize) {
    let Value::Object(map) = entry else {
        item(yaml, entry, indent);
        return;
    };
    if map.is_empty() {
        yaml.push_str(" {}\n");
        return;
    }
    let mut before = " ".to_owned();
    for (key, inner) in map {
        write!(yaml, "{before}{}:", key_text(key)).ok();
        item(yaml, inner, indent + 2);
        before = " ".repeat(indent);
    }
}

fn is_large(entry: &Value) -> bool {
    match entry {
        Value::String(text) => text.contains('\n') || text.len() > 60,
        Value::Array(_) | Value::Object(_) => true,
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn key_text(key: &str) -> String {
    value(key)
}

/// A value on one line.
fn flow(inner: &Value) -> String {
    match inner {
        Value::String(text) => value(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let pairs = map.iter();
            let pairs: Vec<String> = pairs
                .map(|(key, inner)| format!("{}: {}", key_text(key), flow(inner)))
                .collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => inner.to_string(),
    }
}
