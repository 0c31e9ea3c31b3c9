//! The stored baselines of an event: found for what is held against them, written by a push that passed.

use std::collections::BTreeMap;

use super::{BaselineMode, Commits, Settings, World};
use crate::agent::AgentName;
use crate::baseline::Baseline;
use crate::edge::github::{BranchStore, CommitSha};
use crate::gate::baselines::{self, Wanted};
use crate::gate::scene::Scene;
use crate::gate::{GateError, Ledger};

/// Agents whose present model has no record are measured too: a baseline that is missing is made up for.
pub(super) async fn with_unmeasured(
    world: World<'_>,
    mut scene: Scene,
    at: &CommitSha,
) -> Result<Scene, GateError> {
    let wanted: Vec<Wanted<'_>> = scene
        .untouched()
        .map(|stand| Wanted {
            name: &stand.agent.name,
            candidate: stand.candidate.as_ref().ok(),
        })
        .collect();
    let store = BranchStore::new(world.github, scene.baseline_branch()?);
    let found = baselines::find(
        world.github,
        &store,
        &scene.deciding.config.report.id,
        &wanted,
        at,
    )
    .await?;
    for (name, baseline) in found {
        if let Err(why) = baseline {
            scene.also_ask(&name, &why);
        }
    }
    Ok(scene)
}

pub(super) async fn find(
    world: World<'_>,
    scene: &Scene,
    at: Option<&CommitSha>,
    names: Vec<&AgentName>,
) -> Result<BTreeMap<AgentName, Result<Baseline, String>>, GateError> {
    let Some(at) = at else {
        let why = || Err("the two commits have no common ancestor".to_owned());
        return Ok(names
            .into_iter()
            .map(|name| (name.clone(), why()))
            .collect());
    };
    let config = &scene.deciding.config;
    let branch = scene.baseline_branch()?;
    let wanted: Vec<Wanted<'_>> = names
        .into_iter()
        .map(|name| Wanted {
            name,
            candidate: scene.stored_candidate(name),
        })
        .collect();
    let store = BranchStore::new(world.github, branch);
    baselines::find(world.github, &store, &config.report.id, &wanted, at).await
}

pub(super) async fn store(
    world: World<'_>,
    scene: &Scene,
    ledger: &Ledger<'_>,
    commits: &Commits,
    settings: &Settings,
) -> Result<Vec<String>, GateError> {
    let config = &scene.deciding.config;
    let on_branch = commits
        .store_on
        .as_deref()
        .is_some_and(|branch| config.baseline.takes(branch));
    if settings.baseline == BaselineMode::Read || !on_branch {
        return Ok(Vec::new());
    }
    let files = baselines::files_of(ledger)?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = ledger
        .record()
        .touched()
        .map(|agent| agent.name.as_str())
        .collect();
    let message = format!("Baseline of {} at {}", names.join(", "), commits.head);
    BranchStore::new(world.writer, scene.baseline_branch()?)
        .put(&files, &message)
        .await?;
    Ok(files.into_iter().map(|file| file.path).collect())
}
