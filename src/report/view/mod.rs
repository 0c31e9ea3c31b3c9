//! The view model: ready strings and ordered rows for the templates, escaped for the place where they will stand.

mod data;
mod fold;
mod fresh;
mod method;
mod notes;
mod rows;
mod worse;

use serde::Serialize;

use super::{Context, Force, RunLine, accepted, calibrated, escape, headline, table};
use crate::figures::points;
use crate::record::{AgentRecord, Outcome, RunRecord};
use crate::score::Dimension;
pub(super) use data::kinds_of;
use data::{Data, data};
use fold::{DimensionRow, Rule, after_merge, because, dimension_names, dimension_rows, rules};
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
        do_this: do_this(record, context, line.do_this),
        banners: room.list(context.banners.iter().map(|banner| style.text(banner))),
        blocks: match context.force {
            Force::Blocks => "Blocking",
            Force::ReportsOnly => "Would block",
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
        to_accept: match context.force {
            Force::Blocks => accepted::how(context.accepting.as_ref(), style),
            Force::ReportsOnly => None,
        },
        notes: room.list(notes(record, style)),
        because: room.list(because(record, style)),
        dimensions: dimension_rows(record, &names, style, room),
        dimension_names: names.iter().map(|name| style.text(name.as_str())).collect(),
        method: room.list(method::method(record, style)).join("\n\n"),
        footer: footer(record, context, style),
    }
}

/// Nobody is told to hold back what nothing holds back.
fn do_this(record: &RunRecord, context: &Context, advice: String) -> String {
    match (context.force, record.verdict.outcome) {
        (Force::ReportsOnly, Outcome::Fail | Outcome::Inconclusive) => {
            "you may merge: this run only reports and blocks nothing. Once the gate is in force, the same result fails the check.".to_owned()
        }
        (Force::Blocks | Force::ReportsOnly, _) => advice,
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
pub(super) fn link(url: &str) -> String {
    url.chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '<' | '>' | '"' | '\\' | '`'))
        .collect()
}

/// Who graded.
fn judge(record: &RunRecord, style: Style) -> Option<String> {
    let graded_by = |agent: &AgentRecord| Some((agent.judge.clone()?, agent.scorer.grader.clone()));
    let (judge, own) = record.touched().find_map(graded_by)?;
    // Scores of somebody's own grader stand in the place of the judge's.
    let replaced = |name: &&Dimension| own.iter().any(|own| own.dimensions.contains(*name));
    let graded = judge.dimensions.iter().filter(|name| !replaced(name));
    let graded: Vec<&str> = graded.map(Dimension::as_str).collect();
    if graded.is_empty() {
        return None;
    }
    let votes = match judge.votes {
        1 => String::new(),
        votes => format!(" (median of {votes} votes)"),
    };
    let (model, graded) = (style.text(&judge.model), style.text(&graded.join(", ")));
    Some(format!("{graded} graded by {model}{votes}"))
}

/// Tokens of answers and grades.
fn tokens(agent: &AgentRecord) -> u64 {
    let graded = agent.judge.as_ref().map(|judge| judge.usage);
    let usage = graded.unwrap_or_default();
    agent.usage.prompt_tokens
        + agent.usage.completion_tokens
        + usage.prompt_tokens
        + usage.completion_tokens
}

fn footer(record: &RunRecord, context: &Context, style: Style) -> String {
    let asked = || record.touched().chain(&record.arms);
    let sum = |part: fn(&AgentRecord) -> u64| asked().map(part).sum::<u64>();
    let mut parts = vec![
        format!(
            "{} answers, {} unanswered",
            sum(|a| a.counts.scored.into()),
            sum(|a| a.counts.unanswered.into())
        ),
        format!("{} retries", sum(|a| a.counts.retries.into())),
    ];
    let scored = sum(|a| a.counts.scored.into());
    for (count, from) in [
        (sum(|a| a.counts.cached.into()), "from the cache"),
        (sum(|a| a.counts.reused.into()), "reused from the baseline"),
    ] {
        if count > 0 {
            parts.push(format!("{count} of {scored} answers {from}"));
        }
    }
    let unscored = sum(|a| a.counts.unscored.into());
    if unscored > 0 {
        parts.insert(1, format!("{unscored} not scored"));
    }
    parts.extend(judge(record, style));
    parts.push(format!("{} tokens", sum(tokens)));
    let costs: Option<Vec<f64>> = asked().map(AgentRecord::cost).collect();
    if let Some(costs) = costs.filter(|costs| !costs.is_empty()) {
        let currency = record
            .prices
            .get("currency")
            .and_then(|value| value.as_str())
            .unwrap_or("USD");
        parts.push(format!(
            "{} {:.4}",
            style.text(currency),
            costs.iter().sum::<f64>()
        ));
    }
    let counted = record
        .agents
        .iter()
        .filter(|agent| agent.score.is_some() && !agent.new)
        .count();
    if let Some(score) = record.overall.score.filter(|_| counted > 1) {
        parts.push(format!("mean over {counted} agents {}", points(score)));
    }
    parts.extend(calibrated::line(record, style));
    match (&context.run.url, style) {
        (Some(url), Style::Markdown) => parts.push(format!("[run log]({})", link(url))),
        (Some(url), Style::Plain) => parts.push(escape::plain(url)),
        (None, _) => {}
    }
    parts.push(format!("tunegate {}", style.text(&record.tool.version)));
    parts.join(" · ")
}
