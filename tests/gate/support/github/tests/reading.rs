//! What is read: pull requests, files, objects, commits.

use super::*;

#[test]
fn a_history_has_the_same_shas_everywhere() {
    let repository = Repository::new();
    let sha = repository.commit("start", &[("a \"b\"\n::c", Some(b"x"))]);
    assert_eq!(sha, "336d91f7da34d455c928d03b080430c0ffa9dbf2");
    assert_eq!(repository.file("main", "a \"b\"\n::c").unwrap(), b"x");
}

#[tokio::test]
async fn a_pull_request_is_told_with_its_files() {
    let (github, number) = scene();
    let pull = get(&github, &format!("{REPO}/pulls/{number}")).await;
    assert_eq!(
        pull["head"]["sha"],
        json!(github.repository().tip("feature"))
    );
    assert_eq!(pull["base"]["repo"]["full_name"], "acme/assistants");
    assert_eq!(
        (
            &pull["changed_files"],
            &pull["additions"],
            &pull["mergeable"]
        ),
        (&json!(1), &json!(1), &json!(true))
    );
    let files = get(
        &github,
        &format!("{REPO}/pulls/{number}/files?per_page=100"),
    )
    .await;
    assert_eq!(
        (&files[0]["filename"], &files[0]["status"]),
        (&json!("data/train.jsonl"), &json!("modified"))
    );
    let repository = get(&github, REPO).await;
    assert_eq!(
        (&repository["full_name"], &repository["private"]),
        (&json!("acme/assistants"), &json!(false))
    );
    github.make_private();
    assert_eq!(get(&github, REPO).await["private"], true);
}

#[tokio::test]
async fn renames_modes_links_and_submodules_are_worded_as_github_words_them() {
    let (github, number) = scene();
    let repository = github.repository();
    let changes = [
        Change::Delete("data/train.jsonl"),
        Change::Write("moved/train.jsonl", b"{}\n{}\n{}\n"),
        Change::WriteAs("README.md", "100755", b"hello\n"),
        Change::WriteAs("link", "120000", b"README.md"),
        Change::WriteAs("away", "120000", b"/etc/passwd"),
        Change::Submodule("sub", "1234567890123456789012345678901234567890"),
    ];
    repository.commit_on("feature", "shuffle", &changes);
    let files = get(&github, &format!("{REPO}/pulls/{number}/files")).await;
    let words: Vec<String> = files
        .as_array()
        .unwrap()
        .iter()
        .map(|file| format!("{} {}", file["status"], file["filename"]))
        .collect();
    let expected = [
        r#""changed" "README.md""#,
        r#""added" "away""#,
        r#""added" "link""#,
        r#""renamed" "moved/train.jsonl""#,
        r#""added" "sub""#,
    ];
    assert_eq!(words, expected);
    assert_eq!(files[3]["previous_filename"], "data/train.jsonl");
    let at = |path: &str| format!("{REPO}/contents/{path}?ref=feature");
    assert_eq!(get(&github, &at("link")).await["path"], "README.md");
    assert_eq!(get(&github, &at("away")).await["target"], "/etc/passwd");
    assert_eq!(get(&github, &at("sub")).await["type"], "submodule");
    assert_eq!(get(&github, &at("")).await.as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn more_than_three_thousand_files_are_cut_without_a_word() {
    let (github, number) = scene();
    let names: Vec<String> = (0..3000)
        .map(|number| format!("many/{number:04}"))
        .collect();
    let changes: Vec<Change<'_>> = names
        .iter()
        .map(|name| Change::Write(name, name.as_bytes()))
        .collect();
    github.repository().commit_on("feature", "many", &changes);
    assert_eq!(
        get(&github, &format!("{REPO}/pulls/{number}")).await["changed_files"],
        3001
    );
    let mut seen = 0;
    let mut at = Some(format!("{REPO}/pulls/{number}/files?per_page=100"));
    while let Some(path) = at {
        let response = ask(&github, Method::GET, &path).send().await.unwrap();
        at = next(&response);
        seen += response.json::<Vec<Value>>().await.unwrap().len();
    }
    assert_eq!((seen, github.requests().len()), (3000, 31));
    assert_eq!(
        github.requests()[2].path,
        format!("{REPO}/pulls/{number}/files")
    );
}

#[tokio::test]
async fn contents_blobs_and_trees_are_read_as_json_or_raw() {
    let (github, _) = scene();
    let large = vec![b'x'; 1024 * 1024 + 1];
    github
        .repository()
        .commit_on("main", "large", &[Change::Write("large", &large)]);
    let file = get(&github, &format!("{REPO}/contents/data%2Ftrain.jsonl")).await;
    assert_eq!(file["content"], "e30Ke30Ke30K\n");
    let blob = format!("{REPO}/git/blobs/{}", file["sha"].as_str().unwrap());
    assert_eq!(get(&github, &blob).await["size"], 9);
    assert_eq!(raw(&github, &blob).await, b"{}\n{}\n{}\n");
    assert_eq!(
        raw(&github, &format!("{REPO}/contents/large?ref=main")).await,
        large
    );
    let told = get(&github, &format!("{REPO}/contents/large")).await;
    assert_eq!(
        (&told["content"], &told["encoding"]),
        (&json!(""), &json!("none"))
    );
    assert_eq!(
        get(&github, &format!("{REPO}/contents/data")).await[0]["path"],
        "data/train.jsonl"
    );
    let missing = ask(
        &github,
        Method::GET,
        &format!("{REPO}/contents/no?ref=main"),
    )
    .send()
    .await
    .unwrap();
    assert_eq!(missing.status(), 404);
    let tree = get(&github, &format!("{REPO}/git/trees/main?recursive=1")).await;
    assert_eq!(
        (tree["tree"].as_array().unwrap().len(), &tree["truncated"]),
        (4, &json!(false))
    );
    github.truncate_trees(2);
    let tree = get(&github, &format!("{REPO}/git/trees/main?recursive=1")).await;
    assert_eq!(
        (tree["tree"].as_array().unwrap().len(), &tree["truncated"]),
        (2, &json!(true))
    );
}

#[tokio::test]
async fn commits_are_listed_compared_and_traced_to_their_pull_request() {
    let (github, number) = scene();
    let (base, head) = (
        github.repository().tip("main").unwrap(),
        github.repository().tip("feature").unwrap(),
    );
    let compared = get(&github, &format!("{REPO}/compare/main...feature")).await;
    assert_eq!(
        (&compared["status"], &compared["ahead_by"]),
        (&json!("ahead"), &json!(1))
    );
    assert_eq!(compared["merge_base_commit"]["sha"], base);
    let merged = github.merge_pull_request(number);
    github.repository().delete_branch("feature");
    for sha in [&head, &merged] {
        let pulls = get(&github, &format!("{REPO}/commits/{sha}/pulls")).await;
        assert_eq!(
            (&pulls[0]["number"], &pulls[0]["merge_commit_sha"]),
            (&json!(number), &json!(merged))
        );
    }
    let response = ask(
        &github,
        Method::GET,
        &format!("{REPO}/commits?sha=main&per_page=2"),
    )
    .send()
    .await
    .unwrap();
    let more = next(&response).unwrap();
    assert_eq!(
        response.json::<Vec<Value>>().await.unwrap()[0]["sha"],
        merged
    );
    assert_eq!(get(&github, &more).await.as_array().unwrap().len(), 1);
    github.repository().reset("main", &base);
    assert_eq!(
        get(&github, &format!("{REPO}/compare/{merged}...main")).await["status"],
        "behind"
    );
}

#[tokio::test]
async fn under_a_prefix_it_is_an_enterprise_server() {
    let repository = Repository::named("team/models");
    repository.commit("start", &[("a", Some(b"a"))]);
    let github = FakeGitHub::start_under("/api/v3", repository);
    assert!(
        github.api_url().ends_with("/api/v3") && github.graphql_url().ends_with("/api/graphql")
    );
    let repository = get(&github, "/repos/team/models").await;
    assert_eq!(
        repository["url"],
        format!("{}/repos/team/models", github.api_url())
    );
    assert_eq!(github.requests()[0].path, "/repos/team/models");
}
