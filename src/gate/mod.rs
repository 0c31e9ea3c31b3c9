//! The pipeline: the only place where the pure rooms and the edge meet.
//!
//! [`run`] takes a complete [`Plan`] and returns a closed record; how a plan comes about on a pull request, a push or a
//! laptop is decided in the files beside it.

mod accept;
pub mod action;
mod added;
pub mod again;
mod arms;
mod base_models;
mod baselines;
mod budget;
pub mod calibrate;
pub mod checkout;
mod conclude;
pub mod data;
pub mod demo;
mod deposit;
mod documents;
mod drift;
mod error;
mod estimate;
mod extra;
mod files;
mod graded;
pub mod history;
pub mod import;
mod judging;
pub mod keep;
mod ledger;
mod lock;
mod looks;
mod measure;
pub mod merge;
mod opening;
mod origin;
mod out_folder;
mod page;
mod parts;
pub mod ping;
mod places;
mod plan;
mod planned;
mod preflight;
mod providers;
pub mod publish;
mod record_name;
mod record_order;
mod record_store;
mod recordings;
pub mod release;
pub mod rescore;
mod resume;
mod reuse;
pub mod scene;
mod scoring;
pub mod self_test;
mod served;
mod shard;
pub mod side;
pub mod since;
pub mod start;
mod stored;
mod suite_digest;
mod tested;
mod ticket;
mod told;
mod words;

use std::cell::RefCell;
use std::time::Instant;

use tokio::sync::watch;

pub use added::Added;
pub use documents::{Documents, Written, outputs};
pub use error::{GateError, exit_code, exit_code_of_pings};
pub use estimate::{AgentEstimate, Bounds, Estimate, JudgeEstimate, estimate};
pub use files::{Files, Remote};
pub use graded::{gradable, read_grades};
pub use ledger::Ledger;
pub use measure::{OnProgress, Progress};
pub use opening::{JOURNAL, Journaling, Leftover};
pub use out_folder::refuse_linked;
pub use parts::Parts;
pub use plan::Plan;
pub use planned::PlannedAgent;
pub use providers::{Answers, Providers, Recordings, Secrets, Variables};
pub use recordings::write_recordings;

use crate::record::{Outcome, Overall, RunRecord, SCHEMA, Stopped, Tool, Verdict};
use crate::runner::Budget;
use crate::score::digest;
use conclude::conclude;
use measure::{Asking, measure};

/// Asks, scores, compares and decides. Same plan and same answers in, same verdict out.
pub async fn run<'p>(
    plan: &'p Plan,
    providers: &Providers,
    journaling: Journaling<'_>,
    interrupt: watch::Receiver<bool>,
    progress: OnProgress<'_>,
) -> Result<Ledger<'p>, GateError> {
    let started = Instant::now();
    let ledger = RefCell::new(opened(plan, journaling)?);
    let budget = Budget::new(
        plan.run.budget_tokens,
        plan.run.budget_cost,
        |ask, usage| measure::price(plan, ask, usage),
    )
    .with_spent(ledger.borrow().spent());
    let beyond = preflight::beyond_budget(plan, providers, &ledger.borrow())?;
    if let Some(why) = beyond {
        ledger.borrow_mut().stopped(Stopped::Budget);
        ledger.borrow_mut().record.run.stopped_because = Some(why);
        conclude(&plan.prices, &plan.baselines, &mut ledger.borrow_mut());
        return ended(ledger.into_inner(), plan, providers);
    }
    let looked = preflight::look_up(plan, providers, interrupt.clone()).await?;
    arms::without(plan, &looked.gone, &mut ledger.borrow_mut().record);
    let told = origin::confirm(plan, &looked.about, &mut ledger.borrow_mut().record);
    let told = looked.unclear.into_iter().chain(told);
    ledger.borrow_mut().record.note(told);
    let left = |since: Instant| Some(plan.run.deadline.saturating_sub(since.elapsed()));
    let asking = |deadline| Asking {
        plan,
        providers,
        budget: &budget,
        deadline,
        begun: Instant::now(),
        interrupt: interrupt.clone(),
        progress,
    };
    for (place, samples) in plan.schedule().into_iter().enumerate() {
        let open = looks::open(plan, &ledger.borrow().record);
        if place > 0 && (open.is_empty() || ledger.borrow().record.run.stopped.is_some()) {
            break;
        }
        let tickets = || looks::tickets(plan, &open, place, samples);
        ledger.borrow_mut().take_later(tickets())?;
        measure(&asking(left(started)), &ledger, tickets).await?;
        arms::ask(&asking(left(started)), &ledger, (&open, place, samples)).await?;
        judging::regrade(&asking(left(started)), &ledger, place).await?;
        conclude(&plan.prices, &plan.baselines, &mut ledger.borrow_mut());
        if plan.shard.is_some() {
            // Whether to look again is known once the parts are joined.
            break;
        }
        looks::note(plan, &mut ledger.borrow_mut().record, &open, place);
    }

    let again = looks::after_failing(plan, &ledger.borrow().record);
    if !again.is_empty() && ledger.borrow().record.run.stopped.is_none() {
        ledger.borrow_mut().take_later(again.iter().copied())?;
        measure(&asking(left(started)), &ledger, || again.iter().copied()).await?;
        conclude(&plan.prices, &plan.baselines, &mut ledger.borrow_mut());
    }
    if arms::ask_base_models(&asking(left(started)), &ledger).await? {
        conclude(&plan.prices, &plan.baselines, &mut ledger.borrow_mut());
    }
    extra::ask(&asking(left(started)), &ledger).await?;
    ended(ledger.into_inner(), plan, providers)
}

/// The ledger with what was asked already: before this run was broken off, or in its parts.
fn opened<'p>(plan: &'p Plan, journaling: Journaling<'_>) -> Result<Ledger<'p>, GateError> {
    let mut record = begin(plan)?;
    if let Some(parts) = &plan.parts {
        parts.fit(&record)?;
        record.note(parts.notices());
        record.derived_from = Some(parts.digest()?);
    }
    let planned = opening::planned(plan, &record)?;
    let journal = opening::open(journaling, &planned)?;
    let mut ledger = Ledger::open(plan, record, journal, planned)?;
    match &plan.parts {
        // What a part took from a baseline is among its samples.
        Some(parts) => parts.pour_into(&mut ledger)?,
        None => plan.reused.pour_into(&mut ledger)?,
    }
    Ok(ledger)
}

fn ended<'p>(
    mut ledger: Ledger<'p>,
    plan: &Plan,
    providers: &Providers,
) -> Result<Ledger<'p>, GateError> {
    let mut notices = ledger.servers();
    notices.extend(providers.notices());
    tested::note(plan, &mut ledger)?;
    let record = &mut ledger.record;
    record.arms = record.take_arms();
    conclude::under(plan.new_policy.as_ref(), record);
    record.note(notices);
    record.run.finished = now();
    record.created.clone_from(&record.run.finished);
    Ok(ledger)
}

/// RFC 3339, to the second.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}

/// The record of a plan before anything is asked.
fn begin(plan: &Plan) -> Result<RunRecord, GateError> {
    let mut agents = Vec::new();
    for (place, planned) in plan.agents.iter().enumerate() {
        let mut agent = planned.unmeasured(&plan.policy)?;
        agent.unchanged = plan.unchanged.contains(&agent.name);
        agent.measured = plan.reused.measured(place).cloned();
        agent.calibration = planned.calibrated(plan.calibration.as_deref(), &agent);
        agents.push(agent);
    }
    let plan_digest = plan.digest(&agents)?.to_string();
    agents.extend(plan.carried.iter().cloned());
    for agent in &mut agents {
        if let Some(data) = plan.data.get(&agent.name) {
            agent.data.clone_from(data);
        }
    }
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
            looks: u32::try_from(plan.schedule().len())
                .ok()
                .filter(|looks| *looks > 1),
            ..plan.info.clone()
        },
        source: plan.source.clone(),
        policy_digest: digest(&plan.policy)?.to_string(),
        policy: plan.policy.clone(),
        prices: serde_json::to_value(&plan.prices).map_err(crate::score::DigestError::from)?,
        plan_digest,
        shard: plan.shard,
        derived_from: None,
        accepted: accept::inherited(plan, &agents),
        kept_because: None,
        verdict: Verdict {
            outcome: Outcome::Error,
            proven: false,
            reasons: Vec::new(),
        },
        overall: Overall::default(),
        agents,
        arms: Vec::new(),
        audit: plan.audit.clone(),
        changes: plan.changes.clone(),
        notices: plan.notices.clone(),
    })
}
