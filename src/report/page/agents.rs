//! The agents of the gate, best first: where each stands, in which dimension it is strong, how its scores spread, and
//! what its tuning is worth.

use serde::Serialize;

use super::class;
use super::plot::{Bar, Line, Scale, Tick, distribution};
use crate::figures::{counted, points};
use crate::record::{Against, AgentRecord, Comparison, Outcome, RunRecord};
use crate::report::view::{Row, Style, beside_floor, carried, row};
use crate::report::{base_model, unchanged};

/// All of them on one scale.
#[derive(Serialize)]
pub(super) struct Agents {
    ticks: Vec<Tick>,
    shown: Vec<Shown>,
    /// Which marks the legend has to explain.
    marks: Marks,
}

#[derive(Serialize)]
struct Marks {
    before: bool,
    floor: bool,
    base: bool,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    row: Row,
    outcome: &'static str,
    model: String,
    asked: String,
    plot: Option<Plot>,
    strongest: Option<String>,
    weakest: Option<String>,
    bars: Option<Vec<Bar>>,
    /// On the scale of the distribution, which is all of 0 to 10.
    floor_of_bars: Option<String>,
    three_way: Option<ThreeWay>,
}

#[derive(Serialize)]
struct Plot {
    at: String,
    range: Option<Line>,
    floor: Option<String>,
    baseline: Option<String>,
    base_model: Option<String>,
    label: String,
}

/// Base model, production, this model, over the prompts that each pair of them answered.
#[derive(Serialize)]
struct ThreeWay {
    models: Vec<Model>,
    line: String,
}

#[derive(Serialize)]
struct Model {
    what: &'static str,
    mark: &'static str,
    name: String,
    score: String,
    at: String,
}

pub(super) fn agents(record: &RunRecord) -> Agents {
    let known = |agent: &&AgentRecord| agent.touched || agent.score.is_some();
    let mut known: Vec<&AgentRecord> = record.agents.iter().filter(known).collect();
    // Those without a score stand last.
    let place = |agent: &AgentRecord| agent.score.unwrap_or(-1.0);
    known.sort_by(|a, b| place(b).total_cmp(&place(a)));
    let scale = Scale::over(known.iter().flat_map(|agent| values(agent)));
    let any = |has: fn(&AgentRecord) -> bool| known.iter().any(|agent| has(agent));
    Agents {
        ticks: scale.ticks(),
        marks: Marks {
            before: any(|agent| agent.comparison.is_some()),
            floor: any(|agent| agent.floor.is_some()),
            base: any(|agent| base(agent).is_some()),
        },
        shown: known
            .into_iter()
            .map(|agent| shown(record, agent, scale))
            .collect(),
    }
}

/// Everything of an agent that the scale must show.
fn values(agent: &AgentRecord) -> Vec<f64> {
    let held = agent.comparison.iter().chain(base(agent));
    let others = held.map(|held| held.baseline_score);
    let own = agent.score.into_iter().chain(agent.floor);
    let range = agent.interval.into_iter().flatten();
    own.chain(range).chain(others).collect()
}

fn base(agent: &AgentRecord) -> Option<&Comparison> {
    let mut held = agent.comparisons.iter();
    held.find(|held| held.against == Against::BaseModel)
}

fn shown(record: &RunRecord, agent: &AgentRecord, scale: Scale) -> Shown {
    let (strongest, weakest) = extremes(agent);
    let row = if agent.touched {
        row(record, agent, Style::Plain)
    } else {
        carried(&[agent], Style::Plain)
    };
    Shown {
        plot: agent.score.map(|score| plot(agent, score, &row, scale)),
        row,
        outcome: match unchanged::result(record, agent) {
            Some(_) => class(Outcome::Skipped),
            None => class(agent.verdict.outcome),
        },
        model: Style::Plain.code(&agent.model),
        asked: asked(agent),
        strongest,
        weakest,
        bars: distribution(agent),
        floor_of_bars: agent.floor.map(|floor| Scale::over([0.0, 10.0]).at(floor)),
        three_way: three_way(agent, scale),
    }
}

fn asked(agent: &AgentRecord) -> String {
    let counts = agent.counts;
    if !agent.touched || agent.unchanged && agent.is_reused() {
        return "not asked".to_owned();
    }
    let missing = match counts.unanswered + counts.unscored {
        0 => String::new(),
        missing => format!(", {missing} without a score"),
    };
    let answers = if counts.scored == counts.cases {
        String::new()
    } else {
        format!(", {}", counted(counts.scored, "answer"))
    };
    format!("{}{answers}{missing}", counted(counts.cases, "prompt"))
}

fn plot(agent: &AgentRecord, score: f64, row: &Row, scale: Scale) -> Plot {
    let stored = agent.comparison.as_ref().map(|held| held.baseline_score);
    let tuned_from = base(agent).map(|held| held.baseline_score);
    let told = |what: &str, value: Option<f64>| {
        value.map_or_else(String::new, |value| format!("; {what} {}", points(value)))
    };
    let range = agent
        .interval
        .map(|bounds| bounds.map(|b| b.clamp(0.0, 10.0)));
    let between = range.map_or_else(String::new, |[lower, upper]| {
        format!(", plausible range {} to {}", points(lower), points(upper))
    });
    Plot {
        at: scale.at(score),
        range: range.map(|range| scale.line(range)),
        floor: agent.floor.map(|floor| scale.at(floor)),
        baseline: stored.map(|stored| scale.at(stored)),
        base_model: tuned_from.map(|score| scale.at(score)),
        label: format!(
            "{}: {}{between}{}{}{}",
            row.agent,
            beside_floor(agent, score),
            told("floor", agent.floor),
            told("before", stored),
            told("base model", tuned_from)
        ),
    }
}

/// The dimensions in which an agent has most and least points; one that scores in a single one has neither.
fn extremes(agent: &AgentRecord) -> (Option<String>, Option<String>) {
    let told = |(name, value): (&crate::score::Dimension, &f64)| {
        format!("{} {}", Style::Plain.text(name.as_str()), points(*value))
    };
    let least = agent.dimensions.iter().min_by(|a, b| a.1.total_cmp(b.1));
    let most = agent.dimensions.iter().max_by(|a, b| a.1.total_cmp(b.1));
    match (most, least) {
        (Some(most), Some(least)) if most.0 != least.0 => (Some(told(most)), Some(told(least))),
        _ => (None, None),
    }
}

fn three_way(agent: &AgentRecord, scale: Scale) -> Option<ThreeWay> {
    let held = base(agent)?;
    let model = |what, mark, name: &str, score: f64| Model {
        what,
        mark,
        name: Style::Plain.code(name),
        score: points(score),
        at: scale.at(score),
    };
    let tuned_from = held.baseline_model.as_deref().unwrap_or_default();
    let mut models = vec![model("base model", "base", tuned_from, held.baseline_score)];
    models.extend(agent.comparison.as_ref().map(|stored| {
        let name = stored.baseline_model.as_deref().unwrap_or_default();
        model("production", "before", name, stored.baseline_score)
    }));
    let now = held.baseline_score + held.change;
    models.push(model("this model", "now", &agent.model, now));
    let line = base_model::line(agent, Style::Plain)?;
    Some(ThreeWay { models, line })
}
