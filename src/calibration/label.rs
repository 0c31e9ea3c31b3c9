//! A label: what a person said about one answer, or about two answers to the same prompt.

use crate::score::Dimension;

/// One judgement of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// What was asked: the last thing the user said.
    pub prompt: String,
    /// The agent whose answer this is.
    pub agent: Option<String>,
    /// What was judged; all of the answer where there is none.
    pub dimension: Option<Dimension>,
    /// The judgement.
    pub judged: Judged,
}

/// What was judged, and how.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// One answer got a rating.
    Rated {
        /// The answer.
        answer: String,
        /// The rating on 0 to 10.
        rating: f64,
        /// The distance of two neighbouring grades on 0 to 10.
        step: f64,
    },
    /// One of two answers was preferred.
    Pair {
        /// The first answer.
        a: String,
        /// The second answer.
        b: String,
        /// Which is better.
        preferred: Preferred,
    },
}

/// Which of two answers a person prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preferred {
    /// The first.
    A,
    /// The second.
    B,
    /// Neither.
    Tie,
}
