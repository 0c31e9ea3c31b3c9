//! The payloads that start a run, as GitHub would write them to `GITHUB_EVENT_PATH`.
//!
//! Each is a published example with only what it is about laid over it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::examples::lay_over;
use super::hub::Hub;
use super::routes::{REPOSITORY_ID, pulls};
use super::state::State;

const PULL_REQUEST: &str = include_str!("../../../contract/events/pull_request.opened.json");
const PUSH: &str = include_str!("../../../contract/events/push.json");
const MERGE_GROUP: &str =
    include_str!("../../../contract/events/merge_group.checks_requested.json");
const WORKFLOW_RUN: &str = include_str!("../../../contract/events/workflow_run.completed.json");
const WORKFLOW_DISPATCH: &str = include_str!("../../../contract/events/workflow_dispatch.json");

/// The number of the pull request in GitHub's webhook examples.
const EXAMPLE_NUMBER: u64 = 2;

/// What a push without a predecessor, or without a successor, says for a SHA.
const NO_SHA: &str = "0000000000000000000000000000000000000000";

/// An event and its payload.
pub(crate) struct Event {
    /// For `GITHUB_EVENT_NAME`.
    pub(crate) name: &'static str,
    /// The payload; a test may bend it further.
    pub(crate) payload: Value,
}

impl Event {
    /// Writes the payload as `event.json` into the directory, for `GITHUB_EVENT_PATH`.
    pub(crate) fn write(&self, directory: &Path) -> PathBuf {
        let path = directory.join("event.json");
        std::fs::write(&path, serde_json::to_vec_pretty(&self.payload).unwrap()).unwrap();
        path
    }
}

impl Hub {
    /// `pull_request` with this action. `synchronize` and `edited` renew `base.sha`, as a push to the head does.
    pub(crate) fn pull_request_event(&self, number: u64, action: &str) -> Event {
        let mut state = self.state();
        let before = state.pull(number).expect("the pull request exists").clone();
        let base_sha = state
            .repository
            .tip(&before.base)
            .expect("the base branch exists");
        let now = state.repository.tick().iso();
        if ["synchronize", "edited"].contains(&action) {
            state
                .pulls
                .iter_mut()
                .filter(|pull| pull.number == number)
                .for_each(|pull| {
                    pull.base_sha.clone_from(&base_sha);
                    pull.updated_at.clone_from(&now);
                });
        }
        let pull = state.pull(number).unwrap();
        let mut payload = pulls::renumbered(about(&state, PULL_REQUEST), EXAMPLE_NUMBER, number);
        let mut over = json!({"action": action, "number": number, "pull_request": pulls::simple(&state, pull), "sender": state.place.user(&pull.author)});
        lay_over(&mut over["pull_request"], pulls::counts(&state, pull));
        // The push that brought the head here: from the last commit but one.
        if action == "synchronize" {
            let head = pulls::head_sha(&state, pull);
            let parent = state
                .repository
                .resolve(&format!("{head}^"))
                .unwrap_or_else(|| NO_SHA.to_owned());
            lay_over(&mut over, json!({"before": parent, "after": head}));
        }
        lay_over(&mut payload, over);
        Event {
            name: "pull_request",
            payload,
        }
    }

    /// `edited`: the pull request now goes to another base branch.
    pub(crate) fn retargeted_event(&self, number: u64, base: &str) -> Event {
        let mut from = None;
        self.edit_pull_request(number, |pull| {
            from = Some((
                std::mem::replace(&mut pull.base, base.to_owned()),
                pull.base_sha.clone(),
            ));
        });
        let (branch, sha) = from.unwrap();
        let mut event = self.pull_request_event(number, "edited");
        event.payload["changes"] = json!({"base": {"ref": {"from": branch}, "sha": {"from": sha}}});
        event
    }

    /// `push` to a branch. An empty `before` is a branch that is new.
    pub(crate) fn push_event(&self, branch: &str, before: &str, after: &str) -> Event {
        let state = self.state();
        let created = before.is_empty();
        let before = if created { NO_SHA } else { before };
        let range = if created {
            after.to_owned()
        } else {
            format!("{before}..{after}")
        };
        let mut payload = about(&state, PUSH);
        let example = payload["head_commit"].clone();
        let commit = |commit: &super::git::Commit| {
            let mut shown = example.clone();
            let over = json!({"id": commit.sha, "tree_id": commit.tree, "message": commit.message, "timestamp": commit.committer.date,
                "url": state.place.html(&format!("commit/{}", commit.sha))});
            lay_over(&mut shown, over);
            shown
        };
        let commits: Vec<Value> = state
            .repository
            .log(&range, &["--reverse"])
            .iter()
            .map(commit)
            .collect();
        let compare = state.place.html(&format!("compare/{before}...{after}"));
        let over = json!({"ref": format!("refs/heads/{branch}"), "before": before, "after": after, "created": created,
            "deleted": false, "forced": false, "base_ref": null, "compare": compare,
            "head_commit": commit(&state.repository.facts(after)), "commits": commits});
        lay_over(&mut payload, over);
        Event {
            name: "push",
            payload,
        }
    }

    /// `merge_group`: the queue asks for checks of a pull request merged with its base. The queue's branch is made.
    pub(crate) fn merge_group_event(&self, number: u64) -> Event {
        let state = self.state();
        let pull = state.pull(number).expect("the pull request exists");
        let (base, head) = (
            state.repository.tip(&pull.base).unwrap(),
            pulls::head_sha(&state, pull),
        );
        let message = format!("Merge pull request #{number} from {}", pull.head);
        let merged = state
            .repository
            .merge(&base, &head, &message, &state.repository.tick().iso())
            .expect("the branches merge");
        let branch = format!("gh-readonly-queue/{}/pr-{number}-{base}", pull.base);
        state.repository.reset(&branch, &merged);
        let facts = state.repository.facts(&merged);
        let mut payload = about(&state, MERGE_GROUP);
        let group = json!({"head_sha": merged, "head_ref": format!("refs/heads/{branch}"), "base_sha": base,
            "base_ref": format!("refs/heads/{}", pull.base),
            "head_commit": {"id": merged, "tree_id": facts.tree, "message": message, "timestamp": facts.committer.date}});
        lay_over(&mut payload, json!({"merge_group": group}));
        Event {
            name: "merge_group",
            payload,
        }
    }

    /// `workflow_run`: a workflow about a pull request has ended.
    pub(crate) fn workflow_run_event(&self, number: u64) -> Event {
        let state = self.state();
        let pull = state.pull(number).expect("the pull request exists");
        let shown = pulls::simple(&state, pull);
        let label = shown["head"]["label"].as_str().unwrap();
        let (owner, branch) = label.split_once(':').unwrap();
        let over = json!({
            "event": "pull_request", "head_sha": shown["head"]["sha"], "head_branch": branch,
            "head_repository": {"owner": {"login": owner}}, "pull_requests": [],
        });
        let mut payload = about(&state, WORKFLOW_RUN);
        lay_over(&mut payload, json!({"workflow_run": over}));
        Event {
            name: "workflow_run",
            payload,
        }
    }

    /// `workflow_dispatch` on a branch, with the inputs of the form.
    pub(crate) fn workflow_dispatch_event(&self, branch: &str, inputs: &Value) -> Event {
        let mut payload = about(&self.state(), WORKFLOW_DISPATCH);
        lay_over(
            &mut payload,
            json!({"ref": format!("refs/heads/{branch}"), "inputs": inputs}),
        );
        Event {
            name: "workflow_dispatch",
            payload,
        }
    }
}

/// The example, speaking of our repository.
fn about(state: &State, example: &str) -> Value {
    let example = serde_json::from_str(example).expect("tests/contract/events holds JSON");
    let mut payload = state.place.moved(example);
    let over = json!({"id": REPOSITORY_ID, "private": state.private, "default_branch": "main"});
    lay_over(&mut payload["repository"], over);
    payload
}
