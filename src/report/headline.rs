//! The two lines a reviewer reads: the verdict with its numbers, and what to do.

use super::advice::{advice, lowest, needed, passes_at};
use super::view::Style;
use super::{accepted, part, proof, rules, unchanged, unmeasured};
use crate::figures::{change, points, points_against};
use crate::record::{AgentRecord, Outcome, Reason, ReasonCode, RunRecord};

/// The first two lines.
pub(super) struct Headline {
    /// The verdict with its numbers.
    pub(super) headline: String,
    /// What to do next.
    pub(super) do_this: String,
}

/// The words for people.
pub(super) const fn word(outcome: Outcome, proven: bool) -> &'static str {
    match (outcome, proven) {
        (Outcome::Pass, true) => "✅ PASS",
        (Outcome::Pass, false) => "✅ PASS (not proven)",
        (Outcome::Fail, _) => "❌ FAIL",
        (Outcome::Inconclusive | Outcome::Error, _) => "⚠️ COULD NOT MEASURE",
        (Outcome::Skipped, _) => "– untouched",
    }
}

/// The first two lines of a record's report.
pub(super) fn of(record: &RunRecord, style: Style) -> Headline {
    let known = part::headline(record, style)
        .or_else(|| accepted::headline(record, style))
        .or_else(|| rules::headline(record))
        .or_else(|| unchanged::headline(record, style));
    if let Some(known) = known {
        return known;
    }
    let verdict = &record.verdict;
    let word = word(verdict.outcome, verdict.proven);
    let (what, do_this) = match verdict.outcome {
        Outcome::Pass => passed(record, style),
        Outcome::Fail => failed(record, style),
        Outcome::Inconclusive | Outcome::Error => unmeasured::lines(record, style),
        Outcome::Skipped => (
            "nothing that this gate watches was touched".to_owned(),
            "nothing; no model was asked.".to_owned(),
        ),
    };
    Headline {
        headline: format!("{word}: {what}"),
        do_this,
    }
}

/// More agents than this are counted in the first line, not named.
const MOST_NAMED: usize = 3;

fn passed(record: &RunRecord, style: Style) -> (String, String) {
    let mut touched: Vec<&AgentRecord> = record.touched().collect();
    let what = if let [agent] = touched.as_slice() {
        one_passed(record, agent, style)
    } else {
        several_passed(&mut touched, style)
    };
    let open = proof::open_point(record, style).filter(|_| !what.contains("not proven"));
    let what = open.map_or_else(|| what.clone(), |open| format!("{what}; {open}"));
    (what, rules::may_merge(record) + &hint(record, style))
}

/// Several agents, those first of which a reader may doubt.
fn several_passed(agents: &mut [&AgentRecord], style: Style) -> String {
    let compared = agents.iter().any(|agent| agent.comparison.is_some());
    if compared {
        agents.sort_by(|a, b| moved(a).total_cmp(&moved(b)));
    } else {
        agents.sort_by(|a, b| above_floor(a).total_cmp(&above_floor(b)));
    }
    let named = agents.iter().take(MOST_NAMED);
    let mut parts: Vec<String> = named.map(|agent| brief(agent, compared, style)).collect();
    if agents.len() > MOST_NAMED {
        parts.push(format!("{} more", agents.len() - MOST_NAMED));
    }
    let how = if compared { "" } else { ", not compared" };
    format!("{} agents hold{how}: {}", agents.len(), parts.join(" · "))
}

/// What a reader who may merge should know all the same.
fn hint(record: &RunRecord, style: Style) -> String {
    let without = |floored: bool| {
        record
            .touched()
            .filter(move |agent| agent.comparison.is_none() && agent.floor.is_some() == floored)
    };
    if without(false).next().is_some() {
        return format!(
            " But nothing was tested for {}: no floor is set, and nothing comparable is stored.",
            named(without(false), style)
        );
    }
    if without(true).count() > 1 && record.touched().all(|agent| agent.comparison.is_none()) {
        return " Only floors were tested: nothing comparable is stored, so a drop could not be seen."
            .to_owned();
    }
    if without(true).next().is_some() {
        return format!(
            " Only the floor was tested for {}: nothing comparable is stored, so a drop could not be seen.",
            named(without(true), style)
        );
    }
    if let Some(open) = proof::hint(record, style) {
        return open;
    }
    match record.touched().collect::<Vec<_>>().as_slice() {
        [agent] if !agent.unchanged => settled(record, agent),
        _ => String::new(),
    }
}

/// What is certain of an agent of which nothing is open: of floor and allowed drop the one that is closer.
fn settled(record: &RunRecord, agent: &AgentRecord) -> String {
    if !agent.verdict.proven {
        return String::new();
    }
    let allowed = record.policy.max_drop;
    let dropped = agent.comparison.as_ref();
    let line = dropped.map(|held| held.baseline_score - allowed);
    match (agent.floor, line) {
        (Some(floor), line) if line.is_none_or(|line| line <= floor) => {
            format!(" It would have failed below {} (its floor).", points(floor))
        }
        (_, Some(_)) => format!(" A drop of more than {} is ruled out.", points(allowed)),
        (_, None) => String::new(),
    }
}

pub(super) fn named<'a>(agents: impl Iterator<Item = &'a AgentRecord>, style: Style) -> String {
    let names: Vec<String> = agents
        .map(|agent| style.name(agent.name.as_str()))
        .collect();
    match names.split_at_checked(MOST_NAMED) {
        Some((shown, more)) if !more.is_empty() => {
            format!("{} and {} more", shown.join(", "), more.len())
        }
        Some(_) | None => names.join(", "),
    }
}

fn moved(agent: &AgentRecord) -> f64 {
    agent.comparison.as_ref().map_or(0.0, |c| c.change)
}

fn above_floor(agent: &AgentRecord) -> f64 {
    let known = agent.score.zip(agent.floor);
    known.map_or(f64::INFINITY, |(score, floor)| score - floor)
}

fn one_passed(record: &RunRecord, agent: &AgentRecord, style: Style) -> String {
    let name = style.name(agent.name.as_str());
    match &agent.comparison {
        Some(comparison) => proof::beyond(record, agent, comparison).map_or_else(
            || {
                format!(
                    "{name} {}, {}",
                    proof::direction(comparison),
                    movement(agent)
                )
            },
            |beyond| format!("{name} dropped, {}: {beyond}", movement(agent)),
        ),
        None if agent.has_only_drafts() => {
            format!("{name} was asked drafts only, which decide nothing")
        }
        None => format!(
            "{name} scores {}{}, not compared",
            score(agent),
            floor(agent)
        ),
    }
}

fn brief(agent: &AgentRecord, compared: bool, style: Style) -> String {
    let uncompared = if compared && agent.comparison.is_none() {
        ", not compared"
    } else {
        ""
    };
    format!(
        "{} {}{uncompared}",
        style.name(agent.name.as_str()),
        movement(agent)
    )
}

fn failed(record: &RunRecord, style: Style) -> (String, String) {
    let reasons = record.verdict.reasons.iter();
    let blocking: Vec<&Reason> = reasons.filter(|reason| reason.blocking).collect();
    let Some(first) = blocking.first() else {
        return (String::new(), String::new());
    };
    let named = first.agent.as_ref();
    let name = named.map(|name| style.name(name.as_str()));
    let needed = named
        .and_then(|name| record.agent(name))
        .and_then(|agent| needed(record, agent))
        .map(|needed| passes_at(&needed, &blocking))
        .unwrap_or_default();
    let low = named
        .and_then(|name| record.agent(name))
        .filter(|_| first.code == ReasonCode::AgentBelowFloor)
        .map(|agent| lowest(agent, style))
        .unwrap_or_default();
    (
        what(record, &blocking, style),
        advice(first.code, &name.unwrap_or_default(), &(low + &needed)),
    )
}

/// What the first of these reasons says, and how many agents the others concern.
pub(super) fn what(record: &RunRecord, reasons: &[&Reason], style: Style) -> String {
    let Some(first) = reasons.first() else {
        return String::new();
    };
    let agent = first.agent.as_ref().and_then(|name| record.agent(name));
    let name = agent.map(|agent| style.name(agent.name.as_str()));
    let name = name.unwrap_or_default();
    let what = match (first.code, agent) {
        (ReasonCode::AgentRegressed, Some(agent)) => {
            format!("{name} got worse, {}", movement(agent))
        }
        (ReasonCode::CaseNewlyFailed, Some(agent)) => format!(
            "{name} fails prompts that it did not fail before, {}",
            movement(agent)
        ),
        (ReasonCode::AgentBelowFloor, Some(agent)) => format!(
            "{name} is below its floor, {}{}",
            score(agent),
            floor(agent)
        ),
        _ => style.text(&first.message),
    };
    let others: std::collections::BTreeSet<_> = reasons
        .iter()
        .filter_map(|reason| reason.agent.as_ref())
        .filter(|name| Some(*name) != first.agent.as_ref())
        .collect();
    let findings = reasons
        .iter()
        .filter(|reason| reason.code == ReasonCode::AuditFinding && reason.agent == first.agent);
    let further = match findings.count() {
        all @ 2.. if first.code == ReasonCode::AuditFinding => match all - 1 {
            1 => "; another finding blocks too".to_owned(),
            more => format!("; {more} more findings block too"),
        },
        _ => String::new(),
    };
    let more = match others.iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [other] => format!("; {} fails too", style.name(other.as_str())),
        many => format!("; {} more agents fail", many.len()),
    };
    format!("{what}{further}{more}")
}

/// `8.42 → 7.61 (−0.81)`, or the score alone.
pub(super) fn movement(agent: &AgentRecord) -> String {
    match (&agent.comparison, agent.score) {
        (Some(c), Some(_)) => {
            let now = c.baseline_score + c.change;
            let shown = agent
                .floor
                .map_or_else(|| points(now), |floor| points_against(now, floor));
            format!(
                "{} → {shown} ({})",
                points(c.baseline_score),
                change(c.change)
            )
        }
        _ => score(agent),
    }
}

pub(super) fn score(agent: &AgentRecord) -> String {
    match (agent.score, agent.floor) {
        (Some(score), Some(floor)) => points_against(score, floor),
        (Some(score), None) => points(score),
        (None, _) => "no score".to_owned(),
    }
}

fn floor(agent: &AgentRecord) -> String {
    agent
        .floor
        .map(|floor| format!(" (floor {})", points(floor)))
        .unwrap_or_default()
}
