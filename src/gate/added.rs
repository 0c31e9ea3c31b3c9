//! The cases that only a pull request has: how many of them are asked, so that nobody can spend with them.

use std::sync::Arc;

use crate::suite::{Case, Suite};

/// So many are asked of a small suite; of a larger one as many as it has itself.
const MOST_CASES: usize = 50;

/// Bytes that they may ask with where the suite itself has less.
const MOST_BYTES: usize = 256 * 1024;

/// Cases that only the pull request has.
#[derive(Debug, Clone)]
pub struct Added {
    suite: Suite,
    places: Vec<usize>,
}

impl Added {
    /// Those of the pull request's suite, given with their places in it, that are asked beside the suite that decides;
    /// and how many are not.
    pub(super) fn beside(
        decides: &Suite,
        theirs: &Suite,
        places: &[usize],
    ) -> Result<(Option<Self>, usize), String> {
        let most = places.len().min(MOST_CASES.max(decides.len()));
        let mut taken = Vec::with_capacity(most);
        let (mut bytes, mut room) = (0_usize, MOST_BYTES);
        for place in places.iter().take(most) {
            bytes = bytes.saturating_add(length(&*theirs.case(*place)?));
            if bytes > room {
                room = room.max(length_of_all(decides)?);
            }
            if bytes > room {
                break;
            }
            taken.push(*place);
        }
        let left_out = places.len() - taken.len();
        let suite = theirs.clone();
        let added = (!taken.is_empty()).then_some(Self {
            suite,
            places: taken,
        });
        Ok((added, left_out))
    }

    pub(super) const fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn case(&self, place: usize) -> Result<Arc<Case>, String> {
        let in_suite = self.places.get(place).copied().unwrap_or(usize::MAX);
        self.suite.case(in_suite)
    }
}

fn length_of_all(suite: &Suite) -> Result<usize, String> {
    let mut sum = 0_usize;
    for place in 0..suite.len() {
        sum = sum.saturating_add(length(&*suite.case(place)?));
    }
    Ok(sum)
}

fn length(case: &Case) -> usize {
    case.messages.iter().map(|one| one.content.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    fn suite(cases: impl Iterator<Item = String>) -> Suite {
        let lines = cases
            .enumerate()
            .map(|(id, prompt)| format!("  - {{id: c{id}, prompt: {prompt}}}\n"));
        let text = format!("cases:\n{}", lines.collect::<String>());
        let file = suite::read("s.yaml", text.as_bytes()).unwrap();
        file.finish(None).unwrap()
    }

    fn asked(own: usize, theirs: &[usize]) -> (usize, usize) {
        let own = suite((0..own).map(|_| "p".to_owned()));
        let theirs = suite(theirs.iter().map(|length| "p".repeat(*length)));
        let places: Vec<usize> = (0..theirs.len()).collect();
        let (added, left_out) = Added::beside(&own, &theirs, &places).unwrap();
        (added.map_or(0, |added| added.len()), left_out)
    }

    #[test]
    fn as_many_are_asked_as_the_suite_has_or_fifty() {
        assert_eq!(asked(3, &[1; 50]), (50, 0));
        assert_eq!(asked(3, &[1; 51]), (50, 1));
        assert_eq!(asked(60, &[1; 70]), (60, 10));
    }

    #[test]
    fn a_case_that_is_a_book_is_not_asked() {
        assert_eq!(asked(3, &[100_000, 100_000, 100_000]), (2, 1));
        assert_eq!(asked(3, &[300_000, 1]), (0, 2));
    }
}
