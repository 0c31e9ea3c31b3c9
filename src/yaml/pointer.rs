//! One text in a JSON or YAML file that other programs read too, named by a JSON pointer (RFC 6901).

use std::fmt;

use super::scan::foreign;
use super::tree::{Node, Value};
use super::{MAX_BYTES, json, text};
use crate::problem::shown;

/// A valid JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    written: String,
    steps: Vec<String>,
}

/// Why a pointer leads to no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// The file cannot be read as JSON or YAML.
    #[error("{0}")]
    Unreadable(String),
    /// No value stands there.
    #[error("nothing stands at `{pointer}`: `{missing}` is not there{known}")]
    Nothing {
        /// The whole pointer.
        pointer: String,
        /// The first step that leads nowhere.
        missing: String,
        /// What stands in its place.
        known: String,
    },
    /// Something stands there that is not text.
    #[error("line {line}: `{pointer}` holds {found}; it has to be text")]
    NotText {
        /// The whole pointer.
        pointer: String,
        /// Where the value stands.
        line: usize,
        /// What it is.
        found: String,
    },
}

impl Pointer {
    /// The pointer, or what is wrong with it.
    pub fn new(written: &str) -> Result<Self, String> {
        let Some(rest) = written.strip_prefix('/') else {
            return Err(format!(
                "a pointer starts with `/` (RFC 6901): write `/{}`",
                shown(written)
            ));
        };
        let steps = rest.split('/').map(unescape).collect::<Option<_>>();
        let steps =
            steps.ok_or("in a pointer `~` is written `~0` and `/` inside a key `~1` (RFC 6901)")?;
        let written = written.to_owned();
        Ok(Self { written, steps })
    }

    /// The text it leads to and the line where that stands.
    pub fn find(&self, file: &str, bytes: &[u8]) -> Result<(String, usize), PointerError> {
        let unreadable =
            |problem: crate::problem::Problem| PointerError::Unreadable(problem.to_string());
        let limit = format!("the limit is {} MB", MAX_BYTES / (1024 * 1024));
        let source = text(file, bytes, &limit).map_err(unreadable)?;
        let is_json = file.to_ascii_lowercase().ends_with(".json");
        // JSON first gives JSON's own escapes, YAML the line of the value; the text comes from the first.
        let parsed = if is_json {
            json(file, source, 1)
        } else {
            foreign(file, source)
        };
        let root = parsed.map_err(unreadable)?;
        let found = self.follow(&root)?;
        let lines = if is_json {
            foreign(file, source).ok()
        } else {
            None
        };
        let line = lines.and_then(|root| self.follow(&root).ok().map(|node| node.place.line));
        let line = line.unwrap_or(found.place.line);
        let not_text = || PointerError::NotText {
            pointer: self.written.clone(),
            line,
            found: found.describe(),
        };
        let text = found.as_text().ok_or_else(not_text)?;
        Ok((text.to_owned(), line))
    }

    fn follow<'a>(&self, root: &'a Node) -> Result<&'a Node, PointerError> {
        self.steps.iter().try_fold(root, |node, step| {
            step_into(node, step).ok_or_else(|| PointerError::Nothing {
                pointer: self.written.clone(),
                missing: shown(step),
                known: known(node),
            })
        })
    }
}

/// A text of a file, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedText {
    /// The pointer that leads to it.
    pub pointer: String,
    /// The keys on the way, the outermost first; places in lists are numbers.
    pub keys: Vec<String>,
    /// The text.
    pub text: String,
    /// The line where it stands.
    pub line: usize,
}

/// Every text of a JSON or YAML file that other programs read too, in its order; `None` where the file is neither, or
/// holds several documents.
pub fn texts(file: &str, bytes: &[u8]) -> Option<Vec<PlacedText>> {
    let source = text(file, bytes, "").ok()?;
    let root = foreign(file, source).ok()?;
    let mut found = Vec::new();
    collect(&root, &mut Vec::new(), &mut found);
    Some(found)
}

fn collect(node: &Node, keys: &mut Vec<String>, found: &mut Vec<PlacedText>) {
    if let Some(text) = node.as_text() {
        let steps = keys
            .iter()
            .map(|key| key.replace('~', "~0").replace('/', "~1"));
        found.push(PlacedText {
            pointer: steps.flat_map(|step| ["/".to_owned(), step]).collect(),
            keys: keys.clone(),
            text: text.to_owned(),
            line: node.place.line,
        });
    }
    for (key, inner) in node.entries() {
        keys.push(key.name.clone());
        collect(inner, keys, found);
        keys.pop();
    }
    for (place, inner) in node.elements().iter().enumerate() {
        keys.push(place.to_string());
        collect(inner, keys, found);
        keys.pop();
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

fn unescape(step: &str) -> Option<String> {
    let stray = step
        .split('~')
        .skip(1)
        .any(|after| !after.starts_with(['0', '1']));
    (!stray).then(|| step.replace("~1", "/").replace("~0", "~"))
}

fn step_into<'a>(node: &'a Node, step: &str) -> Option<&'a Node> {
    match &node.value {
        Value::List(items) => {
            let canonical = step == "0" || !step.starts_with(['0', '+']);
            let index: usize = step.parse().ok().filter(|_| canonical)?;
            items.get(index)
        }
        Value::Map(_) => node.get(step).or_else(|| merged(node.get("<<")?, step)),
        Value::Scalar { .. } | Value::Pruned => None,
    }
}

/// The key in what a YAML merge key brings in: the first mapping that has it.
fn merged<'a>(merge: &'a Node, step: &str) -> Option<&'a Node> {
    match &merge.value {
        Value::Map(_) => step_into(merge, step),
        Value::List(maps) => maps.iter().find_map(|map| step_into(map, step)),
        Value::Scalar { .. } | Value::Pruned => None,
    }
}

fn known(node: &Node) -> String {
    match &node.value {
        Value::Map(entries) => {
            let names: Vec<_> = entries
                .iter()
                .take(8)
                .map(|(key, _)| shown(&key.name))
                .collect();
            format!("; there is {}", names.join(", "))
        }
        Value::List(items) => format!("; the list has {} entries", items.len()),
        Value::Scalar { .. } | Value::Pruned => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(file: &str, pointer: &str, text: &str) -> Result<(String, usize), String> {
        let pointer = Pointer::new(pointer)?;
        pointer
            .find(file, text.as_bytes())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_pointer_leads_through_yaml_and_json_alike() {
        let yaml = "agents:\n  qa:\n    - ft:old\n    - ft:new\n";
        assert_eq!(
            find("m.yaml", "/agents/qa/1", yaml),
            Ok(("ft:new".into(), 4))
        );
        let json = "{\n  \"a/b\": {\"m~n\": \"ft:x\"}\n}";
        assert_eq!(find("m.json", "/a~1b/m~0n", json), Ok(("ft:x".into(), 2)));
    }

    #[test]
    fn every_text_of_a_file_is_reached_by_its_pointer() {
        let yaml = "a/b: [x, 1]\nc:\n  d: y\n";
        let found = texts("m.yaml", yaml.as_bytes()).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|one| (one.pointer.as_str(), one.line))
            .collect();
        assert_eq!(shown, [("/a~1b/0", 1), ("/c/d", 3)]);
        for one in &found {
            assert_eq!(
                find("m.yaml", &one.pointer, yaml),
                Ok((one.text.clone(), one.line))
            );
        }
        assert_eq!(texts("m.yaml", b"a: [1"), None);
    }

    #[test]
    fn anchors_and_merge_keys_of_other_programs_are_followed() {
        let yaml = "base: &base {model: ft:x}\nqa:\n  <<: *base\n  other: 1\n";
        assert_eq!(
            find("m.yaml", "/qa/model", yaml).map(|found| found.0),
            Ok("ft:x".into())
        );
    }

    #[test]
    fn what_is_absent_or_not_text_is_named() {
        assert_eq!(
            find("m.yaml", "/agents/qb", "agents: {qa: x, legal: y}").unwrap_err(),
            "nothing stands at `/agents/qb`: `qb` is not there; there is qa, legal"
        );
        assert_eq!(
            find("m.yaml", "/a", "\na: 7").unwrap_err(),
            "line 2: `/a` holds the number 7; it has to be text"
        );
        assert_eq!(
            find("m.yaml", "/a", "a: !env KEY").unwrap_err(),
            "line 1: `/a` holds a value with a YAML tag; it has to be text"
        );
        assert!(
            find("m.json", "/a", r#"{"a": "x", "a": "y"}"#)
                .unwrap_err()
                .contains("twice")
        );
    }

    #[test]
    fn a_pointer_that_is_none_is_refused_with_the_right_one() {
        assert_eq!(
            Pointer::new("agents/qa").unwrap_err(),
            "a pointer starts with `/` (RFC 6901): write `/agents/qa`"
        );
        assert!(Pointer::new("/a~2").is_err());
        assert!(Pointer::new("/a~").is_err());
    }
}
