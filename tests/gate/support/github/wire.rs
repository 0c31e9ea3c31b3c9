//! A request as the routes read it, a reply as they give it, and what is kept of both for the test.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::description::Operation;

/// A request that the fake has seen. The path is without the API's prefix, and always in its `/repos/…` form.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// Lower-case names. The value of `authorization` is `[redacted]`; whether it was sent can be seen.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    /// The body as JSON, `null` where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A recognised request: which operation it is, and its parameters, decoded.
pub(super) struct Call {
    pub(super) operation: &'static Operation,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) request: Recorded,
    pub(super) body: Value,
}

impl Call {
    pub(super) fn parameter(&self, name: &str) -> &str {
        &self.parameters[name]
    }

    pub(super) fn number(&self, name: &str) -> u64 {
        self.parameter(name).parse().unwrap_or(0)
    }

    /// A text field of the body, empty where there is none.
    pub(super) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or("")
    }

    pub(super) fn wants_raw(&self) -> bool {
        self.request.header("accept").contains(".raw")
    }
}

/// What goes over the wire.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
}

#[derive(Clone)]
pub(super) enum Body {
    Json(Value),
    Bytes(Vec<u8>),
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Json(body),
        }
        .with("content-type", "application/json; charset=utf-8")
    }

    /// A reply of bytes; a content type is to be added.
    pub(crate) fn bytes(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Bytes(body.into()),
        }
    }

    /// An error as GitHub words it: `status` is there as text too.
    pub(crate) fn error(status: u16, message: &str) -> Self {
        let body = json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": status.to_string()});
        Self::json(status, body)
    }

    pub(crate) fn not_found() -> Self {
        Self::error(404, "Not Found")
    }

    /// What a token without the right gets. GitHub names the permission that would do in a header.
    pub(crate) fn not_accessible(permissions: &str) -> Self {
        Self::error(403, "Resource not accessible by integration")
            .with("x-accepted-github-permissions", permissions)
    }

    /// The reply with one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// One page of a list, each item as `show` shows it, with the `Link` header that leads to the others.
///
/// The links name the repository by its number, as GitHub's do: a client that builds on the path it
/// asked for would be surprised there, so it must be surprised here. Page 0 and a page size over 100
/// are read as 1 and 100.
pub(super) fn page<T>(
    call: &Call,
    link_base: &str,
    items: &[T],
    show: impl Fn(&T) -> Value,
) -> Reply {
    let asked = |name: &str, default: usize| {
        call.request
            .query(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let size = asked("per_page", 30).clamp(1, 100);
    let number = asked("page", 1).max(1);
    let last = items.len().div_ceil(size).max(1);
    let shown = items
        .iter()
        .skip((number - 1) * size)
        .take(size)
        .map(show)
        .collect();
    let link = |relation: &str, to: usize| {
        let others = call
            .request
            .query
            .iter()
            .filter(|(name, _)| name != "page")
            .map(|(name, value)| format!("{name}={}&", encoded(value)));
        format!(
            "<{link_base}?{}page={to}>; rel=\"{relation}\"",
            others.collect::<String>()
        )
    };
    let mut links = Vec::new();
    if number > 1 {
        links.push(link("prev", (number - 1).min(last)));
    }
    if number < last {
        links.extend([link("next", number + 1), link("last", last)]);
    }
    if number > 1 {
        links.push(link("first", 1));
    }
    let reply = Reply::json(200, shown);
    if links.is_empty() {
        reply
    } else {
        reply.with("link", &links.join(", "))
    }
}

/// Percent-encodes everything but what may stand in a path segment.
pub(super) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The text behind percent escapes; what is no escape stays.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if let (b'%', Some(high), Some(low)) = (bytes[at], digit(at + 1), digit(at + 2)) {
            out.push(u8::try_from(high * 16 + low).unwrap());
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
