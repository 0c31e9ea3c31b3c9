//! What starts a run.

use super::*;

#[test]
fn pull_request_events_speak_of_the_scene() {
    let (github, number) = scene();
    let repository = github.repository();
    let (base, head) = (
        repository.tip("main").unwrap(),
        repository.tip("feature").unwrap(),
    );
    let opened: Event = github.pull_request_event(number, "opened");
    assert_eq!(opened.payload["pull_request"]["head"]["sha"], head);
    assert_eq!(opened.payload["repository"]["full_name"], "acme/assistants");
    assert_eq!(
        opened.payload["pull_request"]["url"],
        format!("{}/repos/acme/assistants/pulls/{number}", github.api_url())
    );
    let ahead = repository.commit_on("main", "ahead", &[Change::Write("x", b"x")]);
    assert_eq!(
        github.pull_request_event(number, "reopened").payload["pull_request"]["base"]["sha"],
        base
    );
    let pushed = github.pull_request_event(number, "synchronize").payload;
    assert_eq!(
        (
            &pushed["pull_request"]["base"]["sha"],
            &pushed["before"],
            &pushed["after"]
        ),
        (&json!(ahead), &json!(base), &json!(head))
    );
    github.edit_pull_request(number, |pull| {
        pull.head_repository = HeadRepository::Deleted;
    });
    assert_eq!(
        github.pull_request_event(number, "opened").payload["pull_request"]["head"]["repo"],
        Value::Null
    );
    repository.branch("release");
    let edited = github.retargeted_event(number, "release").payload;
    assert_eq!(edited["changes"]["base"]["ref"]["from"], "main");
    assert_eq!(edited["pull_request"]["base"]["ref"], "release");
}

#[test]
fn events_without_a_pull_request_speak_of_commits() {
    let (github, number) = scene();
    let repository = github.repository();
    let base = repository.tip("main").unwrap();
    let ahead = repository.commit_on("main", "ahead", &[Change::Write("x", b"x")]);
    let push = github.push_event("main", &base, &ahead);
    assert_eq!(
        (
            push.name,
            &push.payload["head_commit"]["id"],
            &push.payload["created"]
        ),
        ("push", &json!(ahead), &json!(false))
    );
    assert_eq!(
        github.push_event("main", "", &ahead).payload["commits"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let group = github.merge_group_event(number).payload;
    assert_eq!(
        repository
            .resolve(group["merge_group"]["head_ref"].as_str().unwrap())
            .as_deref(),
        group["merge_group"]["head_sha"].as_str()
    );
    let dispatch = github.workflow_dispatch_event("main", &json!({"all": "true"}));
    assert_eq!(
        (&dispatch.payload["ref"], &dispatch.payload["inputs"]["all"]),
        (&json!("refs/heads/main"), &json!("true"))
    );
    let folder = tempfile::TempDir::new().unwrap();
    let written: Value =
        serde_json::from_slice(&std::fs::read(push.write(folder.path())).unwrap()).unwrap();
    assert_eq!(written, push.payload);
}

#[tokio::test]
async fn a_fork_has_its_own_repository_and_no_branch_here() {
    let (github, _) = scene();
    github.repository().branch("outside");
    github.repository().commit("change", &[("README.md", None)]);
    let number = github.open_pull_request_from_fork("main", "outside", "mallory/assistants");
    let pull = get(&github, &format!("{REPO}/pulls/{number}")).await;
    assert_eq!(
        (&pull["head"]["repo"]["full_name"], &pull["head"]["label"]),
        (&json!("mallory/assistants"), &json!("mallory:outside"))
    );
    let reference = format!("{REPO}/git/ref/heads/outside");
    assert_eq!(
        ask(&github, Method::GET, &reference)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert_eq!(
        github.pull_request_event(number, "opened").payload["pull_request"]["head"]["repo"]["fork"],
        true
    );
    let first: Recorded = github.requests().remove(0);
    assert_eq!(
        (first.method.as_str(), first.query("ref"), first.json()),
        ("GET", None, Value::Null)
    );
}
