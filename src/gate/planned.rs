//! What one agent is asked: the cases of the suite that decides, then those that only the pull request has.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::GateError;
use super::added::Added;
use super::suite_digest::SuiteDigest;
use crate::agent::{Agent, AgentName, Candidate};
use crate::calibration::Calibration;
use crate::judge::Judge;
use crate::policy::Policy;
use crate::record::{
    Against, AgentGrades, AgentRecord, AgentVerdict, CalibrationRecord, CaseRecord, Counts,
    DataRecord, JudgeRecord, LatencyRecord, Outcome, Points, SampleRecord, ScorerRecord,
    UsageRecord,
};
use crate::score::{Digest, DigestError, Expectation, Scoring, digest, judged_digest};
use crate::suite::{Case, Message, Suite};

/// An agent that is asked.
#[derive(Debug, Clone)]
pub struct PlannedAgent {
    /// As the deciding side configures it.
    pub agent: Agent,
    /// What is asked.
    pub candidate: Candidate,
    /// With what.
    pub suite: Suite,
    /// The cases that only the pull request has: asked after everything that gates, and shown.
    pub added: Option<Added>,
    /// True for an agent that only the pull request has.
    pub new: bool,
    /// The agent for which this other model is asked, and what it is to it; absent for the agent's own model.
    pub arm: Option<(AgentName, Against)>,
    /// The places of the cases that this part of a divided run asks, those of the suite first; all of them where it is
    /// not divided.
    pub part: Option<Vec<usize>>,
    /// Who grades the answers, where somebody does.
    pub judge: Option<Arc<Judge>>,
    /// What its own grader gave, where one graded.
    pub grades: Option<Arc<AgentGrades>>,
}

#[derive(Serialize)]
struct AskIdentity<'a> {
    messages: &'a [Message],
    parameters: &'a crate::agent::Parameters,
}

impl PlannedAgent {
    /// Names model ID, system prompt and parameters.
    pub fn candidate_digest(&self) -> Result<String, DigestError> {
        Ok(digest(&self.candidate)?.to_string())
    }

    /// The agent as whom it is asked: recordings and kept answers are found under its name.
    pub(super) fn asked_as(&self) -> &AgentName {
        self.arm
            .as_ref()
            .map_or(&self.agent.name, |(agent, _)| agent)
    }

    /// Who grades its answers.
    pub(super) fn judged_by(&self) -> Option<&Judge> {
        self.judge.as_deref()
    }

    /// How many cases are asked.
    pub fn cases(&self) -> usize {
        self.part.as_ref().map_or_else(|| self.all(), Vec::len)
    }

    /// How many of them gate; they come first.
    pub(super) fn gating(&self) -> usize {
        let own = self.suite.len();
        let in_part = |part: &Vec<usize>| part.partition_point(|place| *place < own);
        self.part.as_ref().map_or(own, in_part)
    }

    /// How many cases the whole run asks.
    pub(super) fn all(&self) -> usize {
        self.suite.len() + self.added.as_ref().map_or(0, Added::len)
    }

    /// A case by its place among those that are asked.
    pub(super) fn case(&self, place: usize) -> Result<Arc<Case>, String> {
        match &self.part {
            Some(part) => self.at(part.get(place).copied().unwrap_or(usize::MAX)),
            None => self.at(place),
        }
    }

    /// A case by its place among those of the whole run.
    pub(super) fn at(&self, place: usize) -> Result<Arc<Case>, String> {
        match (place.checked_sub(self.suite.len()), &self.added) {
            (Some(beyond), Some(added)) => added.case(beyond),
            (Some(_), None) | (None, _) => self.suite.case(place),
        }
    }

    /// The messages of the case and the parameters; the model and its system prompt are what is tested.
    fn ask_digest(&self, case: &Case) -> Result<Digest, DigestError> {
        digest(&AskIdentity {
            messages: &case.messages,
            parameters: &self.candidate.parameters,
        })
    }

    /// The cases that are asked, not measured yet, and the digest of the whole suite.
    fn unmeasured_cases(&self) -> Result<(Vec<CaseRecord>, Digest), GateError> {
        let mut cases = Vec::with_capacity(self.cases());
        let mut whole = SuiteDigest::default();
        let mut part = self.part.iter().flatten().copied().peekable();
        for index in 0..self.all() {
            let case = self.at(index).map_err(GateError::Usage)?;
            let case = self.unmeasured_case(&case, index >= self.suite.len())?;
            whole.add(&case)?;
            if self.part.is_none() || part.next_if_eq(&index).is_some() {
                cases.push(case);
            }
        }
        Ok((cases, whole.finish()))
    }

    /// Names the cases that only the pull request has; `None` where there are none.
    pub(super) fn added_digest(&self) -> Result<Option<Digest>, GateError> {
        let Some(added) = &self.added else {
            return Ok(None);
        };
        let mut digest = SuiteDigest::default();
        for place in 0..added.len() {
            let case = added.case(place).map_err(GateError::Usage)?;
            digest.add(&self.unmeasured_case(&case, false)?)?;
        }
        Ok(Some(digest.finish()))
    }

    /// How far its scores agree with people, where that was measured. Another model that is asked beside it shows nothing.
    pub(super) fn calibrated(
        &self,
        calibration: Option<&Calibration>,
        agent: &AgentRecord,
    ) -> Option<CalibrationRecord> {
        let calibration = calibration.filter(|_| self.arm.is_none())?;
        let general = self.scored_as(&Expectation::default());
        CalibrationRecord::of(calibration, agent, &general)
    }

    /// Whether somebody else graded a record, or nobody where somebody does now.
    pub(super) fn has_other_judge(&self, then: &AgentRecord) -> bool {
        let now = self.judge.as_ref().map(|judge| judge.identity());
        now != then.judge.as_ref().map(|judge| judge.identity)
    }

    /// Whether a graded sample was settled before the last of its votes was in.
    pub(super) fn lacks_votes(&self, sample: &SampleRecord) -> bool {
        let grades = sample
            .text
            .as_deref()
            .and_then(|text| text.judge.as_deref());
        let wanted = self.judge.as_deref().map(|judge| judge.votes);
        let votes = grades.and_then(|grades| u32::try_from(grades.votes.len()).ok());
        wanted
            .zip(votes)
            .is_some_and(|(wanted, votes)| votes < wanted)
    }

    /// Which rules score.
    pub(super) fn scorer(&self) -> ScorerRecord {
        let Scoring { profile, weights } = &self.suite.scoring;
        ScorerRecord {
            profile: profile.as_str().to_owned(),
            version: profile.version(),
            weights: weights.clone(),
            grader: self.grades.as_ref().map(|own| own.grader.clone()),
        }
    }

    /// The record of this agent before anything was asked.
    pub(super) fn unmeasured(&self, policy: &Policy) -> Result<AgentRecord, GateError> {
        let (cases, suite_digest) = self.unmeasured_cases()?;
        Ok(AgentRecord {
            name: self.agent.name.clone(),
            model: self.candidate.model.clone(),
            served_model: None,
            system_fingerprint: None,
            provider: self.agent.provider.clone(),
            parameters: self.candidate.parameters.clone(),
            candidate_digest: self.candidate_digest()?,
            touched: self.arm.is_none(),
            arm: self.arm.as_ref().map(|(_, against)| *against),
            new: self.new,
            unchanged: false,
            measured: None,
            score: None,
            interval: None,
            interval_level: None,
            spread: None,
            dimensions: BTreeMap::new(),
            verdict: AgentVerdict {
                outcome: Outcome::Error,
                proven: false,
            },
            stored_outcome: None,
            floor: policy.floor_of(&self.agent.name),
            suite_digest: suite_digest.to_string(),
            data: DataRecord::default(),
            scorer: self.scorer(),
            rescored: None,
            judge: self
                .judge
                .as_deref()
                .map(|judge| Box::new(JudgeRecord::of(judge))),
            calibration: None,
            self_test: None,
            looks: Vec::new(),
            comparison: None,
            not_compared: None,
            comparisons: Vec::new(),
            counts: Counts::default(),
            usage: UsageRecord::default(),
            latency_ms: LatencyRecord::default(),
            cases,
            part: self.part.as_ref().map(|part| {
                let places = part.iter().map(|place| u32::try_from(*place));
                places.map(|place| place.unwrap_or(u32::MAX)).collect()
            }),
        })
    }

    /// Names how answers are scored of which this is expected, by the suite and the judge.
    fn scored_as(&self, expectation: &Expectation) -> Digest {
        let judge = self.judge.as_ref();
        let judge = judge.map(|judge| judge.identity().to_string());
        judged_digest(&self.suite.scoring, expectation, judge.as_deref())
    }

    pub(super) fn unmeasured_case(
        &self,
        case: &Case,
        new: bool,
    ) -> Result<CaseRecord, DigestError> {
        let by_suite = self.scored_as(&case.expectation);
        let own = self.grades.as_ref().map(|own| own.score_digest(by_suite));
        Ok(CaseRecord {
            id: case.id.clone(),
            ask_digest: self.ask_digest(case)?,
            score_digest: own.transpose()?.unwrap_or(by_suite),
            text: None,
            weight: case.weight,
            cluster: case.cluster.as_deref().map(Box::from),
            draft: case.draft || self.suite.draft,
            new,
            score: None,
            dimensions: Points::default(),
            samples: Vec::new(),
        })
    }
}
