//! The files of a commit by their path.

use serde_json::{Value, json};

use super::super::examples::lay_over;
use super::super::git::{Depth, Entry};
use super::super::state::State;
use super::super::wire::{Call, Reply, encoded};
use super::objects::base64_lines;

/// Above this size the JSON form has no content. <https://docs.github.com/rest/repos/contents#get-repository-content>
const LARGEST_IN_JSON: u64 = 1024 * 1024;

/// How many lines of a directory are listed.
const LONGEST_DIRECTORY: usize = 1000;

pub(super) fn get(state: &State, call: &Call) -> Reply {
    let asked = call.request.query("ref").unwrap_or("main");
    let Some(commit) = state.repository.resolve(asked) else {
        return Reply::error(404, &format!("No commit found for the ref {asked}"));
    };
    let path = call.parameter("path").trim_matches('/');
    if path.is_empty() {
        return directory(state, &commit, "", asked);
    }
    let Some(entry) = state.repository.entry(&commit, path) else {
        return Reply::not_found();
    };
    let entry = followed(state, &commit, entry);
    match entry.kind.as_str() {
        "tree" => directory(state, &commit, &entry.path, asked),
        "commit" => Reply::json(200, line(state, &entry, asked, Form::Alone)),
        _ if call.wants_raw() => Reply::bytes(200, state.repository.blob(&entry.sha)).with(
            "content-type",
            "application/vnd.github.raw+json; charset=utf-8",
        ),
        _ => Reply::json(200, line(state, &entry, asked, Form::Alone)),
    }
}

fn directory(state: &State, commit: &str, path: &str, asked: &str) -> Reply {
    let entries = state
        .repository
        .entries(&format!("{commit}:{path}"), Depth::One)
        .into_iter()
        .take(LONGEST_DIRECTORY);
    let full = |mut entry: Entry| {
        if !path.is_empty() {
            entry.path = format!("{path}/{}", entry.path);
        }
        line(state, &entry, asked, Form::InDirectory)
    };
    Reply::json(200, entries.map(full).collect())
}

/// GitHub answers a symbolic link with the file that it leads to, if that is an ordinary file of the
/// repository, and with the link itself otherwise.
fn followed(state: &State, commit: &str, entry: Entry) -> Entry {
    if entry.mode != "120000" {
        return entry;
    }
    let target = String::from_utf8_lossy(&state.repository.blob(&entry.sha)).into_owned();
    let mut path: Vec<&str> = entry.path.split('/').collect();
    path.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            other => path.push(other),
        }
    }
    match state.repository.entry(commit, &path.join("/")) {
        Some(found) if found.mode.starts_with("100") => found,
        _ => entry,
    }
}

/// Where a file is shown: content, target and the like are left out of a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Alone,
    InDirectory,
}

fn line(state: &State, entry: &Entry, asked: &str, form: Form) -> Value {
    let place = &state.place;
    let (kind, git_kind) = match (entry.kind.as_str(), entry.mode.as_str()) {
        ("tree", _) => ("dir", "trees"),
        ("commit", _) => ("submodule", "trees"),
        (_, "120000") => ("symlink", "blobs"),
        _ => ("file", "blobs"),
    };
    let mut line = match (form, kind) {
        (Form::InDirectory, _) => {
            place.example("content-file-response-if-content-is-a-directory")[0].take()
        }
        (Form::Alone, "submodule") => {
            place.example("content-file-response-if-content-is-a-submodule")
        }
        (Form::Alone, "symlink") => place.example("content-file-response-if-content-is-a-symlink"),
        (Form::Alone, _) => place.example("content-file-response-if-content-is-a-file"),
    };
    let path = entry
        .path
        .split('/')
        .map(encoded)
        .collect::<Vec<_>>()
        .join("/");
    let url = place.url(&format!("contents/{path}?ref={}", encoded(asked)));
    let git = place.url(&format!("git/{git_kind}/{}", entry.sha));
    let html = place.html(&format!("blob/{}/{path}", encoded(asked)));
    let download = format!(
        "https://raw.githubusercontent.com/{}/{}/{path}",
        place.full_name,
        encoded(asked)
    );
    let download = (git_kind == "blobs").then_some(download);
    let over = json!({
        // A submodule in a directory is listed as a file, for the sake of old clients.
        "type": if form == Form::InDirectory && kind == "submodule" { "file" } else { kind },
        "name": entry.path.rsplit('/').next(),
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size.unwrap_or(0),
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": download,
        "_links": {"self": url, "git": git, "html": html},
    });
    lay_over(&mut line, over);
    if form == Form::Alone {
        lay_over(&mut line, content(state, entry, kind));
    }
    line
}

fn content(state: &State, entry: &Entry, kind: &str) -> Value {
    let bytes = || state.repository.blob(&entry.sha);
    match kind {
        "symlink" => json!({"target": String::from_utf8_lossy(&bytes())}),
        "submodule" => json!({}),
        _ if entry.size.is_some_and(|size| size > LARGEST_IN_JSON) => {
            json!({"content": "", "encoding": "none"})
        }
        _ => json!({"content": base64_lines(&bytes()), "encoding": "base64"}),
    }
}
