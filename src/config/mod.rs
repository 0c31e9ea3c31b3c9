//! `tunegate.yaml` into what the stages want: providers, agents, rules, settings, every default applied.
//!
//! A [`Config`] that exists is valid. Everything that is wrong in the file is said at once, each with its place and
//! what to write instead. Reads no file and no environment itself, and never shows what looks like a key.

mod accept;
mod agents;
mod data;
mod judge;
mod keys;
mod listing;
mod locator;
mod prices;
mod providers;
mod raw;
mod report;
mod rules;
mod sections;
mod settings;
#[cfg(test)]
mod tests;
mod units;

use std::collections::BTreeMap;

pub use crate::policy::{FloorRule, Floors, NoBaseline, Policy, Severity};
pub use accept::with_ignored;
pub use judge::Judge;
pub(crate) use keys::{holds_a_key, looks_like_a_key};
pub use listing::gate_rules;
pub use prices::{Price, Prices};
pub use report::{CommentWhen, Report, ShownAnswers};
pub use settings::{
    Accept, Baseline, BaselineMode, KeptAnswers, OpenAi, Permission, Provider, Release, Run, Store,
};

use crate::agent::{Agent, Defaults};
use crate::corpus::AuditRules;
use crate::problem::Problems;
use crate::yaml::{self, Log, Spot};

/// A valid configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from, relative to the repository's root.
    pub path: String,
    /// Who answers, by name.
    pub providers: BTreeMap<String, Provider>,
    /// What tokens cost.
    pub prices: Prices,
    /// What is tested, in the order of the file, defaults applied; at least one.
    pub agents: Vec<Agent>,
    /// What agents fall back to.
    pub defaults: Defaults,
    /// How a run asks.
    pub run: Run,
    /// The rules of the gate.
    pub policy: Policy,
    /// Where baselines are kept.
    pub baseline: Baseline,
    /// What the audit of training data does.
    pub audit: AuditRules,
    /// What `verify` asks of a record.
    pub release: Release,
    /// What is told, and when.
    pub report: Report,
    /// Who may accept a worse model.
    pub accept: Accept,
    /// Who grades, where somebody does.
    pub judge: Option<Judge>,
}

impl Config {
    /// The price of a model: of the first pattern that matches.
    pub fn price_of(&self, model: &str) -> Option<&Price> {
        self.prices.price_of(model)
    }

    /// The agent of that name.
    pub fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.name.as_str() == name)
    }
}

/// The configuration in a file, or every problem in it. The path is relative to the repository's root.
pub fn read(path: &str, bytes: &[u8]) -> Result<Config, Problems> {
    let large =
        "a configuration names data and suites by path; move what is in it to files of its own";
    let text = yaml::text(path, bytes, large)?;
    let tree = yaml::yaml(path, text)?;
    let log = Log::new(path);
    let config = sections::config(&Spot::root(&log, &tree));
    log.or(config)
}

/// The JSON Schema of the configuration, made from what the reader accepts.
pub fn schema() -> serde_json::Value {
    yaml::schema_of::<raw::RawConfig>()
}
