//! An OpenAI-compatible chat API without a model. Decides what is answered (by the prompt alone, so that runs can be
//! compared), when, and when it is too busy. Counts what it sees and keeps nothing else.
//!
//! It shares the processor with what is measured, so it is one thread on bare hyper.

mod answer;

use std::convert::Infallible;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use clap::Args;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until};

/// How the server behaves.
#[derive(Debug, Clone, Args)]
pub(crate) struct Settings {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Time from the last byte of a question to its answer, such as 50ms or 2s
    #[arg(long, value_parser = duration, default_value = "0ms")]
    pub(crate) latency: Duration,
    /// Length of an answer's text, about
    #[arg(long, default_value_t = 600)]
    pub(crate) answer_bytes: usize,
    /// Refuses with 429, without Retry-After, what comes while so many questions are in flight
    #[arg(long)]
    pub(crate) limit: Option<usize>,
    /// Appends a line of JSON for each question, before it is answered
    #[arg(long)]
    pub(crate) log: Option<PathBuf>,
}

/// Why the server is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// The log cannot be opened.
    #[error("cannot open {}; name a file that can be written", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The port is taken, mostly.
    #[error("cannot serve on 127.0.0.1:{port}; use --port 0")]
    Port {
        /// The port.
        port: u16,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
}

fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.strip_suffix(unit).and_then(|n| n.parse().ok());
    match (number, unit) {
        (Some(number), "ms") => Ok(Duration::from_millis(number)),
        (Some(number), "s") => Ok(Duration::from_secs(number)),
        _ => Err("write a whole number and ms or s, such as 50ms".to_owned()),
    }
}

/// Serves until the process is ended. The first line on standard output is the base URL.
pub(crate) fn serve(settings: &Settings) -> Result<(), ServerError> {
    let port = settings.port;
    let unserved = |source| ServerError::Port { port, source };
    let desk = Arc::new(Desk::new(settings)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(unserved)?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(unserved)?;
        let address = listener.local_addr().map_err(unserved)?;
        // A starter that does not read it may still use the server.
        writeln!(io::stdout(), "http://{address}/v1").ok();
        loop {
            // A connection that broke while it waited is its client's business.
            if let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&desk)));
            }
        }
    })
}

async fn converse(stream: TcpStream, desk: Arc<Desk>) {
    // An answer that waits for more bytes would be measured as latency.
    stream.set_nodelay(true).ok();
    let service = service_fn(|request| {
        let desk = &desk;
        async move { Ok::<_, Infallible>(desk.respond(request).await) }
    });
    // A client may hang up whenever it likes.
    http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}

/// Where questions arrive.
struct Desk {
    latency: Duration,
    answer_bytes: usize,
    limit: usize,
    log: Option<File>,
    requests: AtomicUsize,
    rejected: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

/// A question in flight; no longer when dropped, be it answered or given up by its client.
struct InFlight<'d>(&'d AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Desk {
    fn new(settings: &Settings) -> Result<Self, ServerError> {
        let log = settings.log.as_ref().map(|path| {
            let opened = OpenOptions::new().create(true).append(true).open(path);
            opened.map_err(|source| ServerError::Log {
                path: path.clone(),
                source,
            })
        });
        Ok(Self {
            latency: settings.latency,
            answer_bytes: settings.answer_bytes,
            limit: settings.limit.unwrap_or(usize::MAX),
            log: log.transpose()?,
            requests: AtomicUsize::new(0),
            rejected: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
        })
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::POST, "/v1/chat/completions") => self.complete(request).await,
            (&Method::GET, "/stats") => reply(StatusCode::OK, &self.stats()),
            (&Method::GET, "/v1/models") => {
                let list = json!({"object": "list", "data": [model("mock-model")]});
                reply(StatusCode::OK, &list)
            }
            (&Method::GET, _) if path.starts_with("/v1/models/") => {
                let id = path.trim_start_matches("/v1/models/");
                reply(StatusCode::OK, &model(id))
            }
            _ => refuse(StatusCode::NOT_FOUND, "not_found", "no such place"),
        }
    }

    async fn complete(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let Ok(body) = request.into_body().collect().await else {
            return refuse(StatusCode::BAD_REQUEST, "cut", "the body is cut");
        };
        let due = Instant::now() + self.latency;
        let body = body.to_bytes();
        let Some(question) = answer::Question::read(&body) else {
            let why = "not a chat completion: `model` and `messages` with text are needed";
            return refuse(StatusCode::BAD_REQUEST, "invalid_request_error", why);
        };
        self.requests.fetch_add(1, Relaxed);
        let now = self.in_flight.fetch_add(1, Relaxed) + 1;
        let _in_flight = InFlight(&self.in_flight);
        let accepted = now <= self.limit;
        self.note(&question, &body, accepted);
        if !accepted {
            self.rejected.fetch_add(1, Relaxed);
            let why = "too many requests in flight";
            return refuse(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", why);
        }
        self.most_in_flight.fetch_max(now, Relaxed);
        if !self.latency.is_zero() {
            sleep_until(due).await;
        }
        reply(StatusCode::OK, &question.answered(self.answer_bytes))
    }

    /// One write a line: the log is whole at any moment, also when this process is killed.
    fn note(&self, question: &answer::Question<'_>, body: &[u8], accepted: bool) {
        let Some(mut log) = self.log.as_ref() else {
            return;
        };
        let digest = format!("{:016x}", answer::digest(body));
        let line = json!({"digest": digest, "prompt": question.prompt(), "accepted": accepted});
        if let Err(why) = log.write_all(format!("{line}\n").as_bytes()) {
            writeln!(io::stderr(), "mock_model: the log is not whole: {why}").ok();
        }
    }

    fn stats(&self) -> Value {
        json!({
            "requests": self.requests.load(Relaxed),
            "rejected": self.rejected.load(Relaxed),
            "most_in_flight": self.most_in_flight.load(Relaxed),
        })
    }
}

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 0, "owned_by": "mock"})
}

fn refuse(status: StatusCode, code: &str, why: &str) -> Response<Full<Bytes>> {
    reply(
        status,
        &json!({"error": {"message": why, "type": code, "code": code}}),
    )
}

fn reply(status: StatusCode, body: &impl serde::Serialize) -> Response<Full<Bytes>> {
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    response
}
