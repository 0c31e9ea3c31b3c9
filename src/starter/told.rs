//! What a person is told about a proposal: what was found, what was guessed, and what only that person can do.

use std::collections::BTreeSet;

use serde::Serialize;

use super::agents::{Found, Unnamed};
use super::configuration::{Parts, System, system_of};
use super::rows::{DataFile, Purpose};
use super::sighting::{ABOVE, ON_LINE, ONLY};
use super::{CODE_OWNERS, WORKFLOW};

/// Lines for people, in their order. Texts of the repository stand in them as they are: whoever prints them escapes them.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// What the repository says.
    pub found: Vec<String>,
    /// What it does not say for sure.
    pub guessed: Vec<String>,
    /// What is left to do.
    pub must_do: Vec<String>,
}

/// More lines than a person reads.
const MOST: usize = 100;

/// Suites with the number of questions drafted; none where the suite is there already.
pub(super) type Drafts = [(String, Option<usize>)];

pub(super) fn told(
    parts: &Parts,
    unnamed: &Unnamed,
    drafts: &Drafts,
    paths: &BTreeSet<String>,
) -> Told {
    let mut told = Told::default();
    for (agent, (suite, questions)) in parts.agents.iter().zip(drafts) {
        told.agent(agent);
        if questions.is_none() {
            let name = &agent.name;
            told.found.push(format!(
                "{suite}: is there, and is taken as the suite of {name}"
            ));
        }
    }
    told.suites(parts, drafts);
    told.providers(parts);
    for one in &unnamed.models {
        told.must_do.push(format!(
            "say whose model {} is ({}:{}): nothing near it names an agent",
            one.id, one.path, one.line
        ));
    }
    for file in &unnamed.data {
        told.must_do.push(format!(
            "say whose data {} is, under `training_data` or `validation_data`",
            file.path
        ));
    }
    for path in paths.iter().filter(|path| is_of_another_tool(path)) {
        told.found.push(format!("{path}: tests of another tool; they are not read, copy what you want to keep into a suite"));
    }
    told.at_the_end(parts, paths);
    for lines in [&mut told.found, &mut told.guessed, &mut told.must_do] {
        let more = lines.len().saturating_sub(MOST);
        if more > 0 {
            lines.truncate(MOST);
            lines.push(format!("and {more} more"));
        }
    }
    told
}

impl Told {
    fn agent(&mut self, agent: &Found) {
        let name = &agent.name;
        match agent.model() {
            Some(model) => {
                let line = format!(
                    "{}:{} → {name}: {} (named by {})",
                    model.sighting.path, model.sighting.line, model.sighting.id, model.by
                );
                let is_guess = [ABOVE, ON_LINE, ONLY].contains(&model.by);
                if is_guess { &mut self.guessed } else { &mut self.found }.push(line);
            }
            None if agent.models.is_empty() => self.must_do.push(format!(
                "{name}: no model ID was found for its data; write where it stands, and remove the `#` before its lines"
            )),
            None => self.must_do.push(format!(
                "{name}: no pattern leads to its model ID alone ({}); move it into a file of its own",
                places(agent)
            )),
        }
        for other in agent.copies() {
            self.guessed.push(format!(
                "{name}: {}:{} holds the same model ID; a change there alone is not noticed",
                other.sighting.path, other.sighting.line
            ));
        }
        for rival in agent.rivals() {
            let found = &rival.sighting;
            let line = format!(
                "{name}: {}:{} holds another model ID, {}",
                found.path, found.line, found.id
            );
            if agent.is_contested() || found.locator.is_none() {
                self.must_do
                    .push(format!("{line}; choose the one that is in production"));
            } else {
                self.guessed
                    .push(format!("{line}; it is taken for an old one"));
            }
        }
        for file in &agent.data {
            self.found.push(data(name, file));
        }
        match system_of(agent) {
            System::File(path) => self
                .guessed
                .push(format!("{name}: {path} is its system prompt, by its name")),
            System::Text(_) => self.guessed.push(format!(
                "{name}: the system prompt of its data is the one it is asked with"
            )),
            System::Unknown if agent.prompts.len() > 1 => {
                self.must_do.push(format!(
                    "{name}: choose its system prompt among {}",
                    agent.prompts.join(", ")
                ));
            }
            System::Unknown => {}
        }
    }

    fn suites(&mut self, parts: &Parts, drafts: &Drafts) {
        let asked = parts
            .agents
            .iter()
            .zip(drafts)
            .filter(|(agent, _)| agent.model().is_some());
        let (mut drafted, mut empty) = (Vec::new(), Vec::new());
        for (_, (suite, questions)) in asked {
            match questions {
                None => {}
                Some(0) => empty.push(suite.clone()),
                Some(count) => drafted.push(format!("{suite} ({count})")),
            }
        }
        if !drafted.is_empty() {
            let suites = drafted.join(", ");
            self.must_do.push(format!("read the questions drafted from validation data, say what good answers hold, remove `draft: true`; they are committed, so look for personal data as well: {suites}"));
        }
        if !empty.is_empty() {
            let suites = empty.join(", ");
            self.must_do.push(format!(
                "write questions, none could be taken from validation data: {suites}"
            ));
        }
    }

    fn providers(&mut self, parts: &Parts) {
        for provider in &parts.chosen.providers {
            let (name, url) = (&provider.name, &provider.base_url);
            if provider.invented {
                self.must_do.push(format!(
                    "say who answers: `providers.{name}.base_url` is made up ({url})"
                ));
            } else {
                self.guessed
                    .push(format!("{name} ({url}) answers: {}", provider.because));
            }
            for (header, _) in provider.headers.iter().filter(|(_, value)| value.is_none()) {
                self.must_do.push(format!(
                    "{name}: the header {header} was not copied; add it if the server needs it"
                ));
            }
            if let Some(key) = &provider.key {
                self.must_do.push(format!("store the key as the secret {key} of the repository (Settings, Secrets and variables, Actions)"));
            }
        }
        for other in &parts.chosen.left {
            self.guessed.push(format!(
                "{}:{} names the server {}; no agent asks it",
                other.path, other.line, other.base_url
            ));
        }
    }

    fn at_the_end(&mut self, parts: &Parts, paths: &BTreeSet<String>) {
        if parts.branch != "main" {
            self.guessed.push(format!(
                "{} is the branch that pull requests are merged into",
                parts.branch
            ));
        }
        self.must_do.push(format!(
            "{WORKFLOW}: replace COMMIT_SHA with the commit of the release that you reviewed"
        ));
        match code_owners(paths) {
            Some(path) => self.must_do.push(format!(
                "{path}: let a team own /tunegate.yaml, /suites/ and /{WORKFLOW}, so that a change of the gate needs its approval"
            )),
            None => self.must_do.push(format!("{CODE_OWNERS}: put the team in that may change the gate")),
        }
        self.must_do.push("`tunegate check`, then a pull request; require the check `model quality` in the branch rules".to_owned());
    }
}

/// The file of code owners that is there, if one is. GitHub reads the first of these only.
pub(super) fn code_owners(paths: &BTreeSet<String>) -> Option<&'static str> {
    let places = [CODE_OWNERS, "CODEOWNERS", "docs/CODEOWNERS"];
    places.into_iter().find(|path| paths.contains(*path))
}

fn places(agent: &Found) -> String {
    let places = agent
        .models
        .iter()
        .map(|one| format!("{}:{}", one.sighting.path, one.sighting.line));
    places.collect::<Vec<_>>().join(", ")
}

fn data(name: &str, file: &DataFile) -> String {
    let purpose = match file.purpose {
        Purpose::Training => "training",
        Purpose::Validation => "validation",
    };
    let more = if file.more { "more than " } else { "" };
    format!(
        "{} → {name}: {purpose} data, {more}{} rows ({})",
        file.path,
        file.rows,
        file.format.name()
    )
}

fn is_of_another_tool(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.starts_with("promptfooconfig.")
        || file.ends_with(".prompt.yml")
        || file.ends_with(".prompt.yaml")
}
