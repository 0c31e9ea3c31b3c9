//! Decides what a failed HTTP exchange means: may it pass, does it concern this question, or every question.

use http::{HeaderMap, StatusCode, header};

use super::allowance::retry_after;
use super::body::Unread;
use super::complaint::{Complaint, shortened};
use super::wire::NoAnswer;
use crate::edge::{Secret, certificate_remedy};
use crate::runner::{AskError, Fault, Refusal};

/// Who was asked, for messages.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// The provider's name in the configuration.
    pub(super) provider: String,
    pub(super) key_env: String,
    pub(super) key: Option<Secret>,
}

/// Servers that want no key are given a word such as `EMPTY`: no secret, and an answer may well hold it.
const SHORTEST_KEY: usize = 12;

impl Identity {
    /// The key, where it is one that nobody can guess.
    pub(super) fn secret_key(&self) -> Option<&Secret> {
        let key = self.key.as_ref();
        key.filter(|key| key.expose().len() >= SHORTEST_KEY)
    }

    /// An answer without the key, which a careless server may repeat. Answers are shown and stored.
    pub(super) fn without_key(&self, answer: String) -> String {
        match self.secret_key() {
            Some(key) => key.redact(&answer),
            None => answer,
        }
    }

    /// One line of at most 300 characters, without the key.
    pub(super) fn clean(&self, text: &str) -> String {
        let redacted = self.key.as_ref().map(|key| key.redact(text));
        shortened(redacted.as_deref().unwrap_or(text))
    }

    /// What an error status with its headers and body means.
    pub(super) fn refused(
        &self,
        model: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> AskError {
        let complaint = Complaint::read(body);
        let detail = match complaint.message.as_str() {
            "" => "no reason given".to_owned(),
            message => self.clean(message),
        };
        let provider = self.provider.clone();
        let code = status.as_u16();
        match code {
            401 | 403 => AskError::Hopeless(Refusal::Key {
                provider,
                key_env: self.key_env.clone(),
                status: code,
                detail,
            }),
            402 => AskError::Hopeless(Refusal::Quota {
                provider,
                status: code,
                detail,
            }),
            400 | 429 if complaint.is_about_credit() => AskError::Hopeless(Refusal::Quota {
                provider,
                status: code,
                detail,
            }),
            404 if !complaint.is_about_the_model(model) => {
                let detail = format!("{detail}; if the ID is right, check `base_url`");
                self.unknown_model(model, detail)
            }
            404 => self.unknown_model(model, detail),
            400 | 422 if complaint.is_about_the_model(model) => self.unknown_model(model, detail),
            // 498 is Groq's for a tier without a free place, 499 nginx's for a request that was dropped.
            408 | 409 | 425 | 429 | 498 | 499 | 500.. => AskError::Passing {
                fault: if matches!(code, 429 | 498) {
                    Fault::Throttled
                } else {
                    Fault::Broken
                },
                why: format!("provider `{provider}` answers {code}: {detail}"),
                retry_after: retry_after(headers),
                usage: None,
            },
            _ => AskError::Question {
                why: format!("provider `{provider}` refuses the request ({code}): {detail}"),
            },
        }
    }

    /// What a redirect means: the key must not travel to where it points.
    pub(super) fn redirected(&self, status: StatusCode, headers: &HeaderMap) -> AskError {
        let target = headers
            .get(header::LOCATION)
            .and_then(|target| target.to_str().ok());
        let host = target
            .and_then(|target| reqwest::Url::parse(target).ok())
            .and_then(|url| url.host_str().map(str::to_owned));
        let host = host.or_else(|| target.map(str::to_owned));
        AskError::Hopeless(Refusal::Redirect {
            provider: self.provider.clone(),
            status: status.as_u16(),
            host: self.clean(host.as_deref().unwrap_or("an unnamed place")),
        })
    }

    /// What a failure of the connection means.
    pub(super) fn broken(&self, error: reqwest::Error) -> AskError {
        let fault = if error.is_connect() {
            Fault::Unreachable
        } else {
            Fault::Broken
        };
        let what = match (error.is_connect(), error.is_timeout()) {
            (true, _) => "cannot be reached",
            (false, true) => "did not answer in time",
            (false, false) => "broke the connection off",
        };
        let cause = self.clean(&root(&error.without_url()));
        AskError::Passing {
            fault,
            why: format!(
                "provider `{}` {what} ({cause}){}",
                self.provider,
                certificate_remedy(&cause)
            ),
            retry_after: None,
            usage: None,
        }
    }

    /// A successful status whose body was not read to its end. One that is too long is so the next time, too.
    pub(super) fn unread(&self, unread: Unread) -> AskError {
        match unread {
            Unread::Broken(error) => self.broken(error),
            Unread::TooLong(most) => AskError::Question {
                why: format!(
                    "the answer of provider `{}` is larger than {most} MiB",
                    self.provider
                ),
            },
        }
    }

    /// A successful status whose body is no answer.
    pub(super) fn unreadable(&self, no_answer: &NoAnswer) -> AskError {
        let NoAnswer { fault, why, usage } = no_answer;
        AskError::Passing {
            fault: *fault,
            why: format!("provider `{}`: {}", self.provider, self.clean(why)),
            retry_after: None,
            usage: *usage,
        }
    }

    pub(super) fn unknown_model(&self, model: &str, detail: String) -> AskError {
        AskError::Hopeless(Refusal::UnknownModel {
            provider: self.provider.clone(),
            model: model.to_owned(),
            detail,
        })
    }
}

/// What an error came from in the first place. The layers above it name themselves and say nothing more.
fn root(error: &dyn std::error::Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

#[cfg(test)]
mod tests;
