//! What a data owner is told.

use std::fmt::Write as _;

use super::{Auditor, Purpose, Standing};
use crate::corpus::{AuditRules, Before, Code, Judged};

fn row(prompt: &str, answer: &str) -> String {
    format!("{{\"prompt\": \"{prompt}\", \"completion\": \"{answer}\"}}\n")
}

fn read(auditor: &mut Auditor, path: &str, purpose: Purpose, standing: Standing, text: &str) {
    let bytes = u64::try_from(text.len()).unwrap();
    let mut reading = auditor.begin(path, purpose, standing, bytes, text.as_bytes());
    while auditor.go_on(&mut reading, 3).unwrap() {}
}

fn judged(auditor: Auditor) -> Judged {
    AuditRules::default().judge(auditor.finish(), None, jiff::civil::date(2026, 11, 1))
}

fn audit(training: &str, validation: &str) -> Judged {
    let mut auditor = Auditor::new(None, Vec::new(), Before::default());
    read(
        &mut auditor,
        "train.jsonl",
        Purpose::Training,
        Standing::AllNew,
        training,
    );
    if !validation.is_empty() {
        read(
            &mut auditor,
            "val.jsonl",
            Purpose::Validation,
            Standing::AllNew,
            validation,
        );
    }
    judged(auditor)
}

/// Findings as `code path:line message`.
fn told(judged: &Judged) -> Vec<String> {
    let findings = judged.findings.iter();
    findings
        .map(|found| {
            let line = found
                .line
                .map(|line| format!(":{line}"))
                .unwrap_or_default();
            format!("{} {}{line} {}", found.code, found.path, found.message)
        })
        .collect()
}

#[test]
fn copies_name_the_row_that_they_copy() {
    let text = [row("a", "1"), row("b", "2"), row("a", "1"), row("a", "1")].concat();
    let judged = audit(&text, "");
    assert_eq!(
        told(&judged),
        [
            "duplicate-row train.jsonl:3 the same row as line 1",
            "duplicate-row train.jsonl:4 the same row as line 1"
        ]
    );
    assert_eq!((judged.files[0].rows, judged.files[0].distinct), (4, 2));
    assert_eq!(judged.findings[0].excerpt.as_deref(), Some("a"));
}

#[test]
fn a_validation_row_that_is_trained_on_blocks() {
    let text = [row("a", "1"), row("b", "2")].concat();
    let judged = audit(&text, &row("b", "2").repeat(2));
    let leaks = [
        "leakage val.jsonl:1 this validation row is training row train.jsonl:2",
        "leakage val.jsonl:2 this validation row is training row train.jsonl:2",
    ];
    assert_eq!(told(&judged)[..2], leaks);
    assert_eq!(judged.findings[0].severity, crate::policy::Severity::Fail);
}

#[test]
fn one_question_with_two_answers_is_told_once_for_each_further_answer() {
    let text = [row("a", "1"), row("a", "2"), row("a", "3"), row("b", "1")].concat();
    let told = told(&audit(&text, ""));
    assert_eq!(
        told,
        [
            "label-conflict train.jsonl:2 asks the same as line 1 and answers otherwise",
            "label-conflict train.jsonl:3 asks the same as line 1 and answers otherwise"
        ]
    );
}

#[test]
fn a_broken_line_is_told_with_its_place_and_the_rest_is_read() {
    let text = format!(
        "{}{{\"prompt\": \n\nnothing\n{}",
        row("a", "1"),
        row("b", "2")
    );
    let judged = audit(&text, "");
    let told = told(&judged);
    assert_eq!(told.len(), 2);
    assert!(
        told[0].starts_with("broken-row train.jsonl:2 the JSON ends too early"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("broken-row train.jsonl:4 this is not JSON"),
        "{told:?}"
    );
    assert_eq!(judged.files[0].rows, 4);
}

#[test]
fn formats_are_not_mixed_in_a_file() {
    let text = format!("{}{{\"text\": \"Once\"}}\n", row("a", "1"));
    assert_eq!(
        told(&audit(&text, "")),
        [
            "mixed-formats train.jsonl:2 this row is plain text, the file's first is prompt and completion"
        ]
    );
}

#[test]
fn only_rows_that_the_change_adds_are_listed_and_old_ones_are_counted() {
    let former = [row("a", "1"), row("a", "1"), "broken\n".to_owned()].concat();
    let now = format!("{former}{}also broken\n", row("a", "1"));
    let mut before = Before::default();
    before
        .read("train.jsonl", Purpose::Training, former.as_bytes())
        .unwrap();
    before.close();
    let mut auditor = Auditor::new(None, Vec::new(), before);
    read(
        &mut auditor,
        "train.jsonl",
        Purpose::Training,
        Standing::Changed,
        &now,
    );
    let judged = judged(auditor);
    let places: Vec<_> = judged
        .findings
        .iter()
        .map(|found| (found.code, found.line))
        .collect();
    assert_eq!(
        places,
        [(Code::BrokenRow, Some(5)), (Code::DuplicateRow, Some(4))]
    );
    let counts: Vec<_> = judged
        .counts
        .iter()
        .map(|count| (count.code, count.new, count.old))
        .collect();
    assert_eq!(
        counts,
        [(Code::BrokenRow, 1, 1), (Code::DuplicateRow, 1, 1)]
    );
    let file = &judged.files[0];
    assert_eq!(
        (file.rows_added, file.rows_removed, file.rows_changed),
        (2, 0, 0)
    );
}

#[test]
fn a_row_that_stands_in_an_untouched_file_is_a_copy_where_it_is_added() {
    let mut before = Before::default();
    before.close();
    let mut auditor = Auditor::new(None, Vec::new(), before);
    let text = row("a", "1");
    read(
        &mut auditor,
        "z.jsonl",
        Purpose::Training,
        Standing::Untouched,
        &text,
    );
    read(
        &mut auditor,
        "a.jsonl",
        Purpose::Training,
        Standing::Changed,
        &text,
    );
    assert_eq!(
        told(&judged(auditor)),
        ["duplicate-row a.jsonl:1 the same row as z.jsonl:1"]
    );
}

#[test]
fn very_many_findings_are_counted_and_the_first_hundred_listed() {
    let mut text = String::new();
    for line in 0..500 {
        writeln!(text, "broken {line}").unwrap();
    }
    let judged = audit(&text, "");
    assert_eq!(judged.findings.len(), 100);
    assert_eq!(judged.counts[0].new, 500);
}

#[test]
fn an_entry_that_ignores_a_finding_holds_until_its_last_day() {
    use crate::corpus::Ignore;
    let rules = |until| AuditRules {
        ignore: vec![Ignore {
            code: Code::BrokenRow,
            path: "*.jsonl".to_owned(),
            reason: "known".to_owned(),
            until,
        }],
        ..AuditRules::default()
    };
    let audited = || {
        let mut auditor = Auditor::new(None, Vec::new(), Before::default());
        read(
            &mut auditor,
            "train.jsonl",
            Purpose::Training,
            Standing::AllNew,
            "broken",
        );
        auditor.finish()
    };
    let day = jiff::civil::date(2026, 11, 1);
    for until in [None, Some(day)] {
        let judged = rules(until).judge(audited(), None, day);
        assert_eq!(judged.findings, []);
        assert_eq!((judged.counts[0].new, judged.counts[0].ignored), (0, 1));
    }
    let judged = rules(Some(day)).judge(audited(), None, day.tomorrow().unwrap());
    assert_eq!(judged.findings.len(), 1);
    assert!(
        judged.expired[0].contains("held until 2026-11-01"),
        "{:?}",
        judged.expired
    );
}

#[test]
fn an_empty_file_and_one_that_cannot_be_read_are_told() {
    let mut auditor = Auditor::new(None, Vec::new(), Before::default());
    read(
        &mut auditor,
        "empty.jsonl",
        Purpose::Training,
        Standing::Changed,
        "\n",
    );
    auditor.unread("large.bin", Purpose::Training, 9, "stored with Git LFS");
    assert_eq!(
        told(&judged(auditor)),
        [
            "not-read large.bin stored with Git LFS",
            "empty-file empty.jsonl the file has no rows"
        ]
    );
}
