//! Writes the JSON of a question, straight from what it borrows: no tree of values is built for a prompt.

use reqwest::Url;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value, json};

use crate::runner::Ask;
use crate::suite::Message;

/// Keys of a request that `extra_body` cannot change: they decide what is measured and how it is read.
const FIXED_KEYS: [&str; 3] = ["model", "messages", "stream"];

/// The name under which a server expects the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeedKey {
    /// OpenAI and everybody who follows it.
    Seed,
    /// Mistral, which refuses a request with `seed`.
    RandomSeed,
}

impl SeedKey {
    /// The name that the server at an address knows.
    pub(super) fn of(base: &Url) -> Self {
        let host = base.host_str().unwrap_or_default();
        if host == "mistral.ai" || host.ends_with(".mistral.ai") {
            Self::RandomSeed
        } else {
            Self::Seed
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::RandomSeed => "random_seed",
        }
    }
}

/// The body of a request. `extra` comes last and may change any key but `model`, `messages` and `stream`.
pub(super) struct Request<'a> {
    pub(super) ask: &'a Ask,
    pub(super) seed_key: SeedKey,
    pub(super) extra: &'a Map<String, Value>,
    /// Whether the server is told the schema of a reply that has one.
    pub(super) shape: Shape,
}

/// Whether a server holds a reply to a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is told the schema.
    Told,
    /// It refuses requests that tell one.
    NotTold,
}

impl Serialize for Request<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = Body {
            map: serializer.serialize_map(None)?,
            extra: self.extra,
        };
        let candidate = &self.ask.candidate;
        body.map.serialize_entry("model", &candidate.model)?;
        let messages = Messages {
            system: candidate.system.as_deref(),
            rest: &self.ask.case.messages,
        };
        body.map.serialize_entry("messages", &messages)?;
        let set = &candidate.parameters;
        body.entry("temperature", set.temperature.as_ref())?;
        body.entry("max_tokens", set.max_tokens.as_ref())?;
        body.entry("top_p", set.top_p.as_ref())?;
        body.entry(self.seed_key.as_str(), set.seed.as_ref())?;
        let stop = (!set.stop.is_empty()).then_some(&set.stop);
        body.entry("stop", stop)?;
        body.entry("presence_penalty", set.presence_penalty.as_ref())?;
        body.entry("frequency_penalty", set.frequency_penalty.as_ref())?;
        let schema = self.ask.grading.as_ref().map(|grading| {
            json!({
                "type": "json_schema",
                "json_schema": {"name": "grades", "strict": true, "schema": *grading.schema},
            })
        });
        let told = schema.filter(|_| self.shape == Shape::Told);
        body.entry("response_format", told.as_ref())?;
        for (key, value) in self.extra {
            if !FIXED_KEYS.contains(&key.as_str()) {
                body.map.serialize_entry(key, value)?;
            }
        }
        body.map.end()
    }
}

/// What is written so far; a key that `extra` sets is left to it.
struct Body<'a, M> {
    map: M,
    extra: &'a Map<String, Value>,
}

impl<M: SerializeMap> Body<'_, M> {
    fn entry(&mut self, key: &str, value: Option<&impl Serialize>) -> Result<(), M::Error> {
        match value {
            Some(value) if !self.extra.contains_key(key) => self.map.serialize_entry(key, value),
            Some(_) | None => Ok(()),
        }
    }
}

struct Messages<'a> {
    system: Option<&'a str>,
    rest: &'a [Message],
}

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = self.rest.len() + usize::from(self.system.is_some());
        let mut list = serializer.serialize_seq(Some(length))?;
        if let Some(content) = self.system {
            list.serialize_element(&System {
                role: "system",
                content,
            })?;
        }
        for message in self.rest {
            list.serialize_element(message)?;
        }
        list.end()
    }
}

#[derive(serde::Serialize)]
struct System<'a> {
    role: &'a str,
    content: &'a str,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::agent::{AgentName, Candidate, Parameters};
    use crate::score::Expectation;
    use crate::suite::{Case, CaseId, Role};

    fn body(parameters: Parameters, seed_key: SeedKey, extra: &Value) -> Value {
        serde_json::from_str(&body_text(parameters, seed_key, extra)).unwrap()
    }

    fn body_text(parameters: Parameters, seed_key: SeedKey, extra: &Value) -> String {
        let message = |role, content: &str| Message {
            role,
            content: content.to_owned(),
        };
        let ask = Ask {
            agent: AgentName::new("qa").unwrap(),
            case: Arc::new(Case {
                id: CaseId::new("one"),
                messages: vec![
                    message(Role::User, "1?"),
                    message(Role::Assistant, "1."),
                    message(Role::User, "2?"),
                ],
                expectation: Expectation::default(),
                tags: Vec::new(),
                weight: 1.0,
                cluster: None,
                draft: false,
            }),
            sample: 0,
            candidate: Arc::new(Candidate {
                model: "ft:open-mistral-7b:a:b".to_owned(),
                system: None,
                parameters,
            }),
            grading: None,
        };
        let request = Request {
            ask: &ask,
            seed_key,
            extra: extra.as_object().unwrap(),
            shape: Shape::Told,
        };
        serde_json::to_string(&request).unwrap()
    }

    #[test]
    fn nothing_is_sent_that_is_not_set() {
        assert_eq!(
            body(Parameters::default(), SeedKey::Seed, &json!({})),
            json!({
                "model": "ft:open-mistral-7b:a:b",
                "messages": [
                    {"role": "user", "content": "1?"},
                    {"role": "assistant", "content": "1."},
                    {"role": "user", "content": "2?"},
                ],
            })
        );
    }

    #[test]
    fn every_parameter_is_sent_under_the_name_that_the_server_knows() {
        let parameters = Parameters {
            temperature: Some(0.0),
            max_tokens: Some(64),
            top_p: Some(0.9),
            seed: Some(7),
            stop: vec!["END".to_owned()],
            presence_penalty: Some(-1.0),
            frequency_penalty: Some(1.5),
        };
        let sent = body(parameters, SeedKey::RandomSeed, &json!({"top_k": 1}));
        let mut sent = sent.as_object().unwrap().clone();
        sent.retain(|key, _| key != "model" && key != "messages");
        assert_eq!(
            Value::Object(sent),
            json!({
                "temperature": 0.0, "max_tokens": 64, "top_p": 0.9, "random_seed": 7, "stop": ["END"],
                "presence_penalty": -1.0, "frequency_penalty": 1.5, "top_k": 1,
            })
        );
    }

    #[test]
    fn a_key_that_extra_body_changes_is_written_once() {
        let parameters = Parameters {
            temperature: Some(0.5),
            seed: Some(7),
            ..Parameters::default()
        };
        let extra =
            json!({"temperature": 1, "seed": null, "model": "x", "messages": [], "stream": true});
        let text = body_text(parameters, SeedKey::Seed, &extra);
        assert_eq!(text.matches("temperature").count(), 1, "{text}");
        assert!(text.ends_with(r#""temperature":1,"seed":null}"#), "{text}");
    }

    #[test]
    fn only_mistral_gets_its_own_word_for_the_seed() {
        let key = |base: &str| SeedKey::of(&Url::parse(base).unwrap());
        assert_eq!(key("https://api.mistral.ai/v1"), SeedKey::RandomSeed);
        assert_eq!(key("https://API.Mistral.AI/v1"), SeedKey::RandomSeed);
        assert_eq!(key("https://notmistral.ai/v1"), SeedKey::Seed);
        assert_eq!(key("http://127.0.0.1:8000/v1"), SeedKey::Seed);
    }
}
