//! Which agents a repository has, by the model IDs and the data that bear their names.

use std::collections::{BTreeMap, BTreeSet};

use super::name;
use super::rows::{DataFile, Purpose};
use super::sighting::{ABOVE, ONLY, Sighting};
use crate::agent::ModelLocator;

/// What is known of one agent.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) name: String,
    /// Where its model ID stands, and what else might be it, the better places first.
    pub(super) models: Vec<Named>,
    pub(super) data: Vec<DataFile>,
    /// Files that may hold its system prompt.
    pub(super) prompts: Vec<String>,
}

/// A model ID with the evidence for whose it is.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) sighting: Sighting,
    pub(super) by: &'static str,
}

/// What bears a name that belongs to nobody, where there are several agents.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    pub(super) models: Vec<Sighting>,
    pub(super) data: Vec<DataFile>,
}

/// The agents by name, and what could not be given to one.
pub(super) fn agents(
    sightings: Vec<Sighting>,
    data: Vec<DataFile>,
    prompts: &[String],
) -> (Vec<Found>, Unnamed) {
    let mut joined = Joined::default();
    let of_models = sightings.iter().flat_map(|one| &one.names);
    let of_models: BTreeSet<String> = of_models.map(|(name, _)| name::key(name)).collect();
    for file in data {
        // A name that a model has too goes first: `data/qa/batch.jsonl` is no data of an agent `batch`.
        let known = file
            .names
            .iter()
            .find(|name| of_models.contains(&name::key(name)));
        match known.or(file.names.first()).cloned() {
            Some(name) => joined.named(&name).data.push(file),
            None => joined.unnamed.data.push(file),
        }
    }
    // Whose data there is, before any model is given to somebody: an agent that only a line of code speaks of is no evidence
    // for the next line.
    let known: BTreeSet<String> = joined.agents.keys().cloned().collect();
    for sighting in sightings {
        match whose(&sighting, &known) {
            Some((name, by)) => joined.named(&name).models.push(Named { sighting, by }),
            None => joined.unnamed.models.push(sighting),
        }
    }
    let (mut agents, unnamed) = joined.finish();
    for agent in &mut agents {
        agent.models.sort_by_key(|one| rank(&one.sighting));
        let own = prompts.iter().filter(|path| {
            let named = name::of_path(path);
            named.is_some_and(|named| name::key(&named) == name::key(&agent.name))
        });
        agent.prompts = own.cloned().collect();
    }
    (agents, unnamed)
}

/// Whose a model ID is: what it is given to, else the nearest name that data has too, else the nearest name.
fn whose(sighting: &Sighting, known: &BTreeSet<String>) -> Option<(String, &'static str)> {
    let mut names = sighting.names.iter();
    if sighting.is_named {
        return names.next().cloned();
    }
    let of_data = |name: &str| known.contains(&name::key(name));
    let chosen = names.clone().find(|(name, _)| of_data(name));
    let chosen = chosen.or_else(|| names.next()).cloned();
    // What the ID itself says is worth more than a line above it.
    let parts = sighting.id.split([':', '/']).skip(1);
    let said: BTreeSet<String> = parts
        .filter_map(name::within)
        .filter(|name| of_data(name))
        .collect();
    match (&chosen, said.first()) {
        (None | Some((_, ABOVE)), Some(name)) if said.len() == 1 => {
            Some((name.clone(), "the model ID itself"))
        }
        _ => chosen,
    }
}

/// The name of the only agent of a repository in which nothing names one.
const ALONE: &str = "model";

#[derive(Default)]
struct Joined {
    agents: BTreeMap<String, (BTreeSet<String>, Found)>,
    unnamed: Unnamed,
}

impl Joined {
    fn named(&mut self, name: &str) -> &mut Found {
        let (names, found) = self.agents.entry(name::key(name)).or_default();
        names.insert(name.to_owned());
        found
    }

    fn finish(mut self) -> (Vec<Found>, Unnamed) {
        let nothing = self.unnamed.models.is_empty() && self.unnamed.data.is_empty();
        if self.agents.is_empty() && !nothing {
            self.named(ALONE);
        }
        let only = self.agents.len() == 1;
        if let Some((_, found)) = self.agents.values_mut().next().filter(|_| only) {
            let models = self.unnamed.models.iter();
            let different: BTreeSet<&str> = models.map(|one| one.id.as_str()).collect();
            // Several models are several agents, and nothing says which of them this one is.
            if different.len() == 1 {
                let by = ONLY;
                let models = std::mem::take(&mut self.unnamed.models).into_iter();
                found
                    .models
                    .extend(models.map(|sighting| Named { sighting, by }));
            }
            found.data.append(&mut self.unnamed.data);
        }
        let agents = self.agents.into_values().map(|(names, mut found)| {
            let longest = names
                .into_iter()
                .max_by_key(|name| (name.len(), name.clone()));
            found.name = longest.unwrap_or_default();
            found
        });
        (agents.collect(), self.unnamed)
    }
}

/// How well a place serves as the one that a training job writes to.
fn rank(sighting: &Sighting) -> (u8, String, usize) {
    let kind = match sighting.locator {
        Some(ModelLocator::File { .. }) => 0,
        Some(ModelLocator::Pointer { .. }) => 1,
        Some(ModelLocator::Pattern { .. } | ModelLocator::Id(_)) => 2,
        None => 3,
    };
    (kind, sighting.path.clone(), sighting.line)
}

impl Found {
    /// Where the configuration should look for the model ID.
    pub(super) fn model(&self) -> Option<&Named> {
        self.models
            .first()
            .filter(|one| one.sighting.locator.is_some())
    }

    /// Places that hold another model ID than the chosen one.
    pub(super) fn rivals(&self) -> impl Iterator<Item = &Named> {
        let chosen = self.models.first().map(|one| one.sighting.id.as_str());
        let others = self.models.iter().skip(1);
        others.filter(move |one| Some(one.sighting.id.as_str()) != chosen)
    }

    /// Other places that hold the chosen model ID.
    pub(super) fn copies(&self) -> impl Iterator<Item = &Named> {
        let chosen = self.models.first().map(|one| one.sighting.id.as_str());
        let others = self.models.iter().skip(1);
        others.filter(move |one| Some(one.sighting.id.as_str()) == chosen)
    }

    /// Whether another place has as good a claim, and another ID.
    pub(super) fn is_contested(&self) -> bool {
        let kind = |one: &Named| rank(&one.sighting).0;
        let best = self.models.first().map(kind);
        self.rivals().any(|one| Some(kind(one)) == best)
    }

    /// The globs of its files of a purpose. A folder that holds nothing else is named whole, so that tomorrow's file
    /// counts too; `all` are the data files of everybody.
    pub(super) fn globs(&self, purpose: Purpose, all: &[(String, Purpose, String)]) -> Vec<String> {
        let own = self.data.iter().filter(|file| file.purpose == purpose);
        let mut globs = BTreeSet::new();
        for file in own {
            let folder = file.path.rsplit_once('/').map(|(folder, _)| folder);
            let whole = folder.filter(|folder| {
                let mut beside = all.iter().filter(|(path, ..)| {
                    path.rsplit_once('/').map(|(other, _)| other) == Some(*folder)
                });
                beside.all(|(_, other, name)| *other == purpose && *name == self.name)
            });
            globs.insert(match whole {
                Some(folder) => format!("{folder}/*.jsonl"),
                None => file.path.clone(),
            });
        }
        globs.into_iter().collect()
    }

    /// The system prompt that all of its data has.
    pub(super) fn shared_system(&self) -> Option<&str> {
        let mut systems = self.data.iter().map(|file| file.system.as_deref());
        let first = systems.next()??;
        systems.all(|other| other == Some(first)).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::starter::rows::data_file;
    use crate::starter::sighting::sightings;

    const ROW: &[u8] = br#"{"prompt": "a", "completion": "b"}"#;

    fn data(path: &str) -> DataFile {
        data_file(path, ROW, false).unwrap()
    }

    fn places(agents: &[Found]) -> Vec<(&str, Option<&str>)> {
        agents
            .iter()
            .map(|one| {
                (
                    one.name.as_str(),
                    one.model().map(|model| model.sighting.path.as_str()),
                )
            })
            .collect()
    }

    #[test]
    fn a_model_belongs_to_the_data_that_bears_its_name() {
        let ids = sightings("config.yaml", b"models:\n  qa: ft:gpt-4o:a:b:c\n");
        let (agents, unnamed) = agents(ids, vec![data("data/qa_agent/train.jsonl")], &[]);
        assert_eq!(places(&agents), [("qa_agent", Some("config.yaml"))]);
        assert!(unnamed.models.is_empty());
    }

    #[test]
    fn a_folder_of_an_agent_holds_its_data_whatever_the_files_are_called() {
        let ids = sightings("models/qa.txt", b"ft:gpt-4o:a:b:c\n");
        let (agents, _) = agents(ids, vec![data("data/qa/kiwi.jsonl")], &[]);
        assert_eq!((agents.len(), agents[0].data.len()), (1, 1));
    }

    #[test]
    fn the_only_agent_has_what_nobody_is_named_for() {
        let ids = sightings("src/main.py", b"MODEL = \"ft:gpt-4o:a:b:c\"\n");
        let (agents, _) = agents(ids, vec![data("data/train.jsonl")], &[]);
        assert_eq!(agents.len(), 1);
        assert_eq!((agents[0].models.len(), agents[0].data.len()), (1, 1));
    }

    #[test]
    fn several_models_that_nothing_names_are_nobodys() {
        let list = b"- {model: 'ft:gpt-4o:a:b:1'}\n- {model: 'ft:gpt-4o:a:b:2'}\n";
        let (agents, unnamed) = agents(
            sightings("agents.yaml", list),
            vec![data("data/train.jsonl")],
            &[],
        );
        assert_eq!((agents[0].models.len(), unnamed.models.len()), (0, 2));
    }

    #[test]
    fn a_file_of_its_own_is_a_better_place_than_a_line_of_code() {
        let mut ids = sightings("src/agents.py", b"qa_agent = \"ft:gpt-4o:a:b:old\"\n");
        ids.extend(sightings("models/qa_agent.txt", b"ft:gpt-4o:a:b:new\n"));
        let (agents, _) = agents(ids, vec![], &[]);
        assert_eq!(places(&agents), [("qa_agent", Some("models/qa_agent.txt"))]);
        assert_eq!(agents[0].rivals().count(), 1);
        assert!(!agents[0].is_contested());
    }

    #[test]
    fn a_folder_is_named_whole_where_all_of_it_is_of_one_kind() {
        let files = [
            "data/qa/train_1.jsonl",
            "data/qa/train_2.jsonl",
            "data/legal/train.jsonl",
            "data/legal/val.jsonl",
        ];
        let all: Vec<_> = files
            .iter()
            .map(|path| {
                let file = data(path);
                (
                    file.path.clone(),
                    file.purpose,
                    file.names.first().cloned().unwrap_or_default(),
                )
            })
            .collect();
        let (agents, _) = agents(vec![], files.map(data).into(), &[]);
        let globs: Vec<_> = agents
            .iter()
            .map(|one| one.globs(Purpose::Training, &all))
            .collect();
        assert_eq!(
            globs,
            [vec!["data/legal/train.jsonl"], vec!["data/qa/*.jsonl"]]
        );
    }
}
