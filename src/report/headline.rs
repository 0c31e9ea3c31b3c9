//! The two lines a reviewer reads: the verdict with its numbers, and what to do.

use super::view::Style;
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
    let verdict = &record.verdict;
    let word = word(verdict.outcome, verdict.proven);
    let (what, do_this) = match verdict.outcome {
        Outcome::Pass => passed(record, style),
        Outcome::Fail => failed(record, style),
        Outcome::Inconclusive | Outcome::Error => unmeasured(record, style),
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

fn passed(record: &RunRecord, style: Style) -> (String, String) {
    let touched: Vec<&AgentRecord> = record.touched().collect();
    let what = match touched.as_slice() {
        [agent] => one_passed(agent, style),
        agents => {
            let parts: Vec<String> = agents.iter().map(|agent| brief(agent, style)).collect();
            parts.join(" · ")
        }
    };
    let uncompared = touched.iter().any(|agent| agent.comparison.is_none());
    let hint = if uncompared {
        "you may merge. Nothing comparable is stored for every agent, so a regression could not be seen; floors only."
    } else if record.verdict.proven {
        "you may merge."
    } else {
        "you may merge. The change is a plain difference of means without a plausible range; if this model matters, \
         read its weakest answers."
    };
    (what, hint.to_owned())
}

fn one_passed(agent: &AgentRecord, style: Style) -> String {
    let name = style.name(agent.name.as_str());
    match &agent.comparison {
        Some(comparison) => {
            let direction = if comparison.change > 0.005 {
                "got better"
            } else if comparison.change < -0.005 {
                "stays within the allowed drop"
            } else {
                "is unchanged"
            };
            format!("{name} {direction}, {}", movement(agent))
        }
        None => format!(
            "{name} scores {}{}, not compared",
            score(agent),
            floor(agent)
        ),
    }
}

fn brief(agent: &AgentRecord, style: Style) -> String {
    format!("{} {}", style.name(agent.name.as_str()), movement(agent))
}

fn failed(record: &RunRecord, style: Style) -> (String, String) {
    let blocking: Vec<&Reason> = record
        .verdict
        .reasons
        .iter()
        .filter(|reason| reason.blocking)
        .collect();
    let Some(first) = blocking.first() else {
        return (String::new(), String::new());
    };
    let agent = first.agent.as_ref().and_then(|name| record.agent(name));
    let name = first
        .agent
        .as_ref()
        .map(|name| style.name(name.as_str()))
        .unwrap_or_default();
    let what = match (first.code, agent) {
        (ReasonCode::AgentRegressed, Some(agent)) => {
            format!("{name} got worse, {}", movement(agent))
        }
        (ReasonCode::AgentBelowFloor, Some(agent)) => format!(
            "{name} is below its floor, {}{}",
            score(agent),
            floor(agent)
        ),
        _ => style.text(&first.message),
    };
    let agents: std::collections::BTreeSet<_> = blocking
        .iter()
        .filter_map(|reason| reason.agent.as_ref())
        .collect();
    let more = match agents.len().saturating_sub(1) {
        0 => String::new(),
        1 => "; 1 more agent fails".to_owned(),
        n => format!("; {n} more agents fail"),
    };
    (format!("{what}{more}"), advice(first.code, &name))
}

fn advice(code: ReasonCode, name: &str) -> String {
    match code {
        ReasonCode::AgentRegressed | ReasonCode::CaseNewlyFailed => {
            format!("do not merge the new {name} model. Start with the answers below that lost most.")
        }
        ReasonCode::AgentBelowFloor | ReasonCode::DimensionBelowFloor => {
            format!("do not merge. Raise {name} above its floor first; the answers below lost most.")
        }
        ReasonCode::OverallBelowFloor => "do not merge. The weakest agent in the table is where to start.".to_owned(),
        ReasonCode::AgentRemoved => format!("keep {name} in the configuration, or let its owner set `gate.on_agent_removed: warn` first."),
        ReasonCode::ModelLocatorChanged => {
            "change where the model ID is read from in one pull request and the model ID in another.".to_owned()
        }
        ReasonCode::NotCompared => "store a baseline first: run the gate on the base branch.".to_owned(),
        ReasonCode::AgentImproved
        | ReasonCode::TooFewCases
        | ReasonCode::TooManyUnanswered
        | ReasonCode::SomeUnanswered
        | ReasonCode::NothingScored
        | ReasonCode::BudgetReached
        | ReasonCode::DeadlineReached
        | ReasonCode::Interrupted
        | ReasonCode::ModelNotRetrained
        | ReasonCode::NewAgent => "read the reasons below.".to_owned(),
    }
}

fn unmeasured(record: &RunRecord, style: Style) -> (String, String) {
    let first = record.verdict.reasons.iter().find(|reason| reason.blocking);
    let what = first
        .map(|reason| style.text(&reason.message))
        .unwrap_or_default();
    let do_this = match first.map(|reason| reason.code) {
        Some(ReasonCode::BudgetReached) => {
            "raise `run.budget` or shrink the suite, then run the check again."
        }
        Some(ReasonCode::DeadlineReached) => {
            "raise `run.deadline` or shrink the suite, then run the check again."
        }
        _ => {
            "run the check again when the model provider answers. This says nothing about the models."
        }
    };
    (what, do_this.to_owned())
}

/// `8.42 → 7.61 (−0.81)`, or the score alone.
pub(super) fn movement(agent: &AgentRecord) -> String {
    match (&agent.comparison, agent.score) {
        (Some(c), Some(_)) => {
            format!(
                "{} → {} ({})",
                points(c.baseline_score),
                points(c.baseline_score + c.change),
                change(c.change)
            )
        }
        _ => score(agent),
    }
}

fn score(agent: &AgentRecord) -> String {
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
