//! What an event's run is going to do: what it is held against, what of that need not be asked again, and which part of it
//! is done here.

use std::collections::BTreeMap;

use super::stored::{find, pinned, stores};
use super::telling::report_only;
use super::{Commits, Division, Settings, World};
use crate::edge::disk::{self, Journal};
use crate::edge::github::CommitSha;
use crate::gate::scene::Scene;
use crate::gate::{GateError, Parts, Plan};

/// The plan, and what a person should know about a part of it.
pub(super) async fn planned(
    world: World<'_>,
    scene: &Scene,
    commits: &Commits,
    baseline_at: Option<&CommitSha>,
    settings: &Settings,
) -> Result<(Plan, Option<String>), GateError> {
    let (mut baselines, mut stored) = (BTreeMap::new(), BTreeMap::new());
    // Where nothing but rules changes, nothing is held against a baseline.
    let rules_alone = scene.is_untouched();
    let found = if rules_alone {
        BTreeMap::new()
    } else {
        find(world, scene, commits, baseline_at).await?
    };
    for (name, found) in found {
        let baseline = found.map(|found| {
            stored.extend(found.stored.map(|stored| (name.clone(), stored)));
            found.baseline
        });
        baselines.insert(name, baseline);
    }
    let mut plan = scene.plan(baselines)?;
    if !rules_alone && commits.propose() {
        plan.pin(pinned(world, scene, commits).await?)?;
    }
    if commits.propose() {
        plan.unchanged = scene.unchanged();
    }
    plan.lower_budget(settings.max_cost)?;
    if commits.store_on.is_some() {
        plan.take_last_look();
    }
    plan.info = settings.info.clone();
    plan.info.report_only = report_only(scene, settings).map(str::to_owned);
    plan.source = commits.source.clone();
    let part = if rules_alone {
        None
    } else {
        divide(&mut plan, &settings.division)?
    };
    if !stored.is_empty() {
        // A folder that cannot be written costs memory, not the run.
        let spool = Journal::passing(&settings.out).unwrap_or_else(|_| Journal::in_memory());
        plan.reuse(stored, |name| scene.reuses(name), spool)?;
    }
    if commits.propose() && !rules_alone {
        plan.measure_old(scene)?;
    }
    if stores(scene, commits, settings) && settings.division == Division::Whole {
        plan.measure_base_models(&scene.base_models())?;
    }
    Ok((plan, part))
}

/// Makes of the plan of a whole run what is done of it here; says what a person should know about a part.
fn divide(plan: &mut Plan, division: &Division) -> Result<Option<String>, GateError> {
    match division {
        Division::Whole => Ok(None),
        Division::Part(shard) => plan.take_part(*shard).map(Some),
        Division::Join(folder) => {
            plan.parts = Some(Parts::read(&disk::files_named("run.json", folder)?)?);
            Ok(None)
        }
    }
}

impl Commits {
    /// Whether they are a change that is still to be merged: a pull request, or a group of a merge queue.
    const fn propose(&self) -> bool {
        self.base.is_some() && self.store_on.is_none()
    }

    /// Why no commit is known at or before which a record would be a baseline.
    pub(super) const fn why_nothing_is_before(&self) -> &'static str {
        if self.base.is_some() {
            "the two commits have no common ancestor"
        } else {
            "this push names no commit before it, as one does that makes a branch"
        }
    }
}
