//! Signals of quality: does the answer do its job at all, to its end, in its own words and once?

use super::distinct::Distinct;
use super::page::Place;
use super::phrases::{BOILERPLATE, PLACEHOLDERS, TO_THE_GRADER, UNFINISHED};
use super::substance::Substance;
use super::{Signal, View, language, number, sentences, share};
use crate::score::Form;

/// Declining where an answer was wanted leaves the reader with nothing.
const REFUSAL: f64 = 6.0;

/// The server itself says that the answer is not whole.
const CUT: f64 = 3.0;

/// The answer looks as if it were not whole.
const UNFINISHED_END: f64 = 1.5;

/// A loop: the usual way in which a fine-tuned model breaks.
const REPEATS: f64 = 5.0;

/// Nobody sends a text with blanks in it: each of them, and all together at most; half of it in specificity.
const BLANK: f64 = 1.5;
const BLANKS: f64 = 4.5;

/// Speaking for the person who asked: a model that was trained past the end of its turn.
const GOES_ON: f64 = 3.0;

/// Phrases that would fit any question; up to this.
const FILLER: f64 = 3.0;

/// Speaking to whoever grades instead of to whoever asked.
const GRADER: f64 = 4.0;

/// Too short to be the thing that was asked for, at most this.
const SHORT: f64 = 3.0;

/// No word at all.
const WORDLESS: f64 = 8.0;

/// Reasons for which a server stops before the model is done.
const CUT_REASONS: [&str; 5] = [
    "length",
    "model_length",
    "max_tokens",
    "max_output_tokens",
    "content_filter",
];

pub(super) fn signals(view: &View<'_>, refuses: bool) -> Vec<Signal> {
    let mut signals = of_any_answer(view);
    signals.extend(Substance::of(view).quality());
    if refuses {
        signals.insert(0, Signal::new(REFUSAL, "declines to answer"));
    } else {
        signals.extend(short(view));
    }
    signals
}

/// What is wrong wherever it stands, even in an answer that rightly declines.
pub(super) fn of_any_answer(view: &View<'_>) -> Vec<Signal> {
    if view.all_words().len() == 0 {
        return vec![Signal::new(WORDLESS, "holds no word")];
    }
    [
        cut,
        repeats,
        language::foreign,
        goes_on,
        grader,
        filler,
        blanks,
    ]
    .into_iter()
    .filter_map(|signal| signal(view))
    .collect()
}

fn cut(view: &View<'_>) -> Option<Signal> {
    if let Some(reason) = view
        .finish_reason
        .filter(|reason| CUT_REASONS.contains(reason))
    {
        return Some(Signal::new(
            CUT,
            format!("is cut off (finish reason {reason})"),
        ));
    }
    if view.page.has_open_fence() {
        return Some(Signal::new(UNFINISHED_END, "ends inside a code block"));
    }
    let last = view.page.blocks.last()?;
    let line = view.page.text(last).trim_end().lines().next_back()?.trim();
    let last_word = line.split_whitespace().next_back()?;
    let running = last.place == Place::Paragraph && view.text.trim_end().ends_with(last_word);
    let mid_sentence = running
        && line.split_whitespace().count() >= 8
        && line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | '-' | '–'))
        && !ends_in_a_name(line);
    mid_sentence.then(|| Signal::new(UNFINISHED_END, "ends in the middle of a sentence"))
}

/// An address or a tag may end a text without a full stop.
fn ends_in_a_name(line: &str) -> bool {
    let last = line.split_whitespace().next_back().unwrap_or_default();
    last.starts_with(['#', '@']) || last.contains(['/', '@']) || last.contains('.')
}

/// Share of word sequences and of sentences that were there before.
fn repeats(view: &View<'_>) -> Option<Signal> {
    let sequences = repeated(view.all_words().stems.windows(4));
    // Code, JSON and tables repeat by nature: there only a loop counts.
    let structured = !view.page.codes.is_empty()
        || !view.page.tables.is_empty()
        || view.text.trim_start().starts_with(['{', '[']);
    let by_sequences = if structured {
        share(sequences, 0.5, 0.85)
    } else {
        share(sequences, 0.25, 0.6)
    };
    let sentences =
        sentences(&view.page.prose).filter(|sentence| sentence.split_whitespace().nth(2).is_some());
    let again = repeated(sentences);
    let extent = by_sequences.max(share(again, 0.2, 0.5));
    let why = format!(
        "repeats itself ({:.0} % was there before)",
        again.max(sequences) * 100.0
    );
    (extent > 0.0).then(|| Signal::new(REPEATS * extent, why))
}

fn repeated<T: Eq + std::hash::Hash>(parts: impl Iterator<Item = T>) -> f64 {
    let mut seen = Distinct::default();
    seen.reserve(parts.size_hint().0);
    let mut total = 0;
    for part in parts {
        total += 1;
        seen.insert(part);
    }
    if total < 3 {
        return 0.0;
    }
    1.0 - number(seen.len()) / number(total)
}

/// A phrase counts only where the question does not hold it itself.
fn own(view: &View<'_>, phrase: &str) -> bool {
    view.flat.contains(phrase) && !view.asked_with(phrase)
}

fn grader(view: &View<'_>) -> Option<Signal> {
    let phrase = TO_THE_GRADER.iter().find(|phrase| own(view, phrase))?;
    Some(Signal::new(
        GRADER,
        format!("speaks to whoever grades it (\"{phrase}\")"),
    ))
}

/// The marks by which chat templates and transcripts say that somebody else speaks; in lower case.
const TURNS: [&str; 10] = [
    "user:",
    "human:",
    "customer:",
    "### instruction",
    "### human",
    "### user",
    "[inst]",
    "<|user|>",
    "<|im_start|>",
    "<|start_header_id|>",
];

fn goes_on(view: &View<'_>) -> Option<Signal> {
    let opens = |line: &str, mark: &str| {
        let start = line.trim_start().get(..mark.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(mark))
    };
    let mark = TURNS.into_iter().find(|mark| {
        let mut later = view.text.lines().skip(1);
        later.any(|line| opens(line, mark)) && !view.asked_with(mark)
    })?;
    let why = format!("goes on with what somebody else would say (\"{mark}\")");
    // A script has speakers.
    (view.expectation.form != Some(Form::Script)).then(|| Signal::new(GOES_ON, why))
}

fn filler(view: &View<'_>) -> Option<Signal> {
    let found: Vec<&(&str, f64)> = BOILERPLATE
        .iter()
        .filter(|(phrase, _)| own(view, phrase))
        .collect();
    let points: f64 = found.iter().map(|(_, points)| points).sum();
    let (first, _) = found.first()?;
    // In free talk people hardly mind them.
    let each = if view.expectation.form.is_some() {
        1.0
    } else {
        0.3
    };
    let why = format!("uses phrases that fit any question (\"{first}\")");
    Some(Signal::new((each * points).min(FILLER), why))
}

fn blanks(view: &View<'_>) -> Option<Signal> {
    let (count, first) = left_blank(view)?;
    let why = format!("leaves blanks to be filled in (\"{first}\")");
    Some(Signal::new((BLANK * number(count)).min(BLANKS), why))
}

/// The same in specificity, where a blank stands in the place of what should be named.
pub(super) fn unnamed(view: &View<'_>) -> Option<Signal> {
    blanks(view).map(|signal| Signal::new(signal.points / 2.0, signal.why))
}

/// How many blanks an answer leaves, and the first.
fn left_blank(view: &View<'_>) -> Option<(usize, &'static str)> {
    // Where no form is expected, a template with a place for the name may be what was asked for.
    let is_template = |phrase: &str| view.expectation.form.is_none() && phrase.starts_with('[');
    let phrases = PLACEHOLDERS
        .iter()
        .filter(|phrase| !is_template(phrase) && own(view, phrase));
    let marks = UNFINISHED
        .iter()
        .filter(|mark| own(view, &mark.to_lowercase()) && has_word(view.text, mark));
    let found: Vec<&&str> = phrases.chain(marks).collect();
    Some((found.len(), found.first()?))
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|own| own == word)
}

fn short(view: &View<'_>) -> Option<Signal> {
    let form = view.expectation.form?;
    let least = least_words(form);
    let words = view.words.len();
    let points = SHORT * (1.0 - number(words) / number(least)).max(0.0);
    let why = format!(
        "{words} words are too few for the expected form ({})",
        form.as_str()
    );
    (points > 0.0).then(|| Signal::new(points, why))
}

/// Words below which the form cannot hold what it is for.
const fn least_words(form: Form) -> usize {
    match form {
        Form::Tweet | Form::Json => 5,
        Form::Code => 8,
        Form::Table => 12,
        Form::Prose | Form::List => 18,
        Form::Steps => 24,
        Form::Email | Form::Outline => 30,
        Form::Script => 40,
    }
}
