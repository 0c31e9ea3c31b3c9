//! Whether a record comes from where records may come from, and says the same in all of its parts.

use serde::Deserialize;
use serde_json::Value;

use crate::gate::GateError;
use crate::record::RunRecord;
use crate::score::digest;

/// The part of a record that names the rules of its run, as it is written.
#[derive(Deserialize)]
struct Rules {
    policy: Value,
    policy_digest: String,
}

/// What speaks against relying on a record of a gate, whatever it measured.
pub(super) fn doubts(
    record: &RunRecord,
    bytes: &[u8],
    (gate_id, repository): (&str, Option<&str>),
) -> Result<Vec<String>, GateError> {
    let mut doubts: Vec<String> = stranger(record, repository).into_iter().collect();
    if record.gate_id != gate_id {
        doubts.push(format!(
            "the record is of the gate `{}`; `report.id` here is `{gate_id}`",
            record.gate_id
        ));
    }
    // A newer version adds keys: only what is written can be held against its digest.
    if let Ok(rules) = serde_json::from_slice::<Rules>(bytes)
        && !rules.policy_digest.is_empty()
        && digest(&rules.policy)?.to_string() != rules.policy_digest
    {
        doubts.push("the record's `policy_digest` is not that of its `policy`".to_owned());
    }
    Ok(doubts)
}

/// A pull request from a fork brings prompts and answers that nobody of the repository has looked at.
fn stranger(record: &RunRecord, repository: Option<&str>) -> Option<String> {
    let source = &record.source;
    source.pull_request?;
    let own = repository.or_else(|| own_repository(record));
    match (source.head_repo.as_deref(), own) {
        (Some(head), Some(own)) if head.eq_ignore_ascii_case(own) => None,
        (Some(head), _) => Some(format!(
            "the record is of a pull request from the fork {head}; merge it, and the run on the push makes one that counts"
        )),
        (None, _) => Some(
            "the record is of a pull request from a fork that is gone; merge it, and the run on the push makes one that counts"
                .to_owned(),
        ),
    }
}

/// The repository whose workflow ran: `acme/models/.github/workflows/gate.yml@refs/heads/main`.
fn own_repository(record: &RunRecord) -> Option<&str> {
    let workflow = record.run.workflow_ref.as_deref()?;
    let (owner, rest) = workflow.split_once('/')?;
    let (name, _) = rest.split_once('/')?;
    workflow.get(..owner.len() + 1 + name.len())
}
