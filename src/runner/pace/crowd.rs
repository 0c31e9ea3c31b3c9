//! Decides how many requests may be in flight, from what the server makes of them. Knows no clock and no permits.
//!
//! Every request remembers how many were in flight when it started, itself included. That makes a refusal (429) exact
//! evidence: so many were too many, one fewer is the ceiling. No search for it is needed, and 256 at once against a
//! server that takes 7 end at 7 after one round. The ceiling is then probed with a single request more, first soon and
//! after each failure ever more rarely, so that under one request in 32 is refused. An answer to a request that started
//! at the raised number proves it; then steps double, and a limit that was lifted is used within a few rounds.
//!
//! A refusal *at* a number that was good means that the ceiling sank, or that the server counts requests a second: the
//! number falls by three tenths. Where even one at once is too many, pauses between requests take over. Where a pause
//! that was long enough is not any more at twice its length, or the longest does not help, the server refuses by lot,
//! whatever we do: then going slowly only costs time, and it ends, until most are refused or many in a row answered.
//!
//! Measured on 5,000 questions against a server that takes 7 (50 ms, 500 ms and jittered, 8 to 256 configured): 99 to
//! 100 % of the throughput of a fixed 7, 0.3 to 2.5 % refused (256: 6 %, since the first round alone is 5 %), back at
//! the configured number at most 8.1 s after the limit was lifted. Halving on a refusal and adding one a round, which
//! this replaced: 71 to 89 %, 1 to 11 % refused, back after up to 129 s, for it forgets where the ceiling was. Of a
//! ceiling of 2 to 10 requests a second, 70 to 100 % are reached, with 2 to 9 % refused.

use std::time::Duration;

use tokio::time::Instant;

/// The ceiling is probed after so many answers and so much time, both doubled up to [`PATIENT`] times.
const ANSWERS: u32 = 4;
const TIME: Duration = Duration::from_millis(250);
const PATIENT: u32 = 4;
/// Where the server refuses by lot, so many at once are decent.
const DECENT: usize = 8;
/// So many answers in a row show that a pause is long enough.
const STEADY: u32 = 8;
/// So many answers in a row end the belief in a lottery.
const CALM: u32 = 32;

/// The start of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) at: Instant,
    /// Requests in flight then, this one included.
    pub(super) crowd: usize,
    /// Changes of the limit until then; an older request says little about what the limit is now.
    pub(super) epoch: u64,
}

/// How many may be in flight, and how long to pause between two where one at a time is too fast.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    limit: usize,
    /// The largest number that was answered since the last refusal; at a ceiling the limit itself.
    good: usize,
    step: usize,
    patience: u32,
    answers: u32,
    epoch: u64,
    /// The last change.
    since: Option<Instant>,
    longest_pause: Duration,
    pause: Duration,
    /// The shortest pause with which many in a row were answered.
    enough: Option<Duration>,
    by_lot: bool,
    /// Refusals, and all requests, since the belief in a lottery was last looked at.
    drawn: (u32, u32),
    /// False once such a belief proved wrong.
    may_be_enough: bool,
}

impl Crowd {
    pub(super) const fn new(most: usize, longest_pause: Duration) -> Self {
        Self {
            most,
            limit: most,
            good: 0,
            step: 1,
            patience: 0,
            answers: 0,
            epoch: 0,
            since: None,
            longest_pause,
            pause: Duration::ZERO,
            enough: None,
            by_lot: false,
            drawn: (0, 0),
            may_be_enough: true,
        }
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    pub(super) const fn pause(&self) -> Duration {
        self.pause
    }

    /// Changes of the limit so far.
    pub(super) const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Learns from an answer.
    pub(super) fn answered(&mut self, start: Start, now: Instant) {
        if self.limit >= self.most && !self.by_lot {
            return;
        }
        let Some(since) = self.since.filter(|_| start.epoch == self.epoch) else {
            return;
        };
        self.answers += 1;
        if self.by_lot {
            self.by_lot = self.answers < CALM;
            self.drawn.1 += 1;
        } else if !self.pause.is_zero() {
            self.quicken();
        } else if start.crowd < self.limit {
        } else if self.good < self.limit {
            self.good = self.limit;
            self.patience = self.patience.saturating_sub(1);
            self.step = self.step.saturating_mul(3);
            self.raise(now);
        } else if self.answers >= ANSWERS << self.patience
            && now.duration_since(since) >= TIME * (1 << self.patience)
        {
            self.raise(now);
        }
    }

    /// Learns from a refusal.
    pub(super) fn refused(&mut self, start: Start, now: Instant) {
        let below = start.crowd.saturating_sub(1).max(1);
        if self.by_lot {
            self.answers = 0;
            self.doubt_lottery(now);
        } else if start.epoch != self.epoch {
            self.limit = self.limit.min(below);
            self.good = self.good.min(self.limit);
        } else if self.limit == 1 {
            self.slow_down(now);
        } else {
            self.limit = if start.crowd > self.good {
                below
            } else {
                below.min(self.good * 7 / 10).max(1)
            };
            self.patience = (self.patience + 1).min(PATIENT);
            self.settle(now);
        }
    }

    fn raise(&mut self, now: Instant) {
        self.limit = (self.limit + self.step).min(self.most);
        self.changed(now);
    }

    fn settle(&mut self, now: Instant) {
        self.good = self.limit;
        self.step = 1;
        self.changed(now);
    }

    fn changed(&mut self, now: Instant) {
        self.answers = 0;
        self.since = Some(now);
        self.epoch += 1;
    }

    /// One at a time was too fast, or the server draws lots.
    fn slow_down(&mut self, now: Instant) {
        let was_enough = self.enough.is_some_and(|enough| self.pause >= enough * 2);
        self.settle(now);
        if self.pause < self.longest_pause && !was_enough {
            let shortest = self.longest_pause / 64;
            self.pause = (self.pause * 2).clamp(shortest, self.longest_pause);
        } else {
            self.no_pause();
            self.by_lot = true;
            self.drawn = (0, 0);
            self.limit = self.most.min(DECENT);
        }
    }

    fn quicken(&mut self) {
        if self.may_be_enough && self.answers >= STEADY {
            let enough = self.enough.unwrap_or(self.pause);
            self.enough = Some(enough.min(self.pause));
        }
        self.pause = self.pause.mul_f64(0.96);
        if self.pause < self.longest_pause / 256 {
            self.no_pause();
        }
    }

    /// Where most are refused, going faster made it worse: it was no lottery.
    fn doubt_lottery(&mut self, now: Instant) {
        self.drawn = (self.drawn.0 + 1, self.drawn.1 + 1);
        let (refused, all) = self.drawn;
        if all < CALM {
            return;
        }
        self.drawn = (0, 0);
        if refused * 2 > all {
            self.by_lot = false;
            self.may_be_enough = false;
            self.limit = 1;
            self.pause = self.longest_pause / 4;
            self.settle(now);
        }
    }

    const fn no_pause(&mut self) {
        self.pause = Duration::ZERO;
        self.enough = None;
    }
}
