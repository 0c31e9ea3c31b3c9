//! What stands folded or below: changed rules, causes, dimensions, method.

use serde::Serialize;

use super::notes::alike;
use super::{Room, Style, headline};
use crate::figures::points;
use crate::record::{AgentRecord, Cause, CauseCode, RuleDirection, RunRecord};
use crate::score::Dimension;

const MOST_DIMENSIONS: usize = 8;

#[derive(Serialize)]
pub(super) struct Rule {
    key: String,
    old: String,
    new: String,
}

#[derive(Serialize)]
pub(super) struct DimensionRow {
    agent: String,
    values: Vec<String>,
}

/// What the run would come to under the changed rules, in one line.
pub(super) fn after_merge(record: &RunRecord, style: Style) -> Option<String> {
    let after = record.changes.after_merge.as_ref()?;
    let word = headline::word(after.outcome, after.proven);
    let mut blocking = after.reasons.iter().filter(|reason| reason.blocking);
    let why = blocking.next().map(|first| {
        let more = match blocking.count() {
            0 => String::new(),
            1 => "; 1 more reason".to_owned(),
            more => format!("; {more} more reasons"),
        };
        format!(" ({}{more})", style.text(&first.message))
    });
    Some(format!(
        "Under the new rules this run would be: {word}{}",
        why.unwrap_or_default()
    ))
}

pub(super) fn rules(record: &RunRecord, style: Style, room: Room) -> Vec<Rule> {
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

pub(super) fn because(record: &RunRecord, style: Style) -> Vec<String> {
    let lines = record.changes.agents.iter().map(|change| {
        let causes = change.because.iter().map(|cause| sentence(cause, style));
        let causes = causes.collect::<Vec<_>>().join("; ");
        (Some(style.name(change.name.as_str())), causes)
    });
    alike(lines)
}

/// ` +120 −3 rows, 2 changed`, where the rows are known.
fn moved_rows(cause: &Cause) -> String {
    let Some((added, removed)) = cause.rows_added.zip(cause.rows_removed) else {
        return String::new();
    };
    let changed = cause.rows_changed.filter(|changed| *changed > 0);
    let changed = changed.map(|changed| format!(", {changed} changed"));
    format!(" +{added} −{removed} rows{}", changed.unwrap_or_default())
}

/// What happened, from which value to which, where, and what else there is to say.
fn sentence(cause: &Cause, style: Style) -> String {
    let what = match cause.code {
        CauseCode::ModelId => "model ID",
        CauseCode::SystemPrompt => "system prompt",
        CauseCode::Parameters => "parameter",
        CauseCode::TrainingData => "training data",
        CauseCode::ValidationData => "validation data",
        CauseCode::Suite => "suite",
        CauseCode::Rule => "rule",
        CauseCode::NewAgent => "new agent",
        CauseCode::Doubt => "not sure what changed",
        CauseCode::NoRecord => "no record of its present model",
        CauseCode::Requested => "asked for",
    };
    let mut text = what.to_owned();
    let names = matches!(cause.code, CauseCode::Parameters | CauseCode::Rule);
    let detail = cause.detail.as_ref();
    if let Some(name) = detail.filter(|_| names) {
        text = format!("{text} {}", style.code(name));
    }
    if let (Some(old), Some(new)) = (&cause.old, &cause.new) {
        text = format!("{text} {} → {}", style.code(old), style.code(new));
    }
    if let Some(path) = &cause.path {
        let place = cause
            .line
            .map_or_else(|| path.clone(), |line| format!("{path}:{line}"));
        text = format!("{text} ({})", style.code(&place));
    }
    text += &moved_rows(cause);
    if let Some(detail) = detail.filter(|_| !names) {
        text = format!("{text}: {}", style.text(detail));
    }
    text
}

pub(super) fn dimension_names(record: &RunRecord, room: Room) -> Vec<Dimension> {
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

pub(super) fn dimension_rows(
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
