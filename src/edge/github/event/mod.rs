//! The event that started the workflow, read from its file: names, commits and branches, checked for their form.
//!
//! Refuses events on which secrets meet code of strangers. Decides nothing else, and asks nobody.

use std::fmt;

use serde_json::Value;

use super::sha::{BaseSha, HeadSha};
use crate::edge::CommitSha;

mod payload;

use payload::Payload;

/// GitHub's own ceiling for a webhook payload.
const LARGEST_PAYLOAD: usize = 25 * 1024 * 1024;
const WORKING: &str = "pull_request, push, merge_group, workflow_dispatch, schedule";

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A pull request was opened or changed.
    PullRequest(PullRequest),
    /// Commits were pushed.
    Push(Push),
    /// A merge queue asks about a group of pull requests.
    MergeGroup(MergeGroup),
    /// A person started the workflow.
    Dispatch(Dispatch),
    /// The clock started the workflow.
    Schedule(Schedule),
}

/// A pull request, as the event tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: PullNumber,
    /// What was done to it: `opened`, `synchronize`, `closed`, …
    pub action: String,
    /// The tip of the branch that it would be merged into.
    pub base_sha: BaseSha,
    /// The branch that it would be merged into.
    pub base_ref: String,
    /// Its own tip.
    pub head_sha: HeadSha,
    /// Its own branch.
    pub head_ref: String,
    /// `owner/name` of the repository that holds its branch; `None` for a deleted fork.
    pub head_repo: Option<String>,
    /// `owner/name` of the repository that it would be merged into.
    pub base_repo: String,
    /// Whether that repository is private; `false` where the event does not say.
    pub private: bool,
    /// How many files it touches.
    pub changed_files: Option<u64>,
    /// The login of its author.
    pub author: Option<String>,
    /// The number of that account.
    pub author_id: Option<u64>,
    /// A moment at which GitHub says that this was its tip, RFC 3339: when the event was made.
    pub tip_at: Option<String>,
    /// Whether Dependabot acts, so that there are no secrets.
    pub dependabot: bool,
    /// Whether somebody of the repository lets models be asked for it, although a stranger wrote it.
    pub reviewed: bool,
}

impl PullRequest {
    /// Whether its branch is in another repository, so that there are no secrets.
    pub fn is_fork(&self) -> bool {
        let same = |head: &String| head.eq_ignore_ascii_case(&self.base_repo);
        !self.head_repo.as_ref().is_some_and(same)
    }
}

/// A workflow that ended, and by that started this one: the first of two stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRun {
    /// The commit that it was about.
    pub head_sha: CommitSha,
    /// The branch of that commit.
    pub head_branch: String,
    /// Whose repository holds the branch.
    pub head_owner: String,
}

/// Commits that were pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The branch; `None` for a tag.
    pub branch: Option<String>,
    /// The tip before; `None` for a new branch.
    pub before: Option<CommitSha>,
    /// The tip after; all zeros where the branch was deleted.
    pub after: CommitSha,
    /// Whether the branch was deleted.
    pub deleted: bool,
    /// Whether history was rewritten.
    pub forced: bool,
    /// Whether the repository is private; `false` where the event does not say.
    pub private: bool,
}

/// A group of a merge queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeGroup {
    /// What the group is merged onto.
    pub base_sha: BaseSha,
    /// The merged group.
    pub head_sha: HeadSha,
    /// The branch that it would be merged into, without `refs/heads/`.
    pub base_ref: String,
    /// The queue's own branch, without `refs/heads/`.
    pub head_ref: String,
    /// Whether the repository is private; `false` where the event does not say.
    pub private: bool,
}

/// A start by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The ref that it was started on, in full.
    pub git_ref: String,
    /// Whether the repository is private; `false` where the event does not say.
    pub private: bool,
}

/// A start by the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Whether the repository is private; `false` where the event does not say.
    pub private: bool,
}

/// The number of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PullNumber(pub u64);

impl fmt::Display for PullNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why an event cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It runs with secrets while a stranger wrote the code.
    #[error(
        "the event `{0}` is refused: it gives secrets to a run about what strangers wrote; use `pull_request`, or the two \
         stages of docs/forks.md, which name the input `dangerously-ask-for-forks`"
    )]
    Privileged(String),
    /// It is not one that we know.
    #[error("the event `{0}` is not supported; use one of {WORKING}")]
    Unknown(String),
    /// The workflow that started this one was not about a pull request.
    #[error(
        "the workflow was started by one on the event `{0}`; only one on `pull_request` can be a first stage"
    )]
    NoPullRequest(String),
    /// A stranger's pull request goes to a branch of their choice.
    #[error(
        "the pull request goes to `{0}`, not to the default branch: models are asked about what strangers wrote only under \
         the default branch's rules"
    )]
    OtherBase(String),
    /// The file has no content.
    #[error("the event file is empty; check GITHUB_EVENT_PATH")]
    Empty,
    /// The file is larger than any event.
    #[error("the event file has {0} bytes, more than any event of GitHub; check GITHUB_EVENT_PATH")]
    TooLarge(usize),
    /// The file is not a JSON object.
    #[error("the event file is not a JSON object ({0}); check GITHUB_EVENT_PATH")]
    NotJson(String),
    /// A field is absent or has another form.
    #[error(
        "the `{event}` event has no {what} at `{field}`; check that GITHUB_EVENT_NAME and GITHUB_EVENT_PATH belong together"
    )]
    Field {
        /// The event's name.
        event: String,
        /// Where it should be.
        field: String,
        /// What should be there.
        what: &'static str,
    },
}

impl Event {
    /// Reads the event of this name from the content of its file.
    pub fn read(name: &str, payload: &[u8]) -> Result<Self, EventError> {
        let read: fn(&Payload) -> Result<Self, EventError> = match name {
            "pull_request" => |payload| payload.pull_request().map(Self::PullRequest),
            "push" => |payload| payload.push().map(Self::Push),
            "merge_group" => |payload| payload.merge_group().map(Self::MergeGroup),
            "workflow_dispatch" => |payload| payload.dispatch().map(Self::Dispatch),
            "schedule" => |payload| {
                Ok(Self::Schedule(Schedule {
                    private: payload.private(),
                }))
            },
            "pull_request_target" | "workflow_run" => {
                return Err(EventError::Privileged(name.to_owned()));
            }
            _ => return Err(EventError::Unknown(printable(name))),
        };
        let json = object(payload)?;
        read(&Payload { event: name, json })
    }

    /// The pull request of a `pull_request_target`, or of what the API says of one, for which models may be asked.
    pub fn reviewed(payload: &[u8]) -> Result<PullRequest, EventError> {
        let payload = Payload {
            event: "pull_request_target",
            json: object(payload)?,
        };
        let pull = PullRequest {
            reviewed: true,
            ..payload.pull_request()?
        };
        // Whoever opened it chooses its base, and with that whose rules decide.
        match payload.default_branch() {
            Some(default) if default == pull.base_ref => Ok(pull),
            Some(_) | None => Err(EventError::OtherBase(printable(&pull.base_ref))),
        }
    }
}

impl WorkflowRun {
    /// Reads the event `workflow_run` from the content of its file.
    pub fn read(payload: &[u8]) -> Result<Self, EventError> {
        let payload = Payload {
            event: "workflow_run",
            json: object(payload)?,
        };
        payload.workflow_run()
    }
}

fn object(payload: &[u8]) -> Result<Value, EventError> {
    if payload.len() > LARGEST_PAYLOAD {
        return Err(EventError::TooLarge(payload.len()));
    }
    let payload = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload);
    if payload.trim_ascii().is_empty() {
        return Err(EventError::Empty);
    }
    let json: Value =
        serde_json::from_slice(payload).map_err(|error| EventError::NotJson(error.to_string()))?;
    if !json.is_object() {
        return Err(EventError::NotJson("it holds another value".to_owned()));
    }
    Ok(json)
}

/// A name from outside, fit for one line of a message.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests;
