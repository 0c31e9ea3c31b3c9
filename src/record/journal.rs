//! The lines of a journal: what a run was going to ask, and every sample as soon as it is settled. Shape and
//! comparison only; the file itself is in [`crate::edge::journal`].

use serde::{Deserialize, Serialize};

use super::{AgentRecord, RunRecord, SampleRecord};
use crate::agent::AgentName;
use crate::suite::CaseId;

/// The schema of journals that this version writes.
pub const JOURNAL_SCHEMA: &str = "tunegate.journal/1";

/// One line of a journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalLine<S> {
    /// The first line.
    Plan(JournalPlan),
    /// A settled sample.
    Sample(S),
    /// The last line of a run whose record was written.
    Finished {
        /// Its `record_digest`.
        record_digest: String,
    },
}

/// What a run is going to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalPlan {
    /// Always `tunegate.journal/1`.
    pub schema: String,
    /// Names everything that is asked and how it is scored.
    pub plan_digest: String,
    /// Which part of a divided run it is.
    pub shard: Option<String>,
    /// The agents that are asked.
    pub agents: Vec<JournalAgent>,
}

/// What one agent is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalAgent {
    /// Its name.
    pub name: AgentName,
    /// Its provider's name.
    pub provider: String,
    /// Its model ID.
    pub model: String,
    /// Digest of model ID, system prompt and parameters.
    pub candidate_digest: String,
    /// Digest of its suite's questions and expectations.
    pub suite_digest: String,
}

/// A settled sample with its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settled {
    /// Its agent.
    pub agent: AgentName,
    /// Its case.
    pub case: CaseId,
    /// The model that the server said answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_model: Option<String>,
    /// The server's fingerprint of the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_fingerprint: Option<String>,
    /// All that is known of it, with its words.
    pub sample: SampleRecord,
}

impl JournalPlan {
    /// What a run with this record is going to ask.
    pub fn of(record: &RunRecord) -> Self {
        Self {
            schema: JOURNAL_SCHEMA.to_owned(),
            plan_digest: record.plan_digest.clone(),
            shard: record.shard.clone(),
            agents: record.touched().map(JournalAgent::of).collect(),
        }
    }

    /// How this plan differs from that of an older journal, in sentences; empty where a journal of it can be resumed.
    pub fn differs_from(&self, older: &Self) -> Vec<String> {
        if older.schema != self.schema {
            return vec![format!(
                "its format is `{}`, this version reads `{}`",
                older.schema, self.schema
            )];
        }
        let mut differences = Vec::new();
        if older.shard != self.shard {
            let part = |shard: &Option<String>| {
                shard
                    .as_ref()
                    .map_or("the whole run".to_owned(), |shard| format!("part {shard}"))
            };
            differences.push(format!(
                "it is of {}, this is {}",
                part(&older.shard),
                part(&self.shard)
            ));
        }
        for agent in &self.agents {
            match older.agents.iter().find(|other| other.name == agent.name) {
                None => differences.push(format!("{} is not in it", agent.name)),
                Some(other) => differences.extend(agent.differs_from(other)),
            }
        }
        for other in &older.agents {
            if !self.agents.iter().any(|agent| agent.name == other.name) {
                differences.push(format!("{} is asked in it and not now", other.name));
            }
        }
        if differences.is_empty() && older.plan_digest != self.plan_digest {
            differences.push("another number of samples is asked".to_owned());
        }
        differences
    }
}

impl JournalAgent {
    fn of(agent: &AgentRecord) -> Self {
        Self {
            name: agent.name.clone(),
            provider: agent.provider.clone(),
            model: agent.model.clone(),
            candidate_digest: agent.candidate_digest.clone(),
            suite_digest: agent.suite_digest.clone(),
        }
    }

    fn differs_from(&self, older: &Self) -> Option<String> {
        let name = &self.name;
        if older.model != self.model {
            return Some(format!(
                "{name} was asked as `{}`, now it is `{}`",
                older.model, self.model
            ));
        }
        if older.provider != self.provider {
            return Some(format!(
                "{name} was asked through `{}`, now through `{}`",
                older.provider, self.provider
            ));
        }
        if older.candidate_digest != self.candidate_digest {
            return Some(format!(
                "the system prompt or the parameters of {name} changed"
            ));
        }
        (older.suite_digest != self.suite_digest).then(|| format!("the suite of {name} changed"))
    }
}
