//! The samples of a record as a table, for spreadsheets and notebooks: comma-separated values as RFC 4180 has them.

use std::collections::BTreeSet;

use crate::record::{AgentRecord, CaseRecord, RunRecord, SampleRecord};
use crate::report::{Answers, escape};
use crate::score::Dimension;

const FIRST: [&str; 9] = [
    "agent", "model", "case", "sample", "look", "status", "why", "gates", "score",
];
const LAST: [&str; 10] = [
    "latency_ms",
    "attempts",
    "prompt_tokens",
    "completion_tokens",
    "cached",
    "reused",
    "finish_reason",
    "answer_sha256",
    "answer",
    "tool_calls",
];

/// The table could not be written: a defect of this program.
#[derive(Debug, thiserror::Error)]
#[error("the table could not be written: {0}")]
pub struct TableError(String);

/// A line a sample, of agents that were asked and of other models that were asked beside them.
pub fn samples(record: &RunRecord, answers: Answers) -> Result<String, TableError> {
    let asked = || record.touched().chain(&record.arms);
    let named = asked()
        .flat_map(|agent| &agent.cases)
        .flat_map(|case| case.dimensions.iter());
    let dimensions: BTreeSet<Dimension> = named.map(|(name, _)| name).collect();
    let failed = |why: csv::Error| TableError(why.to_string());
    let mut table = csv::Writer::from_writer(Vec::new());
    let heading = FIRST.iter().map(|name| (*name).to_owned());
    let heading = heading.chain(dimensions.iter().map(|name| cell(name.as_str())));
    let heading = heading.chain(LAST.iter().map(|name| (*name).to_owned()));
    table.write_record(heading).map_err(failed)?;
    for agent in asked() {
        for case in &agent.cases {
            for sample in &case.samples {
                let row = row(agent, case, sample, &dimensions, answers);
                table.write_record(row).map_err(failed)?;
            }
        }
    }
    let bytes = table
        .into_inner()
        .map_err(|why| TableError(why.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn row(
    agent: &AgentRecord,
    case: &CaseRecord,
    sample: &SampleRecord,
    dimensions: &BTreeSet<Dimension>,
    answers: Answers,
) -> Vec<String> {
    let text = sample.text.as_deref();
    let known = |value: Option<String>| value.unwrap_or_default();
    let status = serde_json::to_value(sample.status).ok();
    let mut row = vec![
        cell(agent.name.as_str()),
        cell(&agent.model),
        cell(case.id.as_str()),
        sample.index.to_string(),
        sample.look.to_string(),
        known(status.and_then(|status| Some(status.as_str()?.to_owned()))),
        known(text.and_then(|text| text.why.as_deref()).map(cell)),
        case.gates().to_string(),
        known(sample.score.map(|score| score.to_string())),
    ];
    row.extend(
        dimensions
            .iter()
            .map(|name| known(sample.dimensions.get(name).map(|points| points.to_string()))),
    );
    let may_show = text.filter(|_| answers == Answers::Excerpts);
    let shown = may_show.and_then(|text| text.answer.as_deref());
    let calls = may_show.filter(|text| !text.tool_calls.is_empty());
    let calls = calls.and_then(|text| serde_json::to_string(&text.tool_calls).ok());
    row.extend([
        known(sample.latency_ms.map(|time| time.to_string())),
        sample.attempts.to_string(),
        known(sample.usage.map(|usage| usage.prompt_tokens.to_string())),
        known(
            sample
                .usage
                .map(|usage| usage.completion_tokens.to_string()),
        ),
        sample.cached.to_string(),
        sample.reused.to_string(),
        known(
            text.and_then(|text| text.finish_reason.as_deref())
                .map(cell),
        ),
        known(sample.answer_sha256.map(|digest| digest.to_string())),
        known(shown.map(cell)),
        known(calls.as_deref().map(cell)),
    ]);
    row
}

/// Text of others, which no spreadsheet may take for a formula: <https://owasp.org/www-community/attacks/CSV_Injection>.
fn cell(text: &str) -> String {
    let text = escape::lines(text);
    let starts = text.trim_start().chars().next();
    if starts.is_some_and(|first| matches!(first, '=' | '+' | '-' | '@')) {
        format!("'{text}")
    } else {
        text
    }
}
