//! A decision and what it rests on, written into the record that it was made from.

use super::{Decision, Evidence};
use crate::record::RunRecord;
use crate::stats::Bounds;

impl Decision {
    /// Writes the verdict, the ranges and the chances into the record.
    pub fn note(self, record: &mut RunRecord) {
        for agent in &mut record.agents {
            if let Some(verdict) = self.agents.get(&agent.name) {
                agent.verdict = verdict.clone();
            }
        }
        record.verdict = self.verdict;
        note(record, &self.evidence);
    }
}

fn note(record: &mut RunRecord, evidence: &Evidence) {
    let pair = |bounds: Bounds| [bounds.lower, bounds.upper];
    let level = 1.0 - 2.0 * evidence.alpha;
    record.overall.interval = evidence.overall.map(|ranged| pair(ranged.bounds));
    for agent in &mut record.agents {
        let Some(shown) = evidence.agents.get(&agent.name) else {
            continue;
        };
        agent.interval = shown.score.map(|ranged| pair(ranged.bounds));
        agent.interval_level = agent.interval.map(|_| level);
        agent.spread = shown.spread;
        let own = agent.comparison.iter_mut().zip(&shown.change);
        let further = agent.comparisons.iter_mut().zip(&shown.further);
        for (comparison, shown) in own.chain(further) {
            comparison.interval = shown.bounds.map(pair);
            comparison.method = shown.method;
            comparison.p_value = shown.p_value;
            comparison.p_adjusted = shown.p_adjusted;
            comparison.p_sign_flip = shown.p_sign_flip;
            comparison.detectable_drop = shown.detectable;
        }
    }
}
