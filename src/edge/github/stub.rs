//! A server for tests: answers each request by a closure and remembers what was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use serde_json::Value;

use super::{CommitSha, Connection, GitHub, Timing};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Value,
}

impl Seen {
    /// `METHOD /path`, without the repository's prefix and the query.
    pub(super) fn line(&self) -> String {
        let path = self.target.split('?').next().unwrap();
        format!(
            "{} {}",
            self.method,
            path.strip_prefix("/repos/acme/models").unwrap_or(path)
        )
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, v)| v)
    }
}

/// An answer to give.
pub(super) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, body.to_string().into_bytes())
            .with("content-type", "application/json; charset=utf-8")
    }

    pub(super) fn bytes(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(super) fn missing() -> Self {
        Self::json(404, &serde_json::json!({"message": "Not Found"}))
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The server; stops with the test's runtime.
pub(super) struct Stub {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    pub(super) async fn start(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        let app = Router::new().fallback(move |request: Request| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move { respond(request, &log, &*answer).await }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    /// How many requests had this method and path.
    pub(super) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|seen| *seen == line).count()
    }

    pub(super) fn github(&self) -> GitHub {
        self.github_below("")
    }

    pub(super) fn github_below(&self, path: &str) -> GitHub {
        GitHub::connect(Connection {
            api_url: format!("{}{path}", self.url),
            repository: "acme/models".to_owned(),
            token: TOKEN.to_owned(),
            timing: quick(),
        })
        .unwrap()
    }
}

pub(super) const TOKEN: &str = "ghs_secret123";

/// No delays, short timeouts.
pub(super) fn quick() -> Timing {
    Timing {
        pause: Duration::from_secs(5),
        whole: Duration::from_secs(10),
        retry_delay: Duration::ZERO,
        unnamed_limit: Duration::from_mins(1),
        write_gap: Duration::ZERO,
        store_delay: Duration::ZERO,
        ..Timing::default()
    }
}

/// A commit named by one repeated digit.
pub(super) fn sha(digit: char) -> CommitSha {
    CommitSha::new(&digit.to_string().repeat(40)).unwrap()
}

async fn respond(
    request: Request,
    log: &Mutex<Vec<Seen>>,
    answer: &impl Fn(&Seen) -> Answer,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let seen = Seen {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let answer = answer(&seen);
    log.lock().unwrap().push(seen);
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}
