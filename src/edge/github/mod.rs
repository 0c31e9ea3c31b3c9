//! GitHub: the event, the change list, files, our comment and the branch that stores baselines.
//!
//! Takes and returns plain values. Says what GitHub answered; what follows from it is decided elsewhere.

mod changes;
mod client;
mod comment;
mod contents;
mod conversation;
mod error;
mod event;
mod identity;
mod limits;
mod objects;
mod route;
mod sha;
mod store;
#[cfg(test)]
mod stub;
mod transport;

pub use client::{Connection, GitHub};
pub use comment::{
    CommentError, CommentText, Comments, Conversation, OwnComment, RunLine, Written,
};
pub use conversation::{Opened, Remark, Role};
pub use error::{Cause, GitHubError};
pub use event::{Dispatch, Event, EventError, MergeGroup, PullNumber, PullRequest, Push, Schedule};
pub use sha::{BaseSha, HeadSha};
pub use store::{BranchStore, NewFile, Revised, StoreError};
pub use transport::Timing;

pub use crate::edge::CommitSha;
