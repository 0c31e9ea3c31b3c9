//! Git's own objects: the files of a commit as one list, and the bytes of one of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use super::client::GitHub;
use super::contents::RAW;
use super::error::GitHubError;
use super::route::segment;
use crate::edge::{CommitSha, Entry, Tree};

#[derive(Deserialize)]
struct RawTree {
    tree: Vec<RawEntry>,
    /// A server that does not say so is not believed to have sent all.
    #[serde(default = "yes")]
    truncated: bool,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct RawEntry {
    path: String,
    mode: String,
    r#type: String,
    sha: String,
    size: Option<u64>,
}

#[derive(Deserialize)]
struct RawBlob {
    content: String,
    encoding: String,
}

impl GitHub {
    /// Every file of a commit, in one request.
    pub async fn tree(&self, commit: &CommitSha) -> Result<Tree, GitHubError> {
        self.tree_of(commit.as_str()).await
    }

    /// Every file below a commit, a tree or a branch.
    pub(super) async fn tree_of(&self, name: &str) -> Result<Tree, GitHubError> {
        let doing = format!("listing the files of {name}");
        let route = format!("/git/trees/{}?recursive=1", segment(name));
        let raw: RawTree = self.get_json(&doing, &route).await?;
        let leaves = raw.tree.into_iter().filter(|entry| entry.r#type != "tree");
        let entries = leaves
            .map(
                |RawEntry {
                     path,
                     mode,
                     sha: blob,
                     size,
                     ..
                 }| Entry {
                    path,
                    mode,
                    blob,
                    size,
                },
            )
            .collect();
        Ok(Tree {
            entries,
            truncated: raw.truncated,
        })
    }

    /// The bytes of a blob. They come raw; a server that does not know that sends them as JSON.
    pub async fn blob(&self, blob: &str) -> Result<Vec<u8>, GitHubError> {
        let doing = format!("reading the blob {blob}");
        let route = format!("/git/blobs/{}", segment(blob));
        let reply = self.get(&doing, &route, RAW).await?;
        let kind = reply.headers.get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
            return Ok(reply.body);
        }
        let Ok(raw) = serde_json::from_slice::<RawBlob>(&reply.body) else {
            return Ok(reply.body);
        };
        if raw.encoding == "utf-8" {
            return Ok(raw.content.into_bytes());
        }
        decode(&raw.content).ok_or_else(|| self.unreadable(&doing, "its content is not Base64"))
    }
}

/// Base64 with the line breaks that GitHub puts into it.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let dense: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    STANDARD.decode(dense).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stub::{Answer, Stub, sha};
    use super::*;

    #[tokio::test]
    async fn a_tree_lists_files_links_and_submodules_but_no_folders() {
        let entry = |path: &str, mode: &str, kind: &str| json!({"path": path, "mode": mode, "type": kind, "sha": "1"});
        let tree = json!({"sha": "x", "truncated": false, "tree": [
            entry("data", "040000", "tree"), entry("data/a", "100644", "blob"),
            entry("link", "120000", "blob"), entry("lib", "160000", "commit")]});
        let stub = Stub::start(move |_| Answer::json(200, &tree)).await;
        let tree = stub.github().tree(&sha('a')).await.unwrap();
        let kinds: Vec<String> = tree
            .entries
            .iter()
            .map(|e| format!("{} {}", e.kind(), e.path))
            .collect();
        assert_eq!(
            kinds,
            ["file data/a", "symbolic link link", "submodule lib"]
        );
        assert!(!tree.truncated);
        assert_eq!(stub.seen()[0].query("recursive"), Some("1"));
    }

    #[tokio::test]
    async fn a_blob_is_decoded_whole() {
        let stub = Stub::start(|seen| match seen.line().as_str() {
            "GET /git/blobs/good" => Answer::json(
                200,
                &json!({"content": "AAEC\n/w==\n", "encoding": "base64"}),
            ),
            _ => Answer::json(200, &json!({"content": "?", "encoding": "base64"})),
        })
        .await;
        assert_eq!(stub.github().blob("good").await.unwrap(), [0, 1, 2, 255]);
        assert!(matches!(
            stub.github().blob("bad").await,
            Err(GitHubError::Unreadable { .. })
        ));
    }
}
