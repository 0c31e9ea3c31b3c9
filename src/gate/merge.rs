//! Joins the parts of a divided run where no model can be asked: as with recordings, the first answers decide.

use super::conclude::{Baselines, conclude};
use super::{GateError, Ledger, Parts, now};
use crate::config::Prices;
use crate::edge::disk::Journal;
use crate::record::RunRecord;
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
    let mut ledger = Ledger::spooling(record, spool);
    parts.pour_into(&mut ledger)?;
    conclude(prices, baselines, &mut ledger);
    let notices = ledger.servers();
    ledger.record.note(notices);
    Ok(ledger)
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
