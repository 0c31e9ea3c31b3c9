//! The digest that makes a stored record tamper-evident: written when a record is closed, checked when one is read.

use std::io::{self, Cursor};

use serde_json::Value;

use super::{Kept, RunRecord, SCHEMA, read, write};
use crate::score::digest;

pub(super) const DIGEST_KEY: &str = "record_digest";

/// Why bytes are no record that can be relied on.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Not JSON, or not in the shape of a record.
    #[error("not a run record: {0}")]
    Shape(#[from] serde_json::Error),
    /// The text cannot be read or written.
    #[error("the record cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// Written in a format that this version does not read.
    #[error("the record's schema is `{found}`; this version reads `{SCHEMA}`")]
    Schema {
        /// What the record says.
        found: String,
    },
    /// The content is not what was sealed.
    #[error("the record does not match its digest: it was changed after it was written")]
    Tampered,
    /// The answers beside the record are not those that it was made from.
    #[error("the file of answers does not fit its record: {0}")]
    Answers(String),
    /// The record cannot be written as canonical JSON.
    #[error("the record cannot be written as canonical JSON: {0}")]
    Canonical(String),
}

impl RunRecord {
    /// The record as JSON text with its digest set; all of it is in memory, so this is for records without answers.
    pub fn seal(&mut self) -> Result<Vec<u8>, SealError> {
        let mut text = Cursor::new(Vec::new());
        write(self, &mut |_, _, case| case.written(), &mut text)?;
        Ok(text.into_inner())
    }
}

/// Reads a record that is in memory and checks its schema and digest.
pub fn unseal(bytes: &[u8]) -> Result<RunRecord, SealError> {
    read(|| Ok(bytes), Kept::Everything)
}

/// The same in whatever order its keys stand.
pub(super) fn unseal_whole(bytes: &[u8]) -> Result<RunRecord, SealError> {
    let mut value: Value = serde_json::from_slice(bytes)?;
    let schema = value
        .get("schema")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if schema != SCHEMA {
        return Err(SealError::Schema {
            found: schema.chars().take(60).collect(),
        });
    }
    let record: RunRecord = serde_json::from_value(value.clone())?;
    if content_digest(&mut value)? == record.record_digest {
        Ok(record)
    } else {
        Err(SealError::Tampered)
    }
}

/// Over the JSON value, not over our types: fields that a later version adds are covered too.
fn content_digest(value: &mut Value) -> Result<String, SealError> {
    if let Some(object) = value.as_object_mut() {
        object.remove(DIGEST_KEY);
    }
    let digest = digest(value).map_err(|error| SealError::Canonical(error.to_string()))?;
    Ok(digest.to_string())
}
