//! Our one issue about models in production: found by its marker and its author, edited in place, closed when it is over.

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::GitHub;
use super::error::{GitHubError, without_token};
use super::identity::{Account, Identity};

/// Pages of open issues that are looked through.
const MOST_PAGES: usize = 10;

/// An open issue of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIssue {
    /// Its number.
    pub number: u64,
    /// Its text.
    pub body: String,
}

#[derive(Deserialize)]
struct RawIssue {
    number: u64,
    body: Option<String>,
    user: Option<Account>,
    pull_request: Option<Value>,
}

/// Writes our issue. Its text begins with the marker.
pub struct Issues<'a> {
    github: &'a GitHub,
    marker: String,
    author: Option<String>,
}

impl<'a> Issues<'a> {
    /// Issues that begin with this marker; `author` is the login that writes them, where the token cannot tell.
    pub fn new(github: &'a GitHub, marker: String, author: Option<&str>) -> Self {
        Self {
            github,
            marker,
            author: author.map(str::to_owned),
        }
    }

    /// Our oldest open issue.
    pub async fn find_own(&self) -> Result<Option<OwnIssue>, GitHubError> {
        let route = "/issues?state=open&per_page=100";
        let pages = self
            .github
            .pages::<RawIssue>("listing the open issues", route, MOST_PAGES)
            .await;
        if let Some(why) = pages.stopped {
            return Err(why);
        }
        let marked = |raw: &RawIssue| {
            let body = raw.body.as_deref().unwrap_or_default();
            raw.pull_request.is_none() && body.starts_with(&self.marker)
        };
        let mut marked: Vec<RawIssue> = pages.items.into_iter().filter(marked).collect();
        if marked.is_empty() {
            return Ok(None);
        }
        let us = match &self.author {
            Some(author) => Identity::of(author),
            None => self.github.identity().await?,
        };
        marked.retain(|raw| raw.user.as_ref().is_some_and(|user| us.is(user)));
        let oldest = marked.into_iter().min_by_key(|raw| raw.number);
        Ok(oldest.map(|raw| OwnIssue {
            number: raw.number,
            body: raw.body.unwrap_or_default(),
        }))
    }

    /// Opens one.
    pub async fn open(&self, title: &str, body: &str) -> Result<(), GitHubError> {
        let body = without_token(body, self.github.token());
        let body = json!({"title": title, "body": body});
        let opened: Value = self
            .github
            .post("opening an issue", "/issues", &body)
            .await?;
        drop(opened);
        Ok(())
    }

    /// Makes it say something else.
    pub async fn rewrite(&self, own: &OwnIssue, body: &str) -> Result<(), GitHubError> {
        let body = without_token(body, self.github.token());
        self.patch(own, &json!({ "body": body })).await
    }

    /// Closes it, with these last words.
    pub async fn close(&self, own: &OwnIssue, body: &str) -> Result<(), GitHubError> {
        let body = without_token(body, self.github.token());
        let body = json!({"state": "closed", "state_reason": "completed", "body": body});
        self.patch(own, &body).await
    }

    async fn patch(&self, own: &OwnIssue, body: &Value) -> Result<(), GitHubError> {
        let doing = format!("editing issue {}", own.number);
        let route = format!("/issues/{}", own.number);
        let edited: Value = self.github.patch(&doing, &route, body).await?;
        drop(edited);
        Ok(())
    }
}
