//! What the questions of a run share: the plan, the pace, the budget, the clock, and whether the run was stopped.
//! Decides whether a request may start; knows nothing of what comes back.

use std::cell::{Cell, RefCell};
use std::future::pending;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::budget::Budget;
use super::outcome::{Cause, Event, Outcome, Status};
use super::pace::{Pace, Turn};
use super::plan::Ask;
use super::run::Settings;

/// How the questions of one round are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// Questions that are open at once.
    pub(super) width: usize,
    pub(super) retries: u32,
    pub(super) opens: Option<Instant>,
}

impl Round {
    pub(super) const fn first(settings: &Settings<'_>) -> Self {
        Self {
            width: settings.concurrency.get(),
            retries: settings.retries,
            opens: None,
        }
    }
}

/// Why no further request is made for a question.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub(super) cause: Cause,
    pub(super) why: String,
}

impl From<Stop> for Status {
    fn from(stop: Stop) -> Self {
        Self::Unanswered {
            cause: stop.cause,
            why: stop.why,
        }
    }
}

/// What all questions of a run share. They run in one task, so plain cells are enough.
pub(super) struct Desk<'a, 's, A, E> {
    pub(super) asks: &'a [Ask<'a>],
    pub(super) ask: A,
    on_event: RefCell<E>,
    attempts: Vec<Cell<u32>>,
    pub(super) budget: &'s Budget<'s>,
    pub(super) deadline: Option<Instant>,
    retries: u32,
    pub(super) pace: Pace,
    pub(super) backoff: Backoff,
    stopped: RefCell<Option<Stop>>,
    stop_bell: Notify,
    pub(super) reached: Cell<bool>,
    pub(super) unreachable: Cell<u32>,
}

impl<'a, 's, A, E> Desk<'a, 's, A, E>
where
    E: FnMut(Event<'_>),
{
    pub(super) fn new(asks: &'a [Ask<'a>], settings: &Settings<'s>, ask: A, on_event: E) -> Self {
        Self {
            asks,
            ask,
            on_event: RefCell::new(on_event),
            attempts: asks.iter().map(|_| Cell::new(0)).collect(),
            budget: settings.budget,
            deadline: settings
                .deadline
                .and_then(|time| Instant::now().checked_add(time)),
            retries: settings.retries,
            pace: Pace::new(settings.concurrency.get(), settings.requests_per_second),
            backoff: Backoff::new(settings.retry_delay),
            stopped: RefCell::new(None),
            stop_bell: Notify::new(),
            reached: Cell::new(false),
            unreachable: Cell::new(0),
        }
    }

    /// One more try without retries, after as long a wait as one more retry would have had.
    pub(super) fn late_round(&self, width: usize) -> Round {
        let wait = self.backoff.ceiling(self.retries.saturating_add(1));
        Round {
            width,
            retries: 0,
            opens: Instant::now().checked_add(wait),
        }
    }

    /// The outcome of a question for which nothing more will be done.
    pub(super) fn finish(&self, index: usize, status: Status) -> Outcome {
        let outcome = Outcome {
            status,
            attempts: self.attempts.get(index).map_or(0, Cell::get),
        };
        self.tell(Event::Finished {
            index,
            outcome: &outcome,
        });
        outcome
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        (self.on_event.borrow_mut())(event);
    }

    /// No request starts from now on, and nobody waits any longer to make one.
    pub(super) fn interrupt(&self) {
        self.stop(Cause::Interrupted, "the run was interrupted".to_owned());
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.borrow().is_some()
    }

    /// The status of a question that was in flight when the run ended.
    pub(super) fn cut_off(&self) -> Status {
        self.stop_reason().into()
    }

    /// Waits for the right to make one request.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, Stop> {
        self.may_start()?;
        let turn = self.unless_stopped(self.pace.turn()).await?;
        self.may_start()?;
        Ok(turn)
    }

    fn may_start(&self) -> Result<(), Stop> {
        if self.is_stopped() {
            return Err(self.stop_reason());
        }
        if self.deadline.is_some_and(|at| Instant::now() >= at) {
            return Err(out_of_time());
        }
        match self.budget.used_up() {
            Some(why) => Err(Stop {
                cause: Cause::Budget,
                why,
            }),
            None => Ok(()),
        }
    }

    /// Counts one more request for a question and says the how-many-eth it is.
    pub(super) fn count_attempt(&self, index: usize) -> u32 {
        self.attempts.get(index).map_or(1, |attempts| {
            attempts.set(attempts.get().saturating_add(1));
            attempts.get()
        })
    }

    /// Waits for `work`, but not beyond the end of the run.
    pub(super) async fn unless_stopped<O>(&self, work: impl Future<Output = O>) -> Result<O, Stop> {
        if self.is_stopped() {
            return Err(self.stop_reason());
        }
        tokio::select! {
            biased;
            () = self.stop_bell.notified() => Err(self.stop_reason()),
            done = work => Ok(done),
            () = until(self.deadline) => Err(out_of_time()),
        }
    }

    /// Ends the run for every question that is not in flight. The first reason stands.
    pub(super) fn stop(&self, cause: Cause, why: String) {
        self.stopped.borrow_mut().get_or_insert(Stop { cause, why });
        self.stop_bell.notify_waiters();
    }

    pub(super) fn stop_reason(&self) -> Stop {
        self.stopped.borrow().clone().unwrap_or_else(|| Stop {
            cause: Cause::Interrupted,
            why: "the run ended before its turn came".to_owned(),
        })
    }
}

/// Completes at the given time, and never without one.
pub(super) async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

pub(super) fn out_of_time() -> Stop {
    Stop {
        cause: Cause::Deadline,
        why: "the run's deadline was reached before an answer came".to_owned(),
    }
}
