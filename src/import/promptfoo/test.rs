//! One test of a configuration: its values, assertions and options.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::prompts::Prompt;
use super::{Piece, Templates, keys, references};
use crate::import::report::At;
use crate::import::sheet::Sheet;
use crate::import::tables::{OPTION_KEYS, TEST_KEYS};
use crate::import::template::{Vars, as_text};
use crate::problem::shown;
use crate::yaml::Node;

/// Values and assertions of all tests that come from one.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// About how much room a value takes.
fn size(value: &Value) -> usize {
    64 + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.iter().map(|(key, inner)| key.len() + size(inner)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// A test with all that it inherits.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) at: At,
    pub(super) description: Option<String>,
    pub(super) vars: Vars,
    pub(super) asserts: Vec<Rc<Piece>>,
    pub(super) tags: Vec<String>,
    options: Map<String, Value>,
    prompts: Option<Vec<String>>,
}

impl Test {
    pub(super) fn empty(at: At) -> Self {
        Self {
            at,
            description: None,
            vars: Vars::new(),
            asserts: Vec::new(),
            tags: Vec::new(),
            options: Map::new(),
            prompts: None,
        }
    }

    pub(super) fn option(&self, key: &str) -> Option<&Value> {
        self.options.get(key).filter(|value| !value.is_null())
    }

    /// Whether it is asked with a prompt.
    pub(super) fn takes(&self, prompt: &Prompt) -> bool {
        let names = self.prompts.as_deref();
        names.is_none_or(|names| prompt.is_named(names))
    }

    /// Whether so many copies of it would be too much.
    pub(super) fn is_too_large(&self, copies: usize) -> bool {
        let texts = self
            .vars
            .iter()
            .map(|(name, value)| name.len() + size(value));
        let each = texts.sum::<usize>() + 64 * self.asserts.len();
        each.saturating_mul(copies) > MOST_BYTES
    }

    /// This test on top of another one.
    pub(super) fn over(self, under: &Self) -> Self {
        let mut vars = under.vars.clone();
        vars.extend(self.vars);
        let mut options = under.options.clone();
        options.extend(self.options);
        let mut asserts = Vec::new();
        if options.get("disableDefaultAsserts") != Some(&Value::Bool(true)) {
            asserts.extend(under.asserts.iter().cloned());
        }
        asserts.extend(self.asserts);
        let tags = under.tags.iter().cloned().chain(self.tags).collect();
        Self {
            at: self.at,
            description: self.description,
            vars,
            asserts,
            tags,
            options,
            prompts: self.prompts.or_else(|| under.prompts.clone()),
        }
    }
}

/// One test, without what it inherits.
pub(super) fn test(sheet: &mut Sheet<'_>, piece: &Piece, templates: &Templates) -> Test {
    let mut test = Test::empty(piece.at());
    if !piece.node.is_mapping() {
        let note = format!("expected a test, found {}", piece.node.describe());
        sheet.lost(&test.at, "tests", &note);
        return test;
    }
    keys(
        sheet,
        piece,
        TEST_KEYS,
        "test: ",
        &["vars", "assert", "description", "options"],
    );
    if let Some(options) = piece.child("options") {
        keys(
            sheet,
            &options,
            OPTION_KEYS,
            "options: ",
            &["disableConversationVar", "runSerially"],
        );
        test.options = options
            .node
            .to_json()
            .as_object()
            .cloned()
            .unwrap_or_default();
    }
    test.description = piece
        .node
        .get("description")
        .and_then(Node::as_text)
        .map(str::to_owned);
    test.prompts = piece.node.get("prompts").map(|node| {
        let one = node.as_text().map(str::to_owned);
        let names = node.elements().iter().filter_map(Node::as_text);
        one.into_iter().chain(names.map(str::to_owned)).collect()
    });
    if let Some(metadata) = piece.node.get("metadata") {
        let pairs = metadata.members();
        let tags = pairs.map(|(key, node)| format!("{key}:{}", as_text(&node.to_json())));
        test.tags = tags
            .map(|tag| tag.chars().filter(|c| !c.is_control()).take(100).collect())
            .collect();
    }
    if let Some(vars) = piece.child("vars") {
        test.vars = self::vars(sheet, &vars);
    }
    if let Some(asserts) = piece.child("assert") {
        let single = asserts.node.is_mapping().then_some(&asserts.node);
        for node in asserts.node.elements().iter().chain(single) {
            test.asserts
                .extend(reference(sheet, asserts.with(node), templates).map(Rc::new));
        }
    }
    test
}

fn vars(sheet: &mut Sheet<'_>, piece: &Piece) -> Vars {
    if let Some(text) = piece.node.as_text() {
        let read = references::value(sheet, &piece.at(), "vars", text);
        return read
            .and_then(|value| value.as_object().cloned())
            .unwrap_or_default();
    }
    let mut vars = Vars::new();
    for (name, node) in piece.node.members() {
        let at = piece.with(node).at();
        if let Some(value) = references::of_var(sheet, &at, node.to_json()) {
            vars.insert(name.to_owned(), value);
        }
    }
    vars
}

/// The assertion itself, or the template that it names.
fn reference(sheet: &mut Sheet<'_>, piece: Piece, templates: &Templates) -> Option<Piece> {
    let Some(name) = piece.node.get("$ref").and_then(Node::as_text) else {
        return Some(piece);
    };
    let short = name.rsplit('/').next().unwrap_or(name);
    let found = templates.get(short).cloned();
    if found.is_some() {
        sheet.exact(&piece.at(), "$ref");
    } else {
        let why = format!("`assertionTemplates` has no `{}`", shown(short));
        sheet.lost(&piece.at(), "$ref", &why);
    }
    found
}
