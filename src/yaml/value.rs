//! From a value of the tree to a plain struct, through serde. Decides which scalar fits which type: text is never made
//! of numbers, a key without a value is not an absent key, and numbers are finite.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::fault::Fault;
use super::tree::{Key, Node, Scalar, Step, Value};

impl Node {
    fn unlike(&self, expected: &str) -> Fault {
        Fault::new(format!("expected {expected}, found {}", self.describe()))
    }

    fn not_text(&self) -> Fault {
        let fault = self.unlike("text");
        let advice = match (self.scalar(), &self.value) {
            (Some(Scalar::Null), Value::Scalar { text, .. }) if text.is_empty() => {
                "; write a value or remove the key"
            }
            (Some(Scalar::Null), _) => {
                "; write it in quotes if the word is meant, else remove the key"
            }
            (Some(_), _) => "; write it in quotes",
            (None, _) => "",
        };
        Fault::new(fault.message + advice)
    }

    fn as_finite(&self) -> Result<f64, Fault> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a whole number where a fraction is allowed; ranges are far below 2^53"
        )]
        match self.scalar() {
            Some(Scalar::Unsigned(value)) => Ok(value as f64),
            Some(Scalar::Signed(value)) => Ok(value as f64),
            Some(Scalar::Float(value)) if value.is_finite() => Ok(value),
            Some(Scalar::Text(text)) if text.parse::<f64>().is_ok() => {
                let fault = self.unlike("a number");
                Err(Fault::new(fault.message + "; remove the quotes"))
            }
            Some(
                Scalar::Null
                | Scalar::Bool(_)
                | Scalar::Float(_)
                | Scalar::Text(_)
                | Scalar::Tagged,
            )
            | None => Err(self.unlike("a finite number")),
        }
    }

    fn as_whole(&self) -> Result<u64, Fault> {
        match self.scalar() {
            Some(Scalar::Unsigned(value)) => Ok(value),
            Some(Scalar::Signed(_)) => Err(self.unlike("a whole number of at least 0")),
            Some(Scalar::Text(text)) if text.parse::<u64>().is_ok() => {
                let fault = self.unlike("a whole number");
                Err(Fault::new(fault.message + "; remove the quotes"))
            }
            Some(
                Scalar::Null
                | Scalar::Bool(_)
                | Scalar::Float(_)
                | Scalar::Text(_)
                | Scalar::Tagged,
            )
            | None => Err(self.unlike("a whole number")),
        }
    }
}

/// A value as serde reads it.
pub(super) struct Reading<'de>(pub(super) &'de Node);

impl<'de> Deserializer<'de> for Reading<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match (&self.0.value, self.0.scalar()) {
            (_, Some(Scalar::Null)) | (Value::Scalar { .. } | Value::Pruned, None) => {
                visitor.visit_unit()
            }
            (_, Some(Scalar::Bool(value))) => visitor.visit_bool(value),
            (_, Some(Scalar::Unsigned(value))) => visitor.visit_u64(value),
            (_, Some(Scalar::Signed(value))) => visitor.visit_i64(value),
            (_, Some(Scalar::Float(_))) => visitor.visit_f64(self.0.as_finite()?),
            (_, Some(Scalar::Text(text))) => visitor.visit_borrowed_str(text),
            (_, Some(Scalar::Tagged)) => Err(self.0.unlike("a value without a tag")),
            (Value::List(items), _) => visitor.visit_seq(Elements { items, index: 0 }),
            (Value::Map(entries), _) => visitor.visit_map(Entries {
                entries,
                value: None,
            }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0.scalar() {
            Some(Scalar::Bool(value)) => visitor.visit_bool(value),
            Some(_) | None => Err(self.0.unlike("`true` or `false`")),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_u64(self.0.as_whole()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_f64(self.0.as_finite()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.0.as_text().ok_or_else(|| self.0.not_text())?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    // A key without a value is not an absent key: `floor:` left empty must not mean "no floor".
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::List(items) => visitor.visit_seq(Elements { items, index: 0 }),
            Value::Scalar { .. } | Value::Map(_) | Value::Pruned => Err(self.0.unlike("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Map(entries) => visitor.visit_map(Entries {
                entries,
                value: None,
            }),
            Value::Scalar { .. } | Value::List(_) | Value::Pruned => {
                Err(self.0.unlike("a mapping (`key: value`)"))
            }
        }
    }

    // A struct that says in its own words what it expects is shown with them.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let own: &dyn Expected = &visitor;
        let own = own.to_string();
        let is_map = matches!(self.0.value, Value::Map(_));
        if !is_map && !own.starts_with("struct ") {
            return Err(self.0.unlike(&own));
        }
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let text = self.0.as_text().ok_or_else(|| self.0.not_text())?;
        let variant: StrDeserializer<'de, Fault> = text.into_deserializer();
        visitor.visit_enum(variant)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Elements<'de> {
    items: &'de [Node],
    index: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        while let Some(node) = self.items.get(self.index) {
            let index = self.index;
            self.index += 1;
            if !node.is_pruned() {
                let value = seed.deserialize(Reading(node));
                return value
                    .map(Some)
                    .map_err(|fault| fault.inside(Step::Item(index), node.place));
            }
        }
        Ok(None)
    }
}

struct Entries<'de> {
    entries: &'de [(Key, Node)],
    value: Option<&'de (Key, Node)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        while let Some((entry, rest)) = self.entries.split_first() {
            self.entries = rest;
            if !entry.1.is_pruned() {
                self.value = Some(entry);
                let name: StrDeserializer<'de, Fault> = entry.0.name.as_str().into_deserializer();
                let key = seed.deserialize(name);
                let step = || Step::Key(entry.0.name.clone());
                return key
                    .map(Some)
                    .map_err(|fault| fault.inside(step(), entry.0.place));
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some((key, node)) = self.value.take() else {
            return Err(Fault::new("a value was read before its key".into()));
        };
        let step = || Step::Key(key.name.clone());
        seed.deserialize(Reading(node))
            .map_err(|fault| fault.inside(step(), node.place))
    }
}
