//! A client for one repository: reads, lists and writes as routes and JSON. How a request travels is decided in the
//! transport; what an answer means is decided by the callers.

use std::fmt;

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{GitHubError, words};
use super::route::{address, next_link, repository_path};
use super::timing::Timing;
use super::transport::{Call, JSON, Repeat, Reply, Transport};

/// How to reach GitHub. Has no `Debug`, since it holds the token.
pub struct Connection {
    /// `GITHUB_API_URL`: `https://api.github.com`, or an own server's, with its path.
    pub api_url: String,
    /// `GITHUB_REPOSITORY`: `owner/name`.
    pub repository: String,
    /// The token.
    pub token: String,
    /// Timeouts and delays.
    pub timing: Timing,
}

/// A client for one repository.
pub struct GitHub {
    transport: Transport,
    base_path: String,
    /// `/repos/owner/name`, below the base path.
    repository: String,
}

impl fmt::Debug for GitHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitHub")
            .field("repository", &self.repository)
            .finish_non_exhaustive()
    }
}

/// What could be read of a list, and why no more.
pub(super) struct Pages<T> {
    pub(super) items: Vec<T>,
    pub(super) stopped: Option<GitHubError>,
}

impl GitHub {
    /// A client; sends nothing yet. Must be called inside a Tokio runtime.
    pub fn connect(connection: Connection) -> Result<Self, GitHubError> {
        let Connection {
            api_url,
            repository,
            token,
            timing,
        } = connection;
        let token = token.trim().to_owned();
        if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(GitHubError::Token);
        }
        let (origin, base_path) = address(&api_url)?;
        let repository = format!("{base_path}{}", repository_path(&repository)?);
        let transport = Transport::new(origin, token, timing)?;
        Ok(Self {
            transport,
            base_path,
            repository,
        })
    }

    /// The token, for removing it from texts.
    pub(super) fn token(&self) -> &str {
        &self.transport.token
    }

    /// Timeouts and delays.
    pub(super) fn timing(&self) -> &Timing {
        &self.transport.timing
    }

    /// Reads below the repository in a media type; a status that says no is an error.
    pub(super) async fn get(
        &self,
        doing: &str,
        route: &str,
        accept: &'static str,
    ) -> Result<Reply, GitHubError> {
        self.transport.get(doing, self.target(route), accept).await
    }

    /// Reads JSON below the repository.
    pub(super) async fn get_json<T: DeserializeOwned>(
        &self,
        doing: &str,
        route: &str,
    ) -> Result<T, GitHubError> {
        self.json(doing, &self.get(doing, route, JSON).await?)
    }

    /// Reads JSON from a route outside of the repository.
    pub(super) async fn get_account<T: DeserializeOwned>(
        &self,
        doing: &str,
        route: &str,
    ) -> Result<T, GitHubError> {
        let target = format!("{}{route}", self.base_path);
        self.json(doing, &self.transport.get(doing, target, JSON).await?)
    }

    /// Reads a list page by page, `most` pages at most; keeps what came before a failure.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        doing: &str,
        route: &str,
        most: usize,
    ) -> Pages<T> {
        let mut items = Vec::new();
        let mut next = Some(self.target(route));
        for _ in 0..most {
            let Some(target) = next.take() else { break };
            match self.page(doing, target).await {
                Ok((page, link)) => {
                    items.extend(page);
                    next = link;
                }
                Err(error) => {
                    return Pages {
                        items,
                        stopped: Some(error),
                    };
                }
            }
        }
        let stopped = next.map(|_| GitHubError::Unreadable {
            doing: doing.to_owned(),
            detail: format!("there are more than {most} pages"),
        });
        Pages { items, stopped }
    }

    async fn page<T: DeserializeOwned>(
        &self,
        doing: &str,
        target: String,
    ) -> Result<(Vec<T>, Option<String>), GitHubError> {
        let reply = self.transport.get(doing, target, JSON).await?;
        let stay = |link: String| self.transport.stay(doing, &link);
        let next = next_link(&reply.headers).map(stay).transpose()?;
        Ok((self.json(doing, &reply)?, next))
    }

    /// Creates something below the repository, once: a lost answer is an outage that the caller must look into.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        doing: &str,
        route: &str,
        body: &Value,
    ) -> Result<T, GitHubError> {
        self.write(doing, Method::POST, route, body).await
    }

    /// Sets something below the repository to a given state, so that repeating does no harm.
    pub(super) async fn patch<T: DeserializeOwned>(
        &self,
        doing: &str,
        route: &str,
        body: &Value,
    ) -> Result<T, GitHubError> {
        self.write(doing, Method::PATCH, route, body).await
    }

    async fn write<T: DeserializeOwned>(
        &self,
        doing: &str,
        method: Method,
        route: &str,
        body: &Value,
    ) -> Result<T, GitHubError> {
        let repeat = if method == Method::POST {
            Repeat::Never
        } else {
            Repeat::Safe
        };
        let target = self.target(route);
        let call = Call {
            doing,
            method,
            target,
            accept: JSON,
            body: Some(body),
            repeat,
        };
        self.transport.pace().await;
        self.json(doing, &self.transport.exchange(&call).await?)
    }

    /// Asks a GraphQL query that changes nothing.
    pub(super) async fn query(&self, doing: &str, query: &str) -> Result<Value, GitHubError> {
        // An own server has REST at `/api/v3` and GraphQL beside it.
        let target = match self.base_path.strip_suffix("/api/v3") {
            Some(front) => format!("{front}/api/graphql"),
            None => format!("{}/graphql", self.base_path),
        };
        let (method, repeat) = (Method::POST, Repeat::Safe);
        let body = serde_json::json!({ "query": query });
        let call = Call {
            doing,
            method,
            target,
            accept: JSON,
            body: Some(&body),
            repeat,
        };
        self.json(doing, &self.transport.exchange(&call).await?)
    }

    /// The answer as JSON of the wanted shape.
    pub(super) fn json<T: DeserializeOwned>(
        &self,
        doing: &str,
        reply: &Reply,
    ) -> Result<T, GitHubError> {
        serde_json::from_slice(&reply.body)
            .map_err(|error| self.unreadable(doing, &error.to_string()))
    }

    /// The error for an answer that is not what the API promises.
    pub(super) fn unreadable(&self, doing: &str, detail: &str) -> GitHubError {
        GitHubError::Unreadable {
            doing: doing.to_owned(),
            detail: words(detail, self.token()),
        }
    }

    fn target(&self, route: &str) -> String {
        format!("{}{route}", self.repository)
    }
}

#[cfg(test)]
mod tests;
