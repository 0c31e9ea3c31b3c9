//! Asks planned samples, scores every answer and hands it to the ledger. Decides nothing: what is missing stays
//! missing, and is counted.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::sync::watch;

use super::ledger::{Ledger, Ticket};
use super::plan::Plan;
use super::planned::PlannedAgent;
use super::providers::Providers;
use super::scoring::{self, Said, Standing};
pub(super) use super::scoring::{score_again, scores_the_same};
use super::{GateError, judging};
use crate::record::{Points, SampleRecord, SampleStatus, SampleText, Settled, Stopped};
use crate::runner::{
    self, Ask, Budget, Cause, Event, Halt, Outcome, Reply, Settings, Spent, Status, Usage,
};
use crate::suite::CaseId;

/// What is told while samples are asked.
pub type OnProgress<'a> = &'a dyn Fn(Progress);

/// One step of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// So many samples more will be asked.
    Planned(usize),
    /// A request is on its way.
    Started,
    /// A request is over.
    Ended,
    /// A request will be repeated.
    Retrying,
    /// A sample is settled.
    Finished {
        /// The mean of all points so far: for watching, not for deciding.
        score: Option<f64>,
        /// What the answers cost so far; nothing where no model has a price.
        cost: Option<f64>,
    },
}

/// Everything a measurement shares between its providers.
pub(super) struct Asking<'a> {
    pub(super) plan: &'a Plan,
    pub(super) providers: &'a Providers,
    pub(super) budget: &'a Budget<'a>,
    /// Time that was left when this began.
    pub(super) deadline: Option<Duration>,
    pub(super) begun: Instant,
    pub(super) interrupt: watch::Receiver<bool>,
    pub(super) progress: OnProgress<'a>,
}

impl Asking<'_> {
    /// Time that is left.
    pub(super) fn left(&self) -> Option<Duration> {
        let deadline = self.deadline?;
        Some(deadline.saturating_sub(self.begun.elapsed()))
    }

    /// How fast a provider is asked, for how long and for how much.
    pub(super) fn settings(&self, provider: &str) -> Settings<'_> {
        let limits = self.plan.limits(provider);
        Settings {
            concurrency: limits.concurrency.unwrap_or(NonZeroUsize::MIN),
            requests_per_second: limits.requests_per_second,
            tokens_per_minute: limits.tokens_per_minute,
            retries: self.plan.run.retries,
            retry_delay: self.plan.run.retry_delay,
            deadline: self.left(),
            budget: self.budget,
        }
    }
}

/// Asks what `tickets` yields and has it graded, each provider with its own bound on requests in flight.
pub(super) async fn measure<I: Iterator<Item = Ticket>>(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
    tickets: impl Fn() -> I,
) -> Result<(), GateError> {
    let open = |ticket: &Ticket| {
        let ledger = ledger.borrow();
        !ledger.has(*ticket) && !ledger.waits(*ticket)
    };
    let (mut count, mut providers) = (0, BTreeSet::new());
    for ticket in tickets().filter(open) {
        count += 1;
        let planned = asking.plan.agents.get(ticket.agent);
        providers.extend(planned.map(|planned| planned.agent.provider.as_str()));
    }
    (asking.progress)(Progress::Planned(count));
    let runs = providers.into_iter().map(|name| {
        let its = move |ticket: &Ticket| {
            let planned = asking.plan.agents.get(ticket.agent);
            planned.is_some_and(|planned| planned.agent.provider == name)
        };
        ask_one_provider(asking, ledger, name, tickets().filter(its).filter(open))
    });
    try_join_all(runs).await?;
    judging::grade(asking, ledger, tickets).await
}

async fn ask_one_provider(
    asking: &Asking<'_>,
    ledger: &RefCell<Ledger<'_>>,
    name: &str,
    tickets: impl Iterator<Item = Ticket>,
) -> Result<(), GateError> {
    let provider = asking.providers.get(name)?;
    let settings = asking.settings(name);
    let candidates = asking.plan.agents.iter();
    let candidates: Vec<_> = candidates
        .map(|planned| Arc::new(planned.candidate.clone()))
        .collect();
    let load = |ticket: Ticket| {
        let planned = asking.plan.agents.get(ticket.agent);
        let (planned, candidate) = planned
            .zip(candidates.get(ticket.agent))
            .ok_or("the plan has no such agent")?;
        Ok(Ask {
            agent: planned.asked_as().clone(),
            case: planned.case(ticket.case)?,
            sample: ticket.sample,
            candidate: Arc::clone(candidate),
            grading: None,
        })
    };
    let priced = asking.plan.has_prices();
    let done = runner::run(
        tickets,
        &settings,
        load,
        async |ask| provider.ask(ask).await,
        interrupted(asking.interrupt.clone()),
        |event| tell(asking.progress, &event),
        |ticket, ask, outcome| {
            settle(asking, &mut ledger.borrow_mut(), ticket, ask, outcome)?;
            let ledger = ledger.borrow();
            (asking.progress)(Progress::Finished {
                score: ledger.score_so_far(),
                cost: priced.then(|| ledger.spent().cost),
            });
            Ok(())
        },
    );
    done.await.map_err(|halt| match halt {
        Halt::Refused(refusal) => refusal.into(),
        Halt::Unkept(error) => error,
    })
}

/// Completes when the run is to end; never when nobody can end it.
pub(super) async fn interrupted(mut signal: watch::Receiver<bool>) {
    if signal.wait_for(|ended| *ended).await.is_err() {
        std::future::pending::<()>().await;
    }
}

pub(super) fn tell(progress: OnProgress<'_>, event: &Event<'_>) {
    match event {
        Event::Started { .. } => progress(Progress::Started),
        Event::Ended => progress(Progress::Ended),
        Event::Retrying { .. } => progress(Progress::Retrying),
        // Told with what the answer came to.
        Event::Finished { .. } | Event::LateRound { .. } => {}
    }
}

fn settle(
    asking: &Asking<'_>,
    ledger: &mut Ledger<'_>,
    ticket: Ticket,
    ask: Option<&Ask>,
    outcome: Outcome,
) -> Result<(), GateError> {
    let Some(planned) = asking.plan.agents.get(ticket.agent) else {
        return Ok(());
    };
    if let Status::Unanswered { cause, .. } = &outcome.status {
        // Nothing failed, nothing more can be known: a recording has no further samples.
        if *cause == Cause::NoRecording && ticket.look > 1 {
            return Ok(());
        }
        // What does not gate goes without where nothing is left; what gates was asked before.
        let gates = !planned.new && planned.arm.is_none() && ticket.case < planned.gating();
        if let Some(why) = stop(*cause).filter(|why| gates || *why == Stopped::Interrupted) {
            ledger.stopped(why);
        }
    }
    let case = match ask {
        Some(ask) => ask.case.id.clone(),
        None => match ledger.case_id(ticket) {
            Some(id) => id,
            None => return Ok(()),
        },
    };
    let (mut settled, standing) = settled(asking.plan, planned, ticket, ask, case, outcome);
    settled.spent = asking.budget.spent();
    match standing {
        Standing::Final => ledger.settle(ticket, settled),
        Standing::Ungraded => ledger.wait_for_grades(ticket, settled),
    }
}

fn settled(
    plan: &Plan,
    planned: &PlannedAgent,
    ticket: Ticket,
    ask: Option<&Ask>,
    case: CaseId,
    outcome: Outcome,
) -> (Settled, Standing) {
    let mut settled = Settled {
        agent: planned.agent.name.clone(),
        case,
        served_model: None,
        system_fingerprint: None,
        spent: Spent::default(),
        sample: SampleRecord {
            index: ticket.sample,
            look: ticket.look,
            status: SampleStatus::Unanswered,
            text: None,
            answer_sha256: None,
            score: None,
            dimensions: Points::default(),
            latency_ms: None,
            attempts: outcome.attempts,
            usage: None,
            cost: None,
            cached: false,
            reused: false,
        },
    };
    let standing = match (outcome.status, ask) {
        (Status::Answered(reply), Some(ask)) => answered(plan, planned, ask, reply, &mut settled),
        (Status::Answered(_), None) => Standing::Final,
        (Status::Unanswered { why, .. }, _) => {
            settled.sample.text = Some(Box::new(SampleText {
                why: Some(why),
                ..SampleText::default()
            }));
            Standing::Final
        }
    };
    (settled, standing)
}

pub(super) const fn stop(cause: Cause) -> Option<Stopped> {
    match cause {
        Cause::Budget => Some(Stopped::Budget),
        Cause::Deadline => Some(Stopped::Deadline),
        Cause::Interrupted => Some(Stopped::Interrupted),
        Cause::Transport | Cause::Question | Cause::NoRecording => None,
    }
}

fn answered(
    plan: &Plan,
    planned: &PlannedAgent,
    ask: &Ask,
    reply: Reply,
    settled: &mut Settled,
) -> Standing {
    let sample = &mut settled.sample;
    sample.latency_ms = reply
        .latency
        .map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX));
    sample.usage = reply.usage;
    sample.cost = reply
        .usage
        .and_then(|usage| plan.prices.cost(&ask.candidate.model, usage));
    sample.cached = reply.cached;
    let said = Said {
        answer: reply.text,
        finish_reason: reply.finish_reason,
        tool_calls: reply.tool_calls,
        grades: None,
        missing: None,
    };
    let standing = scoring::score(planned, &ask.case, said, sample);
    settled.served_model = reply.served_model;
    settled.system_fingerprint = reply.system_fingerprint;
    standing
}

/// Money for tokens under the plan's prices; nothing for a model without a price.
pub(super) fn price(plan: &Plan, ask: &Ask, usage: Usage) -> f64 {
    plan.prices.cost(&ask.candidate.model, usage).unwrap_or(0.0)
}
