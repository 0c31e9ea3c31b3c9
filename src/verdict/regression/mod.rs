//! The allowed drop: against the baseline or the old model, against a pinned record, and in the dimensions that are tested
//! by themselves.
//!
//! A drop fails where it is larger than allowed *and* proven to be more than chance. It holds where a larger one than
//! allowed is ruled out. Between the two nothing is proven, and that is said.

mod words;

use super::evidence::{AgentEvidence, Shown};
use super::rules::kept_model;
use super::{Blocking, reason};
use crate::figures::{self, below, points};
use crate::policy::{NoBaseline, Policy, Severity};
use crate::record::{Against, AgentRecord, Comparison, Reason, ReasonCode};
use crate::score::Dimension;

/// A pinned record stays where it is while baselines move on: the limit against it is this many times the allowed drop.
pub(super) const PINNED_ALLOWANCE: f64 = 2.0;

/// One change that is held against an allowance.
struct Test<'a> {
    agent: &'a AgentRecord,
    comparison: &'a Comparison,
    dimension: Option<&'a Dimension>,
    shown: &'a Shown,
    allowed: f64,
    alpha: f64,
    /// How many prompts gate.
    planned: usize,
    floor: Option<f64>,
    on_inconclusive: Severity,
}

/// The reasons that come from what an agent is held against.
pub(super) fn reasons(
    policy: &Policy,
    agent: &AgentRecord,
    evidence: &AgentEvidence,
    alpha: f64,
) -> Vec<Reason> {
    let test = |comparison, dimension, shown, allowed| Test {
        agent,
        comparison,
        dimension,
        shown,
        allowed,
        alpha,
        planned: agent.cases.iter().filter(|case| case.gates()).count(),
        floor: policy.floor_of(&agent.name),
        on_inconclusive: policy.on_inconclusive,
    };
    let mut reasons = Vec::new();
    if agent.is_reused() {
        // Answers that were taken from the baseline are held against themselves: there is nothing to test.
        return reasons;
    }
    match agent.comparison.as_ref().zip(evidence.change.as_ref()) {
        Some((comparison, shown)) => {
            reasons.extend(test(comparison, None, shown, policy.max_drop).judge(policy.min_cases));
            if comparison.planned() >= policy.min_cases {
                let dimensions = evidence.by_dimension.iter();
                reasons.extend(dimensions.filter_map(|(name, shown)| {
                    test(comparison, Some(name), shown, policy.max_drop).judge(policy.min_cases)
                }));
            }
        }
        None => reasons.extend(not_compared(policy, agent)),
    }
    let further = agent.comparisons.iter().zip(&evidence.further);
    let pinned = further.filter(|(comparison, _)| comparison.against == Against::Pinned);
    reasons.extend(pinned.filter_map(|(comparison, shown)| {
        let allowed = PINNED_ALLOWANCE * policy.max_drop;
        test(comparison, None, shown, allowed).judge(policy.min_cases)
    }));
    reasons
}

impl Test<'_> {
    fn judge(&self, min_cases: u32) -> Option<Reason> {
        if self.comparison.planned() < min_cases {
            return Some(self.too_few(min_cases));
        }
        let change = self.shown.change;
        let corrected = self.shown.p_adjusted.or(self.shown.p_value);
        let significant = corrected.is_some_and(|chance| chance <= self.alpha);
        let Some(bounds) = self.shown.bounds else {
            return Some(self.not_proven(&self.unranged()));
        };
        let is_drop = bounds.upper < 0.0;
        if !below(bounds.lower, -self.allowed) {
            return self.holds(is_drop, bounds.lower > 0.0 && change > figures::SLACK);
        }
        if is_drop && significant && -change > self.allowed + figures::SLACK {
            return Some(self.fails());
        }
        let what = if -change > self.allowed + figures::SLACK {
            format!(
                "{}, more than the allowed {}, but that this is more than chance is not proven{}",
                self.moved(),
                points(self.allowed),
                self.sight()
            )
        } else if is_drop {
            format!(
                "{}, more than chance; {} is allowed, and more cannot be ruled out{}",
                self.moved(),
                points(self.allowed),
                self.sight()
            )
        } else {
            format!(
                "{}; a drop of more than {} cannot be ruled out{}",
                self.moved(),
                points(self.allowed),
                self.sight()
            )
        };
        Some(self.not_proven(&what))
    }

    fn too_few(&self, min_cases: u32) -> Reason {
        let message = format!(
            "{}: regression not tested{}: {} of {} prompts could be paired with {}, {min_cases} are needed",
            self.agent.name,
            self.of_dimension(),
            self.comparison.planned(),
            self.planned,
            self.other(),
        );
        self.note(ReasonCode::TooFewCases, message)
    }

    fn holds(&self, is_drop: bool, improved: bool) -> Option<Reason> {
        if self.comparison.against == Against::Pinned {
            return None;
        }
        let name = &self.agent.name;
        if is_drop {
            let message = format!(
                "{name}: {}, more than chance, and inside the allowed {}",
                self.moved(),
                points(self.allowed)
            );
            return Some(self.note(ReasonCode::AgentDropped, message));
        }
        (improved && self.dimension.is_none()).then(|| {
            let message = format!("{name}: improved by {}", self.with_range(false));
            self.note(ReasonCode::AgentImproved, message)
        })
    }

    fn fails(&self) -> Reason {
        let code = match (self.comparison.against, self.dimension) {
            (Against::Pinned, _) => ReasonCode::BelowPinned,
            (_, Some(_)) => ReasonCode::DimensionRegressed,
            (_, None) => ReasonCode::AgentRegressed,
        };
        let message = format!(
            "{}: {} against {}{}; {} is allowed. Same {} prompts{}",
            self.agent.name,
            self.moved(),
            self.other(),
            self.old_and_new(),
            points(self.allowed),
            self.comparison.pairs,
            kept_model(self.agent)
        );
        reason(
            code,
            Some(&self.agent.name),
            Blocking::by_quality(self.agent),
            message,
        )
    }

    fn not_proven(&self, what: &str) -> Reason {
        let against = if self.comparison.against == Against::Baseline {
            String::new()
        } else {
            format!("against {}: ", self.other())
        };
        let message = format!(
            "{}: {against}{what}{}",
            self.agent.name,
            kept_model(self.agent)
        );
        let blocks = self.on_inconclusive == Severity::Fail;
        let blocking = if blocks {
            Blocking::by_quality(self.agent)
        } else {
            Blocking::No
        };
        reason(
            ReasonCode::ChangeNotProven,
            Some(&self.agent.name),
            blocking,
            message,
        )
    }

    fn note(&self, code: ReasonCode, message: String) -> Reason {
        reason(code, Some(&self.agent.name), Blocking::No, message)
    }
}

fn not_compared(policy: &Policy, agent: &AgentRecord) -> Option<Reason> {
    agent.score?;
    let why = agent
        .not_compared
        .as_deref()
        .unwrap_or("no record is stored");
    let blocking = Blocking::when(policy.on_no_baseline == NoBaseline::Fail && !agent.new);
    let message = format!("{}: not compared with a baseline: {why}", agent.name);
    Some(reason(
        ReasonCode::NotCompared,
        Some(&agent.name),
        blocking,
        message,
    ))
}
