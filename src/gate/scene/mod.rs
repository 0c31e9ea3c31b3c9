//! From two sides of a change to a plan: who decides, who is touched, what is asked.

mod data;
mod planned;
mod set;
mod suites;

use std::collections::{BTreeMap, BTreeSet};

use super::side::Side;
use super::{GateError, Plan};
use crate::agent::{AgentName, Candidate};
use crate::baseline::Baseline;
use crate::change::{Selection, Stand, SuiteChange};
use crate::policy::Policy;
use crate::record::{AgentChange, AgentRecord, Cause, CauseCode, Changes, Outcome};
use set::{known, requested};
pub use set::{pushed, set, single};

/// A change as the gate sees it.
#[derive(Debug)]
pub struct Scene {
    /// The side whose rules and suites decide.
    pub deciding: Side,
    /// The side whose models are judged.
    pub judged: Side,
    /// Which agents are touched, and what else happens to the gate.
    pub selection: Selection,
    /// Rules that differ.
    pub changes: Changes,
    /// The rules that the pull request brings, where they differ.
    pub new_policy: Option<Policy>,
    /// The suites that the pull request changes.
    pub suites: BTreeMap<AgentName, SuiteChange>,
    /// Why this run reports and does not block, if so.
    pub report_only: Option<&'static str>,
    /// What each agent came to when its baseline was stored.
    pub former: BTreeMap<AgentName, Candidate>,
}

/// What decides beyond the two sides.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Path of the configuration.
    pub config_path: &'a str,
    /// Agents that are asked whether touched or not.
    pub agents: &'a [AgentName],
    /// Every agent is asked.
    pub all: bool,
}

impl Scene {
    /// True where nothing is to be asked and nothing is to be decided.
    pub fn is_untouched(&self) -> bool {
        self.selection.touched.is_empty()
            && self.selection.added.is_empty()
            && self.selection.removed.is_empty()
            && self.selection.locators.is_empty()
    }

    /// True where the configuration of the pull request has to do for one that the base does not have.
    pub const fn is_adoption(&self) -> bool {
        self.report_only.is_some()
    }

    /// The agents that are asked.
    pub fn asked(&self) -> impl Iterator<Item = &AgentName> {
        self.selection
            .touched
            .iter()
            .chain(&self.selection.added)
            .map(|change| &change.name)
    }

    /// The agents of the deciding side that are not asked.
    pub fn untouched(&self) -> impl Iterator<Item = &Stand> {
        let asked: BTreeSet<&AgentName> = self.asked().collect();
        let gone = &self.selection.removed;
        self.deciding.stands.iter().filter(move |stand| {
            !asked.contains(&stand.agent.name) && !gone.contains(&stand.agent.name)
        })
    }

    /// Asks an agent although nobody touched it.
    pub fn also_ask(&mut self, name: &AgentName, why: &str) {
        let mut change = requested(name, CauseCode::NoRecord);
        for cause in &mut change.because {
            cause.detail = Some(why.to_owned());
        }
        self.selection.touched.push(change.clone());
        self.changes.agents.push(change);
    }

    /// Asks a model of an agent in place of the one that its files name: the change moves to it.
    pub fn try_model(&mut self, name: &AgentName, model: &str) -> Result<(), GateError> {
        known(&[&self.judged], std::slice::from_ref(name))?;
        let mut stands = self.judged.stands.iter_mut();
        let stand = stands.find(|stand| stand.agent.name == *name);
        if let Some(Ok(candidate)) = stand.map(|stand| &mut stand.candidate) {
            model.clone_into(&mut candidate.model);
        }
        let former = self.former.get(name).map(|former| former.model.clone());
        let cause = match former {
            Some(former) if former != model => Cause {
                old: Some(former),
                new: Some(model.to_owned()),
                ..Cause::of(CauseCode::ModelId)
            },
            Some(_) | None => Cause::of(CauseCode::Requested),
        };
        let Selection { touched, added, .. } = &mut self.selection;
        match touched
            .iter_mut()
            .chain(&mut *added)
            .find(|change| change.name == *name)
        {
            Some(change) => {
                let asked = [CauseCode::ModelId, CauseCode::Requested];
                change.because.retain(|cause| !asked.contains(&cause.code));
                change.because.push(cause);
            }
            None => touched.push(AgentChange {
                name: name.clone(),
                because: vec![cause],
            }),
        }
        let changes = self.selection.touched.iter().chain(&self.selection.added);
        self.changes.agents = changes.cloned().collect();
        Ok(())
    }

    /// What the agent came to when its baseline was stored.
    pub fn stored_candidate(&self, name: &AgentName) -> Option<&Candidate> {
        self.former.get(name)
    }

    /// Whether an agent of the deciding side keeps model ID, system prompt and parameters.
    fn is_unchanged(&self, name: &AgentName) -> bool {
        let judged = self.judged.stand(name);
        let now = judged.and_then(|stand| stand.candidate.as_ref().ok());
        let new = self.has_cause(name, &[CauseCode::NewAgent]);
        !new && now.is_some() && now == self.former.get(name)
    }

    /// The agents that are asked and keep their model.
    pub fn unchanged(&self) -> BTreeSet<AgentName> {
        let asked = self.asked().filter(|name| self.is_unchanged(name));
        asked.cloned().collect()
    }

    /// Whether stored answers stand for new ones: the model is what it was, and nobody wants it asked anew.
    pub(super) fn reuses(&self, name: &AgentName) -> bool {
        let anew = [
            CauseCode::ModelId,
            CauseCode::SystemPrompt,
            CauseCode::Parameters,
            CauseCode::NoRecord,
            CauseCode::Requested,
        ];
        self.is_unchanged(name) && !self.has_cause(name, &anew)
    }

    fn has_cause(&self, name: &AgentName, codes: &[CauseCode]) -> bool {
        let changes = self.selection.touched.iter().chain(&self.selection.added);
        let mut causes = changes
            .filter(|change| change.name == *name)
            .flat_map(|change| &change.because);
        causes.any(|cause| codes.contains(&cause.code))
    }

    /// The stand whose provider and suite are used: the deciding side's, for a new agent its own.
    fn owner(&self, name: &AgentName) -> Option<&Stand> {
        self.deciding
            .stand(name)
            .or_else(|| self.judged.stand(name))
    }

    /// What a run of this scene does.
    pub fn plan(
        &self,
        baselines: BTreeMap<AgentName, Result<Baseline, String>>,
    ) -> Result<Plan, GateError> {
        let mut plan = Plan::new(&self.deciding.config);
        plan.new_policy.clone_from(&self.new_policy);
        for name in self.asked() {
            let (planned, notices) = self.planned(name)?;
            plan.agents.push(planned);
            plan.notices.extend(notices);
        }
        plan.refuse_self_grading()?;
        plan.carried = self
            .untouched()
            .map(|stand| carried(stand, &baselines))
            .collect();
        plan.baselines = baselines;
        plan.changes = self.changes.clone();
        match &self.deciding.calibration {
            Some(Ok(calibration)) => plan.calibration = Some(calibration.clone()),
            Some(Err(why)) => plan.notices.push(why.clone()),
            None => {}
        }
        Ok(plan)
    }
}

/// An agent that nobody touched enters with its stored score, or with none.
fn carried(
    stand: &Stand,
    baselines: &BTreeMap<AgentName, Result<Baseline, String>>,
) -> AgentRecord {
    let baseline = baselines
        .get(&stand.agent.name)
        .and_then(|baseline| baseline.as_ref().ok());
    let stored = baseline.and_then(|baseline| baseline.record.agent(&stand.agent.name));
    let mut carried = AgentRecord::carried(&stand.agent, stand.candidate.as_ref().ok(), stored);
    let now = crate::gate::now();
    let mut accepted = baseline
        .iter()
        .flat_map(|baseline| &baseline.record.accepted);
    if accepted.any(|accepted| accepted.agent == carried.name && !accepted.holds_at(&now)) {
        carried.stored_outcome = Some(Outcome::Fail);
    }
    carried
}
