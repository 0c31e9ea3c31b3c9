//! SIGINT and SIGTERM: the first one asks the run to end, so that what was measured is written. In a container the
//! process is number 1, for which the kernel has no default handling: without this, a cancelled job would hang. Whoever
//! presses Ctrl-C again does not want to wait for what is under way.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How long after the first signal something may go on: a cancelled job is killed ten seconds after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grace {
    /// What is under way; what is asked of models has four seconds of its own.
    Work,
    /// Telling people that it was cancelled.
    Farewell,
    /// The very last that is told.
    Last,
}

impl Grace {
    const fn time(self) -> Duration {
        match self {
            Self::Work => Duration::from_secs(5),
            Self::Farewell => Duration::from_millis(7_500),
            Self::Last => Duration::from_secs(9),
        }
    }
}

/// A wrapper that passes Ctrl-C on to a process that the terminal told of it already makes two of one.
const ONE_PRESS: Duration = Duration::from_millis(500);

/// Whether a signal came, and the exit code it asks for.
#[derive(Debug, Clone)]
pub struct Signals {
    ended: watch::Receiver<bool>,
    since: Arc<OnceLock<Instant>>,
    code: Arc<AtomicU8>,
}

impl Signals {
    /// Turns true when a signal came.
    pub fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }

    /// What comes of it, unless a signal came and it does not end within this time after the signal.
    pub async fn within<T>(&self, grace: Grace, work: impl Future<Output = T>) -> Option<T> {
        let mut ended = self.ended();
        let over = async {
            // Without a listener no signal is ever heard.
            if ended.wait_for(|ended| *ended).await.is_err() {
                std::future::pending::<()>().await;
            }
            let since = self.since.get().copied().unwrap_or_else(Instant::now);
            tokio::time::sleep_until(since + grace.time()).await;
        };
        tokio::select! {
            biased;
            done = work => Some(done),
            () = over => None,
        }
    }

    /// 130 after SIGINT, 143 after SIGTERM.
    pub fn exit_code(&self) -> u8 {
        self.code.load(Ordering::Relaxed)
    }
}

/// Starts to listen. Must be called inside a Tokio runtime.
pub fn watch() -> Signals {
    let (end, ended) = watch::channel(false);
    let code = Arc::new(AtomicU8::new(130));
    let since = Arc::new(OnceLock::new());
    let signals = Signals {
        ended,
        since: Arc::clone(&since),
        code: Arc::clone(&code),
    };
    survive_full_disks();
    tokio::spawn(async move {
        code.store(first_signal().await, Ordering::Relaxed);
        since.set(Instant::now()).ok();
        end.send_replace(true);
        again_by_hand().await;
        end_at_once();
    });
    signals
}

/// Ends with another Ctrl-C. SIGTERM is none: a runner that cancels a job sends it after SIGINT, while the grace goes on.
async fn again_by_hand() {
    let since = Instant::now();
    loop {
        if tokio::signal::ctrl_c().await.is_err() {
            return std::future::pending().await;
        }
        if since.elapsed() > ONE_PRESS {
            return;
        }
    }
}

#[expect(
    clippy::exit,
    reason = "nothing is to be waited for: each answer that came is in the journal"
)]
fn end_at_once() -> ! {
    std::process::exit(130)
}

/// Where a limit on file sizes is reached, writing is to fail as it fails on a full disk: with an error that is told.
/// Without a handler, SIGXFSZ ends the process.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn survive_full_disks() {
    use tokio::signal::unix::{SignalKind, signal};
    const SIGXFSZ: i32 = 25;
    // The handler stays although nobody listens; without it, the signal does what it always did.
    signal(SignalKind::from_raw(SIGXFSZ)).ok();
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn survive_full_disks() {}

#[cfg(unix)]
async fn first_signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminated => 143,
        _ = tokio::signal::ctrl_c() => 130,
    }
}

#[cfg(not(unix))]
async fn first_signal() -> u8 {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    130
}
