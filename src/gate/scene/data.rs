//! What the rows of training data say about who is touched: more than a list of changed files can.

use std::collections::BTreeMap;

use super::Scene;
use crate::agent::AgentName;
use crate::gate::data::AgentData;
use crate::record::{AgentChange, Cause, CauseCode};

impl Scene {
    /// Puts the rows in the place of files: a file that is only written otherwise touches nobody, and one that the change
    /// moves in or out of an agent's globs does.
    pub(in crate::gate) fn take_data(&mut self, agents: &BTreeMap<AgentName, AgentData>) {
        for (name, data) in agents {
            let touched = &mut self.selection.touched;
            if let Some(change) = touched.iter_mut().find(|change| change.name == *name) {
                change.because.retain(|cause| !is_data(cause));
                change.because.extend(data.causes.iter().cloned());
            } else if let Some(change) = self
                .selection
                .added
                .iter_mut()
                .find(|change| change.name == *name)
            {
                change.because.extend(data.causes.iter().cloned());
            } else if !data.causes.is_empty() && !self.selection.removed.contains(name) {
                touched.push(AgentChange {
                    name: name.clone(),
                    because: data.causes.clone(),
                });
            }
        }
        self.selection
            .touched
            .retain(|change| !change.because.is_empty());
        let changes = self.selection.touched.iter().chain(&self.selection.added);
        self.changes.agents = changes.cloned().collect();
    }
}

const fn is_data(cause: &Cause) -> bool {
    matches!(
        cause.code,
        CauseCode::TrainingData | CauseCode::ValidationData
    )
}
