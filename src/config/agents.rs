//! Agents: names, locators of model IDs, prompts, data, suites; defaults applied.

use std::collections::BTreeMap;

use super::locator::locator;
use super::raw::{RawAgent, RawDefaults, RawParameters, RawSystem};
use super::settings::Provider;
use crate::agent::{
    Agent, AgentName, Defaults, Lines, ModelLocator, Own, OwnParameters, Parameters, SystemPrompt,
};
use crate::problem::{shown, unknown};
use crate::yaml::{Spot, glob, repository_path};

/// What agents fall back to, and what they may name.
pub(super) struct Fallback<'a> {
    pub(super) defaults: Defaults,
    /// Every provider's name, also of those that could not be read.
    provider_names: Vec<&'a str>,
}

impl<'a> Fallback<'a> {
    pub(super) fn new(root: &Spot<'a>, raw: Option<RawDefaults>) -> Self {
        let raw = raw.unwrap_or_default();
        let names: Vec<_> = root
            .child("providers")
            .entries()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let only = match names.as_slice() {
            [only] => Some((*only).to_owned()),
            [] | [_, _, ..] => None,
        };
        let spot = root.child("defaults");
        if let Some(provider) = &raw.provider {
            known_provider(&spot.child("provider"), provider, &names);
        }
        let parameters = Parameters {
            temperature: raw.temperature.map(|value| value.0),
            max_tokens: raw.max_tokens.map(|value| value.0),
            top_p: raw.top_p.map(|value| value.0),
            seed: raw.seed,
            stop: raw.stop.unwrap_or_default(),
            presence_penalty: raw.presence_penalty.map(|value| value.0),
            frequency_penalty: raw.frequency_penalty.map(|value| value.0),
        };
        Self {
            defaults: Defaults {
                provider: raw.provider.or(only),
                parameters,
            },
            provider_names: names,
        }
    }
}

impl Fallback<'_> {
    /// Reports a name that no provider has.
    pub(super) fn known(&self, spot: &Spot<'_>, name: &str) {
        known_provider(spot, name, &self.provider_names);
    }
}

fn known_provider(spot: &Spot<'_>, name: &str, known: &[&str]) {
    if !known.contains(&name) {
        spot.report(unknown("provider", name, known));
    }
}

pub(super) fn agents(list: &Spot<'_>, fallback: &Fallback<'_>) -> Vec<Agent> {
    let read = |(name, spot): (&str, Spot<'_>)| {
        let valid = AgentName::new(name);
        if valid.is_none() {
            list.report_key(
                name,
                format!("`{}` is no name for an agent; write letters, digits, `-`, `_` and `.`, at most 64, no `.` first", shown(name)),
            );
        }
        agent(&spot, fallback, valid)
    };
    list.entries().into_iter().filter_map(read).collect()
}

fn agent(spot: &Spot<'_>, fallback: &Fallback<'_>, name: Option<AgentName>) -> Option<Agent> {
    let raw: RawAgent = spot.read()?;
    let Fallback {
        defaults,
        provider_names,
    } = fallback;
    if let Some(provider) = &raw.provider {
        known_provider(&spot.child("provider"), provider, provider_names);
    } else if !spot.has("provider") && defaults.provider.is_none() && !provider_names.is_empty() {
        let message = format!(
            "the agent has no provider; add `provider` here or to `defaults`: {}",
            provider_names.join(", ")
        );
        spot.report(message);
    }
    if !spot.has("suite") {
        spot.report("the agent has no suite; add `suite`, such as `suite: suites/qa_agent.yaml`");
    }
    let locator = locator(&spot.child("model"), raw.model);
    let system = raw
        .system
        .and_then(|raw| system(&spot.child("system"), raw));
    let training_data = globs(&spot.child("training_data"));
    let validation_data = globs(&spot.child("validation_data"));
    let suite = raw
        .suite
        .and_then(|path| inside(&spot.child("suite"), &path));
    let agent = Agent {
        name: name?,
        provider: String::new(),
        locator: locator?,
        system,
        parameters: Parameters::default(),
        own: Own {
            provider: raw.provider,
            parameters: own(raw.parameters.unwrap_or_default()),
        },
        lines: lines(spot),
        base_model: raw.base_model,
        training_data,
        validation_data,
        suite: suite?,
    };
    Some(agent.under(defaults))
}

fn lines(spot: &Spot<'_>) -> Lines {
    let line = |spot: Spot<'_>| spot.place().line as u64;
    let model = spot.child("model");
    Lines {
        model: line(model.present("id").unwrap_or(model)),
        system: spot.present("system").map(line),
        parameters: spot.present("parameters").map(line),
    }
}

pub(super) fn inside(spot: &Spot<'_>, path: &str) -> Option<String> {
    repository_path(spot.file(), path)
        .map_err(|why| spot.report(why))
        .ok()
}

fn own(raw: RawParameters) -> OwnParameters {
    OwnParameters {
        temperature: raw.temperature.map(|value| value.0),
        max_tokens: raw.max_tokens.map(|value| value.0),
        top_p: raw.top_p.map(|value| value.0),
        seed: raw.seed,
        stop: raw.stop,
        presence_penalty: raw.presence_penalty.map(|value| value.0),
        frequency_penalty: raw.frequency_penalty.map(|value| value.0),
    }
}

fn globs(spot: &Spot<'_>) -> Vec<String> {
    let read = |item: &Spot<'_>| {
        let pattern = inside(item, item.node()?.as_text()?)?;
        glob(&pattern).map_err(|why| item.report(why)).ok()?;
        Some(pattern)
    };
    spot.items().iter().filter_map(read).collect()
}

fn system(spot: &Spot<'_>, raw: RawSystem) -> Option<SystemPrompt> {
    match (spot.has("text"), spot.has("file")) {
        (true, true) => {
            spot.report("a system prompt has `text` or `file`, here are both; keep one");
        }
        (false, false) => spot.report("the system prompt is empty; add `text` or `file`"),
        (true, false) | (false, true) => {}
    }
    match (raw.text, raw.file) {
        (_, Some(file)) => inside(&spot.child("file"), &file).map(SystemPrompt::File),
        (Some(text), None) => Some(SystemPrompt::Text(text)),
        (None, None) => None,
    }
}

/// Reports agents whose model is known here, has no price and would be paid for, where a cost budget needs one.
pub(super) fn unpriced(
    list: &Spot<'_>,
    agents: &[Agent],
    providers: &BTreeMap<String, Provider>,
    prices: &super::Prices,
) {
    for agent in agents {
        let paid = matches!(providers.get(&agent.provider), Some(Provider::OpenAi(_)));
        if let (true, ModelLocator::Id(id)) = (paid, &agent.locator)
            && prices.price_of(id).is_none()
        {
            let spot = list.child(agent.name.as_str()).child("model").child("id");
            let id = shown(id);
            spot.report(format!("`run.budget.cost` needs a price, and none matches `{id}`; add a pattern to `prices.models`"));
        }
    }
}
