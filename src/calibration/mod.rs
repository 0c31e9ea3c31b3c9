//! How far scores agree with people: labels that people gave to answers, held against what the scorer gives to the same
//! answers.
//!
//! Reads labels, scores their answers, and describes the agreement in numbers with plausible ranges. Never says whether
//! that is enough.

mod columns;
mod csv_rows;
mod field;
mod label;
mod measured;
mod read;
mod scale;
mod scorer;
mod series;
mod tally;

pub use columns::Columns;
pub use csv_rows::Rows;
pub use label::{Judged, Label, Preferred};
pub use measured::{
    AgentAgreement, Agreement, Band, Calibration, Cell, DimensionAgreement, Figure, LabelFile,
    Pairs, Rated, RatingsOf, SCHEMA, SimilarLength, UsedCase,
};
pub use read::Reader;
pub use scale::Scale;
pub use scorer::{Measured, Points, Scorer};
pub use tally::Tally;

#[cfg(test)]
mod tests;
