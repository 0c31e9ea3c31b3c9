//! The distinct rows that were seen, found again by what they are: some twenty bytes a row, however long it is.

use hashbrown::HashTable;

use super::finding::Age;
use super::identity::{Identity, RowId};

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its file, by number.
    pub(super) file: u32,
    /// Its line, from 1.
    pub(super) line: u32,
}

/// The number of a distinct row, in the order in which they were seen.
pub(super) type Number = u32;

/// Distinct rows.
#[derive(Debug, Default)]
pub(super) struct Known {
    rows: HashTable<Number>,
    prompts: HashTable<Number>,
    ids: Vec<RowId>,
    asked: Vec<u64>,
    places: Vec<Place>,
    /// Which of them the change adds or alters.
    new: Vec<bool>,
    /// The file in which each was seen last.
    last_file: Vec<u32>,
}

/// What is known of a row that comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The same row stands there.
    Before(Number),
    /// It is new; the same was asked there, and answered otherwise.
    Conflicts(Number),
    /// Nothing like it was seen.
    First,
}

impl Known {
    /// The number of a row that was seen.
    pub(super) fn find(&self, row: RowId) -> Option<Number> {
        let same = |number: &Number| self.id(*number) == Some(row);
        self.rows.find(row.short(), same).copied()
    }

    /// Takes a row in, if it is distinct.
    pub(super) fn insert(&mut self, identity: Identity, place: Place, age: Age) -> Seen {
        if let Some(number) = self.find(identity.row) {
            return Seen::Before(number);
        }
        let Ok(number) = Number::try_from(self.ids.len()) else {
            // Four billion distinct rows: the rest counts as distinct and is not remembered.
            return Seen::First;
        };
        let ids = &self.ids;
        let hash = |number: &Number| short(ids, *number);
        self.rows.insert_unique(identity.row.short(), number, hash);
        self.ids.push(identity.row);
        self.places.push(place);
        self.last_file.push(place.file);
        self.new.push(age == Age::New);
        let prompt = identity.prompt.short();
        self.asked.push(prompt);
        let asked = &self.asked;
        let of = |number: &Number| {
            usize::try_from(*number)
                .ok()
                .and_then(|at| asked.get(at))
                .copied()
        };
        if let Some(other) = self
            .prompts
            .find(prompt, |number| of(number) == Some(prompt))
        {
            return Seen::Conflicts(*other);
        }
        self.prompts
            .insert_unique(prompt, number, |number| of(number).unwrap_or_default());
        Seen::First
    }

    /// Notes that a row stands in this file too; true the first time.
    pub(super) fn first_in(&mut self, number: Number, file: u32) -> bool {
        let last = usize::try_from(number)
            .ok()
            .and_then(|at| self.last_file.get_mut(at));
        last.is_some_and(|last| std::mem::replace(last, file) != file)
    }

    /// Where a row stands and whether it is new.
    pub(super) fn place(&self, number: Number) -> Option<(Place, Age)> {
        let at = usize::try_from(number).ok()?;
        let age = if *self.new.get(at)? {
            Age::New
        } else {
            Age::Old
        };
        Some((*self.places.get(at)?, age))
    }

    /// The number of the row that was taken in last.
    pub(super) fn last(&self) -> Number {
        Number::try_from(self.ids.len().saturating_sub(1)).unwrap_or(Number::MAX)
    }

    fn id(&self, number: Number) -> Option<RowId> {
        self.ids.get(usize::try_from(number).ok()?).copied()
    }
}

fn short(ids: &[RowId], number: Number) -> u64 {
    let id = usize::try_from(number).ok().and_then(|at| ids.get(at));
    id.map_or(0, |id| id.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(row: &str, prompt: &str) -> Identity {
        Identity {
            row: RowId::of_broken(row.as_bytes()),
            prompt: RowId::of_broken(prompt.as_bytes()),
        }
    }

    #[test]
    fn a_row_is_known_by_its_value_and_a_question_by_its_first_answer() {
        let mut known = Known::default();
        let at = |line| Place { file: 0, line };
        assert_eq!(
            known.insert(identity("a", "p"), at(1), Age::Old),
            Seen::First
        );
        assert_eq!(
            known.insert(identity("b", "q"), at(2), Age::New),
            Seen::First
        );
        assert_eq!(
            known.insert(identity("a", "p"), at(3), Age::New),
            Seen::Before(0)
        );
        assert_eq!(
            known.insert(identity("c", "p"), at(4), Age::New),
            Seen::Conflicts(0)
        );
        assert_eq!(known.place(0), Some((at(1), Age::Old)));
        assert_eq!(
            [0, 1, 1].map(|file| known.first_in(0, file)),
            [false, true, false]
        );
        assert_eq!(known.place(2), Some((at(4), Age::New)));
        assert_eq!(known.find(RowId::of_broken(b"c")), Some(2));
        assert_eq!(known.find(RowId::of_broken(b"d")), None);
        for number in 0..5_000 {
            let name = number.to_string();
            assert_eq!(
                known.insert(identity(&name, &name), at(9), Age::New),
                Seen::First
            );
        }
        assert_eq!(known.find(RowId::of_broken(b"4999")), Some(5_002));
    }
}
