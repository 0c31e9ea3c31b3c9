//! What was measured for one case: its samples, in numbers that a run keeps and words that it reads again.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SealError;
use super::comparison::Spread;
use super::points::Points;
use crate::judge::Grades;
use crate::runner::Usage;
use crate::score::{CheckResult, Digest, Dimension, Loss, ToolCall, Written};
use crate::suite::{CaseId, Message};

/// What was measured for one case. A run of many cases keeps all of this but [`CaseText`] in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CaseRecord")]
pub struct CaseRecord<S = SampleRecord> {
    /// Its id.
    pub id: CaseId,
    /// Digest of what was asked: messages and parameters, not the model.
    pub ask_digest: Digest,
    /// Digest of how it was scored.
    pub score_digest: Digest,
    /// What it says; absent in memory where it can be read again.
    #[serde(flatten)]
    pub text: Option<Box<CaseText>>,
    /// Its share in the agent's score.
    pub weight: f64,
    /// Cases made from one template share it, and count as one where it is judged how much cases differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Box<str>>,
    /// True for a case that is shown and does not gate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// True for a case that only the pull request has: asked and shown, not gating.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new: bool,
    /// Mean over its scored samples; absent where there is none.
    pub score: Option<f64>,
    /// The same, by dimension.
    pub dimensions: Points,
    /// Its samples.
    pub samples: Vec<S>,
}

/// The words of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseText {
    /// What was asked.
    pub messages: Vec<Message>,
    /// What was expected, in the shape of a suite file.
    pub expectation: Value,
    /// Free labels.
    pub tags: Vec<String>,
}

/// One answer, or the lack of one. A run of many cases keeps all of this but [`SampleText`] in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SampleRecord {
    /// From 0.
    pub index: u32,
    /// The look in which it was asked, from 1.
    pub look: u32,
    /// Whether it counts.
    pub status: SampleStatus,
    /// What was said and why it got its points; absent in memory where it can be read again.
    #[serde(flatten)]
    pub text: Option<Box<SampleText>>,
    /// SHA-256 of the answer. Where tools are called, of the byte 255, the digest of the answer and that of the canonical
    /// JSON of `tool_calls`, 32 bytes each.
    pub answer_sha256: Option<Digest>,
    /// 0 to 10.
    pub score: Option<f64>,
    /// The same, by dimension.
    pub dimensions: Points,
    /// Wall time of the answered request.
    pub latency_ms: Option<u64>,
    /// Requests it took.
    pub attempts: u32,
    /// Tokens, where the server counts them.
    pub usage: Option<Usage>,
    /// What the answer cost then, in the unit of the price table; absent without a price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// True where the answer came from the cache.
    pub cached: bool,
    /// True where the answer was taken from the baseline: paid for, timed and spent there, not in this run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reused: bool,
}

/// The words of a sample.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SampleText {
    /// Why it does not count.
    pub why: Option<String>,
    /// The answer; absent where there is none or it is not kept.
    pub answer: Option<String>,
    /// Where points were lost.
    pub lost: Vec<Loss>,
    /// Every check and whether it held.
    pub checks: Vec<CheckResult>,
    /// The judge's grade.
    pub judge: Option<Box<Grades>>,
    /// Why the model stopped.
    pub finish_reason: Option<String>,
    /// The tools that the model wants called; part of the answer, and kept where that is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
}

impl SampleText {
    /// The answer as people read it: with the tools that it calls below its words, a line each.
    pub fn said(&self) -> Option<Cow<'_, str>> {
        let answer = self.answer.as_deref()?;
        Some(with_calls(answer, &self.tool_calls))
    }

    /// Why points are lost, for readers who may not read the answer: a judge may repeat words of it.
    pub fn reason_without_judge<'l>(&self, loss: &'l Loss) -> &'l str {
        let mut votes = self.judge.iter().flat_map(|grades| &grades.votes);
        if votes.any(|vote| vote.grades.contains_key(&loss.dimension)) {
            "graded by the judge"
        } else {
            &loss.why
        }
    }
}

/// An answer with its calls as in `find_order({"id": 7})`.
pub(super) fn with_calls<'a>(answer: &'a str, calls: &[ToolCall]) -> Cow<'a, str> {
    if calls.is_empty() {
        return answer.into();
    }
    let words = Some(answer.to_owned()).filter(|words| !words.trim().is_empty());
    let calls = calls
        .iter()
        .map(|call| format!("{}({})", call.name, call.arguments));
    let lines: Vec<String> = words.into_iter().chain(calls).collect();
    lines.join("\n").into()
}

impl SampleRecord {
    /// Takes the score of an answer that cannot be scored, and says why. It stays an answer, and is never a zero.
    pub fn unscore(&mut self, why: &str) {
        self.status = SampleStatus::Unscored;
        self.score = None;
        self.dimensions = Points::default();
        let text = self.text.get_or_insert_default();
        text.why = Some(why.to_owned());
        text.lost.clear();
    }
}

impl<S> CaseRecord<S> {
    /// Whether it counts: in the score, in comparisons, in what may be missing.
    pub const fn gates(&self) -> bool {
        !self.draft && !self.new
    }
}

impl CaseRecord {
    /// The same with words and samples as they are to be written: the type of its samples is then not that of a record
    /// that is read.
    pub fn with(&self, text: Option<Box<CaseText>>, samples: Vec<Written>) -> CaseRecord<Written> {
        CaseRecord {
            id: self.id.clone(),
            ask_digest: self.ask_digest,
            score_digest: self.score_digest,
            text,
            weight: self.weight,
            cluster: self.cluster.clone(),
            draft: self.draft,
            new: self.new,
            score: self.score,
            dimensions: self.dimensions.clone(),
            samples,
        }
    }

    /// The same, ready to be written as it is.
    pub fn written(&self) -> Result<CaseRecord<Written>, SealError> {
        let samples = self
            .samples
            .iter()
            .map(Written::of)
            .collect::<Result<_, _>>()?;
        Ok(self.with(self.text.clone(), samples))
    }

    /// Whether its answers were taken from the baseline. Such a case is not asked.
    pub fn is_reused(&self) -> bool {
        self.samples.iter().any(|sample| sample.reused)
    }

    /// How much the scores of its answers differ. A model that gives the same bytes again and again has given one answer,
    /// however often it was asked: then there is none.
    pub fn spread(&self) -> Option<Spread> {
        self.spread_of(|_| true)
    }

    /// The same over some of its samples.
    pub fn spread_of(&self, counts: impl Fn(&SampleRecord) -> bool) -> Option<Spread> {
        let scored = || {
            self.samples
                .iter()
                .filter(|sample| sample.score.is_some() && counts(sample))
        };
        let first = scored().next()?.answer_sha256;
        if first.is_some() && scored().all(|sample| sample.answer_sha256 == first) {
            return None;
        }
        let count = scored().count();
        let mean = crate::score::mean(scored().filter_map(|sample| sample.score))?;
        let squares: f64 = scored()
            .filter_map(|sample| sample.score)
            .map(|score| (score - mean).powi(2))
            .sum();
        let count = u32::try_from(count).ok().filter(|count| *count > 1)?;
        Some(Spread {
            count,
            variance: squares / f64::from(count - 1),
        })
    }

    /// Lets go of everything that only people read.
    pub fn forget_text(&mut self) {
        self.text = None;
        for sample in &mut self.samples {
            sample.text = None;
        }
    }

    /// Lets go of what models said; the digests of the answers stay.
    pub fn forget_answers(&mut self) {
        for text in self.samples.iter_mut().filter_map(|s| s.text.as_mut()) {
            text.answer = None;
            text.tool_calls.clear();
            for vote in text.judge.iter_mut().flat_map(|grades| &mut grades.votes) {
                vote.reply = None;
            }
        }
    }

    /// Forgets what a judge said, which may repeat words of the answer; what it gave stays.
    pub fn forget_reasons_of_judge(&mut self) {
        for text in self.samples.iter_mut().filter_map(|s| s.text.as_mut()) {
            let Some(said) = &mut text.judge else {
                continue;
            };
            let dimensions: Vec<&Dimension> = said
                .votes
                .iter()
                .flat_map(|vote| vote.grades.keys())
                .collect();
            for loss in &mut text.lost {
                if dimensions.contains(&&loss.dimension) {
                    "the judge's words are not kept".clone_into(&mut loss.why);
                }
            }
            if text.why.is_some() {
                text.why = Some("the judge's reply could not be read".to_owned());
            }
            said.forget_words();
        }
    }
}

/// Whether a sample counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SampleStatus {
    /// Answered and scored.
    Scored,
    /// No answer came: an outage, the deadline, the budget. Never a zero.
    Unanswered,
    /// Answered, but the answer could not be scored. Never a zero.
    Unscored,
}
