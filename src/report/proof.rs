//! What is not proven, in words for the first two lines and the table.

use super::headline::named;
use super::view::Style;
use crate::figures::{SLACK, change, points};
use crate::record::{AgentRecord, Comparison, Outcome, ReasonCode, RunRecord};

/// `−0.58 to +0.36`: always with signs, so that a range reads the same way whichever side of nothing it lies on.
pub(super) fn range(comparison: &Comparison) -> Option<String> {
    let [lower, upper] = comparison.interval?.map(|bound| bound.clamp(-10.0, 10.0));
    Some(format!("{} to {}", change(lower), change(upper)))
}

/// What is said of a measured drop that is larger than the allowed one and not proven.
pub(super) fn beyond(record: &RunRecord, agent: &AgentRecord, held: &Comparison) -> Option<String> {
    let allowed = record.policy.max_drop;
    let is_beyond = -held.change > allowed + SLACK && !agent.unchanged;
    is_beyond.then(|| {
        format!(
            "more than the {} allowed, not proven, it may be chance",
            points(allowed)
        )
    })
}

/// How an agent that passes did against the other side.
pub(super) fn direction(held: &Comparison) -> &'static str {
    let straddles = held
        .interval
        .is_some_and(|[lower, upper]| lower <= 0.0 && upper >= 0.0);
    if held.change.abs() < 0.005 {
        "scores the same"
    } else if straddles {
        "shows no clear change"
    } else if held.change > 0.0 {
        "got better"
    } else {
        "dropped no more than is allowed"
    }
}

/// What of a verdict that passes is not proven, for the first line: "not proven" alone may be several things. Of the mean
/// over agents only where nothing else is open: the line is short.
pub(super) fn open_point(record: &RunRecord, style: Style) -> Option<String> {
    let verdict = &record.verdict;
    if verdict.outcome != Outcome::Pass || verdict.proven {
        return None;
    }
    let several = record.touched().nth(1).is_some();
    let of = |code: ReasonCode, what: &str| {
        let reasons = verdict.reasons.iter().filter(|reason| reason.code == code);
        let agents = reasons.filter_map(|reason| record.agent(reason.agent.as_ref()?));
        let mut open: Vec<&AgentRecord> = agents.filter(|agent| !agent.verdict.proven).collect();
        open.dedup_by_key(|agent| &agent.name);
        match open.as_slice() {
            [] => None,
            _ if several => Some(format!("{what} for {}", named(open.into_iter(), style))),
            _ => Some(what.to_owned()),
        }
    };
    let points = [
        of(ReasonCode::ChangeNotProven, "a drop is not ruled out"),
        of(ReasonCode::FloorNotProven, "a floor is not proven"),
        of(
            ReasonCode::TooFewCases,
            "too few prompts to test for a drop",
        ),
    ];
    let points: Vec<String> = points.into_iter().flatten().collect();
    if points.is_empty() {
        let mut reasons = verdict.reasons.iter();
        let mean = reasons.any(|reason| reason.code == ReasonCode::OverallNotProven);
        return mean.then(|| "the floor of the mean is not proven".to_owned());
    }
    Some(points.join("; "))
}

/// What a reader who may merge should know of what is not proven.
pub(super) fn hint(record: &RunRecord, style: Style) -> Option<String> {
    let open = |code| {
        let reasons = record.verdict.reasons.iter();
        let mut agents: Vec<&AgentRecord> = reasons
            .filter(move |reason| reason.code == code)
            .filter_map(|reason| record.agent(reason.agent.as_ref()?))
            .collect();
        agents.dedup_by_key(|agent| &agent.name);
        agents
    };
    let changes = open(ReasonCode::ChangeNotProven);
    if let [agent] = changes.as_slice() {
        return Some(one_change(record, agent, style));
    }
    if !changes.is_empty() {
        return Some(format!(
            " But a drop of more than {} is not ruled out for {}; if these models matter, read what got worse below.",
            points(record.policy.max_drop),
            named(changes.into_iter(), style)
        ));
    }
    let untested = open(ReasonCode::TooFewCases);
    if !untested.is_empty() {
        return Some(format!(
            " But a drop was not tested for {}: too few prompts could be paired.",
            named(untested.into_iter(), style)
        ));
    }
    let floors = open(ReasonCode::FloorNotProven);
    if !floors.is_empty() {
        return Some(format!(
            " But so few prompts do not prove the floor of {}: the plausible range reaches below it.",
            named(floors.into_iter(), style)
        ));
    }
    let overall = record.verdict.reasons.iter();
    let mut overall = overall.filter(|reason| reason.code == ReasonCode::OverallNotProven);
    overall.next().map(|_| {
        " But that the mean over agents reaches the floor is not proven: the plausible range reaches below it.".to_owned()
    })
}

fn one_change(record: &RunRecord, agent: &AgentRecord, style: Style) -> String {
    let allowed = points(record.policy.max_drop);
    let name = style.name(agent.name.as_str());
    let held = agent.comparison.as_ref();
    let Some((held, [lower, _])) = held.and_then(|held| Some((held, held.interval?))) else {
        return format!(" But too few pairs were answered to say anything of a drop of {name}.");
    };
    if lower >= -record.policy.max_drop {
        // The comparison that decides is proven; another one, or a dimension, is not.
        return format!(
            " But not everything that is tested is proven for {name}; see the notes below."
        );
    }
    format!(
        " But {} prompts cannot rule out that {name} dropped by up to {} (allowed: {allowed}); if this model matters, read what got worse below.",
        held.pairs,
        points(-lower.max(-10.0))
    )
}
