//! What the fake GitHub holds besides the repository: pull requests, comments, rights, and what it was asked.

use std::collections::HashMap;
use std::sync::Arc;

use super::examples::Place;
use super::faults::Planned;
use super::history::Repository;
use super::wire::Recorded;

/// Where GitHub cuts the list of a pull request's files, without a word. <https://docs.github.com/rest/pulls/pulls#list-pull-requests-files>
pub(super) const MOST_FILES: usize = 3000;

/// The length in characters at which GitHub refuses a comment.
const LONGEST_COMMENT: usize = 65_536;

/// Where a pull request's head lives.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum HeadRepository {
    /// In the base repository.
    Same,
    /// In somebody's fork, `owner/name`.
    Fork(String),
    /// In a fork that is gone: the API answers `null`.
    Deleted,
}

/// A pull request. Its fields may be changed by the test, through [`super::hub::Hub::edit_pull_request`].
#[derive(Clone)]
pub(crate) struct PullRequest {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) base: String,
    /// The base branch's tip when the head was last pushed, which is what GitHub's `base.sha` says.
    pub(crate) base_sha: String,
    pub(crate) head: String,
    pub(crate) head_repository: HeadRepository,
    pub(crate) draft: bool,
    /// The commit on the base branch, once merged.
    pub(crate) merged_as: Option<String>,
    /// When its head was last pushed.
    pub(super) updated_at: String,
}

/// A comment on a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    /// The login, or nothing: the account is gone, and the API says `null`.
    pub(crate) author: Option<String>,
    pub(crate) body: String,
    pub(super) number: u64,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    /// Who edited it, in order.
    pub(super) editors: Vec<String>,
}

/// An issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(super) number: u64,
    pub(super) author: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) is_open: bool,
}

/// A check on a commit, or a status of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(super) id: u64,
    pub(crate) name: String,
    pub(crate) head: String,
    /// Its conclusion once it has one.
    pub(crate) state: String,
    pub(crate) title: String,
    pub(crate) summary: String,
}

/// What a token may be refused.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Writing comments: `pull-requests: write`.
    Comments,
    /// Writing blobs, trees, commits and branches: `contents: write`.
    Contents,
    /// Writing checks: `checks: write`.
    Checks,
    /// Writing issues: `issues: write`.
    Issues,
}

/// What `GET /user` says to the token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A job's or an app's: 403.
    Integration,
    /// A person's: the person.
    Personal,
}

/// Whether replies tell the rate limit; an Enterprise Server with limits switched off does not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RateLimit {
    Told { remaining: u32 },
    Untold,
}

/// Old tips that readers still get to see after a write, as GitHub's replicas show them.
pub(super) enum Stale {
    /// The next write will be seen late, by this many reads.
    Waiting { reads: usize },
    /// The tip before the write (none: there was no branch), for the reads that are left.
    Showing { left: usize, tip: Option<String> },
}

pub(super) struct State {
    pub(super) repository: Arc<Repository>,
    pub(super) place: Place,
    pub(super) prefix: &'static str,
    pub(super) token: String,
    /// Another one, which no permission is refused to.
    pub(super) second_token: Option<String>,
    pub(super) private: bool,
    pub(super) pulls: Vec<PullRequest>,
    pub(super) comments: Vec<Comment>,
    pub(super) checks: Vec<Check>,
    pub(super) issues: Vec<Issue>,
    /// What people may do here, by login; others may read.
    pub(super) roles: HashMap<String, &'static str>,
    pub(super) viewer: String,
    pub(super) token_kind: TokenKind,
    pub(super) graphql: bool,
    pub(super) refused: Vec<Permission>,
    pub(super) longest_comment: usize,
    pub(super) largest_tree: usize,
    pub(super) rate_limit: RateLimit,
    pub(super) stale: HashMap<String, Stale>,
    pub(super) faults: Vec<Planned>,
    pub(super) requests: Vec<Recorded>,
    pub(super) violations: Vec<String>,
    numbers: u64,
    ids: u64,
}

impl State {
    pub(super) fn new(repository: Repository, place: Place, prefix: &'static str) -> Self {
        Self {
            repository: Arc::new(repository),
            place,
            prefix,
            token: "ghs_theTokenOfTheFakeGitHubNeverToBeShown".to_owned(),
            second_token: None,
            private: false,
            pulls: Vec::new(),
            comments: Vec::new(),
            checks: Vec::new(),
            issues: Vec::new(),
            roles: HashMap::new(),
            viewer: "github-actions[bot]".to_owned(),
            token_kind: TokenKind::Integration,
            graphql: true,
            refused: Vec::new(),
            longest_comment: LONGEST_COMMENT,
            largest_tree: usize::MAX,
            rate_limit: RateLimit::Told { remaining: 1000 },
            stale: HashMap::new(),
            faults: Vec::new(),
            requests: Vec::new(),
            violations: Vec::new(),
            // Not 1 each, so that a client which takes one number for another is found out.
            numbers: 11,
            ids: 2_000_000_100,
        }
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(super) fn add_issue(&mut self, author: &str, title: &str, body: &str) -> Issue {
        let issue = Issue {
            number: 700 + u64::try_from(self.issues.len()).unwrap(),
            author: author.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            is_open: true,
        };
        self.issues.push(issue.clone());
        issue
    }

    pub(super) fn add_comment(&mut self, number: u64, author: Option<&str>, body: &str) -> Comment {
        self.ids += 1;
        let now = self.repository.tick().iso();
        let comment = Comment {
            id: self.ids,
            author: author.map(str::to_owned),
            body: body.to_owned(),
            number,
            created_at: now.clone(),
            updated_at: now,
            editors: Vec::new(),
        };
        self.comments.push(comment.clone());
        comment
    }

    pub(super) fn pull(&self, number: u64) -> Option<&PullRequest> {
        self.pulls.iter().find(|pull| pull.number == number)
    }

    pub(super) fn violated(&mut self, request: &Recorded, problem: &str) {
        self.violations
            .push(format!("{} {}: {problem}", request.method, request.path));
    }
}
