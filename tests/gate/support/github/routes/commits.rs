//! Commits in a row, and two of them compared.

use serde_json::{Value, json};

use super::super::examples::lay_over;
use super::super::git::Commit;
use super::super::state::State;
use super::super::wire::{Call, Reply, page};
use super::REPOSITORY_ID;
use super::objects::person_json;
use super::pulls;

/// How many files a comparison lists, however it is paged.
const MOST_COMPARED_FILES: usize = 300;

pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    for name in ["author", "committer", "since", "until"] {
        if call.request.query(name).is_some() {
            state.violated(
                &call.request,
                &format!("the fake does not filter commits by {name}"),
            );
        }
    }
    let Some(from) = state
        .repository
        .resolve(call.request.query("sha").unwrap_or("main"))
    else {
        return Reply::not_found();
    };
    let path: Vec<&str> = call.request.query("path").into_iter().collect();
    let commits = state.repository.log(&from, &path);
    let links = format!("{}/repositories/{REPOSITORY_ID}/commits", state.place.api);
    page(call, &links, &commits, |commit| shown(state, commit))
}

pub(super) fn compare(state: &State, call: &Call) -> Reply {
    let repository = &state.repository;
    let Some((base_name, head_name)) = call.parameter("basehead").split_once("...") else {
        return Reply::not_found();
    };
    // A name may say whose branch it is, `owner:branch`; forks share our objects.
    let resolved = |name: &str| repository.resolve(name.rsplit(':').next().unwrap());
    let (Some(base), Some(head)) = (resolved(base_name), resolved(head_name)) else {
        return Reply::not_found();
    };
    let Some(fork_point) = repository.merge_base(&base, &head) else {
        let message = format!("No common ancestor between {base_name} and {head_name}.");
        return Reply::error(404, &message);
    };
    let ahead = repository.count(&format!("{base}..{head}"));
    let behind = repository.count(&format!("{head}..{base}"));
    let status = match (ahead, behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let (commits, files) = compared(state, call, [&base, &fork_point, &head]);
    let mut comparison = state.place.example("commit-comparison");
    let over = json!({
        "url": state.place.url(&format!("compare/{base}...{head}")),
        "base_commit": shown(state, &repository.facts(&base)),
        "merge_base_commit": shown(state, &repository.facts(&fork_point)),
        "status": status,
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": commits,
        "files": files,
    });
    lay_over(&mut comparison, over);
    let html = state.place.html(&format!("compare/{base}...{head}"));
    for (name, end) in [
        ("html_url", ""),
        ("permalink_url", ""),
        ("diff_url", ".diff"),
        ("patch_url", ".patch"),
    ] {
        comparison[name] = json!(format!("{html}{end}"));
    }
    Reply::json(200, comparison)
}

/// The commits of a comparison, oldest first and by pages, and its files, which are all on the first page.
fn compared(
    state: &State,
    call: &Call,
    [base, fork_point, head]: [&str; 3],
) -> (Vec<Value>, Vec<Value>) {
    let asked = |name: &str, default: usize| {
        call.request
            .query(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (size, number) = (
        asked("per_page", 250).clamp(1, 250),
        asked("page", 1).max(1),
    );
    let commits = state
        .repository
        .log(&format!("{base}..{head}"), &["--reverse"]);
    let page = commits.iter().skip((number - 1) * size).take(size);
    let changes = if number == 1 {
        state.repository.diff(fork_point, head)
    } else {
        Vec::new()
    };
    let listed = changes.iter().take(MOST_COMPARED_FILES);
    (
        page.map(|commit| shown(state, commit)).collect(),
        listed
            .map(|change| pulls::file(&state.place, head, change))
            .collect(),
    )
}

fn shown(state: &State, commit: &Commit) -> Value {
    let mut shown = state.place.example("commit-items")[0].take();
    let sha = &commit.sha;
    let url = |rest: &str| state.place.url(rest);
    let parent = |sha: &String| json!({"sha": sha, "url": url(&format!("commits/{sha}")), "html_url": state.place.html(&format!("commit/{sha}"))});
    let over = json!({
        "sha": sha,
        "url": url(&format!("commits/{sha}")),
        "html_url": state.place.html(&format!("commit/{sha}")),
        "comments_url": url(&format!("commits/{sha}/comments")),
        "commit": {
            "url": url(&format!("git/commits/{sha}")),
            "author": person_json(&commit.author),
            "committer": person_json(&commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": url(&format!("git/trees/{}", commit.tree))},
        },
        "parents": commit.parents.iter().map(parent).collect::<Vec<_>>(),
    });
    lay_over(&mut shown, over);
    shown
}
