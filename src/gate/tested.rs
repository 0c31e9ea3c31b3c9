//! The self-test of a run: good answers that its models gave, spoilt and scored again, so that a reader of the result knows
//! what its suites would notice.

use std::sync::Arc;

use super::{GateError, Ledger, Plan, PlannedAgent};
use crate::record::{AgentRecord, CaseRecord, SealError, SelfTestRecord};
use crate::self_test::{LEAST_GOOD, test_answers};
use crate::suite::Case;

/// Of one agent so many answers are spoilt, of all parts of its suite: enough to see what it is blind to, and over before
/// anybody waits for it.
const MOST_ANSWERS: usize = 10;
/// Of all agents together: about a tenth of a second for ten.
const MOST_IN_ALL: usize = 30;
/// Longer answers, questions and expectations are left alone: there are measures whose time grows with the square of the
/// length.
const MOST_BYTES: usize = 4000;
/// So many answers that do not fit are passed over.
const MOST_UNFIT: usize = 20;

/// Notes of each agent that was asked what its suite notices. Rules alone are tried: a judge would cost money, and an own
/// grader is not here. A part of a divided run tries nothing, and one that was stopped has no time for it.
pub(super) fn note(plan: &Plan, ledger: &mut Ledger<'_>) -> Result<(), GateError> {
    if ledger.record.shard.is_some() || ledger.record.run.stopped.is_some() {
        return Ok(());
    }
    let agents = ledger.record.touched().count().max(1);
    let most = (MOST_IN_ALL / agents).clamp(1, MOST_ANSWERS);
    for (place, planned) in plan.agents.iter().enumerate() {
        let by_rules = planned.judge.is_none() && planned.grades.is_none();
        let agent = ledger.record.agents.get(place);
        let Some(agent) = agent.filter(|agent| agent.touched && !agent.new && by_rules) else {
            continue;
        };
        let answered = good_answers(planned, agent, ledger, most)?;
        let max_drop = ledger.record.policy.max_drop;
        let test = test_answers(&planned.suite.scoring, &answered, max_drop);
        if let Some(agent) = ledger.record.agents.get_mut(place) {
            agent.self_test = SelfTestRecord::of(&test, max_drop);
        }
    }
    Ok(())
}

/// At most so many good answers from all parts of the suite, each with its case.
fn good_answers(
    planned: &PlannedAgent,
    agent: &AgentRecord,
    ledger: &Ledger<'_>,
    most: usize,
) -> Result<Vec<(Arc<Case>, String)>, GateError> {
    let cases = agent.cases.iter().enumerate();
    let good = cases.filter(|(_, case)| {
        let good = case.score.is_some_and(|score| score >= LEAST_GOOD);
        good && !case.new
    });
    let good: Vec<(usize, &CaseRecord)> = good.collect();
    let all = good.len();
    let most = most.min(all);
    let mut answered = Vec::new();
    let chosen: Vec<usize> = (0..most).map(|index| index * all / most).collect();
    let others = (0..all).filter(|index| !chosen.contains(index));
    let places = chosen.iter().copied().chain(others.take(MOST_UNFIT));
    for (place, case) in places.filter_map(|index| good.get(index).copied()) {
        if answered.len() == most {
            break;
        }
        let mut case = case.clone();
        let completed = ledger.complete(&agent.name, place, &mut case);
        completed.map_err(SealError::Io)?;
        let mut samples = case.samples.into_iter();
        let answer = samples.find_map(|sample| sample.text?.answer);
        let asked = planned.case(place).map_err(GateError::Usage)?;
        let expected = serde_json::to_vec(&asked.expectation).map_err(SealError::Shape)?;
        let lengths = |answer: &String| [answer.len(), asked.prompt().len(), expected.len()];
        let fits = |answer: &String| {
            !answer.is_empty() && lengths(answer).iter().all(|length| *length <= MOST_BYTES)
        };
        if let Some(answer) = answer.filter(fits) {
            answered.push((asked, answer));
        }
    }
    Ok(answered)
}
