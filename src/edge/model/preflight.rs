//! Asks a server, for nothing, whether it knows a model and takes the key. Says no only where the server is clear:
//! the model's page is missing *and* the list of models lacks it. What comes of that is decided elsewhere.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use tokio::time::timeout;

use super::client::{Client, Exchange};
use super::complaint::{Complaint, one_line};
use crate::runner::{AskError, Refusal};

/// Nobody waits longer for an answer that is not even needed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a server says about a model before it is asked anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelCheck {
    /// It has it, and says this of it.
    Exists(About),
    /// It does not have it, or does not take the key.
    Refused(Refusal),
    /// It does not say; many servers and keys know nothing of models.
    CannotTell {
        /// What it says instead, for people.
        why: String,
    },
}

/// What a server says of a model, as far as it does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// When it was made, in seconds since 1970.
    pub created: Option<i64>,
    /// The job that made it.
    pub job: Option<String>,
    /// The model that it was made from.
    pub base: Option<String>,
}

impl About {
    /// OpenAI's page of a model has `created`; Mistral's of a fine-tuned one `job` and `root` too; vLLM's of an adapter
    /// `parent`.
    fn read(page: &[u8], model: &str) -> Self {
        let page = serde_json::from_slice::<Value>(page).unwrap_or_default();
        let text = |key: &str| {
            let text = page.get(key)?.as_str().filter(|text| !text.is_empty());
            text.map(one_line)
        };
        Self {
            created: page
                .get("created")
                .and_then(Value::as_i64)
                .filter(|time| *time > 0),
            job: text("job"),
            base: text("parent")
                .or_else(|| text("root"))
                .filter(|base| base != model),
        }
    }
}

impl Client {
    /// Looks the model up, without cost and within ten seconds.
    pub async fn check_model(&self, model: &str) -> ModelCheck {
        let looked = timeout(PATIENCE, self.look_up(model)).await;
        looked.unwrap_or_else(|_| ModelCheck::CannotTell {
            why: format!("no answer within {} s", PATIENCE.as_secs()),
        })
    }

    async fn look_up(&self, model: &str) -> ModelCheck {
        let page = match self.get(&["models", model]).await {
            Ok(page) => page,
            Err(error) => return cannot_tell(error),
        };
        match page.status {
            StatusCode::OK => ModelCheck::Exists(About::read(&page.body, model)),
            StatusCode::NOT_FOUND => self.look_in_list(model, &page).await,
            _ => self.unclear(model, &page),
        }
    }

    async fn look_in_list(&self, model: &str, page: &Exchange) -> ModelCheck {
        let list = match self.get(&["models"]).await {
            Ok(list) => list,
            Err(error) => return cannot_tell(error),
        };
        if list.status != StatusCode::OK {
            return self.unclear(model, &list);
        }
        match listed(model, &list.body) {
            Listed::Yes => ModelCheck::Exists(About::default()),
            Listed::No => refused(self.refused(model, page)),
            Listed::Only(other) => {
                let detail = self.identity.clean(&format!("it has only `{other}`"));
                refused(self.identity.unknown_model(model, detail))
            }
            Listed::Unclear(why) => ModelCheck::CannotTell {
                why: why.to_owned(),
            },
        }
    }

    /// A key that may not look at models may still be allowed to ask one; a key that is unknown may not.
    fn unclear(&self, model: &str, page: &Exchange) -> ModelCheck {
        let error = self.refused(model, page);
        if page.status == StatusCode::UNAUTHORIZED && !Complaint::read(&page.body).is_about_scopes()
        {
            refused(error)
        } else {
            cannot_tell(error)
        }
    }
}

/// What a list of models says about one.
#[derive(Debug, PartialEq, Eq)]
enum Listed {
    Yes,
    No,
    /// One other, by its name; of several none is named, since a list may be of all that an account owns.
    Only(String),
    Unclear(&'static str),
}

/// Reads the list as OpenAI writes it, or bare as others do.
fn listed(model: &str, list: &[u8]) -> Listed {
    let list = serde_json::from_slice::<Value>(list).unwrap_or_default();
    let Some(entries) = list.as_array().or_else(|| list.get("data")?.as_array()) else {
        return Listed::Unclear("the list of models is unreadable");
    };
    if entries.is_empty() {
        return Listed::Unclear("the list of models is empty");
    }
    let names = || entries.iter().flat_map(names);
    if names().any(|name| name == model) {
        Listed::Yes
    } else if names().any(|name| is_variant(name, model)) {
        Listed::Unclear("the list of models holds only a similar name")
    } else if list.get("has_more").is_some_and(|more| more == true) {
        Listed::Unclear("the list of models goes on")
    } else {
        only(entries).map_or(Listed::No, Listed::Only)
    }
}

/// The single model of a server that was started for one.
fn only(entries: &[Value]) -> Option<String> {
    let [entry] = entries else { return None };
    entry.get("id")?.as_str().map(one_line)
}

/// An entry's ID and the other names that it answers to.
fn names(entry: &Value) -> impl Iterator<Item = &str> {
    let aliases = entry.get("aliases").and_then(Value::as_array);
    let aliases = aliases.into_iter().flatten();
    entry
        .get("id")
        .into_iter()
        .chain(aliases)
        .filter_map(Value::as_str)
}

/// Some servers take `name:tag` or `name@tag` for what they list as `name`, and the other way round.
fn is_variant(listed: &str, model: &str) -> bool {
    let tagged = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|rest| rest.starts_with([':', '@']))
    };
    !listed.is_empty() && (tagged(listed, model) || tagged(model, listed))
}

fn refused(error: AskError) -> ModelCheck {
    if let AskError::Hopeless(refusal) = error {
        ModelCheck::Refused(refusal)
    } else {
        cannot_tell(error)
    }
}

/// The server's own words; a refusal's advice is of no use, since nothing is refused.
fn cannot_tell(error: AskError) -> ModelCheck {
    let why = match error {
        AskError::Passing { why, .. }
        | AskError::Question { why }
        | AskError::NoRecording { why } => why,
        AskError::Hopeless(
            Refusal::Key { status, detail, .. } | Refusal::Quota { status, detail, .. },
        ) => format!("it answers {status}: {detail}"),
        AskError::Hopeless(Refusal::UnknownModel { .. }) => "it has no list of models".to_owned(),
        AskError::Hopeless(Refusal::Redirect { status, host, .. }) => {
            format!("it redirects to `{host}` ({status})")
        }
    };
    ModelCheck::CannotTell { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(model: &str, list: &str) -> Listed {
        listed(model, list.as_bytes())
    }

    #[test]
    fn a_list_of_any_shape_is_read() {
        for list in [
            r#"{"data": [{"id": "a"}, {"id": "m"}]}"#,
            r#"[{"id": "m"}]"#,
            r#"{"data": [{"id": "m-2411", "aliases": ["m"]}]}"#,
        ] {
            assert_eq!(look("m", list), Listed::Yes, "{list}");
        }
        let only = Listed::Only("a".to_owned());
        assert_eq!(look("m", r#"{"data": [{"id": "a"}]}"#), only);
        let several = r#"{"data": [{"id": "a"}, {"id": "b"}]}"#;
        assert_eq!(look("m", several), Listed::No);
    }

    #[test]
    fn a_list_that_may_lack_what_is_there_says_nothing() {
        for list in [
            "<html>",
            r#"{"models": []}"#,
            r#"{"data": []}"#,
            r#"{"data": [{"id": "a"}], "has_more": true}"#,
            r#"{"data": [{"id": "m:latest"}]}"#,
        ] {
            assert!(matches!(look("m", list), Listed::Unclear(_)), "{list}");
        }
        let tagged = look("m:free", r#"{"data": [{"id": "m"}]}"#);
        assert!(matches!(tagged, Listed::Unclear(_)));
    }
}
