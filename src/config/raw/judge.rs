//! The shape of the section about the judge.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::units::{AtLeastOne, Span, Temperature, Votes};

/// A model that grades answers; it replaces the dimensions that it is configured for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a judge such as `{provider: mistral, model: mistral-large-2411, votes: 3, dimensions: [quality]}`"
)]
pub(in crate::config) struct RawJudge {
    /// A key of `providers`, that of `defaults` where absent; its key is wanted only where answers are graded.
    #[schemars(extend("examples" = ["mistral"]))]
    pub(in crate::config) provider: Option<String>,
    /// The model that grades, with its date or version.
    #[schemars(extend("examples" = ["mistral-large-2411"]))]
    #[schemars(required)]
    pub(in crate::config) model: Option<String>,
    /// Grades of each answer, an odd number from 1 to 9; their median counts.
    #[schemars(extend("default" = 1))]
    pub(in crate::config) votes: Option<Votes>,
    /// What it grades; its points replace those of the profile.
    #[schemars(extend("default" = ["quality"]))]
    pub(in crate::config) dimensions: Option<Vec<String>>,
    /// By dimension, what grades from 0 to 10 mean; built-in levels where absent.
    #[schemars(extend("examples" = [{"quality": "10: right and complete. 5: right, and half of it is missing. 0: wrong."}]))]
    pub(in crate::config) rubric: Option<BTreeMap<String, String>>,
    /// Whether a model may grade itself, or what was made from it.
    #[schemars(extend("default" = false))]
    pub(in crate::config) allow_self: Option<bool>,
    /// Whether the model may have a name behind which it can change, such as `…-latest`.
    #[schemars(extend("default" = false))]
    pub(in crate::config) allow_moving_alias: Option<bool>,
    /// Sampling temperature of grades.
    #[schemars(extend("default" = 0))]
    pub(in crate::config) temperature: Option<Temperature>,
    /// Tokens that a grade may have.
    #[schemars(extend("default" = 1024))]
    pub(in crate::config) max_tokens: Option<AtLeastOne>,
    /// How long one grade may take; that of `defaults` where absent.
    #[schemars(extend("examples" = ["90s"]))]
    pub(in crate::config) timeout: Option<Span>,
}
