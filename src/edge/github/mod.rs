//! GitHub: the event, the change list, files, our comment and the branch that stores baselines.
//!
//! Takes and returns plain values. Says what GitHub answered; what follows from it is decided elsewhere.

mod changes;
mod check;
mod client;
mod comment;
mod contents;
mod conversation;
mod edits;
mod error;
mod event;
mod identity;
mod issue;
mod limits;
mod objects;
mod route;
mod sender;
mod sha;
mod stage;
mod store;
#[cfg(test)]
mod stub;
mod timing;
mod transport;

pub use check::{Check, Conclusion};
pub use client::{Connection, GitHub};
pub use comment::{
    CommentError, CommentText, Comments, Conversation, OwnComment, RunLine, Written,
};
pub use conversation::{Opened, Remark, Role};
pub use error::{Cause, GitHubError};
pub use event::{
    Dispatch, Event, EventError, MergeGroup, PullNumber, PullRequest, Push, Schedule, WorkflowRun,
};
pub use issue::{Issues, OwnIssue};
pub use sha::{BaseSha, HeadSha};
pub use stage::StageError;
pub use store::{BranchStore, NewFile, Revised, StoreError};
pub use timing::Timing;

pub use crate::edge::CommitSha;
