//! One message of a conversation: who speaks, what is said, whether it is learned.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::content::{Content, Said};
use super::{Fields, Key, Name};
use crate::corpus::row::Speaker;
use crate::score::canonical;

/// A message as it is written.
#[derive(Debug, Default)]
pub(super) struct Message<'r> {
    pub(super) role: Option<Cow<'r, str>>,
    pub(super) text: Cow<'r, str>,
    pub(super) learned: Option<bool>,
    pub(super) calls: Option<Vec<u8>>,
    says: bool,
    from_value: bool,
}

/// What tells formats apart.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) model_role: bool,
    pub(super) from_value: bool,
}

impl Seen {
    pub(super) fn note(&mut self, message: &Message<'_>) {
        self.model_role |= message.role.as_deref() == Some("model");
        self.from_value |= message.from_value;
    }
}

impl<'r> Message<'r> {
    pub(super) fn speaker(&self) -> Speaker {
        self.role.as_deref().map_or(Speaker::Unknown, Speaker::of)
    }

    /// An object that is a message where it says something, as Gemini's system instruction, and else holds one, as the
    /// input of OpenAI's preferences.
    pub(super) fn or_object<A: MapAccess<'r>>(mut map: A) -> Result<Content<'r>, A::Error> {
        let (mut message, mut inner) = (Self::default(), Fields::default());
        while let Some(Name(name)) = map.next_key()? {
            match Key::of(&name) {
                Some(Key::Messages) => inner.0.push((Key::Messages, map.next_value()?)),
                _ => message.member(&name, &mut map)?,
            }
        }
        Ok(if message.says {
            Content::Text(message.text)
        } else {
            Content::Object(Box::new(inner))
        })
    }

    fn member<A: MapAccess<'r>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "role" | "from" | "author" => {
                self.from_value |= name == "from";
                self.role = map.next_value::<Option<Name<'r>>>()?.map(|name| name.0);
            }
            "content" | "value" | "text" | "parts" => {
                self.text = map.next_value::<Said<'r>>()?.0;
                self.says = true;
            }
            "loss" | "train" | "weight" => self.learned = map.next_value::<Flag>()?.0,
            "tool_calls" | "function_call" => {
                let value: Value = map.next_value()?;
                if !value.is_null() {
                    self.calls = Some(canonical(&value).map_err(A::Error::custom)?);
                }
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Message<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Message<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message such as {\"role\": \"user\", \"content\": \"...\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Message<'de>, A::Error> {
                let mut message = Message::default();
                while let Some(Name(name)) = map.next_key()? {
                    message.member(&name, &mut map)?;
                }
                Ok(message)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A weight of a turn: a truth value, or a number of which 0 means that it is not learned.
struct Flag(Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = value.as_f64().map(|number| number > 0.0);
        Ok(Self(value.as_bool().or(number)))
    }
}
