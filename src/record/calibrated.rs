//! How far an agent's scores agree with people, as far as the rules are those by which that was measured.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AgentRecord;
use crate::calibration::{Agreement, Band, Calibration, Cell, Figure};
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
    /// How many rated answers have which rating and score, where the number is a rank correlation of today's scores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Cell>,
    /// The share of pairs in which people and scores agree, by how far the scores are apart, where the number is one of
    /// pairs under today's rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bands: Vec<Band>,
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
        let told = told(&known.agreement)?;
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
        let mut known = told;
        if changed || general_changed {
            known.outdate();
        }
        Some(known)
    }

    /// Says that the rules are others now.
    pub fn outdate(&mut self) {
        self.outdated = true;
        self.cells.clear();
        self.bands.clear();
    }

    const fn new(measure: Measure, figure: Figure, labels: usize) -> Self {
        Self {
            measure,
            value: figure.value,
            range: figure.range,
            labels,
            outdated: false,
            cells: Vec::new(),
            bands: Vec::new(),
        }
    }
}

/// Ratings say more than preferences: they order all answers.
fn told(agreement: &Agreement) -> Option<CalibrationRecord> {
    let rated = agreement.rated.as_ref();
    let of_ratings = rated.and_then(|rated| {
        let figure = rated.rank_correlation?;
        Some(CalibrationRecord {
            cells: rated.cells.clone(),
            ..CalibrationRecord::new(Measure::RankCorrelation, figure, rated.answers)
        })
    });
    let pairs = agreement.pairs.as_ref();
    of_ratings.or_else(|| {
        let pairs = pairs?;
        let figure = pairs.accuracy?;
        Some(CalibrationRecord {
            bands: pairs.by_difference.clone(),
            ..CalibrationRecord::new(Measure::PairAccuracy, figure, pairs.decided)
        })
    })
}
