//! Sends one request until there is an answer to keep: what may be repeated is tried again, rate limits are waited for
//! within a cap, and only links that stay at the origin are followed.
//!
//! octocrab sends; its retries are left out of the build, since they repeat a POST and do not wait. Statuses and
//! headers are read before any body, since an outage answers with HTML.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::{ACCEPT, LOCATION};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use octocrab::Octocrab;
use serde_json::Value;
use tokio::time::Instant;

use super::error::{GitHubError, chain, said, words};
use super::limits::{Now, backoff, wait};
use super::route::Origin;
use super::sender;
use super::timing::Timing;
use crate::edge::certificate_remedy;

/// The most bytes that are read of one answer.
const LARGEST_ANSWER: usize = 140 * 1024 * 1024;
const MOST_REDIRECTS: u32 = 3;
/// How often one request is sent again after a rate limit.
const MOST_LIMITED: u32 = 10;
pub(super) const JSON: &str = "application/vnd.github+json";

/// Whether a request may be sent again when its answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    Safe,
    Never,
}

/// One request.
pub(super) struct Call<'a> {
    pub(super) doing: &'a str,
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) accept: &'static str,
    pub(super) body: Option<&'a Value>,
    pub(super) repeat: Repeat,
}

/// An answer, whatever its status.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// The way to one origin with one token.
pub(super) struct Transport {
    octocrab: Octocrab,
    origin: Origin,
    pub(super) token: String,
    pub(super) timing: Timing,
    limit_left: Mutex<Duration>,
    last_write: tokio::sync::Mutex<Option<Instant>>,
}

impl Transport {
    /// A transport; the token holds visible ASCII only.
    pub(super) fn new(origin: Origin, token: String, timing: Timing) -> Result<Self, GitHubError> {
        let octocrab = sender::octocrab(&origin, &token, &timing)
            .map_err(|error| GitHubError::Client(chain(&*error, &token)))?;
        let limit_left = Mutex::new(timing.limit_cap);
        let last_write = tokio::sync::Mutex::new(None);
        Ok(Self {
            octocrab,
            origin,
            token,
            timing,
            limit_left,
            last_write,
        })
    }

    /// Reads, following redirects that stay at the origin; a status that says no is an error.
    pub(super) async fn get(
        &self,
        doing: &str,
        target: String,
        accept: &'static str,
    ) -> Result<Reply, GitHubError> {
        let mut call = Call {
            doing,
            method: Method::GET,
            target,
            accept,
            body: None,
            repeat: Repeat::Safe,
        };
        // A renamed repository answers with a redirect.
        for _ in 0..MOST_REDIRECTS {
            let reply = self.send(&call).await?;
            let location = reply
                .headers
                .get(LOCATION)
                .and_then(|value| value.to_str().ok());
            match location {
                Some(location) if reply.status.is_redirection() => {
                    call.target = self.stay(doing, location)?;
                }
                _ => return self.checked(doing, reply),
            }
        }
        Err(GitHubError::Unreadable {
            doing: doing.to_owned(),
            detail: "it redirects in circles".to_owned(),
        })
    }

    /// Writes or asks; a status that says no is an error.
    pub(super) async fn exchange(&self, call: &Call<'_>) -> Result<Reply, GitHubError> {
        self.checked(call.doing, self.send(call).await?)
    }

    /// Sends until there is an answer to keep: rate limits are waited for, and what may be repeated is tried again.
    async fn send(&self, call: &Call<'_>) -> Result<Reply, GitHubError> {
        let (mut lost, mut limited) = (0, 0);
        loop {
            let result = self.attempt(call).await;
            if let Ok(reply) = &result {
                let unnamed = self
                    .timing
                    .unnamed_limit
                    .saturating_mul(2_u32.saturating_pow(limited));
                let now = Now::of(&reply.headers);
                if let Some(wait) = wait(reply.status, &reply.headers, &reply.body, now, unnamed) {
                    self.spend(call.doing, wait, now)?;
                    // A wait of nothing costs nothing of the cap.
                    if limited >= MOST_LIMITED {
                        return Err(GitHubError::RateLimited {
                            doing: call.doing.to_owned(),
                            until: now.after(wait),
                        });
                    }
                    tokio::time::sleep(wait).await;
                    limited += 1;
                    continue;
                }
            }
            let failed = match &result {
                Ok(reply) => reply.status.is_server_error(),
                Err(error) => matches!(error, GitHubError::Outage { .. }),
            };
            lost += 1;
            if !failed || call.repeat == Repeat::Never || lost >= self.timing.tries {
                return result;
            }
            tokio::time::sleep(backoff(self.timing.retry_delay, lost - 1)).await;
        }
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Reply, GitHubError> {
        let outage = |detail: String| GitHubError::Outage {
            doing: call.doing.to_owned(),
            detail: format!("{detail}{}", certificate_remedy(&detail)),
            request_id: None,
        };
        let request = Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{}", self.origin, call.target))
            .header(ACCEPT, call.accept);
        let request = self
            .octocrab
            .build_request(request, call.body)
            .map_err(|error| GitHubError::Path(chain(&error, &self.token)))?;
        let exchange = async {
            let response = self.octocrab.execute(request).await;
            let (parts, body) = response
                .map_err(|error| outage(chain(sender::cause(&error), &self.token)))?
                .into_parts();
            let body = Limited::new(body, LARGEST_ANSWER)
                .collect()
                .await
                .map_err(|error| {
                    if error.is::<LengthLimitError>() {
                        return GitHubError::TooLarge {
                            doing: call.doing.to_owned(),
                            limit: LARGEST_ANSWER,
                        };
                    }
                    outage(chain(sender::cause(&*error), &self.token))
                })?;
            let body = Vec::from(body.to_bytes());
            Ok(Reply {
                status: parts.status,
                headers: parts.headers,
                body,
            })
        };
        tokio::time::timeout(self.timing.whole, exchange)
            .await
            .unwrap_or_else(|_| Err(outage("no whole answer in time".to_owned())))
    }

    /// Takes a wait from what is left for rate limits, or says when the limit ends.
    fn spend(&self, doing: &str, wait: Duration, now: Now) -> Result<(), GitHubError> {
        let mut left = self
            .limit_left
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *left = left
            .checked_sub(wait)
            .ok_or_else(|| GitHubError::RateLimited {
                doing: doing.to_owned(),
                until: now.after(wait),
            })?;
        Ok(())
    }

    /// GitHub asks for a second between writes.
    pub(super) async fn pace(&self) {
        let mut last = self.last_write.lock().await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + self.timing.write_gap).await;
        }
        *last = Some(Instant::now());
    }

    fn checked(&self, doing: &str, reply: Reply) -> Result<Reply, GitHubError> {
        if reply.status.is_success() {
            return Ok(reply);
        }
        let doing = doing.to_owned();
        let detail = said(&reply.body, &self.token);
        Err(match reply.status.as_u16() {
            401 => GitHubError::Unauthorized { doing, detail },
            403 => GitHubError::Forbidden { doing, detail },
            404 => GitHubError::NotFound { doing },
            status @ 500.. => GitHubError::Outage {
                doing,
                detail: format!("{status} {detail}").trim_end().to_owned(),
                request_id: reply
                    .headers
                    .get("x-github-request-id")
                    .and_then(|id| id.to_str().ok())
                    .map(|id| words(id, &self.token)),
            },
            status => GitHubError::Refused {
                doing,
                status,
                detail,
            },
        })
    }

    /// Path and query of a link of an answer, if it stays at the origin.
    pub(super) fn stay(&self, doing: &str, link: &str) -> Result<String, GitHubError> {
        self.origin
            .target(link)
            .ok_or_else(|| GitHubError::ForeignLink {
                doing: doing.to_owned(),
                link: words(link, &self.token),
            })
    }
}
