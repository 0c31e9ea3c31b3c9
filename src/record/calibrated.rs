//! How far an agent's scores agree with people, as far as the rules are those by which that was measured.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AgentRecord;
use crate::calibration::{Agreement, Calibration, Figure};
use crate::score::Digest;
use crate::suite::CaseId;

/// How far the scores of an agent agree with people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationRecord {
    /// What was measured.
    pub measure: Measure,
    /// The number.
    pub value: f64,
    /// Its plausible range (90 %).
    pub range: Option<[f64; 2]>,
    /// Labels that it rests on: answers or decided pairs.
    pub labels: usize,
    /// True where the rules by which answers are scored changed since: then the number says nothing of today's scores.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outdated: bool,
}

/// How agreement was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Spearman's rank correlation of scores and ratings, −1 to 1.
    RankCorrelation,
    /// Share of pairs in which the preferred answer has the higher score, 0 to 1.
    PairAccuracy,
}

impl CalibrationRecord {
    /// What a calibration says of an agent whose answers without a case are scored by the rules of `general`; `None` where
    /// it says nothing.
    pub fn of(calibration: &Calibration, agent: &AgentRecord, general: &Digest) -> Option<Self> {
        let mut agents = calibration.agents.iter();
        let known = agents.find(|known| known.agent == agent.name.as_str() && known.configured)?;
        let (measure, figure, labels) = figure(&known.agreement)?;
        let now = agent
            .cases
            .iter()
            .map(|case| (&case.id, &case.score_digest));
        let now: HashMap<&CaseId, &Digest> = now.collect();
        let changed = known.cases.iter().any(|used| match now.get(&used.id) {
            Some(digest) => **digest != used.score_digest,
            // A part of a divided run has a part of the cases.
            None => agent.part.is_none(),
        });
        let general_changed = known.score_digest.is_some_and(|digest| digest != *general);
        Some(Self {
            measure,
            value: figure.value,
            range: figure.range,
            labels,
            outdated: changed || general_changed,
        })
    }
}

/// Ratings say more than preferences: they order all answers.
fn figure(agreement: &Agreement) -> Option<(Measure, Figure, usize)> {
    let rated = agreement.rated.as_ref();
    let of_ratings = rated.and_then(|rated| {
        Some((
            Measure::RankCorrelation,
            rated.rank_correlation?,
            rated.answers,
        ))
    });
    let pairs = agreement.pairs.as_ref();
    of_ratings.or_else(|| {
        pairs.and_then(|pairs| Some((Measure::PairAccuracy, pairs.accuracy?, pairs.decided)))
    })
}
