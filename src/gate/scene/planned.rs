//! What one agent is asked: as whom, through whom, with which suite, and whether that gates.

use std::sync::Arc;

use super::Scene;
use crate::agent::AgentName;
use crate::change::{Stand, SuiteChange};
use crate::gate::{Added, GateError, PlannedAgent};
use crate::judge::Judge;
use crate::suite::Suite;

/// The suite that an agent is asked with.
struct Asked<'a> {
    suite: &'a Suite,
    /// True where it is the pull request's, because the base has none: shown, not gating.
    new: bool,
}

impl Scene {
    /// What an agent is asked, and what a person should know about it.
    pub(super) fn planned(
        &self,
        name: &AgentName,
    ) -> Result<(PlannedAgent, Vec<String>), GateError> {
        let (Some(owner), Some(judged)) = (self.owner(name), self.judged.stand(name)) else {
            return Err(GateError::Usage(format!(
                "the agent `{name}` is on one side only"
            )));
        };
        let candidate = judged
            .candidate
            .clone()
            .map_err(|why| GateError::Candidate {
                agent: name.clone(),
                why,
            })?;
        let asked = self.suite(name)?;
        self.known_provider(owner)?;
        let mut notices = asked.suite.notes.clone();
        let added = match self.suites.get(name) {
            Some(change) if !asked.new => self.added(name, asked.suite, change, &mut notices)?,
            Some(_) | None => None,
        };
        let planned = PlannedAgent {
            agent: owner.agent.clone(),
            candidate,
            suite: asked.suite.clone(),
            added,
            new: asked.new,
            arm: None,
            part: None,
            judge: self.judge(asked.suite),
            grades: None,
        };
        Ok((planned, notices))
    }

    /// Who grades: the deciding side's judge, and nobody where the rules of a suite are somebody else's numbers.
    fn judge(&self, suite: &Suite) -> Option<Arc<Judge>> {
        self.deciding.judge(suite)
    }

    /// The base's suite; that of the pull request for an agent that the base does not have, or whose suite cannot be
    /// read there: a pull request that mends one must be able to merge.
    fn suite(&self, name: &AgentName) -> Result<Asked<'_>, GateError> {
        let theirs = self.judged.suites.get(name);
        let (suite, new) = match (self.deciding.suites.get(name), theirs) {
            (Some(Ok(suite)), _) => (suite, false),
            (Some(Err(_)) | None, Some(Ok(suite))) => (suite, true),
            (Some(Err(problems)), _) | (None, Some(Err(problems))) => {
                return Err(GateError::Problems(problems.clone()));
            }
            (None, None) => {
                return Err(GateError::Usage(format!("the agent `{name}` has no suite")));
            }
        };
        Ok(Asked { suite, new })
    }

    fn known_provider(&self, owner: &Stand) -> Result<(), GateError> {
        let (name, provider) = (&owner.agent.name, &owner.agent.provider);
        if self.deciding.config.providers.contains_key(provider) {
            return Ok(());
        }
        Err(GateError::Usage(if provider.is_empty() {
            format!(
                "the new agent `{name}` names no provider, and the base branch has no default one; name one that it \
                 has under `provider`"
            )
        } else {
            format!(
                "the new agent `{name}` uses the provider `{provider}`, which the base branch does not know; add the \
                 provider in a pull request of its own first"
            )
        }))
    }

    /// The cases that only the pull request has, as many of them as are asked.
    fn added(
        &self,
        name: &AgentName,
        decides: &Suite,
        change: &SuiteChange,
        notices: &mut Vec<String>,
    ) -> Result<Option<Added>, GateError> {
        if change.changed.count > 0 {
            notices.push(format!(
                "{name}: cases that this pull request changes are asked as the base has them: {}",
                change.changed.listed()
            ));
        }
        let Some(Ok(theirs)) = self.judged.suites.get(name) else {
            return Ok(None);
        };
        let taken = Added::beside(decides, theirs, &change.added);
        let (added, left_out) = taken.map_err(GateError::Usage)?;
        if left_out > 0 {
            notices.push(format!(
                "{name}: {left_out} of {} new cases are not asked: a pull request may add as many cases as the suite \
                 has, or 50, and as much text as it holds, or 256 KB",
                change.added.len()
            ));
        }
        Ok(added)
    }
}
