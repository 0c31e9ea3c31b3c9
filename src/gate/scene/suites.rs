//! Holds the suites of both sides against each other, where the files or the place of one changed.

use std::collections::BTreeMap;

use crate::agent::AgentName;
use crate::change::{ChangedFiles, Stand, SuiteChange, suite_change};
use crate::gate::GateError;
use crate::gate::side::Side;
use crate::problem::Problems;

/// How the suites of agents that both sides have differ. What cannot be read on one of them is not compared.
pub(super) fn suite_changes(
    deciding: &Side,
    judged: &Side,
    changed: &ChangedFiles,
) -> Result<BTreeMap<AgentName, SuiteChange>, GateError> {
    let mut found = BTreeMap::new();
    for base in &deciding.stands {
        let name = &base.agent.name;
        let Some(head) = judged.stand(name) else {
            continue;
        };
        if !may_differ(base, head, changed) {
            continue;
        }
        if let (Some(Ok(old)), Some(Ok(new))) = (deciding.suites.get(name), judged.suites.get(name))
        {
            let change = suite_change(old, new).map_err(GateError::Usage)?;
            found.insert(name.clone(), change);
        }
    }
    Ok(found)
}

fn may_differ(base: &Stand, head: &Stand, changed: &ChangedFiles) -> bool {
    let mut files = base.suite_files.iter().chain(&head.suite_files);
    base.agent.suite != head.agent.suite || files.any(|path| changed.touches(path))
}

/// A pull request that breaks a suite would break the gate once merged; it is told now.
pub(super) fn refuse_broken_suites(judged: &Side, changed: &ChangedFiles) -> Result<(), GateError> {
    let mut broken = Problems::default();
    for stand in &judged.stands {
        let theirs = stand.suite_files.iter().any(|path| changed.touches(path));
        if let (true, Some(Err(problems))) = (theirs, judged.suites.get(&stand.agent.name)) {
            broken.extend(problems.clone());
        }
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(GateError::Problems(broken))
    }
}
