//! Whether an agent has to be asked more: only while its floor or the allowed drop lies inside the plausible range of
//! what was measured. Says when to stop asking; what the numbers come to is decided in the files beside it.

use std::collections::HashMap;

use super::evidence::{Pair, Ranged, Shown, Terms, gating, range, show};
use super::regression::PINNED_ALLOWANCE;
use crate::figures::below;
use crate::policy::Policy;
use crate::record::{
    Against, AgentRecord, CaseRecord, Comparison, LookEnd, LookRecord, PairedCase, SampleRecord,
};
use crate::score::{Dimension, Mean, mean, weighted_mean};
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
    let of_look = OfLook {
        policy,
        agent,
        cases: &cases,
        samples,
        terms: Terms::of(agent, alpha),
    };
    let scores = of_look.points(|sample| sample.score);
    let ranged = range(&scores, of_look.terms);
    let shown = agent
        .comparison
        .as_ref()
        .and_then(|comparison| of_look.change(comparison));
    let questions = of_look.questions(ranged.as_ref(), shown.as_ref(), standing.agents);
    let end = if agent.is_reused() {
        Some(LookEnd::Reused)
    } else if agent.new || questions.is_empty() {
        Some(LookEnd::NothingToDecide)
    } else if !questions.contains(&Question::Open) {
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

/// Something that a run is to find out about an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Settled,
    Open,
}

impl Question {
    const fn open_when(condition: bool) -> Self {
        if condition { Self::Open } else { Self::Settled }
    }
}

/// An agent as one look sees it.
struct OfLook<'a> {
    policy: &'a Policy,
    agent: &'a AgentRecord,
    cases: &'a [&'a CaseRecord],
    samples: u32,
    terms: Terms,
}

impl<'a> OfLook<'a> {
    /// Everything that floors, allowed drops, tested dimensions and a pinned record ask.
    fn questions(
        &self,
        score: Option<&Ranged>,
        change: Option<&Shown>,
        agents: usize,
    ) -> Vec<Question> {
        let policy = self.policy;
        let floor = policy.floor_of(&self.agent.name);
        let mut questions: Vec<Question> =
            floor.map(|floor| near(floor, score)).into_iter().collect();
        for (dimension, floor) in &policy.floors.dimensions {
            let points = self.points(|sample| sample.dimensions.get(dimension));
            if !points.is_empty() {
                questions.push(near(*floor, range(&points, self.terms).as_ref()));
            }
        }
        let pinned: Vec<&Comparison> = self
            .agent
            .comparisons
            .iter()
            .filter(|held| held.against == Against::Pinned)
            .collect();
        let each = 1 + policy.blocking_dimensions.len() + pinned.len();
        let tests = u32::try_from(agents.max(1) * each).unwrap_or(u32::MAX);
        if let (Some(comparison), Some(shown)) = (&self.agent.comparison, change) {
            questions.push(self.tested(comparison, shown, policy.max_drop, tests));
            for dimension in &policy.blocking_dimensions {
                let shown = self.change_in(comparison, dimension);
                questions.extend(
                    shown.map(|shown| self.tested(comparison, &shown, policy.max_drop, tests)),
                );
            }
        }
        questions.extend(pinned.into_iter().filter_map(|held| {
            let allowed = PINNED_ALLOWANCE * policy.max_drop;
            Some(self.tested(held, &self.change(held)?, allowed, tests))
        }));
        questions
    }

    /// What the samples of a look score, case by case.
    fn points(&self, of: impl Fn(&SampleRecord) -> Option<f64>) -> Vec<(&'a CaseRecord, f64)> {
        let each = self.cases.iter().copied();
        each.filter_map(|case| Some((case, mean(known(case, self.samples).filter_map(&of))?)))
            .collect()
    }

    /// What the pairs of a look show.
    fn change(&self, comparison: &Comparison) -> Option<Shown> {
        let old: HashMap<&CaseId, &PairedCase> = by_id(comparison);
        let pairs = self.points(|sample| sample.score).into_iter();
        self.shown(pairs.filter_map(|(case, new)| {
            let pair = old.get(&case.id)?;
            let spread = case.spread_of(|sample| counts(sample, self.samples));
            Some(Pair {
                case,
                old: pair.old,
                new,
                spreads: pair.old_spread.zip(spread),
            })
        }))
    }

    /// The same in one dimension.
    fn change_in(&self, comparison: &Comparison, dimension: &Dimension) -> Option<Shown> {
        let old: HashMap<&CaseId, &PairedCase> = by_id(comparison);
        let points = self.points(|sample| sample.dimensions.get(dimension));
        self.shown(points.into_iter().filter_map(|(case, new)| {
            Some(Pair {
                case,
                old: old.get(&case.id)?.old_dimensions.get(dimension)?,
                new,
                spreads: None,
            })
        }))
    }

    fn shown(&self, pairs: impl Iterator<Item = Pair<'a>>) -> Option<Shown> {
        let pairs: Vec<Pair<'_>> = pairs.collect();
        let mut change = Mean::default();
        for pair in &pairs {
            change.add(pair.new - pair.old, pair.case.weight);
        }
        Some(show(&pairs, change.value()?, self.terms))
    }

    /// Too few pairs are not tested, however often they are asked.
    fn tested(&self, comparison: &Comparison, shown: &Shown, allowed: f64, tests: u32) -> Question {
        if comparison.planned() < self.policy.min_cases {
            return Question::Settled;
        }
        let Some(bounds) = shown.bounds else {
            return Question::Open;
        };
        // As if every test had so small a chance, which is stricter than what decides in the end.
        let significant = shown
            .p_value
            .is_some_and(|chance| chance * f64::from(tests) <= self.terms.alpha);
        let proven = !below(bounds.lower, -allowed);
        let failed = bounds.upper < 0.0 && significant && below(shown.change, -allowed);
        Question::open_when(!proven && !failed)
    }
}

fn by_id(comparison: &Comparison) -> HashMap<&CaseId, &PairedCase> {
    let pairs = comparison.cases.iter();
    pairs.map(|pair| (&pair.id, pair)).collect()
}

/// Whether a floor lies inside the plausible range.
fn near(floor: f64, range: Option<&Ranged>) -> Question {
    Question::open_when(
        range.is_none_or(|range| {
            below(range.bounds.lower, floor) && !below(range.bounds.upper, floor)
        }),
    )
}

/// The samples of a look. Those that were taken from the baseline are there from the first one on, all of them.
fn known(case: &CaseRecord, samples: u32) -> impl Iterator<Item = &SampleRecord> {
    let samples = move |sample: &&SampleRecord| counts(sample, samples);
    case.samples.iter().filter(samples)
}

const fn counts(sample: &SampleRecord, samples: u32) -> bool {
    sample.reused || sample.index < samples
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
