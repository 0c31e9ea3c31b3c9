//! What `tunegate audit` prints: the files, then each kind of finding with its first places and what to do.

use std::fmt::Write as _;

use super::escape;
use super::view::{Style, kinds_of};
use crate::corpus::FileAudit;
use crate::record::Audit;

/// The findings of an audit for a terminal or a text file.
pub fn audit(audit: &Audit, notices: &[String]) -> String {
    let mut text = String::new();
    let names = audit.files.iter().map(|file| escape::plain(&file.path));
    let names: Vec<String> = names.collect();
    let width = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    for (file, name) in audit.files.iter().zip(&names) {
        let space = " ".repeat(width - name.chars().count());
        // A log's line that begins with a file's name could be a command to the runner.
        writeln!(text, "- {name}{space}  {}", described(file)).ok();
    }
    for kind in kinds_of(audit, Style::Plain, usize::MAX, "with --json") {
        writeln!(text, "\n{}\n  {}", kind.title, kind.advice).ok();
        for finding in kind.findings {
            writeln!(text, "    - {finding}").ok();
        }
    }
    for notice in notices {
        writeln!(text, "\nNote: {}", escape::plain(notice)).ok();
    }
    let blocking: u64 = audit.blocking().map(|count| count.new).sum();
    let told: u64 = audit.counts.iter().map(|count| count.new).sum();
    let ignored: u64 = audit.counts.iter().map(|count| count.ignored).sum();
    let accepted = if ignored > 0 {
        format!(", {ignored} accepted by `audit.ignore`")
    } else {
        String::new()
    };
    let line = match (blocking, told) {
        (0, 0) => "✅ nothing found".to_owned(),
        (0, 1) => "⚠ 1 finding, which does not block".to_owned(),
        (1, 1) => "❌ 1 finding, which blocks".to_owned(),
        (0, told) => format!("⚠ {told} findings, none of which blocks"),
        (blocking, told) => format!("❌ {blocking} of {told} findings block"),
    };
    writeln!(text, "\n{line}{accepted}").ok();
    text
}

fn described(file: &FileAudit) -> String {
    if let Some(why) = &file.not_read {
        return format!("not read: {}", escape::plain(why));
    }
    let noun = if file.rows == 1 { "row" } else { "rows" };
    let mut rows = format!("{} {noun}, {} distinct", file.rows, file.distinct);
    if file.also_elsewhere > 0 {
        write!(
            rows,
            ", {} of them also in another file",
            file.also_elsewhere
        )
        .ok();
    }
    let mut parts = vec![rows];
    parts.extend(file.format.map(|format| format.name().to_owned()));
    parts.push(format!("about {} tokens", file.approximate_tokens));
    if file.validation {
        parts.push("validation".to_owned());
    }
    parts.join(" · ")
}
