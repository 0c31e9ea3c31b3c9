//! Answers that are right or wrong: shares, and what flipped between two models.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::{Bounds, count, normal_quantile};

/// The plausible range of a share of which `hits` of `all` were seen, 0 to 1; each of its bounds is wrong with the chance
/// `alpha` (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
/// American Statistical Association 22, 1927).
pub fn wilson(hits: usize, all: usize, alpha: f64) -> Option<Bounds> {
    if all == 0 || hits > all {
        return None;
    }
    let mut bounds = wilson_of_share(count(hits) / count(all), all, alpha)?;
    if hits == 0 {
        bounds.lower = 0.0;
    }
    if hits == all {
        bounds.upper = 1.0;
    }
    Some(bounds)
}

/// The same of a share in which some count half.
pub fn wilson_of_share(share: f64, all: usize, alpha: f64) -> Option<Bounds> {
    if all == 0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let n = count(all);
    let z = normal_quantile(1.0 - alpha)?;
    let square = z * z;
    let middle = (share + square / (2.0 * n)) / (1.0 + square / n);
    let half = z / (1.0 + square / n) * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    Some(Bounds {
        lower: (middle - half).max(0.0),
        upper: (middle + half).min(1.0),
    })
}

/// How two models did on the same cases, each right or wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flips {
    /// Both right.
    pub both: usize,
    /// Right before, wrong now.
    pub lost: usize,
    /// Wrong before, right now.
    pub won: usize,
    /// Both wrong.
    pub neither: usize,
}

impl Flips {
    fn all(self) -> usize {
        self.both + self.lost + self.won + self.neither
    }

    /// The chance that so many or more of the cases that flipped got worse if either way were as likely: McNemar's test,
    /// exact and one-sided (Q. McNemar, "Note on the sampling error of the difference between correlated proportions",
    /// Psychometrika 12, 1947). 1 where nothing flipped.
    pub fn chance(self) -> Option<f64> {
        let flipped = self.lost + self.won;
        let Some(fewer) = self.lost.checked_sub(1) else {
            return Some(1.0);
        };
        let binomial = Binomial::new(0.5, u64::try_from(flipped).ok()?).ok()?;
        Some(1.0 - binomial.cdf(u64::try_from(fewer).ok()?))
    }

    /// The plausible range of the change of the share of right answers, −1 to 1; each of its bounds is wrong with the
    /// chance `alpha` (R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions
    /// based on paired data", Statistics in Medicine 17, 1998, method 10).
    pub fn bounds(self, alpha: f64) -> Option<Bounds> {
        let (all, before, now) = (self.all(), self.both + self.lost, self.both + self.won);
        let (old, new) = (wilson(before, all, alpha)?, wilson(now, all, alpha)?);
        let n = count(all);
        let (then, since) = (count(before) / n, count(now) / n);
        let phi = self.correlation();
        let half = |one: f64, other: f64| {
            let square = one.powi(2) - 2.0 * phi * one * other + other.powi(2);
            square.max(0.0).sqrt()
        };
        let change = since - then;
        Some(Bounds {
            lower: change - half(since - new.lower, old.upper - then),
            upper: change + half(new.upper - since, then - old.lower),
        })
    }

    /// Of the two sides, corrected for continuity.
    fn correlation(self) -> f64 {
        let [both, lost, won, neither] = [self.both, self.lost, self.won, self.neither].map(count);
        let margins = (both + lost) * (won + neither) * (both + won) * (lost + neither);
        if margins <= 0.0 {
            return 0.0;
        }
        let cross = both * neither - lost * won;
        let corrected = if cross > 0.0 {
            (cross - count(self.all()) / 2.0).max(0.0)
        } else {
            cross
        };
        corrected / margins.sqrt()
    }
}

#[cfg(test)]
mod tests;
