//! The cases of suites as what must not stand in training data.

use std::collections::HashSet;

use crate::agent::AgentName;
use crate::corpus::SuiteCase;
use crate::gate::scene::Scene;
use crate::score::Expectation;
use crate::suite::{Role, Suite};

/// The cases of an agent's suites on both sides: none of them belongs into its data.
pub(super) fn suite_cases(scene: &Scene, name: &AgentName) -> Result<Vec<SuiteCase>, String> {
    let suites = [&scene.deciding, &scene.judged].map(|side| side.suites.get(name));
    let mut cases: Vec<SuiteCase> = Vec::new();
    let mut known = HashSet::new();
    for suite in suites
        .into_iter()
        .flatten()
        .filter_map(|suite| suite.as_ref().ok())
    {
        for index in 0..suite.len() {
            let case = suite_case(suite, index)?;
            if known.insert((case.id.clone(), case.prompts.clone())) {
                cases.push(case);
            }
        }
    }
    Ok(cases)
}

/// A case as it must not stand in training data.
pub(super) fn suite_case(suite: &Suite, index: usize) -> Result<SuiteCase, String> {
    let case = suite.case(index)?;
    let asked = case
        .messages
        .iter()
        .filter(|message| message.role == Role::User);
    let Expectation { reference, .. } = &case.expectation;
    Ok(SuiteCase {
        id: case.id.to_string(),
        prompts: asked.map(|message| message.content.clone()).collect(),
        reference: reference.clone(),
    })
}
