//! Reads rate limits out of answers and says how long to wait; waits for nothing itself.
//!
//! GitHub's order: `retry-after`; else the reset, where nothing remains; else at least a minute, growing.
//! <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>

use std::hash::BuildHasher as _;
use std::hash::RandomState;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

/// How long to wait before the same request may be sent again; `None` where the answer is no rate limit.
pub(super) fn wait(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: Now,
    unnamed: Duration,
) -> Option<Duration> {
    if !matches!(
        status,
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    ) {
        return None;
    }
    if let Some(seconds) = number(headers, "retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if number(headers, "x-ratelimit-remaining") == Some(0) {
        let reset = number(headers, "x-ratelimit-reset");
        // One second more, since the reset is given in whole seconds.
        return Some(reset.map_or(unnamed, |at| {
            Duration::from_secs(at.saturating_sub(now.0) + 1)
        }));
    }
    let limited = status == StatusCode::TOO_MANY_REQUESTS || speaks_of_a_limit(body);
    limited.then_some(unnamed)
}

/// Seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now(pub(super) u64);

impl Now {
    /// The present by the clock that also gives the reset, since ours may be off; ours where an answer names no date.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let date = headers.get(http::header::DATE);
        let date = date.and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        let now = date.map_or_else(jiff::Timestamp::now, |date| date.timestamp());
        Self(u64::try_from(now.as_second()).unwrap_or(0))
    }

    /// The moment after a wait, RFC 3339.
    pub(super) fn after(self, wait: Duration) -> String {
        let at = i64::try_from(self.0.saturating_add(wait.as_secs())).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(at)
            .map_or_else(|_| "an unknown time".to_owned(), |t| t.to_string())
    }
}

/// A delay that doubles each round, somewhere between its half and its whole.
pub(super) fn backoff(delay: Duration, round: u32) -> Duration {
    let whole = delay.saturating_mul(2_u32.saturating_pow(round));
    whole / 2 + (whole / 2).mul_f64(fraction())
}

/// Any delay up to one that doubles each round and stops at a ceiling: full jitter, so that writers part.
pub(super) fn jitter(delay: Duration, round: u32, ceiling: Duration) -> Duration {
    delay
        .saturating_mul(2_u32.saturating_pow(round))
        .min(ceiling)
        .mul_f64(fraction())
}

/// A number from 0 to 1 that differs between processes; the keys of the hasher come from the system.
fn fraction() -> f64 {
    let drawn = u32::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or(u32::MAX);
    f64::from(drawn) / f64::from(u32::MAX)
}

/// A secondary limit may come as a 403 without any header; only its message tells it from a missing permission.
fn speaks_of_a_limit(body: &[u8]) -> bool {
    String::from_utf8_lossy(body)
        .to_lowercase()
        .contains("rate limit")
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn waits(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(k, v)| (http::HeaderName::from_static(k), v.parse().unwrap()));
        let status = StatusCode::from_u16(status).unwrap();
        wait(
            status,
            &headers.collect(),
            body.as_bytes(),
            Now(1000),
            MINUTE,
        )
        .map(|d| d.as_secs())
    }

    #[test]
    fn the_named_wait_comes_first_then_the_reset_then_a_minute() {
        let reset = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1040"),
        ];
        assert_eq!(
            waits(403, &[("retry-after", "2"), reset[0], reset[1]], ""),
            Some(2)
        );
        assert_eq!(waits(429, &reset, ""), Some(41));
        assert_eq!(waits(429, &[], ""), Some(60));
        assert_eq!(
            waits(403, &[], "You have exceeded a secondary rate limit"),
            Some(60)
        );
        assert_eq!(waits(403, &[("x-ratelimit-remaining", "0")], ""), Some(60));
        assert_eq!(
            waits(
                403,
                &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")],
                ""
            ),
            Some(1)
        );
    }

    #[test]
    fn a_missing_permission_is_not_a_rate_limit() {
        let left = [
            ("x-ratelimit-remaining", "12"),
            ("x-ratelimit-reset", "1040"),
        ];
        assert_eq!(
            waits(403, &left, "Resource not accessible by integration"),
            None
        );
        assert_eq!(waits(401, &[("retry-after", "2")], ""), None);
        assert_eq!(waits(503, &[("retry-after", "2")], ""), None);
    }

    #[test]
    fn delays_grow_within_their_bounds() {
        let second = Duration::from_secs(1);
        for round in 0..5 {
            let delay = backoff(second, round);
            assert!(delay >= second * 2_u32.pow(round) / 2 && delay <= second * 2_u32.pow(round));
            assert!(jitter(second, round, second * 3) <= second * 3);
        }
        assert_eq!(backoff(Duration::ZERO, 40), Duration::ZERO);
    }

    #[test]
    fn the_present_is_that_of_the_server_where_it_says_one() {
        let date = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("date", http::HeaderValue::from_static(text));
            Now::of(&headers).0
        };
        assert_eq!(date("Thu, 01 Jan 1970 00:16:40 GMT"), 1000);
        let ours = jiff::Timestamp::now().as_second().unsigned_abs();
        assert!(date("yesterday") >= ours);
        assert!(Now::of(&HeaderMap::new()).0 >= ours);
    }

    #[test]
    fn the_end_of_a_wait_is_told_as_a_time() {
        assert_eq!(
            Now(0).after(Duration::from_secs(61)),
            "1970-01-01T00:01:01Z"
        );
    }
}
