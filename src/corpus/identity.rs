//! What makes two rows the same: the words of the conversation, who says them, and what is learned of them. Format,
//! spacing, key order and other fields do not.

use sha2::{Digest as _, Sha256};

use super::row::{Row, Turn};

/// Names a row by its value: the first 128 bits of a SHA-256, so that nobody can make two rows of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RowId(u128);

impl RowId {
    fn of(hasher: Sha256) -> Self {
        let (first, _) = halves(&hasher.finalize().into());
        Self(first)
    }

    /// A line that is no row is itself.
    pub(super) fn of_broken(line: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"broken");
        hasher.update(line);
        Self::of(hasher)
    }

    /// 64 bits of it, for tables.
    pub(super) const fn short(self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a part of the digest is wanted"
        )]
        let short = self.0 as u64;
        short
    }
}

fn halves(digest: &[u8; 32]) -> (u128, u128) {
    let half = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |all, byte| (all << 8) | u128::from(*byte))
    };
    let (first, second) = digest.split_at(16);
    (half(first), half(second))
}

/// What a row is recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    /// The whole row.
    pub(super) row: RowId,
    /// Everything before its last answer.
    pub(super) prompt: RowId,
}

/// What a row is recognised by.
pub(super) fn of(row: &Row<'_>) -> Identity {
    let mut hasher = Sha256::new();
    let (prompt, answer) = row.turns.split_at(row.last_answer());
    for turn in prompt {
        add(&mut hasher, turn);
    }
    let asked = RowId::of(hasher.clone());
    for turn in answer {
        add(&mut hasher, turn);
    }
    if !row.rejected.is_empty() {
        hasher.update(b"rejected");
        for turn in &row.rejected {
            add(&mut hasher, turn);
        }
    }
    if let Some(tools) = &row.tools {
        hasher.update(b"tools");
        hasher.update(tools);
    }
    Identity {
        row: RowId::of(hasher),
        prompt: asked,
    }
}

fn add(hasher: &mut Sha256, turn: &Turn<'_>) {
    // What a format says by a flag another one says by not mentioning it.
    let learned = u8::from(turn.is_learned());
    let length = u64::try_from(turn.text.len()).unwrap_or(u64::MAX);
    let calls = turn.calls.as_deref().unwrap_or_default();
    // A byte a role: roles of the same meaning are the same.
    hasher.update([turn.speaker as u8, learned, u8::from(turn.calls.is_some())]);
    hasher.update(length.to_le_bytes());
    hasher.update(turn.text.as_bytes());
    hasher.update(calls);
}
