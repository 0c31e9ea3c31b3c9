//! Holds both sides to GitHub's published description: what is asked of the fake, and what it answers.
//!
//! Without it the fake and the client could agree on an API that does not exist.

use serde_json::json;

use super::description::{DESCRIPTION, GRAPHQL, OPERATIONS, Operation, followed};
use super::schema::{Extra, problems};
use super::wire::{Body, Call, Reply};

/// The only version that the extract describes. GitHub answers 400 to one that it does not know.
const API_VERSION: &str = "2022-11-28";

/// What is wrong with a request.
pub(super) fn request_problems(call: &Call) -> Vec<String> {
    let operation = call.operation;
    let mut out = header_problems(call);
    for (name, text) in &call.parameters {
        out.extend(parameter_problems(operation, "path", name, text));
    }
    if operation.id == GRAPHQL {
        return out;
    }
    for (name, text) in &call.request.query {
        match operation.parameter("query", name) {
            Some(_) => out.extend(parameter_problems(operation, "query", name, text)),
            None => out.push(format!("unknown query parameter `{name}`")),
        }
    }
    let missing = operation
        .parameters
        .iter()
        .filter(|one| one["in"] == "query" && one["required"] == true);
    let missing = missing.filter(|one| call.request.query(one["name"].as_str().unwrap()).is_none());
    out.extend(missing.map(|one| format!("missing query parameter {}", one["name"])));
    if !operation.body.is_null() {
        let name = format!("{} request", operation.id);
        let found = problems(
            &name,
            &operation.body,
            &DESCRIPTION["components"],
            Extra::Refused,
            &call.body,
        );
        out.extend(found.into_iter().map(|problem| format!("body{problem}")));
    } else if !call.request.body.is_empty() {
        out.push("a body where none is read".to_owned());
    }
    out
}

fn header_problems(call: &Call) -> Vec<String> {
    let header = |name: &str| call.request.header(name);
    let mut out = Vec::new();
    if header("user-agent").is_empty() {
        out.push("no user-agent, which GitHub refuses".to_owned());
    }
    if call.operation.id == GRAPHQL {
        return out;
    }
    if header("x-github-api-version") != API_VERSION {
        out.push(format!("x-github-api-version is `{}`, not {API_VERSION}: the meaning of replies would change with GitHub's default", header("x-github-api-version")));
    }
    let accept = header("accept");
    let raw = ["repos/get-content", "git/get-blob"].contains(&call.operation.id.as_str())
        && accept == "application/vnd.github.raw+json";
    if accept != "application/vnd.github+json" && !raw {
        out.push(format!(
            "accept is `{accept}`, not application/vnd.github+json"
        ));
    }
    if !call.request.body.is_empty() && !header("content-type").starts_with("application/json") {
        out.push(format!(
            "content-type is `{}`, not application/json",
            header("content-type")
        ));
    }
    out
}

/// A parameter arrives as text; it is held against its schema as the type that the schema asks for.
fn parameter_problems(operation: &Operation, place: &str, name: &str, text: &str) -> Vec<String> {
    let Some(described) = operation.parameter(place, name) else {
        return Vec::new();
    };
    let schema = followed(&described["schema"]);
    let value = match schema["type"].as_str() {
        Some("integer" | "number" | "boolean") => {
            serde_json::from_str(text).unwrap_or_else(|_| json!(text))
        }
        _ => json!(text),
    };
    let id = format!("{} {place} {name}", operation.id);
    let found = problems(
        &id,
        schema,
        &DESCRIPTION["components"],
        Extra::Refused,
        &value,
    );
    found
        .into_iter()
        .map(|problem| format!("{place} parameter `{name}`{problem}"))
        .collect()
}

/// What is wrong with a reply of the fake itself. A fault is not asked: it is wrong on purpose.
pub(super) fn reply_problems(operation: &Operation, reply: &Reply) -> Vec<String> {
    let Body::Json(body) = &reply.body else {
        return Vec::new();
    };
    if operation.id == GRAPHQL {
        return Vec::new();
    }
    let described =
        &operation.responses[reply.status.to_string()]["content"]["application/json"]["schema"];
    // GitHub describes few of its errors an operation; all of them have the same form.
    let schema = match (described.is_null(), reply.status) {
        (true, 400..) => &DESCRIPTION["components"]["schemas"]["basic-error"],
        (true, status) => return vec![format!("the description has no reply {status}")],
        (false, _) => described,
    };
    let name = format!("{} {} {}", operation.id, reply.status, described.is_null());
    problems(
        &name,
        schema,
        &DESCRIPTION["components"],
        Extra::Allowed,
        body,
    )
}

/// Every published example of a reply, checked against the schema beside it: what fails is listed.
pub(super) fn example_problems() -> Vec<String> {
    let mut out = Vec::new();
    for operation in OPERATIONS.iter() {
        let Some(responses) = operation.responses.as_object() else {
            continue;
        };
        for (status, response) in responses {
            let json = &response["content"]["application/json"];
            for example in json["examples"]
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::values)
            {
                let name = format!("{} {status} false", operation.id);
                let found = problems(
                    &name,
                    &json["schema"],
                    &DESCRIPTION["components"],
                    Extra::Allowed,
                    &followed(example)["value"],
                );
                out.extend(
                    found
                        .into_iter()
                        .map(|problem| format!("{name} {example}{problem}")),
                );
            }
        }
    }
    out
}
