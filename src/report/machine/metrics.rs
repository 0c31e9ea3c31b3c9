//! Numbers for a time series database, in the text format of `OpenMetrics` 1.0:
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>. Written here and not by a client library, since those keep
//! their label sets in no order, and the same record is to give the same bytes.

use std::fmt::Write as _;

use crate::record::{AgentRecord, RunRecord};
use crate::report::escape;

/// A family of gauges: name, unit, help, and the value of an agent.
type Family = (
    &'static str,
    Option<&'static str>,
    &'static str,
    fn(&AgentRecord) -> Option<f64>,
);

/// What is known of each agent. What an agent does not have is left out, never zero.
const OF_AGENT: [Family; 13] = [
    (
        "tunegate_score",
        None,
        "Score of the agent, 0 to 10.",
        |agent| agent.score,
    ),
    (
        "tunegate_score_lower",
        None,
        "Lower end of the score's plausible range.",
        |agent| agent.interval.map(|[lower, _]| lower),
    ),
    (
        "tunegate_score_upper",
        None,
        "Upper end of the score's plausible range.",
        |agent| agent.interval.map(|[_, upper]| upper),
    ),
    ("tunegate_floor", None, "Floor of the agent.", |agent| {
        agent.floor
    }),
    (
        "tunegate_baseline_score",
        None,
        "Score before, over the paired cases.",
        |agent| agent.comparison.as_ref().map(|held| held.baseline_score),
    ),
    (
        "tunegate_change",
        None,
        "Score minus score before, over the paired cases.",
        |agent| agent.comparison.as_ref().map(|held| held.change),
    ),
    (
        "tunegate_samples_scored",
        None,
        "Answers with a score.",
        |agent| asked(agent, agent.counts.scored),
    ),
    (
        "tunegate_samples_missing",
        None,
        "Answers that did not come or could not be scored.",
        |agent| asked(agent, agent.counts.unanswered + agent.counts.unscored),
    ),
    (
        "tunegate_prompt_tokens",
        None,
        "Tokens of the questions.",
        |agent| asked_tokens(agent, agent.usage.prompt_tokens),
    ),
    (
        "tunegate_completion_tokens",
        None,
        "Tokens of the answers.",
        |agent| asked_tokens(agent, agent.usage.completion_tokens),
    ),
    (
        "tunegate_cost",
        None,
        "Cost of the run, in the currency of the configured prices.",
        |agent| agent.cost().filter(|_| agent.touched),
    ),
    (
        "tunegate_latency_median_seconds",
        Some("seconds"),
        "Median time of a request.",
        |agent| seconds(agent.latency_ms.p50),
    ),
    (
        "tunegate_latency_p95_seconds",
        Some("seconds"),
        "95th percentile of the time of a request.",
        |agent| seconds(agent.latency_ms.p95),
    ),
];

/// Each agent's mean in each dimension that it is scored in, those of its suite's own included.
fn dimensions(record: &RunRecord, text: &mut String) {
    const NAME: &str = "tunegate_dimension_score";
    if record
        .agents
        .iter()
        .all(|agent| agent.dimensions.is_empty())
    {
        return;
    }
    family(
        text,
        NAME,
        None,
        "Score of the agent in a dimension, 0 to 10.",
    );
    for agent in &record.agents {
        for (dimension, points) in &agent.dimensions {
            let labels = [
                ("gate", record.gate_id.as_str()),
                ("agent", agent.name.as_str()),
                ("model", agent.model.as_str()),
                ("dimension", dimension.as_str()),
            ];
            line(text, NAME, &labels, *points);
        }
    }
}

/// The numbers of a record, agent by agent, and the outcome of the run.
pub fn metrics(record: &RunRecord) -> String {
    let mut text = String::new();
    for (name, unit, help, value) in OF_AGENT {
        let known = record.agents.iter();
        let mut known = known
            .filter_map(|agent| Some((agent, value(agent)?)))
            .peekable();
        if known.peek().is_none() {
            continue;
        }
        family(&mut text, name, unit, help);
        for (agent, value) in known {
            let labels = [
                ("gate", record.gate_id.as_str()),
                ("agent", agent.name.as_str()),
                ("model", agent.model.as_str()),
            ];
            line(&mut text, name, &labels, value);
        }
    }
    dimensions(record, &mut text);
    if let Some(score) = record.overall.score {
        family(
            &mut text,
            "tunegate_overall_score",
            None,
            "Mean over the agents, 0 to 10.",
        );
        line(
            &mut text,
            "tunegate_overall_score",
            &[("gate", &record.gate_id)],
            score,
        );
    }
    family(
        &mut text,
        "tunegate_outcome",
        None,
        "1 for what the run came to.",
    );
    let labels = [
        ("gate", record.gate_id.as_str()),
        ("outcome", record.verdict.outcome.as_str()),
        (
            "proven",
            if record.verdict.proven {
                "true"
            } else {
                "false"
            },
        ),
    ];
    line(&mut text, "tunegate_outcome", &labels, 1.0);
    text.push_str("# EOF\n");
    text
}

fn asked(agent: &AgentRecord, count: u32) -> Option<f64> {
    agent.touched.then(|| f64::from(count))
}

#[expect(clippy::cast_precision_loss, reason = "no run has 2⁵³ tokens")]
fn asked_tokens(agent: &AgentRecord, count: u64) -> Option<f64> {
    agent.touched.then_some(count as f64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no request takes 2⁵³ milliseconds"
)]
fn seconds(milliseconds: Option<u64>) -> Option<f64> {
    milliseconds.map(|milliseconds| milliseconds as f64 / 1000.0)
}

fn family(text: &mut String, name: &str, unit: Option<&str>, help: &str) {
    writeln!(text, "# TYPE {name} gauge").ok();
    if let Some(unit) = unit {
        writeln!(text, "# UNIT {name} {unit}").ok();
    }
    writeln!(text, "# HELP {name} {help}").ok();
}

fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: f64) {
    let labels: Vec<String> = labels
        .iter()
        .map(|(label, value)| format!("{label}=\"{}\"", quoted(value)))
        .collect();
    writeln!(text, "{name}{{{}}} {value}", labels.join(",")).ok();
}

/// A label's value: backslash, quote and line feed are escaped, and control characters left out.
fn quoted(value: &str) -> String {
    let shown = escape::lines(value);
    shown
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
