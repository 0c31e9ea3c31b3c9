//! Whether an agent has to be asked more: only while its floor or the allowed drop lies inside the plausible range of
//! what was measured. Says when to stop asking; what the numbers come to is decided in the files beside it.

use std::collections::HashMap;

use crate::figures::below;
use crate::policy::Policy;
use crate::record::{AgentRecord, CaseRecord, LookEnd, LookRecord, SampleRecord};
use crate::score::{mean, weighted_mean};
use crate::stats::{self, Bounds};
use crate::suite::CaseId;

/// What is known of an agent after one of its looks; `schedule` holds the cumulative samples of all of them. A sample
/// beyond those of this look is not looked at, so that a run that is resumed decides as the one it goes on with.
pub fn look(policy: &Policy, agent: &AgentRecord, schedule: &[u32], place: usize) -> LookRecord {
    let samples = schedule.get(place).copied().unwrap_or_default();
    let alpha = stats::pocock(schedule.len());
    let scores: Vec<(f64, f64)> = gating(agent)
        .filter_map(|case| Some((score(case, samples)?, case.weight)))
        .collect();
    let changes = changes(agent, samples);
    let (range, change_range) = (
        stats::bounds(&scores, alpha),
        stats::bounds(&changes, alpha),
    );
    let change = weighted_mean(changes.iter().copied());
    let earlier = place.checked_sub(1).is_some();
    let floor = policy.floor_of(&agent.name);
    let open = floor_open(floor, range)
        || change.is_some_and(|change| change_open(policy, agent, change, change_range));
    let end = if agent.is_reused() {
        Some(LookEnd::Reused)
    } else if agent.new || (floor.is_none() && change.is_none()) {
        Some(LookEnd::NothingToDecide)
    } else if !open {
        Some(LookEnd::Decided)
    } else if earlier && deterministic(agent, samples) {
        Some(LookEnd::Deterministic)
    } else {
        (place + 1 >= schedule.len()).then_some(LookEnd::Last)
    };
    LookRecord {
        look: u32::try_from(place + 1).unwrap_or(u32::MAX),
        samples,
        score: weighted_mean(scores.iter().copied()),
        interval: range.map(|range| [range.lower, range.upper]),
        change,
        change_interval: change_range.map(|range| [range.lower, range.upper]),
        bound_confidence: 1.0 - alpha,
        end,
    }
}

fn gating(agent: &AgentRecord) -> impl Iterator<Item = &CaseRecord> {
    agent.cases.iter().filter(|case| case.gates())
}

fn score(case: &CaseRecord, samples: u32) -> Option<f64> {
    mean(known(case, samples).filter_map(|sample| sample.score))
}

/// The samples of a look. Those that were taken from the baseline are there from the first one on, all of them.
fn known(case: &CaseRecord, samples: u32) -> impl Iterator<Item = &SampleRecord> {
    let samples = move |sample: &&SampleRecord| sample.reused || sample.index < samples;
    case.samples.iter().filter(samples)
}

fn changes(agent: &AgentRecord, samples: u32) -> Vec<(f64, f64)> {
    let pairs = agent
        .comparison
        .iter()
        .flat_map(|comparison| &comparison.cases);
    let old: HashMap<&CaseId, f64> = pairs.map(|pair| (&pair.id, pair.old)).collect();
    gating(agent)
        .filter_map(|case| Some((score(case, samples)? - old.get(&case.id)?, case.weight)))
        .collect()
}

fn floor_open(floor: Option<f64>, range: Option<Bounds>) -> bool {
    match (floor, range) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(floor), Some(range)) => below(range.lower, floor) && !below(range.upper, floor),
    }
}

/// Too few pairs are not tested, however often they are asked.
fn change_open(policy: &Policy, agent: &AgentRecord, change: f64, range: Option<Bounds>) -> bool {
    let pairs = agent.comparison.as_ref().map_or(0, |found| found.pairs);
    if pairs < policy.min_cases {
        return false;
    }
    let Some(range) = range else { return true };
    let proven = !below(range.lower, -policy.max_drop);
    let failed = range.upper < 0.0 && below(change, -policy.max_drop);
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
