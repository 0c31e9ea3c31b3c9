//! What a run is going to do: decided completely before the first question is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::reuse::Reused;
use super::{GateError, Parts, PlannedAgent};
use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::calibration::Calibration;
use crate::config::{Config, Judge, Prices, Provider, Run};
use crate::policy::Policy;
use crate::record::{Against, AgentRecord, Audit, Changes, DataRecord, RunInfo, Shard, Source};
use crate::score::{Digest, digest};

/// Everything a run needs besides the world.
#[derive(Debug)]
pub struct Plan {
    /// `report.id`.
    pub gate_id: String,
    /// The rules that decide.
    pub policy: Policy,
    /// The rules that the pull request brings, where they differ: told, never followed.
    pub new_policy: Option<Policy>,
    /// What tokens cost.
    pub prices: Prices,
    /// How samples are asked.
    pub run: Run,
    /// Who grades, where somebody does.
    pub judge: Option<Judge>,
    /// The providers that may be asked.
    pub providers: BTreeMap<String, Provider>,
    /// The agents to ask.
    pub agents: Vec<PlannedAgent>,
    /// Agents that are not asked and enter with their stored score.
    pub carried: Vec<AgentRecord>,
    /// The baseline of each agent, or why there is none.
    pub baselines: BTreeMap<AgentName, Result<Baseline, String>>,
    /// The record of each agent that the configuration pins, for agents that have one there.
    pub pinned: BTreeMap<AgentName, Baseline>,
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
    /// How far scores agree with people, as the deciding side has it.
    pub(super) calibration: Option<Arc<Calibration>>,
    /// Agents whose model the pull request leaves as it is.
    pub(super) unchanged: BTreeSet<AgentName>,
    /// What is taken from the baselines and not asked again.
    pub(super) reused: Reused,
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
            new_policy: None,
            prices: config.prices.clone(),
            run: config.run.clone(),
            judge: config.judge.clone(),
            providers: config.providers.clone(),
            agents: Vec::new(),
            carried: Vec::new(),
            baselines: BTreeMap::new(),
            pinned: BTreeMap::new(),
            info: RunInfo::default(),
            source: Source::default(),
            changes: Changes::default(),
            data: BTreeMap::new(),
            data_changed: BTreeMap::new(),
            audit: Audit::default(),
            notices: Vec::new(),
            cost_cap: "run.budget.cost",
            shard: None,
            parts: None,
            calibration: None,
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

    /// The same of an agent or of another model that is asked for it. A base model shows, and decides nothing: one answer
    /// to each case is enough.
    pub(super) fn samples_of(&self, planned: &PlannedAgent) -> u32 {
        match planned.arm {
            Some((_, Against::BaseModel)) => 1,
            Some(_) | None => self.samples(),
        }
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
    pub(super) fn digest(&self, agents: &[AgentRecord]) -> Result<Digest, GateError> {
        let asked: Vec<_> = agents
            .iter()
            .filter(|agent| agent.touched || agent.arm.is_some())
            .map(|agent| (&agent.name, &agent.candidate_digest, &agent.suite_digest))
            .collect();
        let mut added = Vec::new();
        for planned in &self.agents {
            added.extend(planned.added_digest()?);
        }
        Ok(if added.is_empty() {
            digest(&(asked, self.schedule()))?
        } else {
            digest(&(asked, self.schedule(), added))?
        })
    }
}
