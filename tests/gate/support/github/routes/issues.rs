//! Issues of the repository.

use serde_json::{Value, json};

use super::super::examples::lay_over;
use super::super::state::{Issue, State};
use super::super::wire::{Call, Reply, page};
use super::REPOSITORY_ID;

pub(super) fn list(state: &State, call: &Call) -> Reply {
    let issues: Vec<&Issue> = state.issues.iter().filter(|issue| issue.is_open).collect();
    let links = format!("{}/repositories/{REPOSITORY_ID}/issues", state.place.api);
    page(call, &links, &issues, |issue| shown(state, issue))
}

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let author = state.viewer.clone();
    let issue = state.add_issue(&author, call.text("title"), call.text("body"));
    Reply::json(201, shown(state, &issue))
}

pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    let number = call.number("issue_number");
    let Some(issue) = state.issues.iter_mut().find(|issue| issue.number == number) else {
        return Reply::not_found();
    };
    if let Some(body) = call.body["body"].as_str() {
        body.clone_into(&mut issue.body);
    }
    if call.body["state"] == "closed" {
        issue.is_open = false;
    }
    let issue = issue.clone();
    Reply::json(200, shown(state, &issue))
}

fn shown(state: &State, issue: &Issue) -> Value {
    let mut example = state.place.example("issue");
    let over = json!({
        "number": issue.number, "title": issue.title, "body": issue.body, "user": state.place.user(&issue.author),
        "state": if issue.is_open { "open" } else { "closed" },
    });
    lay_over(&mut example, over);
    example.as_object_mut().unwrap().remove("pull_request");
    example
}
