//! Decides how good one answer is: points from 0 to 10 in each dimension, and the reason for every point lost.
//!
//! Knows cases only by their [`Expectation`]; knows nothing of models, runs, thresholds or files. Same answer and
//! expectation in, same points out, on every machine.

mod aggregate;
mod check;
mod digest;
mod dimension;
mod expectation;

pub use aggregate::{agent_score, case_score, mean, overall_score, weighted_mean};
pub use check::{Check, CheckKind, CountRange, LetterCase};
pub use digest::{DigestError, digest, digest_bytes};
pub use dimension::Dimension;
pub use expectation::{Expectation, Form, Keyword, Profile, Scoring};
