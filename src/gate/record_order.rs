//! Which of stored records is the newer: one rule for what a run is held against and for what people are shown.
//!
//! Of two records of one commit that workflows stored, the later run, then the later attempt. A run on a laptop has no
//! number: then the time decides at which the record was made.

use std::collections::BTreeMap;

use super::record_name::{commit_of, run_and_attempt};

/// A record's path, and the time at which it was made; times may be left out where all of a commit have numbers.
pub(super) type Made<'a> = (&'a str, &'a str);

/// By what records are ordered that do not say themselves which is the later: time, run, attempt, path.
type Age = (String, Option<(u64, u64)>, String);

/// Puts the newest record last. Records of different commits follow each other by their times.
pub(super) fn newest_last<T>(records: Vec<T>, made: fn(&T) -> Made<'_>) -> Vec<T> {
    let mut rows: BTreeMap<(String, bool), Vec<(Age, T)>> = BTreeMap::new();
    for record in records {
        let (path, created) = made(&record);
        let number = run_and_attempt(path);
        let commit = commit_of(path).unwrap_or_default().to_owned();
        let age = (created.to_owned(), number, path.to_owned());
        let row = rows.entry((commit, number.is_some())).or_default();
        row.push((age, record));
    }
    let mut all = Vec::new();
    for row in rows.values_mut() {
        row.sort_by(|(one, _), (other, _)| one.1.cmp(&other.1).then_with(|| one.cmp(other)));
        // A run that was started first may end last. Its successor is no older all the same, whatever the clock says.
        let mut reached = Age::default();
        for (age, record) in row.drain(..) {
            reached = reached.max(age);
            all.push((reached.clone(), record));
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.into_iter().map(|(_, record)| record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: [&str; 3] = [
        "2026-01-05T00:00:05Z",
        "2026-01-05T00:00:06Z",
        "2026-01-05T00:00:07Z",
    ];

    #[track_caller]
    fn in_order(expected: &[Made<'static>]) {
        for turned in 0..expected.len() {
            let mut records = expected.to_vec();
            records.rotate_left(turned);
            assert_eq!(newest_last(records, |record| *record), expected);
        }
    }

    #[test]
    fn of_two_numbered_records_of_a_commit_the_later_run_is_the_newer_whichever_ended_first() {
        in_order(&[("aa-9-2.json", AT[2]), ("aa-10-1.json", AT[0])]);
        in_order(&[("aa-9-1.json", AT[1]), ("aa-9-2.json", AT[0])]);
    }

    #[test]
    fn a_record_without_a_number_is_as_new_as_its_time() {
        in_order(&[("aa-local-1.json", AT[0]), ("aa-9-1.json", AT[1])]);
        in_order(&[("aa-9-1.json", AT[0]), ("aa-local-1.json", AT[1])]);
    }

    #[test]
    fn where_numbers_and_times_contradict_each_other_there_is_an_order_all_the_same() {
        in_order(&[
            ("aa-local-1.json", AT[1]),
            ("aa-9-1.json", AT[2]),
            ("aa-10-1.json", AT[0]),
        ]);
    }

    #[test]
    fn records_of_different_commits_follow_their_times_and_in_one_second_their_runs() {
        in_order(&[
            ("ff-99-1.json", AT[0]),
            ("cc-99-2.json", AT[0]),
            ("aa-100-1.json", AT[0]),
            ("bb-7-1.json", AT[1]),
        ]);
        in_order(&[("aa-local-1.json", AT[0]), ("bb-local-1.json", AT[0])]);
    }
}
