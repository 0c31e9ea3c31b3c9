use serde_json::json;

use super::*;

fn pull_request() -> Value {
    let (base, head) = ("b".repeat(40), "c".repeat(40));
    json!({
        "action": "synchronize", "number": 7,
        "pull_request": {
            "number": 7, "draft": false, "changed_files": 3, "user": {"login": "ada", "id": 1},
            "base": {"sha": base, "ref": "main", "repo": {"full_name": "acme/models"}},
            "head": {"sha": head, "ref": "feature/x", "repo": {"full_name": "acme/models"}}
        },
        "repository": {"full_name": "acme/models", "private": true},
        "sender": {"login": "ada", "id": 1}
    })
}

fn read(name: &str, payload: &Value) -> Result<Event, EventError> {
    Event::read(name, payload.to_string().as_bytes())
}

fn read_pull_request(payload: &Value) -> PullRequest {
    let Ok(Event::PullRequest(pull)) = read("pull_request", payload) else {
        panic!("no pull request in {payload}");
    };
    pull
}

#[test]
fn a_pull_request_is_read_whole() {
    let pull = read_pull_request(&pull_request());
    assert_eq!(pull.number, PullNumber(7));
    assert_eq!(pull.base_sha.as_str(), "b".repeat(40));
    assert_eq!(pull.head_sha.as_str(), "c".repeat(40));
    assert_eq!(
        (pull.action.as_str(), pull.changed_files),
        ("synchronize", Some(3))
    );
    assert_eq!(
        (pull.base_ref.as_str(), pull.head_ref.as_str()),
        ("main", "feature/x")
    );
    assert!(pull.private && !pull.is_fork() && !pull.dependabot);
}

#[test]
fn a_deleted_fork_and_another_repository_are_forks() {
    let mut payload = pull_request();
    payload["pull_request"]["head"]["repo"] = Value::Null;
    let pull = read_pull_request(&payload);
    assert!(pull.is_fork() && pull.head_repo.is_none());
    payload["pull_request"]["head"]["repo"] = json!({"full_name": "eve/models"});
    assert!(read_pull_request(&payload).is_fork());
    payload["pull_request"]["head"]["repo"] = json!({"full_name": "Acme/Models"});
    assert!(!read_pull_request(&payload).is_fork());
}

#[test]
fn the_actor_says_whether_it_is_dependabot_and_the_author_only_without_one() {
    let mut payload = pull_request();
    payload["pull_request"]["user"] = json!({"login": "dependabot[bot]", "id": 49_699_333});
    assert!(!read_pull_request(&payload).dependabot);
    payload["sender"] = Value::Null;
    assert!(read_pull_request(&payload).dependabot);
    payload["sender"] = json!({"login": "dependabot[bot]", "id": 5});
    assert!(read_pull_request(&payload).dependabot);
}

#[test]
fn actions_that_need_no_run_are_still_read() {
    let mut payload = pull_request();
    payload["action"] = json!("closed");
    assert_eq!(read_pull_request(&payload).action, "closed");
}

#[test]
fn a_push_knows_branch_tag_new_and_deleted() {
    let sha = |c: &str| c.repeat(40);
    let push = |git_ref: &str, before: &str, after: &str| {
        let payload =
            json!({"ref": git_ref, "before": sha(before), "after": sha(after), "forced": true});
        let Ok(Event::Push(push)) = read("push", &payload) else {
            panic!()
        };
        push
    };
    let plain = push("refs/heads/release/1", "a", "b");
    assert_eq!(plain.branch.as_deref(), Some("release/1"));
    assert_eq!(plain.before.unwrap().as_str(), sha("a"));
    assert!(plain.forced && !plain.deleted && !plain.private);
    assert_eq!(push("refs/tags/v1", "0", "b").branch, None);
    assert_eq!(push("refs/heads/x", "0", "b").before, None);
    assert!(push("refs/heads/x", "a", "0").deleted);
}

#[test]
fn a_merge_group_a_dispatch_and_a_schedule_are_read() {
    let group = json!({"merge_group": {"base_sha": "a".repeat(40), "head_sha": "b".repeat(64),
        "base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-1"}});
    let Ok(Event::MergeGroup(group)) = read("merge_group", &group) else {
        panic!()
    };
    assert_eq!(group.base_ref, "main");
    assert_eq!(group.head_ref, "gh-readonly-queue/main/pr-1");
    let dispatch = json!({"ref": "refs/heads/main", "repository": {"private": true}});
    let expected = Dispatch {
        git_ref: "refs/heads/main".to_owned(),
        private: true,
    };
    assert_eq!(
        read("workflow_dispatch", &dispatch),
        Ok(Event::Dispatch(expected))
    );
    let schedule = read("schedule", &json!({"schedule": "0 3 * * *"}));
    assert_eq!(schedule, Ok(Event::Schedule(Schedule { private: false })));
}

#[test]
fn privileged_and_unknown_events_are_refused_with_the_way_out() {
    for name in ["pull_request_target", "workflow_run"] {
        let error = Event::read(name, b"{}").unwrap_err().to_string();
        assert!(
            error.contains(name) && error.contains("use `pull_request`"),
            "{error}"
        );
    }
    let error = Event::read("issues\n::error::", b"{}")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`issues::error::`") && error.contains("merge_group"),
        "{error}"
    );
    assert!(!error.contains('\n'));
}

#[test]
fn a_broken_file_is_one_clear_line() {
    let error = |payload: &[u8]| Event::read("push", payload).unwrap_err();
    assert_eq!(error(b" \n"), EventError::Empty);
    assert!(matches!(error(b"{"), EventError::NotJson(_)));
    assert!(matches!(error(b"[]"), EventError::NotJson(_)));
    assert!(matches!(
        error(&vec![b' '; LARGEST_PAYLOAD + 1]),
        EventError::TooLarge(_)
    ));
    let missing = error(br#"{"ref": "refs/heads/main", "before": "main"}"#).to_string();
    assert!(missing.contains("no commit at `before`"), "{missing}");
    let mut payload = pull_request();
    payload["pull_request"]["base"]["sha"] = json!("../../x");
    let wrong = read("pull_request", &payload).unwrap_err().to_string();
    assert!(wrong.contains("`pull_request.base.sha`"), "{wrong}");
}
