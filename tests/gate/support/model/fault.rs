//! The ways in which the model server for tests misbehaves.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::interval;

use super::line::{DRIP, Line};
use super::{Shared, lock};

/// Of a long answer, so much is sent at a time.
const PIECE: usize = 64 * 1024;

/// A way to misbehave.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// 429, with `Retry-After` where given.
    TooMany(Option<&'static str>),
    /// A status with a body.
    Status(u16, String),
    /// A status with headers and a body.
    Reply(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// The page of a proxy whose server is gone.
    BadGateway,
    /// The connection ends without an answer.
    Close,
    /// The connection is reset without an answer.
    Reset,
    /// The answer ends in the middle.
    CutBody,
    /// What is said beside an error status ends in the middle.
    CutComplaint(u16),
    /// The answer comes late.
    Slow(Duration),
    /// The answer comes when the test says so, see [`super::FakeModel::let_go`].
    Held,
    /// A byte of the answer comes now and then, from the status line on.
    DripHead,
    /// The head comes at once, and then a blank now and then, for ever.
    DripBody,
    /// This text over and over again, for ever.
    Endless(&'static str),
    /// An answer whose text has so many bytes.
    Huge(usize),
    /// The same, and its head says how long it is.
    HugeAsDeclared(usize),
    /// The right answer under another content type.
    Typed(&'static str),
    /// 401 that repeats the key it was sent.
    KeyEcho,
    /// A success whose body is this.
    Body(Value),
    /// 307 to another address.
    Redirect(String),
}

/// What was asked, and where.
pub(super) struct Scene<'s> {
    pub(super) authorization: Option<&'s str>,
    pub(super) answer: &'s Value,
    pub(super) line: &'s Line,
    pub(super) memory: &'s Shared,
}

impl Fault {
    /// What is sent instead of the answer.
    pub(super) async fn instead(self, scene: Scene<'_>) -> Response {
        let answer = scene.answer;
        match self {
            Self::TooMany(retry_after) => too_many(retry_after),
            Self::Status(status, body) => (status_code(status), body).into_response(),
            Self::Reply(status, headers, body) => reply(status, headers, body),
            Self::BadGateway => {
                let page = "<html><head><title>502 Bad Gateway</title></head></html>";
                (StatusCode::BAD_GATEWAY, page).into_response()
            }
            Self::Close => hang_up(),
            Self::Reset => {
                scene.line.reset();
                hang_up()
            }
            Self::CutBody => cut(&answer.to_string()).into_response(),
            Self::CutComplaint(status) => {
                (status_code(status), cut("the server is not well today")).into_response()
            }
            Self::Slow(time) => {
                tokio::time::sleep(time).await;
                json_response(StatusCode::OK, answer)
            }
            Self::Held => {
                held(scene.memory).await;
                json_response(StatusCode::OK, answer)
            }
            Self::DripHead => {
                scene.line.drip();
                json_response(StatusCode::OK, answer)
            }
            Self::DripBody => dripping(),
            Self::Endless(text) => endless(scene.memory, text),
            Self::Huge(bytes) => huge(scene.memory, bytes).0,
            Self::HugeAsDeclared(bytes) => {
                let (mut response, length) = huge(scene.memory, bytes);
                let length = HeaderValue::from(length);
                response.headers_mut().insert("content-length", length);
                response
            }
            Self::Typed(content_type) => {
                ([("content-type", content_type)], answer.to_string()).into_response()
            }
            Self::KeyEcho => {
                let said = scene.authorization.unwrap_or_default();
                let error = json!({"error": {"message": format!("Incorrect API key: {said}")}});
                json_response(StatusCode::UNAUTHORIZED, &error)
            }
            Self::Body(body) => json_response(StatusCode::OK, &body),
            Self::Redirect(target) => {
                (StatusCode::TEMPORARY_REDIRECT, [("location", target)]).into_response()
            }
        }
    }
}

fn too_many(retry_after: Option<&'static str>) -> Response {
    let error = json!({"object": "error", "message": "Requests rate limit exceeded"});
    let mut response = json_response(StatusCode::TOO_MANY_REQUESTS, &error);
    if let Some(retry_after) = retry_after {
        let value = HeaderValue::from_static(retry_after);
        response.headers_mut().insert("retry-after", value);
    }
    response
}

fn reply(status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Response {
    let mut response = (status_code(status), body).into_response();
    for (name, value) in headers {
        let value = HeaderValue::try_from(value).unwrap_or_else(|error| panic!("{name}: {error}"));
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Half a text, and then the connection ends.
fn cut(text: &str) -> Body {
    let half: String = text.chars().take(text.len() / 2).collect();
    let end = async {
        // What stands before an error is sent only while the body has nothing more to give.
        tokio::task::yield_now().await;
        Err(io::Error::other("cut on demand"))
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(end)))
}

/// Ends the connection's task without the noise of a panic.
fn hang_up() -> ! {
    std::panic::resume_unwind(Box::new("closed on demand"))
}

async fn held(memory: &Shared) {
    let held = Arc::clone(&lock(memory).held);
    let let_go = held.notified();
    {
        let mut memory = lock(memory);
        memory.holding += 1;
        memory.tell();
    }
    let_go.await;
}

/// A blank now and then without an end.
fn dripping() -> Response {
    let drops = stream::unfold(interval(DRIP), async |mut tick| {
        tick.tick().await;
        Some((Ok::<_, io::Error>(Bytes::from_static(b" ")), tick))
    });
    let headers = [("content-type", "application/json")];
    (headers, Body::from_stream(drops)).into_response()
}

/// The same text without an end, as fast as it is read.
fn endless(memory: &Shared, text: &str) -> Response {
    let piece = Bytes::from(text.repeat(PIECE.div_ceil(text.len())));
    let heard = Heard(Arc::clone(memory));
    let pieces = stream::repeat(piece).map(move |piece| {
        let _heard = &heard;
        Ok::<_, io::Error>(piece)
    });
    let headers = [("content-type", "application/json")];
    (headers, Body::from_stream(pieces)).into_response()
}

/// An answer that is as it should be but for its length, and that length.
fn huge(memory: &Shared, bytes: usize) -> (Response, usize) {
    let head = r#"{"object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{"content":""#;
    let tail = r#""}}]}"#;
    let pieces = text(bytes, Heard(Arc::clone(memory)));
    let whole = stream::iter([Ok(Bytes::from(head))])
        .chain(pieces)
        .chain(stream::iter([Ok(Bytes::from(tail))]));
    let length = head.len() + bytes + tail.len();
    (Body::from_stream(whole).into_response(), length)
}

fn text(bytes: usize, heard: Heard) -> impl Stream<Item = Result<Bytes, io::Error>> {
    let piece = Bytes::from(vec![b'x'; PIECE]);
    stream::unfold((bytes, heard), move |(left, heard)| {
        let next = piece.slice(..left.min(PIECE));
        async move { (left > 0).then(|| (Ok(next.clone()), (left - next.len(), heard))) }
    })
}

/// Tells when a long answer is no longer sent.
struct Heard(Shared);

impl Drop for Heard {
    fn drop(&mut self) {
        let mut memory = lock(&self.0);
        memory.hung_up += 1;
        memory.tell();
    }
}

pub(super) fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    let headers = [("content-type", "application/json")];
    (status, headers, body.to_string()).into_response()
}
