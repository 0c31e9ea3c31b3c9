//! Turns samples into case, agent and overall numbers. Full precision; rounding is for whoever shows them.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::{
    AgentRecord, CaseRecord, Counts, LatencyRecord, Overall, Points, SampleRecord, SampleStatus,
};
use crate::figures;
use crate::score::{Dimension, Mean, agent_score, case_score, overall_score};

impl CaseRecord {
    /// Recomputes the case's score and dimensions: the mean over its scored samples.
    pub fn tally(&mut self) {
        self.score = case_score(self.samples.iter().filter_map(|sample| sample.score));
        let scored = self.samples.iter().filter(|sample| sample.score.is_some());
        self.dimensions = dimension_means(scored.map(|sample| (&sample.dimensions, 1.0)));
    }

    /// True when more than half of the scored samples are below `floor`; a case without scored samples is not failed.
    pub fn failed(&self, floor: f64) -> bool {
        let scores: Vec<f64> = self
            .samples
            .iter()
            .filter_map(|sample| sample.score)
            .collect();
        let below = scores
            .iter()
            .filter(|score| figures::below(**score, floor))
            .count();
        2 * below > scores.len()
    }
}

impl AgentRecord {
    /// Whether all that it was asked are drafts, which are shown and decide nothing.
    pub fn has_only_drafts(&self) -> bool {
        !self.cases.is_empty() && self.cases.iter().all(|case| case.draft)
    }

    /// Recomputes every number of the agent from its samples. Draft cases, and those that only the pull request has, are
    /// asked and shown, but never counted in a score.
    pub fn tally(&mut self) {
        self.cases.iter_mut().for_each(CaseRecord::tally);
        let gating = self.cases.iter().filter(|case| case.gates());
        let mut scored: Vec<&CaseRecord> = gating.filter(|case| case.score.is_some()).collect();
        // Sums in the order of ids: a suite in another order comes to the same bits.
        scored.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let weighed = scored
            .iter()
            .filter_map(|case| Some((case.score?, case.weight)));
        self.score = agent_score(weighed);
        let means = dimension_means(scored.iter().map(|case| (&case.dimensions, case.weight)));
        self.dimensions = means.iter().collect();
        self.counts = counts(&self.cases, self.counts.retries);
        self.usage.prompt_tokens = total(&self.cases, |usage| usage.prompt_tokens);
        self.usage.completion_tokens = total(&self.cases, |usage| usage.completion_tokens);
        self.latency_ms = latency(&self.cases);
    }

    fn points(&self) -> Points {
        let points = self.dimensions.iter();
        points
            .map(|(name, points)| (name.clone(), *points))
            .collect()
    }
}

/// The mean over agents that have a score, carried ones included; a new agent is shown and does not count yet. There is
/// none where an agent that was asked has no score: what is stored of the others says nothing about this run.
pub fn overall(agents: &[AgentRecord]) -> Overall {
    let counted = || agents.iter().filter(|agent| !agent.new);
    if counted().any(|agent| agent.touched && agent.score.is_none()) {
        return Overall::default();
    }
    let scored = || counted().filter(|agent| agent.score.is_some());
    let score = overall_score(scored().filter_map(|agent| agent.score));
    let baseline = stored_mean(agents);
    Overall {
        score,
        interval: None,
        baseline,
        change: score.zip(baseline).map(|(now, then)| now - then),
        dimensions: dimension_means(scored().map(|agent| (agent.points(), 1.0)))
            .iter()
            .collect(),
    }
}

/// The mean of the stored scores; absent unless every scored agent has one, since the mean over fewer agents would
/// be compared with the mean over more.
fn stored_mean(agents: &[AgentRecord]) -> Option<f64> {
    let stored: Option<Vec<f64>> = agents
        .iter()
        .filter(|agent| agent.score.is_some() && !agent.new)
        .map(|agent| match (&agent.comparison, agent.touched) {
            (Some(comparison), _) => Some(comparison.baseline_score),
            (None, false) => agent.score,
            (None, true) => None,
        })
        .collect();
    overall_score(stored?)
}

fn dimension_means(items: impl Iterator<Item = (impl Borrow<Points>, f64)>) -> Points {
    let mut built_in = [Mean::default(); 4];
    let mut named: BTreeMap<Dimension, Mean> = BTreeMap::new();
    for (points, weight) in items {
        for (mean, points) in built_in.iter_mut().zip(points.borrow().built_in()) {
            if let Some(points) = points {
                mean.add(points, weight);
            }
        }
        for (name, points) in points.borrow().named() {
            named.entry(name.clone()).or_default().add(*points, weight);
        }
    }
    let built_in = Dimension::BUILT_IN.into_iter().zip(built_in);
    let means = built_in.chain(named);
    means
        .filter_map(|(name, mean)| Some((name, mean.value()?)))
        .collect()
}

fn counts(cases: &[CaseRecord], retries: u32) -> Counts {
    let mut counts = Counts {
        retries,
        ..Counts::default()
    };
    for case in cases {
        counts.planned += 1;
        counts.cases += u32::from(case.score.is_some());
        for sample in &case.samples {
            counts.samples += 1;
            match sample.status {
                SampleStatus::Scored => counts.scored += 1,
                SampleStatus::Unanswered => counts.unanswered += 1,
                SampleStatus::Unscored => counts.unscored += 1,
            }
            counts.cached += u32::from(sample.cached && !sample.reused);
            counts.reused += u32::from(sample.reused);
        }
    }
    counts
}

/// What was paid for in this run: a kept or stored answer was paid for when it was asked.
fn total(cases: &[CaseRecord], part: impl Fn(&crate::runner::Usage) -> u64) -> u64 {
    samples(cases)
        .filter(|sample| !sample.cached && !sample.reused)
        .filter_map(|sample| sample.usage.as_ref())
        .map(part)
        .sum()
}

fn latency(cases: &[CaseRecord]) -> LatencyRecord {
    let mut times: Vec<u64> = samples(cases)
        .filter(|sample| !sample.reused)
        .filter_map(|sample| sample.latency_ms)
        .collect();
    times.sort_unstable();
    LatencyRecord {
        p50: percentile(&times, 50),
        p95: percentile(&times, 95),
    }
}

/// Nearest rank: the smallest time that at least `percent` of all times do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

fn samples(cases: &[CaseRecord]) -> impl Iterator<Item = &SampleRecord> {
    cases.iter().flat_map(|case| &case.samples)
}
