//! Whether a pull request edits what may run this gate: only a person can judge that, so it is told first.

use crate::change::ChangedFiles;

/// Folders whose files say what a job does; the forges other than GitHub have their own.
const FOLDERS: [&str; 6] = [
    ".github/workflows",
    ".github/actions",
    ".forgejo/workflows",
    ".forgejo/actions",
    ".gitea/workflows",
    ".gitea/actions",
];

/// The sentence for people, where there is something to tell.
pub(in crate::gate) fn edited(changed: &ChangedFiles) -> Option<String> {
    let mut edited: Vec<&str> = changed.paths().filter(|path| runs_jobs(path)).collect();
    edited.dedup();
    let what = match (edited.as_slice(), &changed.doubt) {
        ([], None) => return None,
        ([], Some(why)) => {
            return Some(format!(
                "whether this pull request edits a workflow cannot be told ({why}): look for yourself; a required \
                 workflow keeps a pull request from changing it"
            ));
        }
        ([one], _) => (*one).to_owned(),
        ([first, more @ ..], _) => format!("{first} and {} more such files", more.len()),
    };
    Some(format!(
        "this pull request edits {what}: if that is what runs this gate, read the edit; a required workflow keeps \
         a pull request from changing it"
    ))
}

/// Files of the folders, the folders themselves (a link or a submodule in their place), and actions that lie elsewhere.
fn runs_jobs(path: &str) -> bool {
    let inside = |folder: &&str| {
        path.strip_prefix(*folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let above = |folder: &&str| folder.split('/').next() == Some(path);
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "action.yml" | "action.yaml")
        || FOLDERS.iter().any(|folder| inside(folder) || above(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::ChangedFile;

    fn told(paths: &[&str]) -> Option<String> {
        let file = |path: &&str| ChangedFile {
            path: (*path).to_owned(),
            previous_path: None,
        };
        edited(&ChangedFiles {
            files: paths.iter().map(file).collect(),
            doubt: None,
        })
    }

    #[test]
    fn whatever_may_run_the_gate_is_told() {
        for path in [
            ".github/workflows/gate.yml",
            ".github/actions/gate/run.sh",
            ".forgejo/workflows/gate.yaml",
            ".gitea/workflows/gate.yaml",
            "ci/gate/action.yml",
            "action.yaml",
            ".github",
            ".github/workflows",
        ] {
            let told = told(&["README.md", path]).unwrap();
            assert!(told.contains(&format!("edits {path}:")), "{told}");
        }
        let two = told(&[".github/workflows/a.yml", ".github/workflows/b.yml"]).unwrap();
        assert!(two.contains("a.yml and 1 more such files"), "{two}");
    }

    #[test]
    fn other_files_are_not() {
        let others = [".github/CODEOWNERS", "docs/workflows/a.md", "reaction.yml"];
        assert_eq!(told(&others), None);
    }

    #[test]
    fn a_workflow_that_is_renamed_away_is_edited_and_a_list_in_doubt_says_so() {
        let renamed = ChangedFiles {
            files: vec![ChangedFile {
                path: "old.yml".to_owned(),
                previous_path: Some(".github/workflows/gate.yml".to_owned()),
            }],
            doubt: None,
        };
        assert!(edited(&renamed).unwrap().contains("gate.yml"));
        let doubt = edited(&ChangedFiles::unknown("GitHub lists at most 3000 files"));
        assert!(doubt.unwrap().contains("cannot be told"));
    }
}
