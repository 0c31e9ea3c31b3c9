//! What a run is going to do: decided completely before the first question is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::Serialize;

use super::reuse::Reused;
use super::suite_digest::SuiteDigest;
use super::{GateError, Parts};
use crate::agent::{Agent, AgentName, Candidate};
use crate::baseline::Baseline;
use crate::config::{Config, Prices, Provider, Run};
use crate::policy::Policy;
use crate::record::{
    AgentRecord, AgentVerdict, Audit, CaseRecord, Changes, Counts, DataRecord, LatencyRecord,
    Outcome, Points, RunInfo, ScorerRecord, Shard, Source, UsageRecord,
};
use crate::score::{Digest, DigestError, digest, score_digest};
use crate::suite::{Case, Message, Suite};

/// Everything a run needs besides the world.
#[derive(Debug)]
pub struct Plan {
    /// `report.id`.
    pub gate_id: String,
    /// The rules that decide.
    pub policy: Policy,
    /// What tokens cost.
    pub prices: Prices,
    /// How samples are asked.
    pub run: Run,
    /// The providers that may be asked.
    pub providers: BTreeMap<String, Provider>,
    /// The agents to ask.
    pub agents: Vec<PlannedAgent>,
    /// Agents that are not asked and enter with their stored score.
    pub carried: Vec<AgentRecord>,
    /// The baseline of each agent, or why there is none.
    pub baselines: BTreeMap<AgentName, Result<Baseline, String>>,
    /// The execution.
    pub info: RunInfo,
    /// The commits.
    pub source: Source,
    /// What the pull request changed.
    pub changes: Changes,
    /// What is known of each agent's training data.
    pub data: BTreeMap<AgentName, DataRecord>,
    /// When the data changed that a moved model should be made from, RFC 3339.
    pub data_changed: BTreeMap<AgentName, String>,
    /// What was found in it.
    pub audit: Audit,
    /// Things a person should know.
    pub notices: Vec<String>,
    /// The key that set the cap on money.
    pub(super) cost_cap: &'static str,
    /// Which part of a divided run this is; see [`Plan::take_part`].
    pub shard: Option<Shard>,
    /// The parts of this run that were measured elsewhere: what they hold is not asked again.
    pub parts: Option<Parts>,
    /// Agents whose model the pull request leaves as it is.
    pub(super) unchanged: BTreeSet<AgentName>,
    /// What is taken from the baselines and not asked again.
    pub(super) reused: Reused,
}

/// An agent that is asked.
#[derive(Debug, Clone)]
pub struct PlannedAgent {
    /// As the deciding side configures it.
    pub agent: Agent,
    /// What is asked.
    pub candidate: Candidate,
    /// With what.
    pub suite: Suite,
    /// True for an agent that only the pull request has.
    pub new: bool,
    /// The places of the suite's cases that this part of a divided run asks; all of them where it is not divided.
    pub part: Option<Vec<usize>>,
}

/// The bounds of one provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) concurrency: Option<NonZeroUsize>,
    pub(super) requests_per_second: Option<f64>,
    pub(super) tokens_per_minute: Option<u64>,
}

impl Plan {
    /// A plan with the rules of a configuration and nothing to ask yet.
    pub fn new(config: &Config) -> Self {
        Self {
            gate_id: config.report.id.clone(),
            policy: config.policy.clone(),
            prices: config.prices.clone(),
            run: config.run.clone(),
            providers: config.providers.clone(),
            agents: Vec::new(),
            carried: Vec::new(),
            baselines: BTreeMap::new(),
            info: RunInfo::default(),
            source: Source::default(),
            changes: Changes::default(),
            data: BTreeMap::new(),
            data_changed: BTreeMap::new(),
            audit: Audit::default(),
            notices: config
                .not_in_effect()
                .iter()
                .map(|n| format!("{}: {}", n.key, n.message))
                .collect(),
            cost_cap: "run.budget.cost",
            shard: None,
            parts: None,
            unchanged: BTreeSet::new(),
            reused: Reused::default(),
        }
    }

    pub(super) fn limits(&self, provider: &str) -> Limits {
        match self.providers.get(provider) {
            Some(Provider::OpenAi(settings)) => Limits {
                concurrency: usize::try_from(settings.concurrency)
                    .ok()
                    .and_then(NonZeroUsize::new),
                requests_per_second: settings.requests_per_second,
                tokens_per_minute: settings.tokens_per_minute,
            },
            Some(Provider::Replay { .. }) | None => Limits {
                concurrency: NonZeroUsize::new(64),
                requests_per_second: None,
                tokens_per_minute: None,
            },
        }
    }

    /// Samples of each case that are asked in any event.
    pub fn samples(&self) -> u32 {
        self.run.looks.first().copied().unwrap_or(self.run.samples)
    }

    /// Cumulative samples of each look; a single one where looks are not configured.
    pub(super) fn schedule(&self) -> Vec<u32> {
        if self.run.looks.is_empty() {
            vec![self.run.samples]
        } else {
            self.run.looks.clone()
        }
    }

    /// What becomes a baseline is asked as often as can be: everything later is held against it.
    pub(super) fn take_last_look(&mut self) {
        self.run.looks = self.run.looks.last().copied().into_iter().collect();
    }

    /// Names everything that is to be asked and how it will be scored; the same for every part of a divided run.
    pub(super) fn digest(&self, agents: &[AgentRecord]) -> Result<Digest, DigestError> {
        let asked: Vec<_> = agents
            .iter()
            .filter(|agent| agent.touched)
            .map(|agent| (&agent.name, &agent.candidate_digest, &agent.suite_digest))
            .collect();
        digest(&(asked, self.schedule()))
    }
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

    /// How many cases are asked.
    pub fn cases(&self) -> usize {
        self.part.as_ref().map_or(self.suite.len(), Vec::len)
    }

    /// A case by its place among those that are asked.
    pub(super) fn case(&self, place: usize) -> Result<Arc<Case>, String> {
        let in_suite = match &self.part {
            Some(part) => part.get(place).copied().unwrap_or(usize::MAX),
            None => place,
        };
        self.suite.case(in_suite)
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
        for index in 0..self.suite.len() {
            let case = self.suite.case(index).map_err(GateError::Usage)?;
            let case = self.unmeasured_case(&case)?;
            whole.add(&case)?;
            if self.part.is_none() || part.next_if_eq(&index).is_some() {
                cases.push(case);
            }
        }
        Ok((cases, whole.finish()))
    }

    /// The record of this agent before anything was asked.
    pub(super) fn unmeasured(&self, policy: &Policy) -> Result<AgentRecord, GateError> {
        let profile = self.suite.scoring.profile;
        let (cases, suite_digest) = self.unmeasured_cases()?;
        Ok(AgentRecord {
            name: self.agent.name.clone(),
            model: self.candidate.model.clone(),
            served_model: None,
            system_fingerprint: None,
            provider: self.agent.provider.clone(),
            parameters: self.candidate.parameters.clone(),
            candidate_digest: self.candidate_digest()?,
            touched: true,
            new: self.new,
            unchanged: false,
            measured: None,
            score: None,
            interval: None,
            interval_level: None,
            dimensions: BTreeMap::new(),
            verdict: AgentVerdict {
                outcome: Outcome::Error,
                proven: false,
            },
            floor: policy.floor_of(&self.agent.name),
            suite_digest: suite_digest.to_string(),
            data: DataRecord::default(),
            scorer: ScorerRecord {
                profile: profile.as_str().to_owned(),
                version: profile.version(),
            },
            judge: None,
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

    pub(super) fn unmeasured_case(&self, case: &Case) -> Result<CaseRecord, DigestError> {
        Ok(CaseRecord {
            id: case.id.clone(),
            ask_digest: self.ask_digest(case)?,
            score_digest: score_digest(&self.suite.scoring, &case.expectation),
            text: None,
            weight: case.weight,
            draft: case.draft || self.suite.draft,
            score: None,
            dimensions: Points::default(),
            samples: Vec::new(),
        })
    }
}
