//! The way of a request through the fake: recorded, recognised, checked, let in or not, answered, checked again.
//!
//! The server has a thread of its own, so that a test may block on the binary that it runs.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use serde_json::Value;
use tokio::sync::oneshot;

use super::contract;
use super::description;
use super::faults::Fault;
use super::hub::Hub;
use super::routes;
use super::state::{RateLimit, State};
use super::wire::{Body, Call, Recorded, Reply, decoded};

/// The time of the next full allowance, in seconds since 1970: far ahead, for nobody should come to wait for it.
const RATE_LIMIT_RESET: &str = "4102444800";

/// What becomes of a request in the end.
enum Outcome {
    Answer(Reply),
    Cut(Reply),
    Disconnect,
    Stall,
}

/// Serves until `stop` is sent or dropped.
pub(super) fn serve(
    listener: std::net::TcpListener,
    hub: Hub,
    stop: oneshot::Receiver<Infallible>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let router = Router::new().fallback(answer).with_state(hub);
        tokio::select! {
            served = axum::serve(listener, router) => served.unwrap(),
            _ = stop => {}
        }
    });
}

async fn answer(Shared(hub): Shared<Hub>, request: Request) -> Response {
    let prefix = hub.state().prefix;
    let recorded = record(request, prefix).await;
    match outcome(&hub, recorded) {
        Outcome::Answer(reply) => response(&reply),
        Outcome::Cut(reply) => cut(reply),
        // Unwinding ends the connection's task without a reply, and quietly: no panic hook is run.
        Outcome::Disconnect => std::panic::resume_unwind(Box::new("the fault asked for this")),
        Outcome::Stall => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            response(&Reply::error(504, "stalled"))
        }
    }
}

async fn record(request: Request, prefix: &str) -> Recorded {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap_or_default();
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (
            decoded(&name.replace('+', " ")),
            decoded(&value.replace('+', " ")),
        )
    };
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    };
    let query = parts.uri.query().unwrap_or("");
    let path = parts.uri.path();
    let path = match path.strip_prefix(prefix.trim_end_matches("/v3")) {
        Some("/graphql") => "/graphql",
        _ => path.strip_prefix(prefix).unwrap_or(path),
    };
    Recorded {
        method: parts.method.to_string(),
        path: path.to_owned(),
        query: query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(pair)
            .collect(),
        headers: parts.headers.iter().map(header).collect::<BTreeMap<_, _>>(),
        body: body.to_vec(),
    }
}

fn outcome(hub: &Hub, mut request: Recorded) -> Outcome {
    let mut state = hub.state();
    let authorization = redacted(&mut request, state.second_token.as_deref());
    // GitHub's links name the repository by its number.
    let by_number = format!("/repositories/{}/", routes::REPOSITORY_ID);
    if let Some(rest) = request.path.strip_prefix(&by_number) {
        request.path = format!("/repos/{}/{rest}", state.place.full_name);
    }
    state.requests.push(request.clone());
    let Some((operation, parameters)) = description::recognise(&request) else {
        state.violated(&request, "the fake has no such endpoint");
        return Outcome::Answer(dressed(
            &mut state,
            Reply::error(501, "the fake has no such endpoint"),
        ));
    };
    let body = request.json();
    let call = Call {
        operation,
        parameters,
        request,
        body,
    };
    for problem in contract::request_problems(&call) {
        state.violated(&call.request, &problem);
    }
    let fault = state
        .faults
        .iter_mut()
        .find_map(|planned| planned.take(&call));
    if let Some(Fault::Meanwhile(act)) = &fault {
        drop(state);
        (act.lock().unwrap())(hub);
        state = hub.state();
    }
    let mut reply = || {
        let reply = allowed(&mut state, &call, authorization.as_deref());
        dressed(&mut state, reply)
    };
    match fault {
        None | Some(Fault::Meanwhile(_)) => Outcome::Answer(reply()),
        Some(Fault::Instead(instead)) => Outcome::Answer(dressed(&mut state, instead)),
        Some(Fault::DoneYet(instead)) => {
            reply();
            Outcome::Answer(dressed(&mut state, instead))
        }
        Some(Fault::CutBody) => Outcome::Cut(reply()),
        Some(Fault::HalfJson) => Outcome::Answer(half(reply())),
        Some(Fault::Disconnect) => Outcome::Disconnect,
        Some(Fault::DoneYetDisconnect) => {
            reply();
            Outcome::Disconnect
        }
        Some(Fault::Stall) => Outcome::Stall,
    }
}

/// Takes the token out of what is kept of a request; which of the two it was can still be seen.
fn redacted(request: &mut Recorded, second: Option<&str>) -> Option<String> {
    let value = request.headers.get_mut("authorization")?;
    let shown = match second {
        Some(second) if value.ends_with(second) => "[redacted, the second]",
        Some(_) | None => "[redacted]",
    };
    Some(std::mem::replace(value, shown.to_owned()))
}

/// Answers if the token is right, and holds the answer to the contract.
fn allowed(state: &mut State, call: &Call, authorization: Option<&str>) -> Reply {
    let token = authorization.and_then(|value| {
        value
            .strip_prefix("Bearer ")
            .or(value.strip_prefix("token "))
    });
    let second = token.is_some() && token == state.second_token.as_deref();
    let unreadable = !call.request.body.is_empty() && call.body == Value::Null;
    let reply = match token {
        None => Reply::error(401, "Requires authentication"),
        Some(token) if token != state.token && !second => Reply::error(401, "Bad credentials"),
        Some(_) if unreadable => Reply::error(400, "Problems parsing JSON"),
        Some(_) if second => {
            let refused = std::mem::take(&mut state.refused);
            let reply = routes::answer(state, call);
            state.refused = refused;
            reply
        }
        Some(_) => routes::answer(state, call),
    };
    for problem in contract::reply_problems(call.operation, &reply) {
        state.violated(&call.request, &format!("the fake's own reply: {problem}"));
    }
    reply
}

/// The reply with the headers that every reply of GitHub has.
fn dressed(state: &mut State, reply: Reply) -> Reply {
    let mut reply = reply
        .with(
            "x-github-request-id",
            &format!("FA4E:{:06X}", state.requests.len()),
        )
        .with("x-github-media-type", "github.v3; format=json")
        .with("server", "github.com");
    if let RateLimit::Told { remaining } = &mut state.rate_limit {
        *remaining = remaining.saturating_sub(1);
        let (left, used) = (remaining.to_string(), (1000 - *remaining).to_string());
        let told = [
            ("limit", "1000"),
            ("remaining", &left),
            ("used", &used),
            ("reset", RATE_LIMIT_RESET),
            ("resource", "core"),
        ];
        for (name, value) in told {
            let name = format!("x-ratelimit-{name}");
            // A fault that is about the limit has said so itself.
            if !reply.headers.iter().any(|(there, _)| *there == name) {
                reply = reply.with(&name, value);
            }
        }
    }
    reply
}

fn half(mut reply: Reply) -> Reply {
    let bytes = bytes_of(&reply);
    reply.body = Body::Bytes(bytes[..bytes.len() / 2].to_vec());
    reply
}

fn bytes_of(reply: &Reply) -> Vec<u8> {
    match &reply.body {
        Body::Json(value) => serde_json::to_vec(value).unwrap(),
        Body::Bytes(bytes) => bytes.clone(),
    }
}

fn response(reply: &Reply) -> Response {
    let body = HttpBody::from(bytes_of(reply));
    with_head(reply, body)
}

/// Sends half of the JSON, and the connection ends before the length that was announced.
///
/// The body is made a stream, because a body of known length would be announced as what it is. The
/// blanks fill the server's buffer, which would otherwise be dropped, head and all, with the connection.
fn cut(reply: Reply) -> Response {
    const BLANKS: usize = 4 * 1024 * 1024;
    let whole = bytes_of(&reply);
    let mut part = whole[..whole.len() / 2].to_vec();
    part.resize(part.len() + BLANKS, b' ');
    let reply = reply.with("content-length", &(whole.len() + BLANKS).to_string());
    with_head(
        &reply,
        HttpBody::from_stream(HttpBody::from(part).into_data_stream()),
    )
}

fn with_head(reply: &Reply, body: HttpBody) -> Response {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(body).unwrap()
}
