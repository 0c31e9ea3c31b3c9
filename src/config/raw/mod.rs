//! The shape of `tunegate.yaml`, before anything in it is judged. Descriptions end up in the published schema.

mod judge;
mod rules;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::units::{AtLeastOne, Concurrency, Money, Penalty, Rate, Share, Span, Temperature};
use crate::yaml::Each;
pub(super) use judge::RawJudge;
use rules::AuditSchema;
pub(super) use rules::{
    RawAccept, RawBaseline, RawFloors, RawGate, RawIgnore, RawRelease, RawReport, RawRun, RawStore,
};

/// The configuration of tunegate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfig {
    /// The version of this format: 1.
    #[schemars(extend("examples" = [1]))]
    #[schemars(range(min = 1, max = 1))]
    pub(super) version: u64,
    /// Who answers, by name.
    #[schemars(extend("examples" = [{"mistral": {"kind": "openai", "base_url": "https://api.mistral.ai/v1", "api_key_env": "MISTRAL_API_KEY"}}]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    #[schemars(required)]
    pub(super) providers: Option<Each<RawProvider>>,
    /// What tokens cost.
    pub(super) prices: Option<RawPrices>,
    /// What agents are asked with where they do not say otherwise.
    pub(super) defaults: Option<RawDefaults>,
    /// What is tested, by name.
    #[schemars(extend("examples" = [{"qa_agent": {"model": {"file": "models/qa_agent.txt"}, "suite": "suites/qa_agent.yaml"}}]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    #[schemars(required)]
    pub(super) agents: Option<Each<RawAgent>>,
    /// How a run asks.
    pub(super) run: Option<RawRun>,
    /// The rules of the gate.
    pub(super) gate: Option<RawGate>,
    /// Where baselines are kept.
    pub(super) baseline: Option<RawBaseline>,
    /// What the audit of training data does: `ignore`, and a severity by code.
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    #[schemars(with = "Option<AuditSchema>")]
    pub(super) audit: Option<Each<IgnoredAny>>,
    /// What `tunegate verify` asks of a record.
    pub(super) release: Option<RawRelease>,
    /// What is told, and when.
    pub(super) report: Option<RawReport>,
    /// Who may accept a worse model.
    pub(super) accept: Option<RawAccept>,
    /// A model that grades answers.
    pub(super) judge: Option<RawJudge>,
}

/// Who answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a provider such as `{kind: openai, base_url: …}`"
)]
pub(super) struct RawProvider {
    /// `openai`: any OpenAI-compatible chat API (Mistral, vLLM, Ollama, Together, a gateway). `replay`: recorded
    /// answers.
    pub(super) kind: RawProviderKind,
    /// With `openai`, and needed there: the address before `/chat/completions`, such as `https://api.mistral.ai/v1`.
    #[schemars(extend("examples" = ["https://api.mistral.ai/v1", "http://10.0.0.7:8000/v1"]))]
    pub(super) base_url: Option<String>,
    /// With `openai`: the name of the variable that holds the key, never the key.
    #[schemars(extend("examples" = ["MISTRAL_API_KEY"]))]
    pub(super) api_key_env: Option<String>,
    /// With `openai`: extra headers.
    #[schemars(extend("examples" = [{"x-team": "models"}]))]
    pub(super) headers: Option<BTreeMap<String, String>>,
    /// With `openai`: merged into the body of each request.
    #[schemars(extend("examples" = [{"top_k": 40}]))]
    pub(super) extra_body: Option<serde_json::Map<String, serde_json::Value>>,
    /// With `openai`: questions in flight at once, to start with and at most; fewer where the server answers 429, and
    /// up again.
    #[schemars(extend("default" = 8))]
    pub(super) concurrency: Option<Concurrency>,
    /// With `openai`: the most requests a second.
    #[schemars(extend("examples" = [5]))]
    pub(super) requests_per_second: Option<Rate>,
    /// With `openai`: the most tokens a minute; estimated before an answer comes, corrected after it.
    #[schemars(extend("examples" = [200_000]))]
    pub(super) tokens_per_minute: Option<AtLeastOne>,
    /// With `replay`, and needed there: the folder of recordings, relative to this file.
    #[schemars(extend("examples" = ["recordings/"]))]
    pub(super) path: Option<String>,
}

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawProviderKind {
    /// Any OpenAI-compatible chat API: Mistral, vLLM, Ollama, Together, a gateway.
    OpenAi,
    /// Recorded answers.
    Replay,
}

/// What tokens cost.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrices {
    /// Three capital letters.
    #[schemars(extend("default" = "USD"))]
    pub(super) currency: Option<String>,
    /// By model pattern; the first that matches counts.
    #[schemars(extend("examples" = [{"ft:open-mistral-7b*": {"input_per_mtok": 0.25, "output_per_mtok": 0.25}}]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    pub(super) models: Option<Each<RawPrice>>,
}

/// What a million tokens cost.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a price such as `{input_per_mtok: 0.25, output_per_mtok: 0.25}`"
)]
pub(super) struct RawPrice {
    /// For a million tokens of questions; the first pattern that matches counts.
    #[schemars(extend("examples" = [0.25]))]
    pub(super) input_per_mtok: Money,
    /// For a million tokens of answers.
    #[schemars(extend("examples" = [0.25]))]
    pub(super) output_per_mtok: Money,
}

/// What agents are asked with where they do not say otherwise. What is absent is not sent.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDefaults {
    /// A key of `providers`; not needed where there is only one.
    #[schemars(extend("examples" = ["mistral"]))]
    pub(super) provider: Option<String>,
    /// How long one question may take.
    #[schemars(extend("default" = "60s"))]
    pub(super) timeout: Option<Span>,
    /// Sampling temperature. Not sent where absent.
    #[schemars(extend("examples" = [0.2]))]
    pub(super) temperature: Option<Temperature>,
    /// Tokens that an answer may have. Not sent where absent.
    #[schemars(extend("examples" = [1024]))]
    pub(super) max_tokens: Option<AtLeastOne>,
    /// Nucleus sampling. Not sent where absent.
    #[schemars(extend("examples" = [0.9]))]
    pub(super) top_p: Option<Share>,
    /// Seed of the sampling. Not sent where absent.
    #[schemars(extend("examples" = [7]))]
    pub(super) seed: Option<u64>,
    /// Texts at which the model stops. Not sent where absent.
    #[schemars(extend("examples" = [["\n\n"]]))]
    pub(super) stop: Option<Vec<String>>,
    /// Penalty for tokens that were there before. Not sent where absent.
    #[schemars(extend("examples" = [0.1]))]
    pub(super) presence_penalty: Option<Penalty>,
    /// Penalty for tokens by how often they were there. Not sent where absent.
    #[schemars(extend("examples" = [0.1]))]
    pub(super) frequency_penalty: Option<Penalty>,
}

/// Sampling parameters; each overrides the default of its name.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawParameters {
    /// Sampling temperature; that of `defaults` where absent.
    #[schemars(extend("examples" = [0.2]))]
    pub(super) temperature: Option<Temperature>,
    /// Tokens that an answer may have; that of `defaults` where absent.
    #[schemars(extend("examples" = [1024]))]
    pub(super) max_tokens: Option<AtLeastOne>,
    /// Nucleus sampling; that of `defaults` where absent.
    #[schemars(extend("examples" = [0.9]))]
    pub(super) top_p: Option<Share>,
    /// Seed of the sampling; that of `defaults` where absent.
    #[schemars(extend("examples" = [7]))]
    pub(super) seed: Option<u64>,
    /// Texts at which the model stops; those of `defaults` where absent, and none with `[]`.
    #[schemars(extend("examples" = [["\n\n"]]))]
    pub(super) stop: Option<Vec<String>>,
    /// Penalty for tokens that were there before; that of `defaults` where absent.
    #[schemars(extend("examples" = [0.1]))]
    pub(super) presence_penalty: Option<Penalty>,
    /// Penalty for tokens by how often they were there; that of `defaults` where absent.
    #[schemars(extend("examples" = [0.1]))]
    pub(super) frequency_penalty: Option<Penalty>,
}

/// A named use of one model.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAgent {
    /// A key of `providers`; that of `defaults` where absent.
    #[schemars(extend("examples" = ["mistral"]))]
    pub(super) provider: Option<String>,
    /// Where the model ID stands.
    pub(super) model: RawLocator,
    /// The system prompt.
    pub(super) system: Option<RawSystem>,
    /// Sampling parameters.
    pub(super) parameters: Option<RawParameters>,
    /// The model that was fine-tuned: asked once by the push that stores the baseline, and shown beside production and
    /// candidate.
    #[schemars(extend("examples" = ["open-mistral-7b"]))]
    pub(super) base_model: Option<String>,
    /// Globs of training data, relative to this file; a change of a file touches the agent.
    #[schemars(extend("examples" = [["data/qa/*.jsonl"]]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    pub(super) training_data: Option<Vec<String>>,
    /// Globs of validation data, relative to this file; a change of a file touches the agent.
    #[schemars(extend("examples" = [["data/qa/validation/*.jsonl"]]))]
    #[expect(
        dead_code,
        reason = "its shape is checked here, its entries are read one by one"
    )]
    pub(super) validation_data: Option<Vec<String>>,
    /// The suite, relative to this file.
    #[schemars(extend("examples" = ["suites/qa_agent.yaml"]))]
    #[schemars(required)]
    pub(super) suite: Option<String>,
}

/// Where a model ID stands: `id`, or `file` alone, with `pointer` or with `pattern`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "`{id: …}` or `{file: …}` (also with `pointer` or `pattern`)"
)]
#[schemars(extend("oneOf" = [{"required": ["id"]}, {"required": ["file"]}]))]
pub(super) struct RawLocator {
    /// The model ID itself; this or `file` is needed.
    #[schemars(extend("examples" = ["ft:open-mistral-7b:acme:20261001:qa"]))]
    pub(super) id: Option<String>,
    /// A file, relative to this one; alone, its whole text is the ID.
    #[schemars(extend("examples" = ["models/qa_agent.txt"]))]
    pub(super) file: Option<String>,
    /// A JSON pointer (RFC 6901) into the file, JSON or YAML.
    #[schemars(extend("examples" = ["/agents/qa"]))]
    pub(super) pointer: Option<String>,
    /// A pattern with one match in the file and one capture group.
    #[schemars(extend("examples" = ["qa_agent.*?\"(ft:[^\"]+)\""]))]
    pub(super) pattern: Option<String>,
}

/// A system prompt: `text` or `file`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "`{file: prompts/qa.md}` or `{text: …}`"
)]
#[schemars(extend("oneOf" = [{"required": ["text"]}, {"required": ["file"]}]))]
pub(super) struct RawSystem {
    /// The system prompt itself.
    #[schemars(extend("examples" = ["You answer questions about orders."]))]
    pub(super) text: Option<String>,
    /// A file that holds it, relative to this one.
    #[schemars(extend("examples" = ["prompts/qa.md"]))]
    pub(super) file: Option<String>,
}
