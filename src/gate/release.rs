//! The release gate: may this exact model ship? Decides a stored record again under today's rules.

use jiff::{SignedDuration, Timestamp};

use super::GateError;
use crate::agent::AgentName;
use crate::config::Config;
use crate::record::{Outcome, RunRecord, overall, unseal};
use crate::verdict;

/// What is to be shipped; absent parts are not checked.
#[derive(Debug, Clone, Default)]
pub struct Release {
    /// The agent.
    pub agent: Option<AgentName>,
    /// The model ID.
    pub model: Option<String>,
}

/// The answer to a release pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Why it may not ship; empty where it may.
    pub refusals: Vec<String>,
    /// What a person should know all the same.
    pub notes: Vec<String>,
}

/// Whether a record approves a release under these rules. A record that cannot be relied on approves nothing.
pub fn verify(
    config: &Config,
    bytes: &[u8],
    release: &Release,
    now: Timestamp,
) -> Result<Approval, GateError> {
    let record = match unseal(bytes) {
        Ok(record) => record,
        Err(why) => {
            return Ok(Approval {
                refusals: vec![why.to_string()],
                notes: Vec::new(),
            });
        }
    };
    if let Some(part) = record.shard {
        return Ok(Approval {
            refusals: vec![format!(
                "the record is {} of a run, which has no verdict; `tunegate merge` joins the parts",
                part.in_words()
            )],
            notes: Vec::new(),
        });
    }
    let mut refusals = identity(&record, release);
    refusals.extend(age(config, &record, now));
    let decision = verdict::decide(&config.policy, &narrowed(record, release));
    if decision.verdict.outcome != Outcome::Pass {
        let reasons = decision
            .verdict
            .reasons
            .iter()
            .filter(|reason| reason.blocking);
        refusals.extend(reasons.map(|reason| reason.message.clone()));
        if decision
            .verdict
            .reasons
            .iter()
            .all(|reason| !reason.blocking)
        {
            refusals.push(format!(
                "the record's outcome is {}",
                decision.verdict.outcome
            ));
        }
    }
    if config.release.require_proven == Some(true) && !decision.verdict.proven {
        refusals.push("not proven, and `release.require_proven` is true".to_owned());
    }
    let mut notes = Vec::new();
    if !decision.verdict.proven {
        notes.push(
            "not proven: the change is a plain difference without a plausible range".to_owned(),
        );
    }
    Ok(Approval { refusals, notes })
}

/// What concerns the agent that ships: that another agent of the run failed is no reason against it.
fn narrowed(record: RunRecord, release: &Release) -> RunRecord {
    let Some(name) = &release.agent else {
        return record;
    };
    let mut narrowed = record.baseline_of(name);
    narrowed.overall = overall(&narrowed.agents);
    narrowed
}

fn identity(record: &RunRecord, release: &Release) -> Vec<String> {
    let mut refusals = Vec::new();
    let mut matching = record.touched().filter(|agent| {
        release
            .agent
            .as_ref()
            .is_none_or(|name| agent.name == *name)
    });
    match (&release.agent, matching.next()) {
        (Some(name), None) => refusals.push(format!("the record holds no measurement of {name}")),
        (None, None) => refusals.push("the record holds no measurement".to_owned()),
        (_, Some(agent)) => {
            if let Some(model) = release
                .model
                .as_ref()
                .filter(|model| agent.model != **model)
            {
                refusals.push(format!(
                    "the record is of `{}`, not of `{model}`",
                    agent.model
                ));
            }
        }
    }
    refusals
}

fn age(config: &Config, record: &RunRecord, now: Timestamp) -> Option<String> {
    let created: Timestamp = match record.created.parse() {
        Ok(created) => created,
        Err(_) => {
            return Some(format!(
                "the record's date `{}` cannot be read",
                record.created
            ));
        }
    };
    let age = now.duration_since(created);
    let most = SignedDuration::try_from(config.release.max_age).unwrap_or(SignedDuration::MAX);
    if age > most {
        return Some(format!(
            "the record is {} days old; {} are allowed",
            age.as_hours() / 24,
            most.as_hours() / 24
        ));
    }
    // A clock that is a little behind is no fraud; a record from tomorrow is.
    (age < SignedDuration::from_hours(-1))
        .then(|| format!("the record is from the future: {}", record.created))
}
