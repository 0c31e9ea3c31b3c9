//! Drives the fake as a client would, to show that it behaves as GitHub does and that it catches who does not.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::*;

mod breaches;
mod events;
mod faults;
mod reading;
mod writing;

const REPO: &str = "/repos/acme/assistants";

/// A repository with one file on `main`, and a pull request that changes it.
fn scene() -> (FakeGitHub, u64) {
    let repository = Repository::new();
    repository.commit(
        "start",
        &[
            ("data/train.jsonl", Some(b"{}\n{}\n{}\n")),
            ("README.md", Some(b"hello\n")),
        ],
    );
    repository.branch("feature");
    repository.commit(
        "more data",
        &[("data/train.jsonl", Some(b"{}\n{}\n{}\n{\"new\":1}\n"))],
    );
    let github = FakeGitHub::start(repository);
    let number = github.open_pull_request("main", "feature");
    (github, number)
}

/// A client that follows no redirect. The provider is for TLS that nobody uses here, yet no client is built without one.
fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.build().unwrap()
}

fn ask(github: &FakeGitHub, method: Method, path: &str) -> RequestBuilder {
    let url = if path.starts_with("http") {
        path.to_owned()
    } else {
        format!("{}{path}", github.api_url())
    };
    client()
        .request(method, url)
        .bearer_auth(github.token())
        .header("user-agent", "test")
        .header("accept", "application/vnd.github+json")
        .header("x-github-api-version", "2022-11-28")
}

async fn get(github: &FakeGitHub, path: &str) -> Value {
    let response = ask(github, Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

async fn send(github: &FakeGitHub, method: Method, path: &str, body: Value) -> (u16, Value) {
    let response = ask(github, method, path).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn raw(github: &FakeGitHub, path: &str) -> Vec<u8> {
    let accept = ask(github, Method::GET, path).build().unwrap();
    let mut request = accept;
    request
        .headers_mut()
        .insert("accept", "application/vnd.github.raw+json".parse().unwrap());
    client()
        .execute(request)
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap()
        .to_vec()
}

fn next(response: &Response) -> Option<String> {
    let links = response.headers().get("link")?.to_str().unwrap();
    let link = links
        .split(", ")
        .find(|link| link.ends_with("rel=\"next\""))?;
    Some(link.split(['<', '>']).nth(1).unwrap().to_owned())
}
