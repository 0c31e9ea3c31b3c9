//! How like a text an answer is: the metrics of the field, each a number from 0 to 1, and the number of edits between
//! them. Whether that is like enough is a threshold of the check.
//!
//! All but `levenshtein` compare words: runs of letters and digits in small letters, in any script. Both texts are read
//! up to [`MOST_CHARACTERS`], so that the cost of an answer has a bound.

mod alignment;
mod grams;
mod tokens;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::finding::Finding;
use tokens::Pair;

/// What is read of the answer and of the text it is compared with.
const MOST_CHARACTERS: usize = 20_000;

/// Scores this far below a threshold reach it: they are sums of fractions.
const SLACK: f64 = 1e-9;

/// A measure of how like two texts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Edits of single characters from one text to the other, and what share of the longer one stays.
    Levenshtein,
    /// ROUGE-N: F1 of the runs of n words that both have.
    RougeN,
    /// ROUGE-L: F1 of the longest sequence of words that both have.
    RougeL,
    /// BLEU: precision of the runs of up to n words, with a penalty for answers that are shorter. Not smoothed.
    Bleu,
    /// GLEU (Google's BLEU): the smaller of precision and recall of the runs of up to n words.
    Gleu,
    /// METEOR with its exact and its stem stage (English), without synonyms.
    Meteor,
}

impl Metric {
    /// The key a suite uses for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Levenshtein => "levenshtein",
            Self::RougeN => "rouge-n",
            Self::RougeL => "rouge-l",
            Self::Bleu => "bleu",
            Self::Gleu => "gleu",
            Self::Meteor => "meteor",
        }
    }

    /// How many words a run has where the suite does not say; none where the metric has no runs.
    pub const fn usual_n(self) -> Option<usize> {
        match self {
            Self::RougeN => Some(1),
            Self::Bleu | Self::Gleu => Some(4),
            Self::Levenshtein | Self::RougeL | Self::Meteor => None,
        }
    }
}

/// The text that an answer is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Model {
    /// The reference of the case.
    Reference,
    /// This text.
    Text(String),
}

/// A threshold on how like a text an answer is.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// How it is measured.
    pub metric: Metric,
    /// What the answer is compared with.
    pub to: Model,
    /// Words of a run, 1 to 9; the metric's usual number where absent.
    pub n: Option<usize>,
    /// The least score that passes, above 0 and at most 1.
    pub min: Option<f64>,
    /// The largest number of edits that passes; only of [`Metric::Levenshtein`].
    pub max: Option<usize>,
}

impl Serialize for Likeness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.to {
            Model::Reference => map.serialize_entry("to", "reference")?,
            Model::Text(text) => map.serialize_entry("text", text)?,
        }
        if let Some(n) = self.n {
            map.serialize_entry("n", &n)?;
        }
        if let Some(min) = self.min {
            map.serialize_entry("min", &min)?;
        }
        if let Some(max) = self.max {
            map.serialize_entry("max", &max)?;
        }
        map.end()
    }
}

/// Whether an answer is like enough.
pub(super) fn test(likeness: &Likeness, reference: Option<&str>, answer: &str) -> Finding {
    let model = match (&likeness.to, reference) {
        (Model::Text(text), _) => text,
        (Model::Reference, Some(reference)) => reference,
        (Model::Reference, None) => return Finding::untold("the case has no reference"),
    };
    let (answer, cut) = opening(answer.trim());
    let (model, model_cut) = opening(model.trim());
    let whole = if cut || model_cut {
        ", of the first 20,000 characters"
    } else {
        ""
    };
    let n = likeness.n.or(likeness.metric.usual_n()).unwrap_or(1);
    let words = || Pair::of(answer, model);
    let (score, edits) = match likeness.metric {
        Metric::Levenshtein => similarity(answer, model),
        Metric::RougeN => (grams::rouge(&words(), n), 0),
        Metric::RougeL => (common_sequence(&words()), 0),
        Metric::Bleu => (grams::bleu(&words(), n), 0),
        Metric::Gleu => (grams::gleu(&words(), n), 0),
        Metric::Meteor => (alignment::meteor(&words()), 0),
    };
    let enough = likeness.min.is_none_or(|min| score >= min - SLACK);
    let near = likeness.max.is_none_or(|max| edits <= max);
    let found = match likeness.max {
        Some(_) => format!("{edits} edits, {score:.3}{whole}"),
        None => format!("is {score:.3}{whole}"),
    };
    Finding::seen(enough && near, found)
}

/// The first characters of a text, and whether there are more.
fn opening(text: &str) -> (&str, bool) {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => (text.split_at(end).0, true),
        None => (text, false),
    }
}

/// 1 − edits / characters of the longer text, and the edits. Two empty texts are alike.
fn similarity(answer: &str, model: &str) -> (f64, usize) {
    let edits = rapidfuzz::distance::levenshtein::distance(answer.chars(), model.chars());
    let longer = answer.chars().count().max(model.chars().count());
    (1.0 - share(edits, longer), edits)
}

/// ROUGE-L after Lin 2004.
fn common_sequence(pair: &Pair) -> f64 {
    let (answer, model) = (pair.answer.iter().copied(), pair.model.iter().copied());
    let common = rapidfuzz::distance::lcs_seq::similarity(answer, model);
    f1(common, pair.answer.len(), pair.model.len())
}

/// The harmonic mean of precision and recall; 0 where nothing is common.
fn f1(common: usize, answer: usize, model: usize) -> f64 {
    share(2 * common, answer + model)
}

/// A part of a whole; 0 of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "both are below 2^53: texts are cut before they are counted"
)]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests;
