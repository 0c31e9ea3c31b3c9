//! Scores the stored answers of one agent again. An answer that cannot be scored counts as unscored, never as a zero; a
//! case that the suite no longer has counts for nothing.

use std::collections::{BTreeMap, HashSet};

use super::questions::{Questions, questions};
use crate::gate::measure::score_again;
use crate::gate::scoring::lacks_what_is_checked;
use crate::gate::{GateError, PlannedAgent};
use crate::record::{
    AgentRecord, CaseRecord, CaseText, Excluded, Rescored, SampleRecord, SampleStatus, ScorePart,
};
use crate::score::{DigestError, Dimension};
use crate::suite::{Case, CaseId};

const GONE: &str = "no longer in the suite";
const OTHERWISE_ASKED: &str = "other messages were asked then";
const NOT_KEPT: &str = "its answer is not kept";
const NOT_GRADED: &str = "the judge of today did not grade its answer";
const NOT_MEASURED: &str =
    "a check asks for the time, the cost or the calls of its answer, which are not known";

/// One agent of a record and the suite that it has today.
pub(super) struct Scorer {
    planned: PlannedAgent,
    questions: Questions,
    done: Rescored,
}

impl Scorer {
    pub(super) fn of(planned: PlannedAgent, then: &AgentRecord) -> Result<Self, GateError> {
        let questions = questions(&planned)?;
        let because = ScorePart::differing(
            &planned.scorer(),
            &then.scorer,
            planned.has_other_judge(then),
        );
        let gone = then.cases.iter().map(|case| &case.id);
        let gone = gone.filter(|id| !questions.contains_key(id));
        let left_out = gone.map(|id| left_out(id, GONE)).collect();
        Ok(Self {
            planned,
            questions,
            done: Rescored {
                answers: 0,
                because,
                left_out,
            },
        })
    }

    /// What each dimension weighs today.
    pub(super) fn weights(&self) -> BTreeMap<Dimension, f64> {
        self.planned.suite.scoring.weights.clone()
    }

    /// Whether today's suite has the case.
    pub(super) fn has(&self, id: &CaseId) -> bool {
        self.questions.contains_key(id)
    }

    /// Scores the answers of a case that has its words, and gives it the share and the words that it has in the suite.
    pub(super) fn again(&mut self, case: &mut CaseRecord) -> Result<(), GateError> {
        let Some(question) = self.questions.get(&case.id).copied() else {
            return Ok(());
        };
        let asked = self.planned.case(question.place);
        let asked = asked.map_err(GateError::Usage)?;
        case.weight = asked.weight;
        case.cluster = asked.cluster.as_deref().map(Box::from);
        case.draft = asked.draft || self.planned.suite.draft;
        if case.ask_digest != question.ask_digest {
            case.score_digest = question.score_digest;
            let answered = answered(case).map(|sample| unscored(sample, OTHERWISE_ASKED));
            if answered.count() > 0 {
                self.done.left_out.push(left_out(&case.id, OTHERWISE_ASKED));
            }
            return Ok(());
        }
        case.text = Some(Box::new(words(&asked)?));
        if case.score_digest == question.score_digest {
            // The digest names all that decides the points: they would be the same.
            return Ok(());
        }
        case.score_digest = question.score_digest;
        let mut missing = None;
        for sample in answered(case) {
            let text = sample.text.as_ref();
            let is_kept = text.is_some_and(|text| text.answer.is_some());
            let is_measured = !lacks_what_is_checked(&asked, sample);
            if score_again(&self.planned, &asked, sample) {
                self.done.answers += 1;
            } else {
                let why = match (is_kept, is_measured) {
                    (false, _) => NOT_KEPT,
                    (true, false) => NOT_MEASURED,
                    (true, true) => NOT_GRADED,
                };
                unscored(sample, why);
                missing = Some(why);
            }
        }
        if let Some(why) = missing {
            self.done.left_out.push(left_out(&case.id, why));
        }
        Ok(())
    }

    /// Cases of the suite that the record does not have.
    pub(super) fn beyond(&self, then: &AgentRecord) -> Result<Vec<CaseId>, GateError> {
        let known: HashSet<&CaseId> = then.cases.iter().map(|case| &case.id).collect();
        let mut beyond = Vec::new();
        for place in 0..self.planned.cases() {
            let case = self.planned.case(place).map_err(GateError::Usage)?;
            if !known.contains(&case.id) {
                beyond.push(case.id.clone());
            }
        }
        Ok(beyond)
    }

    /// Says in the record by what it is scored now, and what became of its answers.
    pub(super) fn sign(mut self, agent: &mut AgentRecord) {
        agent.scorer = self.planned.scorer();
        if self.done.answers == 0 {
            self.done.because.clear();
        }
        agent.note_rescored(self.done);
    }
}

fn words(asked: &Case) -> Result<CaseText, GateError> {
    Ok(CaseText {
        messages: asked.messages.clone(),
        expectation: serde_json::to_value(&asked.expectation).map_err(DigestError::from)?,
        tags: asked.tags.clone(),
    })
}

fn answered(case: &mut CaseRecord) -> impl Iterator<Item = &mut SampleRecord> {
    let samples = case.samples.iter_mut();
    samples.filter(|sample| sample.status != SampleStatus::Unanswered)
}

fn unscored(sample: &mut SampleRecord, why: &str) {
    sample.unscore(why);
    sample.text.get_or_insert_default().checks.clear();
}

fn left_out(id: &CaseId, why: &str) -> Excluded {
    Excluded {
        id: id.clone(),
        why: why.to_owned(),
    }
}
