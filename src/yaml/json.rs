//! JSON into the same tree. A JSON line knows its line only; JSON's own rules about repeated keys are tightened.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::tree::{Key, Node, Place, Style, Value};
use crate::problem::{Problem, shown};

/// The tree of a JSON text that starts at a line of a file.
pub fn json(file: &str, text: &str, line: usize) -> Result<Node, Problem> {
    let place = Place { line, column: None };
    let located = |error: serde_json::Error| {
        let full = error.to_string();
        let message = full.split(" at line ").next().unwrap_or_default();
        let at = line + error.line().saturating_sub(1);
        let problem = Problem::of_file(file, format!("not valid JSON: {message}"));
        problem.at(at, Some(error.column().max(1)))
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let node = Seed(place).deserialize(&mut reader).map_err(located)?;
    reader.end().map_err(located)?;
    Ok(node)
}

#[derive(Clone, Copy)]
struct Seed(Place);

impl Seed {
    fn scalar(self, text: impl Into<String>, style: Style) -> Node {
        let text = text.into();
        let value = Value::Scalar { text, style };
        Node {
            place: self.0,
            value,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(self.scalar("null", Style::Plain))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(self.scalar(value.to_string(), Style::Plain))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(self.scalar(value.to_string(), Style::Plain))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(self.scalar(value.to_string(), Style::Plain))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(self.scalar(format!("{value:?}"), Style::Plain))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Node, E> {
        Ok(self.scalar(value, Style::Quoted))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        let value = Value::List(items);
        Ok(Node {
            place: self.0,
            value,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name.clone()) {
                let name = shown(&name);
                return Err(A::Error::custom(format!(
                    "the key `{name}` stands here twice; keep one"
                )));
            }
            let node = map.next_value_seed(self)?;
            let place = self.0;
            entries.push((Key { name, place }, node));
        }
        let value = Value::Map(entries);
        Ok(Node {
            place: self.0,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_line_becomes_the_same_tree_with_its_line() {
        let node = json("f", r#"{"a": ["x", 1.5, null], "b": "1"}"#, 7).unwrap();
        assert_eq!(node.get("b").and_then(Node::as_text), Some("1"));
        assert_eq!(
            node.get("a").unwrap().elements()[1].describe(),
            "the number 1.5"
        );
        assert_eq!(node.place.line, 7);
    }

    #[test]
    fn broken_and_ambiguous_json_is_refused() {
        let refused = |text| json("f", text, 3).unwrap_err().to_string();
        assert_eq!(
            refused(r#"{"a": 1, "a": 2}"#),
            "f:3:12: not valid JSON: the key `a` stands here twice; keep one"
        );
        assert!(
            refused("{").starts_with("f:3:1: not valid JSON: EOF"),
            "{}",
            refused("{")
        );
        assert!(refused("{} {}").contains("trailing characters"));
        assert!(refused(&"[".repeat(10_000)).contains("recursion limit"));
    }
}
