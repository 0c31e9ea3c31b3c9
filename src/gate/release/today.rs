//! What a record measured, held against what the files say today: the system prompt and the parameters that would ship, and
//! the suite that would be asked.

use std::collections::BTreeMap;

use crate::agent::Candidate;
use crate::gate::side::Side;
use crate::gate::{GateError, PlannedAgent};
use crate::record::{AgentRecord, CaseRecord};
use crate::suite::{Case, CaseId};

/// How a record differs from today.
#[derive(Debug, Default)]
pub(super) struct Today {
    /// Why it approves nothing.
    pub(super) refusals: Vec<String>,
    /// What could not be compared, or differs without weight.
    pub(super) remarks: Vec<String>,
}

impl Today {
    fn refuse(mut self, why: String) -> Self {
        self.refusals.push(why);
        self
    }

    fn remark(mut self, what: String) -> Self {
        self.remarks.push(what);
        self
    }
}

/// Holds what was measured of an agent against today's files, with the model ID that ships in place of theirs.
pub(super) fn held_against(
    side: &Side,
    agent: &AgentRecord,
    model: Option<&str>,
) -> Result<Today, GateError> {
    let (name, today) = (&agent.name, Today::default());
    let not_compared = |why: &str| {
        format!("{name}: system prompt, parameters and suite were not compared with today's: {why}")
    };
    let Some(stand) = side.stand(name) else {
        return Ok(today.remark(not_compared("the configuration has no such agent")));
    };
    let candidate = match &stand.candidate {
        Ok(candidate) => Candidate {
            model: model.unwrap_or(&candidate.model).to_owned(),
            ..candidate.clone()
        },
        Err(why) => return Ok(today.remark(not_compared(why))),
    };
    let suite = match side.suites.get(name) {
        Some(Ok(suite)) => suite.clone(),
        Some(Err(problems)) => {
            let problems = problems.to_string();
            let first = problems.lines().next().unwrap_or_default();
            return Ok(today.remark(not_compared(first)));
        }
        None => return Ok(today.remark(not_compared("no suite was read"))),
    };
    let planned = PlannedAgent {
        agent: stand.agent.clone(),
        candidate,
        judge: side.judge(&suite),
        suite,
        added: None,
        new: false,
        arm: None,
        part: None,
        grades: None,
    };
    let today = candidate_held(today, &planned, (agent, model.is_some()))?;
    suite_held(today, &planned, agent)
}

fn candidate_held(
    today: Today,
    planned: &PlannedAgent,
    (agent, is_named): (&AgentRecord, bool),
) -> Result<Today, GateError> {
    if agent.candidate_digest == planned.candidate_digest()? {
        return Ok(today);
    }
    if agent.model != planned.candidate.model {
        // Where a model ID is named, it was held against the record already.
        return Ok(if is_named {
            today
        } else {
            today.refuse(format!(
                "{}: the record is of `{}`, and `{}` is the model here; `--model` names another",
                agent.name, agent.model, planned.candidate.model
            ))
        });
    }
    let what = if agent.parameters == planned.candidate.parameters {
        "system prompt is not the one that was"
    } else {
        "parameters are not those that were"
    };
    Ok(today.refuse(format!(
        "{}: today's {what} measured; measure again",
        agent.name
    )))
}

/// How many cases differ, and how.
#[derive(Default)]
struct Moved {
    changed: usize,
    added: usize,
    removed: usize,
    rescored: bool,
}

fn suite_held(
    today: Today,
    planned: &PlannedAgent,
    agent: &AgentRecord,
) -> Result<Today, GateError> {
    let moved = moved(planned, agent)?;
    let name = &agent.name;
    let parts = [
        (moved.changed, "changed"),
        (moved.added, "added"),
        (moved.removed, "removed"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !parts.is_empty() {
        return Ok(today.refuse(format!(
            "{name}: today's suite is not the one that was asked (cases: {}); measure again",
            parts.join(", ")
        )));
    }
    Ok(if moved.rescored {
        today.remark(format!(
            "{name}: scored by other rules than today's; `tunegate decide --rescore` tells what today's say"
        ))
    } else {
        today
    })
}

fn moved(planned: &PlannedAgent, agent: &AgentRecord) -> Result<Moved, GateError> {
    let mut moved = Moved::default();
    let measured = agent.cases.iter().filter(|case| !case.new);
    let mut left: BTreeMap<&CaseId, &CaseRecord> = measured.map(|case| (&case.id, case)).collect();
    let same_scorer = is_scored_alike(planned, agent);
    for place in 0..planned.suite.len() {
        let case = planned.at(place).map_err(GateError::Usage)?;
        let Some(then) = left.remove(&case.id) else {
            moved.added += 1;
            continue;
        };
        let now = planned.unmeasured_case(&case, false)?;
        let asked_alike = now.ask_digest == then.ask_digest
            && now.weight.to_bits() == then.weight.to_bits()
            && now.draft == then.draft;
        if !asked_alike {
            moved.changed += 1;
        } else if now.score_digest != then.score_digest {
            if same_scorer || !is_expected_alike(&case, then) {
                moved.changed += 1;
            } else {
                moved.rescored = true;
            }
        }
    }
    moved.removed = left.len();
    Ok(moved)
}

/// Whether the rules by which answers are scored are the same, apart from what a case expects.
fn is_scored_alike(planned: &PlannedAgent, agent: &AgentRecord) -> bool {
    planned.scorer() == agent.scorer && !planned.has_other_judge(agent)
}

fn is_expected_alike(case: &Case, then: &CaseRecord) -> bool {
    let now = serde_json::to_value(&case.expectation).ok();
    let text = then.text.as_deref();
    now.as_ref() == text.map(|text| &text.expectation)
}
