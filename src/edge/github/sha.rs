//! The two commits of a change. Newtypes, so that base and head cannot be swapped.

use std::fmt;

use crate::edge::CommitSha;

macro_rules! side {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(CommitSha);

        impl $name {
            /// The commit, its side forgotten.
            pub fn commit(&self) -> &CommitSha {
                &self.0
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl From<CommitSha> for $name {
            fn from(commit: CommitSha) -> Self {
                Self(commit)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

side!(HeadSha, "The commit that a change proposes.");
side!(BaseSha, "The commit that a change starts from.");
