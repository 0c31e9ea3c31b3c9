//! Our one comment on a pull request: found by its marker and its author, edited in place, never written twice.
//!
//! Decides which comment is ours and whether it is newer than we are; what it says is decided elsewhere.

use serde_json::json;
use tokio::sync::OnceCell;

use super::client::GitHub;
use super::conversation::RawComment;
use super::error::{Cause, GitHubError, without_token};
use super::event::PullNumber;
use super::identity::Identity;

mod heard;
mod own;

pub use heard::Conversation;
pub use own::{OwnComment, RunLine};

/// How every report of this program begins.
const REPORT: &str = "<!-- tunegate:";

/// Whether a comment has the form of a report of this program.
pub(super) fn is_report(body: &str) -> bool {
    body.starts_with(REPORT)
}

/// Writes our comment on pull requests.
pub struct Comments<'a> {
    github: &'a GitHub,
    marker: String,
    author: Option<String>,
    identity: OnceCell<Identity>,
}

/// What to write. Both texts begin with the marker.
#[derive(Debug, Clone, Copy)]
pub struct CommentText<'a> {
    /// The text.
    pub body: &'a str,
    /// What is written where GitHub finds the text too long.
    pub short: &'a str,
}

/// What became of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// There was none; now there is.
    Created(OwnComment),
    /// It was edited.
    Updated(OwnComment),
    /// It said so already; nothing was sent.
    Unchanged(OwnComment),
    /// A newer run wrote it; it was left alone.
    Newer(OwnComment),
}

/// Why the comment could not be written. Never changes a verdict.
#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    /// 401, 403 or 404: the token may not, as on forks, or the conversation is locked.
    #[error(
        "the token may not write comments; add `pull-requests: write` to the job's permissions (a fork's or Dependabot's token never may, and nobody may in a locked conversation)"
    )]
    Forbidden(#[source] GitHubError),
    /// Anything else.
    #[error("cannot write the comment on pull request {number}")]
    Failed {
        /// The pull request.
        number: PullNumber,
        /// What happened.
        #[source]
        source: GitHubError,
    },
}

impl<'a> Comments<'a> {
    /// Comments that begin with this marker; `author` is the login that writes them, where the token cannot tell.
    pub fn new(github: &'a GitHub, marker: &str, author: Option<&str>) -> Self {
        let author = author
            .map(str::trim)
            .filter(|author| !author.is_empty())
            .map(str::to_owned);
        Self {
            github,
            marker: marker.to_owned(),
            author,
            identity: OnceCell::new(),
        }
    }

    /// Our newest comment; older ones of ours are edited into a line that says so.
    pub async fn find_own(&self, number: PullNumber) -> Result<Option<OwnComment>, CommentError> {
        let mut own = self
            .all_own(number)
            .await
            .map_err(|error| failed(number, error))?;
        let newest = own.pop();
        if let Some(newest) = &newest {
            for older in own {
                self.retire(&older, newest).await;
            }
        }
        Ok(newest)
    }

    /// Makes our comment say this; edits the one that is there, else creates one, unless a newer run wrote it.
    pub async fn upsert(
        &self,
        number: PullNumber,
        text: CommentText<'_>,
    ) -> Result<Written, CommentError> {
        let body = without_token(text.body, self.github.token());
        let short = without_token(text.short, self.github.token());
        let text = CommentText {
            body: &body,
            short: &short,
        };
        let written = match self.find_own(number).await? {
            None => self.create(number, text).await,
            Some(own) => self.update(number, own, text).await,
        };
        written.map_err(|error| failed(number, error))
    }

    /// Makes a comment of ours say something else.
    pub async fn rewrite(&self, own: &OwnComment, body: &str) -> Result<(), GitHubError> {
        let body = without_token(body, self.github.token());
        self.patch(own.id, &body).await.map(drop)
    }

    /// Our comments, oldest first.
    async fn all_own(&self, number: PullNumber) -> Result<Vec<OwnComment>, GitHubError> {
        self.ours(&self.github.all_comments(number).await?).await
    }

    async fn ours(&self, comments: &[RawComment]) -> Result<Vec<OwnComment>, GitHubError> {
        let marked = |raw: &&RawComment| {
            let body = raw.body.as_deref();
            body.is_some_and(|body| body.starts_with(&self.marker))
        };
        if !comments.iter().any(|raw| marked(&raw)) {
            return Ok(Vec::new());
        }
        let us = self.identity.get_or_try_init(|| self.identify()).await?;
        let ours = |raw: &&RawComment| raw.user.as_ref().is_some_and(|user| us.is(user));
        let own = comments.iter().filter(marked).filter(ours);
        let mut own: Vec<OwnComment> = own.map(Into::into).collect();
        own.sort_by_key(|comment| comment.id);
        Ok(own)
    }

    async fn identify(&self) -> Result<Identity, GitHubError> {
        match &self.author {
            Some(author) => Ok(Identity::of(author)),
            None => self.github.identity().await,
        }
    }

    /// Best effort: a line too many is no reason to fail.
    async fn retire(&self, older: &OwnComment, newest: &OwnComment) {
        let line = match &newest.url {
            Some(url) => format!("_Superseded by [a newer report]({url})._"),
            None => "_Superseded by a newer report._".to_owned(),
        };
        if let Err(error) = self.patch(older.id, &line).await {
            tracing::warn!("cannot mark an older comment as superseded: {error}");
        }
    }

    async fn update(
        &self,
        number: PullNumber,
        own: OwnComment,
        text: CommentText<'_>,
    ) -> Result<Written, GitHubError> {
        if let (Some(theirs), Some(ours)) = (&own.run, RunLine::of(text.body))
            && theirs.is_newer_than(&ours)
        {
            return Ok(Written::Newer(own));
        }
        if same(&own.body, text.body) {
            return Ok(Written::Unchanged(own));
        }
        match self.patch(own.id, text.body).await {
            // Somebody deleted it since we looked.
            Err(GitHubError::NotFound { .. }) => self.create(number, text).await,
            Err(GitHubError::Refused { status: 422, .. }) => {
                self.patch(own.id, text.short).await.map(Written::Updated)
            }
            other => other.map(Written::Updated),
        }
    }

    async fn create(
        &self,
        number: PullNumber,
        text: CommentText<'_>,
    ) -> Result<Written, GitHubError> {
        match self.post_surely(number, text.body).await {
            Err(GitHubError::Refused { status: 422, .. }) => {
                self.post_surely(number, text.short).await
            }
            other => other,
        }
    }

    /// Posts once. Where the answer is lost, looks whether the comment came to be before posting once more.
    async fn post_surely(&self, number: PullNumber, body: &str) -> Result<Written, GitHubError> {
        match self.post(number, body).await {
            Err(error) if lost(&error) => match self.all_own(number).await?.pop() {
                None => self.post(number, body).await.map(Written::Created),
                Some(own) if same(&own.body, body) => Ok(Written::Created(own)),
                Some(own) => self.patch(own.id, body).await.map(Written::Updated),
            },
            other => other.map(Written::Created),
        }
    }

    async fn post(&self, number: PullNumber, body: &str) -> Result<OwnComment, GitHubError> {
        let doing = format!("commenting on pull request {number}");
        let route = format!("/issues/{number}/comments");
        let raw: RawComment = self
            .github
            .post(&doing, &route, &json!({ "body": body }))
            .await?;
        Ok((&raw).into())
    }

    async fn patch(&self, id: u64, body: &str) -> Result<OwnComment, GitHubError> {
        let doing = format!("editing comment {id}");
        let route = format!("/issues/comments/{id}");
        let raw: RawComment = self
            .github
            .patch(&doing, &route, &json!({ "body": body }))
            .await?;
        Ok((&raw).into())
    }
}

/// Whether a request may have been carried out although we got no proper answer.
fn lost(error: &GitHubError) -> bool {
    matches!(
        error,
        GitHubError::Outage { .. } | GitHubError::Unreadable { .. }
    )
}

/// Whether two texts are the same but for line ends, which GitHub may change.
fn same(stored: &str, new: &str) -> bool {
    stored.replace("\r\n", "\n").trim_end() == new.replace("\r\n", "\n").trim_end()
}

fn failed(number: PullNumber, error: GitHubError) -> CommentError {
    let forbidden = matches!(
        error,
        GitHubError::Unauthorized { .. }
            | GitHubError::Forbidden { .. }
            | GitHubError::NotFound { .. }
    );
    if forbidden {
        return CommentError::Forbidden(error);
    }
    CommentError::Failed {
        number,
        source: error,
    }
}

impl CommentError {
    /// Whether trying again later may help.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Forbidden(_) => Cause::Refusal,
            Self::Failed { source, .. } => source.cause(),
        }
    }
}

#[cfg(test)]
mod tests;
