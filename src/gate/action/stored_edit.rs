//! Whether a pull request edits stored baselines: its own edits never count for itself, and a person should know.

use crate::change::ChangedFiles;
use crate::config::Store;
use crate::gate::scene::Scene;

/// The sentences for people: of where baselines are, and of where the change wants them to be.
pub(in crate::gate) fn edits(scene: &Scene, changed: &ChangedFiles) -> Vec<String> {
    let sides = [&scene.deciding, &scene.judged];
    let told = sides.map(|side| edited(&side.config.baseline.store, changed));
    let mut told: Vec<String> = told.into_iter().flatten().collect();
    told.dedup();
    told
}

fn edited(store: &Store, changed: &ChangedFiles) -> Option<String> {
    let Store::Path(folder) = store else {
        return None;
    };
    let below = |path: &str, folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // What comes in the place of a folder above takes the folder away.
    let touched = |path: &str| below(path, folder) || below(folder, path);
    match (changed.paths().any(touched), &changed.doubt) {
        (true, _) => Some(format!(
            "this pull request edits stored baselines below `{folder}/`: they count after the merge, and not for itself"
        )),
        (false, Some(why)) => Some(format!(
            "whether this pull request edits stored baselines below `{folder}/` cannot be told ({why}): look for yourself; \
             such edits count after the merge, and not for itself"
        )),
        (false, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::ChangedFile;

    fn told(path: &str) -> Option<String> {
        let file = ChangedFile {
            path: path.to_owned(),
            previous_path: None,
        };
        let changed = ChangedFiles {
            files: vec![file],
            doubt: None,
        };
        edited(&Store::Path("a/baselines".into()), &changed)
    }

    #[test]
    fn files_of_the_folder_and_whatever_takes_its_place_are_told() {
        for path in ["a/baselines/v1/g/qa/ab/ab-1-1.json", "a/baselines", "a"] {
            let told = told(path).unwrap();
            assert!(told.contains("below `a/baselines/`"), "{told}");
        }
        for path in ["a/baselines.md", "a/b", "baselines/v1"] {
            assert_eq!(told(path), None, "{path}");
        }
    }

    #[test]
    fn a_list_in_doubt_says_so_and_a_branch_has_nothing_to_edit() {
        let doubt = ChangedFiles::unknown("GitHub lists at most 3000 files");
        let told = edited(&Store::Path("baselines".into()), &doubt);
        assert!(told.unwrap().contains("cannot be told"));
        assert_eq!(edited(&Store::Branch("tunegate-data".into()), &doubt), None);
    }
}
