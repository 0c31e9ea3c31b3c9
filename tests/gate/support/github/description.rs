//! GitHub's published description of its API, as far as the gate uses it.
//!
//! Knows which operations there are, and which one a request is; what is right and wrong is in `contract`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::wire::{Recorded, decoded};

/// GraphQL is no part of the REST description; its one query is checked where it is answered.
pub(super) const GRAPHQL: &str = "graphql";

pub(super) static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../contract/github.json");
    serde_json::from_str(text).expect("tests/contract/github.json is JSON")
});

pub(super) static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| Operation::read(method, path, operation))
    });
    let graphql = Operation::read(
        "post",
        "/graphql",
        &json!({"operationId": GRAPHQL, "parameters": []}),
    );
    described.chain([graphql]).collect()
});

/// One thing that can be asked.
pub(super) struct Operation {
    /// GitHub's own name for it, `issues/create-comment`.
    pub(super) id: String,
    method: String,
    segments: Vec<Segment>,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Value,
    pub(super) responses: Value,
}

enum Segment {
    Fixed(String),
    One(String),
    /// A parameter that may hold slashes: a path, a reference, a commit named by its branch.
    Many(String),
}

impl Operation {
    fn read(method: &str, path: &str, operation: &Value) -> Self {
        let parameters: Vec<Value> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| followed(one).clone())
            .collect();
        let segment = |text: &str| {
            let Some(name) = text
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            else {
                return Segment::Fixed(text.to_owned());
            };
            let described = parameters.iter().find(|one| one["name"] == name);
            if described.is_some_and(|one| one["x-multi-segment"] == true) {
                Segment::Many(name.to_owned())
            } else {
                Segment::One(name.to_owned())
            }
        };
        Self {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            segments: path.split('/').map(segment).collect(),
            body: operation["requestBody"]["content"]["application/json"]["schema"].clone(),
            responses: operation["responses"].clone(),
            parameters,
        }
    }

    pub(super) fn parameter(&self, place: &str, name: &str) -> Option<&Value> {
        self.parameters
            .iter()
            .find(|one| one["in"] == place && one["name"] == name)
    }
}

/// The operation that a request is, with its path parameters decoded.
pub(super) fn recognise(
    request: &Recorded,
) -> Option<(&'static Operation, BTreeMap<String, String>)> {
    let asked: Vec<&str> = request.path.split('/').collect();
    OPERATIONS
        .iter()
        .filter(|operation| operation.method == request.method)
        .find_map(|operation| {
            let mut parameters = BTreeMap::new();
            fits(&operation.segments, &asked, &mut parameters).then_some((operation, parameters))
        })
}

/// Panics where there is no such operation: a fault for a misspelt one would never happen, and the test would prove nothing.
pub(super) fn require(id: &str) {
    assert!(
        OPERATIONS.iter().any(|operation| operation.id == id),
        "the fake knows no operation {id}"
    );
}

fn fits(template: &[Segment], asked: &[&str], found: &mut BTreeMap<String, String>) -> bool {
    let Some((segment, rest)) = template.split_first() else {
        return asked.is_empty();
    };
    let lengths = match segment {
        Segment::Fixed(_) | Segment::One(_) => 1..=1,
        Segment::Many(_) => 1..=asked.len(),
    };
    lengths.into_iter().any(|length| {
        let Some((head, tail)) = asked.split_at_checked(length) else {
            return false;
        };
        let text = head.join("/");
        match segment {
            Segment::Fixed(fixed) if *fixed != text => return false,
            Segment::Fixed(_) => {}
            Segment::One(name) | Segment::Many(name) => {
                drop(found.insert(name.clone(), decoded(&text)));
            }
        }
        fits(rest, tail, found)
    })
}

/// A copy of a published example, by its name in the extract.
pub(super) fn example(name: &str) -> Value {
    let value = &DESCRIPTION["components"]["examples"][name]["value"];
    assert!(!value.is_null(), "the extract has no example {name}");
    value.clone()
}

/// What a `$ref` refers to, or the value itself.
pub(super) fn followed(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(reference) => DESCRIPTION
            .pointer(reference.trim_start_matches('#'))
            .expect("the extract holds what it refers to"),
        None => value,
    }
}
