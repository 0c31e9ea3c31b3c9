//! Answers that were recorded earlier, from `*.jsonl` files with one answer a line. A question that was not recorded
//! has no answer; another sample never stands in for it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Deserialize;

use crate::agent::AgentName;
use crate::runner::{Allowance, Ask, AskError, Reply, Usage};
use crate::score::{Digest, ToolCall};
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
    tool_calls: Vec<ToolCall>,
    #[serde(default)]
    latency_ms: Option<u64>,
    #[serde(default)]
    usage: Option<Usage>,
    /// Of a judge's reply: the digest of the question that it answers.
    #[serde(default)]
    grades: Option<Digest>,
    /// Of a judge's reply: which vote it is.
    #[serde(default)]
    vote: u32,
    /// Of a judge's reply: whether the judge was asked once more.
    #[serde(default)]
    again: bool,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    agent: AgentName,
    case: CaseId,
    sample: u32,
    model: String,
    /// Of a judge's reply: its question, which vote, and whether it was asked once more.
    grades: Option<(Digest, u32, bool)>,
}

impl Key {
    fn of(ask: &Ask) -> Self {
        let grading = ask.grading.as_ref();
        Self {
            agent: ask.agent.clone(),
            case: ask.case.id.clone(),
            sample: ask.sample,
            model: ask.candidate.model.clone(),
            grades: grading.map(|grading| (grading.question, grading.vote, grading.again)),
        }
    }

    /// Why there is no answer.
    fn missing(&self) -> String {
        let Self {
            agent,
            case,
            sample,
            model,
            grades,
        } = self;
        let what = if grades.is_some() {
            "grade of this answer by"
        } else {
            "answer of"
        };
        format!(
            "no recorded {what} model `{model}` to case `{case}` of agent `{agent}`, sample {sample}"
        )
    }
}

#[derive(Debug)]
struct Recorded {
    answer: String,
    finish_reason: Option<String>,
    tool_calls: Vec<ToolCall>,
    latency: Option<Duration>,
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
        let key = Key::of(ask);
        let Some(recorded) = self.answers.get(&key) else {
            return Err(AskError::NoRecording { why: key.missing() });
        };
        Ok(Reply {
            text: recorded.answer.clone(),
            finish_reason: recorded.finish_reason.clone(),
            tool_calls: recorded.tool_calls.clone(),
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
            grades: line
                .grades
                .map(|question| (question, line.vote, line.again)),
        };
        match self.answers.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(Recorded {
                    answer: line.answer,
                    finish_reason: line.finish_reason,
                    tool_calls: line.tool_calls,
                    latency: line.latency_ms.map(Duration::from_millis),
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
