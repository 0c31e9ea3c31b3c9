//! Which rules a pull request changes, key by key, defaults applied: writing a default out is no change. Whether one
//! lets more pass is decided in `direction`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::direction::direction;
use crate::agent::AgentName;
use crate::policy::Policy;
use crate::record::{RuleChange, RuleDirection};

/// Everything that the base decides, by key path, defaults applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules(BTreeMap<Vec<String>, Worth>);

/// What a rule says.
#[derive(Debug, Clone, PartialEq)]
pub enum Worth {
    /// A value that is shown as it is.
    Plain(Value),
    /// A time span.
    Time(Duration),
    /// A value that is compared and never shown.
    Hidden(Value),
}

/// Whom a changed rule touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concerns {
    /// Nobody: what is measured and decided now would be the same.
    Nobody,
    /// Every agent.
    Everybody,
    /// These agents.
    Agents(Vec<AgentName>),
}

impl Concerns {
    /// Whether it touches this agent.
    pub fn touches(&self, name: &AgentName) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::Agents(names) => names.contains(name),
        }
    }
}

impl Rules {
    /// Notes a rule. What says nothing is none.
    pub fn set(&mut self, path: &[&str], worth: Worth) {
        if !matches!(worth, Worth::Plain(Value::Null)) {
            let path = path.iter().map(|part| (*part).to_owned());
            self.0.insert(path.collect(), worth);
        }
    }

    /// Notes the rules of the gate.
    pub fn set_policy(&mut self, policy: &Policy) {
        let value = serde_json::to_value(policy).unwrap_or(Value::Null);
        self.flatten(&mut vec!["gate".to_owned()], value);
    }

    fn flatten(&mut self, path: &mut Vec<String>, value: Value) {
        let Value::Object(map) = value else {
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            match (parts.as_slice(), value.as_u64()) {
                (["gate", "latency_p95_ms"], Some(time)) => {
                    let time = Worth::Time(Duration::from_millis(time));
                    self.set(&["gate", "latency_p95"], time);
                }
                (parts, _) => self.set(parts, Worth::Plain(value)),
            }
            return;
        };
        for (key, value) in map {
            path.push(key);
            self.flatten(path, value);
            path.pop();
        }
    }

    fn get(&self, path: &[&str]) -> Option<&Worth> {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        self.0.get(&path)
    }

    /// The agents that are asked through each provider.
    fn asked_through(&self) -> impl Iterator<Item = (&str, AgentName)> {
        self.0.iter().filter_map(|(path, worth)| {
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            match (parts.as_slice(), worth) {
                (["agents", name, "provider"], Worth::Plain(Value::String(provider))) => {
                    Some((provider.as_str(), AgentName::new(*name)?))
                }
                _ => None,
            }
        })
    }
}

/// The agents that are asked through each provider, on either side.
type Asked<'a> = BTreeMap<&'a str, BTreeSet<AgentName>>;

/// Every rule that differs, with whom it touches; those that let more pass come first.
pub fn rule_changes(old: &Rules, new: &Rules) -> Vec<(RuleChange, Concerns)> {
    let mut paths: Vec<&Vec<String>> = old.0.keys().chain(new.0.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut asked = Asked::new();
    for (provider, agent) in old.asked_through().chain(new.asked_through()) {
        asked.entry(provider).or_default().insert(agent);
    }
    let mut changes = Vec::new();
    for path in paths {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let (was, is) = (old.0.get(path), new.0.get(path));
        if was == is || !tells(&parts, old, new) {
            continue;
        }
        let hidden = if was.is_some() {
            "changed, not shown"
        } else {
            "set, not shown"
        };
        let absent = if parts.first() == Some(&"audit") && parts.len() == 2 {
            "warn"
        } else {
            "none"
        };
        let rule = RuleChange {
            key: key(&parts),
            old: was.map_or(absent.to_owned(), |worth| text(worth, "not shown")),
            new: is.map_or(absent.to_owned(), |worth| text(worth, hidden)),
            direction: direction(&parts, was, is),
        };
        changes.push((rule, concerned(&parts, &asked)));
    }
    let rank = |(rule, _): &(RuleChange, Concerns)| match rule.direction {
        RuleDirection::Looser => 0,
        RuleDirection::Stricter => 1,
        RuleDirection::Other => 2,
    };
    changes.sort_by_key(rank);
    changes
}

/// Of a provider or an agent that only one side has, what it is says enough.
fn tells(path: &[&str], old: &Rules, new: &Rules) -> bool {
    let both = |path: &[&str]| old.get(path).is_some() && new.get(path).is_some();
    match path {
        ["providers", _, "kind" | "base_url" | "path"] => true,
        ["providers", name, ..] => both(&["providers", name, "kind"]),
        ["agents", name, ..] => both(&["agents", name, "provider"]),
        ["prices", "order"] => other_order(old.get(path), new.get(path)),
        _ => true,
    }
}

/// Whether what both lists have stands in another order.
fn other_order(old: Option<&Worth>, new: Option<&Worth>) -> bool {
    let list = |worth: Option<&Worth>| match worth {
        Some(Worth::Plain(Value::Array(list))) => list.clone(),
        Some(Worth::Plain(_) | Worth::Time(_) | Worth::Hidden(_)) | None => Vec::new(),
    };
    let (old, new) = (list(old), list(new));
    let of_both = |one: &[Value], other: &[Value]| -> Vec<Value> {
        let common = one.iter().filter(|item| other.contains(item));
        common.cloned().collect()
    };
    of_both(&old, &new) != of_both(&new, &old)
}

/// The rules of the gate concern the agents that they hold for. Who answers and what is sent to whom concerns the
/// agents that are asked through it. All else decides neither what is asked nor what it comes to.
fn concerned(path: &[&str], asked: &Asked<'_>) -> Concerns {
    match path {
        ["gate", "floors", "agents", name] | ["agents", name, "provider" | "base_model"] => {
            Concerns::Agents(AgentName::new(*name).into_iter().collect())
        }
        ["gate", ..] => Concerns::Everybody,
        [
            "providers",
            name,
            "kind" | "base_url" | "path" | "headers" | "extra_body",
            ..,
        ] => {
            let agents = asked.get(name).into_iter().flatten();
            Concerns::Agents(agents.cloned().collect())
        }
        _ => Concerns::Nobody,
    }
}

/// The key path as people write it; parts that are no plain words are quoted.
fn key(path: &[&str]) -> String {
    let plain = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    let path: &[&str] = match path {
        // The second part only keeps entries apart; the value says which one it is.
        ["audit", "ignore", ..] => &["audit", "ignore"],
        ["prices", "order"] => &["prices", "models"],
        path => path,
    };
    let parts = path.iter().map(|part| {
        if plain(part) {
            (*part).to_owned()
        } else {
            format!("\"{part}\"")
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

fn text(worth: &Worth, hidden: &str) -> String {
    match worth {
        Worth::Hidden(_) => hidden.to_owned(),
        Worth::Time(time) => span(*time),
        Worth::Plain(value) => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entry) => ignored(entry),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// An accepted finding of the audit: `duplicate-row in data/legacy/**: known, until 2027-01-01`.
fn ignored(entry: &serde_json::Map<String, Value>) -> String {
    let part = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
    let until = match part("until") {
        "" => "without an end".to_owned(),
        day => format!("until {day}"),
    };
    let (code, path, reason) = (part("code"), part("path"), part("reason"));
    format!("{code} in {path}: {reason}, {until}")
}

/// The largest unit that leaves a whole number: `20m`, `30d`.
fn span(time: Duration) -> String {
    let units = [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
    ];
    let time = time.as_millis();
    let fits = |(_, size): &&(&str, u128)| time > 0 && time.is_multiple_of(*size);
    match units.iter().find(fits) {
        Some((unit, size)) => format!("{}{unit}", time / size),
        None => format!("{time}ms"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(policy: &Policy) -> Rules {
        let mut rules = Rules::default();
        rules.set_policy(policy);
        rules
    }

    fn told(old: &Rules, new: &Rules) -> Vec<String> {
        let told = |(rule, _): (RuleChange, Concerns)| {
            let RuleChange {
                key,
                old,
                new,
                direction,
            } = rule;
            format!("{key}: {old} → {new} ({direction:?})")
        };
        rule_changes(old, new).into_iter().map(told).collect()
    }

    #[test]
    fn a_lowered_floor_is_looser_and_a_lowered_allowance_is_stricter() {
        let old = Policy {
            floor: Some(8.0),
            max_drop: 0.5,
            ..Policy::default()
        };
        let new = Policy {
            floor: Some(6.0),
            max_drop: 0.3,
            ..Policy::default()
        };
        assert_eq!(
            told(&of(&old), &of(&new)),
            [
                "gate.floor: 8.0 → 6.0 (Looser)",
                "gate.max_drop: 0.5 → 0.3 (Stricter)"
            ]
        );
    }

    #[test]
    fn a_floor_that_disappears_is_looser_and_concerns_its_agent_only() {
        let name = AgentName::new("legal_agent").unwrap();
        let mut old = Policy::default();
        old.floors.agents.insert(name.clone(), 8.2);
        let changes = rule_changes(&of(&old), &of(&Policy::default()));
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].0.direction, RuleDirection::Looser);
        assert_eq!(changes[0].0.new, "none");
        assert_eq!(changes[0].1, Concerns::Agents(vec![name]));
    }

    #[test]
    fn equal_rules_are_no_change() {
        assert_eq!(
            rule_changes(&of(&Policy::default()), &of(&Policy::default())),
            []
        );
    }

    #[test]
    fn a_time_is_written_as_people_write_it() {
        for (millis, text) in [
            (0, "0ms"),
            (1_500, "1500ms"),
            (90_000, "90s"),
            (1_200_000, "20m"),
            (2_592_000_000, "30d"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }

    fn through(provider: &str, more: &[(&[&str], Worth)]) -> Rules {
        let mut rules = Rules::default();
        let plain = |value: Value| Worth::Plain(value);
        rules.set(&["providers", provider, "kind"], plain(json!("openai")));
        rules.set(&["agents", "qa", "provider"], plain(json!(provider)));
        for (path, worth) in more {
            rules.set(path, worth.clone());
        }
        rules
    }

    #[test]
    fn what_is_never_shown_is_compared_all_the_same() {
        let hidden = |value: &str| Worth::Hidden(json!(value));
        let path: &[&str] = &["providers", "acme", "headers", "x-team"];
        let (one, other) = (
            through("acme", &[(path, hidden("a"))]),
            through("acme", &[(path, hidden("b"))]),
        );
        assert_eq!(
            told(&one, &other),
            ["providers.acme.headers.x-team: not shown → changed, not shown (Other)"]
        );
        assert_eq!(
            told(&through("acme", &[]), &one),
            ["providers.acme.headers.x-team: none → set, not shown (Other)"]
        );
        assert_eq!(told(&one, &one), Vec::<String>::new());
        let name = AgentName::new("qa").unwrap();
        assert_eq!(
            rule_changes(&one, &other)[0].1,
            Concerns::Agents(vec![name])
        );
    }

    #[test]
    fn a_provider_that_one_side_has_is_a_line_and_not_one_for_each_key() {
        let many: &[(&[&str], Worth)] = &[
            (&["providers", "own", "kind"], Worth::Plain(json!("openai"))),
            (&["providers", "own", "concurrency"], Worth::Plain(json!(8))),
        ];
        let (one, two) = (through("acme", &[]), through("acme", many));
        assert_eq!(
            told(&one, &two),
            ["providers.own.kind: none → openai (Other)"]
        );
        assert_eq!(
            told(&two, &one),
            ["providers.own.kind: openai → none (Other)"]
        );
        assert_eq!(rule_changes(&one, &two)[0].1, Concerns::Agents(Vec::new()));
    }

    #[test]
    fn the_order_of_prices_counts_where_the_first_match_does() {
        let order = |names: &[&str]| {
            let mut rules = Rules::default();
            rules.set(&["prices", "order"], Worth::Plain(json!(names)));
            rules
        };
        assert_eq!(
            told(&order(&["a*", "*"]), &order(&["*", "a*"])),
            ["prices.models: [a*, *] → [*, a*] (Other)"]
        );
        assert!(told(&order(&["a*", "*"]), &order(&["a*", "b*", "*"])).is_empty());
    }
}
