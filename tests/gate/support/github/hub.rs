//! The test's hand on the fake: sets the scene, lets others act, and asks afterwards what was done.

use std::sync::{Arc, Mutex, MutexGuard};

use super::faults::{Fault, On, Planned};
use super::history::Repository;
use super::state::{
    Check, Comment, HeadRepository, Issue, Permission, PullRequest, RateLimit, Stale, State,
    TokenKind,
};
use super::wire::Recorded;

/// A handle to the fake's state; clones speak of the same fake.
#[derive(Clone)]
pub(crate) struct Hub {
    state: Arc<Mutex<State>>,
}

impl Hub {
    pub(super) fn new(state: State) -> Self {
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no request made the fake panic")
    }

    /// The address for `GITHUB_API_URL`, without a slash at the end.
    pub(crate) fn api_url(&self) -> String {
        self.state().place.api.clone()
    }

    /// The address for `GITHUB_GRAPHQL_URL`: on an Enterprise Server it does not lie under the REST API.
    pub(crate) fn graphql_url(&self) -> String {
        let state = self.state();
        format!("{}/graphql", state.place.api.trim_end_matches("/v3"))
    }

    /// The one token that is accepted.
    pub(crate) fn token(&self) -> String {
        self.state().token.clone()
    }

    /// Accepts another token too, which is refused nothing, and gives it back.
    pub(crate) fn second_token(&self, token: &str) -> String {
        self.state().second_token = Some(token.to_owned());
        token.to_owned()
    }

    /// The repository, to commit to while the fake runs.
    pub(crate) fn repository(&self) -> Arc<Repository> {
        Arc::clone(&self.state().repository)
    }

    /// Opens a pull request from a branch of the same repository and gives its number.
    pub(crate) fn open_pull_request(&self, base: &str, head: &str) -> u64 {
        self.open(base, head, HeadRepository::Same)
    }

    /// Opens a pull request from a fork, `owner/name`. The branch is no longer one of the base repository.
    pub(crate) fn open_pull_request_from_fork(&self, base: &str, head: &str, fork: &str) -> u64 {
        self.repository().move_to_fork(head);
        self.open(base, head, HeadRepository::Fork(fork.to_owned()))
    }

    fn open(&self, base: &str, head: &str, head_repository: HeadRepository) -> u64 {
        let mut state = self.state();
        assert!(state.repository.tip(head).is_some(), "no branch {head}");
        let number = state.next_number();
        let base_sha = state
            .repository
            .tip(base)
            .expect("the base branch has commits");
        let updated_at = state.repository.tick().iso();
        state.pulls.push(PullRequest {
            number,
            title: format!("Change {head}"),
            author: "alice".to_owned(),
            base: base.to_owned(),
            base_sha,
            head: head.to_owned(),
            head_repository,
            draft: false,
            merged_as: None,
            updated_at,
        });
        number
    }

    /// Changes what a pull request says of itself.
    pub(crate) fn edit_pull_request(&self, number: u64, change: impl FnOnce(&mut PullRequest)) {
        let mut state = self.state();
        change(
            state
                .pulls
                .iter_mut()
                .find(|pull| pull.number == number)
                .expect("the pull request exists"),
        );
    }

    /// Merges a pull request with a merge commit and gives that commit's SHA.
    pub(crate) fn merge_pull_request(&self, number: u64) -> String {
        let repository = self.repository();
        let pull = self
            .state()
            .pull(number)
            .expect("the pull request exists")
            .clone();
        let (base, head) = (
            repository.tip(&pull.base).unwrap(),
            repository.tip(&pull.head).unwrap(),
        );
        let message = format!("Merge pull request #{number}");
        let sha = repository
            .merge(&base, &head, &message, &repository.tick().iso())
            .expect("the branches merge");
        repository.reset(&pull.base, &sha);
        repository.git(&["update-ref", &format!("refs/pull/{number}/head"), &head]);
        self.edit_pull_request(number, |pull| pull.merged_as = Some(sha.clone()));
        sha
    }

    /// Adds somebody's comment and gives its id. No author: an account that is gone.
    pub(crate) fn seed_comment<'a>(
        &self,
        number: u64,
        author: impl Into<Option<&'a str>>,
        body: &str,
    ) -> u64 {
        self.state().add_comment(number, author.into(), body).id
    }

    /// Lets somebody do more than read: `triage`, `write`, `maintain` or `admin`.
    pub(crate) fn give_role(&self, login: &str, role: &'static str) {
        self.state().roles.insert(login.to_owned(), role);
    }

    /// Somebody edits a comment, which whoever may push can do to anybody's.
    pub(crate) fn edit_comment(&self, id: u64, by: &str, edit: impl FnOnce(&str) -> String) {
        let mut state = self.state();
        let now = state.repository.tick().iso();
        let mut comments = state.comments.iter_mut();
        let comment = comments.find(|comment| comment.id == id).unwrap();
        comment.body = edit(&comment.body);
        comment.updated_at = now;
        comment.editors.push(by.to_owned());
    }

    /// Somebody edits a comment within the second in which it was written.
    pub(crate) fn edit_comment_at_once(&self, id: u64, by: &str, body: &str) {
        let mut state = self.state();
        let mut comments = state.comments.iter_mut();
        let comment = comments.find(|comment| comment.id == id).unwrap();
        body.clone_into(&mut comment.body);
        comment.editors.push(by.to_owned());
    }

    /// Takes a comment away.
    pub(crate) fn delete_comment(&self, id: u64) {
        self.state().comments.retain(|comment| comment.id != id);
    }

    /// The comments of a pull request, oldest first.
    pub(crate) fn comments(&self, number: u64) -> Vec<Comment> {
        self.state()
            .comments
            .iter()
            .filter(|comment| comment.number == number)
            .cloned()
            .collect()
    }

    /// The bytes of a file at the tip of a branch.
    pub(crate) fn file_on_branch(&self, branch: &str, path: &str) -> Option<Vec<u8>> {
        self.repository().file(branch, path)
    }

    /// The paths of all files at the tip of a branch, in order; none if there is no such branch.
    pub(crate) fn files_on_branch(&self, branch: &str) -> Vec<String> {
        self.repository().files(branch)
    }

    /// Everything that was asked so far, in order.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.state().requests.clone()
    }

    /// All issues, open or closed, in the order in which they were opened.
    pub(crate) fn issues(&self) -> Vec<Issue> {
        self.state().issues.clone()
    }

    /// Somebody opens an issue.
    pub(crate) fn seed_issue(&self, author: &str, body: &str) {
        self.state().add_issue(author, "An issue", body);
    }

    /// The checks and statuses on commits, in the order in which they were made.
    pub(crate) fn checks(&self) -> Vec<Check> {
        self.state().checks.clone()
    }

    /// The tip of a pull request.
    pub(crate) fn head_of(&self, number: u64) -> String {
        let state = self.state();
        super::routes::pulls::head_sha(&state, state.pull(number).unwrap())
    }

    /// Returns as soon as an operation was asked for.
    pub(crate) fn wait_for(&self, operation: &str) {
        let begun = std::time::Instant::now();
        let is_it = |request: &Recorded| {
            super::description::recognise(request).is_some_and(|(found, _)| found.id == operation)
        };
        while !self.requests().iter().any(is_it) {
            assert!(
                begun.elapsed().as_secs() < 60,
                "nobody asked for {operation}"
            );
            std::thread::yield_now();
        }
    }

    /// Plans a fault for the next `times` requests that it is for. One that never happens fails the test.
    pub(crate) fn fault(&self, on: impl Into<On>, times: usize, fault: Fault) {
        let planned = Planned::new(on.into(), times, fault);
        self.state().faults.push(planned);
    }

    /// After the next write to the branch, this many reads of its reference still show what was before.
    pub(crate) fn stale_reads(&self, branch: &str, reads: usize) {
        self.state()
            .stale
            .insert(format!("refs/heads/{branch}"), Stale::Waiting { reads });
    }

    /// Refuses a kind of write with 403, as to a job whose token lacks the permission.
    pub(crate) fn refuse(&self, permission: Permission) {
        self.state().refused.push(permission);
    }

    /// Whose the token is, and of which kind. New comments are by this login.
    pub(crate) fn token_of(&self, login: &str, kind: TokenKind) {
        let mut state = self.state();
        login.clone_into(&mut state.viewer);
        state.token_kind = kind;
    }

    /// From now on there is no GraphQL, as on Gitea and Forgejo.
    pub(crate) fn without_graphql(&self) {
        self.state().graphql = false;
    }

    /// From now on replies do not tell the rate limit.
    pub(crate) fn without_rate_limit(&self) {
        self.state().rate_limit = RateLimit::Untold;
    }

    /// The repository is private from now on.
    pub(crate) fn make_private(&self) {
        self.state().private = true;
    }

    /// Comments of more characters than this are refused with 422.
    pub(crate) fn limit_comments(&self, characters: usize) {
        self.state().longest_comment = characters;
    }

    /// Trees of more lines than this are cut there and marked `truncated`.
    pub(crate) fn truncate_trees(&self, lines: usize) {
        self.state().largest_tree = lines;
    }

    /// What broke the contract so far. It is forgotten, so it no longer fails the test.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        let mut state = self.state();
        let unused: Vec<String> = state
            .faults
            .drain(..)
            .filter_map(|planned| planned.unused())
            .collect();
        let mut violations = std::mem::take(&mut state.violations);
        violations.extend(unused);
        violations
    }
}
