//! The shape of what is said where stored answers were scored again, and of what differs between two ways of scoring.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent::{AgentRecord, ScorerRecord};
use super::comparison::Excluded;
use crate::score::Dimension;

/// Stored answers that were scored again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rescored {
    /// How many answers got their points anew.
    pub answers: u32,
    /// What differs between the scoring of then and that of now.
    pub because: Vec<ScorePart>,
    /// Cases that could not be scored again, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Excluded>,
}

impl AgentRecord {
    /// Notes that answers were scored again. What was measured of the old rules says nothing of the new ones.
    pub fn note_rescored(&mut self, done: Rescored) {
        if done.answers > 0 || !done.left_out.is_empty() {
            self.self_test = None;
            if let Some(known) = &mut self.calibration {
                known.outdate();
            }
        }
        self.rescored = Some(done);
    }
}

/// One part of what decides the points of an answer besides the answer itself.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ScorePart {
    /// The profile of the suite.
    Profile,
    /// The version of that profile.
    ProfileVersion,
    /// The weights of the dimensions.
    Weights,
    /// The judge.
    Judge,
    /// The own grader, by name, or the dimensions that it grades.
    OwnGrader,
    /// Keywords, form, checks, reference or rubric of a case.
    Expectation,
}

impl ScorePart {
    /// What differs, at least one: what is not seen on the scorers themselves is in the case.
    pub fn differing(now: &ScorerRecord, then: &ScorerRecord, judge: bool) -> Vec<Self> {
        let own_profile = now.profile == then.profile;
        let parts = [
            (Self::Profile, !own_profile),
            (
                Self::ProfileVersion,
                own_profile && now.version != then.version,
            ),
            (Self::Weights, own_weights(now) != own_weights(then)),
            (Self::Judge, judge),
            (Self::OwnGrader, now.grader != then.grader),
        ];
        let differing = parts.into_iter().filter(|(_, differs)| *differs);
        let mut found: Vec<Self> = differing.map(|(part, _)| part).collect();
        if found.is_empty() {
            found.push(Self::Expectation);
        }
        found
    }

    /// The words for people, as in "… changed".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "the scoring profile",
            Self::ProfileVersion => "the version of the scoring profile",
            Self::Weights => "the weights of the dimensions",
            Self::Judge => "the judge",
            Self::OwnGrader => "the own grader",
            Self::Expectation => "the expectation or a check",
        }
    }
}

/// A weight of 1 is the same as none.
fn own_weights(scorer: &ScorerRecord) -> Vec<(&Dimension, u64)> {
    let weights = scorer.weights.iter();
    let weights = weights.map(|(name, weight)| (name, weight.to_bits()));
    weights
        .filter(|(_, bits)| *bits != 1.0_f64.to_bits())
        .collect()
}

impl fmt::Display for ScorePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Rescored {
    /// How many answers, and what changed, as in "10 answers, the judge changed".
    pub fn in_words(&self) -> String {
        let answers = match self.answers {
            1 => "1 answer".to_owned(),
            more => format!("{more} answers"),
        };
        let parts: Vec<&str> = self.because.iter().map(|part| part.as_str()).collect();
        if parts.is_empty() {
            return answers;
        }
        format!("{answers}, {} changed", parts.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scorer() -> ScorerRecord {
        ScorerRecord {
            profile: "standard".to_owned(),
            version: 1,
            weights: [(Dimension::QUALITY, 2.0)].into(),
            grader: None,
        }
    }

    #[test]
    fn each_part_that_differs_is_named_and_the_case_where_none_does() {
        let differing = |edit: fn(&mut ScorerRecord), judge| {
            let mut now = scorer();
            edit(&mut now);
            ScorePart::differing(&now, &scorer(), judge)
        };
        assert_eq!(differing(|_| {}, false), [ScorePart::Expectation]);
        assert_eq!(differing(|_| {}, true), [ScorePart::Judge]);
        assert_eq!(
            differing(|now| now.version = 2, false),
            [ScorePart::ProfileVersion]
        );
        let both: fn(&mut ScorerRecord) = |now| {
            now.profile = "checks".to_owned();
            now.version = 3;
            now.weights.clear();
        };
        assert_eq!(
            differing(both, false),
            [ScorePart::Profile, ScorePart::Weights],
            "versions of two profiles say nothing of each other"
        );
    }

    #[test]
    fn it_is_told_with_its_number_and_its_reason() {
        let mut rescored = Rescored {
            answers: 1,
            because: vec![ScorePart::Weights],
            left_out: Vec::new(),
        };
        let told = "1 answer, the weights of the dimensions changed";
        assert_eq!(rescored.in_words(), told);
        rescored.answers = 10;
        rescored.because.push(ScorePart::Judge);
        let told = "10 answers, the weights of the dimensions and the judge changed";
        assert_eq!(rescored.in_words(), told);
    }
}
