//! What `tunegate check --self-test` prints: of each agent how often each way of spoiling was noticed, in which
//! dimension, and where it was not.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape;
use crate::agent::AgentName;
use crate::figures::{change, counted, points};
use crate::score::Dimension;
use crate::self_test::{LEAST_GOOD, MOST_RISE, Missed, Noticed, SelfTest};
use crate::suite::CaseId;

/// The self-test of an agent's suite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tested {
    /// The agent.
    pub agent: AgentName,
    /// Its suite.
    pub suite: String,
    /// Where the good answers were read from; absent where there are none.
    pub answers: Option<String>,
    /// What the suite notices.
    #[serde(flatten)]
    pub result: SelfTest,
}

/// Cases that are told of one spoiling; the rest is counted.
const MOST_MISSED: usize = 5;

/// The self-test for a terminal or a text file.
pub fn self_test(all: &[Tested], max_drop: f64) -> String {
    let mut text = String::new();
    for tested in all {
        text.push_str(&agent(tested));
    }
    let totals = all.iter().map(|one| one.result.totals());
    let (tried, noticed) = totals.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    if tried == 0 {
        text.push_str(
            "nothing could be tested: record good answers with `tunegate run --record good.jsonl`, then\n\
             `tunegate check --self-test --answers good.jsonl`\n",
        );
        return text;
    }
    writeln!(
        text,
        "{noticed} of {tried} spoilt answers noticed ({:.1} %). Noticed: the score falls by more than {} (`gate.max_drop`);\n\
         of stuffed and padded answers: it does not rise by more than {}. Behind each way: mean change of each dimension.",
        crate::stats::count(noticed) / crate::stats::count(tried) * 100.0,
        points(max_drop),
        points(MOST_RISE),
    )
    .ok();
    text
}

fn agent(tested: &Tested) -> String {
    let result = &tested.result;
    let (name, suite) = (
        escape::plain(tested.agent.as_str()),
        escape::plain(&tested.suite),
    );
    let mut text = String::new();
    let Some(answers) = &tested.answers else {
        writeln!(text, "- {name}  no recorded answers  ({suite})\n").ok();
        return text;
    };
    let answers = escape::plain(answers);
    writeln!(
        text,
        "- {name}  {} from {answers}  ({suite})",
        counted(result.cases, "good answer")
    )
    .ok();
    if result.unanswered > 0 {
        writeln!(
            text,
            "    {} without a recorded answer",
            counted(result.unanswered, "case")
        )
        .ok();
    }
    if result.wordless > 0 {
        writeln!(
            text,
            "    {} of tools, time or cost alone, with no words to spoil",
            counted(result.wordless, "case")
        )
        .ok();
    }
    if !result.poor.is_empty() {
        let poor: Vec<&str> = result
            .poor
            .iter()
            .map(CaseId::as_str)
            .take(MOST_MISSED)
            .collect();
        writeln!(
            text,
            "    {} below {} and so not spoilt: {}",
            counted(result.poor.len(), "recorded answer"),
            points(LEAST_GOOD),
            escape::plain(&poor.join(", "))
        )
        .ok();
    }
    let tried = result.spoilings.iter().filter(|one| one.tried > 0);
    for one in tried {
        text.push_str(&spoiling(one));
    }
    text.push('\n');
    text
}

fn spoiling(one: &Noticed) -> String {
    let mark = if one.missed.is_empty() { "✅" } else { "⚠" };
    let mut text = String::new();
    writeln!(
        text,
        "    {mark} {:14}  {:>2} of {:>2}  {}",
        one.spoiling.as_str(),
        one.noticed,
        one.tried,
        changes(&one.dimensions)
    )
    .ok();
    for missed in one.missed.iter().take(MOST_MISSED) {
        writeln!(text, "         not in {}", case(missed)).ok();
    }
    if one.missed.len() > MOST_MISSED {
        writeln!(
            text,
            "         nor in {} more",
            one.missed.len() - MOST_MISSED
        )
        .ok();
    }
    text
}

fn case(missed: &Missed) -> String {
    format!(
        "{}: {} → {} ({})",
        escape::plain(missed.case.as_str()),
        points(missed.good),
        points(missed.spoilt),
        changes(&missed.dimensions)
    )
}

fn changes<'c>(dimensions: impl IntoIterator<Item = (&'c Dimension, &'c f64)>) -> String {
    let changes = dimensions
        .into_iter()
        .map(|(dimension, by)| format!("{} {}", escape::plain(dimension.as_str()), change(*by)));
    changes.collect::<Vec<_>>().join(" · ")
}
