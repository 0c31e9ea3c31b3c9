//! Joins the parts of a divided run where no model can be asked: as with recordings, the first answers decide.

use std::collections::HashMap;

use super::conclude::{Baselines, conclude};
use super::words::Texts;
use super::{GateError, Ledger, Parts, now};
use crate::config::Prices;
use crate::edge::disk::Journal;
use crate::judge::Grades;
use crate::record::{AgentRecord, CaseText, RunRecord, SampleRecord};
use crate::runner::Spent;
use crate::score::DigestError;
use crate::verdict;

/// The prices that the parts were asked under.
pub fn prices(parts: &Parts) -> Prices {
    Prices::recorded(&parts.whole().prices).unwrap_or_default()
}

/// The record of the whole run, decided under the rules of the parts. `spool` keeps the words until they are written.
pub fn merge<'p>(
    parts: &mut Parts,
    prices: &'p Prices,
    baselines: &Baselines,
    spool: Journal,
) -> Result<Ledger<'p>, GateError> {
    let mut record = parts.unmeasured();
    record.derived_from = Some(parts.digest()?);
    record.created = now();
    let mut ledger = Ledger::spooling(prices, record, spool);
    parts.pour_into(&mut ledger)?;
    conclude(prices, baselines, &mut ledger);
    let notices = ledger.servers();
    ledger.record.note(notices);
    Ok(ledger)
}

impl<'p> Ledger<'p> {
    /// A ledger for a record without samples that has no plan any more: its words come with them.
    pub(super) fn spooling(prices: &'p Prices, record: RunRecord, spool: Journal) -> Self {
        let names = record.agents.iter().map(|agent| agent.name.clone());
        let texts = Texts::Spooled(names.collect(), HashMap::new());
        Self::empty(prices, texts, record, spool)
    }

    /// What is spent once a sample is counted whose answer was paid for elsewhere.
    pub(super) fn spent_with(&self, agent: &AgentRecord, sample: &SampleRecord) -> Spent {
        let mut spent = self.spent();
        let answer = sample.usage.filter(|_| !sample.cached);
        let grades = sample
            .text
            .as_deref()
            .and_then(|text| text.judge.as_deref());
        let judge = agent.judge.as_ref().map(|judge| judge.model.as_str());
        let asked = [
            Some(agent.model.as_str()).zip(answer),
            judge.zip(grades.map(Grades::paid)),
        ];
        for (model, usage) in asked.into_iter().flatten().filter(|_| !sample.reused) {
            spent.cost += self.prices.cost(model, usage).unwrap_or_default();
            spent.tokens += usage.prompt_tokens + usage.completion_tokens;
        }
        spent
    }

    /// Keeps what a case asks, where no suite can be asked for it.
    pub(super) fn spool(
        &mut self,
        agent: usize,
        case: usize,
        text: &CaseText,
    ) -> Result<(), GateError> {
        if let Texts::Spooled(_, places) = &mut self.words.texts {
            let line = serde_json::to_vec(text).map_err(DigestError::from)?;
            places.insert((agent, case), self.words.journal.append(line)?);
        }
        Ok(())
    }
}

/// What a person should know who expects that newly failed cases were asked again.
pub fn not_asked_again(record: &RunRecord) -> Option<String> {
    let newly_failed = record
        .touched()
        .map(|agent| verdict::newly_failed_cases(&record.policy, agent).len());
    let count: usize = newly_failed.sum();
    (count > 0).then(|| {
        format!("{count} newly failed cases were not asked again: a merge asks no model, the first answers decide")
    })
}
