//! Who answers: model servers that the texts of a repository speak of, and services that everybody knows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::yaml::{self, PlacedText};

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

/// A model server that a text names by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) base_url: String,
    /// The variable that holds its key.
    pub(super) key: Option<String>,
    /// Headers with their values; no value where it is not to be copied, or is made when the program runs.
    pub(super) headers: BTreeMap<String, Option<String>>,
}

static ADDRESS_KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)^(?:openai_)?(?:api_?base|base_?url|api_?base_?url)$").ok());
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:openai_)?(?:api_?base|base_?url|api_?base_?url)["']?\s*[:=]\s*["'](https?://[^"'\s{}$<>]+)["']"#).ok()
});
static KEY_VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:environ\[\s*["']|environ\.get\(\s*["']|getenv\(\s*["']|process\.env\.|env::var\(\s*"|\$\{?\{?\s*(?:secrets\.)?)([A-Z][A-Z0-9_]*(?:KEY|TOKEN)[A-Z0-9_]*)"#).ok()
});
static HEADERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:default_?|extra_?)?headers["']?\s*[:=]\s*\{([^{}]*)\}"#).ok()
});
static PAIR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"["']([A-Za-z0-9-]{1,60})["']\s*:\s*(?:["']([^"'{}$\\]*)["']\s*(?:,|\s*$)|([^,]+))"#,
    )
    .ok()
});

/// Lines around an address in which its key and its headers stand.
const AROUND: usize = 8;

/// Model servers that a file names.
pub(super) fn endpoints(path: &str, bytes: &[u8]) -> Vec<Endpoint> {
    let Ok(text) = yaml::text(path, bytes, "") else {
        return Vec::new();
    };
    let structured = super::sighting::has_ending(path, &["json", "yaml", "yml"]);
    match structured.then(|| yaml::texts(path, bytes)).flatten() {
        Some(texts) => configured(path, &texts),
        None => written(path, text),
    }
}

/// Variables of known services that a file names: the line of the first mention.
pub(super) fn key_variables(text: &str) -> impl Iterator<Item = (&'static Service, usize)> {
    SERVICES.iter().filter_map(|service| {
        let mut lines = text.lines();
        let place = lines.position(|line| line.contains(service.key))?;
        Some((service, place + 1))
    })
}

/// In a JSON or YAML file the key and the headers are the neighbours of the address.
fn configured(path: &str, texts: &[PlacedText]) -> Vec<Endpoint> {
    let addresses = texts.iter().filter_map(|one| {
        let (key, parents) = one.keys.split_last()?;
        let fits = ADDRESS_KEY.as_ref()?.is_match(key) && is_address(&one.text);
        fits.then_some((one, parents))
    });
    addresses
        .map(|(one, parents)| {
            let beside = texts.iter().filter_map(|other| {
                let rest = other.keys.strip_prefix(parents)?;
                Some((rest, other.text.as_str()))
            });
            let (mut key, mut headers) = (None, BTreeMap::new());
            for (rest, value) in beside {
                let names: Vec<&str> = rest.iter().map(String::as_str).collect();
                match names.as_slice() {
                    [name] if is_key_name(name) => key = key.or_else(|| variable(value)),
                    [holder, name] if holder.to_ascii_lowercase().ends_with("headers") => {
                        headers.insert((*name).to_owned(), copied(name, value));
                    }
                    _ => {}
                }
            }
            Endpoint {
                path: path.to_owned(),
                line: one.line,
                base_url: address(&one.text),
                key,
                headers,
            }
        })
        .collect()
}

fn is_key_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("key") || name.contains("token")
}

/// The variable in `${NAME}`, or in a value that is nothing but a variable's name.
fn variable(value: &str) -> Option<String> {
    let bare = value.trim_matches(|c: char| matches!(c, '$' | '{' | '}' | ' '));
    let bare = bare.strip_prefix("env:").unwrap_or(bare);
    let bare = bare.strip_prefix("env.").unwrap_or(bare);
    let shape = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let fits = bare.len() >= 3 && bare.starts_with(|c: char| c.is_ascii_uppercase());
    (fits && bare.contains('_') && bare.chars().all(shape)).then(|| bare.to_owned())
}

fn written(path: &str, text: &str) -> Vec<Endpoint> {
    let Some(shape) = ADDRESS.as_ref() else {
        return Vec::new();
    };
    let lines: Vec<&str> = text.lines().collect();
    let addresses = lines.iter().enumerate().filter_map(|(at, line)| {
        let found = shape.captures(line)?.get(1)?;
        Some((at, found.as_str()))
    });
    addresses
        .filter(|(_, found)| is_address(found))
        .map(|(at, found)| {
            let around = lines.get(at.saturating_sub(AROUND)..lines.len().min(at + AROUND + 1));
            let around = around.unwrap_or_default().join("\n");
            let key = KEY_VARIABLE
                .as_ref()
                .and_then(|shape| shape.captures(&around));
            Endpoint {
                path: path.to_owned(),
                line: at + 1,
                base_url: address(found),
                key: key
                    .and_then(|key| key.get(1))
                    .map(|key| key.as_str().to_owned()),
                headers: headers(&around),
            }
        })
        .collect()
}

fn headers(around: &str) -> BTreeMap<String, Option<String>> {
    let block = HEADERS.as_ref().and_then(|shape| shape.captures(around));
    let block = block
        .and_then(|block| block.get(1))
        .map_or("", |block| block.as_str());
    let pairs = PAIR
        .as_ref()
        .into_iter()
        .flat_map(|shape| shape.captures_iter(block));
    pairs
        .filter_map(|pair| {
            let name = pair.get(1)?.as_str();
            let value = pair.get(2).and_then(|value| copied(name, value.as_str()));
            Some((name.to_owned(), value))
        })
        .collect()
}

/// The value of a header, unless it is, or may hold, a secret.
fn copied(name: &str, value: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let secret = [
        "auth", "key", "token", "secret", "cookie", "session", "password",
    ];
    let plain = !value.contains(['$', '{', '%', '<']) && !value.chars().any(char::is_control);
    (plain
        && value.len() <= 200
        && !secret.iter().any(|word| name.contains(word))
        && !crate::corpus::is_sensitive(value))
    .then(|| value.to_owned())
}

/// An address without a user, without a query: nothing that may be a secret.
fn is_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '[' | ']');
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain))
}

/// The address before `/chat/completions`.
fn address(text: &str) -> String {
    let text = text.trim_end_matches('/');
    text.strip_suffix("/chat/completions")
        .unwrap_or(text)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_in_code_comes_with_its_key_and_its_headers() {
        let text = r#"
client = OpenAI(
    base_url="https://llm.acme.internal/v1/",
    api_key=os.environ["ACME_GATEWAY_KEY"],
    default_headers={"X-Team": "quality", "X-Trace": trace_id(), "X-Api-Key": "abc"},
)
"#;
        let found = endpoints("src/client.py", text.as_bytes());
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].base_url.as_str(), found[0].line),
            ("https://llm.acme.internal/v1", 3)
        );
        assert_eq!(found[0].key.as_deref(), Some("ACME_GATEWAY_KEY"));
        let headers: Vec<_> = found[0]
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
            .collect();
        assert_eq!(
            headers,
            [
                ("X-Api-Key", None),
                ("X-Team", Some("quality")),
                ("X-Trace", None)
            ]
        );
    }

    #[test]
    fn a_gateway_in_a_file_of_settings_has_its_neighbours() {
        let text = "llm:\n  base_url: https://llm.acme.internal/v1\n  api_key: ${ACME_LLM_TOKEN}\n  headers:\n    X-Team: quality\nother:\n  api_key: NOT_MINE\n";
        let found = endpoints("config/llm.yaml", text.as_bytes());
        assert_eq!(found[0].key.as_deref(), Some("ACME_LLM_TOKEN"));
        assert_eq!(
            found[0].headers.get("X-Team"),
            Some(&Some("quality".to_owned()))
        );
    }

    #[test]
    fn an_address_with_a_secret_or_a_gap_in_it_is_none() {
        for text in [
            "base_url = \"https://user:pw@llm.acme.internal/v1\"",
            "base_url = \"https://llm.acme.internal/v1?key=1\"",
            "base_url = f\"https://{host}/v1\"",
            "url = \"https://acme.example\"",
        ] {
            assert_eq!(endpoints("a.py", text.as_bytes()), [], "{text}");
        }
    }

    #[test]
    fn a_fine_tuned_model_is_known_by_what_it_was_made_from() {
        let name = |id| service_of(id).map(|service| service.name);
        assert_eq!(name("ft:open-mistral-7b:acme:1:qa"), Some("mistral"));
        assert_eq!(name("ft:gpt-4o-mini-2024-07-18:acme::Ab"), Some("openai"));
        assert_eq!(name("tunedModels/qa-1"), Some("gemini"));
        assert_eq!(name("acme/qa-7b"), None);
    }
}
