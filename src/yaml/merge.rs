//! Files of other tools as they mean them: `<<` spread out, and whole values as JSON. Our own files have neither need.

use serde_json::{Map, Number, Value as Json};

use super::tree::{Key, Node, Scalar, Value};

const MERGE: &str = "<<";

impl Node {
    /// The keys and values of a mapping in the order of the file, none for anything else.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = self.entries().iter();
        entries.map(|(key, node)| (key.name.as_str(), node))
    }

    /// The same value with every `<<` replaced by what it leads to; keys that stand beside it win.
    #[must_use]
    pub fn spread(self) -> Self {
        let value = match self.value {
            Value::List(items) => Value::List(items.into_iter().map(Self::spread).collect()),
            Value::Map(entries) => Value::Map(merged(entries)),
            kept @ (Value::Scalar { .. } | Value::Pruned) => kept,
        };
        Self { value, ..self }
    }

    /// The value as JSON. What JSON does not know (a tag, a number that is none) is text.
    pub fn to_json(&self) -> Json {
        match (&self.value, self.scalar()) {
            (Value::List(items), _) => Json::Array(items.iter().map(Self::to_json).collect()),
            (Value::Map(entries), _) => {
                let pairs = entries.iter();
                let pairs = pairs.map(|(key, node)| (key.name.clone(), node.to_json()));
                Json::Object(pairs.collect::<Map<_, _>>())
            }
            (Value::Pruned, _) | (_, None | Some(Scalar::Null)) => Json::Null,
            (_, Some(Scalar::Bool(value))) => Json::Bool(value),
            (_, Some(Scalar::Unsigned(value))) => Json::from(value),
            (_, Some(Scalar::Signed(value))) => Json::from(value),
            (Value::Scalar { text, .. }, Some(Scalar::Float(value))) => {
                Number::from_f64(value).map_or_else(|| Json::String(text.clone()), Json::Number)
            }
            (Value::Scalar { text, .. }, Some(Scalar::Text(_) | Scalar::Tagged)) => {
                Json::String(text.clone())
            }
        }
    }
}

fn merged(entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    let mut own = Vec::new();
    let mut further = Vec::new();
    for (key, node) in entries {
        if key.name != MERGE {
            own.push((key, node.spread()));
            continue;
        }
        match node.value {
            Value::Map(inner) => further.extend(merged(inner)),
            Value::List(items) => {
                for item in items {
                    if let Value::Map(inner) = item.value {
                        further.extend(merged(inner));
                    }
                }
            }
            Value::Scalar { .. } | Value::Pruned => {}
        }
    }
    for (key, node) in further {
        if !own.iter().any(|(known, _)| known.name == key.name) {
            own.push((key, node));
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::yaml::foreign;

    #[test]
    fn a_merge_key_gives_what_does_not_stand_beside_it() {
        let text = "base: &b {a: 1, b: 2}\nother: &o {c: x}\nit:\n  <<: [*b, *o]\n  b: 3\n";
        let node = foreign("f", text).unwrap().spread();
        let it = node.get("it").unwrap();
        assert_eq!(it.to_json(), json!({"a": 1, "b": 3, "c": "x"}));
    }

    #[test]
    fn what_json_has_no_word_for_is_text() {
        let node = foreign("f", "[.nan, !mine x, ~, 1.5, -2, yes]").unwrap();
        assert_eq!(node.to_json(), json!([".nan", "x", null, 1.5, -2, "yes"]));
    }
}
