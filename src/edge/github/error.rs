//! What can go wrong between us and GitHub, told apart by HTTP status, and how a server's words are made safe to show.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The most characters of a server's words that an error shows.
const WORDS: usize = 300;
/// How it is told that a path is something else than a file.
pub(super) const NOT_A_FILE: &str = ", not a file";

/// Why GitHub could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// The API's address cannot be used.
    #[error("the GitHub API address `{address}` cannot be used: {why}")]
    Address {
        /// The address, without credentials.
        address: String,
        /// What is wrong, and what to write.
        why: String,
    },
    /// The repository's name is not `owner/name`.
    #[error("`{0}` is not a repository; write owner/name, as GITHUB_REPOSITORY does")]
    Repository(String),
    /// There is no token, or it holds characters that no token has.
    #[error(
        "there is no usable GitHub token; pass `github-token`, for example ${{{{ github.token }}}}"
    )]
    Token,
    /// The HTTP client does not start, mostly for want of root certificates.
    #[error("no HTTPS client for GitHub ({0}); install root certificates or set `SSL_CERT_FILE`")]
    Client(String),
    /// A path does not stay inside the repository.
    #[error(
        "`{0}` is not a path inside the repository; write it relative to its root, without `..`"
    )]
    Path(String),
    /// 401.
    #[error(
        "GitHub does not accept the token, while {doing}: {detail}; pass a valid `github-token`"
    )]
    Unauthorized {
        /// What was asked for.
        doing: String,
        /// GitHub's words.
        detail: String,
    },
    /// 403 that is no rate limit.
    #[error(
        "the token lacks a permission, while {doing}: {detail}; add it to the job's `permissions`"
    )]
    Forbidden {
        /// What was asked for.
        doing: String,
        /// GitHub's words.
        detail: String,
    },
    /// 404.
    #[error(
        "not found, or not visible to the token, while {doing}; check the name and the job's `permissions`"
    )]
    NotFound {
        /// What was asked for.
        doing: String,
    },
    /// Any other answer that says no.
    #[error("GitHub refused ({status}), while {doing}: {detail}")]
    Refused {
        /// What was asked for.
        doing: String,
        /// The HTTP status.
        status: u16,
        /// GitHub's words.
        detail: String,
    },
    /// A rate limit that ends too late to wait for.
    #[error(
        "GitHub's rate limit is reached, while {doing}; it ends at {until}: re-run the job after that"
    )]
    RateLimited {
        /// What was asked for.
        doing: String,
        /// When requests are answered again, RFC 3339.
        until: String,
    },
    /// 5xx, no connection, or no answer in time.
    #[error("GitHub cannot be reached, while {doing}: {detail}{}; re-run the job later", request_note(.request_id.as_deref()))]
    Outage {
        /// What was asked for.
        doing: String,
        /// The status, or what broke.
        detail: String,
        /// GitHub's name for the request, for their support.
        request_id: Option<String>,
    },
    /// An answer that is not what the API promises.
    #[error("GitHub's answer cannot be read, while {doing}: {detail}")]
    Unreadable {
        /// What was asked for.
        doing: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A link or redirect to another host; the token was not sent there.
    #[error("GitHub's answer leads to another host, while {doing}: {link}; check GITHUB_API_URL")]
    ForeignLink {
        /// What was asked for.
        doing: String,
        /// Where it leads.
        link: String,
    },
    /// More bytes than we read.
    #[error("the answer is over {limit} bytes, while {doing}; keep files smaller than that")]
    TooLarge {
        /// What was asked for.
        doing: String,
        /// The most bytes that are read.
        limit: usize,
    },
}

/// The three ways in which a request can come to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Trying again later may help: an outage, a rate limit, an answer that makes no sense.
    Outage,
    /// GitHub answered no; trying again does not help, another token or name may.
    Refusal,
    /// We were called with something that cannot work.
    Usage,
}

impl GitHubError {
    /// Whether it is worth trying again later.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Outage { .. } | Self::RateLimited { .. } | Self::Unreadable { .. } => {
                Cause::Outage
            }
            Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::ForeignLink { .. }
            | Self::Client(_)
            | Self::TooLarge { .. } => Cause::Refusal,
            Self::Address { .. } | Self::Repository(_) | Self::Token | Self::Path(_) => {
                Cause::Usage
            }
        }
    }

    /// Whether what somebody wrote is wrong, not the world: an address or a name that cannot be one.
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Address { .. } | Self::Repository(_) | Self::Path(_)
        )
    }

    /// Whether what was asked for is no file that can be read, which trying again does not change.
    pub fn is_no_file(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::Path(_) => true,
            Self::Unreadable { detail, .. } => detail.ends_with(NOT_A_FILE),
            Self::Address { .. }
            | Self::Repository(_)
            | Self::Token
            | Self::Client { .. }
            | Self::Outage { .. }
            | Self::RateLimited { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::ForeignLink { .. } => false,
        }
    }

    /// Whether no request with this token can succeed.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Unauthorized { .. })
    }
}

fn request_note(request_id: Option<&str>) -> String {
    request_id.map_or_else(String::new, |id| format!(" (request {id})"))
}

/// The text without the token, in clear or in Base64.
pub(super) fn without_token(text: &str, token: &str) -> String {
    if token.is_empty() {
        return text.to_owned();
    }
    text.replace(token, "***")
        .replace(&STANDARD.encode(token), "***")
}

/// A server's words on one short line: no token, no control characters, at most 300 characters.
pub(super) fn words(text: &str, token: &str) -> String {
    let safe = without_token(text, token);
    let visible: String = safe
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= WORDS {
        return line;
    }
    line.chars().take(WORDS - 1).chain(['…']).collect()
}

/// What an error answer says: its `message` and the messages of its `errors`, or its text.
pub(super) fn said(body: &[u8], token: &str) -> String {
    let text = String::from_utf8_lossy(body);
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) else {
        return words(&text, token);
    };
    let Some(message) = json.get("message").and_then(|m| m.as_str()) else {
        return words(&text, token);
    };
    let errors = json
        .get("errors")
        .and_then(|e| e.as_array())
        .into_iter()
        .flatten();
    let more = errors.filter_map(|e| e.get("message").unwrap_or(e).as_str());
    words(
        &std::iter::once(message)
            .chain(more)
            .collect::<Vec<_>>()
            .join("; "),
        token,
    )
}

/// The causes of an error, from the outside in, as one line.
pub(super) fn chain(error: &dyn std::error::Error, token: &str) -> String {
    let mut parts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        source = cause.source();
    }
    words(&parts.join(": "), token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_are_short_one_line_and_without_the_token() {
        let body = format!(
            "<html>\n\u{1b}[31mtok-123 {} {}",
            STANDARD.encode("tok-123"),
            "ü".repeat(400)
        );
        let shown = words(&body, "tok-123");
        assert_eq!(shown.chars().count(), 300);
        assert!(shown.starts_with("<html> [31m*** *** ü"), "{shown}");
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn the_token_goes_before_the_text_is_cut() {
        let shown = words(&format!("{}tok-123", "a".repeat(296)), "tok-123");
        assert_eq!(shown, format!("{}***", "a".repeat(296)));
    }

    #[test]
    fn the_message_and_the_errors_of_an_answer_are_told() {
        let body = br#"{"message":"Validation Failed","errors":[{"message":"Body is too long"},"x",{"code":1}]}"#;
        assert_eq!(
            said(body, "t0ken"),
            "Validation Failed; Body is too long; x"
        );
        assert_eq!(said(b"[1]", "t0ken"), "[1]");
        assert_eq!(said(b"", "t0ken"), "");
    }
}
