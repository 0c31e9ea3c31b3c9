//! The formats of tokens that say themselves what they are, one a line. Only what grants access: no publishable keys, no
//! test keys, no bare names of accounts.

use std::sync::LazyLock;

use super::format::Format;
use super::format::Proof::{Checksum, Hint, Marker, Shape};

/// Every format, those of one maker together.
pub(super) static FORMATS: LazyLock<Vec<Format>> = LazyLock::new(|| {
    TABLE
        .iter()
        .filter_map(|(kind, shape, proof)| Format::read(kind, shape, *proof))
        .collect()
});

const GITHUB: &str = "GitHub token";
const GITLAB: &str = "GitLab token";
const SLACK: &str = "Slack token";
const OPENAI: &str = "OpenAI key";
const ANTHROPIC: &str = "Anthropic key";
const CLOUD: &str = "DigitalOcean token";

/// "OpenAI" in base 64, which stands in each of its keys.
const NAMED: super::format::Proof = Marker("T3BlbkFJ");

/// What a secret is, its shape, and what proves it.
pub(super) const TABLE: &[(&str, &str, super::format::Proof)] = &[
    (GITHUB, "ghp_{a36}", Checksum),
    (GITHUB, "gho_{a36}", Checksum),
    (GITHUB, "ghu_{a36}", Checksum),
    (GITHUB, "ghs_{a36}", Checksum),
    // Installation tokens since 2026: the number of the app, then a signed token of JSON.
    (
        GITHUB,
        "ghs_{d1-12}_eyJ{u9-400}.eyJ{u9-2000}.{u20-800}",
        Shape,
    ),
    (GITHUB, "ghr_{a36}", Checksum),
    (GITHUB, "ghr_{a76}", Checksum),
    (GITHUB, "github_pat_{a22}_{a59}", Shape),
    ("npm token", "npm_{a36}", Checksum),
    (GITLAB, "glpat-{u20}", Shape),
    (GITLAB, "glpat-{u27-300}.{l9}", Shape),
    (GITLAB, "gldt-{u20}", Shape),
    (GITLAB, "glrt-{u20-22}", Shape),
    (GITLAB, "glptt-{x40}", Shape),
    (SLACK, "xoxb-{d9-14}-{d9-14}-{a24-34}", Shape),
    (SLACK, "xoxb-{d9-14}-{a24-26}", Shape),
    (SLACK, "xoxp-{d9-14}-{d9-14}-{d9-14}-{a28-34}", Shape),
    (SLACK, "xoxa-{u40-160}", Shape),
    (SLACK, "xoxr-{u40-160}", Shape),
    (SLACK, "xoxs-{u40-160}", Shape),
    (SLACK, "xapp-{d1-2}-{a9-13}-{d9-14}-{a60-70}", Shape),
    (
        "Slack webhook",
        "hooks.slack.com/services/{a9-12}/{a9-12}/{a24}",
        Shape,
    ),
    ("Stripe key", "sk_live_{a24-248}", Shape),
    ("Stripe key", "rk_live_{a24-248}", Shape),
    ("webhook secret", "whsec_{m32-64}", Hint),
    ("Google API key", "AIza{u35}", Shape),
    ("Google client secret", "GOCSPX-{u28}", Shape),
    (OPENAI, "sk-{a48}", NAMED),
    (OPENAI, "sk-proj-{u48-200}", NAMED),
    (OPENAI, "sk-svcacct-{u48-200}", NAMED),
    (OPENAI, "sk-admin-{u48-200}", NAMED),
    // Several makers draw keys like OpenAI's first ones.
    ("API key", "sk-{a32-64}", Hint),
    (ANTHROPIC, "sk-ant-api03-{u93-95}", Shape),
    (ANTHROPIC, "sk-ant-admin01-{u93-95}", Shape),
    (ANTHROPIC, "sk-ant-oat01-{u80-120}", Shape),
    ("OpenRouter key", "sk-or-v1-{x64}", Shape),
    ("Hugging Face token", "hf_{a34}", Shape),
    ("Hugging Face token", "api_org_{a34}", Shape),
    ("Groq key", "gsk_{a52}", Shape),
    ("xAI key", "xai-{a80}", Shape),
    ("Replicate token", "r8_{a37}", Shape),
    ("Perplexity key", "pplx-{a48-56}", Shape),
    ("NVIDIA key", "nvapi-{u60-70}", Shape),
    ("LangSmith key", "lsv2_{l2}_{x32}_{x10}", Shape),
    ("PyPI token", "pypi-AgEIcHlwaS5vcmc{u50-1000}", Shape),
    ("RubyGems key", "rubygems_{x48}", Shape),
    ("Docker token", "dckr_pat_{u27}", Shape),
    ("SendGrid key", "SG.{u22}.{u43}", Shape),
    ("Brevo key", "xkeysib-{x64}-{a16}", Shape),
    // Names an API key whose secret stands elsewhere.
    ("Twilio key", "SK{x32}", Hint),
    (CLOUD, "dop_v1_{x64}", Shape),
    (CLOUD, "doo_v1_{x64}", Shape),
    (CLOUD, "dor_v1_{x64}", Shape),
    ("Databricks token", "dapi{x32}", Shape),
    ("Vault token", "hvs.{u90-120}", Shape),
    ("Shopify token", "shpat_{x32}", Shape),
    ("Shopify secret", "shpss_{x32}", Shape),
    ("Linear key", "lin_api_{a40}", Shape),
    ("Notion token", "ntn_{d11}{a35}", Shape),
    ("Postman key", "PMAK-{x24}-{x34}", Shape),
    ("New Relic key", "NRAK-{a27}", Shape),
    ("Grafana token", "glsa_{a32}_{x8}", Shape),
    ("Supabase token", "sbp_{x40}", Shape),
    ("Azure storage key", "AccountKey={m86}==", Shape),
    ("age key", "AGE-SECRET-KEY-1{a58}", Shape),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_format() {
        assert_eq!(FORMATS.len(), TABLE.len());
        for (format, (_, shape, _)) in FORMATS.iter().zip(TABLE) {
            assert!(shape.starts_with(format.prefix));
            assert!(format.prefix.len() >= 2, "{shape}");
        }
    }
}
