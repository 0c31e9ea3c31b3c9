//! Why an agent that both sides have is touched: each cause with its place and what it was before.

use std::collections::BTreeSet;

use serde_json::Value;

use super::data::touched;
use super::select::{At, Sides, Stand};
use crate::agent::Parameters;
use crate::record::{Cause, CauseCode};

/// Everything that touches an agent; nothing where it stands as it stood.
pub(super) fn causes(base: &Stand, head: &Stand, sides: Sides<'_>) -> Vec<Cause> {
    let mut causes = candidate_causes(base, head);
    for (code, old, new) in [
        (
            CauseCode::TrainingData,
            &base.agent.training_data,
            &head.agent.training_data,
        ),
        (
            CauseCode::ValidationData,
            &base.agent.validation_data,
            &head.agent.validation_data,
        ),
    ] {
        let changed = touched(old.iter().chain(new), sides.files);
        causes.extend(data_cause(code, &changed));
    }
    causes.extend(suite_cause(base, head, sides));
    let rules = sides.rules.iter();
    let rules = rules.filter(|(_, concerns)| concerns.touches(&base.agent.name));
    causes.extend(rules.map(|(rule, _)| Cause {
        detail: Some(rule.key.clone()),
        old: Some(rule.old.clone()),
        new: Some(rule.new.clone()),
        ..Cause::of(CauseCode::Rule)
    }));
    if let Some(doubt) = &sides.files.doubt {
        causes.push(Cause {
            detail: Some(doubt.clone()),
            ..Cause::of(CauseCode::Doubt)
        });
    }
    causes
}

fn candidate_causes(base: &Stand, head: &Stand) -> Vec<Cause> {
    let (old, new) = match (&base.candidate, &head.candidate) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => {
            return vec![Cause {
                detail: Some(why.clone()),
                ..Cause::of(CauseCode::Doubt)
            }];
        }
    };
    let mut causes = Vec::new();
    if old.model != new.model {
        causes.push(Cause {
            old: Some(old.model.clone()),
            new: Some(new.model.clone()),
            ..at(CauseCode::ModelId, &head.places.model)
        });
    }
    if old.system != new.system {
        causes.push(at(CauseCode::SystemPrompt, &head.places.system));
    }
    let changed = parameters(&old.parameters, &new.parameters);
    causes.extend(changed.into_iter().map(|(name, old, new)| Cause {
        detail: Some(name),
        old: Some(old),
        new: Some(new),
        ..at(CauseCode::Parameters, &head.places.parameters)
    }));
    causes
}

/// The parameters that differ: name, value before, value after.
fn parameters(old: &Parameters, new: &Parameters) -> Vec<(String, String, String)> {
    let json = |parameters| serde_json::to_value(parameters).unwrap_or(Value::Null);
    let (old, new) = (json(old), json(new));
    let names = |value: &Value| -> BTreeSet<String> {
        let members = value.as_object().into_iter().flatten();
        members.map(|(name, _)| name.clone()).collect()
    };
    let names = &names(&old) | &names(&new);
    let shown = |value: Option<&Value>| value.map_or("not sent".to_owned(), Value::to_string);
    let differing = names
        .into_iter()
        .filter(|name| old.get(name) != new.get(name));
    differing
        .map(|name| {
            let (old, new) = (shown(old.get(&name)), shown(new.get(&name)));
            (name, old, new)
        })
        .collect()
}

fn data_cause(code: CauseCode, changed: &[&str]) -> Option<Cause> {
    let first = changed.first()?;
    let more = match changed.len() - 1 {
        0 => None,
        1 => Some("and 1 more file".to_owned()),
        more => Some(format!("and {more} more files")),
    };
    Some(Cause {
        path: Some((*first).to_owned()),
        detail: more,
        ..Cause::of(code)
    })
}

fn suite_cause(base: &Stand, head: &Stand, sides: Sides<'_>) -> Option<Cause> {
    let mut files = base.suite_files.iter().chain(&head.suite_files);
    let changed = files.find(|path| sides.files.paths().any(|p| p == path.as_str()));
    let path = changed
        .cloned()
        .or_else(|| (base.agent.suite != head.agent.suite).then(|| head.agent.suite.clone()))?;
    let change = sides.suites.get(&base.agent.name);
    Some(Cause {
        path: Some(path),
        detail: change.map(super::SuiteChange::in_words),
        ..Cause::of(CauseCode::Suite)
    })
}

pub(super) fn at(code: CauseCode, place: &At) -> Cause {
    Cause {
        path: Some(place.path.clone()),
        line: place.line,
        ..Cause::of(code)
    }
}
