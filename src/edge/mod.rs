//! Everything that touches the world: disk, git, model APIs, GitHub. Decides nothing; its rooms never name each other,
//! only what they share here.

mod commit;
pub mod disk;
pub mod git;
pub mod github;
mod https;
pub mod model;
pub mod runner_files;
mod secret;
pub mod signal;
mod tree;

pub use commit::CommitSha;
pub use disk::own_like;
use https::{client as http_client, remedy as certificate_remedy};
pub use secret::Secret;
pub use tree::{Entry, EntryKind, Tree};
