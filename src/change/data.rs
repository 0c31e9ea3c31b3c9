//! Which changed paths touch an agent's data: what its globs name, and what stands where a folder of theirs stood.

use globset::GlobMatcher;

use super::ChangedFiles;
use crate::yaml::glob;

/// The changed paths that touch data which one of these globs names.
pub(super) fn touched<'a>(
    globs: impl Iterator<Item = &'a String>,
    files: &'a ChangedFiles,
) -> Vec<&'a str> {
    let watched: Vec<Watched> = globs.map(|pattern| Watched::new(pattern)).collect();
    let touches = |path: &&str| watched.iter().any(|one| one.touches(path));
    files.paths().filter(touches).collect()
}

/// A glob with the folders that its files lie in.
struct Watched {
    files: Option<GlobMatcher>,
    /// Folders without wildcards: where one of them itself is listed as changed, it is a submodule or a link now.
    folders: Vec<String>,
    /// Folders with wildcards below a fixed one. An ordinary file may have such a name, so one with an ending is not
    /// taken for a folder.
    wild: Vec<GlobMatcher>,
}

impl Watched {
    fn new(pattern: &str) -> Self {
        let mut watched = Self {
            // A glob that does not compile was refused when the configuration was read.
            files: glob(pattern).ok(),
            folders: Vec::new(),
            wild: Vec::new(),
        };
        for (end, _) in pattern.match_indices('/') {
            let Some(folder) = pattern.get(..end) else {
                continue;
            };
            if !folder.contains(WILD) {
                watched.folders.push(folder.to_owned());
            } else if !watched.folders.is_empty() {
                watched.wild.extend(glob(folder).ok());
            }
        }
        watched
    }

    fn touches(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.files.as_ref().is_some_and(|glob| glob.is_match(path))
            || self.folders.iter().any(|folder| folder == path)
            || (!name.contains('.') && self.wild.iter().any(|folder| folder.is_match(path)))
    }
}

const WILD: [char; 4] = ['*', '?', '[', '{'];

#[cfg(test)]
mod tests {
    use super::super::ChangedFile;
    use super::*;

    fn touches(pattern: &str, path: &str) -> bool {
        let files = ChangedFiles {
            files: vec![ChangedFile {
                path: path.to_owned(),
                previous_path: None,
            }],
            doubt: None,
        };
        !touched([pattern.to_owned()].iter(), &files).is_empty()
    }

    #[test]
    fn a_glob_names_files_and_stars_do_not_cross_folders() {
        assert!(touches("data/qa/*.jsonl", "data/qa/a b'\"\n::ü.jsonl"));
        assert!(!touches("data/qa/*.jsonl", "data/qa/old/a.jsonl"));
        assert!(touches("data/qa/**/*.jsonl", "data/qa/old/a.jsonl"));
        assert!(!touches("data/qa/*.jsonl", "data/qa/notes.md"));
    }

    #[test]
    fn what_stands_where_a_folder_of_data_stood_touches_it() {
        for path in ["data", "data/qa"] {
            assert!(touches("data/qa/*.jsonl", path), "{path}");
            assert!(touches("data/qa/**", path), "{path}");
        }
        assert!(touches("data/qa/train.jsonl", "data/qa"));
        assert!(!touches("data/qa/*.jsonl", "dat"));
        assert!(!touches("data/qa/*.jsonl", "other/data/qa"));
        assert!(!touches("data/qa/*.jsonl", "data/support"));
    }

    #[test]
    fn a_submodule_at_a_folder_with_a_wildcard_touches_it_and_a_file_beside_it_does_not() {
        assert!(touches("data/*/train.jsonl", "data/qa"));
        assert!(touches("data/**/*.jsonl", "data/deep/er"));
        assert!(!touches("data/*/train.jsonl", "data/README.md"));
        // Such a glob has no folder of its own: every file without an ending would count.
        assert!(!touches("**/*.jsonl", "Makefile"));
    }
}
