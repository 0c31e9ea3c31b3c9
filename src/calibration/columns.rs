//! Where the parts of a label stand in a file of others: `--map answer=response`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::problem::unknown;
use crate::yaml::Pointer;

/// The parts of a label by their own names.
pub(super) const KEYS: [&str; 10] = [
    "prompt",
    "messages",
    "answer",
    "rating",
    "scale",
    "agent",
    "dimension",
    "a",
    "b",
    "prefer",
];

/// Other names for parts of a label; a part that is not named has its own name.
#[derive(Debug, Clone, Default)]
pub struct Columns(BTreeMap<&'static str, String>);

impl Columns {
    /// The names that are written as `answer=response`, or what is wrong with the first that is none.
    pub fn parse<'t>(written: impl IntoIterator<Item = &'t str>) -> Result<Self, String> {
        let mut names = BTreeMap::new();
        for entry in written {
            let Some((key, column)) = entry
                .split_once('=')
                .filter(|(_, column)| !column.is_empty())
            else {
                return Err(format!(
                    "`--map {entry}`: write KEY=COLUMN, as in `--map answer=response`"
                ));
            };
            let known = KEYS.iter().find(|known| **known == key);
            let key = known.ok_or_else(|| unknown("part of a label", key, &KEYS))?;
            if column.starts_with('/') {
                Pointer::new(column).map_err(|why| format!("`--map {entry}`: {why}"))?;
            }
            if names.insert(*key, column.to_owned()).is_some() {
                return Err(format!("`--map {key}=…` is there twice; keep one"));
            }
        }
        Ok(Self(names))
    }

    /// The name of a part in the file.
    pub(super) fn name<'c>(&'c self, key: &'c str) -> &'c str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// The value of a part in a row: a name that starts with `/` is a JSON pointer. `null` is nothing, and so is empty text,
    /// except for an answer: a model may say nothing.
    pub(super) fn find<'r>(&self, row: &'r Value, key: &str) -> Option<&'r Value> {
        let name = self.name(key);
        let found = if name.starts_with('/') {
            row.pointer(name)
        } else {
            row.get(name)
        };
        let may_be_empty = ["answer", "a", "b"].contains(&key);
        found.filter(|value| !value.is_null() && (may_be_empty || **value != ""))
    }
}
