//! Where values stand in a picture: positions in per cent of its width, so that it fits every screen.

use serde::Serialize;

use crate::figures::{counted, points};
use crate::record::{AgentRecord, CaseRecord};

/// A scale narrower than this many points would show noise as mountains.
const LEAST_SPAN: f64 = 2.0;
/// Scores end here.
const MOST: f64 = 10.0;
/// The bars of a distribution: half a point each.
const BARS: u8 = 20;

/// The part of 0 to 10 that a picture shows, from one whole number to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    upward: bool,
}

/// One mark of an axis.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(super) struct Tick {
    at: String,
    label: String,
}

/// A line between two places.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub(super) struct Line {
    from: String,
    to: String,
}

/// One bar of a distribution; heights in per cent of the tallest.
#[derive(Debug, Serialize, PartialEq)]
pub(super) struct Bar {
    at: String,
    top: String,
    height: String,
    /// Where the bar of the scores before ends; absent where there were none.
    before: Option<String>,
    /// For people: `8.0 to 8.5: 12 prompts, before 10`.
    label: String,
}

impl Scale {
    /// The least scale that shows all of these.
    pub(super) fn over(values: impl IntoIterator<Item = f64>) -> Self {
        let values = values.into_iter().map(|value| value.clamp(0.0, MOST));
        let (low, high) = values.fold((MOST, 0.0_f64), |(low, high), value| {
            (low.min(value.floor()), high.max(value.ceil()))
        });
        if low > high {
            return Self::of(0.0, MOST);
        }
        let high = high.max(low + LEAST_SPAN).min(MOST);
        let low = low.min(high - LEAST_SPAN).max(0.0);
        Self::of(low, high)
    }

    const fn of(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            upward: false,
        }
    }

    /// The same from below to above; positions count from above.
    pub(super) const fn upward(self) -> Self {
        Self {
            upward: true,
            ..self
        }
    }

    /// Where a value stands; one beyond the scale stands at its end.
    pub(super) fn at(self, value: f64) -> String {
        let share = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        percent(if self.upward { 1.0 - share } else { share })
    }

    /// From where to where a plausible range goes.
    pub(super) fn line(self, [from, to]: [f64; 2]) -> Line {
        Line {
            from: self.at(from),
            to: self.at(to),
        }
    }

    /// Its whole numbers.
    pub(super) fn ticks(self) -> Vec<Tick> {
        let whole = (0..=10).map(f64::from);
        let shown = whole.filter(|value| (self.low..=self.high).contains(value));
        let tick = |value| Tick {
            at: self.at(value),
            label: format!("{value}"),
        };
        shown.map(tick).collect()
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// How the scores of an agent's cases are distributed, beside those of the cases before.
pub(super) fn distribution(agent: &AgentRecord) -> Option<Vec<Bar>> {
    let gating = agent.cases.iter().filter(|case: &&CaseRecord| case.gates());
    let now = tallied(gating.filter_map(|case| case.score));
    let pairs = agent.comparison.iter().flat_map(|held| &held.cases);
    let before = tallied(pairs.map(|pair| pair.old));
    let tallest = now.iter().max().copied().filter(|most| *most > 0)?;
    let tallest = f64::from(tallest.max(before.iter().max().copied().unwrap_or(0)));
    let bars = (0..BARS)
        .zip(now.iter().zip(&before))
        .map(|(place, (now, old))| {
            let from = f64::from(place) / 2.0;
            let beside = agent.comparison.as_ref();
            let height = |count: u32| f64::from(count) / tallest;
            Bar {
                at: percent(f64::from(place) / f64::from(BARS)),
                top: percent(1.0 - height(*now)),
                height: percent(height(*now)),
                before: beside.map(|_| percent(1.0 - height(*old))),
                label: format!(
                    "{} to {}: {}{}",
                    points(from),
                    points(from + 0.5),
                    counted(now, "prompt"),
                    beside.map_or_else(String::new, |_| format!(", before {old}"))
                ),
            }
        });
    Some(bars.collect())
}

/// How many scores fall into each half point; a ten falls into the last.
fn tallied(scores: impl Iterator<Item = f64>) -> [u32; BARS as usize] {
    let mut counts = [0; BARS as usize];
    for score in scores {
        let lower = (1..BARS).take_while(|place| f64::from(*place) / 2.0 <= score);
        if let Some(count) = counts.get_mut(lower.count()) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_shows_everything_and_is_never_narrow() {
        let scale = Scale::over([8.3, 8.6, 7.9]);
        assert_eq!((scale.low, scale.high), (7.0, 9.0));
        assert_eq!(scale.at(8.0), "50.00%");
        assert_eq!(scale.upward().at(8.5), "25.00%");
        let narrow = Scale::over([9.9]);
        assert_eq!((narrow.low, narrow.high), (8.0, 10.0));
        let lowest = Scale::over([0.0]);
        assert_eq!((lowest.low, lowest.high), (0.0, 2.0));
        let beyond = Scale::over([-3.0, 12.0]);
        assert_eq!((beyond.low, beyond.high), (0.0, 10.0));
        let nothing = Scale::over([]);
        assert_eq!(nothing.ticks().len(), 11);
    }

    #[test]
    fn every_score_falls_into_one_half_point() {
        let counts = tallied([0.0, 0.49, 0.5, 9.5, 10.0].into_iter());
        assert_eq!((counts[0], counts[1], counts[19]), (2, 1, 2));
        assert_eq!(counts.iter().sum::<u32>(), 5);
    }
}
