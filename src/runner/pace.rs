//! Decides when the next request may start: at most N at once, at most so many a second, and fewer at once for a while
//! where the server asks for fewer. Each burst of refusals halves the number; each full round of answers adds one.

use std::cell::Cell;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// The pace of a run.
#[derive(Debug)]
pub(super) struct Pace {
    permits: Semaphore,
    most: usize,
    limit: Cell<usize>,
    /// Permits to withdraw as soon as their holders are done.
    surplus: Cell<usize>,
    answered: Cell<usize>,
    slowed: Cell<Option<Instant>>,
    interval: Option<Duration>,
    next: Cell<Option<Instant>>,
}

/// The right to make one request; ends when dropped.
#[derive(Debug)]
pub(super) struct Turn<'p> {
    permit: Option<SemaphorePermit<'p>>,
    started: Instant,
}

/// What the server made of a request, as far as the pace is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It keeps up.
    Answered,
    /// It asks for fewer requests.
    Throttled,
    /// Nothing to learn.
    Neither,
}

impl Pace {
    pub(super) fn new(most: usize, per_second: Option<f64>) -> Self {
        let interval = per_second
            .filter(|rate| *rate > 0.0)
            .and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok());
        Self {
            permits: Semaphore::new(most),
            most,
            limit: Cell::new(most),
            surplus: Cell::new(0),
            answered: Cell::new(0),
            slowed: Cell::new(None),
            interval,
            next: Cell::new(None),
        }
    }

    /// Waits for the next turn.
    pub(super) async fn turn(&self) -> Turn<'_> {
        // The semaphore is never closed, so there is always a permit in the end.
        let permit = self.permits.acquire().await.ok();
        if let Some(interval) = self.interval {
            let now = Instant::now();
            let slot = self.next.get().map_or(now, |next| next.max(now));
            self.next.set(Some(slot + interval));
            sleep_until(slot).await;
        }
        let started = Instant::now();
        Turn { permit, started }
    }

    /// Ends a turn and learns from it.
    pub(super) fn end(&self, mut turn: Turn<'_>, sign: Sign) {
        match sign {
            Sign::Answered => self.quicken(),
            Sign::Throttled => self.slow_down(turn.started),
            Sign::Neither => {}
        }
        if let Some(fewer) = self.surplus.get().checked_sub(1)
            && let Some(permit) = turn.permit.take()
        {
            self.surplus.set(fewer);
            permit.forget();
        }
    }

    /// Halves the limit, once for all requests that were already on their way.
    fn slow_down(&self, started: Instant) {
        if self.slowed.get().is_some_and(|at| started <= at) {
            return;
        }
        let limit = self.limit.get();
        let lower = (limit / 2).max(1);
        self.slowed.set(Some(Instant::now()));
        self.answered.set(0);
        self.limit.set(lower);
        self.surplus.set(self.surplus.get() + limit - lower);
    }

    fn quicken(&self) {
        let limit = self.limit.get();
        if limit >= self.most {
            return;
        }
        self.answered.set(self.answered.get() + 1);
        if self.answered.get() < limit {
            return;
        }
        self.answered.set(0);
        self.limit.set(limit + 1);
        match self.surplus.get().checked_sub(1) {
            Some(fewer) => self.surplus.set(fewer),
            None => self.permits.add_permits(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn hold(pace: &Pace, turns: usize) -> Vec<Turn<'_>> {
        let mut held = Vec::new();
        for _ in 0..turns {
            held.push(pace.turn().await);
        }
        held
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_refusals_halves_the_number_at_once_only_once() {
        let pace = Pace::new(8, None);
        for turn in hold(&pace, 8).await {
            pace.end(turn, Sign::Throttled);
        }
        assert_eq!(pace.limit.get(), 4);
        assert_eq!(pace.permits.available_permits(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn answers_bring_the_pace_back_to_where_it_began_and_no_further() {
        let pace = Pace::new(4, None);
        for _ in 0..3 {
            tokio::time::advance(Duration::from_millis(1)).await;
            pace.end(pace.turn().await, Sign::Throttled);
        }
        assert_eq!(pace.limit.get(), 1);
        for _ in 0..100 {
            pace.end(pace.turn().await, Sign::Answered);
        }
        assert_eq!(pace.limit.get(), 4);
        assert_eq!(pace.permits.available_permits(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_a_second_are_spread_evenly() {
        let pace = Pace::new(8, Some(4.0));
        let start = Instant::now();
        hold(&pace, 5).await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}
