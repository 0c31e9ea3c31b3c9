//! The scale of ratings, and where a rating stands on 0 to 10.

/// The lowest and the highest grade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
}

/// The end of the scale of scores.
pub(super) const MOST: f64 = 10.0;

impl Scale {
    /// A scale from one grade to another, or why there is none.
    pub fn new(low: f64, high: f64) -> Result<Self, String> {
        if low.is_finite() && high.is_finite() && low < high {
            return Ok(Self { low, high });
        }
        Err(format!(
            "a scale goes from its lowest to its highest grade, as in 1:5; found {low}:{high}"
        ))
    }

    /// The scale that is written as `1:5`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let ends = text.split_once(':').and_then(|(low, high)| {
            let end = |text: &str| text.trim().parse::<f64>().ok();
            Some((end(low)?, end(high)?))
        });
        let (low, high) = ends.ok_or("a scale is written as LOWEST:HIGHEST, as in 1:5")?;
        Self::new(low, high)
    }

    /// Where a rating stands on 0 to 10, or why it does not belong to this scale.
    pub(super) fn points(self, rating: f64) -> Result<f64, String> {
        if (self.low..=self.high).contains(&rating) {
            return Ok((rating - self.low) / (self.high - self.low) * MOST);
        }
        Err(format!(
            "{rating} is not on the scale from {} to {}",
            self.low, self.high
        ))
    }

    /// The distance of two neighbouring grades on 0 to 10: a whole grade of the scale, a tenth of a scale that is shorter
    /// than two.
    pub(super) fn step(self) -> f64 {
        let span = self.high - self.low;
        if span < 2.0 { MOST / 10.0 } else { MOST / span }
    }
}

/// The grade next to a value on 0 to 10; from the middle between two, the higher one.
pub(super) fn graded(value: f64, step: f64) -> f64 {
    // The slack takes 2.4999… for the 2.5 that it is meant to be.
    ((value / step + 0.5 + 1e-9).floor() * step).clamp(0.0, MOST)
}
