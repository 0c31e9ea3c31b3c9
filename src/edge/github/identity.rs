//! Who we are: the account behind the token, so that only our own comments are edited.
//!
//! A job's token may ask GraphQL's `viewer` but not REST's `/user`; Gitea has only the latter. Where neither answers,
//! any bot is taken for us, since people cannot pose as one.

use serde::Deserialize;

use super::client::GitHub;
use super::error::{Cause, GitHubError};

/// The account behind the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// A login; `bot` where GitHub itself marked it as one.
    Login { name: String, bot: bool },
    /// Unknown; any bot may be us.
    AnyBot,
}

/// An account as comments name it; `None` fields for deleted accounts and other servers.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Account {
    /// A login can be given up and taken by others; this cannot.
    #[serde(default)]
    pub(super) id: Option<u64>,
    login: Option<String>,
    r#type: Option<String>,
}

impl Account {
    /// Its name.
    pub(super) fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }

    /// Whether it is no person. A server that does not say of which kind accounts are has people.
    pub(super) fn is_program(&self) -> bool {
        let named = self
            .login
            .as_deref()
            .is_some_and(|name| name.ends_with(BOT));
        named || self.r#type.as_deref().is_some_and(|kind| kind != "User")
    }

    /// An account as GraphQL names it.
    pub(super) fn of(login: &str, kind: &str) -> Self {
        Self {
            id: None,
            login: Some(login.to_owned()),
            r#type: Some(kind.to_owned()),
        }
    }
}

impl Identity {
    /// The identity with this login, with or without `[bot]`.
    pub(super) fn of(login: &str) -> Self {
        let login = login.trim().to_lowercase();
        let bot = login.ends_with(BOT);
        Self::Login {
            name: bare(&login).to_owned(),
            bot,
        }
    }

    /// Whether an account is us.
    pub(super) fn is(&self, account: &Account) -> bool {
        let is_bot = account.r#type.as_deref() == Some("Bot");
        match self {
            Self::AnyBot => is_bot,
            Self::Login { name, bot } => {
                let login = account.login.as_deref().unwrap_or_default().to_lowercase();
                // A person may bear a bot's name without the suffix.
                let person = account.r#type.as_deref() == Some("User");
                !login.is_empty() && bare(&login) == name && !(*bot && person)
            }
        }
    }
}

const BOT: &str = "[bot]";

fn bare(login: &str) -> &str {
    login.strip_suffix(BOT).unwrap_or(login)
}

impl GitHub {
    /// Asks GitHub who we are.
    pub(super) async fn identity(&self) -> Result<Identity, GitHubError> {
        let doing = "asking whose token this is";
        match self.query(doing, "query { viewer { login } }").await {
            Ok(answer) => {
                let login = answer
                    .pointer("/data/viewer/login")
                    .and_then(|login| login.as_str());
                if let Some(login) = login {
                    return Ok(Identity::of(login));
                }
            }
            Err(error @ (GitHubError::Unauthorized { .. } | GitHubError::RateLimited { .. })) => {
                return Err(error);
            }
            // Servers without GraphQL refuse in many ways; an outage shows again at the next request.
            Err(_) => {}
        }
        match self.get_account::<Account>(doing, "/user").await {
            Ok(Account {
                login: Some(login), ..
            }) => Ok(Identity::of(&login)),
            Err(error) if error.is_unauthorized() || error.cause() == Cause::Outage => Err(error),
            Ok(_) | Err(_) => Ok(Identity::AnyBot),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::stub::{Answer, Stub};
    use super::*;

    fn account(login: &str, kind: &str) -> Account {
        Account {
            id: None,
            login: Some(login.to_owned()),
            r#type: Some(kind.to_owned()),
        }
    }

    #[test]
    fn the_bot_suffix_is_ignored_but_a_person_is_no_bot() {
        let us = Identity::of("github-actions[bot]");
        assert!(us.is(&account("github-actions[bot]", "Bot")));
        assert!(us.is(&account("GitHub-Actions", "Bot")));
        assert!(us.is(&Account {
            id: None,
            login: Some("github-actions".to_owned()),
            r#type: None
        }));
        assert!(!us.is(&account("github-actions", "User")));
        assert!(!us.is(&account("eve", "Bot")));
        assert!(!us.is(&Account {
            id: None,
            login: None,
            r#type: None
        }));
        assert!(Identity::of("ada").is(&account("Ada", "User")));
        assert!(Identity::of("app").is(&account("app[bot]", "Bot")));
        assert!(Identity::AnyBot.is(&account("x", "Bot")));
        assert!(!Identity::AnyBot.is(&account("x", "User")));
    }

    async fn who(graphql: fn() -> Answer, user: fn() -> Answer) -> Result<Identity, GitHubError> {
        let stub = Stub::start(move |seen| match seen.line().as_str() {
            "POST /graphql" => graphql(),
            "GET /user" => user(),
            other => panic!("{other}"),
        })
        .await;
        stub.github().identity().await
    }

    fn viewer() -> Answer {
        Answer::json(
            200,
            &json!({"data": {"viewer": {"login": "github-actions[bot]"}}}),
        )
    }

    fn forbidden() -> Answer {
        Answer::json(
            403,
            &json!({"message": "Resource not accessible by integration"}),
        )
    }

    #[tokio::test]
    async fn graphql_is_asked_first_then_the_account_then_any_bot_is_us() {
        let user = || Answer::json(200, &json!({"login": "ada"}));
        assert_eq!(
            who(viewer, forbidden).await,
            Ok(Identity::of("github-actions[bot]"))
        );
        assert_eq!(who(Answer::missing, user).await, Ok(Identity::of("ada")));
        let no_data = || Answer::json(200, &json!({"errors": [{"message": "no"}]}));
        assert_eq!(who(no_data, user).await, Ok(Identity::of("ada")));
        assert_eq!(who(Answer::missing, forbidden).await, Ok(Identity::AnyBot));
    }

    #[tokio::test]
    async fn an_outage_or_a_refused_token_does_not_make_us_any_bot() {
        let outage = || Answer::bytes(502, "");
        assert_eq!(
            who(outage, outage).await.unwrap_err().cause(),
            Cause::Outage
        );
        let refused = || Answer::bytes(401, "{}");
        assert!(who(refused, forbidden).await.unwrap_err().is_unauthorized());
    }
}
