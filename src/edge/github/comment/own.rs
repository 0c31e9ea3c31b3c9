//! A comment that may be ours, and the hidden line that says which run wrote it.

use std::fmt;

use super::super::conversation::RawComment;
use crate::edge::CommitSha;

/// A comment that is ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnComment {
    /// Its id.
    pub id: u64,
    /// Its text.
    pub body: String,
    /// Its address for people.
    pub url: Option<String>,
    /// The run that wrote it last, from its second line.
    pub run: Option<RunLine>,
    /// When it was changed last, RFC 3339.
    pub updated: Option<String>,
    /// GitHub's name for it in GraphQL.
    pub node: Option<String>,
}

/// The hidden line that says which run wrote a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLine {
    /// `GITHUB_RUN_ID`.
    pub run: u64,
    /// `GITHUB_RUN_ATTEMPT`.
    pub attempt: u32,
    /// The commit that was measured.
    pub head: CommitSha,
}

impl From<&RawComment> for OwnComment {
    fn from(raw: &RawComment) -> Self {
        let body = raw.body.clone().unwrap_or_default();
        Self {
            id: raw.id,
            url: raw.html_url.clone(),
            updated: raw.updated_at.clone(),
            node: raw.node_id.clone(),
            run: RunLine::of(&body),
            body,
        }
    }
}

impl RunLine {
    /// The run line of a comment: its second line, if it is one.
    pub fn of(body: &str) -> Option<Self> {
        let line = body.lines().nth(1)?.trim();
        let inner = line.strip_prefix("<!-- run ")?.strip_suffix(" -->")?;
        let mut words = inner.split(' ');
        let run = words.next()?.parse().ok()?;
        let attempt = words
            .next()
            .filter(|word| *word == "attempt")
            .and(words.next())?;
        let head = words
            .next()
            .filter(|word| *word == "head")
            .and(words.next())?;
        let whole = words.next().is_none();
        Some(Self {
            run,
            attempt: attempt.parse().ok()?,
            head: CommitSha::new(head)?,
        })
        .filter(|_| whole)
    }

    /// Whether a later run, or a later attempt of the same run, wrote it.
    pub(super) fn is_newer_than(&self, other: &Self) -> bool {
        (self.run, self.attempt) > (other.run, other.attempt)
    }
}

impl fmt::Display for RunLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, attempt, head } = self;
        write!(f, "<!-- run {run} attempt {attempt} head {head} -->")
    }
}
