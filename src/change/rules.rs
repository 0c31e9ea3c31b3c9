//! Which rules of the gate a pull request changes, key by key, and whether each lets more or less pass.

use serde_json::Value;

use crate::agent::AgentName;
use crate::policy::Policy;
use crate::record::{RuleChange, RuleDirection};

/// Every rule that differs, with the agents that it concerns; an empty list means all of them.
pub fn rule_changes(old: &Policy, new: &Policy) -> Vec<(RuleChange, Vec<AgentName>)> {
    let (old, new) = (flat(old), flat(new));
    let mut keys: Vec<&String> = old.iter().chain(&new).map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    let value = |rules: &[(String, Value)], wanted: &str| {
        rules
            .iter()
            .find(|(key, _)| key == wanted)
            .map_or(Value::Null, |(_, value)| value.clone())
    };
    keys.into_iter()
        .map(|key| (key, value(&old, key), value(&new, key)))
        .filter(|(_, old, new)| old != new)
        .map(|(key, old, new)| {
            let direction = direction(key, &old, &new);
            let rule = RuleChange {
                key: format!("gate.{key}"),
                old: text(&old),
                new: text(&new),
                direction,
            };
            (rule, concerned(key))
        })
        .collect()
}

fn flat(policy: &Policy) -> Vec<(String, Value)> {
    let mut rules = Vec::new();
    flatten(
        "",
        &serde_json::to_value(policy).unwrap_or(Value::Null),
        &mut rules,
    );
    rules
}

fn flatten(prefix: &str, value: &Value, rules: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                flatten(&key, value, rules);
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            rules.push((prefix.to_owned(), value.clone()));
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn concerned(key: &str) -> Vec<AgentName> {
    key.strip_prefix("floors.agents.")
        .and_then(AgentName::new)
        .into_iter()
        .collect()
}

fn direction(key: &str, old: &Value, new: &Value) -> RuleDirection {
    let higher_is_stricter =
        key.starts_with("floor") || matches!(key, "min_cases" | "answer_floor" | "confidence");
    let lower_is_stricter = matches!(
        key,
        "max_drop" | "max_unanswered" | "max_newly_failed" | "latency_p95_ms"
    );
    if key.starts_with("on_") {
        return match (old.as_str(), new.as_str()) {
            (_, Some("fail")) => RuleDirection::Stricter,
            (Some("fail"), _) => RuleDirection::Looser,
            _ => RuleDirection::Other,
        };
    }
    if key == "floor_rule" || !(higher_is_stricter || lower_is_stricter) {
        return RuleDirection::Other;
    }
    // A threshold that is absent holds nothing back.
    let absent = if higher_is_stricter {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    };
    let number = |value: &Value| value.as_f64().unwrap_or(absent);
    if (number(new) > number(old)) == higher_is_stricter {
        RuleDirection::Stricter
    } else {
        RuleDirection::Looser
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let changes: Vec<_> = rule_changes(&old, &new)
            .into_iter()
            .map(|(rule, _)| rule)
            .collect();
        assert_eq!(
            changes,
            [
                RuleChange {
                    key: "gate.floor".into(),
                    old: "8.0".into(),
                    new: "6.0".into(),
                    direction: RuleDirection::Looser
                },
                RuleChange {
                    key: "gate.max_drop".into(),
                    old: "0.5".into(),
                    new: "0.3".into(),
                    direction: RuleDirection::Stricter
                },
            ]
        );
    }

    #[test]
    fn a_floor_that_disappears_is_looser_and_concerns_its_agent_only() {
        let name = AgentName::new("legal_agent").unwrap();
        let mut old = Policy::default();
        old.floors.agents.insert(name.clone(), 8.2);
        let changes = rule_changes(&old, &Policy::default());
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].0.direction, RuleDirection::Looser);
        assert_eq!(changes[0].0.new, "none");
        assert_eq!(changes[0].1, [name]);
    }

    #[test]
    fn equal_rules_are_no_change() {
        assert!(rule_changes(&Policy::default(), &Policy::default()).is_empty());
    }
}
