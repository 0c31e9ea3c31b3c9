//! The fields of an event, each found or missed by its path.

use serde_json::Value;

use super::{
    Dispatch, EventError, MergeGroup, PullNumber, PullRequest, Push, WorkflowRun, printable,
};
use crate::edge::CommitSha;

/// The id of Dependabot's account on github.com.
const DEPENDABOT: u64 = 49_699_333;

/// An event as JSON, and its name for messages.
pub(super) struct Payload<'a> {
    pub(super) event: &'a str,
    pub(super) json: Value,
}

impl Payload<'_> {
    pub(super) fn pull_request(&self) -> Result<PullRequest, EventError> {
        let number = self
            .get("pull_request.number")
            .or_else(|| self.get("number"));
        let head_repo = self.get("pull_request.head.repo.full_name");
        let author = self.get("pull_request.user.login").and_then(Value::as_str);
        // The later of the two: neither may lie before the push that brought this tip. Both are written in the same form.
        let times = [
            "pull_request.updated_at",
            "pull_request.head.repo.pushed_at",
        ];
        let times = times.iter().filter_map(|field| self.get(field));
        let tip_at = times.filter_map(Value::as_str).max();
        let base_repo = self
            .text("pull_request.base.repo.full_name")
            .or_else(|missing| self.text("repository.full_name").map_err(|_| missing))?;
        Ok(PullRequest {
            number: number
                .and_then(Value::as_u64)
                .map(PullNumber)
                .ok_or_else(|| self.lacks("pull_request.number", "number"))?,
            action: self.text("action")?,
            base_sha: self.sha("pull_request.base.sha")?.into(),
            base_ref: self.text("pull_request.base.ref")?,
            head_sha: self.sha("pull_request.head.sha")?.into(),
            head_ref: self.text("pull_request.head.ref")?,
            head_repo: head_repo.and_then(Value::as_str).map(str::to_owned),
            base_repo,
            private: self.private(),
            changed_files: self
                .get("pull_request.changed_files")
                .and_then(Value::as_u64),
            author: author.map(str::to_owned),
            author_id: self.get("pull_request.user.id").and_then(Value::as_u64),
            tip_at: tip_at.map(str::to_owned),
            dependabot: self.dependabot(),
            reviewed: false,
        })
    }

    pub(super) fn workflow_run(&self) -> Result<WorkflowRun, EventError> {
        let started_by = self.text("workflow_run.event")?;
        if started_by != "pull_request" {
            return Err(EventError::NoPullRequest(printable(&started_by)));
        }
        Ok(WorkflowRun {
            head_sha: self.sha("workflow_run.head_sha")?,
            head_branch: self.text("workflow_run.head_branch")?,
            head_owner: self.text("workflow_run.head_repository.owner.login")?,
        })
    }

    pub(super) fn push(&self) -> Result<Push, EventError> {
        let git_ref = self.text("ref")?;
        let before = self.sha("before")?;
        let after = self.sha("after")?;
        Ok(Push {
            branch: git_ref.strip_prefix("refs/heads/").map(str::to_owned),
            before: (!before.is_zero()).then_some(before),
            deleted: self.flag("deleted") || after.is_zero(),
            after,
            forced: self.flag("forced"),
            private: self.private(),
        })
    }

    pub(super) fn merge_group(&self) -> Result<MergeGroup, EventError> {
        let short = |name: String| {
            name.strip_prefix("refs/heads/")
                .map_or(name.clone(), str::to_owned)
        };
        Ok(MergeGroup {
            base_sha: self.sha("merge_group.base_sha")?.into(),
            head_sha: self.sha("merge_group.head_sha")?.into(),
            base_ref: short(self.text("merge_group.base_ref")?),
            head_ref: short(self.text("merge_group.head_ref")?),
            private: self.private(),
        })
    }

    pub(super) fn dispatch(&self) -> Result<Dispatch, EventError> {
        Ok(Dispatch {
            git_ref: self.text("ref")?,
            private: self.private(),
        })
    }

    /// Who acts decides about secrets; the author only stands in where the event names no actor.
    fn dependabot(&self) -> bool {
        let account = self.get("sender").or_else(|| self.get("pull_request.user"));
        let id = account
            .and_then(|user| user.get("id"))
            .and_then(Value::as_u64);
        let login = account
            .and_then(|user| user.get("login"))
            .and_then(Value::as_str);
        id == Some(DEPENDABOT) || login == Some("dependabot[bot]")
    }

    pub(super) fn default_branch(&self) -> Option<&str> {
        let of_base = self.get("pull_request.base.repo.default_branch");
        let branch = of_base.or_else(|| self.get("repository.default_branch"))?;
        branch.as_str()
    }

    pub(super) fn private(&self) -> bool {
        self.flag("repository.private")
    }

    fn flag(&self, field: &str) -> bool {
        self.get(field).and_then(Value::as_bool).unwrap_or(false)
    }

    fn sha(&self, field: &str) -> Result<CommitSha, EventError> {
        let sha = self
            .get(field)
            .and_then(Value::as_str)
            .and_then(CommitSha::new);
        sha.ok_or_else(|| self.lacks(field, "commit"))
    }

    fn text(&self, field: &str) -> Result<String, EventError> {
        let text = self
            .get(field)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        text.map(str::to_owned)
            .ok_or_else(|| self.lacks(field, "text"))
    }

    fn get(&self, field: &str) -> Option<&Value> {
        let value = field
            .split('.')
            .try_fold(&self.json, |value, key| value.get(key))?;
        (!value.is_null()).then_some(value)
    }

    fn lacks(&self, field: &str, what: &'static str) -> EventError {
        EventError::Field {
            event: self.event.to_owned(),
            field: field.to_owned(),
            what,
        }
    }
}
