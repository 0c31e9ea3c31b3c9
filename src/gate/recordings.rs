//! The answers of a run as recordings: what a provider of kind `replay` reads.

use serde::Serialize;

use super::GateError;
use crate::record::RunRecord;
use crate::runner::Usage;
use crate::score::DigestError;

#[derive(Serialize)]
struct Line<'a> {
    agent: &'a str,
    case: &'a str,
    sample: u32,
    model: &'a str,
    answer: &'a str,
    finish_reason: Option<&'a str>,
    latency_ms: Option<u64>,
    usage: Option<Usage>,
}

/// Every answer of a record, one JSON object a line.
pub fn recordings(record: &RunRecord) -> Result<String, GateError> {
    let mut text = String::new();
    for agent in record.touched() {
        for (case, sample) in agent
            .cases
            .iter()
            .flat_map(|case| case.samples.iter().map(move |s| (case, s)))
        {
            let Some(answer) = sample.answer.as_deref() else {
                continue;
            };
            let line = Line {
                agent: agent.name.as_str(),
                case: case.id.as_str(),
                sample: sample.index,
                model: &agent.model,
                answer,
                finish_reason: sample.finish_reason.as_deref(),
                latency_ms: sample.latency_ms,
                usage: sample.usage,
            };
            text.push_str(&serde_json::to_string(&line).map_err(DigestError::from)?);
            text.push('\n');
        }
    }
    Ok(text)
}
