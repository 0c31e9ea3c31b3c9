//! From samples to a conclusion: tallies, comparisons with the baselines, the verdict. Asks nothing.

use std::collections::BTreeMap;

use super::Ledger;
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
    let record = &mut ledger.record;
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        agent.tally();
        agent.usage = UsageRecord {
            cost: cost(prices, agent),
            ..agent.usage
        };
    }
    let decision = if let Some(shard) = record.shard {
        forget_scores(record);
        verdict::of_part(shard, record)
    } else {
        compare(baselines, record);
        record.overall = overall(&record.agents);
        verdict::decide(&record.policy, record)
    };
    decision.note(record);
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

fn compare(baselines: &Baselines, record: &mut RunRecord) {
    let created = record.created.clone();
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        let compared = match baselines.get(&agent.name) {
            Some(Ok(baseline)) => baseline
                .other(&agent.name, Against::Baseline)
                .and_then(|other| baseline::compare(agent, &other, &created))
                .map_err(|why| why.to_string()),
            Some(Err(why)) => Err(why.clone()),
            None => Err("no record is stored".to_owned()),
        };
        (agent.comparison, agent.not_compared) = match compared {
            Ok(comparison) => (Some(comparison), None),
            Err(why) => (None, Some(why)),
        };
    }
}

fn cost(prices: &Prices, agent: &AgentRecord) -> Option<f64> {
    let usage = Usage {
        prompt_tokens: agent.usage.prompt_tokens,
        completion_tokens: agent.usage.completion_tokens,
    };
    prices.cost(&agent.model, usage)
}
