//! Which files changed, by GitHub's word. A list that may lack files says why; only a token that nobody accepts is an
//! error, since doubt means that everything counts as changed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::client::{GitHub, Pages};
use super::error::GitHubError;
use super::event::PullNumber;
use super::sha::HeadSha;
use crate::change::{ChangedFile, ChangedFiles};
use crate::edge::{CommitSha, Tree};

/// GitHub lists no more files of a pull request, and does not say so.
/// <https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files>
const MOST_FILES: usize = 3000;
const PAGE: usize = 100;

#[derive(Deserialize)]
struct RawFile {
    filename: String,
    previous_filename: Option<String>,
}

#[derive(Deserialize)]
struct RawPull {
    head: RawHead,
}

#[derive(Deserialize)]
struct RawHead {
    sha: String,
}

impl GitHub {
    /// The files of a pull request; `expected` is the number that the event gave.
    pub async fn pull_files(
        &self,
        number: PullNumber,
        expected: Option<u64>,
    ) -> Result<ChangedFiles, GitHubError> {
        let doing = format!("listing the files of pull request {number}");
        let route = format!("/pulls/{number}/files?per_page={PAGE}");
        // One page more than the cap, so that reaching it is seen and not cut off by ourselves.
        let pages: Pages<RawFile> = self.pages(&doing, &route, MOST_FILES / PAGE + 1).await;
        let count = pages.items.len();
        let doubt = match pages.stopped {
            Some(error) if error.is_unauthorized() => return Err(error),
            Some(error) => Some(error.to_string()),
            None if count >= MOST_FILES => Some(format!(
                "GitHub lists at most {MOST_FILES} files of a pull request"
            )),
            None => expected
                .filter(|expected| u64::try_from(count) != Ok(*expected))
                .map(|expected| {
                    format!("GitHub lists {count} files, but the pull request has {expected}")
                }),
        };
        let file = |raw: RawFile| ChangedFile {
            path: raw.filename,
            previous_path: raw.previous_filename,
        };
        Ok(ChangedFiles {
            files: pages.items.into_iter().map(file).collect(),
            doubt,
        })
    }

    /// The files whose content or mode differs between two commits; a rename is a removal and an addition.
    pub async fn tree_changes(
        &self,
        before: Option<&CommitSha>,
        after: &CommitSha,
    ) -> Result<ChangedFiles, GitHubError> {
        let Some(before) = before else {
            return Ok(doubtful("there is no earlier commit to compare with"));
        };
        let mut trees = Vec::new();
        for commit in [before, after] {
            match self.tree(commit).await {
                Ok(tree) if tree.truncated => {
                    return Ok(doubtful(&format!(
                        "GitHub does not list all files of {commit}"
                    )));
                }
                Ok(tree) => trees.push(by_path(tree)),
                Err(error) if error.is_unauthorized() => return Err(error),
                Err(error) => return Ok(doubtful(&error.to_string())),
            }
        }
        let mut paths: Vec<&String> = trees.iter().flat_map(BTreeMap::keys).collect();
        paths.sort();
        paths.dedup();
        let changed = paths.into_iter().filter(|path| {
            let mut sides = trees.iter().map(|tree| tree.get(*path));
            sides.next() != sides.next()
        });
        let file = |path: &String| ChangedFile {
            path: path.clone(),
            previous_path: None,
        };
        Ok(ChangedFiles {
            files: changed.map(file).collect(),
            doubt: None,
        })
    }

    /// The present tip of a pull request.
    pub async fn pull_head(&self, number: PullNumber) -> Result<HeadSha, GitHubError> {
        let doing = format!("reading pull request {number}");
        let pull: RawPull = self.get_json(&doing, &format!("/pulls/{number}")).await?;
        let head = CommitSha::new(&pull.head.sha);
        head.map(HeadSha::from)
            .ok_or_else(|| self.unreadable(&doing, "its head is no commit"))
    }
}

fn doubtful(why: &str) -> ChangedFiles {
    ChangedFiles {
        files: Vec::new(),
        doubt: Some(why.to_owned()),
    }
}

fn by_path(tree: Tree) -> BTreeMap<String, (String, String)> {
    tree.entries
        .into_iter()
        .map(|entry| (entry.path, (entry.mode, entry.blob)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::stub::{Answer, Seen, Stub, sha};
    use super::*;

    const PULL: PullNumber = PullNumber(7);

    /// Serves a list of so many files, a hundred a page.
    fn page_of(total: usize, seen: &Seen) -> Answer {
        let page: usize = seen.query("page").map_or(1, |page| page.parse().unwrap());
        let names = (0..total)
            .skip((page - 1) * PAGE)
            .take(PAGE)
            .map(|i| json!({"filename": format!("f{i}")}));
        let answer = Answer::json(200, &Value::Array(names.collect()));
        if page * PAGE >= total {
            return answer;
        }
        answer.with(
            "link",
            &format!(
                "</repos/acme/models/pulls/7/files?per_page=100&page={}>; rel=\"next\"",
                page + 1
            ),
        )
    }

    async fn listed(total: usize, expected: u64) -> ChangedFiles {
        let stub = Stub::start(move |seen| page_of(total, seen)).await;
        stub.github()
            .pull_files(PULL, Some(expected))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_list_is_complete_when_it_has_as_many_files_as_the_event_says() {
        for total in [0, 1, 100, 101, 2999] {
            let changes = listed(total, u64::try_from(total).unwrap()).await;
            assert_eq!((changes.files.len(), changes.doubt), (total, None));
        }
    }

    #[tokio::test]
    async fn a_list_at_the_cap_or_of_another_length_is_doubtful() {
        assert!(
            listed(3000, 3001)
                .await
                .doubt
                .unwrap()
                .contains("at most 3000")
        );
        assert!(listed(3000, 3000).await.doubt.is_some());
        assert!(
            listed(5, 6)
                .await
                .doubt
                .unwrap()
                .contains("5 files, but the pull request has 6")
        );
    }

    #[tokio::test]
    async fn a_rename_names_both_paths() {
        let files = json!([{"filename": "b ü\n", "previous_filename": "data/a", "status": "renamed", "sha": null}]);
        let stub = Stub::start(move |_| Answer::json(200, &files)).await;
        let changes = stub.github().pull_files(PULL, None).await.unwrap();
        let renamed = ChangedFile {
            path: "b ü\n".to_owned(),
            previous_path: Some("data/a".to_owned()),
        };
        assert_eq!((changes.files, changes.doubt), (vec![renamed], None));
        assert_eq!(stub.seen()[0].query("per_page"), Some("100"));
    }

    #[tokio::test]
    async fn a_failing_or_unreadable_page_is_doubt_and_a_refused_token_an_error() {
        let stub = Stub::start(|seen| match seen.query("page") {
            None => page_of(150, seen),
            Some(_) => Answer::bytes(500, ""),
        })
        .await;
        let changes = stub.github().pull_files(PULL, Some(150)).await.unwrap();
        assert_eq!(changes.files.len(), 100);
        assert!(changes.doubt.is_some());
        for (status, body) in [(200, "{"), (200, "[{}]"), (403, "{}"), (404, "{}")] {
            let stub = Stub::start(move |_| Answer::bytes(status, body)).await;
            assert!(
                stub.github()
                    .pull_files(PULL, Some(0))
                    .await
                    .unwrap()
                    .doubt
                    .is_some()
            );
        }
        let stub = Stub::start(|_| Answer::bytes(401, "{}")).await;
        assert!(
            stub.github()
                .pull_files(PULL, None)
                .await
                .unwrap_err()
                .is_unauthorized()
        );
        assert!(
            stub.github()
                .tree_changes(Some(&sha('a')), &sha('b'))
                .await
                .unwrap_err()
                .is_unauthorized()
        );
    }

    fn tree(truncated: bool, files: &[(&str, &str, &str)]) -> Answer {
        let entry = |(path, mode, blob): &(&str, &str, &str)| json!({"path": path, "mode": mode, "type": "blob", "sha": blob});
        Answer::json(
            200,
            &json!({"truncated": truncated, "tree": files.iter().map(entry).collect::<Vec<_>>()}),
        )
    }

    #[tokio::test]
    async fn two_trees_differ_by_path_mode_and_blob() {
        let stub = Stub::start(|seen| {
            let same = ("same", "100644", "1");
            if seen.target.contains("aaaa") {
                tree(
                    false,
                    &[
                        same,
                        ("gone", "100644", "2"),
                        ("text", "100644", "3"),
                        ("mode", "100644", "4"),
                    ],
                )
            } else {
                tree(
                    false,
                    &[
                        same,
                        ("new", "100644", "2"),
                        ("text", "100644", "5"),
                        ("mode", "100755", "4"),
                    ],
                )
            }
        })
        .await;
        let changes = stub
            .github()
            .tree_changes(Some(&sha('a')), &sha('b'))
            .await
            .unwrap();
        let paths: Vec<&str> = changes
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect();
        assert_eq!(
            (paths, changes.doubt),
            (vec!["gone", "mode", "new", "text"], None)
        );
    }

    #[tokio::test]
    async fn a_truncated_or_absent_tree_is_doubtful() {
        let stub = Stub::start(|seen| {
            if seen.target.contains("aaaa") {
                tree(true, &[])
            } else {
                Answer::missing()
            }
        })
        .await;
        let github = stub.github();
        assert!(
            github
                .tree_changes(Some(&sha('a')), &sha('a'))
                .await
                .unwrap()
                .doubt
                .is_some()
        );
        assert!(
            github
                .tree_changes(Some(&sha('b')), &sha('b'))
                .await
                .unwrap()
                .doubt
                .is_some()
        );
        assert_eq!(stub.seen().len(), 2);
        assert!(
            github
                .tree_changes(None, &sha('a'))
                .await
                .unwrap()
                .doubt
                .is_some()
        );
        assert_eq!(stub.seen().len(), 2);
    }

    #[tokio::test]
    async fn the_present_head_of_a_pull_request_is_read() {
        let stub =
            Stub::start(|_| Answer::json(200, &json!({"head": {"sha": "c".repeat(40)}}))).await;
        assert_eq!(
            stub.github().pull_head(PULL).await.unwrap().commit(),
            &sha('c')
        );
        assert_eq!(stub.lines(), ["GET /pulls/7"]);
    }
}
