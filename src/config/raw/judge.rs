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
    /// A key of `providers`; the default where absent.
    pub(in crate::config) provider: Option<String>,
    /// Its model ID, with its date or version.
    #[schemars(required)]
    pub(in crate::config) model: Option<String>,
    /// Grades of each answer, an odd number; their median counts; 1 where absent.
    pub(in crate::config) votes: Option<Votes>,
    /// What it grades; quality where absent.
    pub(in crate::config) dimensions: Option<Vec<String>>,
    /// By dimension, what its grades from 0 to 10 mean; the built-in levels where absent.
    pub(in crate::config) rubric: Option<BTreeMap<String, String>>,
    /// Whether a model may grade itself or what was made from it; false where absent.
    pub(in crate::config) allow_self: Option<bool>,
    /// Whether the model ID may be one that its owner gives to another model one day; false where absent.
    pub(in crate::config) allow_moving_alias: Option<bool>,
    /// Sampling temperature; 0 where absent.
    pub(in crate::config) temperature: Option<Temperature>,
    /// Tokens a grade may have; 1024 where absent.
    pub(in crate::config) max_tokens: Option<AtLeastOne>,
    /// How long a grade may take; that of `defaults` where absent.
    pub(in crate::config) timeout: Option<Span>,
}
