//! A client of one OpenAI-compatible chat API: one request, one reply or one named error. It never asks twice, and
//! never follows a redirect, so that the key reaches no host but the configured one.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use reqwest::Url;
use serde_json::{Map, Value};

use super::allowance::allowance;
use super::body;
use super::cache::Shelf;
use super::fault::Identity;
use super::request::{SeedKey, Shape};
use super::wire;
use crate::edge::{Secret, http_client};
use crate::runner::{Ask, AskError, Reply};
use crate::score::ToolCall;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How a provider is reached.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its name in the configuration.
    pub name: String,
    /// What stands before `/chat/completions`.
    pub base_url: String,
    /// The key, sent as a bearer token; `None` for servers without one.
    pub key: Option<Secret>,
    /// The variable the key came from, for messages; empty where none is configured.
    pub key_env: String,
    /// Headers of every request.
    pub headers: BTreeMap<String, String>,
    /// Merged into the body of every request, last; `model`, `messages` and `stream` in it are ignored.
    pub extra_body: Map<String, Value>,
    /// Time for one request, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// Connections that are kept open.
    pub concurrency: usize,
}

/// Why a provider cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No usable address.
    #[error(
        "`base_url` of provider `{provider}` is `{base_url}`; write an http or https address without user name or password, such as https://api.mistral.ai/v1"
    )]
    BaseUrl {
        /// The provider's name in the configuration.
        provider: String,
        /// What is configured.
        base_url: String,
    },
    /// HTTP has no such header.
    #[error(
        "header `{header}` of provider `{provider}` is not allowed in HTTP; use visible ASCII characters, without a line break"
    )]
    Header {
        /// The provider's name in the configuration.
        provider: String,
        /// The header's name.
        header: String,
    },
    /// The key cannot be sent.
    #[error(
        "the value of `{key_env}` cannot be sent as a key; it holds a line break or other characters no key has, store the secret again"
    )]
    Key {
        /// The variable that holds the key.
        key_env: String,
    },
    /// The HTTP client does not start, mostly for want of root certificates.
    #[error(
        "no HTTPS client for provider `{provider}`; install root certificates or set `SSL_CERT_FILE`"
    )]
    Client {
        /// The provider's name in the configuration.
        provider: String,
        /// What went wrong.
        #[source]
        source: reqwest::Error,
    },
}

/// A client of one provider.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    pub(super) chat: Url,
    pub(super) seed_key: SeedKey,
    pub(super) extra_body: Map<String, Value>,
    /// Those of the configuration.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) answers: Option<Shelf>,
    /// True once the server refused a request because it tells the schema of its reply.
    pub(super) shapeless: AtomicBool,
    pub(super) identity: Identity,
}

/// An answer to any request, whatever its status.
pub(super) struct Exchange {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// A client; nothing is sent yet.
    pub fn new(settings: ProviderSettings) -> Result<Self, ProviderError> {
        let base = base_url(&settings)?;
        let headers = headers(&settings)?;
        let http = http_client(base.scheme() != "http")
            .user_agent(concat!("tunegate/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(settings.timeout)
            .pool_max_idle_per_host(settings.concurrency)
            .build()
            .map_err(|source| ProviderError::Client {
                provider: settings.name.clone(),
                source,
            })?;
        Ok(Self {
            http,
            chat: below(&base, &["chat", "completions"]),
            seed_key: SeedKey::of(&base),
            base,
            extra_body: settings.extra_body,
            headers: settings.headers,
            answers: None,
            shapeless: AtomicBool::new(false),
            identity: Identity {
                provider: settings.name,
                key_env: match settings.key_env.as_str() {
                    "" => "api_key_env, which is not set".to_owned(),
                    _ => settings.key_env,
                },
                key: settings.key,
            },
        })
    }

    /// The latency of the reply is the wall time of the request.
    pub(super) async fn request_as(&self, ask: &Ask, shape: Shape) -> Result<Reply, AskError> {
        let body =
            serde_json::to_vec(&self.question(ask, shape)).map_err(|error| AskError::Question {
                why: format!("the question cannot be written as JSON ({error})"),
            })?;
        let started = Instant::now();
        let exchange = self
            .exchange(Method::POST, self.chat.clone(), Some(body))
            .await?;
        let latency = started.elapsed();
        let answer = if exchange.status.is_success() {
            wire::answer(&exchange.body).map_err(|why| self.identity.unreadable(&why))?
        } else {
            wire::filtered(exchange.status.as_u16(), &exchange.body)
                .ok_or_else(|| self.refused(&ask.candidate.model, &exchange))?
        };
        let without_key = |text: String| self.identity.without_key(text);
        Ok(Reply {
            text: without_key(answer.text),
            finish_reason: answer.finish_reason.map(without_key),
            tool_calls: answer
                .tool_calls
                .into_iter()
                .map(|call| ToolCall {
                    name: without_key(call.name),
                    arguments: without_key(call.arguments),
                })
                .collect(),
            served_model: answer.served_model.map(without_key),
            system_fingerprint: answer.system_fingerprint.map(without_key),
            usage: answer.usage,
            latency: Some(latency),
            cached: false,
            allowance: allowance(&exchange.headers),
        })
    }

    /// Reads a page below the base address.
    pub(super) async fn get(&self, path: &[&str]) -> Result<Exchange, AskError> {
        self.exchange(Method::GET, below(&self.base, path), None)
            .await
    }

    pub(super) fn refused(&self, model: &str, exchange: &Exchange) -> AskError {
        let Exchange {
            status,
            headers,
            body,
        } = exchange;
        if status.is_redirection() {
            return self.identity.redirected(*status, headers);
        }
        self.identity.refused(model, *status, headers, body)
    }

    async fn exchange(
        &self,
        method: Method,
        url: Url,
        question: Option<Vec<u8>>,
    ) -> Result<Exchange, AskError> {
        let mut request = self.http.request(method, url);
        if let Some(question) = question {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(question);
        }
        let sent = request.send().await;
        let mut response = sent.map_err(|error| self.identity.broken(error))?;
        let body = if response.status().is_success() {
            let answer = body::answer(&mut response).await;
            answer.map_err(|unread| self.identity.unread(unread))?
        } else {
            body::complaint(&mut response).await
        };
        Ok(Exchange {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }
}

fn base_url(settings: &ProviderSettings) -> Result<Url, ProviderError> {
    let url = Url::parse(settings.base_url.trim()).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    url.ok_or_else(|| ProviderError::BaseUrl {
        provider: settings.name.clone(),
        base_url: without_password(settings),
    })
}

/// The configured address as it may be shown.
fn without_password(settings: &ProviderSettings) -> String {
    let text = match settings.base_url.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => settings.base_url.clone(),
    };
    match &settings.key {
        Some(key) => key.redact(&text),
        None => text,
    }
}

fn headers(settings: &ProviderSettings) -> Result<HeaderMap, ProviderError> {
    let mut headers = HeaderMap::new();
    if let Some(key) = &settings.key {
        let bearer = format!("Bearer {}", key.expose());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| ProviderError::Key {
            key_env: settings.key_env.clone(),
        })?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    for (name, value) in &settings.headers {
        let pair = HeaderName::try_from(name).ok();
        let pair = pair.zip(HeaderValue::try_from(value).ok());
        let (header, mut value) = pair.ok_or_else(|| ProviderError::Header {
            provider: settings.name.clone(),
            header: name.clone(),
        })?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

/// The address below another one; its query stays.
fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(base_url: &str) -> ProviderSettings {
        ProviderSettings {
            name: "p".to_owned(),
            base_url: base_url.to_owned(),
            key: Secret::new("sk-1"),
            key_env: "KEY".to_owned(),
            headers: BTreeMap::new(),
            extra_body: Map::new(),
            timeout: Duration::from_secs(1),
            concurrency: 1,
        }
    }

    #[test]
    fn the_chat_address_is_found_below_any_base() {
        for (base, chat) in [
            ("http://h/v1", "http://h/v1/chat/completions"),
            ("http://h/v1/", "http://h/v1/chat/completions"),
            ("http://h", "http://h/chat/completions"),
            (
                "http://h/v1?api-version=2",
                "http://h/v1/chat/completions?api-version=2",
            ),
        ] {
            let client = Client::new(settings(base)).unwrap();
            assert_eq!(client.chat.as_str(), chat);
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused_without_showing_a_password() {
        for base in ["", "api.mistral.ai/v1", "ftp://h/v1"] {
            let error = Client::new(settings(base)).unwrap_err();
            assert!(matches!(error, ProviderError::BaseUrl { .. }), "{base}");
        }
        let error = Client::new(settings("https://me:pass@h/v1")).unwrap_err();
        assert!(!error.to_string().contains("pass@"), "{error}");
    }

    #[test]
    fn a_key_or_header_that_cannot_be_sent_is_refused_by_name() {
        let key = Client::new(ProviderSettings {
            key: Secret::new("sk-\n1"),
            ..settings("http://h")
        });
        let message = key.unwrap_err().to_string();
        assert!(
            message.contains("`KEY`") && !message.contains("sk-"),
            "{message}"
        );
        let header = Client::new(ProviderSettings {
            headers: BTreeMap::from([("x y".to_owned(), "1".to_owned())]),
            ..settings("http://h")
        });
        assert!(header.unwrap_err().to_string().contains("`x y`"));
    }

    #[test]
    fn a_client_does_not_show_its_key() {
        let client = Client::new(settings("http://h")).unwrap();
        assert!(!format!("{client:?}").contains("sk-1"));
    }
}
