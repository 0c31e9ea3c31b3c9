//! The clients of an event's run.

use super::{Commits, Settings, World};
use crate::gate::providers::Answers;
use crate::gate::scene::Scene;
use crate::gate::{Files, GateError, Providers};

/// The key is looked for before anything else: without it nothing needs to be read.
pub(super) async fn prepared(
    world: World<'_>,
    scene: &Scene,
    head: &Files<'_>,
    commits: &Commits,
    settings: &Settings,
) -> Result<Providers, GateError> {
    let config = &scene.deciding.config;
    let (wanted, secrets) = (scene.providers(), commits.secrets);
    let kept = Answers::KeptBelow(&settings.workspace);
    let providers = Providers::prepare(config, &wanted, head, world.variables, secrets).await?;
    Ok(providers.keeping_answers(config, kept, secrets))
}
