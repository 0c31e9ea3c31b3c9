//! The self-test of a run: good answers that its models gave, spoilt and scored again, so that a reader of the result knows
//! what its suites would notice.

use std::sync::Arc;

use super::{GateError, Ledger, Plan, PlannedAgent};
use crate::record::{AgentRecord, CaseRecord, SealError, SelfTestRecord};
use crate::self_test::{LEAST_GOOD, test_answers};
use crate::suite::Case;

/// Of one agent so many answers are spoilt, of all parts of its suite: enough to see what it is blind to, and over before
/// anybody waits for it.
const MOST_ANSWERS: usize = 20;
/// A longer answer is left alone.
const MOST_BYTES: usize = 20_000;

/// Notes of each agent that was asked what its suite notices. Rules alone are tried: a judge would cost money, and an own
/// grader is not here. A part of a divided run tries nothing.
pub(super) fn note(plan: &Plan, ledger: &mut Ledger<'_>) -> Result<(), GateError> {
    if ledger.record.shard.is_some() {
        return Ok(());
    }
    for (place, planned) in plan.agents.iter().enumerate() {
        let by_rules = planned.judge.is_none() && planned.grades.is_none();
        let agent = ledger.record.agents.get(place);
        let Some(agent) = agent.filter(|agent| agent.touched && by_rules) else {
            continue;
        };
        let answered = good_answers(planned, agent, ledger)?;
        let max_drop = ledger.record.policy.max_drop;
        let test = test_answers(&planned.suite.scoring, &answered, max_drop);
        if let Some(agent) = ledger.record.agents.get_mut(place) {
            agent.self_test = SelfTestRecord::of(&test);
        }
    }
    Ok(())
}

/// Good answers from all parts of the suite, each with its case.
fn good_answers(
    planned: &PlannedAgent,
    agent: &AgentRecord,
    ledger: &Ledger<'_>,
) -> Result<Vec<(Arc<Case>, String)>, GateError> {
    let cases = agent.cases.iter().enumerate();
    let good = cases.filter(|(_, case)| {
        let good = case.score.is_some_and(|score| score >= LEAST_GOOD);
        good && !case.new
    });
    let good: Vec<(usize, &CaseRecord)> = good.collect();
    let step = good.len().div_ceil(MOST_ANSWERS).max(1);
    let mut answered = Vec::new();
    for (place, case) in good.into_iter().step_by(step) {
        let mut case = case.clone();
        let completed = ledger.complete(&agent.name, place, &mut case);
        completed.map_err(SealError::Io)?;
        let mut samples = case.samples.into_iter();
        let answer = samples.find_map(|sample| sample.text?.answer);
        let fits = |answer: &String| !answer.is_empty() && answer.len() <= MOST_BYTES;
        if let Some(answer) = answer.filter(fits) {
            let asked = planned.case(place).map_err(GateError::Usage)?;
            answered.push((asked, answer));
        }
    }
    Ok(answered)
}
