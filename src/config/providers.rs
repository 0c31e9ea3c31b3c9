//! Providers and prices: addresses, names of key variables, headers. Never shows a value that looks like a key.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, Uri};
use serde_json::{Map, Value};

use super::keys::looks_like_a_key;
use super::prices::{Price, Prices};
use super::raw::{RawPrice, RawPrices, RawProvider, RawProviderKind};
use super::settings::{OpenAi, Provider};
use crate::problem::shown;
use crate::yaml::{Spot, repository_path};

/// What the gate itself writes into a request.
const OWN_BODY: [&str; 4] = ["model", "messages", "stream", "n"];

pub(super) fn providers(list: &Spot<'_>) -> BTreeMap<String, Provider> {
    let mut providers = BTreeMap::new();
    for (name, spot) in list.entries() {
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            list.report_key(name, "a provider needs a name");
        }
        if let Some(provider) = provider(&spot) {
            providers.insert(name.to_owned(), provider);
        }
    }
    providers
}

fn provider(spot: &Spot<'_>) -> Option<Provider> {
    let raw: RawProvider = spot.read()?;
    let misplaced = |key: &str, kind: &str| {
        if spot.has(key) {
            spot.report_key(
                key,
                format!("`{key}` has no meaning with `kind: {kind}`; remove it"),
            );
        }
    };
    match raw.kind {
        RawProviderKind::OpenAi => {
            misplaced("path", "openai");
            open_ai(spot, raw).map(Provider::OpenAi)
        }
        RawProviderKind::Replay => {
            for key in [
                "base_url",
                "api_key_env",
                "headers",
                "extra_body",
                "concurrency",
                "requests_per_second",
                "tokens_per_minute",
            ] {
                misplaced(key, "replay");
            }
            if !spot.has("path") {
                spot.report("the provider replays nothing; add `path`, the folder of recordings");
            }
            let path = repository_path(spot.file(), &raw.path?);
            let path = path.map_err(|why| spot.child("path").report(why)).ok()?;
            Some(Provider::Replay { path })
        }
    }
}

fn open_ai(spot: &Spot<'_>, raw: RawProvider) -> Option<OpenAi> {
    if !spot.has("base_url") {
        spot.report(
            "the provider has no address; add `base_url`, such as `https://api.mistral.ai/v1`",
        );
    }
    let api_key_env = raw
        .api_key_env
        .and_then(|name| variable(&spot.child("api_key_env"), name));
    let headers = headers(&spot.child("headers"), raw.headers.unwrap_or_default());
    let extra_body = extra_body(
        &spot.child("extra_body"),
        raw.extra_body.unwrap_or_default(),
    );
    Some(OpenAi {
        base_url: raw
            .base_url
            .and_then(|url| base_url(&spot.child("base_url"), &url))?,
        api_key_env,
        headers,
        extra_body,
        concurrency: raw.concurrency.map_or(8, |number| number.0),
        requests_per_second: raw.requests_per_second.map(|rate| rate.0),
        tokens_per_minute: raw.tokens_per_minute.map(|number| u64::from(number.0)),
    })
}

fn base_url(spot: &Spot<'_>, url: &str) -> Option<String> {
    let refuse = |message: &str| {
        spot.report(message);
        None
    };
    // The address itself is not shown where it may hold a key.
    if url.contains('@') {
        return refuse(
            "the address holds credentials; remove them and name the key's variable in `api_key_env`",
        );
    }
    if url.contains(['?', '#']) {
        return refuse(
            "the address holds a query or fragment; write it without, keys go through `api_key_env`",
        );
    }
    let example = "write an address such as `https://api.mistral.ai/v1`";
    let scheme = url
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https")) {
        return refuse(&format!("expected `http://` or `https://`; {example}"));
    }
    let parsed = url.parse::<Uri>().ok();
    if parsed
        .and_then(|uri| uri.host().map(str::to_owned))
        .is_none_or(|host| host.is_empty())
    {
        return refuse(&format!("this is no address; {example}"));
    }
    let plain = url.trim_end_matches('/');
    if let Some(base) = plain.strip_suffix("/chat/completions") {
        return refuse(&format!(
            "`/chat/completions` is added to the address; write `{}`",
            shown(base)
        ));
    }
    Some(plain.to_owned())
}

/// The name of a variable. A value that is none is not shown: it may be the key.
fn variable(spot: &Spot<'_>, name: String) -> Option<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = !name.is_empty()
        && name.chars().all(word)
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_name && !looks_like_a_key(&name) {
        return Some(name);
    }
    let what = if looks_like_a_key(&name) {
        "this looks like a key"
    } else {
        "this is no name of a variable"
    };
    let advice = "write the name of the variable, never the key, such as MISTRAL_API_KEY";
    let more = if looks_like_a_key(&name) {
        "; if it is one, revoke it"
    } else {
        ""
    };
    spot.report(format!("{what}; {advice}{more}"));
    None
}

fn headers(spot: &Spot<'_>, raw: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in raw {
        let Ok(valid) = HeaderName::try_from(name.as_str()) else {
            spot.report_key(
                &name,
                "this is no name of a header; write letters, digits and `-`",
            );
            continue;
        };
        match valid.as_str() {
            "authorization" | "proxy-authorization" => {
                spot.report_key(
                    &name,
                    "the key is sent by `api_key_env`; remove this header",
                );
            }
            "host" | "content-length" | "content-type" | "transfer-encoding" | "connection" => {
                spot.report_key(&name, "this header is set by the request itself; remove it");
            }
            _ => {}
        }
        if HeaderValue::try_from(value.as_str()).is_err() {
            spot.child(&name).report(
                "the value holds characters that a header cannot; write plain text on one line",
            );
        } else if looks_like_a_key(&value) && !value.contains('/') {
            spot.child(&name).report("this looks like a key, which never stands in a file; use `api_key_env`, and revoke it if it is one");
        }
        if headers.insert(valid.as_str().to_owned(), value).is_some() {
            spot.report_key(
                &name,
                "this header stands here twice, in other capitals; keep one",
            );
        }
    }
    headers
}

fn extra_body(spot: &Spot<'_>, body: Map<String, Value>) -> Map<String, Value> {
    for key in OWN_BODY.iter().filter(|key| body.contains_key(**key)) {
        spot.report_key(
            key,
            format!("`{key}` is written by the gate itself; remove it"),
        );
    }
    body
}

pub(super) fn prices(spot: &Spot<'_>, raw: Option<RawPrices>) -> Prices {
    let mut prices = Prices::default();
    if let Some(currency) = raw.and_then(|raw| raw.currency) {
        if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
            spot.child("currency")
                .report("expected three capital letters such as USD");
        }
        prices.currency = currency;
    }
    let models = spot.child("models");
    for (pattern, spot) in models.entries() {
        let matcher = match super::prices::matcher(pattern) {
            Ok(matcher) => matcher,
            Err(error) => {
                models.report_key(
                    pattern,
                    format!("the pattern does not compile: {}", error.kind()),
                );
                continue;
            }
        };
        if let Some(RawPrice {
            input_per_mtok,
            output_per_mtok,
        }) = spot.read()
        {
            prices.models.push(Price {
                pattern: pattern.to_owned(),
                matcher,
                input_per_mtok: input_per_mtok.0,
                output_per_mtok: output_per_mtok.0,
            });
        }
    }
    prices
}
