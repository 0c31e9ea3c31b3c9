//! The view model: ready strings and ordered rows for the templates, escaped for the place where they will stand.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Answers, Context, RunLine, escape, headline, table};
use crate::figures::{change, points};
use crate::record::{
    AgentRecord, CaseRecord, Cause, CauseCode, Comparison, Outcome, PairedCase, ReasonCode,
    RuleDirection, RunRecord,
};
use crate::score::Dimension;

const PROMPT_CHARS: usize = 160;
const ANSWER_CHARS: usize = 1_200;
const MOST_LOSSES: usize = 3;
const MOST_DIMENSIONS: usize = 8;
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
    headline: String,
    do_this: String,
    banners: Vec<String>,
    blocking: Vec<String>,
    rows: Vec<Row>,
    table: String,
    worse: Vec<Worse>,
    rules: Vec<Rule>,
    notes: Vec<String>,
    because: Vec<String>,
    dimension_names: Vec<String>,
    dimensions: Vec<DimensionRow>,
    method: String,
    footer: String,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) agent: String,
    pub(super) result: String,
    pub(super) scores: String,
    pub(super) change: String,
}

#[derive(Serialize)]
struct Worse {
    agent: String,
    tally: String,
    cases: Vec<WorseCase>,
    omitted: Option<String>,
}

#[derive(Serialize)]
struct WorseCase {
    prompt: String,
    scores: String,
    lost: String,
    answer: Option<String>,
}

#[derive(Serialize)]
struct Rule {
    key: String,
    old: String,
    new: String,
}

#[derive(Serialize)]
struct DimensionRow {
    agent: String,
    values: Vec<String>,
}

pub(super) fn build(record: &RunRecord, context: &Context, style: Style, room: Room) -> View {
    let line = headline::of(record, style);
    let names = dimension_names(record, room);
    let rows = rows(record, style, room);
    View {
        run: harmless(&context.run),
        headline: line.headline,
        do_this: line.do_this,
        banners: room.list(context.banners.iter().map(|banner| style.text(banner))),
        blocking: room.list(reasons(record, true, style)),
        table: table::plain(&rows),
        rows,
        worse: record
            .touched()
            .filter_map(|agent| worse(agent, context, style, room.cases))
            .take(room.lines)
            .collect(),
        rules: rules(record, style, room),
        notes: room.list(notes(record, style)),
        because: room.list(because(record, style)),
        dimensions: dimension_rows(record, &names, style, room),
        dimension_names: names.iter().map(|name| style.text(name.as_str())).collect(),
        method: room.list(method(record, style)).join("\n\n"),
        footer: footer(record, context, style),
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

fn reasons(record: &RunRecord, blocking: bool, style: Style) -> Vec<String> {
    let wanted = record
        .verdict
        .reasons
        .iter()
        .filter(|reason| reason.blocking == blocking);
    wanted.map(|reason| style.text(&reason.message)).collect()
}

fn notes(record: &RunRecord, style: Style) -> Vec<String> {
    let mut notes: Vec<String> = record
        .verdict
        .reasons
        .iter()
        .filter(|reason| !reason.blocking && reason.code != ReasonCode::AgentImproved)
        .map(|reason| style.text(&reason.message))
        .collect();
    notes.extend(record.notices.iter().map(|notice| style.text(notice)));
    notes
}

fn rows(record: &RunRecord, style: Style, room: Room) -> Vec<Row> {
    let mut agents: Vec<&AgentRecord> = record.agents.iter().collect();
    agents.sort_by_key(|agent| (!agent.touched, agent.verdict.outcome != Outcome::Fail));
    let (touched, untouched): (Vec<_>, Vec<_>) =
        agents.into_iter().partition(|agent| agent.touched);
    let more = room.beyond(touched.len()).map(|agent| Row {
        agent,
        result: "–".to_owned(),
        scores: "–".to_owned(),
        change: "–".to_owned(),
    });
    let rows = touched
        .into_iter()
        .take(room.lines)
        .map(|agent| row(agent, style));
    rows.chain(more).chain(carried(&untouched, style)).collect()
}

/// Agents that nobody touched share a row: they are not what the reader came for.
fn carried(agents: &[&AgentRecord], style: Style) -> Option<Row> {
    let most = 12;
    let mut names: Vec<String> = agents
        .iter()
        .take(most)
        .map(|agent| style.name(agent.name.as_str()))
        .collect();
    let stored = |agent: &&AgentRecord| agent.score.map_or_else(|| "–".to_owned(), points);
    let scores: Vec<String> = agents.iter().take(most).map(stored).collect();
    if agents.len() > most {
        names.push(format!("{} more", agents.len() - most));
    }
    (!agents.is_empty()).then(|| Row {
        agent: names.join(", "),
        result: "– untouched".to_owned(),
        scores: format!("{} (stored)", scores.join(" · ")),
        change: "not asked".to_owned(),
    })
}

fn row(agent: &AgentRecord, style: Style) -> Row {
    let name = style.name(agent.name.as_str());
    let result = headline::word(agent.verdict.outcome, agent.verdict.proven);
    Row {
        agent: style.bold(&name),
        result: if agent.new {
            "new, not gating".to_owned()
        } else {
            result.to_owned()
        },
        scores: scores(agent, style),
        change: agent
            .comparison
            .as_ref()
            .map_or_else(|| "not compared".to_owned(), moved),
    }
}

fn scores(agent: &AgentRecord, style: Style) -> String {
    let Some(score) = agent.score else {
        return "no score".to_owned();
    };
    match &agent.comparison {
        Some(c) => format!(
            "{} → {}",
            points(c.baseline_score),
            style.bold(&beside_floor(agent, score))
        ),
        None => style.bold(&beside_floor(agent, score)),
    }
}

/// With so many digits that it stands on its own side of the agent's floor.
fn beside_floor(agent: &AgentRecord, score: f64) -> String {
    agent.floor.map_or_else(
        || points(score),
        |floor| crate::figures::points_against(score, floor),
    )
}

/// `▼ 0.81`: never by colour alone, and the sign in words of direction.
fn moved(comparison: &Comparison) -> String {
    let size = points(comparison.change.abs());
    match change(comparison.change).chars().next() {
        Some('−') => format!("▼ {size}"),
        Some('+') => format!("▲ {size}"),
        _ => "= 0.00".to_owned(),
    }
}

fn worse(agent: &AgentRecord, context: &Context, style: Style, most: usize) -> Option<Worse> {
    let cases = match &agent.comparison {
        Some(comparison) => fallen(agent, comparison),
        None => weakest(agent),
    };
    let failing = agent.verdict.outcome == Outcome::Fail;
    if cases.is_empty() || (agent.comparison.is_none() && !failing) {
        return None;
    }
    let shown = cases
        .iter()
        .take(most)
        .map(|(case, pair)| worse_case(agent, case, *pair, context, style))
        .collect();
    let left_out = cases.len().saturating_sub(most);
    Some(Worse {
        agent: style.name(agent.name.as_str()),
        tally: tally(agent),
        cases: shown,
        omitted: (left_out > 0).then(|| format!("{left_out} more in the run's files.")),
    })
}

fn fallen<'a>(
    agent: &'a AgentRecord,
    comparison: &'a Comparison,
) -> Vec<(&'a CaseRecord, Option<&'a PairedCase>)> {
    let mut pairs: Vec<&PairedCase> = comparison
        .cases
        .iter()
        .filter(|pair| pair.old - pair.new > 0.005)
        .collect();
    pairs.sort_by(|a, b| (a.new - a.old).total_cmp(&(b.new - b.old)));
    pairs
        .into_iter()
        .filter_map(|pair| {
            agent
                .cases
                .iter()
                .find(|case| case.id == pair.id)
                .map(|case| (case, Some(pair)))
        })
        .collect()
}

fn weakest(agent: &AgentRecord) -> Vec<(&CaseRecord, Option<&PairedCase>)> {
    let below = |case: &&CaseRecord| case.score.zip(agent.floor).is_some_and(|(s, f)| s < f);
    let mut cases: Vec<&CaseRecord> = agent.cases.iter().filter(below).collect();
    cases.sort_by(|a, b| a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0)));
    cases.into_iter().map(|case| (case, None)).collect()
}

fn tally(agent: &AgentRecord) -> String {
    let Some(comparison) = &agent.comparison else {
        return "prompts below the floor, weakest first.".to_owned();
    };
    let count = |wanted: fn(f64) -> bool| {
        comparison
            .cases
            .iter()
            .filter(|pair| wanted(pair.new - pair.old))
            .count()
    };
    let worse = count(|d| d < -0.005);
    let better = count(|d| d > 0.005);
    let same = comparison.cases.len() - worse - better;
    format!(
        "{worse} of {} prompts worse, {better} better, {same} the same.",
        comparison.cases.len()
    )
}

fn worse_case(
    agent: &AgentRecord,
    case: &CaseRecord,
    pair: Option<&PairedCase>,
    context: &Context,
    style: Style,
) -> WorseCase {
    let prompt = case
        .messages
        .last()
        .map(|message| message.content.as_str())
        .unwrap_or_default();
    let title = format!(
        "{}: {}",
        escape::excerpt(case.id.as_str(), PROMPT_CHARS),
        escape::excerpt(prompt, PROMPT_CHARS)
    );
    let now = case
        .score
        .map_or_else(|| "–".to_owned(), |score| beside_floor(agent, score));
    let sample = case
        .samples
        .iter()
        .filter(|s| s.score.is_some())
        .min_by(|a, b| a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0)));
    let answer = sample.and_then(|sample| sample.answer.as_deref());
    WorseCase {
        prompt: if style == Style::Markdown {
            escape::html_code(&title)
        } else {
            escape::plain(&title)
        },
        scores: pair.map_or_else(
            || now.clone(),
            |pair| format!("{} → {now}", points(pair.old)),
        ),
        lost: lost(case, style),
        answer: answer
            .filter(|_| style == Style::Markdown && context.answers == Answers::Excerpts)
            .map(|answer| escape::block(&escape::excerpt(answer, ANSWER_CHARS))),
    }
}

fn lost(case: &CaseRecord, style: Style) -> String {
    // A case that was asked again loses the same points again: once is enough to read.
    let mut told = BTreeSet::new();
    let mut losses: Vec<_> = case
        .samples
        .iter()
        .flat_map(|sample| &sample.lost)
        .filter(|loss| loss.points > 0.0 && told.insert((&loss.dimension, &loss.why)))
        .collect();
    losses.sort_by(|a, b| b.points.total_cmp(&a.points));
    let more = losses.len().saturating_sub(MOST_LOSSES);
    let mut parts: Vec<String> = losses
        .iter()
        .take(MOST_LOSSES)
        .map(|loss| {
            style.text(&format!(
                "{} −{}: {}",
                loss.dimension,
                points(loss.points),
                loss.why
            ))
        })
        .collect();
    if more > 0 {
        parts.push(format!("{more} smaller losses"));
    }
    if parts.is_empty() {
        "Nothing lost.".to_owned()
    } else {
        format!("Lost: {}.", parts.join("; "))
    }
}

fn rules(record: &RunRecord, style: Style, room: Room) -> Vec<Rule> {
    let changed = &record.changes.rules;
    let rules = changed.iter().take(room.lines).map(|rule| {
        let direction = match rule.direction {
            RuleDirection::Looser => " (looser)",
            RuleDirection::Stricter => " (stricter)",
            RuleDirection::Other => "",
        };
        Rule {
            key: style.code(&rule.key),
            old: style.code(&rule.old),
            new: format!("{}{direction}", style.code(&rule.new)),
        }
    });
    let more = room.beyond(changed.len()).map(|key| Rule {
        key,
        old: "–".to_owned(),
        new: "–".to_owned(),
    });
    rules.chain(more).collect()
}

fn because(record: &RunRecord, style: Style) -> Vec<String> {
    let sentence = |cause: &Cause| {
        let what = match cause.code {
            CauseCode::ModelId => "model ID",
            CauseCode::SystemPrompt => "system prompt",
            CauseCode::Parameters => "parameters",
            CauseCode::TrainingData => "training data",
            CauseCode::ValidationData => "validation data",
            CauseCode::Suite => "suite",
            CauseCode::Rule => "rules of the gate",
            CauseCode::NewAgent => "new agent",
            CauseCode::Doubt => "not sure what changed",
            CauseCode::NoRecord => "no record of its present model",
            CauseCode::Requested => "asked for",
        };
        let mut text = what.to_owned();
        if let (Some(old), Some(new)) = (&cause.old, &cause.new) {
            text = format!("{text} {} → {}", style.code(old), style.code(new));
        }
        if let Some(path) = &cause.path {
            let place = cause
                .line
                .map_or_else(|| path.clone(), |line| format!("{path}:{line}"));
            text = format!("{text} ({})", style.code(&place));
        }
        if let Some(detail) = &cause.detail {
            text = format!("{text}: {}", style.text(detail));
        }
        text
    };
    let lines = record.changes.agents.iter().map(|change| {
        let causes: Vec<String> = change.because.iter().map(sentence).collect();
        format!(
            "{}: {}",
            style.name(change.name.as_str()),
            causes.join("; ")
        )
    });
    lines.collect()
}

fn dimension_names(record: &RunRecord, room: Room) -> Vec<Dimension> {
    let mut names: Vec<Dimension> = Dimension::BUILT_IN.to_vec();
    names.retain(|name| {
        record
            .agents
            .iter()
            .any(|agent| agent.dimensions.contains_key(name))
    });
    for name in record
        .agents
        .iter()
        .flat_map(|agent| agent.dimensions.keys())
    {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names.truncate(room.lines.min(MOST_DIMENSIONS));
    names
}

fn dimension_rows(
    record: &RunRecord,
    names: &[Dimension],
    style: Style,
    room: Room,
) -> Vec<DimensionRow> {
    let value = |agent: &AgentRecord, name| {
        agent
            .dimensions
            .get(name)
            .map_or_else(|| "–".to_owned(), |v| points(*v))
    };
    let scored = record.agents.iter().filter(|agent| agent.score.is_some());
    scored
        .take(room.lines)
        .map(|agent| DimensionRow {
            agent: style.name(agent.name.as_str()),
            values: names.iter().map(|name| value(agent, name)).collect(),
        })
        .collect()
}

fn method(record: &RunRecord, style: Style) -> Vec<String> {
    let lines = record.touched().map(|agent| {
        let scorer = format!(
            "scored by {} v{}",
            style.text(&agent.scorer.profile),
            agent.scorer.version
        );
        let against = agent.comparison.as_ref().map(|c| {
            let record = c.baseline_commit.as_deref().map_or_else(
                || "a record that was given".to_owned(),
                |commit| {
                    let short: String = commit.chars().take(7).collect();
                    format!("the record of {}", style.code(&short))
                },
            );
            let age = c
                .age_days
                .map(|days| format!(", {days} days old"))
                .unwrap_or_default();
            format!(
                "; plain difference of {} paired prompts against {record}{age}",
                c.pairs
            )
        });
        let excluded = agent
            .comparison
            .as_ref()
            .filter(|c| !c.excluded.is_empty())
            .map(|c| {
                let list: Vec<String> = c
                    .excluded
                    .iter()
                    .take(10)
                    .map(|e| style.text(&format!("{} ({})", e.id, e.why)))
                    .collect();
                format!("; left out: {}", list.join(", "))
            });
        format!(
            "{}: model {}, {scorer}{}{}.",
            style.name(agent.name.as_str()),
            style.code(&agent.model),
            against.unwrap_or_default(),
            excluded.unwrap_or_default()
        )
    });
    lines.collect()
}

fn footer(record: &RunRecord, context: &Context, style: Style) -> String {
    let sum = |part: fn(&AgentRecord) -> u64| record.touched().map(part).sum::<u64>();
    let mut parts = vec![
        format!(
            "{} answers, {} unanswered",
            sum(|a| a.counts.scored.into()),
            sum(|a| a.counts.unanswered.into())
        ),
        format!("{} retries", sum(|a| a.counts.retries.into())),
        format!(
            "{} tokens",
            sum(|a| a.usage.prompt_tokens + a.usage.completion_tokens)
        ),
    ];
    let costs: Option<Vec<f64>> = record.touched().map(|agent| agent.usage.cost).collect();
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
    if let Some(score) = record.overall.score {
        parts.push(format!(
            "mean over {} agents {}",
            record
                .agents
                .iter()
                .filter(|agent| agent.score.is_some() && !agent.new)
                .count(),
            points(score)
        ));
    }
    match (&context.run.url, style) {
        (Some(url), Style::Markdown) => parts.push(format!("[run log]({})", link(url))),
        (Some(url), Style::Plain) => parts.push(escape::plain(url)),
        (None, _) => {}
    }
    parts.push(format!("tunegate {}", style.text(&record.tool.version)));
    parts.join(" · ")
}
