//! Profile `standard`: every dimension starts at ten points and loses some for what can be seen to be wrong.
//!
//! Each built-in dimension has *signals*, properties that can be measured in any answer; where the case has checks for
//! it, signals and checks share the dimension half and half. Other dimensions are their checks alone. Signals are for
//! English prose; they look at the first [`ANALYSED_CHARACTERS`] of an answer and at its Markdown, never at its truth:
//! that is for checks and judges.

mod distinct;
mod form;
mod format;
mod generic;
mod haystack;
mod language;
mod listed;
mod meaning;
mod own;
mod page;
mod phrases;
mod quality;
mod relevance;
mod specificity;
mod substance;
mod words;

use std::cell::OnceCell;

use super::evaluate::Outcome;
use super::scored::{Answer, FULL, Tally};
use super::{Check, CheckKind, Dimension, Expectation, by_checks, json, refusal};
use haystack::Haystack;
use page::Page;
use words::Words;

/// Characters of an answer and of a prompt that signals look at. Four times what a long article has, and little enough
/// that a runaway answer costs no more than a few dozen milliseconds. Checks see all of it.
pub(super) const ANALYSED_CHARACTERS: usize = 100_000;

/// Share of a dimension that its checks decide, where it has some.
const CHECKED_SHARE: f64 = 0.5;

/// One measured property: points it costs, and one sentence on why.
#[derive(Debug, PartialEq)]
struct Signal {
    points: f64,
    why: String,
}

impl Signal {
    fn new(points: f64, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { points, why }
    }
}

/// An answer and its question, read once for all signals.
struct View<'a> {
    expectation: &'a Expectation,
    finish_reason: Option<&'a str>,
    text: &'a str,
    question: &'a str,
    flat: Haystack,
    flat_question: OnceCell<Haystack>,
    /// Its own words.
    words: Words,
    /// All of its words, where some are not its own.
    with_borrowed: Option<Words>,
    prompt: Words,
    /// The content words of each sentence of the question.
    asked: Vec<Words>,
    page: Page,
    is_structure: OnceCell<bool>,
}

impl<'a> View<'a> {
    fn new(expectation: &'a Expectation, prompt: &'a str, answer: Answer<'a>, read: Read) -> Self {
        let text = head(answer.text);
        let question = head(prompt);
        let asked: Vec<Words> = sentences(question).map(Words::of_prompt).collect();
        let (words, with_borrowed) = match &read.own {
            Some(own) => (Words::of(own), Some(read.words)),
            None => (read.words, None),
        };
        Self {
            expectation,
            finish_reason: answer.finish_reason,
            text,
            question,
            flat_question: OnceCell::new(),
            words,
            with_borrowed,
            flat: read.flat,
            prompt: Words::joined(&asked),
            asked,
            page: Page::of(text),
            is_structure: OnceCell::new(),
        }
    }

    /// All words of the answer.
    fn all_words(&self) -> &Words {
        self.with_borrowed.as_ref().unwrap_or(&self.words)
    }

    /// Whether a phrase, itself in lower case, stands in the question.
    fn asked_with(&self, phrase: &str) -> bool {
        let question = || Haystack::new(self.question);
        self.flat_question.get_or_init(question).contains(phrase)
    }

    /// Whether the answer is a JSON object or array, bare or in its one fenced block.
    fn is_structure(&self) -> bool {
        *self
            .is_structure
            .get_or_init(|| json::holds_structure(self.text))
    }
}

/// An answer, read once for checks and signals.
pub(super) struct Read {
    flat: Haystack,
    words: Words,
    own: Option<String>,
}

impl Read {
    pub(super) fn of(expectation: &Expectation, prompt: &str, text: &str) -> Self {
        let text = head(text);
        let (flat, words) = (Haystack::new(text), Words::of(text));
        let answer = own::Answer {
            text,
            flat: &flat,
            words: &words,
        };
        let own = own::text(&answer, head(prompt), &expectation.keywords);
        Self { flat, words, own }
    }

    /// The whole answer without what it borrowed; `None` where all of it is its own.
    pub(super) fn own_text(&self, whole: &str) -> Option<String> {
        let rest = whole.get(head(whole).len()..).unwrap_or_default();
        self.own.as_ref().map(|own| format!("{own}{rest}"))
    }
}

/// The four built-in dimensions and those that checks name, each with what it lost.
pub(super) fn tallies(
    expectation: &Expectation,
    prompt: &str,
    answer: Answer<'_>,
    outcomes: &[Outcome<'_>],
    read: Read,
) -> Vec<Tally> {
    let named = by_checks::dimensions(outcomes);
    let custom = named.iter().filter(|d| !Dimension::BUILT_IN.contains(d));
    let mut tallies: Vec<Tally> = Dimension::BUILT_IN
        .iter()
        .chain(custom)
        .map(|dimension| Tally::new(dimension.clone()))
        .collect();
    if answer.text.trim().is_empty() {
        for tally in &mut tallies {
            tally.take(FULL, "the answer is empty");
        }
        return tallies;
    }
    let signals = signals(expectation, prompt, answer, read);
    for (index, tally) in tallies.iter_mut().enumerate() {
        let own = signals.get(index);
        let checked = match (own, named.contains(&tally.dimension)) {
            (None, _) => 1.0,
            (Some(_), true) => CHECKED_SHARE,
            (Some(_), false) => 0.0,
        };
        let mut left = FULL;
        for signal in own.into_iter().flatten() {
            let points = signal.points.clamp(0.0, left);
            left -= points;
            tally.take(points * (1.0 - checked), signal.why.as_str());
        }
        by_checks::take(tally, FULL * checked, outcomes);
    }
    tallies
}

/// The signals of each built-in dimension, in their order.
fn signals(
    expectation: &Expectation,
    prompt: &str,
    answer: Answer<'_>,
    read: Read,
) -> [Vec<Signal>; 4] {
    let view = View::new(expectation, prompt, answer, read);
    let refuses = refusal::is_refusal(answer.text);
    if refuses && wants_refusal(&expectation.checks) {
        // Declining was right: there is no form, topic or detail left to measure.
        return [quality::of_any_answer(&view), vec![], vec![], vec![]];
    }
    let addressed = relevance::Addressed::by(&view);
    let mut signals = [
        quality::signals(&view, refuses),
        relevance::signals(&view, &addressed),
        format::signals(&view),
        specificity::signals(&view),
    ];
    let [quality, relevance, _, specificity] = &mut signals;
    if let Some(echo) = relevance::echo(&view) {
        for own in [quality, relevance, specificity] {
            own.insert(0, Signal::new(relevance::ECHO, echo.as_str()));
        }
    } else if let Some((points, why)) = addressed.elsewhere() {
        for own in [quality, specificity] {
            own.insert(0, Signal::new(points, why.clone()));
        }
    }
    signals
}

/// Whether the case tests that the answer declines.
fn wants_refusal(checks: &[Check]) -> bool {
    checks.iter().any(|check| {
        let declines = if let CheckKind::Any { checks, .. } = &check.kind {
            wants_refusal(checks)
        } else {
            matches!(check.kind, CheckKind::IsRefusal)
        };
        declines && !check.negated
    })
}

fn head(text: &str) -> &str {
    match text.char_indices().nth(ANALYSED_CHARACTERS) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// The sentences of a text, roughly: what ends in `.`, `!` or `?` before white space, or in a line's end.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    pieces(text)
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

/// The same, with all white space: together they are the text.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut before = ' ';
    let ends = move |c: char| {
        let ends = matches!(c, '\n' | '!' | '?') || (c == ' ' && before == '.');
        before = c;
        ends
    };
    text.split_inclusive(ends)
}

/// The words between white space.
fn word_count(text: &str) -> usize {
    if !text.is_ascii() {
        return text.split_whitespace().count();
    }
    let mut count = 0;
    let mut inside = false;
    for byte in text.bytes() {
        let blank = char::from(byte).is_whitespace();
        count += usize::from(!blank && !inside);
        inside = !blank;
    }
    count
}

/// A count as a number to calculate with; counts are at most [`ANALYSED_CHARACTERS`].
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn number(count: usize) -> f64 {
    count as f64
}

/// How far a value is on its way from `none` (0) to `all` (1).
fn share(value: f64, none: f64, all: f64) -> f64 {
    ((value - none) / (all - none)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests;
