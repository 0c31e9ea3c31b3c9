//! Decides how long to wait before a failed request is made again, and when waiting is pointless. The wait doubles,
//! is drawn from zero up ("full jitter") so that many clients do not come back at once, and obeys the server.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// No wait of our own is longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A server that asks for more than this is taken at its word: it will not answer within this run.
pub(super) const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(1);

/// The waits between the attempts of a run.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    state: Cell<u64>,
}

impl Backoff {
    /// Waits that start at `first`, in an order that no two runs share.
    pub(super) fn new(first: Duration) -> Self {
        Self {
            first,
            state: Cell::new(RandomState::new().hash_one(0_u8)),
        }
    }

    /// How long to wait after the given number of failed attempts, or `None` where the server asks for too much.
    pub(super) fn wait(&self, failed: u32, retry_after: Option<Duration>) -> Option<Duration> {
        match retry_after {
            Some(asked) if asked > LONGEST_RETRY_AFTER => None,
            Some(asked) => Some(asked + self.first.min(LONGEST_WAIT).mul_f64(self.share())),
            None => Some(self.ceiling(failed).mul_f64(self.share())),
        }
    }

    /// The longest wait after the given number of failed attempts.
    pub(super) fn ceiling(&self, failed: u32) -> Duration {
        let factor = 1_u32
            .checked_shl(failed.saturating_sub(1))
            .unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(LONGEST_WAIT)
    }

    /// A number from 0 to 1 (splitmix64). It spreads waits only and never reaches a result.
    fn share(&self) -> f64 {
        let next = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(next);
        let mut mixed = next;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let top = u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap_or(u32::MAX);
        f64::from(top) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_doubles_up_to_thirty_seconds() {
        let backoff = Backoff::new(Duration::from_secs(1));
        let ceilings: Vec<u64> = (1..=7).map(|n| backoff.ceiling(n).as_secs()).collect();
        assert_eq!(ceilings, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(backoff.ceiling(u32::MAX), LONGEST_WAIT);
    }

    #[test]
    fn waits_are_spread_over_the_whole_range() {
        let backoff = Backoff::new(Duration::from_secs(8));
        let waits: Vec<_> = (0..200).filter_map(|_| backoff.wait(1, None)).collect();
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(8)));
        assert!(waits.iter().any(|wait| *wait < Duration::from_secs(2)));
        assert!(waits.iter().any(|wait| *wait > Duration::from_secs(6)));
    }

    #[test]
    fn the_server_is_waited_for_as_long_as_it_asks_and_not_beyond_a_minute() {
        let backoff = Backoff::new(Duration::from_millis(1));
        let asked = Duration::from_secs(7);
        let wait = backoff.wait(1, Some(asked)).unwrap();
        assert!(wait >= asked && wait <= asked + Duration::from_millis(1));
        assert!(backoff.wait(1, Some(LONGEST_RETRY_AFTER)).is_some());
        assert_eq!(backoff.wait(1, Some(Duration::from_secs(61))), None);
    }
}
