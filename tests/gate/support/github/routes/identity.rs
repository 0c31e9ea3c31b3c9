//! Who the token is, and what the repository is.

use serde_json::{Value, json};

use super::super::examples::lay_over;
use super::super::state::{State, TokenKind};
use super::super::wire::{Call, Reply};
use super::REPOSITORY_ID;

/// The one query that the fake understands, without its blanks. A query may be named.
const VIEWER: &str = "{viewer{login}}";

pub(super) fn repository(state: &State) -> Reply {
    let mut repository = state.place.example("full-repository-default-response");
    let visibility = if state.private { "private" } else { "public" };
    let over = json!({"id": REPOSITORY_ID, "private": state.private, "visibility": visibility, "default_branch": "main"});
    lay_over(&mut repository, over);
    // The published example lacks a field that its schema requires.
    for at in ["", "/source"] {
        repository.pointer_mut(at).unwrap()["language"] = Value::Null;
    }
    Reply::json(200, repository)
}

pub(super) fn user(state: &State) -> Reply {
    match state.token_kind {
        TokenKind::Integration => Reply::not_accessible(""),
        TokenKind::Personal => {
            let mut user = state
                .place
                .example("private-user-response-with-public-and-private-profile-information");
            lay_over(&mut user, state.place.user(&state.viewer));
            Reply::json(200, user)
        }
    }
}

pub(super) fn graphql(state: &mut State, call: &Call) -> Reply {
    if !state.graphql {
        return Reply::not_found();
    }
    let query: String = call.text("query").split_whitespace().collect();
    let understood = query.find('{').and_then(|start| query.get(start..)) == Some(VIEWER);
    if !understood {
        state.violated(
            &call.request,
            &format!(
                "the fake does not understand the query `{}`",
                call.text("query")
            ),
        );
        return Reply::json(
            200,
            json!({"data": Value::Null, "errors": [{"message": "not understood"}]}),
        );
    }
    Reply::json(200, json!({"data": {"viewer": {"login": state.viewer}}}))
}
