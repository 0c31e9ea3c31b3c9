//! The names of what is scored. Four are built in; a suite may name others.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that is scored from 0 to 10.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Dimension(Cow<'static, str>);

impl Dimension {
    /// Is the answer right, complete and well made?
    pub const QUALITY: Self = Self(Cow::Borrowed("quality"));
    /// Does it address what was asked?
    pub const RELEVANCE: Self = Self(Cow::Borrowed("relevance"));
    /// Does it come in the expected form?
    pub const FORMAT: Self = Self(Cow::Borrowed("format"));
    /// Does it name concrete things a reader can act on?
    pub const SPECIFICITY: Self = Self(Cow::Borrowed("specificity"));
    /// The four built-in dimensions, in the order in which they are shown.
    pub const BUILT_IN: [Self; 4] = [
        Self::QUALITY,
        Self::RELEVANCE,
        Self::FORMAT,
        Self::SPECIFICITY,
    ];

    /// A dimension by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The name as it stands in suites, records and reports.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
