//! What a pull request touched, which agents that wakes, and why. Any doubt wakes an agent; a changed file alone does
//! not, where the value that was read from it is the same.

mod causes;
mod data;
mod direction;
mod provenance;
mod rules;
mod select;
mod suites;

pub use provenance::{DataNow, ModelId, data_digest, provenance};
pub use rules::{Concerns, Rules, Worth, rule_changes};
pub use select::{At, Places, Selection, Side, Sides, Stand, select};
pub use suites::{Ids, SuiteChange, suite_change};

/// The files that differ between two commits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedFiles {
    /// Each changed file once.
    pub files: Vec<ChangedFile>,
    /// Why the list cannot be relied on; then everything counts as changed.
    pub doubt: Option<String>,
}

/// One changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path in the new commit, or in the old one if it was deleted.
    pub path: String,
    /// Its path before it was renamed.
    pub previous_path: Option<String>,
}

impl ChangedFiles {
    /// Everything counts as changed, for this reason.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self {
            files: Vec::new(),
            doubt: Some(why.into()),
        }
    }

    /// True when the file differs, under its new or its former name, or when that is in doubt.
    pub fn touches(&self, path: &str) -> bool {
        self.doubt.is_some() || self.paths().any(|changed| changed == path)
    }

    /// Every path that appeared, disappeared or changed.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().flat_map(|file| {
            std::iter::once(file.path.as_str()).chain(file.previous_path.as_deref())
        })
    }
}
