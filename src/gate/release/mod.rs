//! The release gate: may this exact model ship? Decides a stored record again under today's rules, and holds what it
//! measured against what the repository has today.

mod attested;
mod decided;
mod manifest;
mod origin;
mod stored;
#[cfg(test)]
mod tests;
mod today;

use jiff::Timestamp;

use super::GateError;
use super::side::Side;
use crate::agent::AgentName;
use crate::record::{RunRecord, unseal};
use crate::score::digest;
pub use attested::Attestation;
pub use manifest::{PREDICATE_TYPE, Statement};
pub use stored::{Shelf, verify_stored};

/// What is to be shipped; absent parts are not checked.
#[derive(Debug, Clone, Default)]
pub struct Release {
    /// The agent.
    pub agent: Option<AgentName>,
    /// The model ID.
    pub model: Option<String>,
    /// The repository whose records count, where it is known: `acme/models`.
    pub repository: Option<String>,
    /// What somebody signed for it.
    pub attestation: Option<Attestation>,
    /// Whether it is asked in order to be signed: then nothing is signed yet.
    pub for_signing: bool,
}

/// The answer to a release pipeline.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// Why it may not ship; empty where it may.
    pub refusals: Vec<String>,
    /// What a person should know before all else: what is accepted, what is not proven.
    pub notes: Vec<String>,
    /// What could not be held against today's files, and what else there is to know.
    pub remarks: Vec<String>,
    /// The workflow that signed for it; absent where nothing was signed.
    pub signer: Option<String>,
    /// The record that was decided; absent where none can be relied on.
    pub decided: Option<Approved>,
}

/// What a record measured of the agent that ships.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The agent.
    pub agent: AgentName,
    /// Its model ID.
    pub model: String,
    /// Digest of model ID, system prompt and parameters.
    pub candidate_digest: String,
    /// Digest of the record.
    pub record_digest: String,
    /// Digest of the questions and expectations.
    pub suite_digest: String,
    /// Digest of today's rules.
    pub policy_digest: String,
    /// Where the run's log is.
    pub url: Option<String>,
    /// The commit that was measured.
    pub commit: Option<String>,
    /// When the record was made, RFC 3339.
    pub created: String,
    /// True where every bound holds, not only the measured values.
    pub proven: bool,
}

impl Approval {
    fn refused(why: String) -> Self {
        Self {
            refusals: vec![why],
            ..Self::default()
        }
    }

    /// Whether it may ship.
    pub const fn is_given(&self) -> bool {
        self.refusals.is_empty()
    }

    /// What is to be attested; `None` where nothing is approved.
    pub fn statement(&self) -> Result<Option<Statement>, GateError> {
        let decided = self.decided.as_ref().filter(|_| self.is_given());
        Ok(decided.map(manifest::statement).transpose()?)
    }
}

/// Whether a record approves a release under the rules of today's files. A record that cannot be relied on approves nothing.
pub fn verify(
    side: &Side,
    bytes: &[u8],
    release: &Release,
    now: Timestamp,
) -> Result<Approval, GateError> {
    let record = match unseal(bytes) {
        Ok(record) => record,
        Err(why) => return Ok(Approval::refused(why.to_string())),
    };
    if let Some(part) = record.shard {
        return Ok(Approval::refused(format!(
            "the record is {} of a run, which has no verdict; `tunegate merge` joins the parts",
            part.in_words()
        )));
    }
    let mut approval = Approval {
        refusals: decided::identity(&record, release),
        ..Approval::default()
    };
    let here = (
        side.config.report.id.as_str(),
        release.repository.as_deref(),
    );
    let doubts = origin::doubts(&record, bytes, here)?;
    approval.refusals.extend(doubts);
    if record.source.dirty {
        let dirty = "the record is of files that were not committed";
        approval.remarks.push(dirty.to_owned());
    }
    let mut record = decided::narrowed(record, release);
    let decided = decided::decide(&side.config, &mut record, now);
    approval.refusals.extend(decided.refusals);
    approval.notes.extend(decided.notes);
    for agent in record.touched() {
        let today = today::held_against(side, agent, release.model.as_deref())?;
        approval.refusals.extend(today.refusals);
        approval.remarks.extend(today.remarks);
    }
    approval.decided = approved(side, &record, decided.proven)?;
    attest(side, release, &mut approval)?;
    Ok(approval)
}

/// The one agent that a record is about; `None` where it is about several.
fn approved(side: &Side, record: &RunRecord, proven: bool) -> Result<Option<Approved>, GateError> {
    let mut touched = record.touched();
    let (Some(agent), None) = (touched.next(), touched.next()) else {
        return Ok(None);
    };
    Ok(Some(Approved {
        agent: agent.name.clone(),
        model: agent.model.clone(),
        candidate_digest: agent.candidate_digest.clone(),
        record_digest: record.record_digest.clone(),
        suite_digest: agent.suite_digest.clone(),
        policy_digest: digest(&side.config.policy)?.to_string(),
        url: record.run.url.clone(),
        commit: record.source.commit.clone(),
        created: record.created.clone(),
        proven,
    }))
}

/// An attestation that is given has to hold, whether one is required or not.
fn attest(side: &Side, release: &Release, approval: &mut Approval) -> Result<(), GateError> {
    let required = side.config.release.require_attestation;
    let found = match (&release.attestation, &approval.decided) {
        (Some(attestation), Some(decided)) => {
            let takes = |branch: &str| side.config.baseline.takes(branch);
            attested::signer(attestation, decided, &takes)?
        }
        (Some(_), None) => Err("an attestation is about one agent; name it with `--agent`".to_owned()),
        (None, _) if required && !release.for_signing => Err(
            "UNATTESTED, and `release.require_attestation` wants an attestation; `--attested FILE` takes what `gh attestation \
             verify --format json` prints"
                .to_owned(),
        ),
        (None, _) => return Ok(()),
    };
    match found {
        Ok(signer) => approval.signer = Some(signer),
        Err(why) => approval.refusals.push(why),
    }
    Ok(())
}
