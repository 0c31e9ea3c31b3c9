//! Other models that are asked the same cases in the same run: the model before, where no stored record can be held
//! against the new one. Nothing of it decides but the comparison: what the old model does not answer says nothing about
//! the new one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::ledger::Ledger;
use super::measure::{Asking, measure};
use super::scene::Scene;
use super::{GateError, Plan, PlannedAgent, looks};
use crate::agent::{AgentName, Candidate};
use crate::baseline::{self, Other};
use crate::config::BaselineMode;
use crate::policy::{NoBaseline, Policy};
use crate::record::{
    Against, AgentRecord, CaseRecord, Comparison, RunRecord, SampleRecord, SealError,
};
use crate::runner::Refusal;
use crate::suite::CaseId;

impl Plan {
    /// Adds the old model of each agent whose model, system prompt or parameters the change moves, and that no stored
    /// record can be held against; with `baseline.mode: measure` whether or not one can.
    pub fn measure_old(&mut self, scene: &Scene) -> Result<(), GateError> {
        let always = scene.deciding.config.baseline.mode == BaselineMode::Measure;
        if !always && self.policy.on_no_baseline != NoBaseline::Measure {
            return Ok(());
        }
        let mut arms = Vec::new();
        for planned in &self.agents {
            let name = &planned.agent.name;
            let old = scene.stored_candidate(name);
            let Some(old) = old.filter(|old| **old != planned.candidate && !planned.new) else {
                continue;
            };
            if always || !self.is_comparable(planned)? {
                arms.extend(arm(planned, old));
            }
        }
        if !arms.is_empty() && (self.shard.is_some() || self.parts.is_some()) {
            self.notices.push(
                "the old model is not asked in a run that is divided; without a stored record only floors are tested"
                    .to_owned(),
            );
            return Ok(());
        }
        self.agents.extend(arms);
        Ok(())
    }

    /// Whether enough cases of the stored record ask and score the same.
    fn is_comparable(&self, planned: &PlannedAgent) -> Result<bool, GateError> {
        let Some(Ok(stored)) = self.baselines.get(&planned.agent.name) else {
            return Ok(false);
        };
        let Ok(other) = stored.other(&planned.agent.name, Against::Baseline) else {
            return Ok(false);
        };
        let now = planned.unmeasured(&self.policy)?;
        let gating = now.cases.iter().filter(|case| case.gates()).count();
        let enough = usize::try_from(self.policy.min_cases).unwrap_or(usize::MAX);
        let pairs = baseline::pairable(&now, &other);
        Ok(pairs > 0 && pairs >= enough.min(gating))
    }
}

fn arm(planned: &PlannedAgent, old: &Candidate) -> Option<PlannedAgent> {
    let agent = planned.agent.name.clone();
    let mut asked = planned.agent.clone();
    asked.name = agent.beside(Against::OldModel.as_str())?;
    Some(PlannedAgent {
        agent: asked,
        candidate: old.clone(),
        suite: planned.suite.clone(),
        added: None,
        new: false,
        arm: Some((agent, Against::OldModel)),
        part: None,
        judge: planned.judge.clone(),
        grades: None,
    })
}

/// Asks the old models of these agents what the agents were asked in this look. A model that cannot be asked is left
/// out, and the comparison says why.
pub(super) async fn ask(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
    (open, place, samples): (&[usize], usize, u32),
) -> Result<(), GateError> {
    let plan = asking.plan;
    let names = open.iter().filter_map(|place| plan.agents.get(*place));
    let names: Vec<&AgentName> = names.map(|planned| &planned.agent.name).collect();
    let arms = plan.agents.iter().enumerate().filter(|(place, planned)| {
        let of = planned.arm.as_ref().map(|(of, _)| of);
        of.is_some_and(|of| names.contains(&of)) && !is_left_out(ledger.borrow().record(), *place)
    });
    let compared = arms.filter(|(_, planned)| !is_base_model(planned));
    let compared: Vec<usize> = compared.map(|(place, _)| place).collect();
    ask_these(asking, ledger, (&compared, place, samples)).await
}

/// Asks the base models, each by itself, after everything that decides: they take nothing from it. Says whether there
/// was one.
pub(super) async fn ask_base_models(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
) -> Result<bool, GateError> {
    let all = asking.plan.agents.iter().enumerate();
    let base_models = all.filter(|(place, planned)| {
        is_base_model(planned) && !is_left_out(ledger.borrow().record(), *place)
    });
    let places: Vec<usize> = base_models.map(|(place, _)| place).collect();
    for place in &places {
        ask_these(asking, ledger, (&[*place], 0, 1)).await?;
    }
    Ok(!places.is_empty())
}

fn is_base_model(planned: &PlannedAgent) -> bool {
    matches!(planned.arm, Some((_, Against::BaseModel)))
}

async fn ask_these(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
    (arms, place, samples): (&[usize], usize, u32),
) -> Result<(), GateError> {
    if arms.is_empty() || ledger.borrow().record.run.stopped.is_some() {
        return Ok(());
    }
    let tickets = || looks::tickets(asking.plan, arms, place, samples);
    ledger.borrow_mut().take_later(tickets())?;
    match measure(asking, ledger, tickets).await {
        Err(GateError::Refused(why)) => {
            let mut ledger = ledger.borrow_mut();
            for place in arms {
                leave_out(&mut ledger.record, *place, &why);
            }
            Ok(())
        }
        other => other,
    }
}

/// Leaves out the other models that the providers say they do not have.
pub(super) fn without(plan: &Plan, gone: &[(String, String, Refusal)], record: &mut RunRecord) {
    for (place, planned) in plan.agents.iter().enumerate() {
        let why = gone.iter().find(|(provider, model, _)| {
            *provider == planned.agent.provider && *model == planned.candidate.model
        });
        if let (Some(_), Some((_, _, why))) = (&planned.arm, why) {
            leave_out(record, place, why);
        }
    }
}

fn leave_out(record: &mut RunRecord, place: usize, why: &Refusal) {
    if let Some(arm) = record.agents.get_mut(place) {
        arm.not_compared = Some(why.to_string());
    }
}

fn is_left_out(record: &RunRecord, place: usize) -> bool {
    let arm = record.agents.get(place);
    arm.is_some_and(|arm| arm.not_compared.is_some())
}

/// An agent held against its old model, where that is asked in this run; otherwise why it could not be.
pub(super) fn compared(
    policy: &Policy,
    agent: &AgentRecord,
    arms: &[AgentRecord],
    created: &str,
) -> Option<Result<Comparison, String>> {
    let named = agent.name.beside(Against::OldModel.as_str())?;
    let old = arms.iter().find(|arm| arm.name == named)?;
    if let Some(why) = &old.not_compared {
        return Some(Err(format!(
            "the old model `{}` could not be asked: {why}",
            old.model
        )));
    }
    if let Some(why) = unanswered(policy, old) {
        return Some(Err(why));
    }
    let other = Other {
        against: Against::OldModel,
        agent: old,
        commit: None,
        created,
        rescored: None,
    };
    let compared = baseline::compare(agent, &other, created)
        .map_err(|why| format!("the old model `{}` was asked in this run: {why}", old.model));
    Some(compared)
}

/// An agent held against its base model, where that was asked in this run; otherwise why it could not be.
pub(super) fn against_base(
    agent: &AgentRecord,
    arms: &[AgentRecord],
    created: &str,
) -> Option<Result<Comparison, String>> {
    let named = agent.name.beside(Against::BaseModel.as_str())?;
    let base = arms.iter().find(|arm| arm.name == named)?;
    if let Some(why) = &base.not_compared {
        return Some(Err(format!("it could not be asked: {why}")));
    }
    // It comes last: until then there is nothing to say.
    if base.cases.iter().all(|case| case.samples.is_empty()) {
        return None;
    }
    let other = Other {
        against: Against::BaseModel,
        agent: base,
        commit: None,
        created,
        rescored: None,
    };
    Some(baseline::compare(agent, &other, created).map_err(|why| why.to_string()))
}

/// Too few answers of the old model say nothing of the new one; those that the new one lacks are judged elsewhere.
fn unanswered(policy: &Policy, old: &AgentRecord) -> Option<String> {
    let asked = old.cases.iter().filter(|case| case.gates());
    let (mut all, mut missing) = (0_u32, 0_u32);
    for case in asked {
        all += 1;
        missing += u32::from(case.score.is_none());
    }
    (f64::from(missing) > policy.max_unanswered * f64::from(all)).then(|| {
        format!(
            "the old model `{}` was asked in this run, and answered {} of {all} prompts",
            old.model,
            all - missing
        )
    })
}

/// What other models of the run answered to these cases, the weakest answer of each, to be shown beside the new one.
pub(super) fn answers(
    ledger: &Ledger<'_>,
    against: Against,
    quoted: &[(AgentName, CaseId)],
) -> Result<BTreeMap<(AgentName, CaseId), String>, GateError> {
    let mut found = BTreeMap::new();
    for (name, arm) in of(&ledger.record, against) {
        let wanted = quoted.iter().filter(|(agent, _)| agent == name);
        let wanted: BTreeSet<&CaseId> = wanted.map(|(_, id)| id).collect();
        let cases = arm.cases.iter().enumerate();
        for (place, case) in cases.filter(|(_, case)| wanted.contains(&case.id)) {
            let mut case = case.clone();
            let completed = ledger.complete(&arm.name, place, &mut case);
            completed.map_err(SealError::Io)?;
            if let Some(answer) = weakest(&case) {
                found.insert((name.clone(), case.id), answer);
            }
        }
    }
    Ok(found)
}

/// The agents that were asked, each with such another model of it.
pub(super) fn of(
    record: &RunRecord,
    against: Against,
) -> impl Iterator<Item = (&AgentName, &AgentRecord)> {
    record.touched().filter_map(move |agent| {
        let named = agent.name.beside(against.as_str())?;
        let arm = record.arms.iter().find(|arm| arm.name == named)?;
        Some((&agent.name, arm))
    })
}

pub(super) fn weakest(case: &CaseRecord) -> Option<String> {
    let points = |sample: &&SampleRecord| sample.score.unwrap_or(f64::INFINITY);
    let scored = case.samples.iter().filter(|sample| sample.score.is_some());
    let weakest = scored.min_by(|a, b| points(a).total_cmp(&points(b)))?;
    Some(weakest.text.as_ref()?.said()?.into_owned())
}
