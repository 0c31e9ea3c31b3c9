//! Rows that are nearly the same as an earlier one. Decides which rows are; not what is compared of a row (the caller
//! hands its words), nor which rows are exactly the same (the caller hands in one of those).
//!
//! Two rows are near duplicates when at least 80 % of the runs of three words that stand in either stand in both
//! (Jaccard), as estimated from a 32-byte sketch of each. Three words, because longer runs make a moved sentence or a
//! changed word count for more than they are: with one word of sixty changed, 90 % of the runs of three stay and 84 %
//! of the runs of five. At 80 % two rows that share a template, but not what stands in it, are apart: with 60 % of the
//! words in common they share at most 43 %. Text that all rows share (a system prompt) makes all rows alike and is
//! better not handed in.
//!
//! Memory is 32 bytes a row, 4 more and about 8 MiB while rows are compared at the end.
//!
//! The estimate is off by ±0.05 (one standard deviation) at the threshold and by less above it. `sketch` makes
//! sketches, `groups` finds the rows to compare.

mod groups;
mod sketch;

use self::groups::Sketches;
use self::sketch::Sketcher;

/// Rows that are compared; later ones are counted. 128 MiB of sketches.
const MOST: usize = 4_000_000;

/// A row that was never named: the rows of a file are fewer.
const NONE: u32 = u32::MAX;

/// Reads rows, one after the other.
#[derive(Debug)]
pub(super) struct Near {
    sketcher: Sketcher,
    sketches: Sketches,
    places: Places,
    /// The number of the next row.
    row: u64,
    beyond: u64,
    most: usize,
}

impl Default for Near {
    fn default() -> Self {
        Self::new()
    }
}

impl Near {
    /// No row read yet.
    pub(super) fn new() -> Self {
        Self::with_most(MOST)
    }

    fn with_most(most: usize) -> Self {
        Self {
            sketcher: Sketcher::default(),
            sketches: Sketches::default(),
            places: Places::default(),
            row: 0,
            beyond: 0,
            most,
        }
    }

    /// Reads the words of the next row. One with fewer than eight different runs of three is not compared.
    pub(super) fn add(&mut self, words: impl Iterator<Item = u64>) {
        if self.sketches.len() >= self.most || self.row >= u64::from(NONE) {
            self.beyond += 1;
        } else if let Some(sketch) = self.sketcher.sketch(words) {
            self.places.add(self.row, self.sketches.len());
            self.sketches.add(sketch);
        }
        self.row += 1;
    }

    /// Compares the rows; sketches are given back to the system.
    pub(super) fn finish(self) -> Groups {
        Groups {
            first: self.sketches.earliest(),
            places: self.places,
            beyond: self.beyond,
        }
    }
}

/// Which rows are nearly the same as an earlier one.
#[derive(Debug)]
pub(super) struct Groups {
    /// For each compared row the earliest like it, as numbers of sketches.
    first: Vec<u32>,
    places: Places,
    beyond: u64,
}

impl Groups {
    /// Each row that is nearly the same as an earlier one, in order, with the earliest such row. That row may itself
    /// be like a still earlier one.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let numbered = (0_u32..).zip(&self.first);
        let like = numbered.filter(|(_, first)| **first != NONE);
        like.map(|(sketch, first)| (self.places.row(sketch), self.places.row(*first)))
    }

    /// How many rows were not compared because four million had been kept before.
    pub(super) const fn not_compared(&self) -> u64 {
        self.beyond
    }
}

/// The row of each sketch, as the stretches in which both count on together: rows too short to be compared lie between
/// them.
#[derive(Debug, Default)]
struct Places {
    /// The first row and the first sketch of each stretch.
    stretches: Vec<(u32, u32)>,
}

impl Places {
    fn add(&mut self, row: u64, sketch: usize) {
        let (Ok(row), Ok(sketch)) = (u32::try_from(row), u32::try_from(sketch)) else {
            return;
        };
        let goes_on = |(first, from): &(u32, u32)| row - first == sketch - from;
        if !self.stretches.last().is_some_and(goes_on) {
            self.stretches.push((row, sketch));
        }
    }

    fn row(&self, sketch: u32) -> u64 {
        let after = self.stretches.partition_point(|(_, from)| *from <= sketch);
        let stretch = after.checked_sub(1).and_then(|at| self.stretches.get(at));
        stretch.map_or(0, |(row, from)| u64::from(*row) + u64::from(sketch - from))
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::{Groups, Near};

    /// Numbers without order, always the same.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
        }

        fn text(&mut self, length: usize) -> Vec<u64> {
            (0..length).map(|_| self.roll()).collect()
        }
    }

    fn compared(rows: &[Vec<u64>]) -> Groups {
        let mut near = Near::new();
        for row in rows {
            near.add(row.iter().copied());
        }
        near.finish()
    }

    /// How many of a hundred rows are found to be like what an edit makes of them.
    fn found(length: usize, edit: impl Fn(&mut Dice, &[u64]) -> Vec<u64>) -> usize {
        let mut dice = Dice(1 + length as u64);
        let mut rows: Vec<_> = (0..100).map(|_| dice.text(length)).collect();
        for row in 0..100 {
            let edited = edit(&mut dice, &rows[row]);
            rows.push(edited);
        }
        let groups = compared(&rows);
        for (row, first) in groups.iter() {
            assert_eq!(row, first + 100);
        }
        groups.iter().count()
    }

    #[test]
    fn a_changed_word_of_sixty_is_found() {
        let changed = |dice: &mut Dice, row: &[u64]| {
            let mut row = row.to_vec();
            row[31] = dice.roll();
            row
        };
        assert!(found(60, changed) >= 97);
    }

    #[test]
    fn a_short_sentence_more_is_found() {
        let longer = |dice: &mut Dice, row: &[u64]| [row, &dice.text(6)].concat();
        assert!(found(60, longer) >= 97);
    }

    #[test]
    fn two_exchanged_sentences_of_many_are_found() {
        let exchanged = |_: &mut Dice, row: &[u64]| {
            let mut sentences: Vec<&[u64]> = row.chunks(15).collect();
            sentences.swap(0, 6);
            sentences.concat()
        };
        assert!(found(120, exchanged) >= 97);
    }

    #[test]
    fn rows_of_one_template_with_other_content_are_not() {
        let mut dice = Dice(3);
        let template = dice.text(60);
        let rows: Vec<_> = (0..3000)
            .map(|_| [template.clone(), dice.text(40)].concat())
            .collect();
        assert_eq!(compared(&rows).iter().count(), 0);
    }

    #[test]
    fn the_earliest_row_is_named_and_rows_that_are_too_short_count() {
        let mut near = Near::new();
        let text =
            "How do I move a board to another workspace without losing the comments on its cards";
        near.add(words("Hi there!"));
        near.add(words(
            "An unrelated row about invoices that come twice a month and go to the wrong address",
        ));
        near.add(words(text));
        near.add(words("Hi there!"));
        near.add(words(text).chain(words("please")));
        near.add(words("Hi there!"));
        near.add(words(&text.to_uppercase()));
        let found: Vec<_> = near.finish().iter().collect();
        assert_eq!(found, [(4, 2), (6, 2)]);
    }

    #[test]
    fn short_rows_are_not_compared() {
        let mut near = Near::new();
        for _ in 0..3 {
            near.add(words("How do I reset my password?"));
            near.add(words("one two three four five six seven eight nine"));
            near.add(words("no ".repeat(500).as_str()));
            near.add(std::iter::empty());
        }
        assert_eq!(near.finish().iter().count(), 0);
    }

    #[test]
    fn ten_words_are_compared() {
        let text = "one two three four five six seven eight nine ten";
        let mut near = Near::new();
        near.add(words(text));
        near.add(words(text));
        assert_eq!(near.finish().iter().collect::<Vec<_>>(), [(1, 0)]);
    }

    #[test]
    fn rows_beyond_the_most_are_counted() {
        let mut near = Near::with_most(2);
        let mut dice = Dice(5);
        let row = dice.text(30);
        for _ in 0..5 {
            near.add(row.iter().copied());
        }
        let groups = near.finish();
        assert_eq!(groups.not_compared(), 3);
        assert_eq!(groups.iter().collect::<Vec<_>>(), [(1, 0)]);
    }

    #[test]
    fn very_many_rows_alike_take_no_square_of_time() {
        let mut dice = Dice(7);
        let base = dice.text(60);
        let rows: Vec<_> = (0..30_000)
            .map(|row| {
                let mut base = base.clone();
                base[row % 60] = dice.roll();
                base
            })
            .collect();
        let found = compared(&rows).iter().count();
        assert!(found > 29_900, "{found}");
    }

    #[test]
    fn nothing_read_is_nothing_found() {
        assert_eq!(Near::default().finish().iter().count(), 0);
    }

    #[test]
    fn a_hostile_row_is_read_to_its_end() {
        let mut near = Near::new();
        let few: Vec<u64> = (0..200_000).map(|at| at % 11).collect();
        near.add(few.iter().copied());
        near.add(few.iter().copied());
        near.add(std::iter::repeat_n(0, 200_000));
        assert_eq!(near.finish().iter().collect::<Vec<_>>(), [(1, 0)]);
    }
}
