//! The documents people read: the comment, its plain-text twin, and notices where there is no result.
//!
//! Everything is computed from the record. Templates decide wording, Rust decides facts; untrusted text passes through
//! [`escape`] on its way in.

mod accepted;
mod advice;
mod audit;
mod base_model;
mod calibrated;
mod calibration;
pub mod escape;
pub mod explain;
mod headline;
pub mod history;
pub mod machine;
mod notice;
pub mod page;
mod part;
mod proof;
mod rules;
mod self_test;
mod table;
pub mod terminal;
mod unchanged;
mod unmeasured;
mod view;

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::agent::AgentName;
use crate::record::RunRecord;
use crate::suite::CaseId;

pub use audit::audit;
pub use calibration::calibration;
pub use notice::{Notice, RunLine};
pub use self_test::{Tested, self_test};
pub(crate) use view::link;

/// GitHub refuses a comment over 65,536 characters; one budget in bytes, with room for its own additions, keeps clear
/// of every related limit (<https://docs.github.com/en/rest/issues/comments>).
pub const MOST_BYTES: usize = 60_000;

/// Where the project lives; its documentation is below.
const HOME: &str = "https://github.com/tunegate/tunegate";

const MOST_WORSE_CASES: usize = 5;
const MOST_LINES: usize = 200;

/// From everything that a reader could want down to the little that always fits.
fn rooms() -> impl Iterator<Item = view::Room> {
    let fewer_cases = (0..=MOST_WORSE_CASES)
        .rev()
        .map(|cases| (cases, MOST_LINES));
    let fewer_lines = [50, 12, 3].map(|lines| (0, lines));
    fewer_cases
        .chain(fewer_lines)
        .map(|(cases, lines)| view::Room { cases, lines })
}

/// Whether answers may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// Excerpts of prompts and answers.
    Excerpts,
    /// Prompts only: they stand in the repository anyway.
    Hidden,
}

/// What a comment says besides the record.
#[derive(Debug, Clone)]
pub struct Context {
    /// Whether answers may be shown.
    pub answers: Answers,
    /// Which run speaks.
    pub run: RunLine,
    /// Sentences that belong above everything else.
    pub banners: Vec<String>,
    /// What the baseline's model said to cases that are quoted, where it is known.
    pub old_answers: BTreeMap<(AgentName, CaseId), String>,
    /// How what blocks may be accepted; absent where that is nothing that can be.
    pub accepting: Option<Accepting>,
}

/// How what blocks may be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepting {
    /// A hidden line, our own words: since when what is blocked is proposed.
    pub proposed: Option<String>,
    /// The agents of which something can be accepted and is not.
    pub agents: Vec<AgentName>,
    /// The permission that is needed.
    pub permission: &'static str,
    /// How long an acceptance holds, in words.
    pub holds: String,
}

/// The words for people: `✅ PASS (not proven)`.
pub const fn verdict_word(outcome: crate::record::Outcome, proven: bool) -> &'static str {
    headline::word(outcome, proven)
}

/// A template could not be rendered: a defect of this program.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be written: {0}")]
pub struct ReportError(#[from] minijinja::Error);

/// The Markdown comment, at most [`MOST_BYTES`] long: where it would be longer, whole cases, then whole lines are left
/// out and counted.
pub fn comment(record: &RunRecord, context: &Context) -> Result<String, ReportError> {
    let mut text = String::new();
    for room in rooms() {
        text = render(
            "comment.md",
            &view::build(record, context, view::Style::Markdown, room),
        )?;
        if text.len() <= MOST_BYTES {
            return Ok(text);
        }
    }
    let notice = notice::instead_of(record, context, text.len());
    notice.markdown()
}

/// The cases that the documents quote: their words are needed in the record.
pub fn quoted(record: &RunRecord) -> Vec<(AgentName, CaseId)> {
    let agents = record.touched();
    agents
        .flat_map(|agent| {
            let cases = view::quoted(agent, MOST_WORSE_CASES).into_iter();
            cases.map(|case| (agent.name.clone(), case.id.clone()))
        })
        .collect()
}

/// The plain-text summary, for terminals and files.
pub fn summary(record: &RunRecord, context: &Context) -> Result<String, ReportError> {
    let room = view::Room {
        cases: MOST_WORSE_CASES,
        lines: usize::MAX,
    };
    let view = view::build(record, context, view::Style::Plain, room);
    render("summary.txt", &view)
}

/// The verdict in one line of plain text.
pub fn headline(record: &RunRecord) -> String {
    headline::of(record, view::Style::Plain).headline
}

/// The verdict in one line of Markdown.
pub fn headline_markdown(record: &RunRecord) -> String {
    headline::of(record, view::Style::Markdown).headline
}

fn render<T: Serialize>(name: &str, view: &T) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("spans", page::spans);
    environment.add_template("comment.md", include_str!("templates/comment.md.jinja"))?;
    environment.add_template("summary.txt", include_str!("templates/summary.txt.jinja"))?;
    environment.add_template("notice.md", include_str!("templates/notice.md.jinja"))?;
    environment.add_template("junit.xml", include_str!("templates/junit.xml.jinja"))?;
    environment.add_template("page.html", include_str!("templates/page.html.jinja"))?;
    environment.add_template("report.html", include_str!("templates/report.html.jinja"))?;
    environment.add_template("history.html", include_str!("templates/history.html.jinja"))?;
    environment.add_template(
        "calibration.html",
        include_str!("templates/calibration.html.jinja"),
    )?;
    environment.add_template(
        "agreement.html",
        include_str!("templates/agreement.html.jinja"),
    )?;
    let mut text = environment.get_template(name)?.render(Serde(view))?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests;
