//! The exact test that asks nothing of the shape of the changes but that up is as likely as down.

use super::{count, sum};

/// The ways double with each change; up to so many they are counted.
const MOST: usize = 20;
const SLACK: f64 = 1e-9;

/// The chance of a sum as low as that of these changes if each could as well have gone the other way: over all ways to
/// choose signs (R. A. Fisher, "The Design of Experiments", 1935). `None` for more than 20 changes.
pub fn sign_flip(changes: &[f64]) -> Option<f64> {
    if changes.is_empty() || changes.len() > MOST {
        return None;
    }
    let observed = sum(changes.iter().copied());
    // Every way is one of the first half beside one of the second: sorted, they are counted without being formed.
    let (first, second) = changes.split_at(changes.len() / 2);
    let (first, mut second) = (sums(first), sums(second));
    second.reverse();
    let mut beyond = second.iter().copied().peekable();
    let mut left = second.len();
    let mut lower = 0;
    for one in &first {
        while beyond
            .next_if(|other| one + other > observed + SLACK)
            .is_some()
        {
            left -= 1;
        }
        lower += left;
    }
    Some(count(lower) / count(first.len() * second.len()))
}

/// The sums of all ways to choose signs, ascending.
fn sums(changes: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for change in changes {
        let size = change.abs();
        sums = sums
            .iter()
            .flat_map(|sum| [sum - size, sum + size])
            .collect();
    }
    sums.sort_by(f64::total_cmp);
    sums
}
