//! Work that a signal ends: a cancelled job is killed soon, and must not wait for a forge that does not answer.

use std::time::Duration;

use tokio::sync::watch;

/// How long a record may be stored after a signal.
pub(super) const STORING: Duration = Duration::from_millis(2_500);

/// What comes of it, if it ends within this time after a signal.
pub(in crate::gate) async fn unless<T>(
    interrupt: &watch::Receiver<bool>,
    grace: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut interrupt = interrupt.clone();
    let signal = async {
        // Where nobody listens any more, no signal comes.
        if interrupt.wait_for(|ended| *ended).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = signal => None,
    }
}
