//! The training data that a model stands beside: what it was at the commit, and what is known of what the model learned.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::AgentName;
use crate::corpus::{FileAudit, Finding, FindingCount};
use crate::policy::Severity;

/// The training data a model stands beside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataRecord {
    /// Digest over the contents of the files; absent where the agent names no data, or its files could not be told.
    pub digest: Option<String>,
    /// The files.
    pub files: Vec<DataFile>,
    /// The digest of the data that the model is said to be made from: the data when its ID last moved. Absent where the
    /// ID has not moved since the first record, or moved although the data never did.
    pub trained_on: Option<String>,
    /// What speaks for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The provider's name of the job that made the model, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// How often the data changed since, without the model.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changes_since: u32,
    /// When it first did, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_since: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that serde calls"
)]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A file of training data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataFile {
    /// Relative to the repository's root.
    pub path: String,
    /// What names its content: `git:` and the name of the blob, or, where Git LFS keeps it, `sha256:` and its digest.
    pub digest: String,
    /// Its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// What speaks for a model having been made from data. Never more than somebody's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Its ID moved together with the data, or after it.
    Claimed,
    /// The same, and what the provider says of the model fits.
    ConfirmedByProvider,
    /// Its ID moved, the data did not.
    Unknown,
}

/// What was read of training data, and what was found in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// The files that a change touches.
    pub files: Vec<FileAudit>,
    /// The first findings of each kind, in rows that the change adds or alters.
    pub findings: Vec<Finding>,
    /// How many there are of each kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<FindingCount>,
}

impl Audit {
    /// What blocks: findings in new rows whose severity is fail.
    pub fn blocking(&self) -> impl Iterator<Item = &FindingCount> {
        let counts = self.counts.iter();
        counts.filter(|count| count.severity == Severity::Fail && count.new > 0)
    }

    /// Lets go of what concerns other agents' data.
    pub(super) fn keep(&mut self, agent: &AgentName) {
        self.files.retain(|file| file.agents.contains(agent));
        self.findings
            .retain(|finding| finding.agents.contains(agent));
        for finding in &mut self.findings {
            finding.agents.retain(|of| of == agent);
        }
        let files = &self.files;
        self.counts
            .retain(|count| files.iter().any(|file| file.path == count.path));
    }
}
