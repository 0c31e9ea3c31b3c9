//! Services that everybody knows, and where a repository speaks of one.

use super::line::MOST_LINE;

/// A service with an OpenAI-compatible chat API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) base_url: &'static str,
    /// The variable in which its own programs look for the key.
    pub(super) key: &'static str,
    /// How the names of models that it made begin.
    models: &'static [&'static str],
}

/// As their documentation says; the order decides where several would do.
pub(super) const SERVICES: [Service; 8] = [
    service(
        "mistral",
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        &["open-mi", "mistral", "ministral", "codestral", "pixtral"],
    ),
    service(
        "openai",
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        &["gpt-", "davinci", "babbage", "o1", "o3", "o4"],
    ),
    service(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        &["tunedModels/", "gemini"],
    ),
    service(
        "together",
        "https://api.together.xyz/v1",
        "TOGETHER_API_KEY",
        &[],
    ),
    service(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
        &["accounts/"],
    ),
    service(
        "groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        &[],
    ),
    service(
        "openrouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        &[],
    ),
    service(
        "deepseek",
        "https://api.deepseek.com/v1",
        "DEEPSEEK_API_KEY",
        &["deepseek"],
    ),
];

const fn service(
    name: &'static str,
    base_url: &'static str,
    key: &'static str,
    models: &'static [&'static str],
) -> Service {
    Service {
        name,
        base_url,
        key,
        models,
    }
}

/// The service whose kind of model an ID is one of.
pub(super) fn service_of(id: &str) -> Option<&'static Service> {
    let base = id.strip_prefix("ft:").unwrap_or(id);
    let made = |service: &&Service| service.models.iter().any(|start| base.starts_with(start));
    SERVICES.iter().find(made)
}

/// Variables of known services that a file names: the line of the first mention.
pub(super) fn key_variables(text: &str) -> impl Iterator<Item = (&'static Service, usize)> {
    SERVICES.iter().filter_map(|service| {
        let mut lines = text.lines();
        let place = lines.position(|line| line.len() <= MOST_LINE && names(line, service.key))?;
        Some((service, place + 1))
    })
}

/// Whether a line names a variable, and not one that only ends in its name.
fn names(line: &str, variable: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(variable).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line
            .get(at + variable.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}
