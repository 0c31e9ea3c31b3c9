//! The lines of a journal: what a run was going to ask, and every sample as soon as it is settled. Shape and
//! comparison only; the file itself is in [`crate::edge::journal`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AgentRecord, SampleRecord};
use crate::agent::{AgentName, Parameters};
use crate::judge::Vote;
use crate::runner::Spent;
use crate::score::Digest;
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
    /// An answer that waits for its grades.
    Answer(S),
    /// A vote of the judge.
    Vote(CastVote),
    /// The last line of a run whose record was written.
    Finished {
        /// Its `record_digest`.
        record_digest: String,
    },
}

/// What a run is going to ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalPlan {
    /// Always `tunegate.journal/1`.
    pub schema: String,
    /// Names everything that is asked and how it is scored.
    pub plan_digest: String,
    /// Which part of a divided run it is.
    pub shard: Option<String>,
    /// Samples of each case.
    pub samples: u32,
    /// The agents that are asked.
    pub agents: Vec<JournalAgent>,
}

/// What one agent is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalAgent {
    /// Its name.
    pub name: AgentName,
    /// Its provider's name.
    pub provider: String,
    /// Digest of what the provider's configuration says about who answers.
    pub provider_digest: Digest,
    /// Its model ID.
    pub model: String,
    /// Its parameters, which the candidate's digest covers too.
    pub parameters: Parameters,
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
    /// What the whole run had spent by then, as its budget counts.
    pub spent: Spent,
    /// All that is known of it, with its words.
    pub sample: SampleRecord,
}

/// A vote of the judge with its place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CastVote {
    /// The agent whose answer it is on.
    pub agent: AgentName,
    /// The answer's case.
    pub case: CaseId,
    /// The answer's sample.
    pub sample: u32,
    /// True for an answer of the stored baseline, which is graded again to test the judge.
    pub stored: bool,
    /// Names the judge and what it was asked.
    pub question: Digest,
    /// What the whole run had spent by then, as its budget counts.
    pub spent: Spent,
    /// The vote.
    pub vote: Vote,
}

impl JournalPlan {
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
            let (older, now) = (part(older.shard.as_ref()), part(self.shard.as_ref()));
            differences.push(format!("it is of {older}, this is {now}"));
        }
        if older.samples != self.samples {
            let (older, now) = (older.samples, self.samples);
            differences.push(format!("{older} of each case were asked, now {now}"));
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
            differences.push("what is asked of its agents changed".to_owned());
        }
        differences
    }
}

fn part(shard: Option<&String>) -> String {
    shard.map_or("the whole run".to_owned(), |shard| format!("part {shard}"))
}

impl JournalAgent {
    /// What this agent is asked.
    pub fn of(agent: &AgentRecord, provider_digest: Digest) -> Self {
        Self {
            name: agent.name.clone(),
            provider: agent.provider.clone(),
            provider_digest,
            model: agent.model.clone(),
            parameters: agent.parameters.clone(),
            candidate_digest: agent.candidate_digest.clone(),
            suite_digest: agent.suite_digest.clone(),
        }
    }

    /// Everything that differs; what follows from another difference is not told twice.
    fn differs_from(&self, older: &Self) -> Vec<String> {
        let name = &self.name;
        let mut differences = Vec::new();
        if older.model != self.model {
            let (older, now) = (&older.model, &self.model);
            differences.push(format!("{name} was asked as `{older}`, now it is `{now}`"));
        }
        if older.provider != self.provider {
            let (older, now) = (&older.provider, &self.provider);
            differences.push(format!(
                "{name} was asked through `{older}`, now through `{now}`"
            ));
        } else if older.provider_digest != self.provider_digest {
            differences.push(format!(
                "the address, headers or extra body of `{}` changed",
                self.provider
            ));
        }
        let parameters = changed(&older.parameters, &self.parameters);
        differences.extend(
            parameters
                .into_iter()
                .map(|change| format!("{name} was asked with {change}")),
        );
        if differences.is_empty() && older.candidate_digest != self.candidate_digest {
            differences.push(format!("the system prompt of {name} changed"));
        }
        if differences.is_empty() && older.suite_digest != self.suite_digest {
            differences.push(format!(
                "the suite of {name} changed: its cases, their order, or how they are scored"
            ));
        }
        differences
    }
}

/// The parameters that differ, each with both values.
fn changed(older: &Parameters, now: &Parameters) -> Vec<String> {
    let json = |parameters| serde_json::to_value(parameters).unwrap_or_default();
    let (older, now) = (json(older), json(now));
    let keys = |value: &Value| -> BTreeSet<String> {
        let members = value.as_object().into_iter().flatten();
        members.map(|(key, _)| key.clone()).collect()
    };
    let shown = |value: Option<&Value>| value.map_or("unset".to_owned(), Value::to_string);
    let keys = &keys(&older) | &keys(&now);
    let differing = keys.iter().filter(|key| older.get(key) != now.get(key));
    differing
        .map(|key| {
            let (older, now) = (shown(older.get(key)), shown(now.get(key)));
            format!("{key} {older}, now {now}")
        })
        .collect()
}
