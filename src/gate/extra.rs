//! Asks what does not gate: cases and agents that only a pull request has. After everything that decides, with what the
//! budget and the deadline leave, so that a pull request cannot use up what its base has set aside for itself.

use std::cell::RefCell;

use super::conclude::conclude;
use super::ledger::{Ledger, Ticket};
use super::measure::{Asking, measure};
use super::plan::Plan;
use super::{GateError, looks};

/// Asks the new cases, then the new agents, and concludes again: where anything was asked, and nobody ended the run.
pub(super) async fn ask(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
) -> Result<(), GateError> {
    let plan = asking.plan;
    let is_over = || ledger.borrow().record.run.stopped.is_some();
    if !is_planned(plan) || is_over() {
        return Ok(());
    }
    match measure(asking, ledger, || cases(plan)).await {
        // The verdict does not rest on them.
        Err(GateError::Refused(why)) => {
            let told = format!("cases that only this pull request has were not all asked: {why}");
            ledger.borrow_mut().record.note([told]);
        }
        other => other?,
    }
    let new = new_agents(plan);
    if !is_over() {
        let tickets = || looks::tickets(plan, &new, 0, plan.samples());
        measure(asking, ledger, tickets).await?;
    }
    let ledger = &mut ledger.borrow_mut();
    conclude(&plan.prices, &plan.baselines, ledger);
    if plan.shard.is_none() {
        looks::note(plan, &mut ledger.record, &new, 0);
    }
    Ok(())
}

fn is_planned(plan: &Plan) -> bool {
    let mut agents = plan.agents.iter();
    agents.any(|planned| planned.new || planned.gating() < planned.cases())
}

fn new_agents(plan: &Plan) -> Vec<usize> {
    let agents = plan.agents.iter().enumerate();
    let new = agents.filter(|(_, planned)| planned.new);
    new.map(|(place, _)| place).collect()
}

fn cases(plan: &Plan) -> impl Iterator<Item = Ticket> + '_ {
    let samples = plan.samples();
    plan.agents
        .iter()
        .enumerate()
        .flat_map(move |(agent, planned)| {
            (planned.gating()..planned.cases()).flat_map(move |case| {
                (0..samples).map(move |sample| Ticket {
                    agent,
                    case,
                    sample,
                    look: 1,
                })
            })
        })
}
