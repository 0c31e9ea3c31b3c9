//! What people wrote on a pull request, who they are, and what they may do. Decides nothing about what it means.

use serde::Deserialize;

use super::client::{GitHub, Pages};
use super::comment::is_report;
use super::error::GitHubError;
use super::event::PullNumber;
use super::identity::Account;
use super::route::segment;
use crate::edge::CommitSha;

/// Pull requests with more comments than this many pages hold do not happen; a list without an end does.
const MOST_PAGES: usize = 200;

/// A comment as GitHub lists it; deleted accounts and other servers leave fields out.
#[derive(Debug, Deserialize)]
pub(super) struct RawComment {
    pub(super) id: u64,
    pub(super) node_id: Option<String>,
    pub(super) body: Option<String>,
    pub(super) html_url: Option<String>,
    pub(super) user: Option<Account>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// Something that was written on a pull request, by anybody but this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The login of who wrote it; `None` where the account is gone.
    pub author: Option<String>,
    /// The number of that account, which a new name does not change.
    pub author_id: Option<u64>,
    /// GitHub's name for it in GraphQL.
    pub(super) node: Option<String>,
    /// Whether a program wrote it.
    pub by_program: bool,
    /// Its text.
    pub body: String,
    /// Its address for people.
    pub url: Option<String>,
    /// When it was written, RFC 3339.
    pub created: Option<String>,
    /// When it was changed last.
    pub updated: Option<String>,
}

/// What somebody may do in the repository, from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Less than push.
    Reader,
    /// May push.
    Writer,
    /// May push and manage.
    Maintainer,
    /// May do everything.
    Administrator,
}

impl Role {
    /// The permission's name at GitHub.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "read",
            Self::Writer => "write",
            Self::Maintainer => "maintain",
            Self::Administrator => "admin",
        }
    }
}

/// A pull request, and who opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its number.
    pub number: PullNumber,
    /// The login; `None` where the account is gone.
    pub author: Option<String>,
    /// The number of that account.
    pub author_id: Option<u64>,
    /// Its tip.
    pub tip: Option<CommitSha>,
}

#[derive(Deserialize)]
struct RawPull {
    number: u64,
    user: Option<Account>,
    merged_at: Option<String>,
    merge_commit_sha: Option<String>,
    base: Option<RawBase>,
    head: Option<RawHead>,
}

#[derive(Deserialize)]
struct RawHead {
    sha: String,
}

#[derive(Deserialize)]
struct RawBase {
    r#ref: String,
}

#[derive(Deserialize)]
struct RawRole {
    permission: Option<String>,
    role_name: Option<String>,
    user: Option<RawUser>,
}

#[derive(Deserialize)]
struct RawUser {
    permissions: Option<RawPermissions>,
}

#[derive(Deserialize)]
struct RawPermissions {
    #[serde(default)]
    maintain: bool,
}

impl GitHub {
    /// All comments of a pull request, oldest first.
    pub(super) async fn all_comments(
        &self,
        number: PullNumber,
    ) -> Result<Vec<RawComment>, GitHubError> {
        let doing = format!("listing the comments of pull request {number}");
        let route = format!("/issues/{number}/comments?per_page=100");
        let Pages { items, stopped } = self.pages(&doing, &route, MOST_PAGES).await;
        stopped.map_or(Ok(items), Err)
    }

    /// What somebody may do in this repository.
    pub async fn role_of(&self, login: &str) -> Result<Role, GitHubError> {
        let doing = format!("asking what {login} may do");
        let route = format!("/collaborators/{}/permission", segment(login));
        match self.get_json::<RawRole>(&doing, &route).await {
            Ok(raw) => Ok(raw.role()),
            // They are no collaborator, or nobody at all.
            Err(GitHubError::NotFound { .. }) => Ok(Role::Reader),
            Err(error) => Err(error),
        }
    }

    /// Who opened a pull request.
    pub async fn opened(&self, number: PullNumber) -> Result<Opened, GitHubError> {
        let doing = format!("reading pull request {number}");
        let raw: RawPull = self.get_json(&doing, &format!("/pulls/{number}")).await?;
        Ok(raw.opened())
    }

    /// The pull requests whose merge into a branch made this commit.
    pub async fn merged_as(
        &self,
        commit: &CommitSha,
        branch: &str,
    ) -> Result<Vec<Opened>, GitHubError> {
        let doing = format!("looking for the pull request that became {commit}");
        let route = format!("/commits/{commit}/pulls?per_page=100");
        let pulls: Vec<RawPull> = self.get_json(&doing, &route).await?;
        let merged = pulls.iter().filter(|pull| {
            pull.merged_at.is_some()
                && pull.merge_commit_sha.as_deref() == Some(commit.as_str())
                && pull.base.as_ref().is_some_and(|base| base.r#ref == branch)
        });
        Ok(merged.map(RawPull::opened).collect())
    }
}

impl RawPull {
    fn opened(&self) -> Opened {
        let author = self.user.as_ref().and_then(Account::login);
        Opened {
            number: PullNumber(self.number),
            author: author.map(str::to_owned),
            author_id: self.user.as_ref().and_then(|user| user.id),
            tip: self
                .head
                .as_ref()
                .and_then(|head| CommitSha::new(&head.sha)),
        }
    }
}

impl RawRole {
    /// `permission` knows neither `maintain` nor the roles that an organisation makes itself; both name a stronger one.
    /// <https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user>
    fn role(&self) -> Role {
        match self.role_name.as_deref() {
            Some("admin" | "owner") => Role::Administrator,
            Some("maintain") => Role::Maintainer,
            Some("write") => Role::Writer,
            Some("triage" | "read" | "none") => Role::Reader,
            Some(_) | None => self.of_permission(),
        }
    }

    fn of_permission(&self) -> Role {
        let flags = self
            .user
            .as_ref()
            .and_then(|user| user.permissions.as_ref());
        match self.permission.as_deref() {
            Some("admin" | "owner") => Role::Administrator,
            Some("maintain") => Role::Maintainer,
            Some("write") if flags.is_some_and(|flags| flags.maintain) => Role::Maintainer,
            Some("write") => Role::Writer,
            Some(_) | None => Role::Reader,
        }
    }
}

/// What others wrote; a report of this program, whosever it looks like, is nothing that a person says.
pub(super) fn remarks(comments: Vec<RawComment>) -> Vec<Remark> {
    let others = comments
        .into_iter()
        .filter(|raw| !raw.body.as_deref().is_some_and(is_report));
    others.map(Remark::from).collect()
}

impl From<RawComment> for Remark {
    fn from(raw: RawComment) -> Self {
        let user = raw.user.as_ref();
        Self {
            author: user.and_then(Account::login).map(str::to_owned),
            author_id: user.and_then(|user| user.id),
            node: raw.node_id.clone(),
            by_program: user.is_some_and(Account::is_program),
            body: raw.body.unwrap_or_default(),
            url: raw.html_url,
            created: raw.created_at,
            updated: raw.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn role(raw: &Value) -> Role {
        serde_json::from_value::<RawRole>(raw.clone())
            .unwrap()
            .role()
    }

    #[test]
    fn the_role_is_what_counts_and_the_old_word_for_it_stands_in() {
        let maintainer = json!({"permission": "write", "role_name": "maintain"});
        assert_eq!(role(&maintainer), Role::Maintainer);
        let triage = json!({"permission": "read", "role_name": "triage"});
        assert_eq!(role(&triage), Role::Reader);
        let own = |maintain: bool| json!({"permission": "write", "role_name": "release-crew", "user": {"permissions": {"push": true, "maintain": maintain}}});
        assert_eq!(role(&own(true)), Role::Maintainer);
        assert_eq!(role(&own(false)), Role::Writer);
        assert_eq!(role(&json!({"permission": "owner"})), Role::Administrator);
        assert_eq!(
            role(&json!({"permission": "none", "user": null})),
            Role::Reader
        );
        assert_eq!(role(&json!({})), Role::Reader);
    }
}
