//! How much an answer says, by its different words. In answers that people compared this foretells what they prefer
//! better than length does, and it does not grow with repeating or echoing, and hardly with filling.

use super::{Signal, View, number, share};
use crate::score::Form;

/// What a full answer holds, and what saying nothing costs.
struct Full {
    words: f64,
    /// Worth of a word that fits an answer to any question.
    generic: f64,
    quality: f64,
    specificity: f64,
}

/// An answer of which no form is expected. Weights by the agreement with people, see `docs/scoring.md`.
const ANY: Full = Full {
    words: 120.0,
    generic: 0.5,
    quality: 7.0,
    specificity: 5.0,
};

/// How many words that fit any answer count for each that does not.
const EACH: usize = 2;

/// How full an answer is.
pub(super) struct Substance {
    found: f64,
    full: Full,
}

impl Substance {
    pub(super) fn of(view: &View<'_>) -> Self {
        let full = view.expectation.form.map_or(ANY, of_form);
        let specific = view.words.specific();
        let generic = view.words.generic().min(EACH * specific);
        Self {
            found: number(specific) + full.generic * number(generic),
            full,
        }
    }

    pub(super) fn quality(&self) -> Option<Signal> {
        self.missing(self.full.quality)
    }

    pub(super) fn specificity(&self) -> Option<Signal> {
        self.missing(self.full.specificity)
    }

    fn missing(&self, most: f64) -> Option<Signal> {
        let Full { words, .. } = self.full;
        let points = most * (1.0 - share(self.found, 0.0, words));
        let why = format!(
            "says little: {:.0} different words that carry meaning, {words:.0} expected",
            self.found.floor()
        );
        (points > 0.0).then(|| Signal::new(points, why))
    }
}

/// An answer of a form is full with half of what good answers of the form hold; there words that fit any answer do not
/// count, and the form itself and the checks say more than the number of words.
const fn of_form(form: Form) -> Full {
    let words = match form {
        Form::Json => 4.0,
        Form::Tweet | Form::Code => 8.0,
        Form::Table => 15.0,
        Form::List | Form::Prose | Form::Steps | Form::Email | Form::Script => 18.0,
        Form::Outline => 30.0,
    };
    Full {
        words,
        generic: 0.0,
        quality: 2.0,
        specificity: 1.5,
    }
}
