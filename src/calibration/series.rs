//! Scores beside what people said, while they come in: two numbers a rating, counts alone for preferences.

use std::collections::BTreeMap;

use super::scale::graded;
use super::{Band, Cell, Figure, Pairs, Rated, SimilarLength};
use crate::stats::{self, Bounds, Estimate};

/// The chance with which each bound of a range is wrong.
const ALPHA: f64 = 0.05;
/// Scores closer than this are one score.
const SLACK: f64 = 1e-9;
/// Answers are about equally long where the shorter lacks less than this share of the longer.
const SIMILAR: f64 = 0.15;
/// Where the differences of scores are divided.
const EDGES: [f64; 6] = [0.0, 0.25, 0.5, 1.0, 2.0, 10.0];

/// Some labels of which the scores are known.
#[derive(Debug, Default)]
pub(super) struct Series {
    rated: Vec<Judged>,
    pairs: Preferences,
}

#[derive(Debug, Clone, Copy)]
struct Judged {
    score: f64,
    rating: f64,
    step: f64,
}

/// How often something points to the preferred answer, to the other, or to neither.
#[derive(Debug, Default, Clone, Copy)]
struct Hits {
    right: usize,
    wrong: usize,
    even: usize,
}

#[derive(Debug, Default, Clone)]
struct Preferences {
    ties: usize,
    scores: Hits,
    longer: Hits,
    similar_scores: Hits,
    similar_longer: Hits,
    bands: [Hits; EDGES.len() - 1],
}

/// One of two answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    pub(super) score: f64,
    pub(super) characters: usize,
}

impl Hits {
    fn add(&mut self, difference: f64) {
        if difference.abs() <= SLACK {
            self.even += 1;
        } else if difference > 0.0 {
            self.right += 1;
        } else {
            self.wrong += 1;
        }
    }

    const fn all(self) -> usize {
        self.right + self.wrong + self.even
    }

    fn share(self) -> Option<f64> {
        let all = stats::count(self.all());
        let right = stats::count(self.right) + stats::count(self.even) / 2.0;
        (all > 0.0).then(|| right / all)
    }

    fn figure(self) -> Option<Figure> {
        let value = self.share()?;
        let bounds = stats::wilson_of_share(value, self.all(), ALPHA);
        Some(Figure {
            value,
            range: bounds.map(ends),
        })
    }

    fn join(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.even += other.even;
    }
}

impl Series {
    pub(super) fn rate(&mut self, score: f64, rating: f64, step: f64) {
        self.rated.push(Judged {
            score,
            rating,
            step,
        });
    }

    pub(super) const fn tie(&mut self) {
        self.pairs.ties += 1;
    }

    pub(super) fn prefer(&mut self, preferred: Side, other: Side) {
        let difference = preferred.score - other.score;
        let [length, beside] = [preferred, other].map(|side| stats::count(side.characters));
        let longest = length.max(beside);
        let pairs = &mut self.pairs;
        pairs.scores.add(difference);
        pairs.longer.add(length - beside);
        if longest <= 0.0 || (length - beside).abs() / longest < SIMILAR {
            pairs.similar_scores.add(difference);
            pairs.similar_longer.add(length - beside);
        }
        let size = difference.abs();
        if size > SLACK {
            let inner = EDGES.iter().skip(1).take(pairs.bands.len() - 1);
            let place = inner.filter(|edge| size + SLACK >= **edge).count();
            if let Some(band) = pairs.bands.get_mut(place) {
                band.add(difference);
            }
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.rated.extend_from_slice(&other.rated);
        let (own, other) = (&mut self.pairs, &other.pairs);
        own.ties += other.ties;
        own.scores.join(other.scores);
        own.longer.join(other.longer);
        own.similar_scores.join(other.similar_scores);
        own.similar_longer.join(other.similar_longer);
        for (own, other) in own.bands.iter_mut().zip(&other.bands) {
            own.join(*other);
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rated.is_empty() && self.pairs.ties + self.pairs.scores.all() == 0
    }

    pub(super) fn rated(&self) -> Option<Rated> {
        if self.rated.is_empty() {
            return None;
        }
        let values: Vec<(f64, f64)> = self
            .rated
            .iter()
            .map(|one| (one.score, one.rating))
            .collect();
        let grades = self.rated.iter();
        let grades: Vec<(f64, f64)> = grades
            .map(|one| (graded(one.score, one.step), graded(one.rating, one.step)))
            .collect();
        Some(Rated {
            answers: values.len(),
            rank_correlation: stats::spearman(&values).map(|value| Figure {
                value,
                range: stats::spearman_bounds(value, values.len(), ALPHA).map(ends),
            }),
            kappa: stats::quadratic_kappa(&grades).map(|value| Figure {
                value,
                range: stats::quadratic_kappa_bounds(&grades, ALPHA).map(ends),
            }),
            bias: bias(&values),
            cells: cells(&values),
        })
    }

    pub(super) fn pairs(&self) -> Option<Pairs> {
        let pairs = &self.pairs;
        if pairs.scores.all() + pairs.ties == 0 {
            return None;
        }
        let similar = pairs.similar_scores;
        Some(Pairs {
            decided: pairs.scores.all(),
            ties: pairs.ties,
            equal_scores: pairs.scores.even,
            accuracy: pairs.scores.figure(),
            longer_wins: pairs.longer.share(),
            similar_length: similar.figure().zip(pairs.similar_longer.share()).map(
                |(accuracy, longer_wins)| SimilarLength {
                    decided: similar.all(),
                    accuracy,
                    longer_wins,
                },
            ),
            by_difference: bands(&pairs.bands),
        })
    }
}

fn ends(bounds: Bounds) -> [f64; 2] {
    [bounds.lower, bounds.upper]
}

fn bias(values: &[(f64, f64)]) -> Option<Figure> {
    let differences = values.iter().map(|(score, rating)| (score - rating, 1.0));
    let differences: Vec<(f64, f64)> = differences.collect();
    let value = crate::score::weighted_mean(differences.iter().copied())?;
    let known = Estimate::of(&differences);
    Some(Figure {
        value,
        range: known.and_then(|known| known.bounds(ALPHA)).map(ends),
    })
}

fn bands(counted: &[Hits]) -> Vec<Band> {
    let edges = EDGES.iter().zip(EDGES.iter().skip(1));
    let bands = edges.zip(counted).filter_map(|((from, to), hits)| {
        Some(Band {
            from: *from,
            to: *to,
            decided: hits.all(),
            accuracy: hits.figure()?,
        })
    });
    bands.collect()
}

/// How many answers have which rating and score, by rating, then score.
fn cells(values: &[(f64, f64)]) -> Vec<Cell> {
    let half = |value: f64| (value * 2.0).round() / 2.0;
    let mut counted: BTreeMap<[u64; 2], Cell> = BTreeMap::new();
    for (score, rating) in values {
        let (score, rating) = (half(*score), half(*rating));
        // Numbers that are not negative are in the order of their bits.
        let cell = counted
            .entry([rating.to_bits(), score.to_bits()])
            .or_insert(Cell {
                rating,
                score,
                answers: 0,
            });
        cell.answers += 1;
    }
    counted.into_values().collect()
}
