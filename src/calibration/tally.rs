//! Collects labels with their scores, by agent and dimension, and concludes how far they agree.

use std::collections::BTreeMap;

use super::series::{Series, Side};
use super::{
    AgentAgreement, Agreement, Calibration, DimensionAgreement, Judged, Label, LabelFile, Measured,
    Points, Preferred, RatingsOf, SCHEMA, UsedCase,
};
use crate::score::{Digest, Dimension, Profile, Scored};
use crate::suite::CaseId;

/// How sure the ranges are.
const LEVEL: f64 = 0.90;

/// Labels with their scores, so far.
#[derive(Debug, Default)]
pub struct Tally {
    /// By the agent that labels name; labels without one are among them.
    parts: BTreeMap<Option<String>, Part>,
}

#[derive(Debug, Default)]
struct Part {
    whole: Series,
    dimensions: BTreeMap<Dimension, Both>,
    unscored: usize,
    cases: BTreeMap<CaseId, Digest>,
    score_digest: Option<Digest>,
    configured: bool,
}

/// The points of one dimension, beside labels of this dimension and of the whole answer.
#[derive(Debug, Default)]
struct Both {
    own: Series,
    answer: Series,
}

impl Tally {
    /// One more label.
    pub fn add(&mut self, label: &Label, measured: Measured) {
        let part = self.parts.entry(label.agent.clone()).or_default();
        part.configured = measured.configured;
        if measured.score_digest.is_some() {
            part.score_digest = measured.score_digest;
        }
        if let Some(UsedCase { id, score_digest }) = measured.case {
            part.cases.insert(id, score_digest);
        }
        let Some(points) = &measured.points else {
            part.unscored += 1;
            return;
        };
        let (Points::One(one) | Points::Two(one, _)) = points;
        let dimensions = &one.dimensions;
        let Some(named) = &label.dimension else {
            add(&mut part.whole, label, points, |one| Some(one.score));
            for dimension in dimensions.keys() {
                let both = part.dimensions.entry(dimension.clone()).or_default();
                let of = |one: &Scored| one.dimensions.get(dimension).copied();
                add(&mut both.answer, label, points, of);
            }
            return;
        };
        if !dimensions.contains_key(named) {
            part.unscored += 1;
            return;
        }
        let both = part.dimensions.entry(named.clone()).or_default();
        let of = |one: &Scored| one.dimensions.get(named).copied();
        add(&mut both.own, label, points, of);
    }

    /// How far the scores agree with the labels of these files.
    pub fn conclude(self, labels: Vec<LabelFile>, profile: Option<Profile>) -> Calibration {
        let mut all = Part::default();
        for part in self.parts.values() {
            all.join(part);
        }
        let agents = self.parts.into_iter().filter_map(|(agent, part)| {
            Some(AgentAgreement {
                agent: agent?,
                agreement: part.agreement(),
                score_digest: part.score_digest,
                cases: part
                    .cases
                    .into_iter()
                    .map(|(id, score_digest)| UsedCase { id, score_digest })
                    .collect(),
                configured: part.configured,
            })
        });
        Calibration {
            schema: SCHEMA.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            level: LEVEL,
            labels,
            profile: profile.map(|profile| profile.as_str().to_owned()),
            overall: all.agreement(),
            agents: agents.collect(),
        }
    }
}

impl Part {
    fn join(&mut self, other: &Self) {
        self.whole.join(&other.whole);
        self.unscored += other.unscored;
        for (dimension, both) in &other.dimensions {
            let own = self.dimensions.entry(dimension.clone()).or_default();
            own.own.join(&both.own);
            own.answer.join(&both.answer);
        }
    }

    fn agreement(&self) -> Agreement {
        let dimensions = self.dimensions.iter().map(|(dimension, both)| {
            let (of, series) = if both.own.is_empty() {
                (RatingsOf::Answer, &both.answer)
            } else {
                (RatingsOf::Dimension, &both.own)
            };
            DimensionAgreement {
                dimension: dimension.clone(),
                of,
                rated: series.rated(),
                pairs: series.pairs(),
            }
        });
        Agreement {
            rated: self.whole.rated(),
            pairs: self.whole.pairs(),
            unscored: self.unscored,
            dimensions: dimensions.collect(),
        }
    }
}

fn add(series: &mut Series, label: &Label, points: &Points, of: impl Fn(&Scored) -> Option<f64>) {
    match (&label.judged, points) {
        (Judged::Rated { rating, step, .. }, Points::One(one)) => {
            if let Some(score) = of(one) {
                series.rate(score, *rating, *step);
            }
        }
        (Judged::Pair { a, b, preferred }, Points::Two(first, second)) => {
            let side = |text: &str, scored| {
                let characters = text.chars().count();
                of(scored).map(|score| Side { score, characters })
            };
            if let Some((a, b)) = side(a, first).zip(side(b, second)) {
                match preferred {
                    Preferred::A => series.prefer(a, b),
                    Preferred::B => series.prefer(b, a),
                    Preferred::Tie => series.tie(),
                }
            }
        }
        (Judged::Rated { .. }, Points::Two(..)) | (Judged::Pair { .. }, Points::One(_)) => {}
    }
}
