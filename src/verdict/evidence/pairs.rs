//! What paired cases show of a change.

use std::collections::HashMap;

use super::units::{is_right, right_or_wrong, units};
use super::{RIGHT, Shown, Terms};
use crate::record::{CaseRecord, Comparison, Method, PairedCase, Spread};
use crate::score::{Dimension, Mean};
use crate::stats::{self, Bounds, Estimate, Flips, Repeated};
use crate::suite::CaseId;

/// Answers that each side needs to a case before the spread between them is believed.
const REPEATS: u32 = 3;

/// What pairs show; `cases` are those of the new side, in the order of their ids.
pub(super) fn compared(
    cases: &[&CaseRecord],
    pairs: &[PairedCase],
    change: f64,
    terms: Terms,
) -> Shown {
    let old: HashMap<&CaseId, &PairedCase> = pairs.iter().map(|pair| (&pair.id, pair)).collect();
    let pairs: Vec<Pair<'_>> = cases
        .iter()
        .filter_map(|case| {
            let pair = old.get(&case.id)?;
            Some(Pair {
                case,
                old: pair.old,
                new: pair.new,
                spreads: pair.old_spread.zip(case.spread()),
            })
        })
        .collect();
    show(&pairs, change, terms)
}

pub(super) fn in_dimension(
    cases: &[&CaseRecord],
    comparison: &Comparison,
    dimension: &Dimension,
    terms: Terms,
) -> Option<Shown> {
    let pairs = comparison.cases.iter();
    let old: HashMap<&CaseId, &PairedCase> = pairs.map(|pair| (&pair.id, pair)).collect();
    let mut pairs = Vec::new();
    let mut change = Mean::default();
    for case in cases {
        let points = case.dimensions.get(dimension);
        let before = old
            .get(&case.id)
            .and_then(|pair| pair.old_dimensions.get(dimension));
        let Some((new, old)) = points.zip(before) else {
            continue;
        };
        change.add(new - old, case.weight);
        pairs.push(Pair {
            case,
            old,
            new,
            spreads: None,
        });
    }
    Some(show(&pairs, change.value()?, terms))
}

/// One case on both sides, with the spread of its answers where both have one.
pub(in crate::verdict) struct Pair<'a> {
    pub(in crate::verdict) case: &'a CaseRecord,
    pub(in crate::verdict) old: f64,
    pub(in crate::verdict) new: f64,
    pub(in crate::verdict) spreads: Option<(Spread, Spread)>,
}

pub(in crate::verdict) fn show(pairs: &[Pair<'_>], change: f64, terms: Terms) -> Shown {
    let Terms { alpha, by_checks } = terms;
    let changes: Vec<_> = pairs
        .iter()
        .map(|pair| (pair.case, pair.new - pair.old))
        .collect();
    let units = units(&changes);
    let weights = units.iter().fold(0.0, |sum, (_, weight)| sum + weight);
    let share = |(change, weight): &(f64, f64)| change * weight / weights;
    let shares: Vec<f64> = units.iter().map(share).collect();
    let repeats = repeats(pairs);
    let known = repeats
        .as_deref()
        .map_or_else(|| Estimate::of(&units), Estimate::of_repeats);
    let mut shown = Shown {
        method: if repeats.is_some() {
            Method::Suite
        } else {
            Method::Hall
        },
        change,
        bounds: known.and_then(|known| known.bounds(alpha)),
        p_value: known.and_then(|known| known.chance_below(0.0)),
        p_adjusted: None,
        p_sign_flip: stats::sign_flip(&shares),
        detectable: known.and_then(|known| known.detectable(alpha)),
    };
    if let Some(flips) = flips(pairs).filter(|_| by_checks) {
        let scaled = |bounds: Bounds| Bounds {
            lower: RIGHT * bounds.lower,
            upper: RIGHT * bounds.upper,
        };
        shown.method = Method::Flips;
        shown.bounds = flips.bounds(alpha).map(scaled);
        shown.p_value = flips.chance();
    }
    shown
}

/// The repeats of every case, where both sides have enough of them to every one.
fn repeats(pairs: &[Pair<'_>]) -> Option<Vec<Repeated>> {
    let one = |pair: &Pair<'_>| {
        let (old, new) = pair.spreads?;
        let enough = old.count >= REPEATS && new.count >= REPEATS;
        let side = |spread: Spread| (f64::from(spread.count), spread.variance);
        enough.then(|| Repeated {
            change: pair.new - pair.old,
            weight: pair.case.weight,
            sides: [side(old), side(new)],
        })
    };
    pairs.iter().map(one).collect()
}

/// What flipped, where every case is right or wrong on both sides and counts the same.
fn flips(pairs: &[Pair<'_>]) -> Option<Flips> {
    let new: Vec<_> = pairs.iter().map(|pair| (pair.case, pair.new)).collect();
    right_or_wrong(&new)?;
    let mut flips = Flips::default();
    for pair in pairs {
        match (is_right(pair.old)?, is_right(pair.new)?) {
            (true, true) => flips.both += 1,
            (true, false) => flips.lost += 1,
            (false, true) => flips.won += 1,
            (false, false) => flips.neither += 1,
        }
    }
    Some(flips)
}
