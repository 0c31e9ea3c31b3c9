//! Decides when the next request may start: when fewer are in flight than the server takes (`crowd`), and when the
//! bounds a second and a minute and the server's own words allow it (`rate`). Holds the queue, decides no numbers.

mod crowd;
mod rate;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use super::plan::{Ask, Reply};
use super::run::Settings;
use crowd::{Crowd, Start};
use rate::Rate;

/// The longest pause between requests to a server that refuses even one at a time, in first waits before a retry.
const LONGEST_PAUSE: u32 = 4;

/// The pace of a run.
#[derive(Debug)]
pub(super) struct Pace {
    permits: Semaphore,
    /// Permits there are, with those that are to be withdrawn.
    issued: Cell<usize>,
    in_flight: Cell<usize>,
    crowd: RefCell<Crowd>,
    rate: RefCell<Rate>,
    /// Who has a permit and waits for its time waits here, one behind the other.
    door: Semaphore,
    sooner: Notify,
}

/// The right to make one request; ends when dropped.
#[derive(Debug)]
pub(super) struct Turn<'p> {
    pace: &'p Pace,
    permit: Option<SemaphorePermit<'p>>,
    start: Start,
    tokens: u64,
}

/// What the server made of a request, as far as the pace is concerned.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sign<'r> {
    /// It keeps up.
    Answered(&'r Reply),
    /// It refused this one question, and keeps up.
    Declined,
    /// It asks for fewer requests, and perhaps for a time without any.
    Throttled(Option<Duration>),
    /// Nothing to learn.
    Neither,
}

impl Pace {
    pub(super) fn new(settings: &Settings<'_>) -> Self {
        let most = settings.concurrency.get().min(Semaphore::MAX_PERMITS);
        let longest_pause = settings.retry_delay.saturating_mul(LONGEST_PAUSE);
        Self {
            permits: Semaphore::new(most),
            issued: Cell::new(most),
            in_flight: Cell::new(0),
            crowd: RefCell::new(Crowd::new(most, longest_pause)),
            rate: RefCell::new(Rate::new(
                settings.requests_per_second,
                settings.tokens_per_minute,
            )),
            door: Semaphore::new(1),
            sooner: Notify::new(),
        }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self, ask: &Ask) -> Turn<'_> {
        // Neither semaphore is ever closed, so there is always a permit in the end.
        let permit = self.permits.acquire().await.ok();
        if !self.is_free() {
            let _first_in_line = self.door.acquire().await.ok();
            self.wait_for_time().await;
        }
        let at = Instant::now();
        let tokens = self.rate.borrow_mut().start(ask, at);
        let crowd = self.in_flight.get() + 1;
        self.in_flight.set(crowd);
        Turn {
            pace: self,
            permit,
            start: Start {
                at,
                crowd,
                epoch: self.crowd.borrow().epoch(),
            },
            tokens,
        }
    }

    fn is_free(&self) -> bool {
        self.rate.borrow().is_free() && self.crowd.borrow().pause().is_zero()
    }

    async fn wait_for_time(&self) {
        loop {
            let pause = self.crowd.borrow().pause();
            let next = self.rate.borrow().next(pause);
            let Some(next) = next.filter(|next| *next > Instant::now()) else {
                return;
            };
            tokio::select! {
                biased;
                () = self.sooner.notified() => {}
                () = sleep_until(next) => {}
            }
        }
    }

    /// Ends a turn and learns from it.
    pub(super) fn end(&self, turn: Turn<'_>, sign: Sign<'_>) {
        let Turn { start, tokens, .. } = turn;
        let mut rate = self.rate.borrow_mut();
        let mut crowd = self.crowd.borrow_mut();
        match sign {
            Sign::Answered(reply) if reply.cached => rate.give_back(tokens),
            Sign::Answered(reply) => {
                crowd.answered(start, Instant::now());
                rate.hear(reply.allowance, reply.usage, start.at);
                if let Some(usage) = reply.usage {
                    rate.settle(tokens, usage);
                }
            }
            Sign::Declined => {
                crowd.answered(start, Instant::now());
                rate.give_back_tokens(tokens);
            }
            Sign::Throttled(wait) => {
                crowd.refused(start, Instant::now());
                rate.give_back_tokens(tokens);
                if let Some(wait) = wait {
                    rate.hold(wait, start.at);
                }
            }
            Sign::Neither => {}
        }
        let limit = crowd.limit();
        drop((rate, crowd));
        self.issue(limit);
        drop(turn);
        if self.door.available_permits() == 0 {
            self.sooner.notify_waiters();
        }
    }

    /// Brings the number of permits to the limit; those in use are withdrawn when their turns end.
    fn issue(&self, limit: usize) {
        let issued = self.issued.get();
        if let Some(more) = limit.checked_sub(issued) {
            self.permits.add_permits(more);
            self.issued.set(limit);
        } else {
            let fewer = self.permits.forget_permits(issued - limit);
            self.issued.set(issued - fewer);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let pace = self.pace;
        pace.in_flight.set(pace.in_flight.get().saturating_sub(1));
        if pace.issued.get() > pace.crowd.borrow().limit()
            && let Some(permit) = self.permit.take()
        {
            permit.forget();
            pace.issued.set(pace.issued.get() - 1);
        }
    }
}

#[cfg(test)]
mod tests;
