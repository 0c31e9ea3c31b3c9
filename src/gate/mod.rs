//! The pipeline: the only place where the pure rooms and the edge meet.
//!
//! [`run`] takes a complete [`Plan`] and returns a closed record; how a plan comes about on a pull request, a push or a
//! laptop is decided in the files beside it.

pub mod action;
mod baselines;
pub mod demo;
mod documents;
mod error;
mod files;
mod measure;
mod plan;
mod providers;
pub mod publish;
mod recordings;
pub mod release;
pub mod scene;
mod side;

use std::collections::BTreeMap;
use std::time::Instant;

use tokio::sync::watch;

pub use documents::{Documents, Written, outputs};
pub use error::{GateError, exit_code};
pub use files::{Files, Remote};
pub use measure::{OnProgress, Progress};
pub use plan::{Plan, PlannedAgent};
pub use providers::{Providers, Secrets, Variables};
pub use recordings::recordings;

use crate::agent::AgentName;
use crate::baseline;
use crate::record::{
    AgentRecord, Overall, RunRecord, SCHEMA, Stopped, Tool, UsageRecord, Verdict, overall,
};
use crate::record::{Audit, Outcome};
use crate::runner::Budget;
use crate::score::digest;
use crate::verdict;
use measure::{Asking, Measured, Wanted, measure};

/// Extra samples of a case that newly fails, before it counts.
const SECOND_LOOK_SAMPLES: u32 = 2;

/// Asks, scores, compares and decides. Same plan and same answers in, same verdict out.
pub async fn run(
    plan: &Plan,
    providers: &Providers,
    interrupt: watch::Receiver<bool>,
    progress: OnProgress<'_>,
) -> Result<RunRecord, GateError> {
    let started = Instant::now();
    let budget = Budget::new(
        plan.run.budget_tokens,
        plan.run.budget_cost,
        |ask, usage| measure::price(plan, ask, usage),
    );
    let mut record = open(plan)?;
    let wanted = first_look(plan);
    let left = |since: Instant| Some(plan.run.deadline.saturating_sub(since.elapsed()));
    let asking = |deadline| Asking {
        plan,
        providers,
        budget: &budget,
        deadline,
        interrupt: interrupt.clone(),
        progress,
    };
    let measured = measure(&asking(left(started)), &wanted).await?;
    take_in(&mut record, measured);
    conclude(plan, &mut record);

    let again = second_look(plan, &record);
    if !again.is_empty() && record.run.stopped.is_none() {
        let measured = measure(&asking(left(started)), &again).await?;
        take_in(
            &mut record,
            measured.into_iter().filter(|one| !one.unrecorded).collect(),
        );
        conclude(plan, &mut record);
    }
    record.run.finished = now();
    record.created.clone_from(&record.run.finished);
    Ok(record)
}

/// RFC 3339, to the second.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

fn open(plan: &Plan) -> Result<RunRecord, GateError> {
    let mut agents = Vec::new();
    for planned in &plan.agents {
        agents.push(planned.unmeasured(&plan.policy)?);
    }
    agents.extend(plan.carried.iter().cloned());
    Ok(RunRecord {
        schema: SCHEMA.to_owned(),
        record_digest: String::new(),
        tool: Tool {
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        created: now(),
        gate_id: plan.gate_id.clone(),
        run: crate::record::RunInfo {
            started: now(),
            ..plan.info.clone()
        },
        source: plan.source.clone(),
        policy_digest: digest(&plan.policy)?,
        policy: plan.policy.clone(),
        prices: serde_json::to_value(&plan.prices).map_err(crate::score::DigestError::from)?,
        plan_digest: plan.digest()?,
        shard: None,
        derived_from: None,
        accepted: Vec::new(),
        verdict: Verdict {
            outcome: Outcome::Error,
            proven: false,
            reasons: Vec::new(),
        },
        overall: Overall::default(),
        agents,
        audit: Audit::default(),
        changes: plan.changes.clone(),
        notices: plan.notices.clone(),
    })
}

fn first_look(plan: &Plan) -> Vec<Wanted<'_>> {
    let mut wanted = Vec::new();
    for planned in &plan.agents {
        for case in &planned.suite.cases {
            wanted.extend((0..plan.samples()).map(|index| Wanted {
                planned,
                case,
                index,
                look: 1,
            }));
        }
    }
    wanted
}

/// A case that was fine in the baseline and fails now is asked again before it counts: one bad draw is no proof.
fn second_look<'a>(plan: &'a Plan, record: &RunRecord) -> Vec<Wanted<'a>> {
    let mut wanted = Vec::new();
    for planned in &plan.agents {
        let Some(agent) = record.agent(&planned.agent.name) else {
            continue;
        };
        let failed = verdict::newly_failed_cases(&plan.policy, agent);
        for case in planned
            .suite
            .cases
            .iter()
            .filter(|case| failed.contains(&case.id))
        {
            let first = plan.samples();
            let indices = first..first.saturating_add(SECOND_LOOK_SAMPLES);
            wanted.extend(indices.map(|index| Wanted {
                planned,
                case,
                index,
                look: 2,
            }));
        }
    }
    wanted
}

fn take_in(record: &mut RunRecord, measured: Vec<Measured>) {
    let mut places: BTreeMap<AgentName, &mut AgentRecord> = record
        .agents
        .iter_mut()
        .map(|agent| (agent.name.clone(), agent))
        .collect();
    for one in measured {
        record.run.stopped = worst(record.run.stopped, one.stopped);
        let Some(agent) = places.get_mut(&one.agent) else {
            continue;
        };
        agent.counts.retries += one.sample.attempts.saturating_sub(1);
        agent.served_model = agent.served_model.take().or(one.served_model);
        if let Some(case) = agent.cases.iter_mut().find(|case| case.id == one.case) {
            case.samples.push(one.sample);
            case.samples.sort_by_key(|sample| sample.index);
        }
    }
}

/// An interrupt outranks the rest: it has its own exit code.
fn worst(known: Option<Stopped>, new: Option<Stopped>) -> Option<Stopped> {
    match (known, new) {
        (Some(Stopped::Interrupted), _) | (_, Some(Stopped::Interrupted)) => {
            Some(Stopped::Interrupted)
        }
        (known, new) => known.or(new),
    }
}

fn conclude(plan: &Plan, record: &mut RunRecord) {
    let created = record.created.clone();
    for agent in record.agents.iter_mut().filter(|agent| agent.touched) {
        agent.tally();
        agent.usage = UsageRecord {
            cost: cost(plan, agent),
            ..agent.usage
        };
        let compared = match plan.baselines.get(&agent.name) {
            Some(Ok(baseline)) => {
                baseline::compare(agent, baseline, &created).map_err(|why| why.to_string())
            }
            Some(Err(why)) => Err(why.clone()),
            None => Err("no record is stored".to_owned()),
        };
        (agent.comparison, agent.not_compared) = match compared {
            Ok(comparison) => (Some(comparison), None),
            Err(why) => (None, Some(why)),
        };
    }
    record.overall = overall(&record.agents);
    let decision = verdict::decide(&record.policy, record);
    for agent in &mut record.agents {
        if let Some(verdict) = decision.agents.get(&agent.name) {
            agent.verdict = verdict.clone();
        }
    }
    record.verdict = decision.verdict;
}

fn cost(plan: &Plan, agent: &AgentRecord) -> Option<f64> {
    let usage = crate::runner::Usage {
        prompt_tokens: agent.usage.prompt_tokens,
        completion_tokens: agent.usage.completion_tokens,
    };
    plan.prices.cost(&agent.model, usage)
}
