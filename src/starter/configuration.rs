//! The text of a configuration: what was found or guessed is in force, with the evidence beside it; an agent whose model
//! cannot be pointed at, and what was not chosen, are comments.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::agents::Found;
use super::provider::{Chosen, Provider};
use super::rows::{Purpose, is_private};
use super::written::{block, comment, list, pattern, value};
use crate::agent::ModelLocator;

/// Everything that the configuration says.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) agents: Vec<Found>,
    pub(super) chosen: Chosen,
    /// All data files: path, purpose, agent.
    pub(super) data: Vec<(String, Purpose, String)>,
    /// The branch whose pushes store baselines.
    pub(super) branch: String,
}

const HEAD: &str = "\
# yaml-language-server: $schema=https://raw.githubusercontent.com/tunegate/tunegate/main/schemas/config.json
# Drafted by `tunegate init` from what this repository holds. `tunegate check` tells whether it can be read.
version: 1
";

/// The longest system prompt that is written into the configuration; a longer one belongs into a file.
const MOST_SYSTEM: usize = 4_000;

impl Parts {
    /// The configuration, with a floor for each agent that was measured.
    pub(super) fn text(&self, floors: &BTreeMap<String, f64>) -> String {
        let mut text = HEAD.to_owned();
        text.push_str("providers:\n");
        for provider in &self.chosen.providers {
            self::provider(&mut text, provider);
        }
        for endpoint in &self.chosen.left {
            let (url, place) = (comment(&endpoint.base_url), comment(&endpoint.path));
            writeln!(
                text,
                "  # {place}:{} names another server, which no agent asks: {url}",
                endpoint.line
            )
            .ok();
        }
        let first = self.chosen.providers.first().map(|one| one.name.as_str());
        if let Some(first) = first.filter(|_| self.chosen.providers.len() > 1) {
            writeln!(text, "defaults: {{provider: {first}}}").ok();
        }
        text.push_str("agents:\n");
        for (agent, provider) in self.agents.iter().zip(&self.chosen.of_agents) {
            let own = Some(provider.as_str()).filter(|provider| Some(*provider) != first);
            let block = self.agent(agent, own);
            if agent.model().is_some() {
                text.push_str(&block);
            } else {
                commented(&mut text, &block);
            }
        }
        gate(&mut text, floors);
        if self.branch != "main" {
            writeln!(text, "baseline: {{branches: [{}]}}", value(&self.branch)).ok();
        }
        text
    }

    fn agent(&self, agent: &Found, provider: Option<&str>) -> String {
        let mut text = format!("  {}:\n", value(&agent.name));
        model(&mut text, agent);
        if let Some(provider) = provider {
            writeln!(text, "    provider: {provider}").ok();
        }
        system(&mut text, agent);
        for (key, purpose) in [
            ("training_data", Purpose::Training),
            ("validation_data", Purpose::Validation),
        ] {
            let globs = agent.globs(purpose, &self.data);
            if !globs.is_empty() {
                writeln!(text, "    {key}: {}", list(&globs)).ok();
            }
        }
        writeln!(text, "    suite: {}", value(&suite_path(&agent.name))).ok();
        text
    }
}

/// Where the suite of an agent lies.
pub(super) fn suite_path(agent: &str) -> String {
    format!("suites/{agent}.yaml")
}

fn provider(text: &mut String, provider: &Provider) {
    let because = comment(&provider.because);
    writeln!(text, "  {}:  # {because}", provider.name).ok();
    writeln!(
        text,
        "    kind: openai\n    base_url: {}",
        value(&provider.base_url)
    )
    .ok();
    if let Some(key) = &provider.key {
        writeln!(
            text,
            "    api_key_env: {}  # the name of the variable, never the key",
            value(key)
        )
        .ok();
    }
    if provider.headers.is_empty() {
        return;
    }
    if provider.headers.values().any(Option::is_some) {
        text.push_str("    headers:\n");
    }
    for (name, found) in &provider.headers {
        match found {
            Some(found) => writeln!(text, "      {}: {}", value(name), value(found)).ok(),
            None => writeln!(
                text,
                "    # The header {} is sent there too; its value was not copied.",
                comment(name)
            )
            .ok(),
        };
    }
}

fn model(text: &mut String, agent: &Found) {
    match agent.model() {
        Some(named) => {
            let found = &named.sighting;
            let place = format!("{}:{}", comment(&found.path), found.line);
            writeln!(
                text,
                "    # {} ({place}, named by {})",
                comment(&found.id),
                named.by
            )
            .ok();
            if let Some(locator) = &found.locator {
                writeln!(text, "    model: {}", locator_text(locator)).ok();
            }
        }
        None => text.push_str("    model: {file: WHERE-ITS-MODEL-ID-STANDS}\n"),
    }
    for rival in agent.rivals() {
        let found = &rival.sighting;
        let locator = found.locator.as_ref().map_or_else(
            || "no pattern leads there".to_owned(),
            |locator| format!("model: {}", locator_text(locator)),
        );
        let place = format!("{}:{}", comment(&found.path), found.line);
        writeln!(text, "    # or {} ({place}): {locator}", comment(&found.id)).ok();
    }
}

fn locator_text(locator: &ModelLocator) -> String {
    match locator {
        ModelLocator::Id(id) => format!("{{id: {}}}", value(id)),
        ModelLocator::File { path } => format!("{{file: {}}}", value(path)),
        ModelLocator::Pointer { path, pointer } => {
            format!("{{file: {}, pointer: {}}}", value(path), value(pointer))
        }
        ModelLocator::Pattern {
            path,
            pattern: shape,
        } => {
            format!(
                "{{file: {}, pattern: {}}}",
                value(path),
                pattern(shape.as_str())
            )
        }
    }
}

/// How an agent's system prompt is known.
pub(super) enum System<'a> {
    /// A file of its name.
    File(&'a str),
    /// All rows of its data have the same.
    Text(&'a str),
    /// Several files, a text too long to be copied, or none.
    Unknown,
}

pub(super) fn system_of(agent: &Found) -> System<'_> {
    match (agent.prompts.as_slice(), agent.shared_system()) {
        ([file], _) => System::File(file),
        ([], Some(text)) if text.chars().count() <= MOST_SYSTEM && !is_private(text) => {
            System::Text(text)
        }
        _ => System::Unknown,
    }
}

fn system(text: &mut String, agent: &Found) {
    match system_of(agent) {
        System::File(file) => {
            writeln!(text, "    system: {{file: {}}}", value(file)).ok();
        }
        System::Text(shared) => {
            text.push_str(
                "    # Every row of its data that was read begins with it.\n    system:\n",
            );
            writeln!(text, "      text: {}", block(shared, 8)).ok();
        }
        System::Unknown => {
            for file in &agent.prompts {
                writeln!(text, "    # system: {{file: {}}}", value(file)).ok();
            }
        }
    }
}

fn gate(text: &mut String, floors: &BTreeMap<String, f64>) {
    text.push_str(
        "gate:\n  max_drop: 0.5  # the largest drop against the stored baseline, in points of 10\n",
    );
    if floors.is_empty() {
        text.push_str("  # No floor yet: `tunegate init --measure` asks the models and proposes one for each agent.\n");
        return;
    }
    text.push_str(
        "  floors:  # a little below what each agent scored when this was written\n    agents:\n",
    );
    for (agent, floor) in floors {
        writeln!(text, "      {}: {floor:.1}", value(agent)).ok();
    }
}

fn commented(text: &mut String, block: &str) {
    for line in block.lines() {
        writeln!(text, "  # {}", line.strip_prefix("  ").unwrap_or(line)).ok();
    }
}
