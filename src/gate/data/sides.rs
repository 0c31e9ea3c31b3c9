//! An agent's data before a change and now: which globs cover it, which files differ.

use super::listing::{Globs, Listed, Listing};
use crate::agent::{Agent, AgentName};
use crate::edge::EntryKind;
use crate::gate::scene::Scene;

/// The globs of an agent before the change and now. Data that the change moves out of the globs is still looked at.
pub(super) struct AgentGlobs {
    pub(super) name: AgentName,
    pub(super) training: Sides,
    pub(super) validation: Sides,
}

impl AgentGlobs {
    /// The training and the validation data. Files that are named for both are validation data: globs such as `data/**` are
    /// meant that way.
    pub(super) fn pick(&self, before: Option<&Listing>, now: &Listing) -> (TwoSides, TwoSides) {
        let mut training = self.training.pick(before, now);
        let mut validation = self.validation.pick(before, now);
        // What hides a folder hides it from both.
        let named_twice = |path: &String, file: &Listed, other: &Listing| {
            file.kind == EntryKind::File && other.contains_key(path)
        };
        // What the change takes out of the globs for validation and puts into those for training is trained on.
        let becomes_training = |path: &str, kind| {
            self.training.own.cover(path, kind) && !self.validation.own.cover(path, kind)
        };
        validation.now.retain(|path, file| {
            !(named_twice(path, file, &training.now) && becomes_training(path, file.kind))
        });
        training
            .now
            .retain(|path, file| !named_twice(path, file, &validation.now));
        if let (Some(own), Some(other)) = (&mut training.before, &validation.before) {
            own.retain(|path, file| !named_twice(path, file, other));
        }
        (training, validation)
    }
}

/// Globs of one purpose.
pub(super) struct Sides {
    before: Globs,
    /// Those of both sides.
    now: Globs,
    /// Those of the side that is judged alone.
    own: Globs,
}

impl Sides {
    fn of(before: Option<&[String]>, now: Option<&[String]>) -> Self {
        let (old, new) = (before.unwrap_or_default(), now.unwrap_or_default());
        // An agent that is new looks at data that may have been there before it.
        let before = before.or(now).unwrap_or_default();
        Self {
            before: Globs::of(before),
            now: Globs::of(old.iter().chain(new)),
            own: Globs::of(new),
        }
    }

    fn pick(&self, before: Option<&Listing>, now: &Listing) -> TwoSides {
        let before = before.map(|before| self.before.pick(before));
        let mut now = self.now.pick(now);
        // What the change touches is looked at, also where it leaves the globs; what only leaves them is gone from the data.
        now.retain(|path, file| {
            let was = before.as_ref().and_then(|before| before.get(path));
            self.own.cover(path, file.kind) || was != Some(file)
        });
        TwoSides { before, now }
    }
}

/// Files of one purpose on both sides.
pub(super) struct TwoSides {
    pub(super) before: Option<Listing>,
    pub(super) now: Listing,
}

impl TwoSides {
    /// The files that are there and were not, or were otherwise.
    pub(super) fn changed(&self) -> impl Iterator<Item = &String> {
        let before = self.before.as_ref();
        let differs = move |(path, file): &(&String, &Listed)| {
            before.is_some_and(|before| before.get(*path) != Some(*file))
        };
        self.now.iter().filter(differs).map(|(path, _)| path)
    }

    /// The files that were there and are not, or are otherwise.
    pub(super) fn former(&self) -> impl Iterator<Item = (&String, &Listed)> {
        let before = self.before.iter().flatten();
        before.filter(|(path, file)| self.now.get(*path) != Some(*file))
    }

    pub(super) fn is_changed(&self, path: &str) -> bool {
        let before = self.before.as_ref();
        before.is_some_and(|before| before.get(path) != self.now.get(path))
    }

    pub(super) fn differ(&self) -> bool {
        self.changed().next().is_some() || self.former().next().is_some()
    }
}

/// The globs of all agents that name data.
pub(super) fn globs(scene: &Scene) -> Vec<AgentGlobs> {
    let agents = scene.judged.stands.iter().map(|judged| {
        let base = scene
            .deciding
            .stand(&judged.agent.name)
            .map(|stand| &stand.agent);
        let globs = |of: fn(&Agent) -> &Vec<String>| {
            Sides::of(
                base.map(|agent| of(agent).as_slice()),
                Some(of(&judged.agent).as_slice()),
            )
        };
        AgentGlobs {
            name: judged.agent.name.clone(),
            training: globs(|agent| &agent.training_data),
            validation: globs(|agent| &agent.validation_data),
        }
    });
    let names_data =
        |agent: &AgentGlobs| !agent.training.now.is_empty() || !agent.validation.now.is_empty();
    agents.filter(names_data).collect()
}

/// The globs of both sides together.
pub(super) fn all_globs(scene: &Scene) -> Globs {
    let stands = scene.deciding.stands.iter().chain(&scene.judged.stands);
    Globs::of(stands.flat_map(|stand| {
        let agent = &stand.agent;
        agent.training_data.iter().chain(&agent.validation_data)
    }))
}
