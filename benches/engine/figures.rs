//! Figures as people read them.

use std::time::Duration;

use crate::measure::Cost;

/// `12.9 s`, `0.53 s`, `41 ms`.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        ..0.1 => format!("{:.1} ms", seconds * 1e3),
        0.1..10.0 => format!("{seconds:.2} s"),
        _ => format!("{seconds:.1} s"),
    }
}

/// `1.03 ×`, and nothing where the limit is no time at all.
pub(crate) fn times(wall: Duration, limit: Duration) -> String {
    if limit.is_zero() {
        return "–".to_owned();
    }
    format!("{:.2} ×", wall.div_duration_f64(limit))
}

/// Processor time for one of so many cases.
pub(crate) fn cpu_a_case(cost: &Cost, cases: usize) -> Duration {
    cost.cpu / u32::try_from(cases).unwrap_or(u32::MAX)
}

/// `87 µs`, `5.2 ms`.
pub(crate) fn short_time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1000.0 {
        format!("{micros:.0} µs")
    } else {
        format!("{:.1} ms", micros / 1e3)
    }
}

/// `22 MiB`, `2,010 MiB`.
#[expect(
    clippy::cast_precision_loss,
    reason = "no size here reaches 2^52 bytes"
)]
pub(crate) fn size(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// The least time for so many cases, so many at once: no client can be faster.
pub(crate) fn least(cases: usize, in_flight: usize, latency: Duration) -> Duration {
    latency * u32::try_from(cases.div_ceil(in_flight)).unwrap_or(u32::MAX)
}

/// A Markdown table.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    let rows = rows
        .iter()
        .map(|row| line(row.iter().map(String::as_str).collect()));
    [line(head.to_vec()), rule]
        .into_iter()
        .chain(rows)
        .collect()
}
