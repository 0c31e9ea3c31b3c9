//! Who answers: model servers that the texts of a repository speak of, and services that everybody knows.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::line::{MOST_LINE, is_comment};
use crate::config::holds_a_key;
use crate::yaml::{self, PlacedText};

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

static ADDRESS_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:[a-z]+[_-])?(?:api_?base|base[_-]?url|api_?base_?url)$").ok()
});
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let named = r#"(?:[a-z]+[_-])*(?:api_?base|base[_-]?url|api_?base_?url)["']?\s*[:=]\s*["']?"#;
    Regex::new(&format!(
        r#"(?i)\b(?:{named}|WithBaseURL\(\s*")(https?://[^"'\s{{}}$<>,;)]+)"#
    ))
    .ok()
});
static KEY_VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:environ\[\s*["']|environ\.get\(\s*["']|(?i:getenv)\(\s*["']|process\.env\.|env::var\(\s*"|\$\{?\{?\s*(?:secrets\.)?)([A-Z][A-Z0-9_]*_(?:KEY|TOKEN))\b"#).ok()
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
    let found = match structured.then(|| yaml::texts(path, bytes)).flatten() {
        Some(texts) => configured(path, &texts),
        None => written(path, text),
    };
    found.into_iter().filter(Endpoint::is_accepted).collect()
}

/// Servers of one file; one with more is no place where a team names its own.
const MOST: usize = 20;

/// In a JSON or YAML file the key and the headers are the neighbours of the address.
fn configured(path: &str, texts: &[PlacedText]) -> Vec<Endpoint> {
    let addresses = texts.iter().filter_map(|one| {
        let (key, parents) = one.keys.split_last()?;
        let fits = ADDRESS_KEY.as_ref()?.is_match(key) && is_address(&one.text);
        fits.then_some((one, parents))
    });
    addresses
        .take(MOST)
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
    let name = name.to_ascii_lowercase().replace(['_', '-'], "");
    [
        "apikey",
        "apikeyenv",
        "key",
        "token",
        "apitoken",
        "authtoken",
    ]
    .contains(&name.as_str())
}

/// The variable in `${NAME}`, or in a value that is nothing but a variable's name.
fn variable(value: &str) -> Option<String> {
    let bare = value.trim_matches(|c: char| matches!(c, '$' | '{' | '}' | ' '));
    let bare = bare.strip_prefix("os.environ/").unwrap_or(bare);
    let bare = bare.strip_prefix("env:").unwrap_or(bare);
    let bare = bare.strip_prefix("env.").unwrap_or(bare);
    let shape = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let fits = bare.len() >= 3 && bare.starts_with(|c: char| c.is_ascii_uppercase());
    // A value in capitals may be the key itself; the name of a variable says what it holds.
    let says = ["_KEY", "_TOKEN", "_SECRET"]
        .iter()
        .any(|end| bare.ends_with(end));
    (fits && says && bare.chars().all(shape)).then(|| bare.to_owned())
}

fn written(path: &str, text: &str) -> Vec<Endpoint> {
    let Some(shape) = ADDRESS.as_ref() else {
        return Vec::new();
    };
    let lines: Vec<&str> = text.lines().collect();
    let in_force = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.len() <= MOST_LINE && !is_comment(line));
    let addresses = in_force.filter_map(|(at, line)| {
        let found = shape.captures(line)?.get(1)?;
        Some((at, found.as_str()))
    });
    addresses
        .filter(|(_, found)| is_address(found))
        .take(MOST)
        .map(|(at, found)| {
            let near = near(&lines, at, shape);
            let around = lines.get(near.clone()).unwrap_or_default().join("\n");
            Endpoint {
                path: path.to_owned(),
                line: at + 1,
                base_url: address(found),
                key: nearest_key(&lines, near, at),
                headers: headers(&around),
            }
        })
        .collect()
}

/// The lines around an address that may speak of it: up to the next address on either side.
fn near(lines: &[&str], at: usize, shape: &Regex) -> Range<usize> {
    let other = |place: &usize| {
        let line = lines.get(*place);
        line.is_some_and(|line| line.len() <= MOST_LINE && shape.is_match(line))
    };
    let start = at.saturating_sub(AROUND);
    let start = (start..at)
        .rev()
        .find(other)
        .map_or(start, |other| other + 1);
    let end = lines.len().min(at + AROUND + 1);
    start..(at + 1..end).find(other).unwrap_or(end)
}

/// The key that is named on the line of an address, or nearest to it.
fn nearest_key(lines: &[&str], near: Range<usize>, at: usize) -> Option<String> {
    let shape = KEY_VARIABLE.as_ref()?;
    let mut places: Vec<usize> = near.collect();
    // Calls are written with the key behind the address more often than before it.
    places.sort_by_key(|place| (place.abs_diff(at), *place < at));
    let found = places.iter().find_map(|place| {
        let line = lines.get(*place).filter(|line| line.len() <= MOST_LINE)?;
        shape.captures(line)?.get(1)
    });
    found.map(|found| found.as_str().to_owned())
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

/// Headers that say who asks or how, and not that he may.
const COPIED: [&str; 13] = [
    "app",
    "client",
    "environment",
    "http-referer",
    "organization",
    "project",
    "referer",
    "region",
    "service",
    "team",
    "tenant",
    "title",
    "user-agent",
];

/// The value of a header that is known to be no secret; every other one is left for people to add.
fn copied(name: &str, value: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let bare = name.strip_prefix("x-").unwrap_or(&name);
    let known = COPIED
        .iter()
        .any(|one| bare == *one || bare.ends_with(&format!("-{one}")));
    let plain = !value.contains(['$', '{', '%', '<']) && !value.chars().any(char::is_control);
    let fits = plain && !value.is_empty() && value.len() <= 200;
    (known && fits && !mixes(value) && !crate::corpus::is_sensitive(value))
        .then(|| value.to_owned())
}

/// An address without a user, without a query, without a part that may be a secret.
fn is_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '[' | ']');
    rest.is_some_and(|rest| {
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        !host.is_empty() && rest.chars().all(plain) && !path.split('/').any(mixes)
    })
}

/// Whether a text has a word that mixes letters and digits as keys do.
fn mixes(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mixed = |word: &str| {
        let version = word.starts_with('v') && word.len() <= 8;
        let holds = |test: fn(char) -> bool| word.contains(test);
        word.len() >= 6
            && !version
            && holds(|c| c.is_ascii_digit())
            && holds(|c| c.is_ascii_alphabetic())
    };
    words.any(mixed) || holds_a_key(text)
}

impl Endpoint {
    /// Whether a configuration with it can be read: its own reader decides, so that the two cannot disagree.
    fn is_accepted(&self) -> bool {
        let mut provider = serde_json::json!({"kind": "openai", "base_url": self.base_url, "api_key_env": self.key});
        let headers = self.headers.iter().filter(|(_, value)| value.is_some());
        let headers: BTreeMap<_, _> = headers.collect();
        if let Some(provider) = provider.as_object_mut() {
            provider.insert("headers".to_owned(), serde_json::json!(headers));
            provider.retain(|_, value| !value.is_null());
        }
        let config = serde_json::json!({
            "version": 1,
            "providers": {"x": provider},
            "agents": {"a": {"model": {"id": "ft:a:b:c"}, "suite": "s.yaml"}},
        });
        crate::config::read("tunegate.yaml", config.to_string().as_bytes()).is_ok()
    }
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
    use crate::starter::service::{key_variables, service_of};

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
    fn the_key_beside_an_address_is_taken_and_not_that_of_another_service() {
        let key = |path: &str, code: &str| endpoints(path, code.as_bytes())[0].key.clone();
        let code = "stripe.api_key = os.environ[\"STRIPE_API_KEY\"]\nclient = OpenAI(base_url=\"https://llm.acme.internal/v1\", api_key=os.environ[\"ACME_LLM_KEY\"])\n";
        assert_eq!(key("a.py", code).as_deref(), Some("ACME_LLM_KEY"));
        let go = "client := openai.NewClient(\n\toption.WithBaseURL(\"https://llm.acme.internal/v1\"),\n\toption.WithAPIKey(os.Getenv(\"ACME_LLM_KEY\")),\n)\n";
        assert_eq!(key("a.go", go).as_deref(), Some("ACME_LLM_KEY"));
        let env = "LLM_BASE_URL=https://llm.acme.internal/v1\n";
        assert_eq!(endpoints("app.env", env.as_bytes()).len(), 1);
    }

    #[test]
    fn what_may_be_a_secret_is_never_copied() {
        let code = "base_url=\"https://llm.acme.internal/v1\", headers={\"X-Team\": \"qa\", \"X-Pwd\": \"correcthorse\", \"X-Vault\": \"s.AbCd1234\"}\n";
        let found = endpoints("a.py", code.as_bytes());
        let copied: Vec<_> = found[0]
            .headers
            .iter()
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(copied, ["X-Team"]);
        let settings = "base_url: https://llm.acme.internal/v1\napi_key: PROD_9F8E7D6C5B4A39281706F5E4D3C2B1A0\nmax_tokens: MAX_TOKENS_8K\n";
        assert_eq!(endpoints("a.yaml", settings.as_bytes())[0].key, None);
        let path = "base_url = \"https://llm.acme.internal/aB3dE5fG7hI9jK1lM3nO5/v1\"\n";
        assert_eq!(endpoints("a.py", path.as_bytes()), []);
    }

    #[test]
    fn a_server_in_a_comment_and_one_that_no_configuration_takes_are_none() {
        for text in [
            "# base_url = \"https://old.acme.internal/v1\"\n",
            "base_url = \"https://:8000/v1\"\n",
            "base_url = \"http://[::1/v1\"\n",
        ] {
            assert_eq!(endpoints("a.py", text.as_bytes()), [], "{text}");
        }
        assert_eq!(key_variables("k = AZURE_OPENAI_API_KEY").count(), 0);
        assert_eq!(key_variables("k = OPENAI_API_KEY").count(), 1);
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
