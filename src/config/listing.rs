//! Everything in a configuration that the base decides, key by key and with defaults applied: what a pull request
//! changes of it is told. The candidates are no part of it, and no value that may be a key is ever shown.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::keys::holds_a_key;
use super::settings::{OpenAi, Provider, Store};
use super::{Config, Policy, Severity};
use crate::agent::Agent;
use crate::change::{Rules, Worth};

/// Findings of the audit that block where the configuration does not say otherwise; the others are told.
const BLOCKING_FINDINGS: [&str; 4] = ["broken-row", "secret", "contamination", "leakage"];

impl Config {
    /// The rules of this configuration.
    pub fn rules(&self) -> Rules {
        let mut listing = Listing(Rules::default());
        listing.0.set_policy(&self.policy);
        listing.providers(self);
        listing.defaults(self);
        listing.agents(self);
        listing.prices(self);
        listing.run(self);
        listing.baseline(self);
        listing.audit(self);
        listing.rest(self);
        listing.0
    }
}

/// The rules of the gate alone.
pub fn gate_rules(policy: &Policy) -> Rules {
    let mut rules = Rules::default();
    rules.set_policy(policy);
    rules
}

struct Listing(Rules);

impl Listing {
    fn set(&mut self, path: &[&str], value: impl Serialize) {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        let worth = if may_hold_a_key(&value) {
            Worth::Hidden(value)
        } else {
            Worth::Plain(value)
        };
        self.0.set(path, worth);
    }

    fn time(&mut self, path: &[&str], time: Duration) {
        self.0.set(path, Worth::Time(time));
    }

    fn providers(&mut self, config: &Config) {
        for (name, provider) in &config.providers {
            match provider {
                Provider::OpenAi(api) => self.api(name, api),
                Provider::Replay { path } => {
                    self.set(&["providers", name, "kind"], "replay");
                    self.set(&["providers", name, "path"], path);
                }
            }
        }
    }

    fn api(&mut self, name: &str, api: &OpenAi) {
        let mut set = |key: &str, value: Value| self.set(&["providers", name, key], value);
        set("kind", json!("openai"));
        set("base_url", json!(api.base_url));
        set("api_key_env", json!(api.api_key_env));
        set("concurrency", json!(api.concurrency));
        set("requests_per_second", json!(api.requests_per_second));
        set("tokens_per_minute", json!(api.tokens_per_minute));
        let headers = api.headers.iter();
        let headers = headers.map(|(header, value)| ("headers", header, json!(value)));
        let body = api.extra_body.iter();
        let body = body.map(|(key, value)| ("extra_body", key, value.clone()));
        for (part, key, value) in headers.chain(body) {
            let path = ["providers", name, part, key];
            self.0.set(&path, Worth::Hidden(value));
        }
    }

    fn defaults(&mut self, config: &Config) {
        self.set(&["defaults", "provider"], &config.defaults.provider);
        self.time(&["defaults", "timeout"], config.run.timeout);
        let parameters = serde_json::to_value(&config.defaults.parameters);
        if let Ok(Value::Object(parameters)) = parameters {
            for (name, value) in parameters {
                self.set(&["defaults", &name], value);
            }
        }
    }

    fn agents(&mut self, config: &Config) {
        for agent in &config.agents {
            // Agents of a pull request are kept under its base's defaults; after the merge its own apply.
            let Agent {
                name,
                provider,
                base_model,
                training_data,
                validation_data,
                suite,
                ..
            } = agent.under(&config.defaults);
            let mut set = |key: &str, value: Value| {
                self.set(&["agents", name.as_str(), key], value);
            };
            set("provider", json!(provider));
            set("base_model", json!(base_model));
            set("suite", json!(suite));
            set("training_data", listed(&training_data));
            set("validation_data", listed(&validation_data));
        }
    }

    fn prices(&mut self, config: &Config) {
        self.set(&["prices", "currency"], &config.prices.currency);
        for price in &config.prices.models {
            let (input, output) = (price.input_per_mtok, price.output_per_mtok);
            let text = format!("{input} in, {output} out");
            self.set(&["prices", "models", &price.pattern], text);
        }
        let patterns = config.prices.models.iter().map(|price| &price.pattern);
        self.set(&["prices", "order"], patterns.collect::<Vec<_>>());
    }

    fn run(&mut self, config: &Config) {
        let run = &config.run;
        // One of the two says how often a case is asked.
        if run.looks.is_empty() {
            self.set(&["run", "samples"], run.samples);
        } else {
            self.set(&["run", "looks"], &run.looks);
        }
        self.set(&["run", "budget", "cost"], run.budget_cost);
        self.set(&["run", "budget", "tokens"], run.budget_tokens);
        self.time(&["run", "deadline"], run.deadline);
        self.set(&["run", "retries"], run.retries);
        self.time(&["run", "retry_delay"], run.retry_delay);
        self.set(&["run", "cache"], &run.cache);
        self.set(&["run", "cache_size"], run.cache_size);
    }

    fn baseline(&mut self, config: &Config) {
        let baseline = &config.baseline;
        let (store, place, key) = match &baseline.store {
            Store::Branch(branch) => ("branch", branch, "branch"),
            Store::Path(path) => ("path", path, "path"),
        };
        self.set(&["baseline", "store"], store);
        self.set(&["baseline", key], place);
        self.set(&["baseline", "branches"], &baseline.branches);
        self.set(&["baseline", "mode"], baseline.mode);
        self.set(&["baseline", "pinned"], &baseline.pinned);
        self.set(&["baseline", "answers"], baseline.answers);
    }

    fn audit(&mut self, config: &Config) {
        for code in BLOCKING_FINDINGS {
            self.set(&["audit", code], "fail");
        }
        for (code, severity) in &config.audit.severities {
            // Told is what every other finding is: writing that out is no change.
            let is_default =
                *severity == Severity::Warn && !BLOCKING_FINDINGS.contains(&code.as_str());
            if !is_default {
                self.set(&["audit", code], severity);
            }
        }
        for (at, entry) in config.audit.ignore.iter().enumerate() {
            let earlier = config.audit.ignore.iter().take(at);
            let same = earlier.filter(|one| (&one.code, &one.path) == (&entry.code, &entry.path));
            let place = format!("{} {} {}", entry.code, entry.path, same.count());
            let value = json!({
                "code": entry.code,
                "path": entry.path,
                "reason": entry.reason,
                "until": entry.until.map(|day| day.to_string()),
            });
            self.set(&["audit", "ignore", &place], value);
        }
    }

    fn rest(&mut self, config: &Config) {
        self.time(&["release", "max_age"], config.release.max_age);
        self.set(
            &["release", "require_proven"],
            config.release.require_proven,
        );
        let attested = config.release.require_attestation;
        self.set(&["release", "require_attestation"], attested);
        self.set(&["report", "id"], &config.report.id);
        self.set(&["report", "comment"], config.report.comment(None));
        self.set(&["report", "answers"], config.report.answers);
        self.set(&["accept", "permission"], config.accept.permission);
        self.time(&["accept", "expires"], config.accept.expires);
    }
}

/// An empty list is none.
fn listed(items: &[String]) -> Value {
    if items.is_empty() {
        Value::Null
    } else {
        json!(items)
    }
}

fn may_hold_a_key(value: &Value) -> bool {
    match value {
        Value::String(text) => holds_a_key(text),
        Value::Array(items) => items.iter().any(may_hold_a_key),
        Value::Object(members) => members.values().any(may_hold_a_key),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
