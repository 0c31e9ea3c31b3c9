//! Signals of format: does the answer come in the expected form, decided by parsing it, and can it be read?

use super::form::{self, Fit};
use super::page::Place;
use super::{Signal, View, number, share};

/// The form is not there: whoever or whatever reads the answer cannot use it.
const MISSING: f64 = 6.0;

/// The form can be made out but is not right.
const HALF: f64 = 3.0;

/// A paragraph nobody reads to its end.
const WALL: f64 = 0.5;

/// Words up to which a paragraph reads well, and at which it is a wall. Style guides stop at about 100.
const PARAGRAPH: f64 = 120.0;
const WALL_WORDS: f64 = 240.0;

/// The same for an entry of a list.
const ENTRY: f64 = 60.0;
const WALL_ENTRY: f64 = 120.0;

/// An open code block swallows all that follows it on the page.
const OPEN_FENCE: f64 = 2.0;

pub(super) fn signals(view: &View<'_>) -> Vec<Signal> {
    let mut signals = Vec::new();
    if let Some(expected) = view.expectation.form {
        let name = expected.as_str();
        match form::fit(expected, view) {
            Fit::Full => {}
            Fit::Half(why) => {
                signals.push(Signal::new(
                    HALF,
                    format!("expected {name}, half there: {why}"),
                ));
            }
            Fit::Missing(why) => {
                signals.push(Signal::new(MISSING, format!("expected {name}: {why}")));
            }
        }
    }
    signals.extend(wall(view));
    if view.page.has_open_fence() {
        signals.push(Signal::new(OPEN_FENCE, "a code block that is never closed"));
    }
    signals
}

/// The heaviest block of text, if it is too heavy.
fn wall(view: &View<'_>) -> Option<Signal> {
    if view.is_structure() {
        return None;
    }
    let heaviest = view.page.blocks.iter().filter_map(|block| {
        let words = block.words;
        let (name, weight) = match block.place {
            Place::Paragraph | Place::Heading => {
                ("paragraph", share(number(words), PARAGRAPH, WALL_WORDS))
            }
            Place::Item => ("list entry", share(number(words), ENTRY, WALL_ENTRY)),
            Place::Cell => return None,
        };
        (weight > 0.0).then_some((weight, words, name))
    });
    let (weight, words, name) = heaviest.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Signal::new(
        WALL * weight,
        format!("a {name} of {words} words"),
    ))
}
