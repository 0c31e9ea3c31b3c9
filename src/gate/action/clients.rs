//! The clients of an event's run.

use super::{Commits, Settings, World};
use crate::gate::providers::Answers;
use crate::gate::scene::Scene;
use crate::gate::{Files, GateError, Plan, Providers};

/// Clients, and their keys, only of providers that are asked something.
pub(super) async fn prepared(
    world: World<'_>,
    scene: &Scene,
    (plan, head): (&Plan, &Files<'_>),
    commits: &Commits,
    settings: &Settings,
) -> Result<Providers, GateError> {
    let config = &scene.deciding.config;
    let kept = Answers::KeptBelow(&settings.workspace);
    let known = (world.variables, commits.secrets);
    Providers::of(plan, config, head, known, kept).await
}
