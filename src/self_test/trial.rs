//! Spoils the good answers to a suite's cases, and holds the scores of both against each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Good, LEAST_GOOD, MOST_RISE, Missed, Noticed, Noticing, SelfTest, Spoiling, spoil};
use crate::score::{Answer, Dimension, Profile, Scored, Scoring, score};
use crate::suite::{Case, Suite};

/// Of a larger suite so many answered cases are taken, from its start.
pub const MOST_CASES: usize = 1000;

/// Scores closer than this are one score.
const SLACK: f64 = 1e-9;

/// Which spoilings a suite notices, given the recorded answers to its cases; or why a case cannot be read. A score has to
/// fall by more than `max_drop`.
pub fn test(
    suite: &Suite,
    max_drop: f64,
    mut answer: impl FnMut(&Case) -> Option<String>,
) -> Result<SelfTest, String> {
    let mut answered: Vec<(Arc<Case>, String)> = Vec::new();
    let mut unanswered = 0;
    for place in 0..suite.len() {
        if answered.len() == MOST_CASES {
            break;
        }
        let case = suite.case(place)?;
        match answer(&case) {
            Some(text) => answered.push((case, text)),
            None => unanswered += 1,
        }
    }
    let tested = test_answers(&suite.scoring, &answered, max_drop);
    Ok(SelfTest {
        unanswered,
        ..tested
    })
}

/// The same of these cases, each with its answer.
pub fn test_answers(
    scoring: &Scoring,
    answered: &[(Arc<Case>, String)],
    max_drop: f64,
) -> SelfTest {
    let mut test = SelfTest {
        cases: 0,
        unanswered: 0,
        wordless: 0,
        poor: Vec::new(),
        spoilings: Spoiling::ALL.map(Noticed::none).into(),
    };
    for (place, (case, text)) in answered.iter().enumerate() {
        let expectation = case.expectation.of_words();
        if scoring.profile == Profile::Checks && expectation.checks.is_empty() {
            test.wordless += 1;
            continue;
        }
        let points = |text: &str| score(scoring, &expectation, case.prompt(), &Answer::new(text));
        let before = points(text);
        if before.score < LEAST_GOOD {
            test.poor.push(case.id.clone());
            continue;
        }
        test.cases += 1;
        let good = Good {
            case,
            answer: text,
            other: other(answered, place),
        };
        for noticed in &mut test.spoilings {
            if let Some(spoilt) = spoil(noticed.spoiling, &good) {
                noticed.add(case, (&before, &points(&spoilt)), max_drop);
            }
        }
    }
    for noticed in &mut test.spoilings {
        let tried = crate::stats::count(noticed.tried);
        for change in noticed.dimensions.values_mut() {
            *change /= tried;
        }
    }
    test
}

/// The answer to the next case of the same form, or to the next one: that of another case is hardest to tell where it
/// has the same form.
fn other(answered: &[(Arc<Case>, String)], place: usize) -> Option<&str> {
    let (own, _) = answered.get(place)?;
    let mut others = answered.iter().cycle().skip(place + 1);
    let others: Vec<_> = others
        .by_ref()
        .take(answered.len().saturating_sub(1))
        .collect();
    let alike = |other: &&&(Arc<Case>, String)| other.0.expectation.form == own.expectation.form;
    let found = others.iter().find(alike).or(others.first());
    found.map(|(_, text)| text.as_str())
}

impl Noticed {
    const fn none(spoiling: Spoiling) -> Self {
        Self {
            spoiling,
            tried: 0,
            noticed: 0,
            dimensions: BTreeMap::new(),
            missed: Vec::new(),
        }
    }

    fn add(&mut self, case: &Case, (good, spoilt): (&Scored, &Scored), max_drop: f64) {
        self.tried += 1;
        let dimensions = changes(good, spoilt);
        for (dimension, change) in &dimensions {
            *self.dimensions.entry(dimension.clone()).or_default() += change;
        }
        let change = spoilt.score - good.score;
        let noticed = match self.spoiling.noticing() {
            Noticing::Falls => change < -max_drop - SLACK,
            Noticing::DoesNotRise => change <= MOST_RISE + SLACK,
        };
        if noticed {
            self.noticed += 1;
        } else {
            self.missed.push(Missed {
                case: case.id.clone(),
                good: good.score,
                spoilt: spoilt.score,
                dimensions,
            });
        }
    }
}

fn changes(good: &Scored, spoilt: &Scored) -> BTreeMap<Dimension, f64> {
    let changes = good.dimensions.iter().filter_map(|(dimension, before)| {
        let after = spoilt.dimensions.get(dimension)?;
        Some((dimension.clone(), after - before))
    });
    changes.collect()
}
