//! What a change touches: the list of changed files. Decides nothing about GitHub or git.

/// The files that a change touches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedFiles {
    /// The files that are known to have changed.
    pub files: Vec<ChangedFile>,
    /// Why the list may lack files; then everything counts as changed.
    pub doubt: Option<String>,
}

/// A file that a change adds, alters, removes or renames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// Where it is, relative to the repository's root.
    pub path: String,
    /// Where it was, if it was renamed.
    pub previous_path: Option<String>,
}
