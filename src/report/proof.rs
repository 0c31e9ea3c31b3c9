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

/// What leaves a verdict open, the first of which is told.
const OPEN: [(ReasonCode, &str); 4] = [
    (ReasonCode::ChangeNotProven, "a drop is not ruled out"),
    (ReasonCode::FloorNotProven, "the floor is met, not proven"),
    (
        ReasonCode::TooFewCases,
        "too few prompts to test for a drop",
    ),
    (
        ReasonCode::OverallNotProven,
        "the floor of the mean is met, not proven",
    ),
];

/// More open points than this are counted.
const MOST_OPEN: usize = 2;

/// What of a verdict that passes is not proven, for the first line: "not proven" alone may be several things.
pub(super) fn open_point(record: &RunRecord, style: Style) -> Option<String> {
    let verdict = &record.verdict;
    if verdict.outcome != Outcome::Pass || verdict.proven {
        return None;
    }
    let several = record.touched().nth(1).is_some();
    let mut points: Vec<(usize, String)> = Vec::new();
    for reason in &verdict.reasons {
        let agent = reason.agent.as_ref().and_then(|name| record.agent(name));
        if agent.is_some_and(|agent| agent.verdict.proven || agent.new) {
            continue;
        }
        let mut known = OPEN.iter().enumerate();
        let Some((rank, (_, what))) = known.find(|(_, (code, _))| *code == reason.code) else {
            continue;
        };
        let of = agent.filter(|_| several).map_or_else(String::new, |agent| {
            format!(" for {}", style.name(agent.name.as_str()))
        });
        points.push((rank, format!("{what}{of}")));
    }
    points.sort();
    points.dedup();
    // What is open of an agent is open of the mean as well.
    let of_agents = points.iter().filter(|(rank, _)| *rank < OPEN.len() - 1);
    let of_agents = of_agents.count();
    if of_agents > 0 {
        points.truncate(of_agents);
    }
    let said: Vec<&str> = points.iter().map(|(_, said)| said.as_str()).collect();
    match said.split_at_checked(MOST_OPEN) {
        Some((told, [])) => Some(told.join("; ")),
        Some((told, more)) => Some(format!("{}; and {} more", told.join("; "), more.len())),
        None => (!said.is_empty()).then(|| said.join("; ")),
    }
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
