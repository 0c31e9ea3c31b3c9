//! A row's sketch: 64 numbers of four bits, of which two rows share as many as their sets of word runs overlap.
//! Decides nothing; `groups` compares.
//!
//! One-permutation `MinHash`: every run of three words falls into one of 64 bins by its hash, each bin keeps its
//! lowest. Bins that stay empty are filled by further rounds of the same with other hashes, lower rounds before higher
//! ones, so that short rows are estimated as well as long ones ("Fast Similarity Sketching", Dahlgaard, Knudsen and
//! Thorup, 2017). Of each lowest hash four bits are kept: two different ones agree once in sixteen times, which
//! `alike` subtracts.

use super::super::words::mixed;

/// 64 numbers of four bits.
pub(super) type Sketch = [u64; 4];

/// Bins of a sketch.
const BINS: usize = 64;

/// Runs of words that a row needs to be compared, all and in different bins.
const FEWEST_RUNS: usize = 8;
const FEWEST_BINS: u32 = 6;

/// Runs that are kept for further rounds. A row with more different ones leaves a bin empty once in a hundred thousand
/// rows.
const KEPT: usize = 1024;

/// Rounds after which an empty bin takes the lowest hash of all runs.
const ROUNDS: u64 = 64;

/// Bins that two sketches must share: (52 / 64 − 1 / 16) / (15 / 16) = 0.8.
const ALIKE: u32 = 52;

const MIX: u64 = 0xa076_1d64_78bd_642f;
const ROUND: u64 = 0xe703_7ed1_a0b4_28db;

/// Makes sketches; keeps its memory between rows.
#[derive(Debug)]
pub(super) struct Sketcher {
    lowest: [u64; BINS],
    runs: Vec<u64>,
}

impl Default for Sketcher {
    fn default() -> Self {
        Self {
            lowest: [u64::MAX; BINS],
            runs: Vec::with_capacity(KEPT),
        }
    }
}

impl Sketcher {
    /// The sketch of a row; `None` where it is too short.
    pub(super) fn sketch(&mut self, words: impl Iterator<Item = u64>) -> Option<Sketch> {
        self.lowest = [u64::MAX; BINS];
        self.runs.clear();
        if self.first_round(words) < FEWEST_RUNS {
            return None;
        }
        let mut filled = self.filled();
        if filled.count_ones() < FEWEST_BINS {
            return None;
        }
        // Far more runs than bins: most are repeated and would only cost time.
        if self.runs.len() > 4 * filled.count_ones() as usize {
            self.runs.sort_unstable();
            self.runs.dedup();
        }
        for round in 1..=ROUNDS {
            if filled == u64::MAX {
                break;
            }
            self.fill(filled, round);
            filled = self.filled();
        }
        self.fill_rest();
        Some(self.packed())
    }

    /// Puts each run of words where its hash says; tells how many there are.
    fn first_round(&mut self, words: impl Iterator<Item = u64>) -> usize {
        let (mut before, mut last, mut count) = (0, 0, 0_usize);
        for word in words {
            let run = mixed(
                before ^ u64::rotate_left(last, 21) ^ word.rotate_left(42),
                MIX,
            );
            (before, last) = (last, word);
            count = count.saturating_add(1);
            if count > 2 {
                self.put(run);
                if self.runs.len() < KEPT {
                    self.runs.push(run);
                }
            }
        }
        count.saturating_sub(2)
    }

    fn put(&mut self, hash: u64) {
        if let Some(lowest) = self.lowest.get_mut(bin(hash)) {
            *lowest = (*lowest).min(value(hash));
        }
    }

    /// The bins that hold something, as bits.
    fn filled(&self) -> u64 {
        let bit = |sum: u64, lowest: &u64| sum << 1 | u64::from(*lowest != u64::MAX);
        self.lowest.iter().rev().fold(0, bit)
    }

    /// Fills bins that are empty, as far as this round's hashes reach them.
    fn fill(&mut self, filled: u64, round: u64) {
        let seed = round.wrapping_mul(ROUND);
        for at in 0..self.runs.len() {
            let hash = self.runs.get(at).map_or(0, |run| mixed(run ^ seed, MIX));
            if filled >> bin(hash) & 1 == 0 {
                self.put(hash);
            }
        }
    }

    fn fill_rest(&mut self) {
        for (seed, lowest) in (ROUNDS + 1..).zip(&mut self.lowest) {
            if *lowest == u64::MAX {
                let hashes = self
                    .runs
                    .iter()
                    .map(|run| value(mixed(run ^ seed.wrapping_mul(ROUND), MIX)));
                *lowest = hashes.min().unwrap_or(0);
            }
        }
    }

    fn packed(&self) -> Sketch {
        let mut sketch = [0; 4];
        for (packed, sixteen) in sketch.iter_mut().zip(self.lowest.chunks(16)) {
            *packed = sixteen
                .iter()
                .rev()
                .fold(0, |sum, lowest| sum << 4 | lowest & 15);
        }
        sketch
    }
}

/// The upper six bits choose the bin.
const fn bin(hash: u64) -> usize {
    (hash >> 58) as usize
}

/// The others are the value.
const fn value(hash: u64) -> u64 {
    hash & (u64::MAX >> 6)
}

/// Whether two sketches say that four fifths of the runs are the same.
pub(super) fn alike(one: &Sketch, other: &Sketch) -> bool {
    let different: u32 = one
        .iter()
        .zip(other)
        .map(|(one, other)| {
            let bits = one ^ other;
            let any = bits | bits >> 1 | bits >> 2 | bits >> 3;
            (any & 0x1111_1111_1111_1111).count_ones()
        })
        .sum();
    different <= 64 - ALIKE
}

#[cfg(test)]
mod tests {
    use super::{Sketcher, alike};

    #[test]
    fn sketches_never_change() {
        let sketch = Sketcher::default().sketch(0..40);
        assert_eq!(
            sketch,
            Some([
                0x0dd4_6aff_6880_979a,
                0x75cc_e51f_2053_e424,
                0x9f4a_b6ba_8e99_2e84,
                0x742d_d160_affa_267d,
            ])
        );
    }

    #[test]
    fn every_bin_is_filled_whatever_the_length() {
        let mut sketcher = Sketcher::default();
        for length in 10..1500 {
            let start = length * 10_000;
            let one = sketcher.sketch(start..start + length);
            let same = Sketcher::default().sketch(start..start + length);
            assert!(one.is_some() && one == same, "{length} words");
            assert!(!sketcher.lowest.contains(&u64::MAX));
        }
    }

    #[test]
    fn twelve_different_bins_are_alike_and_thirteen_are_not() {
        let one = [0; 4];
        let other = |bins: u32| {
            [
                0,
                0,
                (0..bins).fold(0, |sum, bin| sum | 1 << (4 * bin + bin % 4)),
                0,
            ]
        };
        assert!(alike(&one, &other(12)));
        assert!(!alike(&one, &other(13)));
    }
}
