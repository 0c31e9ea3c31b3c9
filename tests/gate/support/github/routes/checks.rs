//! Checks and commit statuses, as the runs on a commit set them.

use serde_json::json;

use super::super::examples::lay_over;
use super::super::state::{Check, State};
use super::super::wire::{Call, Reply};

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let check = Check {
        id: 4 + u64::try_from(state.checks.len()).unwrap(),
        name: call.text("name").to_owned(),
        head: call.text("head_sha").to_owned(),
        state: call.text("status").to_owned(),
        title: String::new(),
        summary: String::new(),
    };
    state.checks.push(check.clone());
    Reply::json(201, shown(state, &check))
}

pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    let id = call.number("check_run_id");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let Some(check) = state.checks.iter_mut().find(|check| check.id == id) else {
        return Reply::not_found();
    };
    check.state = text(&call.body["conclusion"]);
    check.title = text(&call.body["output"]["title"]);
    check.summary = text(&call.body["output"]["summary"]);
    let check = check.clone();
    Reply::json(200, shown(state, &check))
}

pub(super) fn status(state: &mut State, call: &Call) -> Reply {
    let check = Check {
        id: 0,
        name: call.text("context").to_owned(),
        head: call.parameter("sha").to_owned(),
        state: call.text("state").to_owned(),
        title: call.text("description").to_owned(),
        summary: String::new(),
    };
    let mut example = state.place.example("status");
    lay_over(
        &mut example,
        json!({"state": check.state, "context": check.name, "description": check.title}),
    );
    state.checks.push(check);
    Reply::json(201, example)
}

fn shown(state: &State, check: &Check) -> serde_json::Value {
    let mut example = state.place.example("check-run");
    lay_over(
        &mut example,
        json!({"id": check.id, "name": check.name, "head_sha": check.head}),
    );
    example
}
