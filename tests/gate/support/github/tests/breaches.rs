//! Whoever breaks the contract is caught.

use super::*;

#[test]
fn published_examples_obey_the_published_schemas() {
    // The slips in GitHub's own examples; the routes put them right or replace what they are in.
    let known = [
        ": \"language\" is a required",
        "/source: \"language\" is a required",
        "/requested_teams/0: \"type\" is a required",
        "user-has-admin-permissions\"}/user: ",
    ];
    let news = |problem: &String| !known.iter().any(|slip| problem.contains(slip));
    assert_eq!(
        contract::example_problems()
            .into_iter()
            .filter(news)
            .collect::<Vec<_>>(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn an_unknown_endpoint_a_wrong_body_and_a_misspelt_parameter_are_each_caught() {
    let (github, number) = scene();
    let comments = format!("{REPO}/issues/{number}/comments");
    let caught = || github.take_violations().join("\n");
    let gone = ask(
        &github,
        Method::DELETE,
        &format!("{REPO}/issues/comments/1"),
    )
    .send()
    .await
    .unwrap();
    assert_eq!(gone.status(), 501);
    assert!(caught().contains("no such endpoint"));
    send(&github, Method::POST, &comments, json!({"text": "x"})).await;
    let found = caught();
    assert!(
        found.contains("\"body\" is a required property")
            && found.contains("'text' was unexpected"),
        "{found}"
    );
    get(&github, &format!("{comments}?perpage=100")).await;
    assert!(caught().contains("unknown query parameter `perpage`"));
    get(&github, &format!("{comments}?per_page=many")).await;
    assert!(caught().contains("query parameter `per_page`"));
    let bare = client()
        .get(format!("{}{REPO}", github.api_url()))
        .bearer_auth(github.token())
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), 200);
    let found = caught();
    assert!(
        found.contains("no user-agent")
            && found.contains("api-version")
            && found.contains("accept is"),
        "{found}"
    );
    let query = client()
        .post(github.graphql_url())
        .bearer_auth(github.token())
        .header("user-agent", "test");
    query
        .json(&json!({"query": "{ rateLimit { cost } }"}))
        .send()
        .await
        .unwrap();
    assert!(caught().contains("does not understand the query"));
    github.fault("repos/get", 1, Fault::Stall);
    assert!(caught().contains("never happened"));
}

#[tokio::test]
#[should_panic(expected = "the contract with GitHub is broken")]
async fn a_test_that_broke_the_contract_fails_at_its_end() {
    let (github, _) = scene();
    ask(&github, Method::GET, "/zen").send().await.unwrap();
}
