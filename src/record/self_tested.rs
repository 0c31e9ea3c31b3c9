//! Which bad answers an agent's suite notices, tried on good answers of its run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::self_test::{Noticed, SelfTest, Spoiling};
use crate::suite::CaseId;

/// So many cases are named that did not notice a spoiling.
const MOST_MISSED: usize = 5;

/// What a suite notices: good answers, spoilt in known ways and scored again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SelfTestRecord {
    /// Good answers of this run that were spoilt.
    pub cases: usize,
    /// A spoilt answer is noticed where its score falls by more than this, in points.
    pub max_drop: f64,
    /// Each way that could be tried.
    pub spoilings: Vec<SpoilingRecord>,
}

/// How often one way of spoiling was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpoilingRecord {
    /// The way.
    pub spoiling: Spoiling,
    /// Answers that were spoilt so.
    pub tried: usize,
    /// Of how many the suite noticed it.
    pub noticed: usize,
    /// The first cases that did not notice it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<CaseId>,
}

impl SelfTestRecord {
    /// What a record keeps of a self-test; `None` where nothing could be spoilt.
    pub fn of(test: &SelfTest, max_drop: f64) -> Option<Self> {
        let tried = test.spoilings.iter().filter(|one| one.tried > 0);
        let spoilings: Vec<SpoilingRecord> = tried.map(SpoilingRecord::of).collect();
        (!spoilings.is_empty()).then_some(Self {
            cases: test.cases,
            max_drop,
            spoilings,
        })
    }

    /// Spoilt answers, and how many of them were noticed.
    pub fn totals(&self) -> (usize, usize) {
        let add = |of: fn(&SpoilingRecord) -> usize| {
            let counts = self.spoilings.iter().map(of);
            counts.fold(0, usize::saturating_add)
        };
        (add(|one| one.tried), add(|one| one.noticed))
    }
}

impl SpoilingRecord {
    fn of(noticed: &Noticed) -> Self {
        let missed = noticed.missed.iter().map(|missed| missed.case.clone());
        Self {
            spoiling: noticed.spoiling,
            tried: noticed.tried,
            noticed: noticed.noticed,
            missed: missed.take(MOST_MISSED).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_a_record_that_somebody_made_up_do_not_overflow() {
        let most = SpoilingRecord {
            spoiling: Spoiling::Padded,
            tried: usize::MAX,
            noticed: 1,
            missed: Vec::new(),
        };
        let record = SelfTestRecord {
            cases: 1,
            max_drop: 0.5,
            spoilings: vec![most.clone(), most],
        };
        assert_eq!(record.totals(), (usize::MAX, 2));
    }
}
