//! Accepts what an audit found, so that only what comes later is told.

use super::today;
use crate::config::{Config, with_ignored};
use crate::corpus::{Code, Ignore};
use crate::gate::GateError;
use crate::record::Audit;

/// The configuration with entries that accept what an audit found; secrets are never accepted this way.
pub fn accepting(config: &Config, text: &str, audit: &Audit) -> Result<(String, usize), GateError> {
    let day = today();
    let known = |code, path: &str| {
        config
            .audit
            .ignore
            .iter()
            .any(|entry| entry.code == code && entry.path == path)
    };
    let found = audit
        .counts
        .iter()
        .filter(|count| count.new > 0 && count.code != Code::Secret);
    let found: Vec<_> = found
        .filter(|count| !known(count.code, &count.path))
        .collect();
    let entries = found.iter().map(|count| Ignore {
        code: count.code,
        path: count.path.clone(),
        reason: format!(
            "{} when the audit began on {day}",
            count.code.counted(count.new)
        ),
        until: day.checked_add(jiff::Span::new().days(180)).ok(),
    });
    let entries: Vec<_> = entries.collect();
    let text = with_ignored(&config.path, text, &entries).map_err(GateError::Usage)?;
    Ok((text, entries.len()))
}
