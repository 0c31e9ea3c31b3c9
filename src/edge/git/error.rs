//! Why the repository on this machine does not tell what was asked. Git's own words are shown, never interpreted.

use std::io;
use std::path::PathBuf;

/// Git could not be asked, or had no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git.
    #[error(
        "git is needed for `--since`, and is not on the PATH; install it, or run without `--since`"
    )]
    Missing,
    /// There is a git that lacks what is needed.
    #[error("git {found} is too old for `--since`; {needed} or newer is needed")]
    Old {
        /// Its version.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
    /// A folder is in no repository.
    #[error("{} is not the top of a git repository, which `--since` needs ({detail})", .folder.display())]
    NotARepository {
        /// The folder.
        folder: PathBuf,
        /// What git says.
        detail: String,
    },
    /// A repository without files.
    #[error(
        "{} is a bare repository: `--since` judges a working tree; run in a clone of it", .0.display()
    )]
    Bare(PathBuf),
    /// What a person wrote names no commit.
    #[error("there is no revision `{revision}` here; {advice}")]
    UnknownRevision {
        /// What was written.
        revision: String,
        /// What to do.
        advice: String,
    },
    /// Nothing is committed yet.
    #[error(
        "nothing is committed on this branch yet, so there is nothing to compare; commit first"
    )]
    Unborn,
    /// Two commits have no common ancestor.
    #[error("HEAD and `{0}` have no common ancestor; name the branch that HEAD was started from")]
    Unrelated(String),
    /// The history ends before the answer.
    #[error(
        "this clone is shallow, and the commit that HEAD and `{0}` have in common is not in it; `git fetch --unshallow` \
         brings it"
    )]
    Shallow(String),
    /// The content of a file was left out when the repository was cloned.
    #[error(
        "git does not have the content {0} on this machine: a partial clone leaves it out; `git fetch --refetch \
         --no-filter` brings all of it"
    )]
    Absent(String),
    /// Git ended with a complaint.
    #[error("{doing}: git says: {detail}")]
    Failed {
        /// What was asked.
        doing: String,
        /// Its complaint.
        detail: String,
    },
    /// Git could not be talked to.
    #[error("{doing}: {source}")]
    Io {
        /// What was asked.
        doing: String,
        /// Why.
        source: io::Error,
    },
}

impl GitError {
    /// Whether something else is to be written or run, and nothing is broken.
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::NotARepository { .. }
            | Self::Bare(_)
            | Self::UnknownRevision { .. }
            | Self::Unborn
            | Self::Unrelated(_)
            | Self::Shallow(_) => true,
            Self::Missing
            | Self::Old { .. }
            | Self::Absent(_)
            | Self::Failed { .. }
            | Self::Io { .. } => false,
        }
    }
}
