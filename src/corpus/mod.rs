//! Training data: which rows a change adds, and what is wrong with them. Reads texts that somebody else opened, in one
//! pass, whatever their size.
//!
//! The way of a row: [`Lines`] → [`row`] → identity (is it new, is it there twice, is it in the validation data) →
//! shape, keys, personal data, questions of the suite → likeness to other rows at the end. [`Auditor`] walks it,
//! [`AuditRules`] says what blocks.

mod audit;
mod balance;
mod before;
mod code;
mod contamination;
mod detect;
mod examine;
mod finding;
mod identity;
mod known;
mod lines;
mod near;
mod read;
mod row;
mod rules;
mod shape;
mod tokens;
mod words;

pub use audit::{Audited, Auditor, Purpose, Reading, Standing};
pub use before::Before;
pub use code::Code;
pub use detect::is_sensitive;
pub use examine::SuiteCase;
pub use finding::{FileAudit, Finding, FindingCount, MOST_LISTED};
pub use lines::{Lines, Piece};
pub use read::{Broken, row};
pub use row::{Format, Row, Speaker, Turn};
pub use rules::{AuditRules, Ignore, Judged};
