//! Goes through the stored cases of one agent: which of them answer a question of this run, and by which rules they are
//! scored.

use super::Taken;
use crate::baseline::Baseline;
use crate::edge::disk::Journal;
use crate::gate::rescore::{Question, Questions, questions};
use crate::gate::{GateError, PlannedAgent, measure};
use crate::record::{CaseRecord, RunRecord, Settled};
use crate::runner::Spent;
use crate::score::DigestError;

/// What stored answers are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// They are taken instead of new ones.
    Reuse,
    /// New ones are held against them.
    Compare,
}

/// Cases of a stored record as they are scored now, with their places in it and without words.
pub(super) type Rescored = Vec<(usize, CaseRecord)>;

/// What is taken of a stored record so far.
pub(super) struct Taking<'t> {
    planned: &'t PlannedAgent,
    questions: Questions,
    spool: &'t Journal,
    purpose: Purpose,
    served_model: Option<String>,
    system_fingerprint: Option<String>,
    taken: Taken,
    rescored: Rescored,
}

impl<'t> Taking<'t> {
    pub(super) fn of(
        planned: &'t PlannedAgent,
        baseline: &Baseline,
        spool: &'t Journal,
        purpose: Purpose,
    ) -> Result<Self, GateError> {
        let stored = baseline.record.agent(&planned.agent.name);
        let measured = stored.and_then(|stored| stored.measured.as_ref());
        let measured = measured.unwrap_or(&baseline.record.created).clone();
        Ok(Self {
            planned,
            spool,
            purpose,
            served_model: stored.and_then(|stored| stored.served_model.clone()),
            system_fingerprint: stored.and_then(|stored| stored.system_fingerprint.clone()),
            taken: Taken {
                cases: vec![false; planned.cases()],
                samples: Vec::new(),
                measured,
            },
            questions: questions(planned)?,
            rescored: Vec::new(),
        })
    }

    /// Whether a case of a record was asked the same and is scored otherwise.
    pub(super) fn differs(&self, record: &RunRecord) -> bool {
        let stored = record.agent(&self.planned.agent.name).into_iter();
        let mut cases = stored.flat_map(|agent| &agent.cases);
        cases.any(|case| {
            let question = self.questions.get(&case.id);
            question.is_some_and(|question| {
                question.ask_digest == case.ask_digest && question.score_digest != case.score_digest
            })
        })
    }

    /// Takes a stored case with its words, given with its place in the record.
    pub(super) fn case(&mut self, at: usize, case: &mut CaseRecord) -> Result<(), GateError> {
        if at == 0 {
            self.begin();
        }
        let question = self.questions.get(&case.id).copied();
        let Some(question) = question.filter(|one| one.ask_digest == case.ask_digest) else {
            return Ok(());
        };
        if question.score_digest != case.score_digest {
            if !self.score_again(question, case)? {
                return Ok(());
            }
            let mut numbers = case.clone();
            numbers.forget_text();
            self.rescored.push((at, numbers));
        }
        if self.purpose == Purpose::Reuse {
            self.take(question.place, case)?;
        }
        Ok(())
    }

    /// Everything that is taken, if anything is.
    pub(super) fn end(self) -> (Option<Taken>, Rescored) {
        let taken = (!self.taken.samples.is_empty()).then_some(self.taken);
        (taken, self.rescored)
    }

    /// What was taken of a reading that was begun anew does not count.
    fn begin(&mut self) {
        self.taken.samples.clear();
        self.taken.cases.fill(false);
        self.rescored.clear();
    }

    /// Scores the answers of a case by the rules of this run; false where not all of them are kept.
    fn score_again(&self, question: Question, case: &mut CaseRecord) -> Result<bool, GateError> {
        if self.planned.grades.is_some() {
            // What an own grader would say of these answers is not known here.
            return Ok(false);
        }
        let asked = self
            .planned
            .case(question.place)
            .map_err(GateError::Usage)?;
        let mut scored = case.samples.iter_mut().filter(|one| one.score.is_some());
        let all = scored.all(|sample| measure::score_again(self.planned, &asked, sample));
        case.score_digest = question.score_digest;
        case.tally();
        Ok(all && case.score.is_some())
    }

    /// All scored samples, however many this run would ask: with fewer, the mean could change by choosing.
    fn take(&mut self, place: usize, case: &CaseRecord) -> Result<(), GateError> {
        for stored in case.samples.iter().filter(|one| one.score.is_some()) {
            let mut sample = stored.clone();
            sample.look = 1;
            sample.reused = true;
            let settled = Settled {
                agent: self.planned.agent.name.clone(),
                case: case.id.clone(),
                served_model: self.served_model.clone(),
                system_fingerprint: self.system_fingerprint.clone(),
                spent: Spent::default(),
                sample,
            };
            let line = serde_json::to_vec(&settled).map_err(DigestError::from)?;
            self.taken.samples.push((place, self.spool.append(line)?));
            if let Some(held) = self.taken.cases.get_mut(place) {
                *held = true;
            }
        }
        Ok(())
    }
}
