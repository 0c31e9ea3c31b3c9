//! What a reader can rest on: how far scores agree with people, and which bad answers the suites would notice.

use serde::Serialize;

use super::calibration::{Part, part};
use crate::figures::points;
use crate::record::{AgentRecord, RunRecord, SelfTestRecord, SpoilingRecord};
use crate::report::calibrated;
use crate::report::view::Style;
use crate::self_test::{MOST_RISE, Noticing};

/// The section, where anything was asked.
#[derive(Serialize)]
pub(super) struct Trust {
    /// How far scores agree with people, in a sentence.
    agreement: String,
    /// True where nobody measured that by today's rules.
    uncalibrated: bool,
    parts: Vec<Part>,
    tested: Vec<Tested>,
    /// The ways that were not always noticed, of each agent, with the cases that did not.
    blind: Vec<String>,
    /// Agents of which nothing was tried, and why.
    untested: Vec<String>,
    max_drop: Option<String>,
    most_rise: String,
}

/// What the suite of one agent notices.
#[derive(Serialize)]
struct Tested {
    agent: String,
    cases: usize,
    noticed: String,
}

pub(super) fn trust(record: &RunRecord) -> Option<Trust> {
    let asked: Vec<&AgentRecord> = record.touched().filter(|agent| !agent.new).collect();
    if asked.is_empty() || record.shard.is_some() {
        return None;
    }
    let parts = asked.iter().filter_map(|agent| {
        let known = agent.calibration.as_ref()?;
        part(&name(agent), &known.cells, &known.bands)
    });
    let tested = asked
        .iter()
        .filter_map(|agent| Some(tested(agent, agent.self_test.as_ref()?)));
    let mut held = asked.iter().filter_map(|agent| agent.self_test.as_ref());
    Some(Trust {
        agreement: sentence(&calibrated::line(record, Style::Plain)?),
        uncalibrated: asked.iter().all(|agent| agent.calibration.is_none()),
        parts: parts.collect(),
        tested: tested.collect(),
        blind: asked.iter().flat_map(|agent| blind(agent)).collect(),
        untested: asked.iter().filter_map(|agent| untested(agent)).collect(),
        max_drop: held.next().map(|test| points(test.max_drop)),
        most_rise: points(MOST_RISE),
    })
}

/// A line of the comment's foot, which begins small, as a sentence.
fn sentence(line: &str) -> String {
    let mut letters = line.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn name(agent: &AgentRecord) -> String {
    Style::Plain.name(agent.name.as_str())
}

fn tested(agent: &AgentRecord, test: &SelfTestRecord) -> Tested {
    let (tried, noticed) = test.totals();
    let share = crate::stats::count(noticed) / crate::stats::count(tried.max(1)) * 100.0;
    Tested {
        agent: name(agent),
        cases: test.cases,
        noticed: format!("{noticed} of {tried} ({share:.0} %)"),
    }
}

fn blind(agent: &AgentRecord) -> Vec<String> {
    let tests = agent.self_test.iter().flat_map(|test| &test.spoilings);
    let missing = tests.filter(|one| one.noticed < one.tried);
    missing
        .map(|one| format!("{}, {}", name(agent), missed(one)))
        .collect()
}

fn missed(one: &SpoilingRecord) -> String {
    let named = one
        .missed
        .iter()
        .map(|case| Style::Plain.code(case.as_str()));
    let named: Vec<String> = named.collect();
    let unnoticed = one.tried - one.noticed;
    let more = match unnoticed.saturating_sub(named.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let what = match one.spoiling.noticing() {
        Noticing::Falls => "the score hardly falls",
        Noticing::DoesNotRise => "the score rises",
    };
    format!(
        "`{}`: {} of {} noticed; {what} in {}{more}",
        one.spoiling,
        one.noticed,
        one.tried,
        named.join(", ")
    )
}

/// Why nothing was tried of an agent.
fn untested(agent: &AgentRecord) -> Option<String> {
    if agent.self_test.is_some() {
        return None;
    }
    let why = if agent.judge.is_some() {
        "a judge grades its answers, and the self-test tries rules alone"
    } else if agent.scorer.grader.is_some() {
        "an own grader scores its answers, and the self-test tries rules alone"
    } else if agent.rescored.is_some() {
        "its answers were scored again after the run; `tunegate check --self-test --answers run.json` tries today's rules"
    } else {
        "nothing was tried: the run was merged or stopped, or has no short answer of 6 points and more whose words are tested"
    };
    Some(format!("{}: {why}", name(agent)))
}
