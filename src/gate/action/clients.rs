//! The clients of an event's run.

use super::{Commits, Settings, World};
use crate::gate::providers::{Answers, Recordings};
use crate::gate::scene::Scene;
use crate::gate::{Files, GateError, Plan, Providers};

/// Clients, and their keys, only of providers that are asked something.
pub(super) async fn prepared(
    world: World<'_>,
    scene: &Scene,
    plan: &Plan,
    (before, head): (Option<&Files<'_>>, &Files<'_>),
    commits: &Commits,
    settings: &Settings,
) -> Result<Providers, GateError> {
    let config = &scene.deciding.config;
    let kept = Answers::KeptBelow(&settings.workspace);
    let known = (world.variables, commits.secrets);
    let recordings = match before {
        Some(before) if commits.base.as_ref() == Some(&commits.deciding) => {
            Recordings::of_change(scene, before, head)
        }
        // A push is judged by its own rules.
        Some(_) | None => Recordings::of(head),
    };
    Providers::of(plan, config, recordings, known, kept).await
}
