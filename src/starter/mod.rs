//! What a repository holds already, and the files with which a team starts: a configuration, draft suites, a workflow.
//!
//! Reads what somebody else opened; every text it writes is one that `tunegate check` accepts. What is sure is written
//! down, what is guessed is said to be, and what only a person can know is asked for.

mod agents;
mod code;
mod configuration;
mod endpoint;
mod interest;
mod line;
mod name;
mod provider;
mod rows;
mod service;
mod sighting;
mod suite_file;
mod told;
pub(crate) mod written;

use std::collections::{BTreeMap, BTreeSet};

use agents::Unnamed;
use configuration::{Parts, System, suite_path, system_of};
use endpoint::Endpoint;
use interest::{is_prompt, most_read};
use rows::{DataFile, Purpose};
use service::{SERVICES, Service};
use sighting::{Sighting, has_ending};
pub use told::Told;

/// The paths of the files that are proposed, besides suites.
pub const CONFIG: &str = "tunegate.yaml";
/// The workflow.
pub const WORKFLOW: &str = ".github/workflows/model-quality.yml";
/// Who must review what.
pub const CODE_OWNERS: &str = ".github/CODEOWNERS";
/// What git leaves alone.
pub const IGNORED: &str = ".gitignore";

/// What is found in a repository, file by file.
#[derive(Debug)]
pub struct Survey {
    paths: BTreeSet<String>,
    sightings: Vec<Sighting>,
    data: Vec<DataFile>,
    endpoints: Vec<Endpoint>,
    services: Vec<(&'static Service, String)>,
    prompts: Vec<String>,
}

/// A file that is worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its path.
    pub path: String,
    /// How many bytes of it.
    pub most: usize,
}

/// What else there is to know.
pub struct Facts<'a> {
    /// The branch that pull requests are merged into.
    pub branch: &'a str,
    /// Whether a variable is set where this runs.
    pub is_set: &'a dyn Fn(&str) -> bool,
}

/// The files to start with, and what there is to say about them.
#[derive(Debug)]
pub struct Proposal {
    /// Paths and texts; suites that are there already are left out.
    pub files: Vec<(String, String)>,
    /// For the person who asked.
    pub told: Told,
    parts: Parts,
}

impl Survey {
    /// Of a repository with these files.
    pub fn new(paths: impl IntoIterator<Item = String>) -> Self {
        Self {
            paths: paths.into_iter().collect(),
            sightings: Vec::new(),
            data: Vec::new(),
            endpoints: Vec::new(),
            services: Vec::new(),
            prompts: Vec::new(),
        }
    }

    /// The files that should be read.
    pub fn wanted(&self) -> Vec<Wanted> {
        let wanted = self.paths.iter().filter_map(|path| {
            let most = most_read(path)?;
            let path = path.clone();
            Some(Wanted { path, most })
        });
        wanted.collect()
    }

    /// Takes in a file; `more` says that `bytes` are only its start.
    pub fn read(&mut self, path: &str, bytes: &[u8], more: bool) {
        if has_ending(path, &["jsonl"]) {
            self.data.extend(rows::data_file(path, bytes, more));
        } else if is_prompt(path) {
            let text = crate::yaml::text(path, bytes, "").ok().filter(|_| !more);
            let says_something = text.is_some_and(|text| !text.trim().is_empty());
            self.prompts.extend(says_something.then(|| path.to_owned()));
        } else if !more {
            self.sightings.extend(sighting::sightings(path, bytes));
            self.endpoints.extend(endpoint::endpoints(path, bytes));
            let text = String::from_utf8_lossy(bytes);
            let named = service::key_variables(&text);
            self.services.extend(
                named.map(|(service, line)| (service, format!("{} ({path}:{line})", service.key))),
            );
        }
    }

    /// The files to start with; `None` where neither a model ID nor data was found.
    pub fn proposal(mut self, facts: &Facts<'_>) -> Option<Proposal> {
        // Whoever is asked by address is as well known as by the name of a key.
        let by_address = self.endpoints.iter().filter_map(|one| {
            let service = SERVICES
                .iter()
                .find(|service| service.base_url == one.base_url)?;
            Some((service, format!("{}:{}", one.path, one.line)))
        });
        self.services.extend(by_address);
        let set = SERVICES
            .iter()
            .filter(|service| (facts.is_set)(service.key));
        let set = set.map(|service| {
            (
                service,
                format!("{} (set in your environment)", service.key),
            )
        });
        self.services.extend(set);
        let (agents, unnamed) = agents::agents(self.sightings, self.data, &self.prompts);
        if agents.is_empty() {
            return None;
        }
        let seen: Vec<_> = self
            .services
            .iter()
            .map(|(service, place)| (*service, place.as_str()))
            .collect();
        let parts = Parts {
            chosen: provider::choose(&agents, &self.endpoints, &seen),
            data: data_of(&agents, &unnamed),
            agents,
            branch: facts.branch.to_owned(),
        };
        Some(Proposal::new(parts, &unnamed, &self.paths))
    }
}

fn data_of(agents: &[agents::Found], unnamed: &Unnamed) -> Vec<(String, Purpose, String)> {
    let named = agents
        .iter()
        .flat_map(|agent| agent.data.iter().map(|file| (file, agent.name.clone())));
    let all = named.chain(unnamed.data.iter().map(|file| (file, String::new())));
    all.map(|(file, name)| (file.path.clone(), file.purpose, name))
        .collect()
}

impl Proposal {
    fn new(parts: Parts, unnamed: &Unnamed, paths: &BTreeSet<String>) -> Self {
        let mut files = Vec::new();
        let mut drafts = Vec::new();
        let all = parts.agents.iter().flat_map(|agent| &agent.data);
        let learned = suite_file::learned(all.chain(&unnamed.data));
        for agent in &parts.agents {
            let path = suite_path(&agent.name);
            if paths.contains(&path) {
                drafts.push((path, None));
                continue;
            }
            let has_system = !matches!(system_of(agent), System::Unknown);
            let (text, questions) = suite_file::draft(agent, &learned, has_system);
            drafts.push((path.clone(), Some(questions)));
            if agent.model().is_some() {
                files.push((path, text));
            }
        }
        files.push((WORKFLOW.to_owned(), parts.workflow()));
        if told::code_owners(paths).is_none() {
            files.push((CODE_OWNERS.to_owned(), CODE_OWNERS_TEXT.to_owned()));
        }
        files.push((IGNORED.to_owned(), "tunegate-out/\n".to_owned()));
        // Last: a configuration that is there says that the rest is.
        files.push((CONFIG.to_owned(), parts.text(&BTreeMap::new())));
        let told = told::told(&parts, unnamed, &drafts, paths);
        Self { files, told, parts }
    }

    /// The configuration with a floor for each agent, by name.
    pub fn with_floors(&self, floors: &BTreeMap<String, f64>) -> String {
        self.parts.text(floors)
    }

    /// Whether the configuration has an agent that can be asked.
    pub fn has_agents(&self) -> bool {
        self.parts
            .agents
            .iter()
            .any(|agent| agent.model().is_some())
    }
}

const CODE_OWNERS_TEXT: &str = "\
# Who must approve a change of the gate itself. Put your team in, remove the `#`, and require reviews of code owners.
# /tunegate.yaml                        @YOUR-ORGANISATION/YOUR-TEAM
# /suites/                              @YOUR-ORGANISATION/YOUR-TEAM
# /.github/workflows/model-quality.yml  @YOUR-ORGANISATION/YOUR-TEAM
";

/// The workflow for a branch and the variables of providers.
pub fn workflow<'a>(branch: &str, variables: impl Iterator<Item = &'a str>) -> String {
    let lines: Vec<String> = variables
        .map(|name| format!("          {name}: ${{{{ secrets.{name} }}}}\n"))
        .collect();
    let environment = if lines.is_empty() {
        String::new()
    } else {
        format!("        env:\n{}", lines.concat())
    };
    include_str!("templates/workflow.yml")
        .replace("BRANCH", &written::value(&literal(branch)))
        .replace("ENVIRONMENT\n", &format!("{environment}\n"))
        .trim_end()
        .to_owned()
        + "\n"
}

/// A branch's name where GitHub expects a pattern.
fn literal(branch: &str) -> String {
    branch.chars().fold(String::new(), |mut text, c| {
        if matches!(c, '*' | '?' | '+' | '[' | ']' | '!' | '\\') {
            text.push('\\');
        }
        text.push(c);
        text
    })
}

impl Parts {
    fn workflow(&self) -> String {
        let keys = self
            .chosen
            .providers
            .iter()
            .filter_map(|one| one.key.as_deref());
        let keys: BTreeSet<&str> = keys.collect();
        workflow(&self.branch, keys.into_iter())
    }
}

#[cfg(test)]
mod tests;
