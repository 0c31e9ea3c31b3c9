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
    let (wanted, secrets) = (plan.providers_asked(), commits.secrets);
    let kept = Answers::KeptBelow(&settings.workspace);
    let providers = Providers::prepare(config, &wanted, head, world.variables, secrets).await?;
    Ok(providers.keeping_answers(config, kept, secrets))
}
