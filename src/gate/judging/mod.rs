//! Has answers graded: one more pass of the runner over what the answers left, with the same bounds on requests, budget
//! and time. A reply that cannot be read is asked for once more; what has no grades then is unscored, never zero.

mod pass;
mod pending;
mod regrade;

use std::cell::RefCell;

use pass::Pass;
pub(super) use pending::{On, Pending};
pub(super) use regrade::regrade;

use super::ledger::{Ledger, Ticket};
use super::measure::Asking;
use super::{GateError, Plan};
use crate::agent::AgentName;
use crate::judge::Judge;

impl Plan {
    /// The judge, if anything is going to be graded in this run: its key is wanted then.
    pub fn judge_asked(&self) -> Option<&Judge> {
        self.still_asked()
            .find_map(|planned| planned.judge.as_deref())
    }

    /// Refuses a judge that would grade itself.
    pub fn refuse_self_grading(&self) -> Result<(), GateError> {
        let Some(judge) = &self.judge else {
            return Ok(());
        };
        let mut own = self
            .agents
            .iter()
            .filter(|one| one.arm.is_none() && one.judge.is_some());
        let refused = |name: &AgentName, model: &str| {
            judge
                .refuses(model)
                .map(|why| format!("agent `{name}`: {why}"))
        };
        match own.find_map(|one| refused(&one.agent.name, &one.candidate.model)) {
            Some(why) => Err(GateError::Usage(why)),
            None => Ok(()),
        }
    }
}

/// Has the answers to these tickets graded that wait for it.
pub(super) async fn grade<I: Iterator<Item = Ticket>>(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
    tickets: impl Fn() -> I,
) -> Result<(), GateError> {
    let waits = |ticket: &Ticket| ledger.borrow().waits(*ticket);
    let pass = Pass::of(asking, ledger, On::Answer);
    let refused = |why| match (why, asking.plan.judge_asked()) {
        (GateError::Refused(source), Some(judge)) => GateError::GradingRefused {
            model: judge.model.clone(),
            source,
            way_on: "",
        },
        (why, _) => why,
    };
    let open = || {
        tickets()
            .filter(waits)
            .flat_map(|ticket| pass.missing(ticket))
    };
    let count = open().count();
    if count > 0 {
        pass.ask(open(), count).await.map_err(refused)?;
    }
    // What has all of its votes was settled with the last of them, but for a run that ended between the two.
    for ticket in tickets().filter(waits) {
        let lacks = !pass.missing(ticket).is_empty();
        let why = lacks.then(|| pass.why_missing(ticket));
        ledger.borrow_mut().grade(ticket, why.as_deref())?;
    }
    Ok(())
}
