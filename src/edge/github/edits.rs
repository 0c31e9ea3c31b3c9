//! Who ever edited a comment: GitHub keeps that, and tells it by GraphQL alone. Decides nothing about what it means.

use serde::Deserialize;

use super::client::GitHub;
use super::error::GitHubError;
use super::identity::Account;

/// A comment with more edits than this many pages hold does not happen; a list without an end does.
const MOST_PAGES: usize = 50;
const DOING: &str = "asking who edited a comment";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEdits {
    page_info: RawPage,
    nodes: Vec<RawEdit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPage {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
struct RawEdit {
    editor: Option<RawEditor>,
}

#[derive(Deserialize)]
struct RawEditor {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

impl RawEdit {
    /// A person whose account is gone is nobody that we are.
    fn editor(&self) -> Account {
        let editor = self.editor.as_ref();
        editor.map_or_else(
            || Account::of("", "User"),
            |editor| Account::of(&editor.login, &editor.kind),
        )
    }
}

impl GitHub {
    /// Who ever edited a comment. An error where the forge has no GraphQL, or ends the list before its end.
    pub(super) async fn editors_of(&self, node: Option<&str>) -> Result<Vec<Account>, GitHubError> {
        let Some(node) = node.filter(|node| is_plain(node)) else {
            return Err(self.unreadable(DOING, "the comment has no name in GraphQL"));
        };
        let mut editors = Vec::new();
        let mut after = None;
        for _ in 0..MOST_PAGES {
            let page = self.edits(node, after.as_deref()).await?;
            editors.extend(page.nodes.iter().map(RawEdit::editor));
            if !page.page_info.has_next_page {
                return Ok(editors);
            }
            let next = page.page_info.end_cursor.filter(|cursor| is_plain(cursor));
            if next.is_none() || next == after {
                return Err(self.unreadable(DOING, "the list of edits goes on nowhere"));
            }
            after = next;
        }
        Err(self.unreadable(DOING, "the list of edits has no end"))
    }

    async fn edits(&self, node: &str, after: Option<&str>) -> Result<RawEdits, GitHubError> {
        let after = after.map(|cursor| format!(", after: \"{cursor}\""));
        let after = after.unwrap_or_default();
        let query = format!(
            "query {{ node(id: \"{node}\") {{ ... on IssueComment {{ userContentEdits(first: 100{after}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ editor {{ __typename login }} }} }} }} }} }}"
        );
        let answer = self.query(DOING, &query).await?;
        let edits = answer.pointer("/data/node/userContentEdits");
        match edits.map(|edits| serde_json::from_value::<RawEdits>(edits.clone())) {
            Some(Ok(edits)) => Ok(edits),
            Some(Err(error)) => Err(self.unreadable(DOING, &error.to_string())),
            None => Err(self.unreadable(DOING, "the answer has no edits")),
        }
    }
}

/// Names in GraphQL and cursors are opaque, and stand in a query only where they cannot end their quotes.
fn is_plain(name: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '=' | '+' | '/' | ':');
    !name.is_empty() && name.chars().all(plain)
}
