//! The view model: ready strings and ordered rows for the templates, escaped for the place where they will stand.

mod data;
mod fold;
mod footer;
mod fresh;
mod method;
mod notes;
mod rows;
mod worse;

use serde::Serialize;

use super::{Context, RunLine, accepted, escape, headline, table};
use crate::record::{Outcome, RunRecord};
pub(super) use data::kinds_of;
use data::{Data, data};
use fold::{DimensionRow, Rule, after_merge, because, dimension_names, dimension_rows, rules};
use footer::footer;
use notes::{notes, reasons};
use rows::rows;
pub(super) use rows::{Row, beside_floor, carried, row};
pub(super) use worse::quoted;
use worse::{Worse, worse};

const TEXT_CHARS: usize = 600;
const CODE_CHARS: usize = 200;

/// How much of a record is shown: what does not fit is left out whole, and counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Cases of an agent that got worse.
    pub(super) cases: usize,
    /// Lines of a list, rows of a table.
    pub(super) lines: usize,
}

impl Room {
    fn list(self, items: impl IntoIterator<Item = String>) -> Vec<String> {
        let mut items: Vec<String> = items.into_iter().collect();
        if let Some(more) = self.beyond(items.len()) {
            items.truncate(self.lines);
            items.push(more);
        }
        items
    }

    fn beyond(self, count: usize) -> Option<String> {
        let more = count.saturating_sub(self.lines);
        (more > 0).then(|| format!("{more} more in the run's files"))
    }
}

/// Where text will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A GitHub comment.
    Markdown,
    /// A terminal or a text file.
    Plain,
}

impl Style {
    pub(super) fn name(self, name: &str) -> String {
        self.text(name)
    }

    pub(super) fn text(self, text: &str) -> String {
        match self {
            Self::Markdown => escape::inline(&escape::excerpt(text, TEXT_CHARS)),
            Self::Plain => escape::plain(&escape::excerpt(text, TEXT_CHARS)),
        }
    }

    pub(super) fn code(self, text: &str) -> String {
        match self {
            Self::Markdown => escape::code(&escape::excerpt(text, CODE_CHARS)),
            Self::Plain => escape::plain(&escape::excerpt(text, CODE_CHARS)),
        }
    }

    /// What is to be typed or looked for as it stands.
    pub(super) fn literal(self, text: &str) -> String {
        match self {
            Self::Markdown => self.code(text),
            Self::Plain => format!("`{}`", self.code(text)),
        }
    }

    fn bold(self, text: &str) -> String {
        match self {
            Self::Markdown => format!("**{text}**"),
            Self::Plain => text.to_owned(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct View {
    #[serde(flatten)]
    run: RunLine,
    proposed: Option<String>,
    headline: String,
    do_this: String,
    banners: Vec<String>,
    /// What stands above what blocks.
    blocks: &'static str,
    blocking: Vec<String>,
    rows: Vec<Row>,
    table: String,
    worse: Vec<Worse>,
    data: Option<Data>,
    fresh: Vec<String>,
    rules: Vec<Rule>,
    rules_folded: bool,
    after_merge: Option<String>,
    accepted: Vec<String>,
    to_accept: Option<String>,
    notes: Vec<String>,
    because: Vec<String>,
    dimension_names: Vec<String>,
    dimensions: Vec<DimensionRow>,
    method: String,
    footer: String,
}

pub(super) fn build(record: &RunRecord, context: &Context, style: Style, room: Room) -> View {
    let line = headline::of(record, style);
    let names = dimension_names(record, room);
    let rows = rows(record, style, room);
    View {
        run: harmless(&context.run),
        proposed: context
            .accepting
            .as_ref()
            .and_then(|accepting| accepting.proposed.clone()),
        headline: line.headline,
        do_this: do_this(record, line.do_this),
        banners: room.list(banners(record, context).map(|banner| style.text(banner))),
        blocks: match record.run.report_only {
            None => "Blocking",
            Some(_) => "Would block",
        },
        blocking: room.list(reasons(record, true, style)),
        table: table::plain(&rows),
        rows,
        worse: record
            .touched()
            .filter_map(|agent| worse(agent, context, style, room.cases))
            .take(room.lines)
            .collect(),
        data: data(record, style, room),
        fresh: room.list(
            record
                .touched()
                .filter_map(|agent| fresh::line(agent, style)),
        ),
        rules: rules(record, style, room),
        rules_folded: super::rules::begin(record),
        after_merge: after_merge(record, style),
        accepted: room.list(accepted::lines(record, style)),
        to_accept: match record.run.report_only {
            None => accepted::how(context.accepting.as_ref(), style),
            Some(_) => None,
        },
        notes: room.list(notes(record, style)),
        because: room.list(because(record, style)),
        dimensions: dimension_rows(record, &names, style, room),
        dimension_names: names.iter().map(|name| style.text(name.as_str())).collect(),
        method: room.list(method::method(record, style)).join("\n\n"),
        footer: footer(record, context, style),
    }
}

/// What stands above everything else, first that nothing is held back.
fn banners<'a>(record: &'a RunRecord, context: &'a Context) -> impl Iterator<Item = &'a String> {
    record.run.report_only.iter().chain(&context.banners)
}

/// Nobody is told to hold back what nothing holds back.
fn do_this(record: &RunRecord, advice: String) -> String {
    match (&record.run.report_only, record.verdict.outcome) {
        (Some(_), Outcome::Fail | Outcome::Inconclusive) => {
            "you may merge: this run only reports and blocks nothing. Once the gate is in force, the same result fails the check.".to_owned()
        }
        (Some(_) | None, _) => advice,
    }
}

/// The hidden line must stay hidden whatever the environment says: no `-->`, no new line.
pub(super) fn harmless(run: &RunLine) -> RunLine {
    let keep = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':'))
            .take(100)
            .collect()
    };
    let gate_id = run
        .gate_id
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .collect();
    RunLine {
        gate_id,
        run_id: keep(&run.run_id),
        head: keep(&run.head),
        ..run.clone()
    }
}

/// An address that we wrote ourselves, without characters that end a Markdown link.
pub(crate) fn link(url: &str) -> String {
    url.chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '<' | '>' | '"' | '\\' | '`'))
        .collect()
}
