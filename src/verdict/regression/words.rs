//! How a change is told: its size, its range, the other side, and how small a drop could be seen.

use super::Test;
use crate::figures::{self, points, points_against};
use crate::record::{Against, Method};

/// Nobody writes more prompts than this because a note says so.
const MOST_PROMPTS: f64 = 2_000.0;

impl Test<'_> {
    pub(super) fn of_dimension(&self) -> String {
        self.dimension
            .map(|name| format!(" in {name}"))
            .unwrap_or_default()
    }

    /// `dropped 0.81 (0.44 to 1.20)` or `moved by +0.10 (−0.20 to +0.40)`.
    pub(super) fn moved(&self) -> String {
        let place = self.of_dimension();
        if self.shown.change < -figures::SLACK {
            format!("dropped {}{place}", self.with_range(true))
        } else {
            format!("moved by {}{place}", self.with_range(false))
        }
    }

    /// The size of the change beside its plausible range; of a drop that is no chance, how far down.
    pub(super) fn with_range(&self, drop: bool) -> String {
        let size = if drop {
            points_against(-self.shown.change, self.allowed)
        } else {
            figures::change(self.shown.change)
        };
        let Some(bounds) = self.shown.bounds else {
            return size;
        };
        let (lower, upper) = (bounds.lower.max(-10.0), bounds.upper.min(10.0));
        if drop && upper < 0.0 {
            return format!("{size} ({} to {})", points(-upper), points(-lower));
        }
        let range = [lower, upper].map(figures::change).join(" to ");
        format!("{size} (plausible {range})")
    }

    /// `, 8.42 → 7.61`: on its own side of the floor.
    pub(super) fn old_and_new(&self) -> String {
        if self.dimension.is_some() {
            return String::new();
        }
        let now = self.comparison.baseline_score + self.comparison.change;
        let now = self
            .floor
            .map_or_else(|| points(now), |floor| points_against(now, floor));
        format!(", {} → {now}", points(self.comparison.baseline_score))
    }

    pub(super) fn other(&self) -> String {
        let commit = self.comparison.baseline_commit.as_deref();
        let of = commit
            .map(|commit| format!(" of {}", short(commit)))
            .unwrap_or_default();
        match self.comparison.against {
            Against::Baseline => format!("the baseline{of}"),
            Against::Pinned => format!("the pinned record{of}"),
            Against::OldModel => "the old model, asked in this run".to_owned(),
            Against::BaseModel => "the base model".to_owned(),
        }
    }

    /// How small a drop so many prompts can show, and how many would show the one that is asked about; nothing where they
    /// see that.
    pub(super) fn sight(&self) -> String {
        let pairs = self.comparison.pairs;
        let Some(drop) = self.shown.detectable.filter(|drop| *drop > self.allowed) else {
            return String::new();
        };
        let sampled = if self.shown.method == Method::Suite {
            " with so many answers each"
        } else {
            ""
        };
        // The error shrinks with the root of the number.
        let needed = (f64::from(pairs) * (drop / self.allowed).powi(2)).ceil();
        let enough = if self.allowed > 0.0 && needed < MOST_PROMPTS {
            format!(
                "; about {needed:.0} would show one of {}",
                points(self.allowed)
            )
        } else {
            String::new()
        };
        format!(
            ": {pairs} prompts{sampled} can only show drops of about {} or more{enough}",
            points(drop)
        )
    }

    pub(super) fn unranged(&self) -> String {
        let pairs = self.comparison.pairs;
        format!(
            "{}; {pairs} answered {} no range",
            self.moved(),
            if pairs == 1 {
                "pair gives"
            } else {
                "pairs give"
            }
        )
    }
}

fn short(commit: &str) -> String {
    commit.chars().take(7).collect()
}
