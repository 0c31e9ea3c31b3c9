//! A check of our own on a commit, for runs whose job a pull request does not show; a commit status where the forge has no
//! checks or the token may not write them. Best effort: it changes no verdict.

use serde::Deserialize;
use serde_json::{Value, json};

use super::client::GitHub;
use super::error::GitHubError;
use crate::edge::CommitSha;

/// GitHub refuses more, and cuts other fields without a word.
const MOST_TEXT: usize = 60_000;
/// GitHub's limit for the description of a status, in characters.
const MOST_DESCRIPTION: usize = 140;

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// It may merge.
    Success,
    /// It may not, or nothing could be measured.
    Failure,
    /// Somebody cancelled it.
    Cancelled,
}

/// A check that was begun.
#[derive(Debug)]
pub struct Check<'a> {
    github: &'a GitHub,
    head: CommitSha,
    name: String,
    url: Option<String>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Run(u64),
    Status,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

impl<'a> Check<'a> {
    /// Begins a check of this name; the address leads to the run's log.
    pub async fn begin(
        github: &'a GitHub,
        head: &CommitSha,
        (name, url): (&str, Option<&str>),
    ) -> Result<Self, GitHubError> {
        let mut check = Self {
            github,
            head: head.clone(),
            name: name.to_owned(),
            url: url.map(str::to_owned),
            kind: Kind::Status,
        };
        let mut body = json!({"name": name, "head_sha": head.as_str(), "status": "in_progress"});
        check.link(&mut body, "details_url");
        match github
            .post("beginning the check", "/check-runs", &body)
            .await
        {
            Ok(Created { id }) => check.kind = Kind::Run(id),
            Err(GitHubError::Forbidden { .. } | GitHubError::NotFound { .. }) => {
                check.status("pending", "is being measured").await?;
            }
            Err(why) => return Err(why),
        }
        Ok(check)
    }

    /// Ends it. The title is a line, the text Markdown.
    pub async fn end(
        &self,
        conclusion: Conclusion,
        (title, text): (&str, &str),
    ) -> Result<(), GitHubError> {
        let Kind::Run(id) = self.kind else {
            let state = match conclusion {
                Conclusion::Success => "success",
                Conclusion::Failure => "failure",
                Conclusion::Cancelled => "error",
            };
            return self.status(state, title).await;
        };
        let word = match conclusion {
            Conclusion::Success => "success",
            Conclusion::Failure => "failure",
            Conclusion::Cancelled => "cancelled",
        };
        let mut body = json!({
            "status": "completed", "conclusion": word,
            "output": {"title": first(title, 250), "summary": whole_lines(text)},
        });
        self.link(&mut body, "details_url");
        let route = format!("/check-runs/{id}");
        let done: Value = self.github.patch("ending the check", &route, &body).await?;
        drop(done);
        Ok(())
    }

    async fn status(&self, state: &str, description: &str) -> Result<(), GitHubError> {
        let mut body = json!({
            "state": state, "context": self.name, "description": first(description, MOST_DESCRIPTION),
        });
        self.link(&mut body, "target_url");
        let route = format!("/statuses/{}", self.head);
        let done: Value = self
            .github
            .post("setting the status", &route, &body)
            .await?;
        drop(done);
        Ok(())
    }

    fn link(&self, body: &mut Value, key: &str) {
        if let (Some(body), Some(url)) = (body.as_object_mut(), &self.url) {
            body.insert(key.to_owned(), json!(url));
        }
    }
}

fn first(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

/// As many whole lines as fit.
fn whole_lines(text: &str) -> String {
    if text.len() <= MOST_TEXT {
        return text.to_owned();
    }
    let mut kept = String::new();
    for line in text.split_inclusive('\n') {
        if kept.len() + line.len() > MOST_TEXT {
            break;
        }
        kept.push_str(line);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_ends_with_a_whole_line() {
        let text = "äöü line\n".repeat(10_000);
        let kept = whole_lines(&text);
        assert!(kept.len() <= MOST_TEXT && kept.ends_with("line\n"));
        assert_eq!(whole_lines("short"), "short");
        assert_eq!(first("äöü", 2), "äö");
    }
}
