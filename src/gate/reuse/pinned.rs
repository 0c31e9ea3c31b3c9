//! The records that the configuration pins, scored as the run scores: like is held against like.

use std::collections::BTreeMap;

use super::Plan;
use super::taking::{Purpose, Taking};
use crate::agent::AgentName;
use crate::edge::disk::Journal;
use crate::gate::GateError;
use crate::gate::baselines::Found;

impl Plan {
    /// Holds agents against pinned records too. Where answers are kept, those that were scored by other rules are scored
    /// again first.
    pub(in crate::gate) fn pin(
        &mut self,
        found: BTreeMap<AgentName, Found>,
    ) -> Result<(), GateError> {
        let unused = Journal::in_memory();
        for (name, one) in found {
            let Found {
                mut baseline,
                stored,
            } = one;
            let planned = self.agents.iter().find(|one| one.agent.name == name);
            if let (Some(planned), Some(stored)) = (planned, stored) {
                let mut taking = Taking::of(planned, &baseline, &unused, Purpose::Compare)?;
                if taking.differs(&baseline.record) {
                    stored.each(&name, &mut |at, case| taking.case(at, case))?;
                    let (_, rescored) = taking.end();
                    let told = baseline.replace(&name, rescored, &planned.scorer());
                    self.notices.extend(told.map(|what| {
                        format!("{name}: pinned record rescored: {}", what.in_words())
                    }));
                }
            }
            self.pinned.insert(name, baseline);
        }
        Ok(())
    }
}
