//! How an agent stands against the model that its models are made from: what the tuning is worth, and what it unlearnt.

use super::view::Style;
use crate::figures::{change, counted, points};
use crate::record::{Against, AgentRecord, Comparison, PairedCase};

/// Cases that are named in which the tuned model is behind.
const MOST_NAMED: usize = 3;
/// A case counts as worse from so many points on: less is no answer of another quality.
const WORSE: f64 = 0.5;

/// The three of them in a sentence: base model, production, this model.
pub(super) fn line(agent: &AgentRecord, style: Style) -> Option<String> {
    let held = of(agent)?;
    let base = held.baseline_model.as_deref().unwrap_or_default();
    let production = agent
        .comparison
        .as_ref()
        .map_or_else(String::new, |stored| {
            format!(", production {}", points(stored.baseline_score))
        });
    let range = held.interval.map(|bounds| {
        let [lower, upper] = bounds.map(|bound| change(bound.clamp(-10.0, 10.0)));
        format!(" ({lower} to {upper})")
    });
    let worth = change(held.change) + &range.unwrap_or_default();
    Some(format!(
        "base model {} {}{production}, this model {} over {}: the tuning makes {worth}; {}",
        style.code(base),
        points(held.baseline_score),
        points(held.baseline_score + held.change),
        counted(held.pairs, "prompt"),
        behind(held, style)
    ))
}

/// What a reader should know before the fold: the model that was tuned is behind the one that was not, by more
/// than chance.
pub(super) fn warning(agent: &AgentRecord) -> Option<String> {
    let certain = |held: &&Comparison| held.interval.is_some_and(|[_, upper]| upper < 0.0);
    let held = of(agent).filter(certain)?;
    Some(format!(
        "{}: the model that it is made from does better without tuning: `{}` {}, this model {}",
        agent.name,
        held.baseline_model.as_deref().unwrap_or_default(),
        points(held.baseline_score),
        points(held.baseline_score + held.change)
    ))
}

fn of(agent: &AgentRecord) -> Option<&Comparison> {
    let mut all = agent.comparisons.iter();
    all.find(|held| held.against == Against::BaseModel)
}

/// What the tuning unlearnt, the worst first.
fn behind(held: &Comparison, style: Style) -> String {
    let loss = |pair: &PairedCase| pair.old - pair.new;
    let mut worse: Vec<&PairedCase> = held
        .cases
        .iter()
        .filter(|pair| loss(pair) >= WORSE)
        .collect();
    worse.sort_by(|a, b| loss(b).total_cmp(&loss(a)).then_with(|| a.id.cmp(&b.id)));
    if worse.is_empty() {
        return "behind it in no prompt".to_owned();
    }
    let named: Vec<String> = worse
        .iter()
        .take(MOST_NAMED)
        .map(|pair| {
            format!(
                "{} {} → {}",
                style.code(pair.id.as_str()),
                points(pair.old),
                points(pair.new)
            )
        })
        .collect();
    let more = match worse.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "behind it in {} of them: {}{more}",
        worse.len(),
        named.join(", ")
    )
}
