//! The last line: how much was asked, what it cost, how far the scores agree with people.

use super::{Style, link};
use crate::figures::{counted, points};
use crate::record::{AgentRecord, RunRecord};
use crate::report::{Context, calibrated, escape};
use crate::score::Dimension;

pub(super) fn footer(record: &RunRecord, context: &Context, style: Style) -> String {
    let asked = || record.touched().chain(&record.arms);
    let sum = |part: fn(&AgentRecord) -> u64| asked().map(part).sum::<u64>();
    let mut parts = vec![
        format!(
            "{}, {} unanswered",
            counted(sum(|a| a.counts.scored.into()), "answer"),
            sum(|a| a.counts.unanswered.into())
        ),
        counted(sum(|a| a.counts.retries.into()), "retry"),
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
    parts.push(counted(sum(tokens), "token"));
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
    let agents = record
        .agents
        .iter()
        .filter(|agent| agent.score.is_some() && !agent.new)
        .count();
    if let Some(score) = record.overall.score.filter(|_| agents > 1) {
        parts.push(format!("mean over {agents} agents {}", points(score)));
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
