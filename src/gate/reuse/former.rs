//! What the old model said to the cases that a document quotes, where its answers are kept.

use std::collections::{BTreeMap, BTreeSet};

use super::Reused;
use crate::agent::AgentName;
use crate::gate::deposit::{self, Measured};
use crate::gate::{GateError, Ledger, Plan};
use crate::record::{AnswerReader, CaseRecord, Packed};
use crate::suite::CaseId;

/// An answer to each case: the one that scored least, as of the new answers.
pub(in crate::gate) type FormerAnswers = BTreeMap<(AgentName, CaseId), String>;

/// Answers by case.
type FoundAnswers = BTreeMap<CaseId, String>;

impl Plan {
    /// The kept answers of the baselines to these cases.
    pub(in crate::gate) fn former_answers(
        &self,
        quoted: &[(AgentName, CaseId)],
    ) -> Result<FormerAnswers, GateError> {
        let mut found = FormerAnswers::new();
        for (name, baseline) in &self.baselines {
            let (Ok(baseline), Some(packed)) = (baseline, self.reused.packed(name)?) else {
                continue;
            };
            let ids = quoted.iter().filter(|(agent, _)| agent == name);
            let ids: BTreeSet<&CaseId> = ids.map(|(_, id)| id).collect();
            let stored = baseline.record.agent(name).into_iter();
            let cases = stored.flat_map(|agent| &agent.cases);
            let cases = cases.filter(|case| ids.contains(&case.id));
            let wanted = cases.filter_map(|case| Some((&case.id, weakest(case)?)));
            let wanted: BTreeMap<&CaseId, u32> = wanted.collect();
            if wanted.is_empty() {
                continue;
            }
            let answers = AnswerReader::new(&packed).find(&wanted)?;
            let of_agent = answers.into_iter();
            found.extend(of_agent.map(|(case, answer)| ((name.clone(), case), answer)));
        }
        Ok(found)
    }

    /// The kept answers of a baseline to these samples.
    pub(in crate::gate) fn kept_answers(
        &self,
        name: &AgentName,
        wanted: &BTreeMap<&CaseId, u32>,
    ) -> Result<FoundAnswers, GateError> {
        Ok(match self.reused.packed(name)? {
            Some(packed) => AnswerReader::new(&packed)
                .find(wanted)?
                .into_iter()
                .collect(),
            None => FoundAnswers::new(),
        })
    }

    /// Keeps what a run answered as the answers of the baselines, to be shown.
    pub(in crate::gate) fn remember(&mut self, before: &Ledger<'_>) -> Result<(), GateError> {
        let measured = Measured {
            record: before.record(),
            complete: &|name, place, case| before.complete(name, place, case),
        };
        for agent in &before.record().agents {
            if let Packed::Whole(bytes) = deposit::answers(&measured, &agent.name)? {
                self.reused.keep(&agent.name, bytes)?;
            }
        }
        Ok(())
    }
}

impl Reused {
    /// Keeps the answers of a baseline, packed, to be shown.
    pub(super) fn keep(&mut self, name: &AgentName, packed: Vec<u8>) -> Result<(), GateError> {
        let place = self.spool.append(packed)?;
        self.answers.insert(name.clone(), place);
        Ok(())
    }

    fn packed(&self, name: &AgentName) -> Result<Option<Vec<u8>>, GateError> {
        let place = self.answers.get(name);
        Ok(place.map(|place| self.spool.line(*place)).transpose()?)
    }
}

fn weakest(case: &CaseRecord) -> Option<u32> {
    let scored = case.samples.iter();
    let scored = scored.filter_map(|sample| Some((sample.score?, sample.index)));
    let least = scored.min_by(|one, other| one.0.total_cmp(&other.0));
    least.map(|(_, index)| index)
}
