//! The tests of a configuration: inline, in files, in scenarios, each on top of `defaultTest`.

use std::rc::Rc;

use super::test::{Test, test};
use super::{Piece, Templates, csv, say};
use crate::import::files::ending;
use crate::import::report::At;
use crate::import::sheet::Sheet;
use crate::problem::shown;
use crate::yaml;

/// Every test; a configuration without tests asks its prompts as they are.
pub(super) fn all(sheet: &mut Sheet<'_>, root: &Piece, templates: &Templates) -> Vec<Test> {
    let at = root.at();
    let default = match root.child("defaultTest") {
        Some(piece) => {
            let piece = piece.node.as_text().map_or(Some(piece.clone()), |text| {
                let (file, node) = sheet.tree(&piece.at(), "defaultTest", text)?;
                Some(Piece { file, node })
            });
            piece.map(|piece| test(sheet, &piece, templates))
        }
        None => None,
    };
    let default = default.unwrap_or_else(|| Test::empty(at.clone()));
    let mut found = Vec::new();
    if let Some(tests) = root.child("tests") {
        listed(sheet, &tests, templates, &mut found, 0);
    }
    if let Some(scenarios) = root.child("scenarios") {
        for node in scenarios.node.elements() {
            scenario(sheet, &scenarios.with(node), templates, &mut found);
        }
    }
    let has_tests = root.node.get("tests").is_some() || root.node.get("scenarios").is_some();
    if found.is_empty() && !has_tests {
        found.push(Test::empty(at));
    }
    if default.is_too_large(found.len()) {
        sheet.lost(
            &default.at,
            "defaultTest",
            "with it the tests come to more than 256 MB; write its values where they are used",
        );
        return Vec::new();
    }
    found.into_iter().map(|test| test.over(&default)).collect()
}

/// A list of tests, or the name of a file with some.
fn listed(
    sheet: &mut Sheet<'_>,
    tests: &Piece,
    templates: &Templates,
    found: &mut Vec<Test>,
    depth: usize,
) {
    if depth > 8 {
        sheet.lost(
            &tests.at(),
            "tests",
            "files of tests name one another more than eight deep",
        );
        return;
    }
    if let Some(text) = tests.node.as_text() {
        file(sheet, &tests.at(), text, templates, found, depth);
        return;
    }
    if !tests.node.is_list() {
        if tests.node.get("path").is_some() {
            say(sheet, &tests.at(), "tests: functions and addresses");
        } else if tests.node.is_mapping() && sheet.may_keep(&tests.at(), found.len()) {
            found.push(test(sheet, tests, templates));
        }
        return;
    }
    for node in tests.node.elements() {
        let piece = tests.with(node);
        if node.as_text().is_some() || node.get("path").is_some() {
            listed(sheet, &piece, templates, found, depth + 1);
        } else if sheet.may_keep(&piece.at(), found.len()) {
            found.push(test(sheet, &piece, templates));
        }
    }
}

/// The tests of a file.
fn file(
    sheet: &mut Sheet<'_>,
    at: &At,
    name: &str,
    templates: &Templates,
    found: &mut Vec<Test>,
    depth: usize,
) {
    let name = name.split('#').next().unwrap_or(name);
    match ending(name).as_str() {
        "yaml" | "yml" | "json" => {
            if let Some((file, node)) = sheet.tree(at, "tests", name) {
                say(sheet, at, "file://");
                listed(sheet, &Piece { file, node }, templates, found, depth + 1);
            }
        }
        "jsonl" => {
            let Some((path, text)) = sheet.text(at, "tests", name) else {
                return;
            };
            say(sheet, at, "file://");
            let file: Rc<str> = path.as_str().into();
            for (line, number) in text.lines().zip(1..) {
                if line.trim().is_empty() {
                    continue;
                }
                if !sheet.may_keep(at, found.len()) {
                    return;
                }
                match yaml::json(&path, line, number) {
                    Ok(node) => {
                        let piece = Piece {
                            file: Rc::clone(&file),
                            node,
                        };
                        found.push(test(sheet, &piece, templates));
                    }
                    Err(problem) => sheet.lost(at, "tests", &problem.to_string()),
                }
            }
        }
        "csv" => {
            if let Some((path, text)) = sheet.text(at, "tests", name) {
                say(sheet, at, "tests: CSV");
                for piece in csv::rows(sheet, &path, text) {
                    if sheet.may_keep(at, found.len()) {
                        found.push(test(sheet, &piece, templates));
                    }
                }
            }
        }
        _ if name.contains("://") && !name.starts_with("file://") => {
            say(sheet, at, "tests: functions and addresses");
        }
        "js" | "cjs" | "mjs" | "ts" | "py" => say(sheet, at, "tests: functions and addresses"),
        _ => {
            let note = format!(
                "{}: tests are read from YAML, JSON, JSON lines and CSV",
                shown(name)
            );
            sheet.lost(at, "tests", &note);
        }
    }
}

/// Each set of values of a scenario with each of its tests.
fn scenario(sheet: &mut Sheet<'_>, piece: &Piece, templates: &Templates, found: &mut Vec<Test>) {
    let part = |sheet: &mut Sheet<'_>, key| {
        let mut tests = Vec::new();
        if let Some(list) = piece.child(key) {
            listed(sheet, &list, templates, &mut tests, 0);
        }
        tests
    };
    let mut configs = part(sheet, "config");
    let mut tests = part(sheet, "tests");
    if configs.is_empty() {
        configs.push(Test::empty(piece.at()));
    }
    if tests.is_empty() {
        tests.push(Test::empty(piece.at()));
    }
    let copies = |all: &[Test], others: &[Test]| {
        all.iter()
            .any(|test| test.is_too_large(others.len().saturating_mul(all.len())))
    };
    let many = configs.len().saturating_mul(tests.len()) > 20_000;
    if many || copies(&configs, &tests) || copies(&tests, &configs) {
        sheet.lost(
            &piece.at(),
            "scenarios",
            "it comes to more than 20,000 tests; write those that matter",
        );
        return;
    }
    for config in &configs {
        for test in &tests {
            let mut test = test.clone().over(config);
            test.description = test.description.or_else(|| config.description.clone());
            found.push(test);
        }
    }
}
