//! Puts every question to `ask` and settles it once: answered, or unanswered with a reason. What happens to a single
//! question on the way is decided in `question`.
//!
//! A question is a ticket until its turn comes: it is loaded when it opens and dropped when it is settled, so that a
//! hundred thousand of them need no memory. All live in one task, so nothing is shared between threads and futures may
//! borrow from the plan.

use std::cell::Cell;
use std::collections::VecDeque;
use std::iter;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::budget::Budget;
use super::desk::{Desk, Round, until};
use super::outcome::{Cause, Event, Halt, Outcome, Status};
use super::plan::{Ask, AskError, Reply};
use super::question::{Done, Job};

/// How long requests in flight may go on after an interrupt.
const GRACE: Duration = Duration::from_secs(4);
/// Questions of the late round that are asked at once.
const LATE_WIDTH: usize = 2;
/// So many failures in a row end the late round: the outage is still there.
const LATE_MISSES: u32 = 5;

/// How questions are asked.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'s> {
    /// Requests in flight, at most.
    pub concurrency: NonZeroUsize,
    /// Requests that start in a second, at most.
    pub requests_per_second: Option<f64>,
    /// Tokens of questions and answers in a minute, at most.
    pub tokens_per_minute: Option<u64>,
    /// How often a failure that may pass is asked again; with 0 there is no late round either.
    pub retries: u32,
    /// The longest first wait before asking again; it doubles up to 30 s.
    pub retry_delay: Duration,
    /// Time for the whole run.
    pub deadline: Option<Duration>,
    /// What may be spent, and what already was.
    pub budget: &'s Budget<'s>,
}

impl<'s> Settings<'s> {
    /// Eight at once, four retries that begin with a second, no deadline.
    pub fn new(budget: &'s Budget<'s>) -> Self {
        Self {
            concurrency: NonZeroUsize::new(8).unwrap_or(NonZeroUsize::MIN),
            requests_per_second: None,
            tokens_per_minute: None,
            retries: 4,
            retry_delay: Duration::from_secs(1),
            deadline: None,
            budget,
        }
    }
}

/// Asks every question and settles each exactly once, as soon as its outcome is known.
///
/// `load` makes a question of its ticket, once for its turn and once more where it is asked late; a ticket that does
/// not load is unanswered, with that sentence. `settle` keeps what it wants of an outcome and gets no question where
/// none was loaded; its first error ends the run at once.
///
/// When `interrupt` completes, no request starts any more and those in flight have four seconds;
/// [`std::future::pending`] never does. A refusal that concerns every question ends the run at once and drops what is
/// in flight. Questions that failures of the server left unanswered are asked once more at the end, two at a time.
pub async fn run<T: Copy, E>(
    tickets: impl IntoIterator<Item = T>,
    settings: &Settings<'_>,
    load: impl Fn(T) -> Result<Ask, String>,
    ask: impl AsyncFn(&Ask) -> Result<Reply, AskError>,
    interrupt: impl Future<Output = ()>,
    on_event: impl FnMut(Event<'_>),
    mut settle: impl FnMut(T, Option<&Ask>, Outcome) -> Result<(), E>,
) -> Result<(), Halt<E>> {
    let desk = Desk::new(settings, load, ask, on_event);
    let mut interrupt = pin!(interrupt);
    let mut keep = |done: Done<T>| {
        let outcome = desk.finish(done.status, done.attempts);
        settle(done.ticket, done.ask.as_ref(), outcome).map_err(Halt::Unkept)
    };
    let mut missed = Vec::new();
    let jobs = tickets.into_iter().map(Job::first);
    let round = Round::first(settings);
    hold(&desk, jobs, round, interrupt.as_mut(), |done| {
        if settings.retries > 0 && may_pass(&done.status) && !desk.is_stopped() {
            missed.push(Job::again(done));
            Ok(())
        } else {
            keep(done)
        }
    })
    .await?;

    let mut late = missed.into_iter();
    if late.len() > 0 && !desk.is_stopped() {
        desk.tell(Event::LateRound {
            questions: late.len(),
        });
        let in_a_row = Cell::new(0);
        let worth_it = iter::from_fn(|| (in_a_row.get() < LATE_MISSES).then(|| late.next())?);
        let round = desk.late_round(LATE_WIDTH);
        hold(&desk, worth_it, round, interrupt, |done| {
            let answered = matches!(done.status, Status::Answered(_));
            in_a_row.set(if answered { 0 } else { in_a_row.get() + 1 });
            keep(done.or_as_before())
        })
        .await?;
    }
    late.try_for_each(|job| keep(job.unasked(desk.cut_off())))
}

/// Asks the questions of one round and hands over each as it is done. All are done soon after the run was stopped.
async fn hold<T: Copy, E>(
    desk: &Desk<
        '_,
        impl Fn(T) -> Result<Ask, String>,
        impl AsyncFn(&Ask) -> Result<Reply, AskError>,
        impl FnMut(Event<'_>),
    >,
    jobs: impl Iterator<Item = Job<T>>,
    round: Round,
    mut interrupt: Pin<&mut impl Future<Output = ()>>,
    mut sink: impl FnMut(Done<T>) -> Result<(), Halt<E>>,
) -> Result<(), Halt<E>> {
    let open = stream::iter(jobs)
        .map(|job| desk.question(job, round))
        .buffer_unordered(round.width);
    let mut open = pin!(open);
    let mut end = pin!(until(desk.deadline));
    let mut interrupted = false;
    // What came in is worked up while nothing else comes: the next question is on its way before its answer is scored.
    let mut waiting = VecDeque::new();
    let ended = loop {
        tokio::select! {
            biased;
            () = interrupt.as_mut(), if !interrupted => {
                interrupted = true;
                desk.interrupt();
                let grace = Instant::now() + GRACE;
                end.set(until(Some(desk.deadline.map_or(grace, |deadline| deadline.min(grace)))));
            }
            () = end.as_mut(), if !desk.is_cut() => desk.cut(),
            next = open.next(), if waiting.len() < round.backlog => match next {
                Some(Ok(done)) => waiting.push_back(done),
                Some(Err(refusal)) => break Err(refusal),
                None => break Ok(()),
            },
            // The network is looked at before each.
            () = yield_now(), if !waiting.is_empty() => waiting.pop_front().map_or(Ok(()), &mut sink)?,
        }
    };
    waiting.into_iter().try_for_each(sink)?;
    Ok(ended?)
}

fn may_pass(status: &Status) -> bool {
    matches!(
        status,
        Status::Unanswered {
            cause: Cause::Transport,
            ..
        }
    )
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod throttled;

#[cfg(test)]
pub(in crate::runner) use tests::{ask, reply};
