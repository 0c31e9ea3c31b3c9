//! Whether an agent has to be asked more: only while its floor or the allowed drop lies inside the plausible range of
//! what was measured. Says when to stop asking; what the numbers come to is decided in the files beside it.

use std::collections::HashMap;

use super::evidence::{Pair, Ranged, Shown, Terms, gating, range, show};
use crate::figures::below;
use crate::policy::Policy;
use crate::record::{
    AgentRecord, CaseRecord, Comparison, LookEnd, LookRecord, PairedCase, SampleRecord,
};
use crate::score::{Mean, mean, weighted_mean};
use crate::stats::{self, Bounds};
use crate::suite::CaseId;

/// Where a run stands: its looks, and how many agents are tested beside each other.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The cumulative samples of all looks.
    pub schedule: &'a [u32],
    /// The look that is over, from 0.
    pub place: usize,
    /// The number of agents that gate: what holds alone must hold among them.
    pub agents: usize,
}

/// What is known of an agent after one of its looks. A sample beyond those of this look is not looked at, so that a run
/// that is resumed decides as the one it goes on with.
pub fn look(policy: &Policy, agent: &AgentRecord, standing: Standing<'_>) -> LookRecord {
    let Standing {
        schedule, place, ..
    } = standing;
    let samples = schedule.get(place).copied().unwrap_or_default();
    let alpha = match schedule.len() {
        0 | 1 => 1.0 - policy.confidence,
        looks => stats::pocock(looks),
    };
    let cases = gating(agent);
    let scores: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((*case, score(case, samples)?)))
        .collect();
    let terms = Terms::of(agent, alpha);
    let ranged = range(&scores, terms);
    let shown = change(agent, &cases, samples, terms);
    let floor = policy.floor_of(&agent.name);
    let open = floor_open(floor, ranged.as_ref())
        || shown
            .as_ref()
            .is_some_and(|shown| change_open(policy, agent, shown, alpha, standing.agents));
    let end = if agent.is_reused() {
        Some(LookEnd::Reused)
    } else if agent.new || (floor.is_none() && shown.is_none()) {
        Some(LookEnd::NothingToDecide)
    } else if !open {
        Some(LookEnd::Decided)
    } else if place > 0 && deterministic(agent, samples) {
        Some(LookEnd::Deterministic)
    } else {
        (place + 1 >= schedule.len()).then_some(LookEnd::Last)
    };
    let pair = |bounds: Bounds| [bounds.lower, bounds.upper];
    LookRecord {
        look: u32::try_from(place + 1).unwrap_or(u32::MAX),
        samples,
        score: weighted_mean(scores.iter().map(|(case, score)| (*score, case.weight))),
        interval: ranged.map(|ranged| pair(ranged.bounds)),
        change: shown.as_ref().map(|shown| shown.change),
        change_interval: shown.and_then(|shown| shown.bounds).map(pair),
        bound_confidence: 1.0 - alpha,
        end,
    }
}

fn score(case: &CaseRecord, samples: u32) -> Option<f64> {
    mean(known(case, samples).filter_map(|sample| sample.score))
}

/// The samples of a look. Those that were taken from the baseline are there from the first one on, all of them.
fn known(case: &CaseRecord, samples: u32) -> impl Iterator<Item = &SampleRecord> {
    let samples = move |sample: &&SampleRecord| counts(sample, samples);
    case.samples.iter().filter(samples)
}

const fn counts(sample: &SampleRecord, samples: u32) -> bool {
    sample.reused || sample.index < samples
}

/// What the pairs of a look show.
fn change(agent: &AgentRecord, cases: &[&CaseRecord], samples: u32, terms: Terms) -> Option<Shown> {
    let pairs = &agent.comparison.as_ref()?.cases;
    let old: HashMap<&CaseId, &PairedCase> = pairs.iter().map(|pair| (&pair.id, pair)).collect();
    let mut change = Mean::default();
    let mut pairs = Vec::new();
    for case in cases {
        let Some((pair, new)) = old.get(&case.id).zip(score(case, samples)) else {
            continue;
        };
        change.add(new - pair.old, case.weight);
        let spread = case.spread_of(|sample| counts(sample, samples));
        pairs.push(Pair {
            case,
            old: pair.old,
            new,
            spreads: pair.old_spread.zip(spread),
        });
    }
    Some(show(&pairs, change.value()?, terms))
}

fn floor_open(floor: Option<f64>, range: Option<&Ranged>) -> bool {
    match (floor, range) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(floor), Some(range)) => {
            below(range.bounds.lower, floor) && !below(range.bounds.upper, floor)
        }
    }
}

/// Too few pairs are not tested, however often they are asked.
fn change_open(
    policy: &Policy,
    agent: &AgentRecord,
    shown: &Shown,
    alpha: f64,
    agents: usize,
) -> bool {
    let planned = agent.comparison.as_ref().map_or(0, Comparison::planned);
    if planned < policy.min_cases {
        return false;
    }
    let Some(bounds) = shown.bounds else {
        return true;
    };
    let tests = u32::try_from(agents.max(1)).unwrap_or(u32::MAX);
    // As if every agent had so small a chance, which is stricter than what decides in the end.
    let significant = shown
        .p_value
        .is_some_and(|chance| chance * f64::from(tests) <= alpha);
    let proven = !below(bounds.lower, -policy.max_drop);
    let failed = bounds.upper < 0.0 && significant && below(shown.change, -policy.max_drop);
    !proven && !failed
}

/// A model that gives the same bytes again and again tells nothing new.
fn deterministic(agent: &AgentRecord, samples: u32) -> bool {
    let mut asked = agent.cases.iter().filter(|case| !case.is_reused());
    asked.all(|case| {
        let mut answers = known(case, samples).filter_map(|sample| sample.answer_sha256);
        let first = answers.next();
        answers.all(|answer| Some(answer) == first)
    })
}
