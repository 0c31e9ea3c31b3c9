//! Answers that were recorded earlier, from `*.jsonl` files with one answer a line. A question that was not recorded
//! has no answer; another sample never stands in for it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Deserialize;

use crate::agent::AgentName;
use crate::runner::{Allowance, Ask, AskError, Reply, Usage};
use crate::suite::CaseId;

/// Problems that are listed; the rest is counted.
const MOST_PROBLEMS: usize = 20;

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The folder holds no recording.
    #[error("`{path}` holds no `*.jsonl` file; record answers with `tunegate run --record FILE`")]
    Empty {
        /// The folder.
        path: String,
    },
    /// Lines that are no recorded answer, or a second answer to one question; all of them.
    #[error("the recordings have {} problem(s):{}", problems.len(), listed(problems))]
    Lines {
        /// Each with its file and line.
        problems: Vec<String>,
    },
}

/// One line of a recording. Keys that later versions add are skipped.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with `agent`, `case`, `sample`, `model` and `answer`")]
struct Line {
    agent: AgentName,
    case: CaseId,
    sample: u32,
    model: String,
    answer: String,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    latency_ms: u64,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    agent: AgentName,
    case: CaseId,
    sample: u32,
    model: String,
}

#[derive(Debug)]
struct Recorded {
    answer: String,
    finish_reason: Option<String>,
    latency: Duration,
    usage: Option<Usage>,
    /// Number of its file, and its line from 1.
    place: (usize, usize),
}

/// An answer, and whose it is to what.
#[derive(Debug, Clone, Copy)]
pub struct RecordedAnswer<'r> {
    /// Whose suite it belongs to.
    pub agent: &'r AgentName,
    /// The case.
    pub case: &'r CaseId,
    /// The sample, from 0.
    pub sample: u32,
    /// Which model said it.
    pub model: &'r str,
    /// The answer.
    pub answer: &'r str,
}

/// Recorded answers by agent, case, sample and model.
#[derive(Debug)]
pub struct Replay {
    answers: HashMap<Key, Recorded>,
}

impl Replay {
    /// The answers of several files. All problems are told at once; of two answers to one question the later is one.
    pub fn from_files<'f>(
        files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) -> Result<Self, RecordingError> {
        let mut reader = Reader::default();
        for (name, bytes) in files {
            reader.read(name, bytes);
        }
        reader.finish()
    }

    /// Every recorded answer, in no order.
    pub fn recorded(&self) -> impl Iterator<Item = RecordedAnswer<'_>> {
        self.answers.iter().map(|(key, recorded)| RecordedAnswer {
            agent: &key.agent,
            case: &key.case,
            sample: key.sample,
            model: &key.model,
            answer: &recorded.answer,
        })
    }

    /// The recorded answer to a question.
    pub fn ask(&self, ask: &Ask) -> Result<Reply, AskError> {
        let key = Key {
            agent: ask.agent.clone(),
            case: ask.case.id.clone(),
            sample: ask.sample,
            model: ask.candidate.model.clone(),
        };
        let Some(recorded) = self.answers.get(&key) else {
            let Key {
                agent,
                case,
                sample,
                model,
            } = key;
            return Err(AskError::NoRecording {
                why: format!(
                    "no recorded answer of model `{model}` to case `{case}` of agent `{agent}`, sample {sample}"
                ),
            });
        };
        Ok(Reply {
            text: recorded.answer.clone(),
            finish_reason: recorded.finish_reason.clone(),
            served_model: Some(key.model),
            system_fingerprint: None,
            usage: recorded.usage,
            latency: recorded.latency,
            cached: false,
            allowance: Allowance::default(),
        })
    }
}

/// Collects answers and problems over files.
#[derive(Debug, Default)]
struct Reader {
    answers: HashMap<Key, Recorded>,
    files: Vec<String>,
    problems: Vec<String>,
}

impl Reader {
    fn read(&mut self, name: &str, bytes: &[u8]) {
        let file = self.files.len();
        self.files.push(name.to_owned());
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice::<Line>(line) {
                Ok(line) => self.keep(line, (file, number)),
                Err(error) => self.problems.push(problem(name, number, &error)),
            }
        }
    }

    fn keep(&mut self, line: Line, place: (usize, usize)) {
        let key = Key {
            agent: line.agent,
            case: line.case,
            sample: line.sample,
            model: line.model,
        };
        match self.answers.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(Recorded {
                    answer: line.answer,
                    finish_reason: line.finish_reason,
                    latency: Duration::from_millis(line.latency_ms),
                    usage: line.usage,
                    place,
                });
            }
            Entry::Occupied(entry) => {
                let name = |(file, number): (usize, usize)| {
                    let file = self.files.get(file).map_or("", String::as_str);
                    format!("{file}:{number}")
                };
                let key = entry.key();
                self.problems.push(format!(
                    "{}: a second answer to case `{}` of agent `{}`, sample {}, model `{}`; the first is at {}, remove one",
                    name(place),
                    key.case,
                    key.agent,
                    key.sample,
                    key.model,
                    name(entry.get().place),
                ));
            }
        }
    }

    fn finish(self) -> Result<Replay, RecordingError> {
        if self.problems.is_empty() {
            Ok(Replay {
                answers: self.answers,
            })
        } else {
            Err(RecordingError::Lines {
                problems: self.problems,
            })
        }
    }
}

/// Where a line is no recorded answer, and why. serde's own place is always in line 1.
fn problem(name: &str, number: usize, error: &serde_json::Error) -> String {
    let column = error.column();
    let text = error.to_string();
    let what = text
        .split_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    format!("{name}:{number}:{column}: {what}")
}

fn listed(problems: &[String]) -> String {
    let mut text = String::new();
    for problem in problems.iter().take(MOST_PROBLEMS) {
        let _ = write!(text, "\n  {problem}");
    }
    if let Some(more) = problems.len().checked_sub(MOST_PROBLEMS + 1) {
        let _ = write!(text, "\n  and {} more", more + 1);
    }
    text
}

#[cfg(test)]
mod tests;
