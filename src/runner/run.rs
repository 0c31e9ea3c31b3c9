//! Puts every question to `ask` and settles it once: answered, or unanswered with a reason. What happens to a single
//! question on the way is decided in `question`.
//!
//! All questions live in one task, so nothing is shared between threads and futures may borrow from the plan.

use std::cell::Cell;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::budget::Budget;
use super::desk::{Desk, Round, until};
use super::outcome::{Cause, Event, Outcome, Status};
use super::plan::{Ask, AskError, Refusal, Reply};

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
            retries: 4,
            retry_delay: Duration::from_secs(1),
            deadline: None,
            budget,
        }
    }
}

/// Asks every question and settles each exactly once, as soon as its outcome is known; the results come back in the
/// order of the questions.
///
/// `settle` turns an outcome into what is kept of it, so that answers need not stay in memory. When `interrupt`
/// completes, no request starts any more and those in flight have four seconds; [`std::future::pending`] never does.
/// A refusal that concerns every question ends the run at once and drops what is in flight.
///
/// Questions that failures of the server left unanswered are asked once more at the end, two at a time.
pub async fn run<'a, Fut, T>(
    asks: &'a [Ask<'a>],
    settings: &Settings<'_>,
    ask: impl Fn(&'a Ask<'a>) -> Fut,
    interrupt: impl Future<Output = ()>,
    on_event: impl FnMut(Event<'_>),
    mut settle: impl FnMut(&'a Ask<'a>, Outcome) -> T,
) -> Result<Vec<T>, Refusal>
where
    Fut: Future<Output = Result<Reply, AskError>>,
{
    let desk = Desk::new(asks, settings, ask, on_event);
    let mut interrupt = pin!(interrupt);
    let mut kept: Vec<Option<T>> = asks.iter().map(|_| None).collect();
    let mut keep = |index: usize, status: Status| {
        if let (Some(ask), Some(place)) = (asks.get(index), kept.get_mut(index)) {
            *place = Some(settle(ask, desk.finish(index, status)));
        }
    };

    let mut unseen: Vec<bool> = asks.iter().map(|_| true).collect();
    let mut missed = Vec::new();
    let round = Round::first(settings);
    hold(
        &desk,
        0..asks.len(),
        round,
        interrupt.as_mut(),
        |index, status| {
            if let Some(unseen) = unseen.get_mut(index) {
                *unseen = false;
            }
            if settings.retries > 0 && may_pass(&status) {
                missed.push((index, status));
            } else {
                keep(index, status);
            }
        },
    )
    .await?;

    ask_late(&desk, &mut missed, interrupt).await?;
    for (index, status) in missed {
        keep(index, status);
    }
    for (index, _) in unseen.iter().enumerate().filter(|(_, unseen)| **unseen) {
        keep(index, desk.cut_off());
    }
    Ok(kept.into_iter().flatten().collect())
}

/// Asks the questions of one round and hands over each status as it comes. Ends early when the grace after an
/// interrupt is over; what is in flight then has no status.
async fn hold<'a, Fut>(
    desk: &Desk<'a, '_, impl Fn(&'a Ask<'a>) -> Fut, impl FnMut(Event<'_>)>,
    questions: impl Iterator<Item = usize>,
    round: Round,
    mut interrupt: Pin<&mut impl Future<Output = ()>>,
    mut sink: impl FnMut(usize, Status),
) -> Result<(), Refusal>
where
    Fut: Future<Output = Result<Reply, AskError>>,
{
    let open = stream::iter(questions)
        .map(|index| async move { (index, desk.question(index, round).await) })
        .buffer_unordered(round.width);
    let mut open = pin!(open);
    let mut ends: Option<Instant> = None;
    loop {
        tokio::select! {
            biased;
            () = interrupt.as_mut(), if ends.is_none() => {
                desk.interrupt();
                ends = Some(Instant::now() + GRACE);
            }
            () = until(ends) => return Ok(()),
            next = open.next() => match next {
                Some((index, status)) => sink(index, status?),
                None => return Ok(()),
            },
        }
    }
}

/// Asks once more what failures left unanswered. An answer replaces the failure, anything else leaves it as it was.
async fn ask_late<'a, Fut>(
    desk: &Desk<'a, '_, impl Fn(&'a Ask<'a>) -> Fut, impl FnMut(Event<'_>)>,
    missed: &mut [(usize, Status)],
    interrupt: Pin<&mut impl Future<Output = ()>>,
) -> Result<(), Refusal>
where
    Fut: Future<Output = Result<Reply, AskError>>,
{
    if missed.is_empty() || desk.is_stopped() {
        return Ok(());
    }
    desk.tell(Event::LateRound {
        questions: missed.len(),
    });
    let in_a_row = Cell::new(0);
    let mut answers = HashMap::new();
    let questions: Vec<usize> = missed.iter().map(|(index, _)| *index).collect();
    let still_worth_it = questions
        .into_iter()
        .take_while(|_| in_a_row.get() < LATE_MISSES);
    let round = desk.late_round(LATE_WIDTH);
    hold(desk, still_worth_it, round, interrupt, |index, status| {
        if matches!(status, Status::Answered(_)) {
            in_a_row.set(0);
            answers.insert(index, status);
        } else {
            in_a_row.set(in_a_row.get() + 1);
        }
    })
    .await?;
    for (index, status) in missed {
        if let Some(answered) = answers.remove(index) {
            *status = answered;
        }
    }
    Ok(())
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
