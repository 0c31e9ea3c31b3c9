//! Decides how good one answer is: points from 0 to 10 in each dimension, and the reason for every point lost.
//!
//! Knows cases only by their [`Expectation`]; knows nothing of models, runs, thresholds or files. Same answer and
//! expectation in, same points out, on every machine.

mod aggregate;
mod by_checks;
mod canonical;
mod check;
mod code;
mod describe;
mod digest;
mod dimension;
mod evaluate;
mod expectation;
mod fenced;
mod finding;
mod graded;
mod json;
mod likeness;
mod pattern;
mod range;
mod refusal;
mod scored;
mod seed_rules;
mod spoken;
mod standard;
mod structure;
mod tool_call;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

pub use aggregate::{Mean, agent_score, case_score, mean, overall_score, weighted_mean};
pub use canonical::{Written, append_canonical, canonical};
pub use check::{Check, CheckKind, LetterCase};
pub use code::Language;
pub use digest::{Digest, DigestError, Hasher, answer_digest, digest};
pub use dimension::Dimension;
pub use expectation::{Expectation, Form, Keyword, Profile, Scoring};
pub use graded::{Given, wants_grades, with_grades};
pub use likeness::{Likeness, Metric, Model};
pub use pattern::Pattern;
pub use range::{CostRange, CountRange};
pub use scored::{Answer, CheckResult, Loss, Scored, ToolCall};
pub use spoken::SpokenLanguage;
pub use structure::{Notation, Schema, SchemaFault};
pub use tool_call::ExpectedCall;

use evaluate::Outcome;
use scored::Tally;

/// The points of an answer to a prompt, with the reason for every lost one.
///
/// A failed `required` check makes every dimension, and with them the score, 0. A dimension without a weight counts
/// once; where all weights are 0 the dimensions count alike.
pub fn score(
    scoring: &Scoring,
    expectation: &Expectation,
    prompt: &str,
    answer: &Answer<'_>,
) -> Scored {
    let mut outcomes = evaluate::all(expectation, *answer);
    let mut tallies = match scoring.profile {
        Profile::Standard => {
            let read = standard::Read::of(expectation, prompt, answer.text);
            if let Some(own) = read.own_text(answer.text) {
                let own = Answer {
                    text: &own,
                    ..*answer
                };
                for (outcome, own) in outcomes.iter_mut().zip(evaluate::all(expectation, own)) {
                    outcome.bear(&own);
                }
            }
            standard::tallies(expectation, prompt, *answer, &outcomes, read)
        }
        Profile::Checks => by_checks::tallies(&outcomes),
        Profile::SeedRules => seed_rules::tallies(expectation, *answer),
    };
    if let Some(failed) = outcomes.iter().find(|o| o.check.required && !o.result.pass) {
        forfeit(&mut tallies, failed);
    }
    Scored {
        score: total(scoring, &tallies),
        dimensions: tallies
            .iter()
            .map(|tally| (tally.dimension.clone(), tally.points()))
            .collect(),
        lost: tallies.into_iter().flat_map(|tally| tally.lost).collect(),
        checks: outcomes.into_iter().map(|outcome| outcome.result).collect(),
    }
}

/// Takes all points that are left.
fn forfeit(tallies: &mut [Tally], failed: &Outcome<'_>) {
    for tally in tallies {
        tally.take(tally.points(), format!("required {}", failed.failure()));
    }
}

fn total(scoring: &Scoring, tallies: &[Tally]) -> f64 {
    let weight = |tally: &Tally| scoring.weights.get(&tally.dimension).copied();
    let weighted = weighted_mean(
        tallies
            .iter()
            .map(|tally| (tally.points(), weight(tally).unwrap_or(1.0))),
    );
    weighted
        .or_else(|| mean(tallies.iter().map(Tally::points)))
        .unwrap_or(0.0)
        .clamp(0.0, scored::FULL)
}

/// What decides an answer's points, besides the answer and the prompt.
#[derive(Debug, Serialize)]
struct Identity<'a> {
    profile: Profile,
    version: u32,
    weights: BTreeMap<&'a Dimension, f64>,
    expectation: &'a Expectation,
    judge: Option<&'a str>,
}

/// The digest of all that decides an answer's points besides the answer and the prompt: profile with version, weights,
/// expectation, judge. A weight of 1 is the same as none.
pub fn score_digest(scoring: &Scoring, expectation: &Expectation) -> Digest {
    judged_digest(scoring, expectation, None)
}

/// The same where a judge of this name replaces dimensions; it has no say under `seed-rules`.
pub fn judged_digest(scoring: &Scoring, expectation: &Expectation, judge: Option<&str>) -> Digest {
    let weights = scoring.weights.iter();
    let identity = Identity {
        profile: scoring.profile,
        version: scoring.profile.version(),
        weights: weights
            .filter(|(_, weight)| weight.to_bits() != 1.0_f64.to_bits())
            .map(|(dimension, weight)| (dimension, *weight))
            .collect(),
        expectation: &unlabelled(expectation),
        judge: judge.filter(|_| scoring.profile != Profile::SeedRules),
    };
    // Only a weight that is no number has no canonical JSON, and a suite that exists has none of those.
    digest(&identity).unwrap_or_else(|_| Digest::of(format!("{identity:?}").as_bytes()))
}

/// A label is for people.
fn unlabelled(expectation: &Expectation) -> Cow<'_, Expectation> {
    if !expectation.checks.iter().any(Check::is_labelled) {
        return Cow::Borrowed(expectation);
    }
    Cow::Owned(Expectation {
        checks: expectation.checks.iter().map(Check::unlabelled).collect(),
        ..expectation.clone()
    })
}

#[cfg(test)]
mod tests;
