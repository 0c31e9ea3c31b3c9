//! The cases that lost most: prompt, points, why, and the answer where it may be shown.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Style;
use super::rows::beside_floor;
use crate::figures::points;
use crate::record::{AgentRecord, CaseRecord, Comparison, Outcome, PairedCase, SampleText};
use crate::report::{Answers, Context, escape};
use crate::score::Loss;

const PROMPT_CHARS: usize = 100;
const ANSWER_CHARS: usize = 1_200;
const ANSWER_WIDTH: usize = 100;
const MOST_LOSSES: usize = 3;

#[derive(Serialize)]
pub(super) struct Worse {
    title: String,
    tally: String,
    cases: Vec<WorseCase>,
    omitted: Option<String>,
}

#[derive(Serialize)]
struct WorseCase {
    prompt: String,
    scores: String,
    lost: String,
    /// Beside the new one only.
    old_answer: Option<String>,
    answer: Option<String>,
}

pub(super) fn worse(
    agent: &AgentRecord,
    context: &Context,
    style: Style,
    most: usize,
) -> Option<Worse> {
    let failing = agent.verdict.outcome == Outcome::Fail;
    if agent.comparison.is_none() && !failing {
        return None;
    }
    let (count, cases) = match &agent.comparison {
        Some(comparison) => fallen(agent, comparison, most),
        None => weakest(agent, most),
    };
    if count == 0 {
        return None;
    }
    let shown = cases
        .iter()
        .map(|(case, pair)| worse_case(agent, case, *pair, context, style))
        .collect();
    let left_out = count.saturating_sub(most);
    let what = if agent.comparison.is_some() {
        "What got worse in"
    } else {
        "What is weakest in"
    };
    Some(Worse {
        title: format!("{what} {}", style.name(agent.name.as_str())),
        tally: tally(agent),
        cases: shown,
        omitted: (left_out > 0).then(|| format!("{left_out} more in the run's files.")),
    })
}

/// The cases that are quoted, at most so many of an agent.
pub(in crate::report) fn quoted(agent: &AgentRecord, most: usize) -> Vec<&CaseRecord> {
    let (_, cases) = match &agent.comparison {
        Some(comparison) => fallen(agent, comparison, most),
        None => weakest(agent, most),
    };
    cases.into_iter().map(|(case, _)| case).collect()
}

/// How many there are, and the first of them.
type Shown<'a> = (usize, Vec<(&'a CaseRecord, Option<&'a PairedCase>)>);

fn fallen<'a>(agent: &'a AgentRecord, comparison: &'a Comparison, most: usize) -> Shown<'a> {
    let mut pairs: Vec<&PairedCase> = comparison
        .cases
        .iter()
        .filter(|pair| pair.old - pair.new > 0.005)
        .collect();
    pairs.sort_by(|a, b| (a.new - a.old).total_cmp(&(b.new - b.old)));
    let count = pairs.len();
    let shown = pairs.into_iter().take(most).filter_map(|pair| {
        let case = agent.cases.iter().find(|case| case.id == pair.id)?;
        Some((case, Some(pair)))
    });
    (count, shown.collect())
}

fn weakest(agent: &AgentRecord, most: usize) -> Shown<'_> {
    // What only the pull request has is told by itself.
    let below =
        |case: &&CaseRecord| !case.new && case.score.zip(agent.floor).is_some_and(|(s, f)| s < f);
    let mut cases: Vec<&CaseRecord> = agent.cases.iter().filter(below).collect();
    cases.sort_by(|a, b| a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0)));
    let count = cases.len();
    let shown = cases.into_iter().take(most).map(|case| (case, None));
    (count, shown.collect())
}

fn tally(agent: &AgentRecord) -> String {
    let Some(comparison) = &agent.comparison else {
        return "prompts below the floor, weakest first.".to_owned();
    };
    let count = |wanted: fn(f64) -> bool| {
        comparison
            .cases
            .iter()
            .filter(|pair| wanted(pair.new - pair.old))
            .count()
    };
    let worse = count(|d| d < -0.005);
    let better = count(|d| d > 0.005);
    let same = comparison.cases.len() - worse - better;
    format!(
        "{worse} of {} prompts worse, {better} better, {same} the same.",
        comparison.cases.len()
    )
}

fn worse_case(
    agent: &AgentRecord,
    case: &CaseRecord,
    pair: Option<&PairedCase>,
    context: &Context,
    style: Style,
) -> WorseCase {
    let prompt = case
        .text
        .as_ref()
        .and_then(|text| text.messages.last())
        .map(|message| message.content.as_str())
        .unwrap_or_default();
    let title = format!(
        "{}: {}",
        escape::excerpt(case.id.as_str(), PROMPT_CHARS),
        escape::beginning(prompt, PROMPT_CHARS)
    );
    let now = case
        .score
        .map_or_else(|| "–".to_owned(), |score| beside_floor(agent, score));
    let sample = case
        .samples
        .iter()
        .filter(|s| s.score.is_some())
        .min_by(|a, b| a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0)));
    let answer = sample.and_then(|sample| sample.text.as_ref()?.said());
    let shows = style == Style::Markdown && context.answers == Answers::Excerpts;
    let answer = answer.filter(|_| shows);
    let of_case = (agent.name.clone(), case.id.clone());
    let old = context
        .old_answers
        .get(&of_case)
        .filter(|_| answer.is_some());
    WorseCase {
        prompt: if style == Style::Markdown {
            escape::html_code(&title)
        } else {
            escape::plain(&title)
        },
        scores: pair.map_or_else(
            || now.clone(),
            |pair| format!("{} → {now}", points(pair.old)),
        ),
        lost: lost(case, context.answers, style),
        old_answer: old.map(|answer| quoted_block(answer)),
        answer: answer.map(|answer| quoted_block(&answer)),
    }
}

fn quoted_block(answer: &str) -> String {
    escape::block(&wrapped(&escape::excerpt(answer, ANSWER_CHARS)))
}

fn lost(case: &CaseRecord, answers: Answers, style: Style) -> String {
    // A case that was asked again loses the same points again: once is enough to read.
    let mut told = BTreeSet::new();
    let mut losses: Vec<_> = case
        .samples
        .iter()
        .filter_map(|sample| sample.text.as_ref())
        .flat_map(|text| {
            text.lost
                .iter()
                .map(move |loss| (loss, why(text, loss, answers)))
        })
        .filter(|(loss, why)| loss.points > 0.0 && told.insert((&loss.dimension, *why)))
        .collect();
    losses.sort_by(|(a, _), (b, _)| b.points.total_cmp(&a.points));
    // A required check takes the points of every dimension: its words stand once, behind them.
    let mut reasons: Vec<(Vec<&Loss>, &str)> = Vec::new();
    for (loss, why) in losses {
        match reasons.iter_mut().find(|(_, known)| *known == why) {
            Some((same, _)) => same.push(loss),
            None => reasons.push((vec![loss], why)),
        }
    }
    let told = reasons.iter().take(MOST_LOSSES);
    let mut parts: Vec<String> = told
        .map(|(same, why)| {
            let lost = same
                .iter()
                .map(|loss| format!("{} −{}", loss.dimension, points(loss.points)));
            let lost: Vec<String> = lost.collect();
            style.text(&format!("{}: {why}", lost.join(", ")))
        })
        .collect();
    let more = reasons.iter().skip(MOST_LOSSES);
    match more.map(|(same, _)| same.len()).sum() {
        0 => {}
        1 => parts.push("1 smaller loss".to_owned()),
        more => parts.push(format!("{more} smaller losses")),
    }
    if parts.is_empty() {
        "Nothing lost.".to_owned()
    } else {
        format!("The new answer lost: {}.", parts.join("; "))
    }
}

/// Why points are lost.
fn why<'t>(text: &SampleText, loss: &'t Loss, answers: Answers) -> &'t str {
    match answers {
        Answers::Hidden => text.reason_without_judge(loss),
        Answers::Excerpts => &loss.why,
    }
}

/// Lines broken between words, since a code block does not wrap by itself and would be read by scrolling sideways.
fn wrapped(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let mut out = String::new();
        let mut width = 0;
        for word in line.split_inclusive(' ') {
            let length = word.chars().count();
            if width > 0 && width + length > ANSWER_WIDTH {
                out.truncate(out.trim_end().len());
                out.push('\n');
                width = 0;
            }
            out.push_str(word);
            width += length;
        }
        out
    });
    lines.collect::<Vec<_>>().join("\n")
}
