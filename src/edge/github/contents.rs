//! A file at a commit, and how commits follow each other. Needs no clone.
//!
//! A symbolic link to a file of the same repository reads as that file: GitHub follows it. [`GitHub::tree`] tells it
//! from a file.

use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use super::client::GitHub;
use super::error::{GitHubError, NOT_A_FILE};
use super::objects::decode;
use super::route::path as encoded;
use super::transport::Reply;
use crate::edge::CommitSha;

/// GitHub reads no larger file.
/// <https://docs.github.com/en/rest/repos/contents#get-repository-content>
const LARGEST_FILE: usize = 100 * 1024 * 1024;
/// Asks for the bytes of a file themselves.
pub(super) const RAW: &str = "application/vnd.github.raw+json";

#[derive(Deserialize)]
struct RawCommit {
    sha: String,
}

#[derive(Deserialize)]
struct RawComparison {
    merge_base_commit: RawCommit,
}

impl GitHub {
    /// The bytes of a file at a commit; `None` where the commit has no such file.
    pub async fn read(
        &self,
        path: &str,
        commit: &CommitSha,
    ) -> Result<Option<Vec<u8>>, GitHubError> {
        match self.read_at(path, commit.as_str()).await {
            // A commit or repository that is not there answers in the same way as a path that is not.
            Err(GitHubError::NotFound { .. }) => {
                let doing = format!("looking for commit {commit}, to read `{path}` at it");
                let _: RawCommit = self
                    .get_json(&doing, &format!("/git/commits/{commit}"))
                    .await?;
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// The bytes of a file at a commit or branch.
    pub(super) async fn read_at(&self, path: &str, name: &str) -> Result<Vec<u8>, GitHubError> {
        let doing = format!("reading `{path}` at {name}");
        let route = encoded(path).ok_or_else(|| GitHubError::Path(path.to_owned()))?;
        let route = format!("/contents/{route}?ref={}", super::route::segment(name));
        let reply = self.get(&doing, &route, RAW).await?;
        let bytes = self.file(&doing, path, reply)?;
        if bytes.len() > LARGEST_FILE {
            return Err(GitHubError::TooLarge {
                doing,
                limit: LARGEST_FILE,
            });
        }
        Ok(bytes)
    }

    /// A file comes raw; what is not a file, or comes from a server without raw answers, comes as JSON.
    fn file(&self, doing: &str, path: &str, reply: Reply) -> Result<Vec<u8>, GitHubError> {
        let kind = reply
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
            return Ok(reply.body);
        }
        let Ok(json) = serde_json::from_slice::<Value>(&reply.body) else {
            return Ok(reply.body);
        };
        let text = |key: &str| json.get(key).and_then(Value::as_str);
        let is_listing = json
            .as_array()
            .is_some_and(|entries| entries.iter().all(is_entry));
        match text("type").filter(|_| is_entry(&json)) {
            Some("file") if text("encoding") == Some("base64") => text("content")
                .and_then(decode)
                .ok_or_else(|| self.unreadable(doing, "its content is not Base64")),
            Some(other) => Err(self.no_file(doing, path, other)),
            None if is_listing => Err(self.no_file(doing, path, "directory")),
            None => Ok(reply.body),
        }
    }

    fn no_file(&self, doing: &str, path: &str, kind: &str) -> GitHubError {
        self.unreadable(doing, &format!("`{path}` is a {kind}{NOT_A_FILE}"))
    }

    /// The newest commit that two commits share; `None` where they share none or one of them is gone.
    pub async fn merge_base(
        &self,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let doing = format!("comparing {base} with {head}");
        let route = format!("/compare/{base}...{head}?per_page=1");
        match self.get_json::<RawComparison>(&doing, &route).await {
            Ok(comparison) => self
                .commit(&doing, &comparison.merge_base_commit.sha)
                .map(Some),
            Err(GitHubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A commit and its ancestors, newest first, a hundred a page; pages count from 1, an empty one is past the end.
    pub async fn ancestors(
        &self,
        commit: &CommitSha,
        page: u32,
    ) -> Result<Vec<CommitSha>, GitHubError> {
        let doing = format!("listing the ancestors of {commit}");
        let route = format!("/commits?sha={commit}&per_page=100&page={page}");
        let commits: Vec<RawCommit> = self.get_json(&doing, &route).await?;
        commits
            .iter()
            .map(|raw| self.commit(&doing, &raw.sha))
            .collect()
    }

    /// A commit that an answer names.
    pub(super) fn commit(&self, doing: &str, sha: &str) -> Result<CommitSha, GitHubError> {
        CommitSha::new(sha).ok_or_else(|| self.unreadable(doing, &format!("`{sha}` is no commit")))
    }
}

/// Whether a JSON value is the API's description of a file or folder, and not somebody's file.
fn is_entry(json: &Value) -> bool {
    ["type", "path", "sha", "url"]
        .iter()
        .all(|key| json.get(key).is_some_and(Value::is_string))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stub::{Answer, Stub, sha};
    use super::*;

    fn entry(kind: &str) -> Value {
        json!({"type": kind, "path": "x", "sha": "1", "url": "https://x"})
    }

    #[tokio::test]
    async fn a_file_comes_raw_from_its_encoded_path() {
        let stub = Stub::start(|_| {
            Answer::bytes(200, [0_u8, 159, 10]).with(
                "content-type",
                "application/vnd.github.raw+json; charset=utf-8",
            )
        })
        .await;
        let bytes = stub
            .github()
            .read("data/a b#ü.bin", &sha('a'))
            .await
            .unwrap();
        assert_eq!(bytes.unwrap(), [0, 159, 10]);
        let seen = stub.seen();
        let expected = format!(
            "/repos/acme/models/contents/data/a%20b%23%C3%BC.bin?ref={}",
            sha('a')
        );
        assert_eq!(seen[0].target, expected);
        assert_eq!(seen[0].header("accept"), Some(RAW));
    }

    #[tokio::test]
    async fn a_missing_file_is_none_and_a_missing_commit_an_error() {
        let stub = Stub::start(|seen| match seen.line().as_str() {
            line if line.starts_with("GET /git/commits/aaaa") => {
                Answer::json(200, &json!({"sha": "a".repeat(40)}))
            }
            _ => Answer::missing(),
        })
        .await;
        assert_eq!(stub.github().read("x", &sha('a')).await, Ok(None));
        let error = stub.github().read("x", &sha('b')).await.unwrap_err();
        assert!(
            matches!(&error, GitHubError::NotFound { doing } if doing.contains("looking for commit bbbb")),
            "{error}"
        );
    }

    #[tokio::test]
    async fn what_is_not_a_file_says_what_it_is() {
        for (body, wanted) in [
            (json!([entry("file")]), "is a directory"),
            (entry("dir"), "is a dir"),
            (entry("submodule"), "is a submodule"),
            (entry("symlink"), "is a symlink"),
        ] {
            let stub = Stub::start(move |_| Answer::json(200, &body)).await;
            let error = stub
                .github()
                .read("x", &sha('a'))
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[tokio::test]
    async fn servers_without_raw_answers_are_understood_and_json_files_left_alone() {
        let mut described = entry("file");
        described["encoding"] = json!("base64");
        described["content"] = json!("aGk=\n");
        for (body, wanted) in [
            (described, "hi".to_owned()),
            (json!({"type": "file"}), json!({"type": "file"}).to_string()),
        ] {
            let stub = Stub::start(move |_| Answer::json(200, &body)).await;
            assert_eq!(
                stub.github().read("x", &sha('a')).await.unwrap().unwrap(),
                wanted.into_bytes()
            );
        }
    }

    #[tokio::test]
    async fn a_path_out_of_the_repository_is_refused_before_any_request() {
        let stub = Stub::start(|_| Answer::missing()).await;
        let error = stub
            .github()
            .read("a/../../b", &sha('a'))
            .await
            .unwrap_err();
        assert!(matches!(error, GitHubError::Path(_)));
        assert!(stub.seen().is_empty());
    }

    #[tokio::test]
    async fn the_merge_base_is_read_and_may_be_missing() {
        let stub = Stub::start(|seen| {
            if seen.line().contains("...bbbb") {
                Answer::json(200, &json!({"merge_base_commit": {"sha": "c".repeat(40)}}))
            } else {
                Answer::missing()
            }
        })
        .await;
        let github = stub.github();
        assert_eq!(
            github.merge_base(&sha('a'), &sha('b')).await,
            Ok(Some(sha('c')))
        );
        assert_eq!(github.merge_base(&sha('a'), &sha('d')).await, Ok(None));
    }

    #[tokio::test]
    async fn ancestors_come_page_by_page() {
        let stub = Stub::start(|seen| match seen.query("page") {
            Some("1") => Answer::json(
                200,
                &json!([{"sha": "a".repeat(40)}, {"sha": "b".repeat(40)}]),
            ),
            _ => Answer::json(200, &json!([])),
        })
        .await;
        assert_eq!(
            stub.github().ancestors(&sha('a'), 1).await,
            Ok(vec![sha('a'), sha('b')])
        );
        assert_eq!(stub.github().ancestors(&sha('a'), 2).await, Ok(vec![]));
        assert_eq!(stub.seen()[0].query("sha"), Some(sha('a').as_str()));
    }
}
