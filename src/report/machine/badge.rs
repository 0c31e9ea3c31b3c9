//! A badge: the answer of an endpoint to shields.io, <https://shields.io/badges/endpoint-badge>.

use serde_json::json;

use crate::figures::points_against;
use crate::record::{Outcome, RunRecord};

/// The mean over agents and what the run came to, as JSON.
pub fn badge(record: &RunRecord) -> String {
    let verdict = &record.verdict;
    let (word, color) = match (verdict.outcome, verdict.proven) {
        (Outcome::Pass, true) => ("pass", "brightgreen"),
        (Outcome::Pass, false) => ("pass, not proven", "green"),
        (Outcome::Fail, _) => ("fail", "red"),
        (Outcome::Inconclusive | Outcome::Error, _) => ("could not measure", "orange"),
        (Outcome::Skipped, _) => ("untouched", "lightgrey"),
    };
    // Never rounded across the floor that it missed.
    let floor = record.policy.floor.unwrap_or_default();
    let score = record
        .overall
        .score
        .map(|score| points_against(score, floor));
    let message = score.map_or_else(|| word.to_owned(), |score| format!("{score} · {word}"));
    let badge =
        json!({"schemaVersion": 1, "label": record.gate_id, "message": message, "color": color});
    format!("{badge}\n")
}
