//! What the questions of a run share: how they are loaded and asked, the pace, the budget, the clock, and whether the
//! run was stopped. Decides whether a request may start; knows nothing of what comes back.

use std::cell::{Cell, RefCell};
use std::future::pending;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::breaker::Breaker;
use super::budget::Budget;
use super::outcome::{Cause, Event, Outcome, Status};
use super::pace::{Pace, Turn};
use super::plan::{Ask, Fault};
use super::run::Settings;

/// How the questions of one round are asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// Questions that are open at once.
    pub(super) width: usize,
    /// Questions that are answered and not settled yet, before no further one is asked: so many answers more than
    /// those in flight are lost where the process is killed.
    pub(super) backlog: usize,
    pub(super) retries: u32,
    pub(super) opens: Option<Instant>,
}

impl Round {
    pub(super) const fn first(settings: &Settings<'_>) -> Self {
        Self {
            width: settings.concurrency.get().saturating_mul(2),
            backlog: settings.concurrency.get(),
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
pub(super) struct Desk<'s, L, A, E> {
    pub(super) load: L,
    pub(super) ask: A,
    on_event: RefCell<E>,
    pub(super) budget: &'s Budget<'s>,
    pub(super) deadline: Option<Instant>,
    retries: u32,
    pub(super) pace: Pace,
    pub(super) backoff: Backoff,
    stopped: RefCell<Option<Stop>>,
    stop_bell: Notify,
    cut: Cell<bool>,
    cut_bell: Notify,
    breaker: RefCell<Breaker>,
}

impl<'s, L, A, E> Desk<'s, L, A, E>
where
    E: FnMut(Event<'_>),
{
    pub(super) fn new(settings: &Settings<'s>, load: L, ask: A, on_event: E) -> Self {
        let backoff = Backoff::new(settings.retry_delay);
        let breaker = Breaker::new(settings, &backoff);
        Self {
            load,
            ask,
            on_event: RefCell::new(on_event),
            budget: settings.budget,
            deadline: settings
                .deadline
                .and_then(|time| Instant::now().checked_add(time)),
            retries: settings.retries,
            pace: Pace::new(settings),
            backoff,
            stopped: RefCell::new(None),
            stop_bell: Notify::new(),
            cut: Cell::new(false),
            cut_bell: Notify::new(),
            breaker: RefCell::new(breaker),
        }
    }

    /// One more try without retries, after as long a wait as one more retry would have had.
    pub(super) fn late_round(&self, width: usize) -> Round {
        let wait = self.backoff.ceiling(self.retries.saturating_add(1));
        Round {
            width,
            backlog: width,
            retries: 0,
            opens: Instant::now().checked_add(wait),
        }
    }

    /// The outcome of a question for which nothing more will be done.
    pub(super) fn finish(&self, status: Status, attempts: u32) -> Outcome {
        let outcome = Outcome { status, attempts };
        self.tell(Event::Finished { outcome: &outcome });
        outcome
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        (self.on_event.borrow_mut())(event);
    }

    /// No request starts from now on, and nobody waits any longer to make one.
    pub(super) fn interrupt(&self) {
        self.stop(Cause::Interrupted, "the run was interrupted".to_owned());
    }

    /// Nobody waits for what is in flight any longer.
    pub(super) fn cut(&self) {
        let Stop { cause, why } = out_of_time();
        self.stop(cause, why);
        self.cut.set(true);
        self.cut_bell.notify_waiters();
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.get()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.borrow().is_some()
    }

    /// The status of a question that had no chance.
    pub(super) fn cut_off(&self) -> Status {
        self.stop_reason().into()
    }

    /// Waits for the right to make one request.
    pub(super) async fn turn(&self, ask: &Ask) -> Result<Turn<'_>, Stop> {
        self.may_start()?;
        let turn = self.unless_stopped(self.pace.turn(ask)).await?;
        self.may_start()?;
        Ok(turn)
    }

    pub(super) fn may_start(&self) -> Result<(), Stop> {
        if self.is_stopped() {
            return Err(self.stop_reason());
        }
        match self.budget.used_up() {
            Some(why) => Err(Stop {
                cause: Cause::Budget,
                why,
            }),
            None => Ok(()),
        }
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
        }
    }

    /// Waits for what is in flight, as long as the run allows.
    pub(super) async fn unless_cut<O>(&self, work: impl Future<Output = O>) -> Result<O, Stop> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.cut_bell.notified() => Err(self.stop_reason()),
        }
    }

    /// The server said something that is no failure of its own.
    pub(super) fn answered(&self) {
        self.breaker.borrow_mut().answered();
    }

    /// The server failed; many such failures in a row end the run.
    pub(super) fn failed(&self, fault: Fault, why: &str) {
        let broken = self.breaker.borrow_mut().failed(fault, why, Instant::now());
        if let Some(why) = broken {
            self.stop(Cause::Transport, why);
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

fn out_of_time() -> Stop {
    Stop {
        cause: Cause::Deadline,
        why: "the run's deadline was reached before an answer came".to_owned(),
    }
}
