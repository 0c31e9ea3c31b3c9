//! What an agent says of itself, kept apart from the defaults that fill it up: on a pull request the two come from
//! different sides.

use super::{Agent, Parameters};

/// What agents fall back to where they do not say otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// A key of `providers`.
    pub provider: Option<String>,
    /// Sampling parameters.
    pub parameters: Parameters,
}

/// What an agent says itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Own {
    /// A key of `providers`.
    pub provider: Option<String>,
    /// Sampling parameters.
    pub parameters: OwnParameters,
}

/// Sampling parameters as an agent says them itself; what is absent is left to the defaults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnParameters {
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// Tokens an answer may have.
    pub max_tokens: Option<u32>,
    /// Nucleus sampling.
    pub top_p: Option<f64>,
    /// Seed of the sampling.
    pub seed: Option<u64>,
    /// An empty list says that nothing stops the model, whatever the defaults say.
    pub stop: Option<Vec<String>>,
    /// Penalty for tokens that were there before.
    pub presence_penalty: Option<f64>,
    /// Penalty for tokens by how often they were there.
    pub frequency_penalty: Option<f64>,
}

impl Agent {
    /// The same agent under other defaults: what it says itself stays.
    #[must_use]
    pub fn under(&self, defaults: &Defaults) -> Self {
        let provider = self.own.provider.as_ref().or(defaults.provider.as_ref());
        Self {
            provider: provider.cloned().unwrap_or_default(),
            parameters: self.own.parameters.over(&defaults.parameters),
            ..self.clone()
        }
    }
}

impl OwnParameters {
    /// What an agent is asked with.
    pub fn over(&self, defaults: &Parameters) -> Parameters {
        let own = self.clone();
        Parameters {
            temperature: own.temperature.or(defaults.temperature),
            max_tokens: own.max_tokens.or(defaults.max_tokens),
            top_p: own.top_p.or(defaults.top_p),
            seed: own.seed.or(defaults.seed),
            stop: own.stop.unwrap_or_else(|| defaults.stop.clone()),
            presence_penalty: own.presence_penalty.or(defaults.presence_penalty),
            frequency_penalty: own.frequency_penalty.or(defaults.frequency_penalty),
        }
    }
}
