//! From samples to a conclusion: tallies, comparisons with the baselines, the verdict. Asks nothing.

use std::collections::BTreeMap;

use super::{Ledger, arms};
use crate::agent::AgentName;
use crate::baseline::{self, Baseline};
use crate::config::Prices;
use crate::policy::Policy;
use crate::record::{AfterMerge, Against, AgentRecord, Overall, RunRecord, UsageRecord, overall};
use crate::runner::Usage;
use crate::verdict;

/// The baseline of each agent, or why there is none.
pub(super) type Baselines = BTreeMap<AgentName, Result<Baseline, String>>;

/// Draws the conclusion of what the ledger holds. A part of a divided run has none but what was asked.
pub(super) fn conclude(prices: &Prices, baselines: &Baselines, ledger: &mut Ledger<'_>) {
    let pinned = ledger.words.plan().map(|plan| &plan.pinned);
    let record = &mut ledger.record;
    let asked = |agent: &&mut AgentRecord| agent.touched || agent.arm.is_some();
    for agent in record.agents.iter_mut().filter(asked) {
        agent.tally();
        agent.usage = UsageRecord {
            cost: cost(prices, agent),
            ..agent.usage
        };
        if let Some(judge) = &mut agent.judge {
            judge.cost = prices.cost(&judge.model, judge.usage);
        }
    }
    // Where the other models stand while they are asked; nothing but the comparison looks at them.
    let place = record.agents.iter().position(|agent| agent.arm.is_some());
    let arms = record.take_arms();
    let decision = if let Some(shard) = record.shard {
        forget_scores(record);
        verdict::of_part(shard, record)
    } else {
        compare(baselines, &arms, record);
        hold_against(pinned, record);
        against_base_models(baselines, &arms, record);
        record.overall = overall(&record.agents);
        verdict::decide(&record.policy, record)
    };
    decision.note(record);
    if let Some(place) = place {
        record.agents.splice(place..place, arms);
    }
}

/// Notes what the same measurement comes to under the rules that the pull request brings. It changes no verdict: a run
/// without an answer, or a part of one, says nothing about them.
pub(super) fn under(new: Option<&Policy>, record: &mut RunRecord) {
    let measured = record.touched().next().is_some() && record.shard.is_none();
    let decision = new
        .filter(|_| measured)
        .map(|new| verdict::decide(new, record));
    record.changes.after_merge = decision.map(|decision| AfterMerge {
        outcome: decision.verdict.outcome,
        proven: decision.verdict.proven,
        reasons: decision.verdict.reasons,
    });
}

/// The mean over some of its cases is not the score of an agent; the cases keep theirs.
fn forget_scores(record: &mut RunRecord) {
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        agent.score = None;
        agent.dimensions.clear();
    }
    record.overall = Overall::default();
}

fn compare(baselines: &Baselines, old_models: &[AgentRecord], record: &mut RunRecord) {
    let created = record.created.clone();
    let policy = &record.policy;
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        let stored = || match baselines.get(&agent.name) {
            Some(Ok(baseline)) => baseline
                .other(&agent.name, Against::Baseline)
                .and_then(|other| baseline::compare(agent, &other, &created))
                .map_err(|why| why.to_string()),
            Some(Err(why)) => Err(why.clone()),
            None => Err("no record is stored".to_owned()),
        };
        let measured = arms::compared(policy, agent, old_models, &created);
        (agent.comparison, agent.not_compared) = match measured.unwrap_or_else(stored) {
            Ok(comparison) => (Some(comparison), None),
            Err(why) => (None, Some(why)),
        };
    }
}

/// The pinned records beside whatever else an agent is held against.
fn hold_against(pinned: Option<&BTreeMap<AgentName, Baseline>>, record: &mut RunRecord) {
    let created = record.created.clone();
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        let Some(baseline) = pinned.and_then(|pinned| pinned.get(&agent.name)) else {
            continue;
        };
        let held = baseline
            .other(&agent.name, Against::Pinned)
            .and_then(|other| baseline::compare(agent, &other, &created));
        agent
            .comparisons
            .retain(|held| held.against != Against::Pinned);
        match held {
            Ok(held) => agent.comparisons.push(held),
            Err(why) => record.notices.extend([format!(
                "{}: not held against the pinned record: {why}",
                agent.name
            )]),
        }
    }
    record.notices.dedup();
}

/// The models that theirs are made from beside whatever else agents are held against. Nothing hangs on it.
fn against_base_models(baselines: &Baselines, arms: &[AgentRecord], record: &mut RunRecord) {
    let created = record.created.clone();
    let mut told = Vec::new();
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        let Some(named) = agent.name.beside(Against::BaseModel.as_str()) else {
            continue;
        };
        let stored = || match baselines.get(&named) {
            Some(Ok(baseline)) => Some(
                baseline
                    .other(&named, Against::BaseModel)
                    .and_then(|other| baseline::compare(agent, &other, &created))
                    .map_err(|why| why.to_string()),
            ),
            Some(Err(_)) | None => None,
        };
        let held = arms::against_base(agent, arms, &created).or_else(stored);
        agent
            .comparisons
            .retain(|held| held.against != Against::BaseModel);
        match held {
            Some(Ok(held)) => agent.comparisons.push(held),
            Some(Err(why)) => told.push(format!(
                "{}: not held against its base model: {why}",
                agent.name
            )),
            None => {}
        }
    }
    record.note(told);
}

fn cost(prices: &Prices, agent: &AgentRecord) -> Option<f64> {
    let usage = Usage {
        prompt_tokens: agent.usage.prompt_tokens,
        completion_tokens: agent.usage.completion_tokens,
    };
    prices.cost(&agent.model, usage)
}
