//! What was said on a pull request, and whether somebody changed it since. Writes nothing.

use super::super::conversation::{Remark, remarks};
use super::super::error::GitHubError;
use super::super::event::PullNumber;
use super::{Comments, OwnComment};

/// What was said on a pull request.
#[derive(Debug)]
pub struct Conversation {
    /// Our newest comment.
    pub own: Option<OwnComment>,
    /// What others wrote, oldest first.
    pub remarks: Vec<Remark>,
}

impl Comments<'_> {
    /// What was said so far. Changes nothing.
    pub async fn conversation(&self, number: PullNumber) -> Result<Conversation, GitHubError> {
        let comments = self.github.all_comments(number).await?;
        Ok(Conversation {
            own: self.ours(&comments).await?.pop(),
            remarks: remarks(comments),
        })
    }

    /// Whether nobody but us ever edited our comment: whoever may push may edit it too. An error where the forge does not
    /// keep that.
    pub async fn is_untouched(&self, own: &OwnComment) -> Result<bool, GitHubError> {
        let editors = self.github.editors_of(own.node.as_deref()).await?;
        let us = self.identity.get_or_try_init(|| self.identify()).await?;
        Ok(editors.iter().all(|editor| us.is(editor)))
    }

    /// Whether somebody's comment was ever edited. An error where the forge does not keep that.
    pub async fn is_edited(&self, remark: &Remark) -> Result<bool, GitHubError> {
        let editors = self.github.editors_of(remark.node.as_deref()).await?;
        Ok(!editors.is_empty())
    }
}
