//! The untuned models that the agents' models are made from: asked once, when a push stores baselines, kept beside them,
//! and held against every later candidate. They show what the tuning is worth, and what it unlearnt; they decide nothing.

use std::collections::BTreeSet;

use super::baselines::Wanted;
use super::scene::Scene;
use super::{GateError, Plan, PlannedAgent};
use crate::agent::{AgentName, Candidate};
use crate::baseline;
use crate::record::Against;
use crate::runner::Usage;

/// The base model of an agent, as it would be asked: with the system prompt and the parameters of the candidate.
#[derive(Debug, Clone)]
pub(super) struct BaseModel {
    of: AgentName,
    name: AgentName,
    candidate: Candidate,
}

impl Scene {
    /// The base models of the agents that are asked. A new agent has none yet, and a model that is its own base either.
    pub(super) fn base_models(&self) -> Vec<BaseModel> {
        let base_model = |of: &AgentName| {
            let model = self.deciding.stand(of)?.agent.base_model.clone()?;
            let judged = self.judged.stand(of)?.candidate.as_ref().ok()?;
            let candidate = Candidate {
                model,
                ..judged.clone()
            };
            Some(BaseModel {
                of: of.clone(),
                name: of.beside(Against::BaseModel.as_str())?,
                candidate,
            })
            .filter(|base| base.candidate.model != judged.model)
        };
        self.asked().filter_map(base_model).collect()
    }
}

impl Scene {
    /// Whose records are wanted: those of all agents of the deciding side, of the asked ones with their words, and those of
    /// their base models, whose answers the page shows.
    pub(super) fn wanted<'a>(&'a self, base_models: &'a [BaseModel]) -> Vec<Wanted<'a>> {
        let asked: BTreeSet<&AgentName> = self.asked().collect();
        let stands = self.deciding.stands.iter();
        let own = stands.map(|stand| Wanted {
            name: &stand.agent.name,
            candidate: self.stored_candidate(&stand.agent.name),
            words: asked.contains(&stand.agent.name),
        });
        own.chain(base_models.iter().map(BaseModel::wanted))
            .collect()
    }
}

impl BaseModel {
    /// Its record, as one looks for a baseline.
    const fn wanted(&self) -> Wanted<'_> {
        Wanted {
            name: &self.name,
            candidate: Some(&self.candidate),
            words: true,
        }
    }
}

impl Plan {
    /// Adds the base models of which no stored record covers the cases that are asked.
    pub(super) fn measure_base_models(&mut self, all: &[BaseModel]) -> Result<(), GateError> {
        let mut arms = Vec::new();
        for base in all {
            let mut agents = self.agents.iter();
            let Some(planned) = agents.find(|planned| planned.agent.name == base.of) else {
                continue;
            };
            if self.covers(planned, base)? {
                continue;
            }
            let priced = self.prices.cost(&base.candidate.model, Usage::default());
            if self.run.budget_cost.is_some() && priced.is_none() {
                self.notices.push(format!(
                    "{}: its base model `{}` is not asked: it has no price in `prices`, and `run.budget.cost` is set",
                    base.of, base.candidate.model
                ));
                continue;
            }
            arms.push(arm(planned, base));
        }
        self.agents.extend(arms);
        Ok(())
    }

    fn covers(&self, planned: &PlannedAgent, base: &BaseModel) -> Result<bool, GateError> {
        let Some(Ok(stored)) = self.baselines.get(&base.name) else {
            return Ok(false);
        };
        let Ok(other) = stored.other(&base.name, Against::BaseModel) else {
            return Ok(false);
        };
        let now = planned.unmeasured(&self.policy)?;
        let gating = now.cases.iter().filter(|case| case.gates()).count();
        // One that an outage or the budget cut short is asked anew.
        let cases = other.agent.cases.iter();
        let missing = cases.filter(|case| case.gates() && case.score.is_none());
        let missing = u32::try_from(missing.count()).unwrap_or(u32::MAX);
        let all = u32::try_from(gating).unwrap_or(u32::MAX);
        let whole = f64::from(missing) <= self.policy.max_unanswered * f64::from(all);
        Ok(whole && baseline::pairable(&now, &other) == gating)
    }
}

fn arm(planned: &PlannedAgent, base: &BaseModel) -> PlannedAgent {
    let mut asked = planned.agent.clone();
    asked.name = base.name.clone();
    asked.base_model = None;
    PlannedAgent {
        agent: asked,
        candidate: base.candidate.clone(),
        suite: planned.suite.clone(),
        added: None,
        new: false,
        arm: Some((base.of.clone(), Against::BaseModel)),
        part: None,
        judge: planned.judge.clone(),
        grades: None,
    }
}
