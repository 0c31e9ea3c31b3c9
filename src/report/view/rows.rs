//! The table: a row an agent that was asked, and one for all that were not.

use serde::Serialize;

use super::{Room, Style};
use crate::figures::{change, points};
use crate::record::{AgentRecord, Comparison, Outcome, RunRecord};
use crate::report::{accepted, headline, proof, unchanged, unmeasured};

#[derive(Serialize)]
pub(in crate::report) struct Row {
    pub(in crate::report) agent: String,
    pub(in crate::report) result: String,
    pub(in crate::report) scores: String,
    pub(in crate::report) change: String,
}

pub(super) fn rows(record: &RunRecord, style: Style, room: Room) -> Vec<Row> {
    let mut agents: Vec<&AgentRecord> = record.agents.iter().collect();
    agents.sort_by_key(|agent| (!agent.touched, agent.verdict.outcome != Outcome::Fail));
    let (touched, untouched): (Vec<_>, Vec<_>) =
        agents.into_iter().partition(|agent| agent.touched);
    // Where nothing was asked and nothing is stored, there is nothing to show.
    let told = !touched.is_empty() || untouched.iter().any(|agent| agent.score.is_some());
    let more = room.beyond(touched.len()).map(|agent| Row {
        agent,
        result: "–".to_owned(),
        scores: "–".to_owned(),
        change: "–".to_owned(),
    });
    let rows = touched
        .into_iter()
        .take(room.lines)
        .map(|agent| row(record, agent, style));
    let carried = (told && !untouched.is_empty()).then(|| carried(&untouched, style));
    rows.chain(more).chain(carried).collect()
}

/// The row of agents that were not asked. They share one: they are not what the reader came for.
pub(in crate::report) fn carried(agents: &[&AgentRecord], style: Style) -> Row {
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
    let any = agents.iter().any(|agent| agent.score.is_some());
    Row {
        agent: names.join(", "),
        result: "– untouched".to_owned(),
        scores: if any {
            format!("{} (stored)", scores.join(" · "))
        } else {
            "nothing stored".to_owned()
        },
        change: "not asked".to_owned(),
    }
}

/// The row of an agent that was asked.
pub(in crate::report) fn row(record: &RunRecord, agent: &AgentRecord, style: Style) -> Row {
    let name = style.name(agent.name.as_str());
    let result = headline::word(agent.verdict.outcome, agent.verdict.proven);
    let kept = unchanged::result(record, agent);
    Row {
        agent: match kept {
            Some(_) => name,
            None => style.bold(&name),
        },
        result: if agent.new {
            "new, not gating".to_owned()
        } else if agent.part.is_some() {
            "– no verdict".to_owned()
        } else if accepted::is(record, agent) {
            "☑️ accepted".to_owned()
        } else {
            kept.unwrap_or(result).to_owned()
        },
        scores: unchanged::stored_score(agent).unwrap_or_else(|| scores(agent, style)),
        change: change_of(agent),
    }
}

fn change_of(agent: &AgentRecord) -> String {
    match &agent.comparison {
        _ if agent.unchanged && agent.is_reused() => "not asked".to_owned(),
        Some(comparison) => moved(comparison),
        None => "not compared".to_owned(),
    }
}

fn scores(agent: &AgentRecord, style: Style) -> String {
    let Some(score) = agent.score else {
        let drafts = agent.has_only_drafts();
        return if drafts { "drafts only" } else { "no score" }.to_owned();
    };
    let now = style.bold(&beside_floor(agent, score)) + &of_how_many(agent);
    match &agent.comparison {
        Some(c) => format!("{} → {now}", points(c.baseline_score)),
        None => now,
    }
}

/// A score of a part of the answers is none of the agent.
fn of_how_many(agent: &AgentRecord) -> String {
    let (scored, planned) = unmeasured::scored(agent);
    if agent.verdict.outcome == Outcome::Inconclusive && scored < planned {
        format!(" ({scored} of {planned} answers)")
    } else {
        String::new()
    }
}

/// With so many digits that it stands on its own side of the agent's floor.
pub(in crate::report) fn beside_floor(agent: &AgentRecord, score: f64) -> String {
    agent.floor.map_or_else(
        || points(score),
        |floor| crate::figures::points_against(score, floor),
    )
}

/// `▼ 0.81 (−1.20 to −0.44)`: never by colour alone, and the sign in words of direction.
fn moved(comparison: &Comparison) -> String {
    let size = points(comparison.change.abs());
    let range = proof::range(comparison)
        .map(|range| format!(" ({range})"))
        .unwrap_or_default();
    match change(comparison.change).chars().next() {
        Some('−') => format!("▼ {size}{range}"),
        Some('+') => format!("▲ {size}{range}"),
        _ => format!("= 0.00{range}"),
    }
}
