//! Tests the judge: some answers of the stored baselines, which it graded back then, are graded again. What it thinks of
//! them now says nothing about any model, and everything about the judge.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::pass::Pass;
use super::pending::{At, On};
use crate::agent::AgentName;
use crate::edge::model::Provider;
use crate::gate::ledger::{Ledger, Ticket};
use crate::gate::measure::Asking;
use crate::gate::{GateError, Plan, PlannedAgent};
use crate::judge::{Grades, Judge, Settled, Vote};
use crate::record::{CaseRecord, Points, Regrade, SampleRecord};
use crate::runner::Usage;
use crate::score::{Digest, mean};
use crate::suite::CaseId;

/// Answers that are graded again in a run, at most.
const MOST: usize = 10;

/// A stored answer that may be graded again.
#[derive(Debug)]
struct Stored {
    answer: Digest,
    at: At,
    case: CaseId,
    before: Points,
}

/// Grades up to ten stored answers again, after the first look (place 0), where this run has answers graded and the same judge graded those.
pub(in crate::gate) async fn regrade(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
    look: usize,
) -> Result<(), GateError> {
    let plan = asking.plan;
    // Which answers are graded again is chosen among those of all parts, by whoever joins them.
    let is_part = plan.shard.is_some();
    if is_part || look > 0 || ledger.borrow().record.run.stopped.is_some() || is_recorded(asking) {
        return Ok(());
    }
    let mut stored = candidates(plan, &ledger.borrow());
    // By what nobody chose: the digests of the answers.
    stored
        .sort_by(|one, other| (one.answer.bytes(), one.at).cmp(&(other.answer.bytes(), other.at)));
    stored.truncate(MOST);
    if stored.is_empty() {
        return Ok(());
    }
    let mut pass = Pass::of(asking, ledger, On::Stored);
    pass.stored = answers(plan, &stored)?;
    let tickets = stored
        .iter()
        .filter(|one| pass.stored.contains_key(&one.at));
    let puts: Vec<_> = tickets
        .flat_map(|one| pass.missing(ticket(one.at)))
        .collect();
    let count = puts.len();
    match pass.ask(puts.into_iter(), count).await {
        // What it graded so far was graded by it.
        Err(GateError::Refused(why)) => {
            let told = format!("the judge could not be tested with stored answers: {why}");
            ledger.borrow_mut().record.note([told]);
        }
        other => other?,
    }
    note(plan, &mut ledger.borrow_mut(), &stored);
    Ok(())
}

const fn ticket((agent, case, sample): At) -> Ticket {
    Ticket {
        agent,
        case,
        sample,
        look: 1,
    }
}

/// A recording says nothing of what a judge thinks today.
fn is_recorded(asking: &Asking<'_>) -> bool {
    !matches!(asking.providers.judge(), Ok(Provider::OpenAi(_)))
}

fn candidates(plan: &Plan, ledger: &Ledger<'_>) -> Vec<Stored> {
    let mut found = Vec::new();
    for (place, planned) in plan.agents.iter().enumerate() {
        let (Some(judge), Some(now)) = (&planned.judge, ledger.record.agents.get(place)) else {
            continue;
        };
        let graded = now
            .judge
            .as_ref()
            .is_some_and(|judge| judge.usage != Usage::default());
        let baseline = plan.baselines.get(&planned.agent.name);
        let Some(Ok(baseline)) = baseline.filter(|_| graded && planned.arm.is_none()) else {
            continue;
        };
        let before = baseline.record.agent(&planned.agent.name);
        let before = before.into_iter().flat_map(|agent| &agent.cases);
        let before: BTreeMap<&CaseId, &CaseRecord> = before.map(|case| (&case.id, case)).collect();
        for (at, case) in now.cases.iter().enumerate() {
            let same = before.get(&case.id).filter(|before| {
                before.ask_digest == case.ask_digest && before.score_digest == case.score_digest
            });
            let sample = same.and_then(|before| {
                let mut samples = before.samples.iter();
                samples.find_map(|sample| Some((sample, graded_points(judge, sample)?)))
            });
            found.extend(sample.and_then(|(sample, before)| {
                Some(Stored {
                    answer: sample.answer_sha256?,
                    at: (place, at, sample.index),
                    case: case.id.clone(),
                    before,
                })
            }));
        }
    }
    found
}

/// What the judge gave, where it gave something: nothing at all is also given without asking it.
fn graded_points(judge: &Judge, sample: &SampleRecord) -> Option<Points> {
    sample.score.filter(|score| *score > 0.0)?;
    judge
        .dimensions()
        .map(|name| Some((name.clone(), sample.dimensions.get(name)?)))
        .collect()
}

/// The words of these answers, where they are kept and are the very answers that were graded.
fn answers(plan: &Plan, stored: &[Stored]) -> Result<BTreeMap<At, String>, GateError> {
    let mut found = BTreeMap::new();
    for (place, planned) in plan.agents.iter().enumerate() {
        let own = || stored.iter().filter(|one| one.at.0 == place);
        let wanted: BTreeMap<&CaseId, u32> = own().map(|one| (&one.case, one.at.2)).collect();
        if wanted.is_empty() {
            continue;
        }
        let name: &AgentName = &planned.agent.name;
        let mut kept = plan.kept_answers(name, &wanted)?;
        for one in own() {
            let answer = kept.remove(&one.case);
            let same = answer.filter(|answer| Digest::of(answer.as_bytes()) == one.answer);
            found.extend(same.map(|answer| (one.at, answer)));
        }
    }
    Ok(found)
}

/// Notes what became of the grades.
fn note(plan: &Plan, ledger: &mut Ledger<'_>, stored: &[Stored]) {
    for one in stored {
        let votes = ledger.judging.votes(one.at, On::Stored).to_vec();
        let judge = plan.agents.get(one.at.0).and_then(PlannedAgent::judged_by);
        let record = ledger.record.agents.get_mut(one.at.0);
        let Some((judge, record)) = judge.zip(record.and_then(|agent| agent.judge.as_mut())) else {
            continue;
        };
        let grades = Grades {
            question: one.answer,
            usage: Usage::default(),
            cost: None,
            votes,
        };
        record.usage = record.usage.plus(grades.paid());
        if let Settled::Graded(now) = grades.settled(judge, None) {
            record.regrades.push(Regrade {
                case: one.case.clone(),
                sample: one.at.2,
                before: one.before.clone(),
                now: now
                    .into_iter()
                    .map(|(name, grade)| (name, grade.points))
                    .collect(),
                variance: variance(judge, &grades.votes),
            });
        }
    }
}

/// How far the votes on one answer lie apart, the mean over the dimensions.
fn variance(judge: &Judge, votes: &[Vote]) -> Option<f64> {
    let of = |name| {
        let points: Vec<f64> = votes
            .iter()
            .filter_map(|vote| Some(vote.grades.get(name)?.points))
            .collect();
        let count = u32::try_from(points.len())
            .ok()
            .filter(|count| *count > 1)?;
        let middle = mean(points.iter().copied())?;
        let squares: f64 = points.iter().map(|points| (points - middle).powi(2)).sum();
        Some(squares / f64::from(count - 1))
    };
    mean(judge.dimensions().filter_map(of))
}
