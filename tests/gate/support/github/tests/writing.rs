//! What is written, and by whom.

use super::*;

/// Blob, tree and commit on top of `parent`; gives the commit's SHA.
async fn write_commit(github: &FakeGitHub, parent: Option<&str>, path: &str) -> String {
    let create = async |kind: &str, body: Value| {
        let (status, written) =
            send(github, Method::POST, &format!("{REPO}/git/{kind}"), body).await;
        assert_eq!(status, 201, "{written}");
        written["sha"].as_str().unwrap().to_owned()
    };
    let blob = create("blobs", json!({"content": "aGk=", "encoding": "base64"})).await;
    let entries = json!([{"path": path, "mode": "100644", "type": "blob", "sha": blob},
        {"path": "inline", "mode": "100644", "type": "blob", "content": path}]);
    let mut tree = json!({"tree": entries});
    let mut parents = Vec::new();
    if let Some(parent) = parent {
        tree["base_tree"] =
            get(github, &format!("{REPO}/git/commits/{parent}")).await["tree"]["sha"].clone();
        parents.push(parent);
    }
    let tree = create("trees", tree).await;
    create(
        "commits",
        json!({"message": "record", "tree": tree, "parents": parents}),
    )
    .await
}

#[tokio::test]
async fn a_branch_is_created_once_and_moved_only_forward() {
    let (github, _) = scene();
    let refs = format!("{REPO}/git/refs");
    let first = write_commit(&github, None, "a.json").await;
    let create = json!({"ref": "refs/heads/store", "sha": first});
    assert_eq!(
        send(&github, Method::POST, &refs, create.clone()).await.0,
        201
    );
    let (status, refused) = send(&github, Method::POST, &refs, create).await;
    assert_eq!(
        (status, &refused["message"]),
        (422, &json!("Reference already exists"))
    );
    let second = write_commit(&github, Some(&first), "b.json").await;
    let rival = write_commit(&github, Some(&first), "c.json").await;
    let branch = format!("{refs}/heads/store");
    github.stale_reads("store", 2);
    assert_eq!(
        send(
            &github,
            Method::PATCH,
            &branch,
            json!({"sha": second, "force": false})
        )
        .await
        .0,
        200
    );
    let (status, refused) = send(
        &github,
        Method::PATCH,
        &branch,
        json!({"sha": rival, "force": false}),
    )
    .await;
    assert_eq!(
        (status, &refused["message"]),
        (422, &json!("Update is not a fast forward"))
    );
    let reference = format!("{REPO}/git/ref/heads/store");
    for expected in [&first, &first, &second] {
        assert_eq!(get(&github, &reference).await["object"]["sha"], **expected);
    }
    assert_eq!(
        github.files_on_branch("store"),
        ["a.json", "b.json", "inline"]
    );
    assert_eq!(github.file_on_branch("store", "b.json").unwrap(), b"hi");
    github.repository().delete_branch("store");
    assert_eq!(
        ask(&github, Method::GET, &reference)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}

#[tokio::test]
async fn comments_are_paged_written_edited_and_limited() {
    let (github, number) = scene();
    for index in 0..31 {
        github.seed_comment(number, "alice", &format!("comment {index}"));
    }
    let gone = github.seed_comment(number, None, "from a deleted account");
    let comments = format!("{REPO}/issues/{number}/comments");
    let first = ask(&github, Method::GET, &comments).send().await.unwrap();
    let second = get(&github, &next(&first).unwrap()).await;
    assert_eq!(
        (second.as_array().unwrap().len(), &second[1]["user"]),
        (2, &Value::Null)
    );
    github.delete_comment(gone);
    let (status, created) = send(&github, Method::POST, &comments, json!({"body": "report"})).await;
    assert_eq!(
        (status, &created["user"]["login"], &created["user"]["type"]),
        (201, &json!("github-actions[bot]"), &json!("Bot"))
    );
    let edit = format!("{REPO}/issues/comments/{}", created["id"]);
    assert_eq!(
        send(&github, Method::PATCH, &edit, json!({"body": "newer"}))
            .await
            .0,
        200
    );
    github.limit_comments(4);
    let (status, refused) = send(&github, Method::PATCH, &edit, json!({"body": "ÄÖÜßé"})).await;
    assert_eq!(
        (status, &refused["errors"][0]["message"]),
        (422, &json!("Body is too long (maximum is 4 characters)"))
    );
    let last: Comment = github.comments(number).pop().unwrap();
    assert_eq!(
        (last.id, last.author.as_deref(), &*last.body),
        (
            created["id"].as_u64().unwrap(),
            Some("github-actions[bot]"),
            "newer"
        )
    );
}

#[tokio::test]
async fn the_token_decides_who_one_is() {
    let (github, _) = scene();
    assert_eq!(
        ask(&github, Method::GET, "/user")
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    let query = json!({"query": "query Me { viewer { login } }"});
    let viewer = client()
        .post(github.graphql_url())
        .bearer_auth(github.token())
        .header("user-agent", "test")
        .json(&query);
    let body: Value = viewer
        .try_clone()
        .unwrap()
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(body["data"]["viewer"]["login"], "github-actions[bot]");
    github.without_graphql();
    assert_eq!(viewer.send().await.unwrap().status(), 404);
    github.token_of("alice", TokenKind::Personal);
    assert_eq!(get(&github, "/user").await["login"], "alice");
}

#[tokio::test]
async fn the_token_decides_what_one_may() {
    let (github, number) = scene();
    for permission in [Permission::Comments, Permission::Contents] {
        github.refuse(permission);
    }
    let comment = ask(
        &github,
        Method::POST,
        &format!("{REPO}/issues/{number}/comments"),
    )
    .json(&json!({"body": "x"}));
    let refused = comment.send().await.unwrap();
    assert_eq!(
        refused.headers()["x-accepted-github-permissions"],
        "issues=write; pull_requests=write"
    );
    assert_eq!(
        send(
            &github,
            Method::POST,
            &format!("{REPO}/git/blobs"),
            json!({"content": ""})
        )
        .await
        .0,
        403
    );
    let stranger = ask(&github, Method::GET, REPO).build().unwrap();
    let mut request = stranger;
    request
        .headers_mut()
        .insert("authorization", "Bearer wrong".parse().unwrap());
    let unknown = client().execute(request).await.unwrap();
    assert_eq!(unknown.status(), 401);
    assert_eq!(unknown.headers()["x-ratelimit-limit"], "1000");
    assert_eq!(
        unknown.json::<Value>().await.unwrap()["message"],
        "Bad credentials"
    );
    github.without_rate_limit();
    assert!(
        !ask(&github, Method::GET, REPO)
            .send()
            .await
            .unwrap()
            .headers()
            .contains_key("x-ratelimit-limit")
    );
    assert_eq!(github.requests()[0].headers["authorization"], "[redacted]");
}
