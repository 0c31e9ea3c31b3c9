//! How a run adapts to servers that refuse what is too much for them without saying when to come back, in a time that
//! only moves when everybody waits.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::pending;
use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::tests::{ask, passing, reply};
use crate::runner::{Ask, AskError, Budget, Fault, Outcome, Reply, Settings, Status, run};

/// How long the network takes in each direction.
const NETWORK: Duration = Duration::from_millis(5);

type Latency = fn(u64) -> Duration;

const LATENCIES: [Latency; 3] = [quick, slow, jittered];

fn quick(_: u64) -> Duration {
    Duration::from_millis(50)
}

fn slow(_: u64) -> Duration {
    Duration::from_millis(500)
}

/// From 100 to 900 ms, the same in every run.
fn jittered(number: u64) -> Duration {
    Duration::from_millis(100 + mixed(number) % 801)
}

fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

struct Server {
    latency: Latency,
    /// Requests that it takes at once, until that is lifted.
    most: usize,
    lifted: Option<Instant>,
    /// Requests a second, with a bucket of five.
    per_second: Option<f64>,
    bucket: Cell<(f64, Instant)>,
    /// How many of a hundred it refuses whatever we do.
    by_lot: u64,
    inside: Cell<usize>,
    requests: Cell<u32>,
    refused: Cell<u32>,
    /// When it was first as full as `configured` after the limit was lifted.
    full: Cell<Option<Instant>>,
    configured: usize,
}

impl Server {
    fn new(latency: Latency) -> Self {
        Self {
            latency,
            most: usize::MAX,
            lifted: None,
            per_second: None,
            bucket: Cell::new((5.0, Instant::now())),
            by_lot: 0,
            inside: Cell::new(0),
            requests: Cell::new(0),
            refused: Cell::new(0),
            full: Cell::new(None),
            configured: usize::MAX,
        }
    }

    fn refuses(&self, number: u64) -> bool {
        let lifted = self.lifted.is_some_and(|at| Instant::now() >= at);
        let (level, since) = self.bucket.get();
        let level =
            (level + since.elapsed().as_secs_f64() * self.per_second.unwrap_or_default()).min(5.0);
        let refuses = (self.inside.get() >= self.most && !lifted)
            || (self.per_second.is_some() && level < 1.0)
            || mixed(number ^ 0xabc) % 100 < self.by_lot;
        let taken = if refuses { 0.0 } else { 1.0 };
        self.bucket.set((level - taken, Instant::now()));
        refuses
    }

    async fn answer(&self) -> Result<Reply, AskError> {
        sleep(NETWORK).await;
        let number = self.requests.replace(self.requests.get() + 1);
        if self.refuses(u64::from(number)) {
            self.refused.set(self.refused.get() + 1);
            sleep(NETWORK).await;
            return Err(passing(Fault::Throttled));
        }
        self.inside.set(self.inside.get() + 1);
        let lifted = self.lifted.is_some_and(|at| Instant::now() >= at);
        if lifted && self.full.get().is_none() && self.inside.get() >= self.configured {
            self.full.set(Some(Instant::now()));
        }
        sleep((self.latency)(u64::from(number))).await;
        self.inside.set(self.inside.get() - 1);
        sleep(NETWORK).await;
        Ok(reply("x"))
    }

    fn refused_share(&self) -> f64 {
        f64::from(self.refused.get()) / f64::from(self.requests.get())
    }

    /// Asks these questions, so many at once, and says how many were answered in a second.
    async fn asked(&self, tickets: impl Iterator<Item = u32>, at_once: usize) -> f64 {
        let budget = Budget::unlimited();
        let settings = Settings {
            concurrency: NonZeroUsize::new(at_once).unwrap(),
            ..Settings::new(&budget)
        };
        let start = Instant::now();
        let answered = Cell::new(0);
        let load = |sample| Ok(ask(sample));
        let model = async |_: &Ask| self.answer().await;
        let settle = |_, _: Option<&Ask>, outcome: Outcome| {
            let is_answer = matches!(outcome.status, Status::Answered(_));
            answered.set(answered.get() + u32::from(is_answer));
            Ok::<(), Infallible>(())
        };
        run(tickets, &settings, load, model, pending(), |_| {}, settle)
            .await
            .unwrap();
        f64::from(answered.get()) / start.elapsed().as_secs_f64()
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_seven_at_once_is_used_as_if_that_were_known() {
    for latency in LATENCIES {
        let seven = Server {
            most: 7,
            ..Server::new(latency)
        };
        let fixed = seven.asked(0..2000, 7).await;
        assert_eq!(seven.refused.get(), 0);
        for (at_once, n) in [(8, 2000), (20, 2000), (64, 4000), (256, 10_000)] {
            let server = Server {
                most: 7,
                ..Server::new(latency)
            };
            let share = server.asked(0..n, at_once).await / fixed;
            let refused = server.refused_share();
            assert!(share > 0.97, "{at_once}: {share:.3} of the throughput");
            assert!(refused < 0.05, "{at_once}: {refused:.3} refused");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_seconds_after_a_limit_was_lifted_all_that_is_configured_is_in_flight() {
    for latency in LATENCIES {
        for (at_once, milliseconds) in [(8, 20_000), (20, 21_100), (64, 22_300), (256, 23_700)] {
            let lifted = Instant::now() + Duration::from_millis(milliseconds);
            let late = lifted + Duration::from_secs(10);
            let server = Server {
                most: 7,
                lifted: Some(lifted),
                configured: at_once,
                ..Server::new(latency)
            };
            let tickets = (0..).take_while(|_| Instant::now() < late);
            server.asked(tickets, at_once).await;
            let full = server.full.get();
            assert!(full.is_some_and(|full| full <= late), "{at_once}: {full:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_counts_requests_a_second_is_not_run_against() {
    for latency in LATENCIES {
        for per_second in [2.0, 10.0] {
            let server = Server {
                per_second: Some(per_second),
                ..Server::new(latency)
            };
            let answered = server.asked(0..500, 8).await;
            let refused = server.refused_share();
            assert!(answered > per_second * 0.6, "{answered:.1} of {per_second}");
            assert!(refused < 0.15, "{per_second}: {refused:.3} refused");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_by_lot_does_not_bring_a_run_to_a_halt() {
    for latency in LATENCIES {
        for by_lot in [10, 30] {
            let server = Server {
                by_lot,
                ..Server::new(latency)
            };
            let answered = server.asked(0..1000, 8).await;
            assert!(answered > 2.0, "{by_lot}: {answered:.1} a second");
        }
    }
}
