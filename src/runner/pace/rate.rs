//! Decides when the next request may start: at most so many requests a second and tokens a minute, evenly and without
//! bursts beyond a small bucket, and not before the time that the server names. Knows no permits and does not wait.
//!
//! Tokens are estimated when a request starts (four bytes each, and an answer as long as those so far) and corrected
//! when it ends. Nothing that a server says is believed for more than a minute at a time.

use std::time::Duration;

use tokio::time::Instant;

use crate::runner::backoff::LONGEST_RETRY_AFTER;
use crate::runner::plan::{Allowance, Ask, Remaining, Usage};

/// Tokens that may go out at once: those of this time.
const BUCKET: Duration = Duration::from_secs(6);
/// Clocks wake late; a request that started late is followed earlier by as much, so that the rate is reached.
const SLACK: Duration = Duration::from_millis(20);
/// Tokens of an answer as long as none has come and no bound is set.
const GUESSED_ANSWER: u64 = 256;
/// No configured rate is slower, so that sums of times cannot overflow.
const SLOWEST: Duration = Duration::from_hours(24);

/// When requests may start.
#[derive(Debug)]
pub(super) struct Rate {
    /// Between two requests.
    interval: Duration,
    next: Option<Instant>,
    seconds_per_token: Option<f64>,
    /// When all tokens that went out are paid for.
    paid: Option<Instant>,
    answers: u64,
    answer_tokens: u64,
    hold: Option<Hold>,
    requests_left: Count,
    tokens_left: Count,
}

/// A time before which the server wants no request.
#[derive(Debug, Clone, Copy)]
struct Hold {
    until: Instant,
    /// When the request started whose answer said so.
    since: Instant,
}

/// Whether a count of the server is believed. One that says "nothing left" and has not risen since it last said so is
/// not: a nonsense header costs one wait and no more.
#[derive(Debug)]
struct Count {
    believed: bool,
}

impl Count {
    /// How long nothing more is allowed, if so.
    fn wait(&mut self, remaining: Option<Remaining>, needed: u64) -> Option<Duration> {
        let remaining = remaining?;
        let enough = remaining.left >= needed;
        let believed = std::mem::replace(&mut self.believed, enough);
        (believed && !enough).then_some(remaining.reset)
    }
}

impl Rate {
    pub(super) fn new(requests_per_second: Option<f64>, tokens_per_minute: Option<u64>) -> Self {
        let interval = requests_per_second.filter(|rate| *rate > 0.0);
        let tokens = tokens_per_minute.filter(|tokens| *tokens > 0);
        Self {
            interval: interval.map_or(Duration::ZERO, |rate| time(rate.recip())),
            next: None,
            seconds_per_token: tokens.map(|tokens| 60.0 / float(tokens)),
            paid: None,
            answers: 0,
            answer_tokens: 0,
            hold: None,
            requests_left: Count { believed: true },
            tokens_left: Count { believed: true },
        }
    }

    /// Whether there is nothing to wait for now.
    pub(super) fn is_free(&self) -> bool {
        self.interval.is_zero() && self.seconds_per_token.is_none() && self.hold.is_none()
    }

    /// The earliest time for the next request, with at least a pause after the one before.
    pub(super) fn next(&self, pause: Duration) -> Option<Instant> {
        let held = self.hold.map(|hold| hold.until);
        let paid = self.paid.and_then(|paid| paid.checked_sub(BUCKET));
        let spaced = self
            .next
            .map(|next| next + pause.saturating_sub(self.interval));
        [held, paid, spaced].into_iter().flatten().max()
    }

    /// Counts a request that starts now, and says how many tokens it is taken to need.
    pub(super) fn start(&mut self, ask: &Ask, now: Instant) -> u64 {
        self.hold = self.hold.filter(|hold| hold.until > now);
        let earliest = now.checked_sub(SLACK).unwrap_or(now);
        let due = self.next.map_or(now, |next| next.max(earliest));
        self.next = Some(due + self.interval);
        let tokens = match self.seconds_per_token {
            Some(_) => self.estimate(ask),
            None => 0,
        };
        let paid = self.paid.map_or(now, |paid| paid.max(now));
        self.paid = self.price(tokens).map(|price| paid + price);
        tokens
    }

    /// Corrects the estimate by what a request really took.
    pub(super) fn settle(&mut self, estimated: u64, usage: Usage) {
        self.answers = self.answers.saturating_add(1);
        self.answer_tokens = self.answer_tokens.saturating_add(usage.completion_tokens);
        self.correct(estimated, total(usage));
    }

    /// Takes tokens back that a request did not need.
    pub(super) fn give_back_tokens(&mut self, estimated: u64) {
        self.correct(estimated, 0);
    }

    /// Takes a request back that never reached the server.
    pub(super) fn give_back(&mut self, estimated: u64) {
        self.correct(estimated, 0);
        self.next = self.next.and_then(|next| next.checked_sub(self.interval));
    }

    fn correct(&mut self, estimated: u64, actual: u64) {
        let (Some(estimated), Some(actual)) = (self.price(estimated), self.price(actual)) else {
            return;
        };
        let most = LONGEST_RETRY_AFTER.max(estimated * 4);
        self.paid = self
            .paid
            .and_then(|paid| paid.checked_sub(estimated))
            .map(|paid| paid + actual.min(most));
    }

    /// Learns from what an answer says about what is left.
    pub(super) fn hear(&mut self, allowance: Allowance, usage: Option<Usage>, since: Instant) {
        let needed = usage.map_or(1, total).max(1);
        let Allowance { requests, tokens } = allowance;
        let waits = [
            self.requests_left.wait(requests, 1),
            self.tokens_left.wait(tokens, needed),
        ];
        match waits.into_iter().flatten().max() {
            Some(wait) => self.hold(wait.min(LONGEST_RETRY_AFTER), since),
            // The server answers what started after the request that it wanted to be the last.
            None if self.requests_left.believed && self.tokens_left.believed => {
                self.hold = self.hold.filter(|hold| hold.since >= since);
            }
            None => {}
        }
    }

    /// No request starts for a while, for the sake of one that started at `since`.
    pub(super) fn hold(&mut self, wait: Duration, since: Instant) {
        if wait > LONGEST_RETRY_AFTER {
            return;
        }
        let until = Instant::now() + wait;
        let held = self.hold.unwrap_or(Hold { until, since });
        self.hold = Some(Hold {
            until: held.until.max(until),
            since: held.since.max(since),
        });
    }

    fn estimate(&self, ask: &Ask) -> u64 {
        let system = ask.candidate.system.as_ref().map_or(0, String::len);
        let messages: usize = ask.case.messages.iter().map(|m| m.content.len()).sum();
        let question = u64::try_from((system + messages).div_ceil(4)).unwrap_or(u64::MAX);
        let bound = ask.candidate.parameters.max_tokens.map(u64::from);
        let so_far = self.answer_tokens.checked_div(self.answers);
        question.saturating_add(so_far.or(bound).unwrap_or(GUESSED_ANSWER))
    }

    fn price(&self, tokens: u64) -> Option<Duration> {
        let seconds = self.seconds_per_token?;
        Some(time(float(tokens) * seconds))
    }
}

fn total(usage: Usage) -> u64 {
    usage.prompt_tokens.saturating_add(usage.completion_tokens)
}

fn time(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).map_or(SLOWEST, |time| time.min(SLOWEST))
}

fn float(tokens: u64) -> f64 {
    f64::from(u32::try_from(tokens).unwrap_or(u32::MAX))
}
