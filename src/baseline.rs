//! Pairs what was measured with an earlier record of the same agent: like with like, or says why not.

use std::collections::{BTreeMap, BTreeSet};

use crate::agent::AgentName;
use crate::record::{AgentRecord, CaseRecord, Comparison, Excluded, Method, PairedCase, RunRecord};
use crate::score::weighted_mean;
use crate::suite::CaseId;

/// The accepted record of an agent.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// The record; holds the agent.
    pub record: RunRecord,
    /// Where it was read from, for people.
    pub origin: String,
}

impl Baseline {
    /// Puts cases of an agent that were scored again, given with their places, in place of the stored ones.
    pub fn replace(&mut self, name: &AgentName, rescored: Vec<(usize, CaseRecord)>) {
        let mut agents = self.record.agents.iter_mut();
        let Some(agent) = agents.find(|agent| agent.name == *name) else {
            return;
        };
        for (place, case) in rescored {
            if let Some(stored) = agent.cases.get_mut(place) {
                *stored = case;
            }
        }
    }
}

/// Nothing could be paired; the sentence says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotComparable(pub String);

/// Pairs an agent's cases with those of an earlier record by id and by the digest of what was asked, provided that
/// both were scored by the same rules.
pub fn compare(
    now: &AgentRecord,
    baseline: &Baseline,
    created: &str,
) -> Result<Comparison, NotComparable> {
    let Some(then) = baseline.record.agent(&now.name) else {
        return Err(NotComparable(format!(
            "{} does not hold {}",
            baseline.origin, now.name
        )));
    };
    let stored: BTreeMap<&CaseId, &CaseRecord> =
        then.cases.iter().map(|case| (&case.id, case)).collect();
    let mut pairs = Vec::new();
    let mut excluded = Vec::new();
    for case in now.cases.iter().filter(|case| case.gates()) {
        match pair(case, stored.get(&case.id).copied()) {
            Ok(scores) => pairs.push((case, scores)),
            Err(why) => excluded.push(Excluded {
                id: case.id.clone(),
                why,
            }),
        }
    }
    excluded.extend(removed(now, then));
    summarise(&pairs, excluded, baseline, then, created)
}

fn summarise(
    pairs: &[(&CaseRecord, PairScores)],
    excluded: Vec<Excluded>,
    baseline: &Baseline,
    then: &AgentRecord,
    created: &str,
) -> Result<Comparison, NotComparable> {
    let old = weighted_mean(pairs.iter().map(|(case, scores)| (scores.old, case.weight)));
    let new = weighted_mean(pairs.iter().map(|(case, scores)| (scores.new, case.weight)));
    let Some((old, new)) = old.zip(new) else {
        let why = excluded.first().map_or_else(
            || "the record holds no case".to_owned(),
            |first| first.why.clone(),
        );
        return Err(NotComparable(why));
    };
    Ok(Comparison {
        against: "baseline".to_owned(),
        baseline_commit: baseline.record.source.commit.clone(),
        age_days: age_in_days(&baseline.record.created, created),
        baseline_model: Some(then.model.clone()),
        baseline_score: old,
        change: new - old,
        interval: None,
        method: Method::PlainDifference,
        p_value: None,
        p_adjusted: None,
        pairs: u32::try_from(pairs.len()).unwrap_or(u32::MAX),
        excluded,
        detectable_drop: None,
        cases: pairs
            .iter()
            .map(|(case, scores)| PairedCase {
                id: case.id.clone(),
                old: scores.old,
                new: scores.new,
            })
            .collect(),
    })
}

struct PairScores {
    old: f64,
    new: f64,
}

fn pair(now: &CaseRecord, then: Option<&CaseRecord>) -> Result<PairScores, String> {
    let then = then.ok_or("not in the baseline")?;
    if then.ask_digest != now.ask_digest {
        return Err("not comparable: what is asked changed (messages or parameters)".to_owned());
    }
    if then.score_digest != now.score_digest {
        return Err("not comparable: how answers are scored changed".to_owned());
    }
    let old = then.score.ok_or("no scored answer in the baseline")?;
    let new = now.score.ok_or("no scored answer in this run")?;
    Ok(PairScores { old, new })
}

fn removed(now: &AgentRecord, then: &AgentRecord) -> Vec<Excluded> {
    let present: BTreeSet<&CaseId> = now.cases.iter().map(|case| &case.id).collect();
    then.cases
        .iter()
        .filter(|case| case.gates() && !present.contains(&case.id))
        .map(|case| Excluded {
            id: case.id.clone(),
            why: "no longer in the suite".to_owned(),
        })
        .collect()
}

fn age_in_days(then: &str, now: &str) -> Option<u64> {
    let then: jiff::Timestamp = then.parse().ok()?;
    let now: jiff::Timestamp = now.parse().ok()?;
    u64::try_from(now.duration_since(then).as_hours() / 24).ok()
}

#[cfg(test)]
mod tests;
