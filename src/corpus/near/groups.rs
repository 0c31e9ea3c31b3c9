//! Finds for each sketch the earliest one like it, without comparing all with all.
//!
//! A sketch is read as ten bands of six bins. Rows that are alike by 0.8 have a band in common with 97 %, by 0.9 with
//! 99.97 %; unrelated rows hardly ever. For each band the rows are sorted by its 24 bits, and only rows that agree in
//! them are compared. Where very many agree (rows of one template), each is compared with the first eight and with the
//! eight before it, so that the work stays in proportion to the rows; a pair in between is then found through another
//! band or not at all.

use super::NONE;
use super::sketch::{Sketch, alike};

/// Sketches are kept in pieces of 2 MiB, so that growing never holds two copies.
const PIECE: usize = 1 << 16;

/// Bands of a sketch, and the bits of each.
const BANDS: u32 = 10;
const BAND_BITS: u32 = 24;

/// Keys that are sorted at a time: 8 MiB.
const SORTED: usize = 1 << 20;

/// Earlier rows that a row is compared with: as many of the first and as many of the last.
const NEIGHBOURS: usize = 8;

/// The sketches of all compared rows, in order.
#[derive(Debug, Default)]
pub(super) struct Sketches {
    pieces: Vec<Vec<Sketch>>,
    len: usize,
}

impl Sketches {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn add(&mut self, sketch: Sketch) {
        match self.pieces.last_mut().filter(|piece| piece.len() < PIECE) {
            Some(piece) => piece.push(sketch),
            None => self.pieces.push(started(sketch)),
        }
        self.len += 1;
    }

    /// For each sketch the number of the earliest one like it, or `NONE`.
    pub(super) fn earliest(&self) -> Vec<u32> {
        let mut earliest = vec![NONE; self.len];
        let mut keys = Vec::new();
        for band in 0..BANDS {
            for part in 0..self.parts() {
                self.collect(band, part, &mut keys);
                keys.sort_unstable();
                for bucket in keys.chunk_by(|one, other| one >> 32 == other >> 32) {
                    self.compare(bucket, &mut earliest);
                }
            }
        }
        earliest
    }

    /// In how many parts the keys of a band are sorted: a power of two.
    fn parts(&self) -> u64 {
        let parts = self.len.div_ceil(SORTED).next_power_of_two();
        u64::try_from(parts).map_or(1, |parts| parts.min(1 << BAND_BITS))
    }

    /// The keys of a part of a band: the band's bits above, the sketch's number below.
    fn collect(&self, band: u32, part: u64, keys: &mut Vec<u64>) {
        keys.clear();
        let shift = BAND_BITS - self.parts().trailing_zeros();
        for (number, sketch) in (0_u64..).zip(self.pieces.iter().flatten()) {
            let bits = bits(sketch, band);
            if bits >> shift == part {
                keys.push(bits << 32 | number);
            }
        }
    }

    /// Compares sketches that agree in a band with earlier ones among them.
    fn compare(&self, bucket: &[u64], earliest: &mut [u32]) {
        for (at, key) in bucket.iter().enumerate().skip(1) {
            let number = number(*key);
            let (Some(sketch), Some(best)) = (self.get(number), earliest.get_mut(number)) else {
                continue;
            };
            let first = bucket.iter().take(at.min(NEIGHBOURS));
            let last = bucket
                .iter()
                .take(at)
                .skip(at.saturating_sub(NEIGHBOURS).max(NEIGHBOURS));
            let like = first
                .chain(last)
                .map(|key| self::number(*key))
                .take_while(|earlier| u32::try_from(*earlier).is_ok_and(|earlier| earlier < *best))
                .find(|earlier| {
                    self.get(*earlier)
                        .is_some_and(|earlier| alike(earlier, sketch))
                });
            if let Some(like) = like.and_then(|like| u32::try_from(like).ok()) {
                *best = like;
            }
        }
    }

    fn get(&self, number: usize) -> Option<&Sketch> {
        self.pieces.get(number / PIECE)?.get(number % PIECE)
    }
}

fn started(sketch: Sketch) -> Vec<Sketch> {
    let mut piece = Vec::with_capacity(PIECE);
    piece.push(sketch);
    piece
}

/// The sketch's number in a key.
const fn number(key: u64) -> usize {
    (key & 0xffff_ffff) as usize
}

/// The bits of a band: six bins, which may lie in two of the four numbers.
fn bits(sketch: &Sketch, band: u32) -> u64 {
    let from = band * BAND_BITS;
    let at = |number: u32| {
        let number = usize::try_from(number)
            .ok()
            .and_then(|number| sketch.get(number));
        u128::from(number.copied().unwrap_or(0))
    };
    let pair = at(from / 64) | at(from / 64 + 1) << 64;
    #[expect(clippy::cast_possible_truncation, reason = "the mask leaves 24 bits")]
    let bits = (pair >> (from % 64)) as u64 & ((1 << BAND_BITS) - 1);
    bits
}

#[cfg(test)]
mod tests {
    use super::super::NONE;
    use super::{BANDS, Sketches, bits};

    fn earliest(sketches: &[[u64; 4]]) -> Vec<u32> {
        let mut all = Sketches::default();
        for sketch in sketches {
            all.add(*sketch);
        }
        all.earliest()
    }

    #[test]
    fn bands_are_the_bits_of_the_sketch_in_order() {
        let sketch = [
            0x0123_4567_89ab_cdef,
            0xfedc_ba98_7654_3210,
            1,
            0x0012_3456 << 24,
        ];
        assert_eq!(bits(&sketch, 0), 0x00ab_cdef);
        assert_eq!(bits(&sketch, 2), 0x0010_0123);
        assert_eq!(bits(&sketch, BANDS - 1), 0x0012_3456);
    }

    #[test]
    fn the_earliest_is_found_beyond_the_first_pieces() {
        let mut sketches: Vec<[u64; 4]> = (0..70_000_u64)
            .map(|row| {
                [1, 2, 3, 5].map(|part| (row * 4 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15))
            })
            .collect();
        sketches.push(sketches[123]);
        sketches.push(sketches[69_999]);
        let earliest = earliest(&sketches);
        assert_eq!(earliest[70_000..], [123, 69_999]);
        assert!(earliest[..70_000].iter().all(|first| *first == NONE));
    }
}
