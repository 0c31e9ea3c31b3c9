//! What goes wrong on demand.

use super::*;

#[tokio::test]
async fn faults_fall_on_the_requests_that_they_are_for() {
    let (github, number) = scene();
    let comments = format!("{REPO}/issues/{number}/comments");
    let post = || ask(&github, Method::POST, &comments).json(&json!({"body": "x"}));
    let expected = [
        (Fault::bad_gateway(), 502),
        (Fault::unavailable(), 503),
        (Fault::too_many_requests(2), 429),
        (Fault::secondary_limit(None), 403),
        (Fault::secondary_limit(Some(2)), 403),
        (Fault::primary_limit(7), 403),
        (Fault::redirect("http://127.0.0.1:1/"), 301),
        (Fault::refusal(409, "conflict"), 409),
        (Fault::done_yet_bad_gateway(), 502),
    ];
    for (fault, status) in expected {
        github.fault("issues/create-comment", 1, fault);
        let response = post().send().await.unwrap();
        assert_eq!(response.status(), status);
        let left = response.headers()["x-ratelimit-remaining"].clone();
        assert!(left != "0" || response.headers()["x-ratelimit-reset"] == "7");
    }
    assert_eq!(github.comments(number).len(), 1);
    github.fault("issues/create-comment", 1, Fault::Disconnect);
    assert!(post().send().await.is_err());
    github.fault("issues/create-comment", 1, Fault::DoneYetDisconnect);
    assert!(post().send().await.is_err());
    assert_eq!(github.comments(number).len(), 2);
    github.fault("repos/get", 1, Fault::CutBody);
    assert!(
        ask(&github, Method::GET, REPO)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .is_err()
    );
    github.fault("repos/get", 1, Fault::HalfJson);
    let half = ask(&github, Method::GET, REPO)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(serde_json::from_slice::<Value>(&half).is_err());
    github.fault("repos/get", 1, Fault::Stall);
    assert!(
        ask(&github, Method::GET, REPO)
            .timeout(Duration::from_millis(50))
            .send()
            .await
            .is_err()
    );
    assert_eq!(get(&github, REPO).await["name"], "assistants");
}

#[tokio::test]
async fn a_fault_may_wait_choose_and_let_others_act() {
    let (github, number) = scene();
    let list = format!("{REPO}/issues/{number}/comments");
    github.fault(
        On::operation("issues/list-comments")
            .query("page", "2")
            .path("/issues/")
            .after(1),
        1,
        Fault::unavailable(),
    );
    let status = async |path: String| {
        ask(&github, Method::GET, &path)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let second = format!("{list}?page=2");
    assert_eq!(
        [
            status(list.clone()).await,
            status(second.clone()).await,
            status(second.clone()).await,
            status(second).await
        ],
        [200, 200, 503, 200]
    );
    let act = move |hub: &Hub| assert!(hub.seed_comment(number, "mallory", "first") > 0);
    github.fault("issues/list-comments", 1, Fault::meanwhile(act));
    assert_eq!(get(&github, &list).await[0]["body"], "first");
}
