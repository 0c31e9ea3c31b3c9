//! What of an agent's cases is independent of each other, and the plausible range of their mean.

use std::collections::BTreeMap;

use super::{RIGHT, Ranged, Terms};
use crate::record::{CaseRecord, Spread};
use crate::score::Mean;
use crate::stats::{self, Bounds, Estimate};

/// What is independent of each other: a case, or all cases of one cluster with their mean and their weights' sum.
pub(super) fn units(values: &[(&CaseRecord, f64)]) -> Vec<(f64, f64)> {
    let mut single = Vec::with_capacity(values.len());
    let mut clusters: BTreeMap<&str, (Mean, f64)> = BTreeMap::new();
    for (case, value) in values {
        match case.cluster.as_deref() {
            Some(cluster) => {
                let (mean, weight) = clusters.entry(cluster).or_default();
                mean.add(*value, case.weight);
                *weight += case.weight;
            }
            None => single.push((*value, case.weight)),
        }
    }
    let clusters = clusters.into_values();
    single.extend(clusters.filter_map(|(mean, weight)| Some((mean.value()?, weight))));
    single
}

pub(in crate::verdict) fn range(values: &[(&CaseRecord, f64)], terms: Terms) -> Option<Ranged> {
    let Terms { alpha, by_checks } = terms;
    let known = Estimate::of(&units(values))?;
    let bounds = match right_or_wrong(values).filter(|_| by_checks) {
        Some(right) => {
            let share = stats::wilson(right, values.len(), alpha)?;
            Bounds {
                lower: RIGHT * share.lower,
                upper: RIGHT * share.upper,
            }
        }
        None => known.bounds(alpha)?,
    };
    Some(Ranged {
        bounds,
        detectable: known.detectable(alpha),
        p_adjusted: None,
    })
}

/// How many are right, where each is either right or wrong and counts the same.
pub(super) fn right_or_wrong(values: &[(&CaseRecord, f64)]) -> Option<usize> {
    let weight = values.first()?.0.weight;
    let mut right = 0;
    for (case, value) in values {
        if case.cluster.is_some() || !same(case.weight, weight) {
            return None;
        }
        right += usize::from(is_right(*value)?);
    }
    Some(right)
}

pub(super) fn is_right(points: f64) -> Option<bool> {
    let right = same(points, RIGHT);
    (right || same(points, 0.0)).then_some(right)
}

const fn same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}

pub(super) fn spread(units: &[(f64, f64)]) -> Option<Spread> {
    let known = Estimate::of(units)?;
    let count = u32::try_from(units.len()).ok()?;
    Some(Spread {
        count,
        variance: known.error.powi(2) * f64::from(count),
    })
}
