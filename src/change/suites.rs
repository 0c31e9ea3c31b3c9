//! How a suite differs between two sides, case by case. A case is the same when what is asked and what is expected of
//! the answer are.

use std::collections::HashMap;

use serde::Serialize;

use crate::score::{Digest, Expectation, digest};
use crate::suite::{Case, CaseId, Message, Suite};

/// Ids that are named when they are told; the rest is counted.
const MOST_NAMED: usize = 5;

/// How a suite differs between two sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuiteChange {
    /// The places, in the head's suite, of the cases that only it has.
    pub added: Vec<usize>,
    /// The cases that only the base has.
    pub removed: Ids,
    /// The cases of both that ask or expect something else.
    pub changed: Ids,
    /// Whether answers are scored in another way.
    pub scoring: bool,
}

/// Ids of cases, of which a few are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub named: Vec<CaseId>,
}

impl Ids {
    fn add(&mut self, id: &CaseId) {
        self.count += 1;
        if self.named.len() < MOST_NAMED {
            self.named.push(id.clone());
        }
    }

    /// `a, b and 3 more`.
    pub fn listed(&self) -> String {
        let names: Vec<&str> = self.named.iter().map(CaseId::as_str).collect();
        match self.count.saturating_sub(names.len()) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }
}

impl SuiteChange {
    /// In words: `2 cases added, 1 removed (rivers), 1 changed (capitals)`.
    pub fn in_words(&self) -> String {
        let mut parts = Vec::new();
        let mut tell = |count: usize, what: &str, ids: Option<&Ids>| {
            if count == 0 {
                return;
            }
            let noun = match (parts.is_empty(), count) {
                (true, 1) => " case",
                (true, _) => " cases",
                (false, _) => "",
            };
            let named = ids.map_or_else(String::new, |ids| format!(" ({})", ids.listed()));
            parts.push(format!("{count}{noun} {what}{named}"));
        };
        tell(self.added.len(), "added", None);
        tell(self.removed.count, "removed", Some(&self.removed));
        tell(self.changed.count, "changed", Some(&self.changed));
        if self.scoring {
            parts.push("answers are scored in another way".to_owned());
        }
        if parts.is_empty() {
            return "no case is added, removed or changed".to_owned();
        }
        parts.join(", ")
    }
}

/// Holds the suites of two sides against each other; fails where a case cannot be read any more.
pub fn suite_change(base: &Suite, head: &Suite) -> Result<SuiteChange, String> {
    let mut known: HashMap<CaseId, Option<Digest>> = HashMap::with_capacity(base.len());
    let mut in_order = Vec::with_capacity(base.len());
    for place in 0..base.len() {
        let case = base.case(place)?;
        in_order.push(case.id.clone());
        known.insert(case.id.clone(), Some(mark(&case, base)?));
    }
    let mut change = SuiteChange {
        scoring: base.scoring != head.scoring,
        ..SuiteChange::default()
    };
    for place in 0..head.len() {
        let case = head.case(place)?;
        match known.get_mut(&case.id) {
            None => change.added.push(place),
            Some(mark_there) => {
                if mark_there.take() != Some(mark(&case, head)?) {
                    change.changed.add(&case.id);
                }
            }
        }
    }
    // A mark that was not taken belongs to a case that the head does not have.
    for id in &in_order {
        if known.get(id).is_some_and(Option::is_some) {
            change.removed.add(id);
        }
    }
    Ok(change)
}

#[derive(Serialize)]
struct Identity<'a> {
    messages: &'a [Message],
    expectation: &'a Expectation,
    weight: f64,
    draft: bool,
    cluster: Option<&'a str>,
}

fn mark(case: &Case, suite: &Suite) -> Result<Digest, String> {
    let identity = Identity {
        messages: &case.messages,
        expectation: &case.expectation,
        weight: case.weight,
        draft: case.draft || suite.draft,
        cluster: case.cluster.as_deref(),
    };
    digest(&identity).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite;

    fn suite(cases: &str) -> Suite {
        let text = format!("scoring: {{profile: checks}}\ncases:\n{cases}");
        let file = suite::read("suites/a.yaml", text.as_bytes()).unwrap();
        file.finish(None).unwrap()
    }

    fn case(id: &str, prompt: &str) -> String {
        format!("  - {{id: {id}, prompt: {prompt}, checks: [{{contains: x}}]}}\n")
    }

    #[test]
    fn cases_are_added_removed_and_changed_by_id() {
        let base = suite(&(case("a", "one") + &case("b", "two") + &case("c", "three")));
        let head = suite(&(case("d", "four") + &case("c", "three") + &case("b", "other")));
        let change = suite_change(&base, &head).unwrap();
        assert_eq!(change.added, [0]);
        assert_eq!(change.removed.listed(), "a");
        assert_eq!(change.changed.listed(), "b");
        assert_eq!(
            change.in_words(),
            "1 case added, 1 removed (a), 1 changed (b)"
        );
    }

    #[test]
    fn another_order_and_another_spelling_are_no_change() {
        let base = suite(&(case("a", "one") + &case("b", "two")));
        let head = suite(
            "  - id: b\n    prompt: 'two'\n    weight: 1.0\n    checks: [contains: x]\n  - id: a\n    messages: [{role: user, content: one}]\n    checks: [contains: x]\n",
        );
        let change = suite_change(&base, &head).unwrap();
        assert_eq!(change, SuiteChange::default());
        assert_eq!(change.in_words(), "no case is added, removed or changed");
    }

    #[test]
    fn many_ids_are_counted() {
        let many = |from: usize| {
            let cases = (from..9).map(|id| case(&format!("c{id}"), "p"));
            suite(&cases.collect::<String>())
        };
        let change = suite_change(&many(0), &many(8)).unwrap();
        assert_eq!(
            change.in_words(),
            "8 cases removed (c0, c1, c2, c3, c4 and 3 more)"
        );
    }

    /// A suite whose cases stay in their file.
    fn streamed(lines: &str) -> Suite {
        let file = suite::read("suites/a.yaml", b"cases_from: a.jsonl").unwrap();
        let text = std::io::Cursor::new(lines.as_bytes().to_vec());
        let bytes = lines.as_bytes().to_vec();
        let read = move |offset: u64, length: usize| {
            let start = usize::try_from(offset).unwrap();
            Ok(bytes[start..start + length].to_vec())
        };
        let read = std::sync::Arc::new(read);
        file.finish_streamed("suites/a.jsonl", text, read).unwrap()
    }

    #[test]
    fn cases_that_stay_in_their_file_are_held_against_each_other_too() {
        let line =
            |id: usize, prompt: &str| format!("{{\"id\": \"c{id}\", \"prompt\": \"{prompt}\"}}\n");
        let base: String = (0..1_000).map(|id| line(id, "p")).collect();
        let head: String = (1..1_003)
            .map(|id| line(id, if id == 7 { "q" } else { "p" }))
            .collect();
        let change = suite_change(&streamed(&base), &streamed(&head)).unwrap();
        assert_eq!(
            change.in_words(),
            "3 cases added, 1 removed (c0), 1 changed (c7)"
        );
        assert_eq!(change.added, [999, 1_000, 1_001]);
    }
}
