//! What other programs read of a record: dashboards, test viewers, spreadsheets, code scanning, badges. The numbers are
//! the record's, the words those of the documents for people.

mod badge;
mod junit;
mod metrics;
mod samples;
mod sarif;

pub use badge::badge;
pub use junit::junit;
pub use metrics::metrics;
pub use samples::{TableError, samples};
pub use sarif::sarif;

#[cfg(test)]
mod tests;
