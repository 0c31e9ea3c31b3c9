//! What stands as a list: what blocks, and what does not and is told all the same.

use super::Style;
use crate::record::{ReasonCode, RunRecord};
use crate::report::base_model;

/// More names than this are counted.
const MOST_NAMED: usize = 12;

/// What blocks, or what does not.
pub(super) fn reasons(record: &RunRecord, blocking: bool, style: Style) -> Vec<String> {
    let wanted = record
        .verdict
        .reasons
        .iter()
        .filter(|reason| reason.blocking == blocking);
    wanted.map(|reason| style.text(&reason.message)).collect()
}

/// What a reader should know that blocks nothing.
pub(super) fn notes(record: &RunRecord, style: Style) -> Vec<String> {
    let told = record
        .verdict
        .reasons
        .iter()
        .filter(|reason| !reason.blocking && reason.code != ReasonCode::AgentImproved)
        .filter(|reason| reason.accepted_by.is_none())
        .map(|reason| {
            let text = style.text(&reason.message);
            let name = reason.agent.as_ref().map(|name| style.name(name.as_str()));
            let what = name
                .as_ref()
                .and_then(|name| text.strip_prefix(name)?.strip_prefix(": "));
            match what.map(str::to_owned) {
                Some(what) => (name, what),
                None => (None, text),
            }
        });
    let mut notes = alike(told);
    let behind = record.touched().filter_map(base_model::warning);
    notes.extend(behind.map(|line| style.text(&line)));
    notes.extend(record.notices.iter().map(|notice| style.text(notice)));
    notes
}

/// A line for each thing that is said, under the names of all of whom it is said; in the order in which they come.
pub(super) fn alike(said: impl IntoIterator<Item = (Option<String>, String)>) -> Vec<String> {
    let mut lines: Vec<(Vec<String>, String)> = Vec::new();
    for (name, what) in said {
        let known = lines
            .iter_mut()
            .find(|(names, known)| *known == what && !names.is_empty());
        match (known, name) {
            (Some((names, _)), Some(name)) => names.push(name),
            (_, name) => lines.push((name.into_iter().collect(), what)),
        }
    }
    let lines = lines.into_iter().map(|(mut names, what)| {
        let more = names.len().saturating_sub(MOST_NAMED);
        if more > 0 {
            names.truncate(MOST_NAMED);
            names.push(format!("{more} more"));
        }
        if names.is_empty() {
            what
        } else {
            format!("{}: {what}", names.join(", "))
        }
    });
    lines.collect()
}
