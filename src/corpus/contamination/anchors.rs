//! The runs of words that betray a text, kept so that a run which betrays none costs one look at one number. Decides
//! nothing.

use super::needles::Number;
use super::runs::Run;

/// Bits of the filter for each run: one run in sixty passes it for nothing.
const BITS: usize = 16;

/// The filter's smallest and largest size in numbers of 64 bits: 4 KiB, 8 MiB.
const SMALLEST: usize = 1 << 9;
const LARGEST: usize = 1 << 20;

/// From runs to the texts that they betray.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// Runs with the number of a text, sorted.
    all: Vec<(Run, Number)>,
    /// Two bits for each run, both in the number that its lower bits choose.
    filter: Vec<u64>,
}

impl Anchors {
    pub(super) fn of(mut all: Vec<(Run, Number)>) -> Self {
        all.sort_unstable();
        all.dedup();
        all.shrink_to_fit();
        let size = (all.len().saturating_mul(BITS) / 64).next_power_of_two();
        let mut filter = vec![0; size.clamp(SMALLEST, LARGEST)];
        for (run, _) in &all {
            let at = slot(&filter, *run);
            if let Some(number) = filter.get_mut(at) {
                *number |= bits(*run);
            }
        }
        Self { all, filter }
    }

    /// Whether the run may betray a text.
    #[inline]
    pub(super) fn may_hold(&self, run: Run) -> bool {
        let bits = bits(run);
        let number = self.filter.get(slot(&self.filter, run));
        number.is_some_and(|number| number & bits == bits)
    }

    /// The texts that a run betrays.
    pub(super) fn numbers(&self, run: Run) -> impl Iterator<Item = Number> {
        let from = self.all.partition_point(|(other, _)| *other < run);
        let rest = self.all.iter().skip(from);
        rest.take_while(move |(other, _)| *other == run)
            .map(|(_, number)| *number)
    }
}

#[inline]
const fn slot(filter: &[u64], run: Run) -> usize {
    // The length is a power of two.
    run as usize & filter.len().wrapping_sub(1)
}

#[inline]
const fn bits(run: Run) -> u64 {
    1 << (run >> 26) | 1 << (run >> 20 & 63)
}
