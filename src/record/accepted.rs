//! The shape of an acceptance: who let a worse model pass, why, and until when. Data only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AgentRecord;
use crate::agent::AgentName;

/// A worse model that an entitled person accepted on the pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The agent.
    pub agent: AgentName,
    /// Its model ID then; absent where the pull request removes the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Digest of model ID, system prompt and parameters then. It says nothing of another candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_digest: Option<String>,
    /// The login of who accepted it.
    pub by: String,
    /// What the forge said that this person may: `write`, `maintain` or `admin`.
    pub permission: String,
    /// Why, in that person's words.
    pub reason: String,
    /// When it was written, RFC 3339.
    pub at: String,
    /// The last moment at which it counts, RFC 3339.
    pub until: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The commit for which it was written; absent where it was written for an earlier one with the same candidate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Accepted {
    /// Whether it still counts at a time, RFC 3339. What cannot be read does not.
    pub fn holds_at(&self, time: &str) -> bool {
        let parse = |text: &str| text.parse::<jiff::Timestamp>().ok();
        parse(&self.until)
            .zip(parse(time))
            .is_some_and(|(until, time)| time <= until)
    }

    /// Whether it speaks of what was measured of this agent; `None` is an agent that the pull request removes.
    pub fn is_of(&self, agent: Option<&AgentRecord>) -> bool {
        self.candidate_digest.as_deref() == agent.map(|agent| agent.candidate_digest.as_str())
    }
}
