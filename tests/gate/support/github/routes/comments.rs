//! Comments on pull requests, which to GitHub are comments on issues.

use serde_json::{Value, json};

use super::super::examples::lay_over;
use super::super::state::{Comment, State};
use super::super::wire::{Call, Reply, page};
use super::REPOSITORY_ID;

pub(super) fn list(state: &State, call: &Call) -> Reply {
    let number = call.number("issue_number");
    if state.pull(number).is_none() {
        return Reply::not_found();
    }
    let since = call.request.query("since").unwrap_or("");
    let recent =
        |comment: &&Comment| comment.number == number && comment.updated_at.as_str() >= since;
    let comments: Vec<&Comment> = state.comments.iter().filter(recent).collect();
    let links = format!(
        "{}/repositories/{REPOSITORY_ID}/issues/{number}/comments",
        state.place.api
    );
    page(call, &links, &comments, |comment| shown(state, comment))
}

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let number = call.number("issue_number");
    if state.pull(number).is_none() {
        return Reply::not_found();
    }
    if let Some(refusal) = refusal(state, call) {
        return refusal;
    }
    let author = state.viewer.clone();
    let comment = state.add_comment(number, Some(&author), call.text("body"));
    Reply::json(201, shown(state, &comment)).with(
        "location",
        &state.place.url(&format!("issues/comments/{}", comment.id)),
    )
}

/// Edits anybody's comment, as GitHub lets a token with write access do: a client that edits a stranger's is not stopped, but seen.
pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    if let Some(refusal) = refusal(state, call) {
        return refusal;
    }
    let now = state.repository.tick().iso();
    let id = call.number("comment_id");
    let viewer = state.viewer.clone();
    let Some(comment) = state.comments.iter_mut().find(|comment| comment.id == id) else {
        return Reply::not_found();
    };
    call.text("body").clone_into(&mut comment.body);
    comment.updated_at = now;
    comment.editors.push(viewer);
    let comment = comment.clone();
    Reply::json(200, shown(state, &comment))
}

fn refusal(state: &State, call: &Call) -> Option<Reply> {
    let invalid = |code: &str, message: String| {
        let problem =
            json!({"resource": "IssueComment", "code": code, "field": "data", "message": message});
        let documentation = "https://docs.github.com/rest/issues/comments";
        Reply::json(
            422,
            json!({"message": "Validation Failed", "errors": [problem], "documentation_url": documentation, "status": "422"}),
        )
    };
    let (body, longest) = (call.text("body"), state.longest_comment);
    if body.trim().is_empty() {
        return Some(invalid("missing_field", "Body can't be blank".to_owned()));
    }
    // Counted in characters, not in bytes.
    (body.chars().count() > longest).then(|| {
        invalid(
            "unprocessable",
            format!("Body is too long (maximum is {longest} characters)"),
        )
    })
}

fn shown(state: &State, comment: &Comment) -> Value {
    let mut shown = state.place.example("issue-comment");
    let user = comment
        .author
        .as_ref()
        .map_or(Value::Null, |login| state.place.user(login));
    let (id, number) = (comment.id, comment.number);
    let over = json!({
        "id": id,
        "node_id": format!("IC_{id}"),
        "url": state.place.url(&format!("issues/comments/{id}")),
        "html_url": state.place.html(&format!("pull/{number}#issuecomment-{id}")),
        "issue_url": state.place.url(&format!("issues/{number}")),
        "body": comment.body,
        "user": user,
        "created_at": comment.created_at,
        "updated_at": comment.updated_at,
    });
    lay_over(&mut shown, over);
    shown
}
