//! Several tests at once, and one test several times.

use super::count;

/// Chances corrected for their number, in the order they came: a true null hypothesis among all of them is rejected with
/// the chance of the level, whatever the others are (S. Holm, "A simple sequentially rejective multiple test procedure",
/// Scandinavian Journal of Statistics 6, 1979).
pub fn holm(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = chances.iter().copied().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let mut adjusted = vec![1.0; chances.len()];
    let mut reached = 0.0_f64;
    for (rank, (place, chance)) in order.into_iter().enumerate() {
        reached = reached.max(chance * count(chances.len() - rank)).min(1.0);
        if let Some(slot) = adjusted.get_mut(place) {
            *slot = reached;
        }
    }
    adjusted
}

/// Of each look among so many, the chance of a wrong bound such that the chance over all of them stays 0.05 (S. J.
/// Pocock, "Group sequential methods in the design and analysis of clinical trials", Biometrika 64, 1977). With more
/// than five looks it is 0.05 divided by their number, which errs on the safe side.
pub fn pocock(looks: usize) -> f64 {
    match looks {
        0 | 1 => 0.05,
        2 => 0.030_367,
        3 => 0.023_173,
        4 => 0.019_347,
        5 => 0.016_929,
        more => 0.05 / count(more),
    }
}
