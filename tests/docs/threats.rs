//! The page of threats, cases and faults: each number stands there once, and each test that it names is one.

use std::collections::BTreeSet;
use std::path::Path;

use super::{page, read, root};

const PAGE: &str = "docs/threats.md";

/// The functions that a cell names as `path::function`.
fn named(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    let words = cell.split([',', ' ']);
    words
        .filter_map(|word| word.rsplit_once("::"))
        .filter(|(path, _)| {
            Path::new(path)
                .extension()
                .is_some_and(|ending| ending == "rs")
        })
}

#[test]
fn every_threat_and_case_stands_there_once_with_its_tests_or_why_it_cannot_arise() {
    let rows = page(PAGE).rows;
    let numbers = |id: &str| {
        let number = id.strip_prefix('S').unwrap_or(id);
        number.chars().all(|c| c.is_ascii_digit())
    };
    let rows: Vec<&Vec<String>> = rows.iter().filter(|row| numbers(&row[0])).collect();
    let mut ids: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let mut wanted: Vec<String> = (1..=18).map(|number| format!("S{number}")).collect();
    wanted.extend((1..=50).map(|number| number.to_string()));
    ids.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(ids, wanted);
    for row in rows {
        let tests = row[if row[0].starts_with('S') { 3 } else { 2 }].as_str();
        let told = named(tests).next().is_some() || tests.starts_with("cannot arise: ");
        assert!(told, "{}: {tests}", row[0]);
    }
}

#[test]
fn every_fault_has_its_test() {
    let rows = page(PAGE).rows;
    let faults = rows.iter().filter(|row| row.len() == 3);
    let faults: Vec<&Vec<String>> = faults
        .filter(|row| row[0].parse::<u32>().is_err())
        .collect();
    assert!(faults.len() >= 10, "{faults:?}");
    for fault in faults {
        assert!(named(&fault[2]).next().is_some(), "{}", fault[0]);
    }
}

#[test]
fn every_test_that_is_named_is_one() {
    let rows = page(PAGE).rows;
    let named: BTreeSet<(&str, &str)> =
        rows.iter().flatten().flat_map(|cell| named(cell)).collect();
    assert!(named.len() >= 100, "{}", named.len());
    for (path, name) in named {
        let text = read(&root().join(path));
        assert!(
            text.contains(&format!("fn {name}(")),
            "{path} has no {name}"
        );
    }
}
