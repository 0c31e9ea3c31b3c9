//! Training data: what each changed file gains and loses, and what is wrong with the rows that are new.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::{Room, Style};
use crate::corpus::{Code, FileAudit, Finding, FindingCount};
use crate::policy::Severity;
use crate::record::{Audit, RunRecord};

/// Findings of one code that are shown with their places; the rest is counted.
const MOST_OF_A_CODE: usize = 5;
/// Kinds of findings that are named in a file's row.
const MOST_KINDS: usize = 4;

#[derive(Serialize)]
pub(super) struct Data {
    title: String,
    files: Vec<DataFile>,
    kinds: Vec<Kind>,
    /// Whether one of them blocks: then nobody has to look for it.
    open: bool,
    /// Findings that are not held against the change.
    old: Option<String>,
}

#[derive(Serialize)]
struct DataFile {
    path: String,
    rows: String,
    findings: String,
}

/// All findings of one code.
#[derive(Serialize)]
pub(in crate::report) struct Kind {
    pub(in crate::report) title: String,
    pub(in crate::report) advice: String,
    pub(in crate::report) findings: Vec<String>,
}

/// What is said of training data; nothing where the change touches none.
pub(super) fn data(record: &RunRecord, style: Style, room: Room) -> Option<Data> {
    let audit = &record.audit;
    if audit.files.is_empty() && audit.counts.is_empty() {
        return None;
    }
    let title = if record.source.event == "pull_request" {
        "Training data in this pull request"
    } else {
        "Training data in this change"
    };
    let shown = audit.files.iter().take(room.lines);
    let mut files: Vec<DataFile> = shown
        .map(|file| DataFile {
            rows: rows(file),
            ..data_file(record, &file.path, style)
        })
        .collect();
    files.extend(
        beside(record)
            .into_iter()
            .map(|path| data_file(record, path, style)),
    );
    files.extend(room.beyond(audit.files.len()).map(|path| DataFile {
        path,
        rows: "–".to_owned(),
        findings: "–".to_owned(),
    }));
    Some(Data {
        title: title.to_owned(),
        files,
        kinds: kinds_of(&record.audit, style, room.lines, "in the run's files"),
        open: audit.blocking().next().is_some(),
        old: old(&audit.counts),
    })
}

/// Files that the change leaves as they are and in which it causes findings: a validation row that is now trained on.
fn beside(record: &RunRecord) -> BTreeSet<&str> {
    let changed: BTreeSet<&str> = record
        .audit
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    let counts = record.audit.counts.iter().filter(|count| count.new > 0);
    let paths = counts.map(|count| count.path.as_str());
    paths.filter(|path| !changed.contains(path)).collect()
}

fn data_file(record: &RunRecord, path: &str, style: Style) -> DataFile {
    let counts = record
        .audit
        .counts
        .iter()
        .filter(|count| count.path == path);
    let counts: Vec<&FindingCount> = counts
        .filter(|count| count.new + count.ignored > 0)
        .collect();
    let more = counts.len().saturating_sub(MOST_KINDS);
    let mut findings: Vec<String> = counts
        .iter()
        .take(MOST_KINDS)
        .map(|count| counted(record, count))
        .collect();
    if more > 0 {
        findings.push(format!("{more} more kinds"));
    }
    DataFile {
        path: style.code(path),
        rows: "unchanged".to_owned(),
        findings: if findings.is_empty() {
            "none".to_owned()
        } else {
            findings.join(" · ")
        },
    }
}

fn rows(file: &FileAudit) -> String {
    if file.not_read.is_some() {
        return "not read".to_owned();
    }
    let moved = file.rows_added + file.rows_removed + file.rows_changed;
    let mut rows = if moved == 0 {
        "same rows, written otherwise".to_owned()
    } else {
        format!("+{} −{}", file.rows_added, file.rows_removed)
    };
    if file.rows_changed > 0 {
        write!(rows, ", {} changed", file.rows_changed).ok();
    }
    if file.distinct < file.rows {
        let all = crate::figures::counted(file.rows, "row");
        write!(rows, " ({all}, {} distinct)", file.distinct).ok();
    }
    rows
}

/// `❌ 1 secret (line 7)`, `⚠ 38 duplicates (first: line 1103)`.
fn counted(record: &RunRecord, count: &FindingCount) -> String {
    if count.new == 0 {
        return format!("{} (accepted)", count.code.counted(count.ignored));
    }
    let same = |finding: &&Finding| finding.code == count.code && finding.path == count.path;
    let line = record
        .audit
        .findings
        .iter()
        .find(same)
        .and_then(|first| first.line);
    let place = match (line, count.new) {
        (None, _) => String::new(),
        (Some(line), 1) => format!(" (line {line})"),
        (Some(line), _) => format!(" (first: line {line})"),
    };
    format!(
        "{} {}{place}",
        mark(count.severity),
        count.code.counted(count.new)
    )
}

const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Fail => "❌",
        Severity::Warn => "⚠",
    }
}

/// The findings of each kind, blocking kinds first, with their first places.
pub(in crate::report) fn kinds_of(
    audit: &Audit,
    style: Style,
    lines: usize,
    elsewhere: &str,
) -> Vec<Kind> {
    let of = |code: Code| {
        audit
            .findings
            .iter()
            .filter(move |finding| finding.code == code)
    };
    let present = Code::ALL
        .into_iter()
        .filter(|code| of(*code).next().is_some());
    let mut present: Vec<(Severity, Code)> = present
        .map(|code| {
            (
                of(code)
                    .next()
                    .map_or(Severity::Warn, |first| first.severity),
                code,
            )
        })
        .collect();
    present.sort_by_key(|(severity, _)| *severity == Severity::Warn);
    let kinds = present.into_iter().map(|(severity, code)| {
        let total: u64 = audit
            .counts
            .iter()
            .filter(|count| count.code == code)
            .map(|count| count.new)
            .sum();
        let most = MOST_OF_A_CODE.min(lines);
        let mut findings: Vec<String> = of(code)
            .take(most)
            .map(|found| finding(found, style))
            .collect();
        let left = total.saturating_sub(u64::try_from(findings.len()).unwrap_or(u64::MAX));
        if left > 0 {
            findings.push(format!("{left} more {elsewhere}"));
        }
        Kind {
            title: format!("{} {} ({code})", mark(severity), code.counted(total)),
            advice: code.advice().to_owned(),
            findings,
        }
    });
    kinds.collect()
}

fn finding(finding: &Finding, style: Style) -> String {
    let place = finding.line.map_or_else(
        || finding.path.clone(),
        |line| format!("{}:{line}", finding.path),
    );
    let excerpt = finding
        .excerpt
        .as_deref()
        .filter(|excerpt| !excerpt.is_empty());
    let excerpt = excerpt.map(|excerpt| format!(": {}", style.code(excerpt)));
    format!(
        "{} {}{}",
        style.code(&place),
        style.text(&finding.message),
        excerpt.unwrap_or_default()
    )
}

fn old(counts: &[FindingCount]) -> Option<String> {
    let old: u64 = counts.iter().map(|count| count.old).sum();
    let were = if old == 1 {
        "finding is"
    } else {
        "findings are"
    };
    (old > 0).then(|| format!("{old} further {were} in rows that were there before; they are counted, not held against this change."))
}
