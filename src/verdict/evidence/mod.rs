//! What the numbers of a record show: plausible ranges, chances, and how small a drop could be seen. Judges nothing; the
//! rules beside it do.

mod pairs;
mod units;

use std::collections::BTreeMap;

use crate::agent::AgentName;
use crate::policy::{FloorRule, Policy};
use crate::record::{Against, AgentRecord, CaseRecord, Comparison, Method, RunRecord, Spread};
use crate::score::{Dimension, Profile};
use crate::stats::{self, Bounds, Estimate, Stratum};
pub(super) use pairs::{Pair, show};
use pairs::{compared, in_dimension};
pub(super) use units::range;
use units::{spread, units};

/// Right and wrong, in points.
const RIGHT: f64 = 10.0;

/// What the numbers of a run show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// The chance of a wrong bound, for each bound.
    pub alpha: f64,
    /// Of each agent that was asked.
    pub agents: BTreeMap<AgentName, AgentEvidence>,
    /// The plausible range of the mean over these agents; absent where one of them has none.
    pub overall: Option<Ranged>,
}

/// What the numbers of one agent show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentEvidence {
    /// Of its score.
    pub score: Option<Ranged>,
    /// How much its cases differ.
    pub spread: Option<Spread>,
    /// Of its mean in each dimension that has a floor.
    pub dimensions: BTreeMap<Dimension, Ranged>,
    /// Of the change against the baseline or the old model.
    pub change: Option<Shown>,
    /// Of its further comparisons, in the record's order.
    pub further: Vec<Shown>,
    /// Of the change in each dimension that is tested by itself.
    pub by_dimension: BTreeMap<Dimension, Shown>,
}

/// A plausible range, with what a test of it against a line needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranged {
    /// The range.
    pub bounds: Bounds,
    /// The distance from a line that so many cases show four times out of five.
    pub detectable: Option<f64>,
    /// The chance of so low a mean if the true one were the floor, corrected for the number of tests; only where floors
    /// are held against bounds.
    pub p_adjusted: Option<f64>,
}

/// What a comparison shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// How it was judged.
    pub method: Method,
    /// Candidate minus the other side.
    pub change: f64,
    /// The plausible range of the change; absent where there are fewer than two pairs.
    pub bounds: Option<Bounds>,
    /// The chance of so large a drop if nothing changed.
    pub p_value: Option<f64>,
    /// The same, corrected for the number of tests of the run; absent where it is not among them.
    pub p_adjusted: Option<f64>,
    /// The same chance by flipping signs, up to 20 pairs.
    pub p_sign_flip: Option<f64>,
    /// The drop that so many cases show four times out of five.
    pub detectable: Option<f64>,
}

/// What ranges of an agent are made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// The chance of a wrong bound.
    pub(in crate::verdict) alpha: f64,
    /// Whether its answers are scored by checks alone: then cases that are right or wrong are shares, not points. Graded
    /// scores that all happen to be 10 are none.
    by_checks: bool,
}

impl Terms {
    pub(super) fn of(agent: &AgentRecord, alpha: f64) -> Self {
        Self {
            alpha,
            by_checks: agent.scorer.profile == Profile::Checks.as_str()
                && agent.scorer.grader.is_none(),
        }
    }
}

/// The chance of a wrong bound: from the configured confidence, or, where the run may look several times, so much less
/// that all looks together keep to 0.05.
pub(super) fn alpha(policy: &Policy, record: &RunRecord) -> f64 {
    match record.run.looks {
        Some(looks) if looks > 1 => stats::pocock(looks as usize),
        Some(_) | None => 1.0 - policy.confidence,
    }
}

/// What a record shows at the confidence of these rules.
pub(super) fn evidence(policy: &Policy, record: &RunRecord) -> Evidence {
    let alpha = alpha(policy, record);
    let agents = record.touched().map(|agent| {
        let shown = of_agent(policy, agent, alpha);
        (agent.name.clone(), shown)
    });
    let mut evidence = Evidence {
        alpha,
        agents: agents.collect(),
        overall: None,
    };
    evidence.overall = overall(record, &evidence);
    correct(policy, record, &mut evidence);
    evidence
}

fn of_agent(policy: &Policy, agent: &AgentRecord, alpha: f64) -> AgentEvidence {
    let terms = Terms::of(agent, alpha);
    let cases = gating(agent);
    let scores: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((*case, case.score?)))
        .collect();
    let floors = policy.floors.dimensions.keys().filter_map(|dimension| {
        let points = cases.iter().copied();
        let points = points.filter_map(|case| Some((case, case.dimensions.get(dimension)?)));
        let points: Vec<_> = points.collect();
        Some((dimension.clone(), range(&points, terms)?))
    });
    let by_dimension = policy.blocking_dimensions.iter().filter_map(|dimension| {
        let comparison = agent.comparison.as_ref()?;
        Some((
            dimension.clone(),
            in_dimension(&cases, comparison, dimension, terms)?,
        ))
    });
    let shown =
        |comparison: &Comparison| compared(&cases, &comparison.cases, comparison.change, terms);
    AgentEvidence {
        score: range(&scores, terms),
        spread: spread(&units(&scores)),
        dimensions: floors.collect(),
        change: agent.comparison.as_ref().map(shown),
        further: agent.comparisons.iter().map(shown).collect(),
        by_dimension: by_dimension.collect(),
    }
}

/// The cases that count, in the order of their ids, so that a suite in another order comes to the same bits.
pub(super) fn gating(agent: &AgentRecord) -> Vec<&CaseRecord> {
    let mut cases: Vec<&CaseRecord> = agent.cases.iter().filter(|case| case.gates()).collect();
    cases.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    cases
}

/// The mean over these agents: a carried one with the spread of its stored record.
fn overall(record: &RunRecord, evidence: &Evidence) -> Option<Ranged> {
    record.overall.score?;
    let counted = record
        .agents
        .iter()
        .filter(|agent| !agent.new && agent.score.is_some());
    let strata: Option<Vec<Stratum>> = counted
        .map(|agent| {
            let spread = match evidence.agents.get(&agent.name) {
                Some(shown) => shown.spread,
                None => agent.spread,
            }?;
            Some(Stratum {
                mean: agent.score?,
                count: f64::from(spread.count),
                variance: spread.variance,
            })
        })
        .collect();
    let known = Estimate::of_strata(&strata?)?;
    Some(Ranged {
        bounds: known.bounds(evidence.alpha)?,
        detectable: known.detectable(evidence.alpha),
        p_adjusted: None,
    })
}

/// Corrects the chances of all tests that may block for their number.
fn correct(policy: &Policy, record: &RunRecord, evidence: &mut Evidence) {
    let mut chances = Vec::new();
    each_test(policy, record, evidence, &mut |chance, _| {
        chances.push(chance);
    });
    let mut adjusted = stats::holm(&chances).into_iter();
    each_test(policy, record, evidence, &mut |_, slot| {
        *slot = adjusted.next();
    });
}

/// Walks over every test that may block, with its chance and where the corrected one goes.
fn each_test(
    policy: &Policy,
    record: &RunRecord,
    evidence: &mut Evidence,
    visit: &mut dyn FnMut(f64, &mut Option<f64>),
) {
    for agent in record
        .touched()
        .filter(|agent| !agent.new && !agent.unchanged)
    {
        let Some(shown) = evidence.agents.get_mut(&agent.name) else {
            continue;
        };
        if policy.floor_rule == FloorRule::Bounds
            && let (Some(floor), Some(range)) = (policy.floor_of(&agent.name), &mut shown.score)
        {
            visit(chance_below(agent, floor), &mut range.p_adjusted);
        }
        let compared = |one: &&Comparison| one.planned() >= policy.min_cases;
        if agent.comparison.as_ref().as_ref().is_some_and(compared) {
            let own = shown
                .change
                .iter_mut()
                .chain(shown.by_dimension.values_mut());
            own.for_each(|one| test(one, visit));
        }
        let further = agent.comparisons.iter().zip(&mut shown.further);
        let pinned = further.filter(|(one, _)| one.against == Against::Pinned && compared(one));
        pinned.for_each(|(_, one)| test(one, visit));
    }
}

fn test(shown: &mut Shown, visit: &mut dyn FnMut(f64, &mut Option<f64>)) {
    if let Some(chance) = shown.p_value {
        visit(chance, &mut shown.p_adjusted);
    }
}

fn chance_below(agent: &AgentRecord, floor: f64) -> f64 {
    let cases = gating(agent);
    let scores: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((*case, case.score?)))
        .collect();
    let known = Estimate::of(&units(&scores));
    known
        .and_then(|known| known.chance_below(floor))
        .unwrap_or(1.0)
}
