//! Signals of specificity: does the answer name things a reader can act on, and how much of it is vague?

use std::borrow::Cow;

use super::distinct::Distinct;
use super::page::Place;
use super::phrases::VAGUE;
use super::substance::Substance;
use super::{Signal, View, number, quality, share};

/// Cost of naming nothing concrete.
const CONCRETE: f64 = 2.0;

/// Words of text from which something concrete is expected: two sentences.
const SEVERAL: usize = 30;

/// Cost of an answer that is mostly made of function words, at most.
const LOOSE: f64 = 2.0;

/// Lexical density of loose talk, and of a text that informs.
const TALK: f64 = 0.35;
const TEXT: f64 = 0.65;

/// Words below which the density says nothing.
const ENOUGH: usize = 20;

/// Lines of code that weigh as much as one number or name.
const LINES_EACH: usize = 4;

/// Cost of vague words, at most.
const VAGUENESS: f64 = 1.0;

/// Cost of each vague word beyond the allowance.
const VAGUE_EACH: f64 = 0.2;

/// Words of text for which one vague word is allowed.
const VAGUE_ALLOWED: usize = 40;

/// What an answer names, in lower case.
type Things<'a> = Distinct<Cow<'a, str>>;

/// Phrases that announce an example.
const EXAMPLES: [&str; 4] = ["for example", "for instance", "e.g.", "such as"];

pub(super) fn signals(view: &View<'_>) -> Vec<Signal> {
    let words = view.page.words().max(unspaced_words(view));
    let substance = Substance::of(view);
    [
        substance.specificity(),
        thin(view, words),
        loose(view),
        vague(view, words),
        quality::unnamed(view),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// In scripts without spaces about two characters make a word.
fn unspaced_words(view: &View<'_>) -> usize {
    if view.page.prose.is_ascii() {
        0
    } else {
        view.words.len() / 2
    }
}

fn thin(view: &View<'_>, words: usize) -> Option<Signal> {
    let why = || format!("no number, name, command or example in {words} words");
    let expected = view.expectation.form.is_some() && words >= SEVERAL;
    (expected && concrete(view) == 0).then(|| Signal::new(CONCRETE, why()))
}

fn loose(view: &View<'_>) -> Option<Signal> {
    let density = view.words.density();
    let points = LOOSE * (1.0 - share(density, TALK, TEXT));
    let why = format!(
        "loosely worded: {:.0} % of its words carry meaning, {:.0} % in a text that informs",
        density * 100.0,
        TEXT * 100.0
    );
    (view.words.len() >= ENOUGH && points > 0.0).then(|| Signal::new(points, why))
}

/// How many different concrete things an answer names. The same number twice is one thing.
fn concrete(view: &View<'_>) -> usize {
    let mut things = Things::default();
    for block in &view.page.blocks {
        named_in(block.place, view.page.text(block), &mut things);
    }
    for text in view.page.spans.iter().chain(&view.page.links) {
        things.insert(lower(text));
    }
    let code: usize = view
        .page
        .codes
        .iter()
        .map(|code| 1 + code.text.lines().filter(|l| !l.trim().is_empty()).count() / LINES_EACH)
        .sum();
    let examples = EXAMPLES
        .iter()
        .filter(|phrase| view.flat.contains(phrase))
        .count();
    things.len() + code + examples
}

/// Numbers, names, addresses and quotations of a block.
fn named_in<'a>(place: Place, text: &'a str, things: &mut Things<'a>) {
    let mut starts_sentence = true;
    for line in text.lines() {
        if place != Place::Paragraph {
            starts_sentence = true;
        }
        for word in line.split_whitespace() {
            if is_common(word) {
                let letters = word.bytes().any(|b| b.is_ascii_lowercase());
                starts_sentence = word.ends_with(['.', '!', '?', ':']) || !letters;
                continue;
            }
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            if is_concrete(word, bare, starts_sentence) {
                things.insert(lower(bare));
            }
            starts_sentence = word.ends_with(['.', '!', '?', ':']) || bare.is_empty();
        }
    }
    if text.bytes().any(|b| b == b'"' || !b.is_ascii()) {
        things.extend(quotations(text).map(lower));
    }
}

/// Small letters and marks of sentences: whatever the word is, it names nothing.
fn is_common(word: &str) -> bool {
    let mark = |b: u8| b.is_ascii_punctuation() && !matches!(b, b'@' | b'/' | b'_');
    word.bytes().all(|b| b.is_ascii_lowercase() || mark(b))
}

/// The text in lower case.
fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text
        .bytes()
        .all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    if is_lower {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

fn is_concrete(word: &str, bare: &str, starts_sentence: bool) -> bool {
    let mut letters = bare.chars();
    let first_is_capital = letters.next().is_some_and(char::is_uppercase);
    let capitals = letters.filter(|c| c.is_uppercase()).count();
    let is_name = first_is_capital
        && !starts_sentence
        && bare.chars().nth(1).is_some()
        && !bare.starts_with("I'")
        && !bare.starts_with("I’");
    let is_address = word.contains("://") || (bare.contains(['@', '/', '_']) && bare.len() > 3);
    bare.contains(|c: char| c.is_numeric()) || is_name || capitals > 0 || is_address
}

/// What stands between double quotation marks within a line.
fn quotations(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| {
        let parts = line.split(['"', '“', '”']);
        parts
            .skip(1)
            .step_by(2)
            .filter(|part| part.chars().nth(1).is_some())
    })
}

fn vague(view: &View<'_>, words: usize) -> Option<Signal> {
    let found: Vec<(&str, usize)> = VAGUE
        .iter()
        .map(|phrase| (*phrase, view.flat.count_words(phrase)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let count: usize = found.iter().map(|(_, count)| count).sum();
    let beyond = count.saturating_sub(words / VAGUE_ALLOWED);
    let points = (VAGUE_EACH * number(beyond)).min(VAGUENESS);
    let shown: Vec<&str> = found.iter().take(4).map(|(phrase, _)| *phrase).collect();
    let why = format!("{count} vague words in {words} ({})", shown.join(", "));
    (points > 0.0).then(|| Signal::new(points, why))
}
