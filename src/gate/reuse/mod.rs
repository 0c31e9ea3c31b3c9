//! What need not be asked: answers that the baseline holds to the same questions of the same model. They cost nothing,
//! and a verdict cannot flip by asking again. Numbers go into the record, words stay on the disk until they are written.

mod former;
mod pinned;
mod taking;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::ledger::Ticket;
use super::stored::Stored;
use super::{GateError, Ledger, Plan, PlannedAgent, again};
use crate::agent::AgentName;
use crate::edge::disk::{Journal, Place};
use crate::record::{Against, Kept, Settled, read_each};
use crate::score::DigestError;
use taking::{Purpose, Taking};

/// What a run takes from the baselines of its agents.
#[derive(Debug)]
pub(super) struct Reused {
    spool: Journal,
    /// By the agent's place in the plan.
    agents: BTreeMap<usize, Taken>,
    /// The answers of each baseline, packed as they were stored.
    answers: BTreeMap<AgentName, Place>,
}

/// What is taken for one agent.
#[derive(Debug)]
struct Taken {
    /// By the case's place among those of the run: whether its answers are taken.
    cases: Vec<bool>,
    /// The lines of its samples, each with the place of its case.
    samples: Vec<(usize, Place)>,
    /// When the oldest answer was given.
    measured: String,
}

impl Default for Reused {
    fn default() -> Self {
        Self {
            spool: Journal::in_memory(),
            agents: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }
}

impl Plan {
    /// Takes from stored records what need not be asked of agents that `may_reuse` allows. Where answers are kept, those that
    /// were scored by other rules are scored again, in the baseline too, so that like is held against like.
    pub(super) fn reuse(
        &mut self,
        mut stored: BTreeMap<AgentName, Stored>,
        may_reuse: impl Fn(&AgentName) -> bool,
        spool: Journal,
    ) -> Result<(), GateError> {
        let mut reused = Reused {
            spool,
            ..Reused::default()
        };
        // Answers of base models are shown and held against new ones, and never taken.
        let shown: Vec<AgentName> = stored
            .keys()
            .filter(|name| name.is_beside())
            .cloned()
            .collect();
        for name in shown {
            let kept = stored
                .remove(&name)
                .map(|stored| self.show(&mut reused, &name, stored));
            self.notices.extend(kept.transpose()?.flatten());
        }
        for (place, planned) in self.agents.iter().enumerate() {
            let name = &planned.agent.name;
            let Some(stored) = stored.remove(name) else {
                continue;
            };
            let purpose = if may_reuse(name) {
                Purpose::Reuse
            } else {
                Purpose::Compare
            };
            let baseline = self.baselines.get_mut(name);
            let Some(baseline) = baseline.and_then(|baseline| baseline.as_mut().ok()) else {
                continue;
            };
            if purpose == Purpose::Compare && stored.answers.is_none() {
                continue;
            }
            let mut taking = Taking::of(planned, baseline, &reused.spool, purpose)?;
            stored.each(name, &mut |at, case| taking.case(at, case))?;
            let (taken, rescored) = taking.end();
            let told = baseline.replace(name, rescored, &planned.scorer());
            self.notices
                .extend(told.map(|what| format!("{name}: baseline rescored: {}", what.in_words())));
            reused.agents.extend(taken.map(|taken| (place, taken)));
            if let Some(file) = stored.answers {
                reused.keep(name, file.bytes)?;
            }
        }
        self.reused = reused;
        Ok(())
    }

    /// The agents of which something is still to be asked.
    pub(super) fn still_asked(&self) -> impl Iterator<Item = &PlannedAgent> {
        let agents = self.agents.iter().enumerate();
        let open =
            |(place, planned): &(usize, &PlannedAgent)| self.reused.count(*place) < planned.cases();
        agents.filter(open).map(|(_, planned)| planned)
    }

    /// Their providers: keys are wanted for these alone.
    pub fn providers_asked(&self) -> BTreeSet<&str> {
        let providers = self.still_asked().map(|one| one.agent.provider.as_str());
        providers.collect()
    }
}

impl Plan {
    /// Keeps the answers of a base model for the page, and scores them again where they were scored by other rules; tells
    /// what came of it, also where they cannot be used: nothing hangs on them.
    fn show(
        &mut self,
        reused: &mut Reused,
        name: &AgentName,
        stored: Stored,
    ) -> Result<Option<String>, GateError> {
        if stored.answers.is_none() {
            return Ok(None);
        }
        let mut agents = self.agents.iter();
        let planned = agents.find(|planned| {
            let base_model = planned.agent.name.beside(Against::BaseModel.as_str());
            base_model.as_ref() == Some(name)
        });
        let baseline = self.baselines.get_mut(name);
        let baseline = baseline.and_then(|baseline| baseline.as_mut().ok());
        let mut told = None;
        let read = match planned.zip(baseline) {
            None => stored.each(name, &mut |_, _| Ok(())),
            Some((planned, baseline)) => {
                let mut taking = Taking::of(planned, baseline, &reused.spool, Purpose::Compare)?;
                let read = stored.each(name, &mut |at, case| taking.case(at, case));
                let (_, rescored) = taking.end();
                if read.is_ok() {
                    told = baseline
                        .replace(name, rescored, &planned.scorer())
                        .map(|what| format!("{name} rescored: {}", what.in_words()));
                }
                read
            }
        };
        if let Err(why) = read {
            return Ok(Some(format!("the answers of {name} are not shown: {why}")));
        }
        if let Some(file) = stored.answers {
            reused.keep(name, file.bytes)?;
        }
        Ok(told)
    }

    /// Scores the answers again of a record that somebody named as the baseline, where it was scored by other rules and
    /// holds them.
    pub fn rescore_named(&mut self, path: &Path) -> Result<(), GateError> {
        let text = again::text_of(path)?;
        let record = again::record_of(path, &text, Kept::Numbers)?;
        let spool = Journal::in_memory();
        let mut all = BTreeMap::new();
        for planned in &self.agents {
            let name = &planned.agent.name;
            let place = record.agents.iter().position(|agent| agent.name == *name);
            if let (Some(place), Some(Ok(baseline))) = (place, self.baselines.get(name)) {
                let taking = Taking::of(planned, baseline, &spool, Purpose::Compare)?;
                all.insert(place, (planned, taking));
            }
        }
        if !all.values().any(|(_, taking)| taking.differs(&record)) {
            return Ok(());
        }
        let read = read_each(|| text.from_start(), &mut |agent, at, case| {
            let taken = all
                .get_mut(&agent)
                .map_or(Ok(()), |(_, taking)| taking.case(at, case));
            case.forget_text();
            taken.map_err(io::Error::other)
        });
        let same = read.is_ok_and(|now| now.record_digest == record.record_digest);
        if !same {
            return Err(GateError::Usage(format!(
                "{} cannot be read a second time, or changed meanwhile; run again",
                path.display()
            )));
        }
        for (planned, taking) in all.into_values() {
            let name = &planned.agent.name;
            let (_, rescored) = taking.end();
            let Some(Ok(baseline)) = self.baselines.get_mut(name) else {
                continue;
            };
            let told = baseline.replace(name, rescored, &planned.scorer());
            let told = told.map(|what| format!("{name}: baseline rescored: {}", what.in_words()));
            self.notices.extend(told);
        }
        Ok(())
    }
}

impl Reused {
    /// Whether the answers to a case are taken.
    pub(super) fn holds(&self, agent: usize, case: usize) -> bool {
        let taken = self.agents.get(&agent);
        taken.is_some_and(|taken| taken.cases.get(case).copied().unwrap_or(false))
    }

    fn count(&self, agent: usize) -> usize {
        let taken = self.agents.get(&agent);
        taken.map_or(0, |taken| taken.cases.iter().filter(|held| **held).count())
    }

    /// When the oldest answer of an agent was given that is taken.
    pub(super) fn measured(&self, agent: usize) -> Option<&String> {
        self.agents.get(&agent).map(|taken| &taken.measured)
    }

    /// Settles every sample that is taken. A case that was asked before the run went on keeps what was said then.
    pub(super) fn pour_into(&self, ledger: &mut Ledger<'_>) -> Result<(), GateError> {
        for (agent, taken) in &self.agents {
            let record = ledger.record().agents.get(*agent);
            let cases = record.iter().flat_map(|record| &record.cases);
            let free: Vec<bool> = cases.map(|case| case.samples.is_empty()).collect();
            for (case, place) in &taken.samples {
                if !free.get(*case).copied().unwrap_or(false) {
                    continue;
                }
                let line = self.spool.line(*place)?;
                let mut settled: Settled =
                    serde_json::from_slice(&line).map_err(DigestError::from)?;
                settled.spent = ledger.spent();
                let ticket = Ticket {
                    agent: *agent,
                    case: *case,
                    sample: settled.sample.index,
                    look: settled.sample.look,
                };
                ledger.settle(ticket, settled)?;
            }
        }
        Ok(())
    }
}
