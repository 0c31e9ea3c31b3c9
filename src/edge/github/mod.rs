//! GitHub: the event that started the workflow.

mod event;
mod sha;

pub use event::{
    Dispatch, Event, EventError, MergeGroup, PullNumber, PullRequest, Push, Schedule,
};
pub use sha::{BaseSha, CommitSha, HeadSha};
