//! How each agent was judged: model, scorer, the other side, the test and how much it can see.

use super::Style;
use crate::figures::points;
use crate::record::{Against, AgentRecord, Comparison, Method, RunRecord};
use crate::report::{base_model, proof};
use crate::score::Dimension;

const MOST_EXCLUDED: usize = 10;
/// From so many prompts on a suite sees drops of half a point in most cases.
const ENOUGH_CASES: u32 = 20;

pub(super) fn method(record: &RunRecord, style: Style) -> Vec<String> {
    let lines = record.touched().map(|agent| {
        let mut parts = vec![
            format!("model {}", style.code(&agent.model)),
            format!(
                "scored by {} v{}",
                style.text(&agent.scorer.profile),
                agent.scorer.version
            ),
        ];
        parts.extend(agent.scorer.grader.as_ref().map(|own| {
            let graded: Vec<&str> = own.dimensions.iter().map(Dimension::as_str).collect();
            format!(
                "{} by {}",
                style.text(&graded.join(", ")),
                style.code(&own.name)
            )
        }));
        parts.extend(score_range(agent));
        if agent.unchanged && agent.is_reused() {
            // Held against itself it shows nothing.
            parts.push("stored answers, not asked again".to_owned());
            return format!("{}: {}.", style.name(agent.name.as_str()), parts.join("; "));
        }
        let decisive = agent.comparisons.iter();
        let decisive = decisive.filter(|held| held.against != Against::BaseModel);
        for held in agent.comparison.iter().chain(decisive) {
            parts.extend(compared(held, style));
            parts.extend(left_out(held, style));
        }
        parts.extend(base_model::line(agent, style));
        format!("{}: {}.", style.name(agent.name.as_str()), parts.join("; "))
    });
    let mut lines: Vec<String> = lines.collect();
    let mut held = record
        .touched()
        .filter_map(|agent| agent.comparison.as_ref());
    if held.any(seems_wrong) {
        lines.push("Scores and changes are each rounded from exact numbers, so a change may differ by 0.01 from the scores that are shown.".to_owned());
    }
    lines
}

/// Whether the numbers that are shown do not add up, as each is rounded for itself.
fn seems_wrong(held: &Comparison) -> bool {
    let shown = |value: f64| points(value).parse::<f64>().unwrap_or(value);
    let now = held.baseline_score + held.change;
    let difference = shown(now) - shown(held.baseline_score) - shown(held.change);
    difference.abs() > 0.005
}

fn score_range(agent: &AgentRecord) -> Option<String> {
    let ([lower, upper], level) = agent.interval.zip(agent.interval_level)?;
    Some(format!(
        "plausible score {} to {} ({:.0} %)",
        points(lower.max(0.0)),
        points(upper.min(10.0)),
        level * 100.0
    ))
}

fn compared(held: &Comparison, style: Style) -> Vec<String> {
    let prompts = held.pairs;
    let how = match held.method {
        Method::PlainDifference => format!("plain difference of {prompts} paired prompts"),
        Method::Hall => format!("{prompts} paired prompts, skewness-corrected t (Hall)"),
        Method::Suite => format!("{prompts} paired prompts, judged by the spread of their answers"),
        Method::Flips => {
            format!("{prompts} paired prompts, right or wrong (Wilson, exact McNemar)")
        }
    };
    let mut parts = vec![format!("{how} against {}", other(held, style))];
    if held.against != Against::Baseline
        && let Some(range) = proof::range(held)
    {
        parts.push(format!(
            "change {} ({range})",
            crate::figures::change(held.change)
        ));
    }
    if let Some(drop) = held.detectable_drop {
        let more = if prompts < ENOUGH_CASES {
            ", with more prompts a smaller one"
        } else {
            ""
        };
        parts.push(format!(
            "sees a drop of {} four times out of five{more}",
            points(drop)
        ));
    }
    parts
}

fn other(held: &Comparison, style: Style) -> String {
    let age = held
        .age_days
        .map(|days| format!(", {days} days old"))
        .unwrap_or_default();
    let of_commit = |what: &str, without: &str| {
        held.baseline_commit.as_deref().map_or_else(
            || without.to_owned(),
            |commit| {
                let short: String = commit.chars().take(7).collect();
                format!("{what} {}", style.code(&short))
            },
        )
    };
    let model = held
        .baseline_model
        .as_deref()
        .map(|model| style.code(model))
        .unwrap_or_default();
    match held.against {
        Against::Baseline => format!(
            "{}{age}",
            of_commit("the record of", "a record that was given")
        ),
        Against::Pinned => format!(
            "{}{age}",
            of_commit("the pinned record of", "the pinned record")
        ),
        Against::OldModel => format!("the old model {model}, asked in this run"),
        Against::BaseModel => format!("the base model {model}"),
    }
}

fn left_out(held: &Comparison, style: Style) -> Option<String> {
    let shown = held.excluded.iter().take(MOST_EXCLUDED);
    let list: Vec<String> = shown
        .map(|one| style.text(&format!("{} ({})", one.id, one.why)))
        .collect();
    let more = match held.excluded.len().saturating_sub(MOST_EXCLUDED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!list.is_empty()).then(|| format!("left out: {}{more}", list.join(", ")))
}
