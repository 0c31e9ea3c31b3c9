//! The answers of a run as recordings: what a provider of kind `replay` reads.

use std::io::{self, Write};

use serde::Serialize;

use super::{GateError, Ledger};
use crate::record::{AgentRecord, SampleRecord, SampleText, SealError};
use crate::runner::Usage;
use crate::score::{Digest, ToolCall};

#[derive(Serialize)]
struct Line<'a> {
    agent: &'a str,
    case: &'a str,
    sample: u32,
    model: &'a str,
    answer: &'a str,
    finish_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "<[ToolCall]>::is_empty")]
    tool_calls: &'a [ToolCall],
    latency_ms: Option<u64>,
    usage: Option<Usage>,
    #[serde(flatten)]
    grade: Option<Grade>,
}

/// What makes an answer a judge's reply.
#[derive(Serialize)]
struct Grade {
    grades: Digest,
    vote: u32,
    again: bool,
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
                    tool_calls: &text.tool_calls,
                    latency_ms: sample.latency_ms,
                    usage: sample.usage,
                    grade: None,
                };
                put(out, &line)?;
                for line in replies(agent, case.id.as_str(), sample) {
                    put(out, &line)?;
                }
            }
        }
    }
    Ok(())
}

fn put(out: &mut impl Write, line: &Line<'_>) -> Result<(), GateError> {
    serde_json::to_writer(&mut *out, line).map_err(|why| unwritten(why.into()))?;
    out.write_all(b"\n").map_err(unwritten)
}

/// What the judge said of an answer. A reply that could not be read and was asked for again is recorded as the first one
/// too: a replay asks again as well.
fn replies<'r>(
    agent: &'r AgentRecord,
    case: &'r str,
    sample: &'r SampleRecord,
) -> impl Iterator<Item = Line<'r>> {
    let grades = sample
        .text
        .as_deref()
        .and_then(|text| text.judge.as_deref());
    let model = agent
        .judge
        .as_ref()
        .map_or("", |judge| judge.model.as_str());
    grades.into_iter().flat_map(move |grades| {
        grades.votes.iter().flat_map(move |vote| {
            let reply = move |answer: &'r str, again| Line {
                agent: agent.name.as_str(),
                case,
                sample: sample.index,
                model,
                answer,
                finish_reason: vote.finish_reason.as_deref(),
                tool_calls: &[],
                latency_ms: None,
                usage: Some(vote.usage).filter(|_| again == vote.again),
                grade: Some(Grade {
                    grades: grades.question,
                    vote: vote.vote,
                    again,
                }),
            };
            let unread = vote.again.then(|| reply("", false));
            let last = vote.reply.as_deref().map(|text| reply(text, vote.again));
            unread.into_iter().chain(last)
        })
    })
}

fn answered(sample: &SampleRecord) -> Option<(&SampleText, &str)> {
    let text = sample.text.as_deref()?;
    Some((text, text.answer.as_deref()?))
}

fn unwritten(why: io::Error) -> GateError {
    SealError::Io(why).into()
}
