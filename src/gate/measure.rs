//! Asks every planned sample and scores every answer. Decides nothing: what is missing stays missing, and is counted.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;

use super::GateError;
use super::plan::{Plan, PlannedAgent};
use super::providers::Providers;
use crate::agent::AgentName;
use crate::record::{SampleRecord, SampleStatus, Stopped};
use crate::runner::{self, Ask, Budget, Cause, Event, Halt, Outcome, Settings, Status, Usage};
use crate::score::{self, Answer, digest_bytes};
use crate::suite::{Case, CaseId};

/// One sample that is to be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) planned: &'a PlannedAgent,
    pub(super) case: &'a Case,
    pub(super) index: u32,
    pub(super) look: u32,
}

/// One sample that was asked, with its place.
pub(super) struct Measured {
    pub(super) agent: AgentName,
    pub(super) case: CaseId,
    pub(super) sample: SampleRecord,
    pub(super) served_model: Option<String>,
    pub(super) stopped: Option<Stopped>,
    /// True where a recording has no such sample: nothing failed, nothing more can be known.
    pub(super) unrecorded: bool,
}

/// What is told while samples are asked.
pub type OnProgress<'a> = &'a dyn Fn(Progress);

/// One step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many samples will be asked.
    Planned(usize),
    /// A request will be repeated.
    Retrying,
    /// A sample is settled.
    Finished,
}

/// Everything a measurement shares between its providers.
pub(super) struct Asking<'a> {
    pub(super) plan: &'a Plan,
    pub(super) providers: &'a Providers,
    pub(super) budget: &'a Budget<'a>,
    pub(super) deadline: Option<Duration>,
    pub(super) interrupt: tokio::sync::watch::Receiver<bool>,
    pub(super) progress: OnProgress<'a>,
}

/// Asks the wanted samples, each provider with its own bound on requests in flight, and scores the answers.
pub(super) async fn measure(
    asking: &Asking<'_>,
    wanted: &[Wanted<'_>],
) -> Result<Vec<Measured>, GateError> {
    (asking.progress)(Progress::Planned(wanted.len()));
    let mut by_provider: BTreeMap<&str, Vec<Wanted<'_>>> = BTreeMap::new();
    for one in wanted {
        by_provider
            .entry(&one.planned.agent.provider)
            .or_default()
            .push(*one);
    }
    let runs = by_provider
        .into_iter()
        .map(|(provider, wanted)| ask_one_provider(asking, provider, wanted));
    Ok(try_join_all(runs).await?.into_iter().flatten().collect())
}

async fn ask_one_provider(
    asking: &Asking<'_>,
    name: &str,
    wanted: Vec<Wanted<'_>>,
) -> Result<Vec<Measured>, GateError> {
    let provider = asking.providers.get(name)?;
    let limits = asking.plan.limits(name);
    let settings = Settings {
        concurrency: limits.concurrency.unwrap_or(NonZeroUsize::MIN),
        requests_per_second: limits.requests_per_second,
        retries: asking.plan.run.retries,
        retry_delay: asking.plan.run.retry_delay,
        deadline: asking.deadline,
        budget: asking.budget,
    };
    let mut measured: Vec<Option<Measured>> = wanted.iter().map(|_| None).collect();
    let places = wanted.iter().enumerate();
    let done = runner::run(
        places,
        &settings,
        |(_, one)| Ok(ask(one)),
        async |ask| provider.ask(ask).await,
        interrupted(asking.interrupt.clone()),
        |event| tell(asking.progress, &event),
        |(place, one), _, outcome| {
            if let Some(place) = measured.get_mut(place) {
                *place = Some(settle(one, outcome));
            }
            Ok(())
        },
    );
    match done.await {
        Ok(()) => Ok(measured.into_iter().flatten().collect()),
        Err(Halt::Refused(refusal)) => Err(refusal.into()),
        Err(Halt::Unkept(error)) => Err(error),
    }
}

fn ask(one: &Wanted<'_>) -> Ask {
    Ask {
        agent: one.planned.agent.name.clone(),
        case: Arc::new(one.case.clone()),
        sample: one.index,
        candidate: Arc::new(one.planned.candidate.clone()),
    }
}

/// Completes when the run is to end; never when nobody can end it.
async fn interrupted(mut signal: tokio::sync::watch::Receiver<bool>) {
    if signal.wait_for(|ended| *ended).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn tell(progress: OnProgress<'_>, event: &Event<'_>) {
    match event {
        Event::Retrying { .. } => progress(Progress::Retrying),
        Event::Finished { .. } => progress(Progress::Finished),
        Event::Started { .. } | Event::Ended | Event::LateRound { .. } => {}
    }
}

fn settle(one: &Wanted<'_>, outcome: Outcome) -> Measured {
    let attempts = outcome.attempts;
    let mut sample = SampleRecord {
        index: one.index,
        look: one.look,
        status: SampleStatus::Unanswered,
        why: None,
        answer: None,
        answer_sha256: None,
        score: None,
        dimensions: BTreeMap::new(),
        lost: Vec::new(),
        checks: Vec::new(),
        judge: None,
        finish_reason: None,
        latency_ms: None,
        attempts,
        usage: None,
        cached: false,
    };
    let mut served_model = None;
    let mut stopped = None;
    let mut unrecorded = false;
    match outcome.status {
        Status::Answered(reply) => {
            served_model.clone_from(&reply.served_model);
            answered(one, reply, &mut sample);
        }
        Status::Unanswered { cause, why } => {
            stopped = stop(cause);
            unrecorded = cause == Cause::NoRecording;
            sample.why = Some(why);
        }
    }
    Measured {
        agent: one.planned.agent.name.clone(),
        case: one.case.id.clone(),
        sample,
        served_model,
        stopped,
        unrecorded,
    }
}

const fn stop(cause: Cause) -> Option<Stopped> {
    match cause {
        Cause::Budget => Some(Stopped::Budget),
        Cause::Deadline => Some(Stopped::Deadline),
        Cause::Interrupted => Some(Stopped::Interrupted),
        Cause::Transport | Cause::Question | Cause::NoRecording => None,
    }
}

fn answered(one: &Wanted<'_>, reply: runner::Reply, sample: &mut SampleRecord) {
    let answer = Answer {
        text: &reply.text,
        finish_reason: reply.finish_reason.as_deref(),
    };
    let scored = score::score(
        &one.planned.suite.scoring,
        &one.case.expectation,
        one.case.prompt(),
        &answer,
    );
    sample.status = SampleStatus::Scored;
    sample.answer_sha256 = Some(digest_bytes(reply.text.as_bytes()));
    sample.score = Some(scored.score);
    sample.dimensions = scored.dimensions;
    sample.lost = scored.lost;
    sample.checks = scored.checks;
    sample.latency_ms = Some(u64::try_from(reply.latency.as_millis()).unwrap_or(u64::MAX));
    sample.usage = reply.usage;
    sample.finish_reason = reply.finish_reason;
    sample.answer = Some(reply.text);
}

/// Money for tokens under the plan's prices; nothing for a model without a price.
pub(super) fn price(plan: &Plan, ask: &Ask, usage: Usage) -> f64 {
    plan.prices.cost(&ask.candidate.model, usage).unwrap_or(0.0)
}
