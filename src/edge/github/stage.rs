//! The pull request whose first stage a workflow was started by. Nothing of the event but names and a commit is used, and
//! no artifact: which pull request it is says the API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::GitHub;
use super::error::GitHubError;
use super::event::{Event, EventError, PullRequest, WorkflowRun};
use super::route::segment;

/// Why the pull request of a first stage cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The API did not answer.
    #[error(transparent)]
    GitHub(#[from] GitHubError),
    /// What it answered is no pull request.
    #[error(transparent)]
    Event(#[from] EventError),
    /// There is no such pull request, or more than one.
    #[error(
        "the workflow was started by {count} open pull requests with the commit {head}, and one is needed; a newer commit \
         starts its own, and this one may be run again"
    )]
    NotOne {
        /// How many there are.
        count: usize,
        /// The commit of the first stage.
        head: String,
    },
}

#[derive(Deserialize)]
struct Listed {
    number: u64,
    head: ListedHead,
}

#[derive(Deserialize)]
struct ListedHead {
    sha: String,
}

impl GitHub {
    /// The open pull request whose tip the first stage was about, as the API has it now.
    pub async fn pull_of(&self, run: &WorkflowRun) -> Result<PullRequest, StageError> {
        let head = run.head_sha.as_str();
        let doing = format!("looking for the pull request of {head}");
        let route = format!(
            "/pulls?state=open&per_page=100&head={}:{}",
            segment(&run.head_owner),
            segment(&run.head_branch)
        );
        let listed: Vec<Listed> = self.get_json(&doing, &route).await?;
        let found: Vec<&Listed> = listed.iter().filter(|pull| pull.head.sha == head).collect();
        let [one] = found.as_slice() else {
            return Err(StageError::NotOne {
                count: found.len(),
                head: head.to_owned(),
            });
        };
        let number = one.number;
        let doing = format!("reading pull request {number}");
        let pull: Value = self.get_json(&doing, &format!("/pulls/{number}")).await?;
        let event = json!({
            "action": "synchronize", "number": number, "sender": pull.get("user"),
            "repository": pull.pointer("/base/repo"), "pull_request": pull,
        });
        let pull = Event::reviewed(&event.to_string().into_bytes())?;
        if pull.head_sha.as_str() == head {
            return Ok(pull);
        }
        Err(StageError::NotOne {
            count: 0,
            head: head.to_owned(),
        })
    }
}
