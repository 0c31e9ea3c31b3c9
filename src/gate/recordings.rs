//! The answers of a run as recordings: what a provider of kind `replay` reads.

use std::io::{self, Write};

use serde::Serialize;

use super::{GateError, Ledger};
use crate::record::{SampleRecord, SampleText, SealError};
use crate::runner::Usage;

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

/// Writes every answer of a run, one JSON object a line.
pub fn write_recordings(ledger: &Ledger<'_>, out: &mut impl Write) -> Result<(), GateError> {
    for agent in ledger.record().touched() {
        for (place, case) in agent.cases.iter().enumerate() {
            let mut case = case.clone();
            ledger
                .complete(&agent.name, place, &mut case)
                .map_err(unwritten)?;
            for sample in &case.samples {
                let Some((text, answer)) = answered(sample) else {
                    continue;
                };
                let line = Line {
                    agent: agent.name.as_str(),
                    case: case.id.as_str(),
                    sample: sample.index,
                    model: &agent.model,
                    answer,
                    finish_reason: text.finish_reason.as_deref(),
                    latency_ms: sample.latency_ms,
                    usage: sample.usage,
                };
                serde_json::to_writer(&mut *out, &line).map_err(|why| unwritten(why.into()))?;
                out.write_all(b"\n").map_err(unwritten)?;
            }
        }
    }
    Ok(())
}

fn answered(sample: &SampleRecord) -> Option<(&SampleText, &str)> {
    let text = sample.text.as_deref()?;
    Some((text, text.answer.as_deref()?))
}

fn unwritten(why: io::Error) -> GateError {
    SealError::Io(why).into()
}
