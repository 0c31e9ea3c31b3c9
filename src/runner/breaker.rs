//! Decides when failures in a row mean that the provider is gone, so that an outage ends a run early instead of
//! costing every question all its retries. One answer, even a refusal of a single question, starts the count anew.
//!
//! - Never reached: ten failed connections. Nothing says that there is a server at all.
//! - Gone in mid-run: ten failed connections over as long as one more retry would have waited. A server that restarts
//!   refuses many connections within a moment, and then comes back.
//! - Failing (5xx, time-outs, cut answers): as many failures as it takes for every open question to be given up, at
//!   least five questions' worth, over the same time. A single question that breaks the server is not an outage.
//! - Throttling: the same number, over twice the longest wait that a server may ask for.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::{Backoff, LONGEST_RETRY_AFTER};
use super::plan::Fault;
use super::run::Settings;

const CONNECTIONS: u32 = 10;
const QUESTIONS: u32 = 5;

/// Failures since the last answer.
#[derive(Debug)]
pub(super) struct Breaker {
    most: u32,
    patience: Duration,
    reached: bool,
    row: Option<Row>,
}

#[derive(Debug)]
struct Row {
    since: Instant,
    failures: u32,
    connections: u32,
    throttled: bool,
}

impl Breaker {
    pub(super) fn new(settings: &Settings<'_>, backoff: &Backoff) -> Self {
        let questions = u32::try_from(settings.concurrency.get()).unwrap_or(u32::MAX);
        let tries = settings.retries.saturating_add(1);
        Self {
            most: questions.max(QUESTIONS).saturating_mul(tries),
            patience: backoff.ceiling(tries),
            reached: false,
            row: None,
        }
    }

    /// The server said something that is no failure of its own.
    pub(super) fn answered(&mut self) {
        self.reached = true;
        self.row = None;
    }

    /// Counts a failure, and says why the run should end, if so.
    pub(super) fn failed(&mut self, fault: Fault, why: &str, now: Instant) -> Option<String> {
        let row = self.row.get_or_insert(Row {
            since: now,
            failures: 0,
            connections: 0,
            throttled: false,
        });
        row.failures = row.failures.saturating_add(1);
        match fault {
            Fault::Unreachable => row.connections = row.connections.saturating_add(1),
            Fault::Throttled => row.throttled = true,
            Fault::Broken => {}
        }
        self.reached |= fault != Fault::Unreachable;
        let time = now.saturating_duration_since(row.since);
        if row.connections >= CONNECTIONS && (!self.reached || time >= self.patience) {
            let times = row.connections;
            return Some(format!(
                "the provider is unreachable ({times} failed connections): {why}"
            ));
        }
        let patience = if row.throttled {
            LONGEST_RETRY_AFTER * 2
        } else {
            self.patience
        };
        (row.failures >= self.most && time >= patience).then(|| {
            let (times, seconds) = (row.failures, time.as_secs());
            format!(
                "the provider stopped answering ({times} failures in a row, for {seconds} s): {why}"
            )
        })
    }
}
