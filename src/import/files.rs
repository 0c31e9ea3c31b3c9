//! The files that a foreign file refers to. They are asked for by name and read by whoever may touch the world; until
//! then they count as wanted, and the translation is made again when they are there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::yaml::repository_path;

/// Files that one translation may read.
const MOST_FILES: usize = 100;

/// A file of rows that is read.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What is known of files besides the foreign one.
#[derive(Debug, Default)]
pub struct Files {
    known: BTreeMap<String, Result<Option<Vec<u8>>, String>>,
    wanted: RefCell<BTreeSet<String>>,
}

/// What a name leads to.
pub(super) enum Found<'f> {
    Bytes(&'f [u8]),
    Absent,
    /// Why it cannot be read.
    Refused(&'f str),
    /// It is asked for: what is made without it is thrown away.
    Later,
}

impl Files {
    /// The files to read next, relative to the repository's root; none when the translation is whole.
    pub fn wanted(&self) -> Vec<String> {
        self.wanted.take().into_iter().collect()
    }

    /// A file that was wanted; `None` where there is none, or why it cannot be read.
    pub fn put(&mut self, path: String, bytes: Result<Option<Vec<u8>>, String>) {
        self.known.insert(path, bytes);
    }

    /// The files that were read.
    pub fn read(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    pub(super) fn find(&self, path: &str) -> Found<'_> {
        match self.known.get(path) {
            Some(Ok(Some(bytes))) => Found::Bytes(bytes),
            Some(Ok(None)) => Found::Absent,
            Some(Err(why)) => Found::Refused(why),
            None if self.known.len() + self.wanted.borrow().len() >= MOST_FILES => {
                Found::Refused("more than 100 files are named; put the tests into fewer files")
            }
            None => {
                self.wanted.borrow_mut().insert(path.to_owned());
                Found::Later
            }
        }
    }
}

/// Where a reference leads, relative to the repository's root, or why it is not followed.
pub(super) fn resolve(holder: &str, reference: &str) -> Result<String, String> {
    let path = reference.strip_prefix("file://").unwrap_or(reference);
    if path.contains("://") || path.starts_with("exec:") || path.starts_with("huggingface:") {
        return Err("no address is opened and nothing is run; put the content into a file of the repository".to_owned());
    }
    if path.contains(['*', '?', '[']) {
        return Err("patterns of file names are not followed; name each file".to_owned());
    }
    if path.contains("{{") {
        return Err("the name is a template; write the name of the file".to_owned());
    }
    repository_path(holder, path.strip_prefix("./").unwrap_or(path))
}

/// The ending of a file's name in small letters.
pub(super) fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.to_ascii_lowercase()
}
