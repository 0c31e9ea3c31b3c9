//! What tokens cost, by model.

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::runner::Usage;

/// What tokens cost.
#[derive(Debug, Clone, Serialize)]
pub struct Prices {
    /// Three capital letters.
    pub currency: String,
    /// By model pattern, in the order of the file.
    pub models: Vec<Price>,
}

/// The price of the models that a pattern names.
#[derive(Debug, Clone, Serialize)]
pub struct Price {
    /// The pattern as written.
    pub pattern: String,
    #[serde(skip)]
    pub(super) matcher: GlobMatcher,
    /// For a million tokens of questions.
    pub input_per_mtok: f64,
    /// For a million tokens of answers.
    pub output_per_mtok: f64,
}

impl Prices {
    /// The price of a model: of the first pattern that matches, in the order of the file.
    pub fn price_of(&self, model: &str) -> Option<&Price> {
        self.models
            .iter()
            .find(|price| price.matcher.is_match(model))
    }

    /// What these tokens cost; nothing is known of a model without a price.
    pub fn cost(&self, model: &str, usage: Usage) -> Option<f64> {
        let price = self.price_of(model)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact up to 2^53 tokens, which no run reaches"
        )]
        let millions = |tokens: u64| tokens as f64 / 1e6;
        Some(
            millions(usage.prompt_tokens) * price.input_per_mtok
                + millions(usage.completion_tokens) * price.output_per_mtok,
        )
    }
}

/// A price as a record holds it.
#[derive(Deserialize)]
struct Recorded {
    pattern: String,
    input_per_mtok: f64,
    output_per_mtok: f64,
}

impl Prices {
    /// The prices that a record holds; `None` where they are not as this version writes them.
    pub fn recorded(value: &Value) -> Option<Self> {
        let models = Vec::<Recorded>::deserialize(value.get("models")?).ok()?;
        let models = models.into_iter().map(|price| {
            Some(Price {
                matcher: matcher(&price.pattern).ok()?,
                pattern: price.pattern,
                input_per_mtok: price.input_per_mtok,
                output_per_mtok: price.output_per_mtok,
            })
        });
        Some(Self {
            currency: value.get("currency")?.as_str()?.to_owned(),
            models: models.collect::<Option<_>>()?,
        })
    }
}

/// Model IDs are no paths: here `*` crosses `/`.
pub(super) fn matcher(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    let glob = GlobBuilder::new(pattern).backslash_escape(false).build()?;
    Ok(glob.compile_matcher())
}

impl Default for Prices {
    fn default() -> Self {
        let (currency, models) = ("USD".into(), Vec::new());
        Self { currency, models }
    }
}
