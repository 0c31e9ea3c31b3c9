//! How long GitHub is waited for, and how often it is asked again.

use std::time::Duration;

/// Timeouts and delays.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// To open a connection, and for each pause while reading or writing.
    pub pause: Duration,
    /// For one request with its answer.
    pub whole: Duration,
    /// How often a request that may be repeated is sent at most.
    pub tries: u32,
    /// Before the second try; doubles from then on.
    pub retry_delay: Duration,
    /// Before a request is repeated after a rate limit that names no time; doubles from then on.
    pub unnamed_limit: Duration,
    /// All waits for rate limits together.
    pub limit_cap: Duration,
    /// Between two writes.
    pub write_gap: Duration,
    /// The longest wait before the second try to move the data branch; doubles up to forty times that.
    pub store_delay: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(30),
            whole: Duration::from_mins(5),
            tries: 3,
            retry_delay: Duration::from_secs(1),
            unnamed_limit: Duration::from_mins(1),
            limit_cap: Duration::from_mins(2),
            write_gap: Duration::from_secs(1),
            store_delay: Duration::from_millis(500),
        }
    }
}
