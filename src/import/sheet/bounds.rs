//! What one import may hold: nobody's file makes the importer grow without end.

use super::{MOST_BYTES, MOST_CASES, Sheet, TOO_MUCH};
use crate::import::report::At;

impl Sheet<'_> {
    /// True where no further case is taken; asked before each one, whatever becomes of it.
    pub(in crate::import) const fn is_full(&mut self) -> bool {
        self.tried += 1;
        self.full || self.tried > 4 * MOST_CASES
    }

    /// Whether one more test may be kept beside so many; the first that may not is told.
    pub(in crate::import) fn may_keep(&mut self, at: &At, tests: usize) -> bool {
        if !self.full && tests >= MOST_CASES {
            self.end(at);
        }
        !self.full
    }

    /// Whether the text of a file may be copied once more; the first that may not is told.
    pub(in crate::import) fn may_copy(&mut self, at: &At, bytes: usize) -> bool {
        self.copied = self.copied.saturating_add(bytes);
        if !self.full && self.copied > MOST_BYTES {
            self.end(at);
        }
        !self.full
    }

    fn end(&mut self, at: &At) {
        self.full = true;
        self.lost(at, "case", TOO_MUCH);
    }
}
