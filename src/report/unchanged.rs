//! Words for agents whose model a pull request leaves as it is: neither a pass of theirs nor a failure is news.

use super::headline::{Headline, named, score};
use super::rules;
use super::view::Style;
use crate::record::{AgentRecord, CauseCode, Outcome, ReasonCode, RunRecord};

/// More agents than this are counted in the first line, not named.
const MOST_NAMED: usize = 3;

/// What stands for such an agent in place of pass and fail.
pub(super) fn result(record: &RunRecord, agent: &AgentRecord) -> Option<&'static str> {
    if !agent.unchanged || agent.verdict.outcome != Outcome::Pass {
        None
    } else if has_new_data(record, agent) {
        Some("⏳ not retrained")
    } else {
        agent.is_reused().then_some("– unchanged")
    }
}

/// Its score, where it is the stored one.
pub(super) fn stored_score(agent: &AgentRecord) -> Option<String> {
    is_as_stored(agent).then(|| format!("{} (stored)", score(agent)))
}

/// The first two lines, where every agent is such a one and nothing was asked.
pub(super) fn headline(record: &RunRecord, style: Style) -> Option<Headline> {
    let agents: Vec<&AgentRecord> = record.touched().collect();
    let none_asked = !agents.is_empty() && agents.iter().all(|agent| is_as_stored(agent));
    if !none_asked || record.verdict.outcome != Outcome::Pass {
        return None;
    }
    if let Some(line) = of_rules(record, style, &agents) {
        return Some(line);
    }
    let what = if let [agent] = agents.as_slice() {
        format!(
            "the model of {} is unchanged and was not asked again, {} (stored)",
            style.name(agent.name.as_str()),
            score(agent)
        )
    } else {
        let shown = agents.iter().take(MOST_NAMED);
        let mut shown: Vec<String> = shown
            .map(|agent| format!("{} {}", style.name(agent.name.as_str()), score(agent)))
            .collect();
        if agents.len() > MOST_NAMED {
            shown.push(format!("{} more", agents.len() - MOST_NAMED));
        }
        let (count, shown) = (agents.len(), shown.join(" · "));
        format!("{count} models are unchanged and were not asked again: {shown} (stored)")
    };
    Some(Headline {
        headline: format!("✅ PASS: {what}"),
        do_this: rules::may_merge(record) + &hint(record, style),
    })
}

/// The same where rules of the gate are all that changes.
fn of_rules(record: &RunRecord, style: Style, agents: &[&AgentRecord]) -> Option<Headline> {
    let because = |agent: &&AgentRecord| {
        let mut changes = record.changes.agents.iter();
        changes.find(|change| change.name == agent.name)
    };
    let mut causes = agents
        .iter()
        .filter_map(because)
        .flat_map(|change| &change.because);
    let only_rules =
        !record.changes.rules.is_empty() && causes.all(|cause| cause.code == CauseCode::Rule);
    only_rules.then(|| Headline {
        headline: "✅ PASS: rules of the gate change, no model changes".to_owned(),
        do_this: rules::before_merging(record) + &low(record, style),
    })
}

fn hint(record: &RunRecord, style: Style) -> String {
    let (count, names) = those(record, style, has_new_data);
    let next = match count {
        0 => " What this pull request changes applies after the merge.".to_owned(),
        1 => format!(
            " {names} has not been trained on the new data yet: train it, then bring its new model ID in a pull request."
        ),
        _ => format!(
            " {names} have not been trained on the new data yet: train them, then bring their new model IDs in a pull request."
        ),
    };
    next + &low(record, style)
}

fn low(record: &RunRecord, style: Style) -> String {
    let (count, names) = those(record, style, is_below_its_floor);
    match count {
        0 => String::new(),
        1 => format!(" {names} stays below its floor, as it was before."),
        _ => format!(" {names} stay below their floors, as they were before."),
    }
}

/// How many agents are such, and their names.
fn those(
    record: &RunRecord,
    style: Style,
    wanted: fn(&RunRecord, &AgentRecord) -> bool,
) -> (usize, String) {
    let agents = record.touched().filter(|agent| wanted(record, agent));
    let agents: Vec<&AgentRecord> = agents.collect();
    (agents.len(), named(agents.into_iter(), style))
}

const fn is_as_stored(agent: &AgentRecord) -> bool {
    agent.unchanged && agent.is_reused()
}

/// Whether its training data changes here; that its model is behind an earlier change is no news of this one.
fn has_new_data(record: &RunRecord, agent: &AgentRecord) -> bool {
    let mut changes = record.changes.agents.iter();
    let change = changes.find(|change| change.name == agent.name);
    let mut causes = change.iter().flat_map(|change| &change.because);
    causes.any(|cause| cause.code == CauseCode::TrainingData)
}

fn is_below_its_floor(record: &RunRecord, agent: &AgentRecord) -> bool {
    let mut reasons = record.verdict.reasons.iter();
    reasons.any(|reason| {
        reason.code == ReasonCode::AgentBelowFloor && reason.agent.as_ref() == Some(&agent.name)
    })
}
