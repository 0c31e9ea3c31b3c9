//! Signals of quality: does the answer do its job at all, to its end, in its own words and once?

use super::distinct::Distinct;
use super::page::Place;
use super::phrases::{BOILERPLATE, PLACEHOLDERS, TO_THE_GRADER, UNFINISHED};
use super::{Signal, View, number, sentences, share, word_count};
use crate::score::Form;

/// Declining where an answer was wanted leaves the reader with nothing.
const REFUSAL: f64 = 6.0;

/// The server itself says that the answer is not whole.
const CUT: f64 = 3.0;

/// The answer looks as if it were not whole.
const UNFINISHED_END: f64 = 1.5;

/// A loop: the usual way in which a fine-tuned model breaks.
const REPEATS: f64 = 5.0;

/// Nobody sends a text with blanks in it; half a point each up to this.
const BLANKS: f64 = 2.0;

/// Phrases that would fit any question; up to this.
const FILLER: f64 = 3.0;

/// Speaking to whoever grades instead of to whoever asked.
const GRADER: f64 = 4.0;

/// Too short to be the thing that was asked for, at most this.
const SHORT: f64 = 3.0;

/// Leaving parts of the question alone, at most this.
const INCOMPLETE: f64 = 4.0;

/// Share of a sentence's content words by which an answer shows that it deals with it.
const TAKEN_UP: f64 = 0.6;

/// Sentences with fewer content words ask for nothing that could be recognised.
const ASKING: usize = 4;

/// Questions of more sentences are documents, of which an answer need not take up each.
const MOST_SENTENCES: usize = 12;

/// Sentences that have to be read twice, at most this.
const LONG_SENTENCES: f64 = 2.0;

/// Words from which a sentence is long; plain-language guides ask for 20 to 25 at most.
const LONG: usize = 26;

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
    if refuses {
        signals.insert(0, Signal::new(REFUSAL, "declines to answer"));
    } else {
        signals.extend(
            [incomplete(view), long_sentences(view), short(view)]
                .into_iter()
                .flatten(),
        );
    }
    signals
}

/// What is wrong wherever it stands, even in an answer that rightly declines.
pub(super) fn of_any_answer(view: &View<'_>) -> Vec<Signal> {
    if view.words.len() == 0 {
        return vec![Signal::new(WORDLESS, "holds no word")];
    }
    [cut, repeats, grader, filler, blanks]
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
    let sequences = repeated(view.words.stems.windows(4));
    // Code, JSON and tables repeat by nature: there only a loop counts.
    let structured = !view.page.codes.is_empty()
        || !view.page.tables.is_empty()
        || view.text.trim_start().starts_with(['{', '[']);
    let by_sequences = if structured {
        share(sequences, 0.5, 0.85)
    } else {
        share(sequences, 0.15, 0.5)
    };
    let sentences =
        sentences(&view.page.prose).filter(|sentence| sentence.split_whitespace().nth(2).is_some());
    let again = repeated(sentences);
    let extent = by_sequences.max(share(again, 0.1, 0.5));
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

fn filler(view: &View<'_>) -> Option<Signal> {
    let found: Vec<&(&str, f64)> = BOILERPLATE
        .iter()
        .filter(|(phrase, _)| own(view, phrase))
        .collect();
    let points: f64 = found.iter().map(|(_, points)| points).sum();
    let (first, _) = found.first()?;
    let why = format!("uses phrases that fit any question (\"{first}\")");
    Some(Signal::new(points.min(FILLER), why))
}

fn blanks(view: &View<'_>) -> Option<Signal> {
    let phrases = PLACEHOLDERS.iter().filter(|phrase| own(view, phrase));
    let marks = UNFINISHED
        .iter()
        .filter(|mark| own(view, &mark.to_lowercase()) && has_word(view.text, mark));
    let found: Vec<&&str> = phrases.chain(marks).collect();
    let first = found.first()?;
    let why = format!("leaves blanks to be filled in (\"{first}\")");
    Some(Signal::new((0.5 * number(found.len())).min(BLANKS), why))
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric())
        .any(|own| own == word)
}

fn incomplete(view: &View<'_>) -> Option<Signal> {
    let asked: Vec<f64> = view
        .asked
        .iter()
        .filter(|sentence| sentence.content().len() >= ASKING)
        .map(|sentence| {
            let held = sentence.shared_with(&view.words);
            share(
                number(held) / number(sentence.content().len()),
                0.0,
                TAKEN_UP,
            )
        })
        .collect();
    if asked.len() < 2 || asked.len() > MOST_SENTENCES {
        return None;
    }
    let taken_up: f64 = asked.iter().sum();
    let points = INCOMPLETE * (1.0 - taken_up / number(asked.len()));
    let partly = asked.iter().filter(|share| **share < 1.0).count();
    let why = format!(
        "deals with {partly} of the question's {} sentences only in part or not at all",
        asked.len()
    );
    (points > 0.0).then(|| Signal::new(points, why))
}

fn long_sentences(view: &View<'_>) -> Option<Signal> {
    let lengths: Vec<usize> = sentences(&view.page.prose).map(word_count).collect();
    let long: usize = lengths.iter().filter(|words| **words >= LONG).sum();
    let all: usize = lengths.iter().sum();
    let points = LONG_SENTENCES * share(number(long) / number(all.max(1)), 0.0, 0.5);
    let longest = lengths.iter().max()?;
    (points > 0.0).then(|| Signal::new(points, format!("long sentences, up to {longest} words")))
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
