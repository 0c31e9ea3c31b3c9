//! Agents: names, locators of model IDs, prompts, data, suites; defaults applied.

use std::collections::BTreeMap;

use regex::RegexBuilder;

use super::raw::{RawAgent, RawDefaults, RawLocator, RawParameters, RawSystem};
use super::settings::Provider;
use crate::agent::{Agent, AgentName, ModelLocator, Parameters, SystemPrompt, model_id};
use crate::problem::{shown, unknown};
use crate::yaml::{Pointer, Spot, glob, repository_path};

/// What agents fall back to.
pub(super) struct Defaults<'a> {
    pub(super) provider: Option<String>,
    pub(super) parameters: Parameters,
    /// Every provider's name, also of those that could not be read.
    pub(super) provider_names: Vec<&'a str>,
}

impl<'a> Defaults<'a> {
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
        Self {
            provider: raw.provider.or(only),
            parameters: Parameters {
                temperature: raw.temperature.map(|value| value.0),
                max_tokens: raw.max_tokens.map(|value| value.0),
                top_p: raw.top_p.map(|value| value.0),
                seed: raw.seed,
                stop: raw.stop.unwrap_or_default(),
                presence_penalty: raw.presence_penalty.map(|value| value.0),
                frequency_penalty: raw.frequency_penalty.map(|value| value.0),
            },
            provider_names: names,
        }
    }
}

fn known_provider(spot: &Spot<'_>, name: &str, known: &[&str]) {
    if !known.contains(&name) {
        spot.report(unknown("provider", name, known));
    }
}

pub(super) fn agents(list: &Spot<'_>, defaults: &Defaults<'_>) -> Vec<Agent> {
    let read = |(name, spot): (&str, Spot<'_>)| {
        let valid = AgentName::new(name);
        if valid.is_none() {
            list.report_key(
                name,
                format!("`{}` is no name for an agent; write letters, digits, `-`, `_` and `.`, at most 64, no `.` first", shown(name)),
            );
        }
        agent(&spot, defaults, valid)
    };
    list.entries().into_iter().filter_map(read).collect()
}

fn agent(spot: &Spot<'_>, defaults: &Defaults<'_>, name: Option<AgentName>) -> Option<Agent> {
    let raw: RawAgent = spot.read()?;
    if let Some(provider) = &raw.provider {
        known_provider(&spot.child("provider"), provider, &defaults.provider_names);
    } else if !spot.has("provider")
        && defaults.provider.is_none()
        && !defaults.provider_names.is_empty()
    {
        let message = format!(
            "the agent has no provider; add `provider` here or to `defaults`: {}",
            defaults.provider_names.join(", ")
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
    Some(Agent {
        name: name?,
        provider: raw
            .provider
            .or_else(|| defaults.provider.clone())
            .unwrap_or_default(),
        locator: locator?,
        system,
        parameters: overridden(&defaults.parameters, raw.parameters.unwrap_or_default()),
        base_model: raw.base_model,
        training_data,
        validation_data,
        suite: suite?,
    })
}

fn inside(spot: &Spot<'_>, path: &str) -> Option<String> {
    repository_path(spot.file(), path)
        .map_err(|why| spot.report(why))
        .ok()
}

fn overridden(defaults: &Parameters, raw: RawParameters) -> Parameters {
    Parameters {
        temperature: raw
            .temperature
            .map(|value| value.0)
            .or(defaults.temperature),
        max_tokens: raw.max_tokens.map(|value| value.0).or(defaults.max_tokens),
        top_p: raw.top_p.map(|value| value.0).or(defaults.top_p),
        seed: raw.seed.or(defaults.seed),
        stop: raw.stop.unwrap_or_else(|| defaults.stop.clone()),
        presence_penalty: raw
            .presence_penalty
            .map(|value| value.0)
            .or(defaults.presence_penalty),
        frequency_penalty: raw
            .frequency_penalty
            .map(|value| value.0)
            .or(defaults.frequency_penalty),
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

fn locator(spot: &Spot<'_>, raw: RawLocator) -> Option<ModelLocator> {
    let refuse = |message: &str| {
        spot.report(message);
        None
    };
    match (
        spot.has("id"),
        spot.has("file"),
        spot.has("pointer"),
        spot.has("pattern"),
    ) {
        (true, true, ..) => {
            return refuse("a model ID stands in `id` or in `file`, here are both; keep one");
        }
        (false, false, ..) => {
            return refuse("nothing says where the model ID stands; add `id` or `file`");
        }
        (_, _, true, true) => {
            return refuse("`pointer` and `pattern` both look into the file; keep one");
        }
        (true, _, true, _) | (true, _, _, true) => {
            return refuse(
                "`pointer` and `pattern` look into a `file`, here is an `id`; remove them",
            );
        }
        (true, false, false, false) | (false, true, _, _) => {}
    }
    if let Some(id) = raw.id {
        let id = model_id(&id).map_err(|error| spot.child("id").report(error.to_string()));
        return id.ok().map(ModelLocator::Id);
    }
    let path = inside(&spot.child("file"), &raw.file?);
    match (raw.pointer, raw.pattern) {
        (Some(pointer), _) => {
            let valid = Pointer::new(&pointer).map_err(|why| spot.child("pointer").report(why));
            valid
                .ok()
                .and(path)
                .map(|path| ModelLocator::Pointer { path, pointer })
        }
        (None, Some(pattern)) => {
            let pattern = pattern_of(&spot.child("pattern"), &pattern);
            pattern
                .zip(path)
                .map(|(pattern, path)| ModelLocator::Pattern { path, pattern })
        }
        (None, None) if spot.has("pointer") || spot.has("pattern") => None,
        (None, None) => path.map(|path| ModelLocator::File { path }),
    }
}

fn pattern_of(spot: &Spot<'_>, pattern: &str) -> Option<regex::Regex> {
    let regex = match RegexBuilder::new(pattern).size_limit(1 << 20).build() {
        Ok(regex) => regex,
        Err(error) => {
            let reason = crate::suite::pattern_error(&error);
            spot.report(format!(
                "pattern `{}` does not compile: {reason}",
                shown(pattern)
            ));
            return None;
        }
    };
    let groups = regex.captures_len() - 1;
    if groups != 1 {
        let message = format!(
            "the pattern has {groups} capture groups; put parentheses around the model ID alone, and write `(?:…)` for others"
        );
        spot.report(message);
        return None;
    }
    Some(regex)
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
