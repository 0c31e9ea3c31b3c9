//! Pairs what was measured with an earlier record of the same agent: like with like, or says why not.

mod narrow;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::agent::AgentName;
use crate::record::{
    Against, AgentRecord, CaseRecord, Comparison, Excluded, Method, PairedCase, Rescored,
    RunRecord, ScorePart, ScorerRecord,
};
use crate::score::weighted_mean;
use crate::suite::CaseId;
pub use narrow::narrowed;

/// The accepted record of an agent.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// The record; holds the agent.
    pub record: RunRecord,
    /// Where it was read from, for people.
    pub origin: String,
    /// The agents of which stored answers were scored again.
    pub rescored: BTreeMap<AgentName, Rescored>,
}

impl Baseline {
    /// A record as it is stored.
    pub const fn new(record: RunRecord, origin: String) -> Self {
        Self {
            record,
            origin,
            rescored: BTreeMap::new(),
        }
    }

    /// A record whose agents say themselves what of them was scored again just now.
    pub fn scored_again(record: RunRecord, origin: String) -> Self {
        let agents = record.agents.iter();
        let rescored =
            agents.filter_map(|agent| Some((agent.name.clone(), agent.rescored.clone()?)));
        Self {
            rescored: rescored.collect(),
            record,
            origin,
        }
    }

    /// Puts cases of an agent that were scored again as this scorer does, given with their places, in place of the stored
    /// ones; says what came of it.
    pub fn replace(
        &mut self,
        name: &AgentName,
        rescored: Vec<(usize, CaseRecord)>,
        scorer: &ScorerRecord,
    ) -> Option<&Rescored> {
        let mut agents = self.record.agents.iter_mut();
        let agent = agents.find(|agent| agent.name == *name)?;
        let samples = rescored.iter().flat_map(|(_, case)| &case.samples);
        let answers = samples.filter(|sample| sample.score.is_some()).count();
        if answers == 0 {
            return None;
        }
        for (place, case) in rescored {
            if let Some(stored) = agent.cases.get_mut(place) {
                *stored = case;
            }
        }
        let what = Rescored {
            answers: u32::try_from(answers).unwrap_or(u32::MAX),
            because: ScorePart::differing(scorer, &agent.scorer, false),
            left_out: Vec::new(),
        };
        self.rescored.insert(name.clone(), what);
        self.rescored.get(name)
    }
}

/// Nothing could be paired; the sentence says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotComparable(pub String);

/// The other side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Other<'a> {
    /// What it is.
    pub against: Against,
    /// What was measured.
    pub agent: &'a AgentRecord,
    /// The commit whose record it is.
    pub commit: Option<&'a str>,
    /// When it was measured, RFC 3339.
    pub created: &'a str,
    /// Whether its stored answers were scored again.
    pub rescored: Option<&'a Rescored>,
}

impl Baseline {
    /// An agent of it, as the other side of a comparison.
    pub fn other(&self, name: &AgentName, against: Against) -> Result<Other<'_>, NotComparable> {
        let missing = || NotComparable(format!("{} does not hold {name}", self.origin));
        Ok(Other {
            against,
            agent: self.record.agent(name).ok_or_else(missing)?,
            commit: self.record.source.commit.as_deref(),
            created: &self.record.created,
            rescored: self.rescored.get(name),
        })
    }
}

/// Pairs an agent's cases with those of another measurement by id and by the digest of what was asked, provided that both
/// were scored by the same rules. The old model of the same run was asked the same cases, with its own parameters.
pub fn compare(
    now: &AgentRecord,
    other: &Other<'_>,
    created: &str,
) -> Result<Comparison, NotComparable> {
    let then = other.agent.cases.iter();
    let then: HashMap<&CaseId, &CaseRecord> = then.map(|case| (&case.id, case)).collect();
    let (mut pairs, mut excluded, mut planned) = (Vec::new(), Vec::new(), 0_u32);
    for case in now.cases.iter().filter(|case| case.gates()) {
        match partner(now, case, then.get(&case.id).copied(), other) {
            Ok(partner) => {
                planned += 1;
                match pair(case, partner, other.against) {
                    Ok(pair) => pairs.push((pair, case.weight)),
                    Err(why) => excluded.push(left_out(case, why)),
                }
            }
            Err(why) => excluded.push(left_out(case, &why)),
        }
    }
    excluded.extend(removed(now, other.agent));
    summarise(pairs, planned, excluded, other, created)
}

/// How many cases both sides were to answer, whether they did or not.
pub fn pairable(now: &AgentRecord, other: &Other<'_>) -> usize {
    let then = other.agent.cases.iter();
    let then: HashMap<&CaseId, &CaseRecord> = then.map(|case| (&case.id, case)).collect();
    let gating = now.cases.iter().filter(|case| case.gates());
    let partners =
        gating.filter_map(|case| partner(now, case, then.get(&case.id).copied(), other).ok());
    partners.count()
}

fn left_out(case: &CaseRecord, why: &str) -> Excluded {
    Excluded {
        id: case.id.clone(),
        why: why.to_owned(),
    }
}

/// The case of the other side that can be held against this one, whether it was answered or not.
fn partner<'a>(
    agent: &AgentRecord,
    now: &CaseRecord,
    then: Option<&'a CaseRecord>,
    other: &Other<'_>,
) -> Result<&'a CaseRecord, Cow<'static, str>> {
    let then = then.ok_or("not in the baseline")?;
    if then.ask_digest != now.ask_digest && other.against != Against::OldModel {
        return Err(if other.agent.parameters == agent.parameters {
            "not comparable: its messages changed".into()
        } else {
            "not comparable: the parameters changed".into()
        });
    }
    if then.score_digest != now.score_digest {
        let identity = |agent: &AgentRecord| agent.judge.as_ref().map(|judge| judge.identity);
        let judge = identity(agent) != identity(other.agent);
        let parts = ScorePart::differing(&agent.scorer, &other.agent.scorer, judge);
        let first = parts
            .first()
            .map_or("how it is scored", |part| part.as_str());
        return Err(format!("not comparable: {first} changed").into());
    }
    Ok(then)
}

const fn unanswered(against: Against) -> &'static str {
    match against {
        Against::Baseline => "no scored answer in the baseline",
        Against::Pinned => "no scored answer in the pinned record",
        Against::OldModel => "no scored answer of the old model",
        Against::BaseModel => "no scored answer of the base model",
    }
}

fn pair(now: &CaseRecord, then: &CaseRecord, against: Against) -> Result<PairedCase, &'static str> {
    Ok(PairedCase {
        id: now.id.clone(),
        old: then.score.ok_or(unanswered(against))?,
        new: now.score.ok_or("no scored answer in this run")?,
        old_dimensions: then.dimensions.clone(),
        old_spread: then.spread(),
    })
}

fn summarise(
    pairs: Vec<(PairedCase, f64)>,
    planned: u32,
    excluded: Vec<Excluded>,
    other: &Other<'_>,
    created: &str,
) -> Result<Comparison, NotComparable> {
    let Some((old, new)) = means(&pairs) else {
        let why = excluded.first().map_or_else(
            || "the record holds no case".to_owned(),
            |first| first.why.clone(),
        );
        return Err(NotComparable(why));
    };
    Ok(Comparison {
        against: other.against,
        baseline_commit: other.commit.map(str::to_owned),
        age_days: age_in_days(other.created, created),
        baseline_model: Some(other.agent.model.clone()),
        baseline_score: old,
        change: new - old,
        interval: None,
        method: Method::PlainDifference,
        p_value: None,
        p_adjusted: None,
        p_sign_flip: None,
        pairs: u32::try_from(pairs.len()).unwrap_or(u32::MAX),
        planned_pairs: Some(planned),
        excluded,
        detectable_drop: None,
        rescored: other.rescored.cloned(),
        cases: pairs.into_iter().map(|(pair, _)| pair).collect(),
    })
}

/// The scores of both sides over pairs with their weights.
fn means(pairs: &[(PairedCase, f64)]) -> Option<(f64, f64)> {
    // Sums in the order of ids: a suite in another order comes to the same bits.
    let mut sorted: Vec<&(PairedCase, f64)> = pairs.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    let mean = |side: fn(&PairedCase) -> f64| {
        weighted_mean(sorted.iter().map(|(pair, weight)| (side(pair), *weight)))
    };
    mean(|pair| pair.old).zip(mean(|pair| pair.new))
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
