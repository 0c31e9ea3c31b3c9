//! What can go wrong between a client and GitHub, as data: on which request, how often, and how.

use std::sync::{Arc, Mutex};

use super::description;
use super::hub::Hub;
use super::wire::{Call, Reply};

/// Which requests a fault falls on: an operation by GitHub's name, narrowed if wanted.
pub(crate) struct On {
    operation: String,
    query: Vec<(String, String)>,
    path: Option<String>,
    spared: usize,
}

impl On {
    /// Every request of an operation, `pulls/list-files`.
    pub(crate) fn operation(id: &str) -> Self {
        description::require(id);
        Self {
            operation: id.to_owned(),
            query: Vec::new(),
            path: None,
            spared: 0,
        }
    }

    /// Only where a query parameter has this value.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Only where the path holds this text.
    pub(crate) fn path(mut self, part: &str) -> Self {
        self.path = Some(part.to_owned());
        self
    }

    /// Not before this many such requests were answered well.
    pub(crate) fn after(mut self, requests: usize) -> Self {
        self.spared = requests;
        self
    }

    fn holds(&self, call: &Call) -> bool {
        call.operation.id == self.operation
            && self
                .query
                .iter()
                .all(|(name, value)| call.request.query(name) == Some(value))
            && self
                .path
                .as_ref()
                .is_none_or(|part| call.request.path.contains(part))
    }
}

impl From<&str> for On {
    fn from(operation: &str) -> Self {
        Self::operation(operation)
    }
}

/// Something that happens to the world, as often as its fault does.
type Act = Arc<Mutex<dyn FnMut(&Hub) + Send>>;

/// How a request fares.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Nothing is done; this is the reply.
    Instead(Reply),
    /// What was asked is done, yet this is the reply.
    DoneYet(Reply),
    /// Done, and the connection ends in the middle of the body.
    CutBody,
    /// Done, and the body is half of the JSON, whole to HTTP.
    HalfJson,
    /// Nothing is done, the connection ends without a reply.
    Disconnect,
    /// Done, the connection ends without a reply.
    DoneYetDisconnect,
    /// No reply ever.
    Stall,
    /// Someone else acts first; then the request is answered as the world has become.
    Meanwhile(Act),
}

impl Fault {
    /// The HTML page of a proxy.
    pub(crate) fn bad_gateway() -> Self {
        Self::Instead(bad_gateway())
    }

    /// The proxy's page, though the request went through.
    pub(crate) fn done_yet_bad_gateway() -> Self {
        Self::DoneYet(bad_gateway())
    }

    /// 503 as GitHub sends it when it is down: JSON.
    pub(crate) fn unavailable() -> Self {
        Self::Instead(Reply::error(503, "Service Unavailable"))
    }

    /// 429, with the seconds to wait.
    pub(crate) fn too_many_requests(retry_after: u64) -> Self {
        Self::Instead(
            Reply::error(429, "too many requests").with("retry-after", &retry_after.to_string()),
        )
    }

    /// 403 for too many requests at once; GitHub does not always say how long to wait.
    pub(crate) fn secondary_limit(retry_after: Option<u64>) -> Self {
        const MESSAGE: &str = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        let reply = Reply::error(403, MESSAGE);
        Self::Instead(match retry_after {
            Some(seconds) => reply.with("retry-after", &seconds.to_string()),
            None => reply,
        })
    }

    /// 403 for an hour's allowance that is used up and comes back at this second since 1970.
    pub(crate) fn primary_limit(reset_at: u64) -> Self {
        let reply = Reply::error(403, "API rate limit exceeded for installation.");
        Self::Instead(
            reply
                .with("x-ratelimit-remaining", "0")
                .with("x-ratelimit-reset", &reset_at.to_string()),
        )
    }

    /// A redirect to another address.
    pub(crate) fn redirect(to: &str) -> Self {
        Self::Instead(Reply::error(301, "Moved Permanently").with("location", to))
    }

    /// Any other refusal, with GitHub's form of body.
    pub(crate) fn refusal(status: u16, message: &str) -> Self {
        Self::Instead(Reply::error(status, message))
    }

    /// Someone else acts just before the request is looked at.
    pub(crate) fn meanwhile(act: impl FnMut(&Hub) + Send + 'static) -> Self {
        Self::Meanwhile(Arc::new(Mutex::new(act)))
    }
}

fn bad_gateway() -> Reply {
    const PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    Reply::bytes(502, PAGE).with("content-type", "text/html")
}

/// A fault that waits for its requests.
pub(super) struct Planned {
    on: On,
    left: usize,
    hits: usize,
    fault: Fault,
}

impl Planned {
    pub(super) fn new(on: On, times: usize, fault: Fault) -> Self {
        assert!(times > 0, "a fault that never happens");
        Self {
            on,
            left: times,
            hits: 0,
            fault,
        }
    }

    /// Takes what befalls this request, if this is its turn.
    pub(super) fn take(&mut self, call: &Call) -> Option<Fault> {
        if self.left == 0 || !self.on.holds(call) {
            return None;
        }
        if self.on.spared > 0 {
            self.on.spared -= 1;
            return None;
        }
        self.left -= 1;
        self.hits += 1;
        Some(self.fault.clone())
    }

    /// Why a test with this fault proved nothing, if it never fell on a request.
    pub(super) fn unused(&self) -> Option<String> {
        (self.hits == 0)
            .then(|| format!("the fault planned for {} never happened", self.on.operation))
    }
}
