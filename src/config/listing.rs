//! Everything in a configuration that the base decides, key by key and with defaults applied: what a pull request
//! changes of it is told. The candidates are no part of it, and no value that may be a key is ever shown.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::keys::holds_a_key;
use super::settings::{OpenAi, Provider, Store};
use super::{Config, Policy};
use crate::agent::Agent;
use crate::change::{Rules, Worth};
use crate::corpus::Code;
use crate::judge::Rubric;

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
        listing.judge(self);
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
        for code in Code::ALL {
            self.set(&["audit", code.as_str()], config.audit.severity(code));
        }
        self.set(&["audit", "context_length"], config.audit.context_length);
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

    fn judge(&mut self, config: &Config) {
        let Some(configured) = &config.judge else {
            return;
        };
        let judge = &configured.judge;
        self.set(&["judge", "provider"], &judge.provider);
        self.set(&["judge", "model"], &judge.model);
        self.set(&["judge", "votes"], judge.votes);
        self.set(
            &["judge", "dimensions"],
            judge.dimensions().collect::<Vec<_>>(),
        );
        for rubric in &judge.rubrics {
            let built_in = Rubric::built_in(&rubric.dimension);
            if built_in.as_ref() != Some(rubric) {
                self.set(
                    &["judge", "rubric", rubric.dimension.as_str()],
                    &rubric.text,
                );
            }
        }
        self.set(&["judge", "temperature"], judge.parameters.temperature);
        self.set(&["judge", "max_tokens"], judge.parameters.max_tokens);
        self.time(&["judge", "timeout"], judge.timeout);
        self.set(&["judge", "allow_self"], configured.allow_self);
        let moving = configured.allow_moving_alias;
        self.set(&["judge", "allow_moving_alias"], moving);
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
        self.set(&["report", "calibration"], &config.report.calibration);
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

#[cfg(test)]
mod tests {
    use crate::change::rule_changes;
    use crate::config::read;

    /// Every key that the base decides, none of them at its default.
    const ALL: &str = "\
version: 1
providers:
  acme:
    kind: openai
    base_url: https://one.example/v1
    api_key_env: ONE
    headers: {x-team: one}
    extra_body: {top_k: 1}
    concurrency: 2
    requests_per_second: 3.5
    tokens_per_minute: 4000
  kept: {kind: replay, path: one}
prices: {currency: EUR, models: {'m*': {input_per_mtok: 1, output_per_mtok: 2}}}
defaults: {provider: acme, timeout: 7s, temperature: 0.1, max_tokens: 11, top_p: 0.2, seed: 5, stop: [one], presence_penalty: 0.3, frequency_penalty: 0.4}
agents:
  qa: {model: {id: m}, base_model: one, training_data: [one/*], validation_data: [val/*], suite: one.yaml}
run: {samples: 2, budget: {cost: 1.5, tokens: 100}, deadline: 3m, retries: 1, retry_delay: 9ms, cache: one, cache_size: 1MB}
gate: {floor: 8.5, max_drop: 0.6, latency_p95: 8s, on_stale_model: fail}
baseline: {branch: one, branches: [one], mode: measure, pinned: abc1234, answers: keep}
audit: {secret: warn, ignore: [{code: duplicate-row, path: one/*, reason: one}]}
release: {max_age: 4d, require_proven: false, require_attestation: true}
report: {id: one, comment: never, answers: none, calibration: one.json}
accept: {permission: admin, expires: 5d}
judge: {provider: acme, model: m-grader-2411, votes: 5, dimensions: [quality, tone], rubric: {tone: kind}, temperature: 0.6, max_tokens: 12, timeout: 6m, allow_self: true, allow_moving_alias: true}
";

    fn changed(from: &str, to: &str) -> Vec<String> {
        assert_eq!(ALL.matches(from).count(), 1, "{from}");
        let rules = |text: &str| read("tunegate.yaml", text.as_bytes()).unwrap().rules();
        let changes = rule_changes(&rules(ALL), &rules(&ALL.replace(from, to)));
        changes.into_iter().map(|(rule, _)| rule.key).collect()
    }

    #[test]
    fn a_change_of_each_key_is_told_by_its_path() {
        for (from, to, key) in [
            ("one.example", "two.example", "providers.acme.base_url"),
            ("ONE", "TWO", "providers.acme.api_key_env"),
            (
                "x-team: one",
                "x-team: two",
                "providers.acme.headers.x-team",
            ),
            ("top_k: 1", "top_k: 2", "providers.acme.extra_body.top_k"),
            (
                "concurrency: 2",
                "concurrency: 3",
                "providers.acme.concurrency",
            ),
            ("3.5", "3.6", "providers.acme.requests_per_second"),
            ("4000", "5000", "providers.acme.tokens_per_minute"),
            ("path: one}", "path: two}", "providers.kept.path"),
            ("EUR", "USD", "prices.currency"),
            (
                "output_per_mtok: 2",
                "output_per_mtok: 3",
                "prices.models.\"m*\"",
            ),
            ("timeout: 7s", "timeout: 8s", "defaults.timeout"),
            (
                "temperature: 0.1",
                "temperature: 0.2",
                "defaults.temperature",
            ),
            ("max_tokens: 11", "max_tokens: 12", "defaults.max_tokens"),
            ("top_p: 0.2", "top_p: 0.3", "defaults.top_p"),
            ("seed: 5", "seed: 6", "defaults.seed"),
            ("stop: [one]", "stop: [two]", "defaults.stop"),
            (
                "presence_penalty: 0.3",
                "presence_penalty: 0.4",
                "defaults.presence_penalty",
            ),
            (
                "frequency_penalty: 0.4",
                "frequency_penalty: 0.5",
                "defaults.frequency_penalty",
            ),
            ("base_model: one", "base_model: two", "agents.qa.base_model"),
            ("[one/*]", "[two/*]", "agents.qa.training_data"),
            ("[val/*]", "[two/*]", "agents.qa.validation_data"),
            ("one.yaml", "two.yaml", "agents.qa.suite"),
            ("samples: 2", "samples: 3", "run.samples"),
            ("cost: 1.5", "cost: 1.6", "run.budget.cost"),
            ("tokens: 100", "tokens: 200", "run.budget.tokens"),
            ("deadline: 3m", "deadline: 4m", "run.deadline"),
            ("retries: 1", "retries: 2", "run.retries"),
            ("9ms", "10ms", "run.retry_delay"),
            ("cache: one", "cache: two", "run.cache"),
            ("1MB", "2MB", "run.cache_size"),
            ("floor: 8.5", "floor: 8.6", "gate.floor"),
            ("max_drop: 0.6", "max_drop: 0.7", "gate.max_drop"),
            ("latency_p95: 8s", "latency_p95: 9s", "gate.latency_p95"),
            (
                "on_stale_model: fail",
                "on_stale_model: warn",
                "gate.on_stale_model",
            ),
            ("branch: one", "branch: two", "baseline.branch"),
            ("branches: [one]", "branches: [two]", "baseline.branches"),
            ("mode: measure", "mode: stored", "baseline.mode"),
            ("pinned: abc1234", "pinned: abd1234", "baseline.pinned"),
            ("answers: keep", "answers: auto", "baseline.answers"),
            ("secret: warn", "secret: fail", "audit.secret"),
            ("reason: one", "reason: two", "audit.ignore"),
            ("max_age: 4d", "max_age: 5d", "release.max_age"),
            (
                "require_proven: false",
                "require_proven: true",
                "release.require_proven",
            ),
            (
                "require_attestation: true",
                "require_attestation: false",
                "release.require_attestation",
            ),
            ("id: one", "id: two", "report.id"),
            ("comment: never", "comment: always", "report.comment"),
            ("answers: none", "answers: auto", "report.answers"),
            (
                "calibration: one.json",
                "calibration: two.json",
                "report.calibration",
            ),
            (
                "permission: admin",
                "permission: write",
                "accept.permission",
            ),
            ("expires: 5d", "expires: 6d", "accept.expires"),
            ("m-grader-2411", "m-grader-2501", "judge.model"),
            ("votes: 5", "votes: 3", "judge.votes"),
            ("tone: kind", "tone: warm", "judge.rubric.tone"),
            ("temperature: 0.6", "temperature: 0.7", "judge.temperature"),
            ("max_tokens: 12", "max_tokens: 13", "judge.max_tokens"),
            ("timeout: 6m", "timeout: 5m", "judge.timeout"),
            ("allow_self: true", "allow_self: false", "judge.allow_self"),
            (
                "allow_moving_alias: true",
                "allow_moving_alias: false",
                "judge.allow_moving_alias",
            ),
        ] {
            assert_eq!(changed(from, to), [key], "{from} to {to}");
        }
    }

    #[test]
    fn an_agent_follows_the_default_provider_of_its_own_side() {
        assert_eq!(
            changed("provider: acme, timeout", "provider: kept, timeout"),
            ["agents.qa.provider", "defaults.provider"]
        );
    }

    #[test]
    fn the_candidate_is_no_rule() {
        assert_eq!(changed("{id: m}", "{id: m2}"), Vec::<String>::new());
        let asked = "{id: m}, system: {text: x}, parameters: {temperature: 1}";
        assert_eq!(changed("{id: m}", asked), Vec::<String>::new());
    }
}
