//! Git's objects and references, read by their SHA or name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::examples::{Place, lay_over};
use super::super::git::{Commit, Depth, Entry, Person};
use super::super::state::{Stale, State};
use super::super::wire::{Call, Reply};

pub(super) fn tree(state: &State, call: &Call) -> Reply {
    let asked = call.parameter("tree_sha");
    let Some(sha) = state.repository.object(&format!("{asked}^{{tree}}")) else {
        return Reply::not_found();
    };
    // Any value asks for all depths, `0` and `false` too.
    let depth = if call.request.query("recursive").is_some() {
        Depth::All
    } else {
        Depth::One
    };
    Reply::json(200, tree_json(state, &sha, depth))
}

pub(super) fn tree_json(state: &State, sha: &str, depth: Depth) -> Value {
    let entries = state.repository.entries(sha, depth);
    let shown: Vec<Value> = entries
        .iter()
        .take(state.largest_tree)
        .map(|entry| tree_line(&state.place, entry))
        .collect();
    let mut tree = state.place.example("git-tree");
    let truncated = shown.len() < entries.len();
    lay_over(
        &mut tree,
        json!({"sha": sha, "url": state.place.url(&format!("git/trees/{sha}")), "tree": shown, "truncated": truncated}),
    );
    tree
}

fn tree_line(place: &Place, entry: &Entry) -> Value {
    let mut line =
        json!({"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha});
    match entry.kind.as_str() {
        "tree" => line["url"] = json!(place.url(&format!("git/trees/{}", entry.sha))),
        // A submodule has neither size nor address.
        "commit" => {}
        _ => lay_over(
            &mut line,
            json!({"size": entry.size, "url": place.url(&format!("git/blobs/{}", entry.sha))}),
        ),
    }
    line
}

pub(super) fn blob(state: &State, call: &Call) -> Reply {
    let sha = call.parameter("file_sha");
    if !state.repository.is(sha, "blob") {
        return Reply::not_found();
    }
    let bytes = state.repository.blob(sha);
    if call.wants_raw() {
        return Reply::bytes(200, bytes).with(
            "content-type",
            "application/vnd.github.raw+json; charset=utf-8",
        );
    }
    let mut blob = state.place.example("blob");
    let url = state.place.url(&format!("git/blobs/{sha}"));
    lay_over(
        &mut blob,
        json!({"sha": sha, "url": url, "size": bytes.len(), "content": base64_lines(&bytes), "encoding": "base64"}),
    );
    Reply::json(200, blob)
}

/// Base64 as GitHub sends it, a line break after each sixty characters: strict decoders refuse it, and must find out here.
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in STANDARD.encode(bytes).as_bytes().chunks(60) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text
}

pub(super) fn commit(state: &State, call: &Call) -> Reply {
    let sha = call.parameter("commit_sha");
    if !state.repository.is(sha, "commit") {
        return Reply::not_found();
    }
    Reply::json(200, commit_json(state, &state.repository.facts(sha)))
}

pub(super) fn commit_json(state: &State, commit: &Commit) -> Value {
    let mut shown = state.place.example("git-commit-2");
    let url = |kind: &str, sha: &str| state.place.url(&format!("git/{kind}/{sha}"));
    let html = |sha: &str| state.place.html(&format!("commit/{sha}"));
    let parents: Vec<Value> = commit
        .parents
        .iter()
        .map(|sha| json!({"sha": sha, "url": url("commits", sha), "html_url": html(sha)}))
        .collect();
    let over = json!({
        "sha": commit.sha,
        "url": url("commits", &commit.sha),
        "html_url": html(&commit.sha),
        "author": person_json(&commit.author),
        "committer": person_json(&commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": url("trees", &commit.tree)},
        "parents": parents,
    });
    lay_over(&mut shown, over);
    shown
}

pub(super) fn person_json(person: &Person) -> Value {
    json!({"name": person.name, "email": person.email, "date": person.date})
}

/// Exactly the reference that was asked for; this endpoint, unlike its older form, finds no others by their beginning.
pub(super) fn reference(state: &mut State, call: &Call) -> Reply {
    let name = format!("refs/{}", call.parameter("ref"));
    let shown = match state.stale.get_mut(&name) {
        Some(Stale::Showing { left, tip }) if *left > 0 => {
            *left -= 1;
            tip.clone()
        }
        _ => state.repository.object(&name),
    };
    match shown {
        Some(sha) => Reply::json(200, reference_json(state, &name, &sha)),
        None => Reply::not_found(),
    }
}

pub(super) fn reference_json(state: &State, name: &str, sha: &str) -> Value {
    let mut shown = state.place.example("git-ref");
    let object = json!({"type": "commit", "sha": sha, "url": state.place.url(&format!("git/commits/{sha}"))});
    lay_over(
        &mut shown,
        json!({"ref": name, "url": state.place.url(&format!("git/{name}")), "object": object}),
    );
    shown
}
