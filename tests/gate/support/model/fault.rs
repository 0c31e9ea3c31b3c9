//! The ways in which the model server for tests misbehaves.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A way to misbehave.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// 429, with `Retry-After` where given.
    TooMany(Option<&'static str>),
    /// A status with a body.
    Status(u16, String),
    /// The page of a proxy whose server is gone.
    BadGateway,
    /// The connection ends without an answer.
    Close,
    /// The answer ends in the middle.
    CutBody,
    /// The answer comes late.
    Slow(Duration),
    /// 401 that repeats the key it was sent.
    KeyEcho,
    /// A success whose body is this.
    Body(Value),
    /// 307 to another address.
    Redirect(String),
}

impl Fault {
    /// What is sent instead of the answer.
    pub(crate) async fn instead(self, authorization: Option<&str>, answer: &Value) -> Response {
        match self {
            Self::TooMany(retry_after) => {
                let error = json!({"object": "error", "message": "Requests rate limit exceeded"});
                let mut response = json_response(StatusCode::TOO_MANY_REQUESTS, &error);
                if let Some(retry_after) = retry_after {
                    let value = HeaderValue::from_static(retry_after);
                    response.headers_mut().insert("retry-after", value);
                }
                response
            }
            Self::Status(status, body) => (status_code(status), body).into_response(),
            Self::BadGateway => {
                let page = "<html><head><title>502 Bad Gateway</title></head></html>";
                (StatusCode::BAD_GATEWAY, page).into_response()
            }
            // Ends the connection's task without the noise of a panic.
            Self::Close => std::panic::resume_unwind(Box::new("closed on demand")),
            Self::CutBody => {
                let text = answer.to_string();
                let half: String = text.chars().take(text.len() / 2).collect();
                let parts = [Ok(half), Err(io::Error::other("cut on demand"))];
                Body::from_stream(futures_util::stream::iter(parts)).into_response()
            }
            Self::Slow(time) => {
                tokio::time::sleep(time).await;
                json_response(StatusCode::OK, answer)
            }
            Self::KeyEcho => {
                let said = authorization.unwrap_or_default();
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

pub(crate) fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response {
    let headers = [("content-type", "application/json")];
    (status, headers, body.to_string()).into_response()
}
