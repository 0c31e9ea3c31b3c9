//! Reads what a server says about its limits: when to come back, and how much is left until when. Nothing in a header
//! is trusted to be sensible; what cannot be read is as if it were not there.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::runner::{Allowance, Remaining};

/// Headers that count requests: what is left, and until when. `OpenAI` and its kin, then the IETF draft.
const REQUESTS: [(&str, &str); 4] = [
    (
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("ratelimit-remaining", "ratelimit-reset"),
    ("ratelimit-remaining-requests", "ratelimit-reset-requests"),
];
/// Headers that count tokens; Mistral calls that "by size".
const TOKENS: [(&str, &str); 4] = [
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimitbysize-remaining", "x-ratelimitbysize-reset"),
    ("ratelimitbysize-remaining", "ratelimitbysize-reset"),
    (
        "x-ratelimitbysize-remaining-minute",
        "x-ratelimitbysize-reset",
    ),
];
/// A number of seconds above this is a point in time since 1970.
const YEAR_2001: f64 = 1e9;

/// How much more the server would answer now.
pub(super) fn allowance(headers: &HeaderMap) -> Allowance {
    Allowance {
        requests: remaining(headers, &REQUESTS),
        tokens: remaining(headers, &TOKENS),
    }
}

/// How long the server asks to wait: milliseconds, seconds, or a date seen from the server's own clock; else until
/// there is something left again, where it says that nothing is.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| text(headers, name)?.parse::<f64>().ok();
    if let Some(milliseconds) = number("retry-after-ms") {
        return Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    }
    if let Some(seconds) = number("retry-after") {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    if let Some(until) = date(headers, "retry-after") {
        let wait = until.duration_since(servers_clock(headers));
        return Some(Duration::try_from(wait).unwrap_or_default());
    }
    let Allowance { requests, tokens } = allowance(headers);
    let used_up = [requests, tokens].into_iter().flatten();
    let resets = used_up.filter(|count| count.left == 0 && !count.reset.is_zero());
    resets.map(|count| count.reset).max()
}

fn remaining(headers: &HeaderMap, names: &[(&str, &str)]) -> Option<Remaining> {
    names.iter().find_map(|(left, reset)| {
        let left = text(headers, left)?.parse::<f64>().ok()?;
        Some(Remaining {
            left: whole(left)?,
            reset: text(headers, reset)
                .and_then(|text| span(text, headers))
                .unwrap_or_default(),
        })
    })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn date(headers: &HeaderMap, name: &str) -> Option<Timestamp> {
    let text = text(headers, name)?;
    DateTimeParser::new().parse_timestamp(text).ok()
}

fn servers_clock(headers: &HeaderMap) -> Timestamp {
    date(headers, "date").unwrap_or_else(Timestamp::now)
}

fn whole(number: f64) -> Option<u64> {
    // Below zero and beyond what a number can be: nothing left, and as much as there can be.
    let seconds = number.is_finite().then(|| number.clamp(0.0, 1e15))?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .map(|whole| whole.as_secs())
}

/// A span such as `1s`, `6m0s`, `20ms`, `1.5`, or what is left until a time since 1970.
fn span(text: &str, headers: &HeaderMap) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        let seconds = match seconds {
            since_1970 if since_1970 >= YEAR_2001 => {
                let now = servers_clock(headers).as_duration().as_secs_f64();
                (since_1970 - now).max(0.0)
            }
            seconds => seconds,
        };
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut sum = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, after) = split(after, |c| c.is_ascii_alphabetic());
        let unit = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * unit).ok()?;
        sum = sum.checked_add(part)?;
        rest = after;
    }
    (!text.is_empty()).then_some(sum)
}

/// The text up to the first character that does not belong, and the rest.
fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            let value = HeaderValue::from_str(value).unwrap();
            (HeaderName::from_static(name), value)
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn the_server_may_ask_to_wait_in_seconds_milliseconds_or_until_a_date() {
        let seconds = |seconds: f64| Some(Duration::from_secs_f64(seconds));
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        let soon = "Wed, 21 Oct 2015 07:28:09 GMT";
        for (pairs, expected) in [
            (&[("retry-after", "7")][..], seconds(7.0)),
            (&[("retry-after", " 0 ")], seconds(0.0)),
            (&[("retry-after", "1.5")], seconds(1.5)),
            (
                &[("retry-after-ms", "250"), ("retry-after", "1")],
                seconds(0.25),
            ),
            (&[("retry-after", soon), ("date", date)], seconds(9.0)),
            (&[("retry-after", date), ("date", soon)], seconds(0.0)),
            (&[("retry-after", date)], seconds(0.0)),
            // The server's clock is years ahead or behind; its own difference counts.
            (
                &[
                    ("retry-after", "Sat, 21 Oct 2045 07:28:05 GMT"),
                    ("date", "Sat, 21 Oct 2045 07:28:00 GMT"),
                ],
                seconds(5.0),
            ),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "soon")], None),
            (&[], None),
            (
                &[
                    ("x-ratelimit-remaining-requests", "0"),
                    ("x-ratelimit-reset-requests", "12s"),
                    ("x-ratelimit-remaining-tokens", "9"),
                    ("x-ratelimit-reset-tokens", "50s"),
                ],
                seconds(12.0),
            ),
        ] {
            assert_eq!(retry_after(&headers(pairs)), expected, "{pairs:?}");
        }
    }

    #[test]
    fn every_way_to_write_a_span_is_read_and_nonsense_is_not() {
        let seconds = |seconds: f64| Some(Duration::from_secs_f64(seconds));
        let date = [("date", "Wed, 21 Oct 2015 07:28:00 GMT")];
        for (text, expected) in [
            ("1s", seconds(1.0)),
            ("6m0s", seconds(360.0)),
            ("20ms", seconds(0.02)),
            ("1h2m3.5s", seconds(3723.5)),
            ("1d", seconds(86400.0)),
            ("30", seconds(30.0)),
            ("0.25", seconds(0.25)),
            ("1445412495", seconds(15.0)),
            ("1445412400", seconds(0.0)),
            ("-1", None),
            ("-1s", None),
            ("1e400", None),
            ("99999999999999999999999s", None),
            ("s", None),
            ("1x", None),
            ("1.2.3s", None),
            ("inf", None),
            ("", None),
            ("5 s", None),
        ] {
            assert_eq!(span(text, &headers(&date)), expected, "{text}");
        }
    }

    #[test]
    fn what_is_left_is_read_from_every_kind_of_header() {
        for (left, reset) in REQUESTS.iter().chain(&TOKENS) {
            let headers = headers(&[(left, "3"), (reset, "2s")]);
            let Allowance { requests, tokens } = allowance(&headers);
            let expected = Remaining {
                left: 3,
                reset: Duration::from_secs(2),
            };
            assert_eq!(requests.or(tokens), Some(expected), "{left}");
            assert_ne!(requests.is_some(), tokens.is_some(), "{left}");
        }
        assert_eq!(allowance(&HeaderMap::new()), Allowance::default());
    }

    #[test]
    fn a_count_that_is_no_number_is_no_count() {
        let left = |text: &str| {
            let headers = headers(&[("x-ratelimit-remaining-requests", text)]);
            allowance(&headers).requests.map(|requests| requests.left)
        };
        assert_eq!(left("many"), None);
        assert_eq!(left("NaN"), None);
        assert_eq!(left("-5"), Some(0));
        assert_eq!(left("1e300"), Some(1_000_000_000_000_000));
        assert_eq!(left("0.5"), Some(0));
    }
}
