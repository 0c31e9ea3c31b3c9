//! What stands under a key of a row: a text, a list of messages, or an object with such a list.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use super::message::Message;
use super::{Fields, Name};
use crate::score::canonical;

/// A value, as far as it is part of a conversation.
#[derive(Debug)]
pub(super) enum Content<'r> {
    /// A text; numbers and truth values are labels, and taken as they are written.
    Text(Cow<'r, str>),
    /// Turns.
    Messages(Vec<Message<'r>>),
    /// An object with keys of a row.
    Object(Box<Fields<'r>>),
    /// Any value, as canonical JSON.
    Whole(Vec<u8>),
    /// `null`.
    Nothing,
}

impl Content<'_> {
    pub(super) fn into_whole(self) -> Option<Vec<u8>> {
        match self {
            Self::Whole(json) => Some(json),
            Self::Text(_) | Self::Messages(_) | Self::Object(_) | Self::Nothing => None,
        }
    }
}

impl<'de> Deserialize<'de> for Content<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of messages")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Owned(value.to_string())))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Owned(value.to_string())))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Owned(value.to_string())))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Content<'de>, E> {
                Ok(Content::Text(Cow::Owned(value.to_string())))
            }

            fn visit_unit<E: Error>(self) -> Result<Content<'de>, E> {
                Ok(Content::Nothing)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Content<'de>, A::Error> {
                let mut messages = Vec::with_capacity(4);
                while let Some(message) = list.next_element()? {
                    messages.push(message);
                }
                Ok(Content::Messages(messages))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Content<'de>, A::Error> {
                Message::or_object(map)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Any value as canonical JSON.
pub(super) struct Whole;

impl<'de> DeserializeSeed<'de> for Whole {
    type Value = Content<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content<'de>, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_null() {
            return Ok(Content::Nothing);
        }
        canonical(&value)
            .map(Content::Whole)
            .map_err(D::Error::custom)
    }
}

/// A text; borrowed where it has no escapes.
pub(super) struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// What a message says: a text, or parts of which the texts are joined.
#[derive(Debug, Default)]
pub(super) struct Said<'r>(pub(super) Cow<'r, str>);

impl<'r> Said<'r> {
    fn add(&mut self, text: Cow<'r, str>) {
        if self.0.is_empty() {
            self.0 = text;
        } else {
            let joined = self.0.to_mut();
            joined.push('\n');
            joined.push_str(&text);
        }
    }
}

impl<'de> Deserialize<'de> for Said<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Said<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of parts")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Said<'de>, E> {
                Ok(Said(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Said<'de>, E> {
                Ok(Said(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: Error>(self) -> Result<Said<'de>, E> {
                Ok(Said::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Said<'de>, A::Error> {
                let mut said = Said::default();
                while let Some(Said(text)) = list.next_element()? {
                    said.add(text);
                }
                Ok(said)
            }

            /// A part: `{"type": "text", "text": …}`; whatever is no text is named by its kind.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Said<'de>, A::Error> {
                let mut said = Said::default();
                let mut kind = None;
                while let Some(key) = map.next_key::<Name<'de>>()? {
                    match &*key.0 {
                        "text" | "content" => said = map.next_value()?,
                        "type" => kind = map.next_value::<Option<Name<'de>>>()?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                let kind = kind.as_ref().map_or("part", |kind| &*kind.0);
                if said.0.is_empty() && kind != "text" {
                    said.0 = Cow::Owned(format!("[{kind}]"));
                }
                Ok(said)
            }
        }
        deserializer.deserialize_any(Parts)
    }
}
