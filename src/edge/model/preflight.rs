//! Asks a server, for nothing, whether it knows a model and takes the key. Says no only where the server is clear:
//! the model's page is missing *and* the list of models lacks it.

use http::StatusCode;
use serde_json::Value;

use super::client::{Client, Exchange};
use crate::runner::{AskError, Refusal};

/// What a server says about a model before it is asked anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelCheck {
    /// It has it.
    Exists,
    /// It does not have it, or does not take the key.
    Refused(Refusal),
    /// It does not say; many servers and keys know nothing of models.
    CannotTell {
        /// What it says instead, for people.
        why: String,
    },
}

impl Client {
    /// Looks the model up, without cost.
    pub async fn check_model(&self, model: &str) -> ModelCheck {
        let page = match self.get(&["models", model]).await {
            Ok(page) => page,
            Err(error) => return cannot_tell(error),
        };
        match page.status {
            StatusCode::OK => ModelCheck::Exists,
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
        let list = serde_json::from_slice::<Value>(&list.body).unwrap_or_default();
        let Some(entries) = list.get("data").and_then(Value::as_array) else {
            return ModelCheck::CannotTell {
                why: "the list of models is unreadable".to_owned(),
            };
        };
        if entries
            .iter()
            .any(|entry| entry.get("id").is_some_and(|id| id == model))
        {
            return ModelCheck::Exists;
        }
        refused(self.refused(model, page))
    }

    /// A key that may not look at models (403) may still be allowed to ask one; a key that is unknown (401) may not.
    fn unclear(&self, model: &str, page: &Exchange) -> ModelCheck {
        let error = self.refused(model, page);
        if page.status == StatusCode::UNAUTHORIZED {
            refused(error)
        } else {
            cannot_tell(error)
        }
    }
}

fn refused(error: AskError) -> ModelCheck {
    if let AskError::Hopeless(refusal) = error {
        ModelCheck::Refused(refusal)
    } else {
        cannot_tell(error)
    }
}

fn cannot_tell(error: AskError) -> ModelCheck {
    let why = match error {
        AskError::Passing { why, .. }
        | AskError::Question { why }
        | AskError::NoRecording { why } => why,
        AskError::Hopeless(refusal) => refusal.to_string(),
    };
    ModelCheck::CannotTell { why }
}
