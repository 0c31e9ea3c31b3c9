//! Counting what is different. The standard library's sets resist texts that were made to fill one bucket, at ten times
//! the cost; here texts are short, and such a text costs its own run a second at most.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// A set of things of which only the number is asked.
pub(super) type Distinct<T> = HashSet<T, BuildHasherDefault<Mixed>>;

/// Eight bytes at a time, turned and multiplied.
#[derive(Default)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut eight = [0; 8];
            eight
                .iter_mut()
                .zip(part)
                .for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(eight));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}
