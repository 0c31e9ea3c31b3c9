//! The stored baselines of an event: found for what is held against them, written by a push that passed.

use std::collections::BTreeMap;

use super::{BaselineMode, Commits, Settings, StoredBaselines, World};
use crate::agent::AgentName;
use crate::config::{KeptAnswers, Store};
use crate::edge::CommitSha;
use crate::edge::github::{BranchStore, Revised};
use crate::gate::baselines::{self, Found, FoundByAgent, Wanted};
use crate::gate::data::Examined;
use crate::gate::deposit::{Keep, base_models, deposit_of, measured, message, passed};
use crate::gate::lock::{lock_path, locked, stored_lock, with_models};
use crate::gate::publish::with_causes;
use crate::gate::record_name::Series;
use crate::gate::record_store::RecordStore;
use crate::gate::scene::Scene;
use crate::gate::{GateError, Ledger};
use crate::record::Lock;
use crate::report::Answers;

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
            words: false,
        })
        .collect();
    let store = records(world, &scene, at).await?;
    let gate_id = &scene.deciding.config.report.id;
    let found = baselines::find(&store, gate_id, &wanted, at).await?;
    for (name, baseline) in found {
        if let Err(why) = baseline {
            scene.also_ask(&name, &why);
        }
    }
    Ok(scene)
}

/// The baselines of all agents of the deciding side; of those that are asked with their words, and with the records of
/// their base models.
pub(super) async fn find(
    world: World<'_>,
    scene: &Scene,
    commits: &Commits,
    at: Option<&CommitSha>,
) -> Result<FoundByAgent, GateError> {
    let Some(at) = at else {
        let stands = &scene.deciding.stands;
        let names = stands.iter().map(|stand| &stand.agent.name);
        let why = || Err(commits.why_nothing_is_before().to_owned());
        return Ok(names.map(|name| (name.clone(), why())).collect());
    };
    let config = &scene.deciding.config;
    let base_models = scene.base_models();
    let wanted = scene.wanted(&base_models);
    let store = records(world, scene, &commits.deciding).await?;
    baselines::find(&store, &config.report.id, &wanted, at).await
}

/// The records that the configuration pins.
pub(super) async fn pinned(
    world: World<'_>,
    scene: &Scene,
    commits: &Commits,
) -> Result<BTreeMap<AgentName, Found>, GateError> {
    let config = &scene.deciding.config;
    let Some(commit) = &config.baseline.pinned else {
        return Ok(BTreeMap::new());
    };
    let store = records(world, scene, &commits.deciding).await?;
    let names: Vec<&AgentName> = scene
        .asked()
        .filter(|name| scene.deciding.stand(name).is_some())
        .collect();
    baselines::pinned(&store, &config.report.id, &names, commit).await
}

/// Where the deciding side keeps baselines, as the commit that decides has them.
async fn records<'w>(
    world: World<'w>,
    scene: &Scene,
    deciding: &CommitSha,
) -> Result<RecordStore<'w>, GateError> {
    let store = &scene.deciding.config.baseline.store;
    RecordStore::remote((world.github, world.remote), store, deciding).await
}

/// A folder of the repository is written by people: a workflow that wants a run to write it has misunderstood.
pub(super) fn refuse_to_write(scene: &Scene, settings: &Settings) -> Result<(), GateError> {
    match &scene.deciding.config.baseline.store {
        Store::Path(folder) if settings.baseline == BaselineMode::Write => {
            Err(GateError::Usage(format!(
                "the input `baseline: write` does not fit `baseline.store: path`: no run writes below `{folder}/`. Remove the \
             input; `tunegate baseline accept run.json` writes the files, and a person commits them"
            )))
        }
        Store::Path(_) | Store::Branch(_) => Ok(()),
    }
}

/// Whether this run stores what it measures.
pub(super) fn stores(scene: &Scene, commits: &Commits, settings: &Settings) -> bool {
    let config = &scene.deciding.config;
    let on_branch = commits.store_on.as_deref();
    settings.baseline != BaselineMode::Read
        && on_branch.is_some_and(|branch| config.baseline.takes(branch))
        && matches!(config.baseline.store, Store::Branch(_))
}

pub(super) async fn store(
    world: World<'_>,
    scene: &Scene,
    ledger: &Ledger<'_>,
    commits: &Commits,
    settings: &Settings,
) -> Result<StoredBaselines, GateError> {
    let config = &scene.deciding.config;
    if commits.source.event == "schedule" {
        return Ok(drift(world, scene, ledger, settings).await);
    }
    let on_branch = commits
        .store_on
        .as_deref()
        .is_some_and(|branch| config.baseline.takes(branch));
    let names = passed(ledger.record());
    if settings.baseline == BaselineMode::Read || !on_branch || names.is_empty() {
        return Ok(StoredBaselines::default());
    }
    let branch = match &config.baseline.store {
        Store::Branch(branch) => branch,
        Store::Path(folder) => return Ok(by_hand(folder, &names)),
    };
    let keep = keep(config.baseline.answers, commits.answers);
    let base_models = base_models(ledger.record());
    let all: Vec<&AgentName> = names.iter().copied().chain(base_models).collect();
    let deposit = deposit_of(ledger, &all, (Series::Baselines, keep))?;
    let message = message(
        ledger.record().touched().map(|agent| &agent.name),
        &commits.head,
    );
    let models = locked(&scene.deciding.config, ledger.record());
    let lock = Revised {
        path: lock_path(&config.report.id),
        revise: &|former| with_models(former, &models),
    };
    BranchStore::new(world.writer, branch)
        .put(&deposit.files, Some(&lock), &message)
        .await?;
    Ok(StoredBaselines {
        paths: deposit.files.into_iter().map(|file| file.path).collect(),
        notices: deposit.notices,
        ..StoredBaselines::default()
    })
}

/// Keeps what a run by the clock measured for the history that people look at. Nothing depends on it: where it cannot be
/// stored, that is said.
async fn drift(
    world: World<'_>,
    scene: &Scene,
    ledger: &Ledger<'_>,
    settings: &Settings,
) -> StoredBaselines {
    let record = ledger.record();
    let names = measured(record);
    let Store::Branch(branch) = &scene.deciding.config.baseline.store else {
        return StoredBaselines::default();
    };
    if settings.baseline == BaselineMode::Read || names.is_empty() {
        return StoredBaselines::default();
    }
    let all: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let at = record.source.commit.as_deref().unwrap_or_default();
    let message = format!("Measured again: {} at {at}", all.join(", "));
    let storing = async {
        let deposit = deposit_of(ledger, &names, (Series::Drift, Keep::Digests))?;
        let branch = BranchStore::new(world.writer, branch);
        branch.put(&deposit.files, None, &message).await?;
        Ok::<_, GateError>(deposit)
    };
    match storing.await {
        Ok(deposit) => StoredBaselines {
            drift: deposit.files.into_iter().map(|file| file.path).collect(),
            ..StoredBaselines::default()
        },
        Err(why) => StoredBaselines {
            notices: vec![format!(
                "this run is not in `tunegate baseline history`: {}. Give the job `contents: write`, or the input `baseline: \
                 read` where no history is wanted",
                with_causes(&why)
            )],
            ..StoredBaselines::default()
        },
    }
}

/// How a person keeps what this run measured.
fn by_hand(folder: &str, names: &[&AgentName]) -> StoredBaselines {
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let notice = format!(
        "nothing was written, for baselines are kept in the repository (`baseline.store: path`): to make this run the \
         baseline of {}, download its run.json, run `tunegate baseline accept run.json`, and commit the files below \
         `{folder}/`",
        names.join(", ")
    );
    StoredBaselines {
        notices: vec![notice],
        ..StoredBaselines::default()
    }
}

/// What was said before of models that were baselines; it is asked for only where an agent names data.
pub(super) async fn lock(
    world: World<'_>,
    scene: &Scene,
    commits: &Commits,
    examined: &Examined,
) -> Result<Lock, GateError> {
    if examined.is_empty() {
        return Ok(Lock::default());
    }
    let store = records(world, scene, &commits.deciding).await?;
    stored_lock(&store, &scene.deciding.config.report.id).await
}

/// Who may read the repository may read its branch of baselines.
const fn keep(configured: KeptAnswers, by_visibility: Answers) -> Keep {
    match (configured, by_visibility) {
        (KeptAnswers::Keep, _) | (KeptAnswers::Auto, Answers::Excerpts) => Keep::Answers,
        (KeptAnswers::Digests, _) | (KeptAnswers::Auto, Answers::Hidden) => Keep::Digests,
    }
}
