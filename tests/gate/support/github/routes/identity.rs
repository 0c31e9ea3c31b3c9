//! Who the token is, and what the repository is.

use serde_json::{Value, json};

use super::super::examples::lay_over;
use super::super::state::{State, TokenKind};
use super::super::wire::{Call, Reply};
use super::REPOSITORY_ID;

/// A query that the fake understands, without its blanks. A query may be named.
const VIEWER: &str = "{viewer{login}}";
/// What the other one holds between the name of a comment and the place of a page.
const LIST: &str = "\"){...onIssueComment{userContentEdits(first:100";
/// The other one, around that.
const EDITS: (&str, &str) = (
    "{node(id:\"IC_",
    "){pageInfo{hasNextPageendCursor}nodes{editor{__typenamelogin}}}}}}",
);

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
    let query = query.find('{').and_then(|start| query.get(start..));
    let query = query.unwrap_or_default();
    let edited = query
        .strip_prefix(EDITS.0)
        .and_then(|rest| rest.strip_suffix(EDITS.1));
    if let Some((id, after)) = edited.and_then(|rest| rest.split_once(LIST)) {
        let after = after.trim_start_matches(",after:").trim_matches('"');
        return edits(state, id, after.parse().unwrap_or(0));
    }
    if query != VIEWER {
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

/// A page of the edits of a comment, newest first; to GraphQL a bot has no suffix.
fn edits(state: &State, id: &str, from: usize) -> Reply {
    let mut comments = state.comments.iter();
    let comment = comments.find(|comment| comment.id.to_string() == id);
    let more = comment.is_some_and(|comment| comment.editors.len() > from + 100);
    let editors = comment.map(|comment| comment.editors.iter().rev().skip(from).take(100));
    let nodes: Option<Vec<Value>> = editors.map(|editors| {
        let editor = |login: &String| match login.strip_suffix("[bot]") {
            Some(bot) => json!({"editor": {"__typename": "Bot", "login": bot}}),
            None => json!({"editor": {"__typename": "User", "login": login}}),
        };
        editors.map(editor).collect()
    });
    let page = json!({"hasNextPage": more, "endCursor": (from + 100).to_string()});
    let node = nodes.map(|nodes| json!({"userContentEdits": {"pageInfo": page, "nodes": nodes}}));
    Reply::json(200, json!({"data": {"node": node}}))
}

/// What somebody may do. `permission` knows no more than three words.
pub(super) fn role(state: &State, call: &Call) -> Reply {
    let login = call.parameter("username");
    let role = state.roles.get(login).copied().unwrap_or("read");
    let permission = match role {
        "maintain" => "write",
        "triage" => "read",
        other => other,
    };
    let example = "repository-collaborator-permission-response-if-user-has-admin-permissions";
    let mut reply = state.place.example(example);
    let over =
        json!({"permission": permission, "role_name": role, "user": state.place.user(login)});
    lay_over(&mut reply, over);
    // The published example lacks a field that its schema requires.
    reply["user"]["role_name"] = json!(role);
    Reply::json(200, reply)
}
