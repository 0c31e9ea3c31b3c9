//! Names a suite by what it asks and expects, whether its cases come from its file or from the parts of a run.

use crate::record::CaseRecord;
use crate::score::{Digest, DigestError, Hasher};

/// Names the questions and expectations of a suite: of all of its cases, in their order. Cases that only a pull request
/// has are no part of it.
#[derive(Default)]
pub(super) struct SuiteDigest(Option<Hasher>);

impl SuiteDigest {
    pub(super) fn add(&mut self, case: &CaseRecord) -> Result<(), DigestError> {
        if case.new {
            return Ok(());
        }
        let separator: &[u8] = if self.0.is_none() { b"[" } else { b"," };
        let hasher = self.0.get_or_insert_default();
        hasher.bytes(separator);
        hasher.value(&(&case.id, case.ask_digest, case.score_digest, case.weight))
    }

    pub(super) fn finish(self) -> Digest {
        let mut hasher = self.0.unwrap_or_default();
        hasher.bytes(b"]");
        hasher.finish()
    }
}
