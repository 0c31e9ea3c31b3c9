//! Where the lines of samples stand in the journal. Nearly every case has a first sample and no other, so those are in a
//! list and only the rest in a map: with very many cases a map of all would be among the largest things in memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::edge::disk::Place;

/// The lines of samples, by the places of agent and case and the sample's index.
#[derive(Debug, Default)]
pub(super) struct Places {
    first: Vec<Vec<Option<Place>>>,
    further: HashMap<(usize, usize, u32), Place>,
}

impl Places {
    /// Where a sample's line is.
    pub(super) fn get(&self, agent: usize, case: usize, sample: u32) -> Option<Place> {
        if sample == 0 {
            return self.first.get(agent)?.get(case).copied().flatten();
        }
        self.further.get(&(agent, case, sample)).copied()
    }

    /// Notes where a sample's line is, unless that is known; says whether it was new.
    pub(super) fn note(&mut self, agent: usize, case: usize, sample: u32, place: Place) -> bool {
        if sample > 0 {
            return match self.further.entry((agent, case, sample)) {
                Entry::Vacant(free) => {
                    free.insert(place);
                    true
                }
                Entry::Occupied(_) => false,
            };
        }
        if self.first.len() <= agent {
            self.first.resize_with(agent + 1, Vec::new);
        }
        let Some(cases) = self.first.get_mut(agent) else {
            return false;
        };
        if cases.len() <= case {
            cases.resize(case + 1, None);
        }
        let Some(known) = cases.get_mut(case) else {
            return false;
        };
        let new = known.is_none();
        known.get_or_insert(place);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::disk::Journal;

    #[test]
    fn a_sample_has_the_place_that_was_noted_first() {
        let journal = Journal::in_memory();
        let place = |line: &str| journal.append(line.into()).unwrap();
        let mut places = Places::default();
        for (agent, case, sample) in [(1, 2, 0), (0, 0, 0), (1, 2, 1), (1, 2, 4)] {
            assert_eq!(places.get(agent, case, sample), None);
            let first = place("first");
            assert!(places.note(agent, case, sample, first));
            assert!(!places.note(agent, case, sample, place("second")));
            assert_eq!(places.get(agent, case, sample), Some(first));
        }
        assert_eq!(places.get(1, 1, 0), None);
    }
}
