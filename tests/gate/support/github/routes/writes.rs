//! Git's objects and references, written: blob, tree, commit, and then the branch that is moved to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::git::Depth;
use super::super::state::{Stale, State};
use super::super::wire::{Call, Reply};
use super::objects::{commit_json, reference_json, tree_json};

pub(super) fn blob(state: &State, call: &Call) -> Reply {
    let bytes = match call.text("encoding") {
        "base64" => match STANDARD.decode(call.text("content").replace(['\n', '\r'], "")) {
            Ok(bytes) => bytes,
            Err(_) => return Reply::error(422, "content is not valid Base64"),
        },
        "" | "utf-8" => call.text("content").as_bytes().to_vec(),
        other => return Reply::error(422, &format!("encoding {other} is not supported")),
    };
    let sha = state.repository.write_blob(&bytes);
    let url = state.place.url(&format!("git/blobs/{sha}"));
    Reply::json(201, json!({"sha": sha, "url": url})).with("location", &url)
}

pub(super) fn tree(state: &State, call: &Call) -> Reply {
    let base = call.text("base_tree");
    let base = match state.repository.object(&format!("{base}^{{tree}}")) {
        _ if base.is_empty() => None,
        None => return Reply::not_found(),
        found => found,
    };
    let entries = call.body["tree"].as_array().cloned().unwrap_or_default();
    let lines: Result<Vec<String>, String> = entries
        .iter()
        .map(|entry| tree_line(state, entry))
        .collect();
    match lines.and_then(|lines| state.repository.write_tree(base.as_deref(), &lines)) {
        Ok(sha) => Reply::json(201, tree_json(state, &sha, Depth::One))
            .with("location", &state.place.url(&format!("git/trees/{sha}"))),
        Err(complaint) => Reply::error(422, &complaint),
    }
}

/// A line for `update-index --index-info`, or what GitHub says to a line that it does not take.
fn tree_line(state: &State, entry: &Value) -> Result<String, String> {
    let path = entry["path"].as_str().unwrap_or("");
    if path.is_empty() || path.starts_with('/') {
        return Err("tree.path cannot start with a slash".to_owned());
    }
    if path
        .split('/')
        .any(|part| ["", ".", "..", ".git"].contains(&part))
    {
        return Err("tree.path contains a malformed path component".to_owned());
    }
    let mode = entry["mode"].as_str().unwrap_or("100644");
    match (&entry["sha"], entry["content"].as_str()) {
        (Value::String(_), Some(_)) => {
            Err("Must supply either tree.sha or tree.content, but not both.".to_owned())
        }
        (Value::Null, None) if entry.get("sha").is_some() => Ok(format!("0 {:040}\t{path}", 0)),
        (Value::String(sha), None)
            if state.repository.object(sha).is_some() || mode == "160000" =>
        {
            Ok(format!("{mode} {sha}\t{path}"))
        }
        (Value::String(sha), None) => Err(format!(
            "tree.sha {sha} is not a valid {}",
            entry["type"].as_str().unwrap_or("blob")
        )),
        (_, Some(content)) => Ok(format!(
            "{mode} {}\t{path}",
            state.repository.write_blob(content.as_bytes())
        )),
        (_, None) => Err("Must supply either tree.sha or tree.content".to_owned()),
    }
}

pub(super) fn commit(state: &State, call: &Call) -> Reply {
    let tree = call.text("tree");
    if !state.repository.is(tree, "tree") {
        return Reply::error(422, "Tree SHA does not exist");
    }
    let parents: Vec<&str> = call.body["parents"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if parents
        .iter()
        .any(|parent| !state.repository.is(parent, "commit"))
    {
        return Reply::error(422, "Parent SHA does not exist or is not a commit object");
    }
    let now = state.repository.tick().iso();
    let part = |person: &'static str, field: &str, default: &str| {
        call.body[person][field]
            .as_str()
            .unwrap_or(default)
            .to_owned()
    };
    let mail = format!("{}@users.noreply.github.com", state.viewer);
    let author = ["name", "email", "date"].map(|field| {
        part(
            "author",
            field,
            [&*state.viewer, &*mail, &*now][index(field)],
        )
    });
    // Without a committer of its own, a commit is committed by its author.
    let committer =
        ["name", "email", "date"].map(|field| part("committer", field, &author[index(field)]));
    let environment = [
        ("GIT_AUTHOR_NAME", &*author[0]),
        ("GIT_AUTHOR_EMAIL", &*author[1]),
        ("GIT_AUTHOR_DATE", &*author[2]),
        ("GIT_COMMITTER_NAME", &*committer[0]),
        ("GIT_COMMITTER_EMAIL", &*committer[1]),
        ("GIT_COMMITTER_DATE", &*committer[2]),
    ];
    let mut arguments = vec!["commit-tree", tree];
    arguments.extend(parents.iter().flat_map(|parent| ["-p", parent]));
    match state
        .repository
        .try_git(&arguments, &environment, call.text("message").as_bytes())
    {
        Ok(sha) => {
            let sha = String::from_utf8(sha).unwrap().trim().to_owned();
            let shown = commit_json(state, &state.repository.facts(&sha));
            Reply::json(201, shown)
                .with("location", &state.place.url(&format!("git/commits/{sha}")))
        }
        Err(complaint) => Reply::error(422, &complaint),
    }
}

fn index(field: &str) -> usize {
    match field {
        "name" => 0,
        "email" => 1,
        _ => 2,
    }
}

pub(super) fn create_reference(state: &mut State, call: &Call) -> Reply {
    let (name, sha) = (call.text("ref"), call.text("sha"));
    if !name.starts_with("refs/") || name.matches('/').count() < 2 {
        return Reply::error(
            422,
            "Reference name must start with 'refs' and have at least two slashes.",
        );
    }
    if !state.repository.is(sha, "commit") {
        return Reply::error(422, "Object does not exist");
    }
    if !state.repository.compare_and_swap(name, sha, "") {
        return Reply::error(422, "Reference already exists");
    }
    written(state, name, None);
    Reply::json(201, reference_json(state, name, sha))
        .with("location", &state.place.url(&format!("git/{name}")))
}

pub(super) fn update_reference(state: &mut State, call: &Call) -> Reply {
    let (name, sha) = (format!("refs/{}", call.parameter("ref")), call.text("sha"));
    let Some(old) = state.repository.object(&name) else {
        return Reply::error(422, "Reference does not exist");
    };
    if !state.repository.is(sha, "commit") {
        return Reply::error(422, "Object does not exist");
    }
    let forced = call.body["force"] == true;
    let moved = (forced || state.repository.is_ancestor(&old, sha))
        && state.repository.compare_and_swap(&name, sha, &old);
    if !moved {
        return Reply::error(422, "Update is not a fast forward");
    }
    written(state, &name, Some(old));
    Reply::json(200, reference_json(state, &name, sha))
}

/// Keeps what readers shall still see for a while, if the test wants that of this branch.
fn written(state: &mut State, name: &str, old: Option<String>) {
    if let Some(Stale::Waiting { reads }) = state.stale.get(name) {
        let left = *reads;
        state
            .stale
            .insert(name.to_owned(), Stale::Showing { left, tip: old });
    }
}
