//! Pages: a record as one file that needs no network and works from a disk, and stored records as another.
//!
//! Rust decides facts and positions, templates decide words. Words of others stand in the page as escaped text, or as
//! data that no browser runs and that the page's own script shows as text; a content security policy allows that one
//! script, by its digest, and nothing else.

mod agents;
mod calibration;
mod cases;
mod frame;
mod plot;
mod trend;
mod trust;

use std::io::{self, Write};
use std::ops::Range;

use minijinja::{HtmlEscape, Value};
use serde::Serialize;

use super::view::{self, Room, Style, View};
use super::{Context, MOST_WORSE_CASES, ReportError, render};
use crate::agent::AgentName;
use crate::record::{Outcome, RunRecord};
use agents::{Agents, agents};
pub use calibration::calibration;
pub use cases::Told;
use frame::Frame;
pub use trend::history;
use trust::{Trust, trust};

/// The words of some of an agent's cases, given with their places.
pub type Words<'w, E> = dyn FnMut(&AgentName, Range<usize>) -> Result<Vec<Told>, E> + 'w;

#[derive(Serialize)]
struct Page {
    frame: Frame,
    title: String,
    outcome: &'static str,
    commit: Option<String>,
    day: String,
    log: Option<String>,
    #[serde(flatten)]
    agents: Agents,
    trust: Option<Trust>,
    view: View,
}

/// Why a page is not there, or not whole.
#[derive(Debug, thiserror::Error)]
pub enum PageError<E> {
    /// A template could not be rendered.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The page could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The words of a case could not be had.
    #[error("the words of a case cannot be read: {0}")]
    Words(E),
}

/// Writes a record as `report.html`. The words of its cases are asked for as they are written.
pub fn write<E>(
    record: &RunRecord,
    context: &Context,
    words: &mut Words<'_, E>,
    out: &mut impl Write,
) -> Result<(), PageError<E>> {
    out.write_all(render("report.html", &page(record, context))?.as_bytes())?;
    out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
    cases::write(record, context, words, out)?;
    out.write_all(b"</script>\n")?;
    Ok(out.write_all(frame::end().as_bytes())?)
}

fn page(record: &RunRecord, context: &Context) -> Page {
    let room = Room {
        cases: MOST_WORSE_CASES,
        lines: usize::MAX,
    };
    let view = view::build(record, context, Style::Plain, room);
    Page {
        frame: Frame::with_script(),
        title: super::headline(record),
        outcome: class(record.verdict.outcome),
        commit: commit(record),
        day: record.created.chars().take(10).collect(),
        log: context.run.url.as_deref().and_then(address),
        agents: agents(record),
        trust: trust(record),
        view,
    }
}

/// Text in which what stands between two backticks is shown as code, as it is in the comment.
pub(super) fn spans(text: &str) -> Value {
    let escaped = HtmlEscape(text).to_string();
    let mut out = String::with_capacity(escaped.len());
    let mut rest = escaped.as_str();
    while let Some((before, (code, after))) = rest
        .split_once('`')
        .and_then(|(before, code)| Some((before, code.split_once('`')?)))
    {
        out.push_str(before);
        out.push_str("<code>");
        out.push_str(code);
        out.push_str("</code>");
        rest = after;
    }
    out.push_str(rest);
    Value::from_safe_string(out)
}

fn commit(record: &RunRecord) -> Option<String> {
    let commit = record.source.commit.as_deref()?;
    Some(Style::Plain.text(&commit.chars().take(7).collect::<String>()))
}

/// An address that a page may link: of the web, and without anything that an address of ours does not have.
fn address(url: &str) -> Option<String> {
    let ours = url.starts_with("https://") || url.starts_with("http://");
    ours.then(|| view::link(url))
}

const fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Inconclusive | Outcome::Error => "unmeasured",
        Outcome::Skipped => "skipped",
    }
}

#[cfg(test)]
mod tests;
