//! The cases that only the pull request has: asked after all others, shown, not gating.

use super::Style;
use crate::figures::points;
use crate::record::{AgentRecord, CaseRecord};
use crate::score::weighted_mean;

const MOST_NAMED: usize = 10;

/// A line for an agent: how many there are, their mean, the weakest first.
pub(super) fn line(agent: &AgentRecord, style: Style) -> Option<String> {
    let mut cases: Vec<&CaseRecord> = agent.cases.iter().filter(|case| case.new).collect();
    if cases.is_empty() {
        return None;
    }
    // What has no score says nothing: it comes last.
    let rank = |case: &CaseRecord| case.score.unwrap_or(f64::INFINITY);
    cases.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
    let scores = cases
        .iter()
        .filter_map(|case| case.score.map(|score| (score, case.weight)));
    let mean = weighted_mean(scores).map_or_else(
        || "none has a score".to_owned(),
        |mean| format!("mean {}", points(mean)),
    );
    let named = cases.iter().take(MOST_NAMED).map(|case| {
        let score = case.score.map_or("no score".to_owned(), points);
        format!("{} {score}", style.code(case.id.as_str()))
    });
    let mut named: Vec<String> = named.collect();
    if cases.len() > MOST_NAMED {
        named.push(format!("{} more", cases.len() - MOST_NAMED));
    }
    let count = match cases.len() {
        1 => "1 case".to_owned(),
        many => format!("{many} cases"),
    };
    Some(format!(
        "{}: {count}, {mean}: {}",
        style.name(agent.name.as_str()),
        named.join(", ")
    ))
}
