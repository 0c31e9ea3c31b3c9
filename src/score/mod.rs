//! Decides how good one answer is: points from 0 to 10 in each dimension, and the reason for every point lost.
//!
//! Knows cases only by their [`Expectation`]; knows nothing of models, runs, thresholds or files. Same answer and
//! expectation in, same points out, on every machine.

mod check;
mod dimension;
mod expectation;

pub use check::{Check, CheckKind, CountRange, LetterCase};
pub use dimension::Dimension;
pub use expectation::{Expectation, Form, Keyword, Profile, Scoring};
