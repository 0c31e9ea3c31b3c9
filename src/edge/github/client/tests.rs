use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::json;

use super::super::error::Cause;
use super::super::limits::Now;
use super::super::stub::{Answer, Stub, TOKEN, quick};
use super::*;

fn connect(api_url: &str, repository: &str, token: &str) -> Result<GitHub, GitHubError> {
    GitHub::connect(Connection {
        api_url: api_url.to_owned(),
        repository: repository.to_owned(),
        token: token.to_owned(),
        timing: quick(),
    })
}

/// Answers with the given ones in order, the last for ever.
async fn replies(answers: Vec<fn() -> Answer>) -> Stub {
    let next = AtomicU32::new(0);
    Stub::start(move |_| {
        let index = usize::try_from(next.fetch_add(1, Ordering::SeqCst)).unwrap();
        answers[index.min(answers.len() - 1)]()
    })
    .await
}

fn fine() -> Answer {
    Answer::json(200, &json!({"ok": true}))
}

fn broken() -> Answer {
    Answer::bytes(502, "<html>bad gateway ghs_secret123</html>")
        .with("x-github-request-id", "A1:B2")
}

#[tokio::test]
async fn an_api_path_is_kept_and_graphql_stands_beside_it() {
    let stub = replies(vec![fine]).await;
    let github = stub.github_below("/api/v3/");
    github
        .get("reading", "/git/trees/main?recursive=1", JSON)
        .await
        .unwrap();
    github.query("asking", "{viewer{login}}").await.unwrap();
    let seen = stub.seen();
    assert_eq!(
        seen[0].target,
        "/api/v3/repos/acme/models/git/trees/main?recursive=1"
    );
    assert_eq!(seen[1].target, "/api/graphql");
    for request in seen {
        assert_eq!(
            request.header("authorization"),
            Some("Bearer ghs_secret123")
        );
        assert_eq!(request.header("accept"), Some(JSON));
        assert_eq!(request.header("x-github-api-version"), Some("2022-11-28"));
        assert_eq!(
            request
                .headers
                .get_all("x-github-api-version")
                .iter()
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn addresses_that_would_leak_the_token_are_refused() {
    for wrong in [
        "http://github.example.com/api/v3",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "https://ada:pw@github.example.com",
        "ftp://github.example.com",
        "api.github.com",
        "https://api.github.com?x=1",
        "",
    ] {
        let error = connect(wrong, "a/b", "t").unwrap_err();
        assert!(
            matches!(error, GitHubError::Address { .. }),
            "{wrong}: {error}"
        );
        assert!(!error.to_string().contains("pw"), "{error}");
        assert_eq!(error.cause(), Cause::Usage);
    }
    for right in [
        "http://127.0.0.1:9",
        "http://localhost:9",
        "http://[::1]:9",
        "https://api.github.com/",
    ] {
        assert!(connect(right, "a/b", "t").is_ok(), "{right}");
    }
}

#[tokio::test]
async fn a_token_or_repository_that_cannot_be_sent_is_refused() {
    for token in ["", " ", "a b", "a\nb", "ü"] {
        assert_eq!(
            connect("https://x.example", "a/b", token).unwrap_err(),
            GitHubError::Token
        );
    }
    for repository in ["", "a", "a/", "/b", "a/b/c", "../b", "a/.."] {
        let error = connect("https://x.example", repository, "t").unwrap_err();
        assert!(matches!(error, GitHubError::Repository(_)), "{repository}");
    }
    let github = connect("https://x.example", "a/b", "tok123").unwrap();
    assert!(!format!("{github:?}").contains("tok123"));
}

#[tokio::test]
async fn a_read_survives_two_failures_but_not_three() {
    let stub = replies(vec![broken, broken, fine]).await;
    assert!(stub.github().get("reading", "/x", JSON).await.is_ok());
    let stub = replies(vec![broken]).await;
    let error = stub
        .github()
        .get("reading x", "/x", JSON)
        .await
        .err()
        .unwrap();
    assert_eq!(stub.seen().len(), 3);
    assert_eq!(error.cause(), Cause::Outage);
    let text = error.to_string();
    assert!(
        text.contains("reading x") && text.contains("502") && text.contains("A1:B2"),
        "{text}"
    );
    assert!(!text.contains(TOKEN), "{text}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_outage() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = connect(&url, "a/b", "t")
        .unwrap()
        .get("reading", "/x", JSON)
        .await
        .err()
        .unwrap();
    assert_eq!(error.cause(), Cause::Outage, "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_an_outage() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let timing = Timing {
        whole: Duration::from_millis(50),
        tries: 1,
        ..quick()
    };
    let github = GitHub::connect(Connection {
        api_url: format!("http://{}", listener.local_addr().unwrap()),
        repository: "a/b".to_owned(),
        token: "t".to_owned(),
        timing,
    });
    let error = github
        .unwrap()
        .get("reading", "/x", JSON)
        .await
        .err()
        .unwrap();
    assert_eq!(error.cause(), Cause::Outage, "{error}");
}

#[tokio::test]
async fn an_answer_that_drips_for_ever_is_an_outage_in_time() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut tick = tokio::time::interval(Duration::from_millis(2));
        while stream.write_all(b" ").await.is_ok() {
            tick.tick().await;
        }
    });
    let github = GitHub::connect(Connection {
        api_url: url,
        repository: "a/b".to_owned(),
        token: "t".to_owned(),
        timing: Timing {
            whole: Duration::from_millis(100),
            tries: 1,
            ..quick()
        },
    });
    let read = github.unwrap();
    let error = read.get("reading", "/x", JSON).await.err().unwrap();
    assert_eq!(error.cause(), Cause::Outage, "{error}");
    assert!(error.to_string().contains("in time"), "{error}");
}

#[tokio::test]
async fn an_api_path_of_another_forge_is_kept_too() {
    let stub = replies(vec![fine]).await;
    for path in ["/api/v1", "/api/v1/"] {
        let github = stub.github_below(path);
        github.get("reading", "/pulls/1", JSON).await.unwrap();
    }
    let wanted = "/api/v1/repos/acme/models/pulls/1";
    assert!(stub.seen().iter().all(|seen| seen.target == wanted));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_again_and_then_an_outage() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::sync::Arc::new(AtomicU32::new(0));
    let count = std::sync::Arc::clone(&served);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::io::Read::read(&mut stream, &mut [0; 4096]).unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"sha\":";
            std::io::Write::write_all(&mut stream, cut).unwrap();
        }
    });
    let github = connect(&url, "a/b", "t").unwrap();
    let error = github.get("reading", "/x", JSON).await.err().unwrap();
    assert_eq!(error.cause(), Cause::Outage, "{error}");
    assert_eq!(served.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_post_is_sent_once_and_a_patch_may_be_repeated() {
    let stub = replies(vec![broken]).await;
    assert!(
        stub.github()
            .post::<Value>("creating", "/x", &json!({}))
            .await
            .is_err()
    );
    assert_eq!(stub.seen().len(), 1);
    assert!(
        stub.github()
            .patch::<Value>("changing", "/x", &json!({}))
            .await
            .is_err()
    );
    assert_eq!(stub.seen().len(), 4);
}

#[tokio::test]
async fn refusals_are_told_apart_and_not_repeated() {
    for (status, wanted) in [
        (401, "does not accept the token"),
        (403, "permission"),
        (404, "not found"),
        (409, "refused (409)"),
    ] {
        let stub = Stub::start(move |_| Answer::json(status, &json!({"message": "no"}))).await;
        let error = stub
            .github()
            .get("reading", "/x", JSON)
            .await
            .err()
            .unwrap();
        assert!(error.to_string().contains(wanted), "{error}");
        assert_eq!((stub.seen().len(), error.cause()), (1, Cause::Refusal));
        assert_eq!(error.is_unauthorized(), status == 401);
    }
}

#[tokio::test]
async fn a_short_rate_limit_is_waited_for_even_by_a_post() {
    let limited =
        || Answer::json(403, &json!({"message": "secondary rate limit"})).with("retry-after", "0");
    let stub = replies(vec![limited, fine]).await;
    assert!(
        stub.github()
            .post::<Value>("creating", "/x", &json!({}))
            .await
            .is_ok()
    );
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_rate_limit_that_is_over_at_once_and_never_ends_is_an_error() {
    let stub = Stub::start(|_| Answer::json(429, &json!({})).with("retry-after", "0")).await;
    let error = stub.github().get("reading", "/x", JSON).await;
    let error = error.err().unwrap();
    assert!(matches!(error, GitHubError::RateLimited { .. }), "{error}");
    assert_eq!(stub.seen().len(), 11);
}

#[tokio::test]
async fn a_long_rate_limit_is_an_error_that_names_its_end() {
    let reset = (Now::of(&http::HeaderMap::new()).0 + 2400).to_string();
    let until = Now::of(&http::HeaderMap::new()).after(Duration::from_mins(40));
    let stub = Stub::start(move |_| {
        Answer::json(429, &json!({}))
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", &reset)
    })
    .await;
    let error = stub
        .github()
        .get("reading", "/x", JSON)
        .await
        .err()
        .unwrap();
    let hour_and_minute: String = until.chars().take(15).collect();
    assert!(
        error.to_string().contains(&hour_and_minute),
        "{error} {until}"
    );
    assert_eq!((stub.seen().len(), error.cause()), (1, Cause::Outage));
}

#[tokio::test]
async fn waits_for_rate_limits_share_one_cap() {
    let stub = replies(vec![|| Answer::json(429, &json!({}))]).await;
    let github = GitHub::connect(Connection {
        api_url: stub.url.clone(),
        repository: "a/b".to_owned(),
        token: "t".to_owned(),
        timing: Timing {
            unnamed_limit: Duration::from_millis(1),
            limit_cap: Duration::from_millis(8),
            ..quick()
        },
    });
    let error = github
        .unwrap()
        .get("reading", "/x", JSON)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, GitHubError::RateLimited { .. }), "{error}");
    // Waits of 1, 2 and 4 ms fit; 8 more do not.
    assert_eq!(stub.seen().len(), 4);
}

#[tokio::test]
async fn a_link_to_another_host_is_refused_and_the_token_stays() {
    let other = replies(vec![fine]).await;
    let link = format!("<{}/steal?page=2>; rel=\"next\"", other.url);
    let stub = Stub::start(move |_| Answer::json(200, &json!([1])).with("link", &link)).await;
    let pages: Pages<u32> = stub.github().pages("listing", "/x", 10).await;
    assert!(matches!(
        pages.stopped,
        Some(GitHubError::ForeignLink { .. })
    ));
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_redirect_is_followed_at_home_and_refused_abroad() {
    let other = replies(vec![fine]).await;
    let abroad = format!("{}/y", other.url);
    let stub = Stub::start(move |seen| match seen.line().as_str() {
        "GET /old" => Answer::bytes(301, "").with("location", "/repositories/1/new"),
        "GET /away" => Answer::bytes(302, "").with("location", &abroad),
        "GET /round" => Answer::bytes(302, "").with("location", "/repos/acme/models/round"),
        _ => fine(),
    })
    .await;
    let github = stub.github();
    assert!(github.get("reading", "/old", JSON).await.is_ok());
    assert_eq!(stub.lines().last().unwrap(), "GET /repositories/1/new");
    let error = github.get("reading", "/away", JSON).await.err().unwrap();
    assert!(matches!(error, GitHubError::ForeignLink { .. }), "{error}");
    assert!(other.seen().is_empty());
    assert!(github.get("reading", "/round", JSON).await.is_err());
}

#[tokio::test]
async fn endless_pages_stop_and_say_so() {
    let stub = Stub::start(|_| {
        Answer::json(200, &json!([1])).with("link", "</repos/acme/models/x?page=2>; rel=\"next\"")
    })
    .await;
    let pages: Pages<u32> = stub.github().pages("listing", "/x", 3).await;
    assert_eq!(pages.items.len(), 3);
    assert!(
        pages
            .stopped
            .unwrap()
            .to_string()
            .contains("more than 3 pages")
    );
}
