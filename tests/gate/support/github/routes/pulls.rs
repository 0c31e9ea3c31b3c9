//! Pull requests, and the files that they change.

use serde_json::{Value, json};

use super::super::diff::FileChange;
use super::super::examples::{Place, lay_over, map_text, user_id};
use super::super::state::{HeadRepository, MOST_FILES, PullRequest, State};
use super::super::wire::{Call, Reply, encoded, page};
use super::REPOSITORY_ID;

/// The number of the pull request in GitHub's REST examples.
const EXAMPLE_NUMBER: u64 = 1347;

pub(super) fn get(state: &State, call: &Call) -> Reply {
    match state.pull(call.number("pull_number")) {
        Some(pull) => {
            let mut example = state.place.example("pull-request");
            example = renumbered(example, EXAMPLE_NUMBER, pull.number);
            lay_over(&mut example, simple(state, pull));
            lay_over(&mut example, counts(state, pull));
            Reply::json(200, example)
        }
        None => Reply::not_found(),
    }
}

/// Narrowed by head, `owner:branch`; only open ones are ever asked for.
pub(super) fn list(state: &State, call: &Call) -> Reply {
    let wanted = call.request.query("head").unwrap_or("");
    let is_open = |pull: &&PullRequest| pull.merged_as.is_none();
    let of_head = |pull: &&PullRequest| wanted.is_empty() || label(state, pull) == wanted;
    let pulls: Vec<&PullRequest> = state.pulls.iter().filter(is_open).filter(of_head).collect();
    let links = format!("{}/repositories/{REPOSITORY_ID}/pulls", state.place.api);
    page(call, &links, &pulls, |pull| listed(state, pull))
}

fn label(state: &State, pull: &PullRequest) -> String {
    simple(state, pull)["head"]["label"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn listed(state: &State, pull: &PullRequest) -> Value {
    let example = state.place.example("pull-request-simple-items")[0].take();
    let mut example = renumbered(example, EXAMPLE_NUMBER, pull.number);
    lay_over(&mut example, simple(state, pull));
    example
}

pub(super) fn files(state: &State, call: &Call) -> Reply {
    let Some(pull) = state.pull(call.number("pull_number")) else {
        return Reply::not_found();
    };
    let head = head_sha(state, pull);
    let mut changes = changes(state, pull);
    changes.truncate(MOST_FILES);
    let links = format!(
        "{}/repositories/{REPOSITORY_ID}/pulls/{}/files",
        state.place.api, pull.number
    );
    page(call, &links, &changes, |change| {
        file(&state.place, &head, change)
    })
}

pub(super) fn of_commit(state: &State, call: &Call) -> Reply {
    let asked = call.parameter("commit_sha");
    let Some(sha) = state.repository.resolve(asked) else {
        return Reply::error(422, &format!("No commit found for SHA: {asked}"));
    };
    let holds = |pull: &&PullRequest| {
        let head = head_sha(state, pull);
        pull.merged_as.as_ref() == Some(&sha)
            || (state.repository.is_ancestor(&sha, &head)
                && !state.repository.is_ancestor(&sha, &pull.base_sha))
    };
    let pulls: Vec<&PullRequest> = state.pulls.iter().filter(holds).collect();
    let links = format!(
        "{}/repositories/{REPOSITORY_ID}/commits/{sha}/pulls",
        state.place.api
    );
    page(call, &links, &pulls, |pull| listed(state, pull))
}

/// The example with its pull request's number replaced in every address.
pub(in super::super) fn renumbered(example: Value, from: u64, to: u64) -> Value {
    map_text(example, &|text| {
        let parts = ["pulls", "pull", "issues"].iter();
        parts.fold(text.to_owned(), |text, part| {
            text.replace(&format!("/{part}/{from}"), &format!("/{part}/{to}"))
        })
    })
}

/// The fields that every form of a pull request has: in lists, alone, and in events.
pub(in super::super) fn simple(state: &State, pull: &PullRequest) -> Value {
    let (head, base) = (head_sha(state, pull), pull.base_sha.clone());
    let owner = state.repository.owner();
    let author = state.place.user(&pull.author);
    let merged = pull.merged_as.is_some();
    let merge_commit = pull.merged_as.clone().or_else(|| {
        state
            .repository
            .merge(&base, &head, "merge", "2026-01-05T00:00:00Z")
    });
    let head_repository = head_repository(state, pull);
    let head_owner = match &pull.head_repository {
        HeadRepository::Same => owner,
        HeadRepository::Fork(name) => name.split('/').next().unwrap(),
        HeadRepository::Deleted => "unknown repository",
    };
    let status = state.place.url(&format!("statuses/{head}"));
    json!({
        "number": pull.number,
        "id": 1_000_000 + pull.number,
        "state": if merged { "closed" } else { "open" },
        "locked": false,
        "updated_at": pull.updated_at,
        "title": pull.title,
        "user": author,
        "labels": [],
        "milestone": null,
        "active_lock_reason": null,
        "closed_at": merged.then_some("2026-01-05T23:00:00Z"),
        "merged_at": merged.then_some("2026-01-05T23:00:00Z"),
        "merge_commit_sha": merge_commit,
        "assignee": null,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "draft": pull.draft,
        "statuses_url": status,
        "_links": {"statuses": {"href": status}},
        "head": {"label": format!("{head_owner}:{}", pull.head), "ref": pull.head, "sha": head, "repo": head_repository},
        "base": {"label": format!("{owner}:{}", pull.base), "ref": pull.base, "sha": base,
            "repo": {"id": REPOSITORY_ID, "private": state.private, "default_branch": "main"}},
    })
}

/// The fields that only the whole form of a pull request has.
pub(in super::super) fn counts(state: &State, pull: &PullRequest) -> Value {
    let head = head_sha(state, pull);
    let changes = changes(state, pull);
    let merged = pull.merged_as.is_some();
    let clean = state
        .repository
        .merge(&pull.base_sha, &head, "merge", "2026-01-05T00:00:00Z")
        .is_some();
    json!({
        "merged": merged,
        "merged_by": merged.then(|| state.place.user("maintainer")),
        "mergeable": (!merged).then_some(clean),
        "rebaseable": (!merged).then_some(clean),
        "mergeable_state": if clean { "clean" } else { "dirty" },
        "comments": state.comments.iter().filter(|comment| comment.number == pull.number).count(),
        "commits": state.repository.count(&format!("{}..{head}", pull.base_sha)),
        "additions": changes.iter().map(|change| change.additions).sum::<u64>(),
        "deletions": changes.iter().map(|change| change.deletions).sum::<u64>(),
        "changed_files": changes.len(),
    })
}

/// The head's tip; of a merged pull request whose branch was deleted, the last one.
pub(in super::super) fn head_sha(state: &State, pull: &PullRequest) -> String {
    let kept = || {
        state
            .repository
            .resolve(&format!("refs/pull/{}/head", pull.number))
    };
    state
        .repository
        .tip(&pull.head)
        .or_else(kept)
        .expect("an unmerged pull request has its branch")
}

/// What is laid over the example's head repository: little, or another repository, or nothing at all.
fn head_repository(state: &State, pull: &PullRequest) -> Value {
    match &pull.head_repository {
        HeadRepository::Same => {
            json!({"id": REPOSITORY_ID, "private": state.private, "default_branch": "main"})
        }
        HeadRepository::Deleted => Value::Null,
        HeadRepository::Fork(full_name) => {
            let place = Place {
                api: state.place.api.clone(),
                full_name: full_name.clone(),
            };
            let mut repository = place.example("pull-request")["head"]["repo"].take();
            let over = json!({"id": user_id(full_name), "private": state.private, "fork": true, "default_branch": "main"});
            lay_over(&mut repository, over);
            repository
        }
    }
}

/// What the head changed since it left the base branch.
fn changes(state: &State, pull: &PullRequest) -> Vec<FileChange> {
    let head = head_sha(state, pull);
    let fork_point = state.repository.merge_base(&pull.base_sha, &head);
    fork_point
        .map(|from| state.repository.diff(&from, &head))
        .unwrap_or_default()
}

/// One changed file. Never with a patch, which GitHub leaves out for large and binary files: nobody may count on it.
pub(super) fn file(place: &Place, head: &str, change: &FileChange) -> Value {
    let mut file = place.example("diff-entry-items")[0].take();
    file.as_object_mut().unwrap().remove("patch");
    let path = change
        .path
        .split('/')
        .map(encoded)
        .collect::<Vec<_>>()
        .join("/");
    let over = json!({
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": place.html(&format!("blob/{head}/{path}")),
        "raw_url": place.html(&format!("raw/{head}/{path}")),
        "contents_url": place.url(&format!("contents/{path}?ref={head}")),
    });
    lay_over(&mut file, over);
    if let Some(previous) = &change.previous {
        file["previous_filename"] = json!(previous);
    }
    file
}
