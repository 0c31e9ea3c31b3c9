//! The endpoints, a file a subject. One operation of GitHub's description is one function.

mod checks;
mod comments;
mod commits;
mod contents;
mod identity;
mod issues;
mod objects;
pub(super) mod pulls;
mod writes;

use super::description::GRAPHQL;
use super::state::{Permission, State};
use super::wire::{Call, Reply};

/// The number that GitHub's links call the repository by.
pub(super) const REPOSITORY_ID: u64 = 1_296_269;

/// Answers a request that is recognised and let in.
pub(super) fn answer(state: &mut State, call: &Call) -> Reply {
    if let (Some(owner), Some(name)) = (call.parameters.get("owner"), call.parameters.get("repo"))
        && !format!("{owner}/{name}").eq_ignore_ascii_case(&state.place.full_name)
    {
        return Reply::not_found();
    }
    if let Some(refusal) = refusal(state, call) {
        return refusal;
    }
    match call.operation.id.as_str() {
        "repos/get" => identity::repository(state),
        "users/get-authenticated" => identity::user(state),
        GRAPHQL => identity::graphql(state, call),
        "pulls/list" => pulls::list(state, call),
        "pulls/get" => pulls::get(state, call),
        "pulls/list-files" => pulls::files(state, call),
        "repos/list-pull-requests-associated-with-commit" => pulls::of_commit(state, call),
        "repos/get-content" => contents::get(state, call),
        "git/get-tree" => objects::tree(state, call),
        "git/get-blob" => objects::blob(state, call),
        "git/get-commit" => objects::commit(state, call),
        "git/get-ref" => objects::reference(state, call),
        "git/create-blob" => writes::blob(state, call),
        "git/create-tree" => writes::tree(state, call),
        "git/create-commit" => writes::commit(state, call),
        "git/create-ref" => writes::create_reference(state, call),
        "git/update-ref" => writes::update_reference(state, call),
        "repos/compare-commits-with-basehead" => commits::compare(state, call),
        "repos/list-commits" => commits::list(state, call),
        "repos/get-collaborator-permission-level" => identity::role(state, call),
        "issues/list-comments" => comments::list(state, call),
        "issues/create-comment" => comments::create(state, call),
        "issues/update-comment" => comments::update(state, call),
        "issues/list-for-repo" => issues::list(state, call),
        "issues/create" => issues::create(state, call),
        "issues/update" => issues::update(state, call),
        "checks/create" => checks::create(state, call),
        "checks/update" => checks::update(state, call),
        "repos/create-commit-status" => checks::status(state, call),
        other => panic!("the extract has {other}, for which the fake has no answer"),
    }
}

fn refusal(state: &State, call: &Call) -> Option<Reply> {
    let (permission, names) = match call.operation.id.as_str() {
        "issues/create-comment" | "issues/update-comment" => {
            (Permission::Comments, "issues=write; pull_requests=write")
        }
        "git/create-blob" | "git/create-tree" | "git/create-commit" | "git/create-ref"
        | "git/update-ref" => (Permission::Contents, "contents=write"),
        "issues/create" | "issues/update" => (Permission::Issues, "issues=write"),
        "checks/create" | "checks/update" => (Permission::Checks, "checks=write"),
        _ => return None,
    };
    state
        .refused
        .contains(&permission)
        .then(|| Reply::not_accessible(names))
}
