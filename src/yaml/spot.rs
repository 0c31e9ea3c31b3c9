//! A value together with the path of keys that leads to it and the log its problems go to: what the readers of suites
//! and of the configuration hold while they look.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::tree::{Node, Place, Step, key_behind};
use super::value::Reading;
use crate::problem::{Problem, Problems};

/// How much is reported of one value before reading gives up on it: each problem costs one more reading.
const MOST_FAULTS: usize = 50;

/// Collects the problems of one file.
#[derive(Debug)]
pub struct Log {
    file: String,
    problems: RefCell<Problems>,
}

impl Log {
    /// Nothing is wrong yet.
    pub fn new(file: impl Into<String>) -> Self {
        let (file, problems) = (file.into(), RefCell::default());
        Self { file, problems }
    }

    /// The file whose problems are collected.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Adds one.
    pub fn push(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// The value if nothing was reported, else all problems, sorted by place.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Problems> {
        self.problems.into_inner().or(value)
    }
}

/// A value that may be absent, its key path and its log.
#[derive(Debug, Clone)]
pub struct Spot<'a> {
    log: &'a Log,
    node: Option<&'a Node>,
    place: Place,
    path: String,
}

impl<'a> Spot<'a> {
    /// The outermost value of a file.
    pub fn root(log: &'a Log, node: &'a Node) -> Self {
        let (place, path) = (node.place, String::new());
        let node = Some(node);
        Self {
            log,
            node,
            place,
            path,
        }
    }

    /// The same value under another path, for values that are listed in a file of their own.
    #[must_use]
    pub fn under(self, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { path, ..self }
    }

    /// The file it stands in.
    pub fn file(&self) -> &'a str {
        self.log.file()
    }

    /// Where it stands, or where what should hold it stands.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The value, unless it is absent.
    pub const fn node(&self) -> Option<&'a Node> {
        self.node
    }

    /// True when the value is a mapping that has the key.
    pub fn has(&self, key: &str) -> bool {
        self.node.is_some_and(|node| node.get(key).is_some())
    }

    /// The value behind a key, absent where the key is.
    #[must_use]
    pub fn child(&self, key: &str) -> Self {
        let node = self.node.and_then(|node| node.get(key));
        self.inner(key_behind(&self.path, key), node)
    }

    /// The value behind a key, unless the key is absent.
    pub fn present(&self, key: &str) -> Option<Self> {
        let node = self.node?.get(key)?;
        Some(self.inner(key_behind(&self.path, key), Some(node)))
    }

    /// All values of a list, none for anything else.
    pub fn items(&self) -> Vec<Self> {
        let elements = self.node.map_or(&[][..], Node::elements);
        let item = |(index, node)| self.inner(Step::Item(index).behind(&self.path), Some(node));
        elements.iter().enumerate().map(item).collect()
    }

    /// All keys of a mapping with their values in the order of the file, none for anything else.
    pub fn entries(&self) -> Vec<(&'a str, Self)> {
        let entries = self.node.map_or(&[][..], Node::entries);
        entries
            .iter()
            .map(|(key, node)| {
                (
                    key.name.as_str(),
                    self.inner(key_behind(&self.path, &key.name), Some(node)),
                )
            })
            .collect()
    }

    fn inner(&self, path: String, node: Option<&'a Node>) -> Self {
        let log = self.log;
        let place = node.map_or(self.place, |node| node.place);
        Self {
            log,
            node,
            place,
            path,
        }
    }

    /// Reports that something is wrong with this value.
    pub fn report(&self, message: impl Into<String>) {
        self.report_at(self.place, self.path.clone(), message.into());
    }

    /// Reports that something is wrong with a key of this mapping.
    pub fn report_key(&self, key: &str, message: impl Into<String>) {
        let entries = self.node.map_or(&[][..], Node::entries);
        let entry = entries.iter().find(|(found, _)| found.name == key);
        let place = entry.map_or(self.place, |(key, _)| key.place);
        let path = key_behind(&self.path, key);
        self.report_at(place, path, message.into());
    }

    fn report_at(&self, place: Place, path: String, message: String) {
        let problem = Problem {
            key: Some(path),
            ..Problem::of_file(self.file(), message)
        };
        self.log.push(problem.at(place.line, place.column));
    }

    /// The value as a plain struct. Whatever does not fit is reported and left out, so that one reading names all of
    /// it; `None` where nothing usable is left.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let first = match T::deserialize(Reading(self.node?)) {
            Ok(value) => return Some(value),
            Err(fault) => fault,
        };
        let mut rest = self.node?.clone();
        let mut fault = first;
        for _ in 0..MOST_FAULTS {
            let steps = fault.steps();
            let pruned = fault
                .missing
                .is_some_and(|key| is_pruned(&rest, &steps, key));
            if !pruned {
                let path = steps
                    .iter()
                    .fold(self.path.clone(), |path, step| step.behind(&path));
                self.report_at(fault.place.unwrap_or(self.place), path, fault.message);
            }
            if steps.is_empty() {
                return None;
            }
            rest.prune(&steps);
            match T::deserialize(Reading(&rest)) {
                Ok(value) => return Some(value),
                Err(next) => fault = next,
            }
        }
        None
    }

    /// The value behind a key as a plain value; `None` where the key is absent or the value, then reported, does not
    /// fit.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.present(key)?.read()
    }
}

/// True when the key is missing only because its value was reported and taken out.
fn is_pruned(node: &Node, steps: &[Step], key: &str) -> bool {
    let mut node = Some(node);
    for step in steps {
        node = node.and_then(|node| match step {
            Step::Key(name) => node.get(name),
            Step::Item(index) => node.elements().get(*index),
        });
    }
    node.and_then(|node| node.get(key))
        .is_some_and(Node::is_pruned)
}

/// In a plain struct: a list whose entries are read one by one through [`Spot::items`].
#[derive(Debug)]
pub struct Items<T>(PhantomData<T>);

/// In a plain struct: a mapping from names to values that are read one by one through [`Spot::entries`].
#[derive(Debug)]
pub struct Each<T>(PhantomData<T>);

impl<'de, T> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_seq(Skip)
            .map(|()| Self(PhantomData))
    }
}

impl<'de, T> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(Skip)
            .map(|()| Self(PhantomData))
    }
}

struct Skip;

impl<'de> Visitor<'de> for Skip {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or a mapping")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<T: JsonSchema> JsonSchema for Items<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Vec::<T>::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(generator)
    }
}

impl<T: JsonSchema> JsonSchema for Each<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        BTreeMap::<String, T>::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, T>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::yaml::yaml;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        #[expect(dead_code, reason = "only read to be refused")]
        name: String,
        #[expect(dead_code, reason = "only read to be refused")]
        size: Option<u64>,
        #[expect(dead_code, reason = "only read to be refused")]
        share: Option<f64>,
        #[expect(dead_code, reason = "only read to be refused")]
        tags: Option<Vec<String>>,
        #[expect(dead_code, reason = "only read to be refused")]
        on: Option<bool>,
    }

    fn problems(text: &str) -> String {
        let node = yaml("f", text).unwrap();
        let log = Log::new("f");
        let read: Option<Raw> = Spot::root(&log, &node).read();
        log.or(read).unwrap_err().to_string()
    }

    #[test]
    fn all_that_does_not_fit_is_named_in_one_reading() {
        let text = "name: 12\nsize: high\nshare: .nan\ntags: [a, true, 1.10]\nnmae: x\non: yes\n";
        insta::assert_snapshot!(problems(text), @r#"
        f:1:7: name: expected text, found the number 12; write it in quotes
        f:2:7: size: expected a whole number, found "high"
        f:3:8: share: expected a finite number, found the number .nan
        f:4:11: tags[1]: expected text, found true; write it in quotes
        f:4:17: tags[2]: expected text, found the number 1.10; write it in quotes
        f:5:1: nmae: unknown key `nmae`; did you mean `name`?
        f:6:5: on: expected `true` or `false`, found "yes"
        "#);
    }

    #[test]
    fn a_key_without_a_value_is_not_an_absent_key() {
        insta::assert_snapshot!(problems("name:\nsize:\nshare: '3'"), @r#"
        f:1:5: name: expected text, found nothing; write a value or remove the key
        f:2:5: size: expected a whole number, found nothing
        f:3:8: share: expected a number, found "3"; remove the quotes
        "#);
    }

    #[test]
    fn very_many_wrong_values_end_soon() {
        let text = format!("name: x\ntags: [{}]", "1,".repeat(20_000));
        let count = problems(&text).lines().count();
        assert_eq!(count, MOST_FAULTS);
    }

    #[test]
    fn a_missing_key_and_a_wrong_shape_are_named_once() {
        assert_eq!(problems("size: 3"), "f:1:1: the key `name` is missing");
        assert_eq!(
            problems("[1]"),
            "f:1:1: expected a mapping (`key: value`), found a list"
        );
    }
}
