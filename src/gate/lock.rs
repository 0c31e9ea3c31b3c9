//! `tunegate.lock` beside the stored baselines: which model is said to be made from which data.

use super::GateError;
use super::record_store::RecordStore;
use crate::config::Config;
use crate::record::{AgentRecord, Lock, LockedModel, RunRecord};

/// Where the lock of a gate lies among them.
pub(super) fn lock_path(gate_id: &str) -> String {
    format!("v1/{gate_id}/tunegate.lock")
}

/// What the stored lock of a gate says; an empty one where there is none.
pub(super) async fn stored_lock(store: &RecordStore<'_>, gate_id: &str) -> Result<Lock, GateError> {
    let path = lock_path(gate_id);
    let bytes = store.read(&path).await?;
    lock_of(bytes.as_deref(), &store.shown(&path))
}

/// What the bytes of a lock say, which people know by this path.
pub(super) fn lock_of(bytes: Option<&[u8]>, shown: &str) -> Result<Lock, GateError> {
    let Some(bytes) = bytes else {
        return Ok(Lock::default());
    };
    Lock::read(bytes).map_err(|why| {
        GateError::Usage(format!(
            "{shown} among the stored baselines cannot be read: {why}; restore or remove it"
        ))
    })
}

/// The models that a run makes baselines, as the lock has them.
pub(super) fn locked(config: &Config, record: &RunRecord) -> Vec<LockedModel> {
    // An agent that names no data has nothing to be said about.
    let says_something =
        |agent: &&AgentRecord| agent.score.is_some() && agent.data.digest.is_some();
    let measured = record.touched().filter(says_something);
    let models = measured.map(|agent| LockedModel {
        agent: agent.name.clone(),
        model: agent.model.clone(),
        data: agent.data.trained_on.clone(),
        origin: agent.data.origin,
        base_model: config
            .agent(agent.name.as_str())
            .and_then(|configured| configured.base_model.clone()),
        date: record.created.clone(),
        commit: record.source.commit.clone(),
        job: agent.data.job.clone(),
    });
    models.collect()
}

/// The text of a lock with further models. One that cannot be read is somebody's to mend, and is left as it is.
pub(super) fn with_models(former: Option<&[u8]>, models: &[LockedModel]) -> Option<Vec<u8>> {
    if models.is_empty() {
        return None;
    }
    let mut lock = match former {
        None => Lock::default(),
        Some(bytes) => Lock::read(bytes).ok()?,
    };
    for model in models {
        lock.add(model.clone());
    }
    lock.text().ok().map(String::into_bytes)
}
