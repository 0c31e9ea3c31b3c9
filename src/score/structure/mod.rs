//! Decides whether an answer is, or holds, something that a parser reads: JSON that fits a schema, XML, HTML, YAML.
//!
//! "Is" means the whole answer without outer white space, or its one fenced block. Answers of more than
//! [`MOST_CHARACTERS`] are not read, which fails a check however it is turned.

mod html;
mod json;
mod schema;
mod xml;

pub use schema::{Schema, SchemaFault};

use std::cell::OnceCell;

use super::fenced::{self, Block};
use super::finding::Finding;

pub(super) use json::{fits, holds_json};

/// Far above what a model says, and little enough that every parser here is done within a tenth of a second.
const MOST_CHARACTERS: usize = 1_000_000;

/// A notation that answers are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// XML 1.0, well formed, without a document type.
    Xml,
    /// Elements of HTML, closed where they have to be.
    Html,
    /// A mapping or list in YAML.
    Yaml,
}

/// An answer as parsers read it.
pub(super) struct Reading<'r> {
    /// All of it.
    pub(super) text: &'r str,
    blocks: OnceCell<Vec<Block>>,
}

impl<'r> Reading<'r> {
    pub(super) const fn new(text: &'r str) -> Self {
        let blocks = OnceCell::new();
        Self { text, blocks }
    }

    /// Its fenced blocks.
    pub(super) fn blocks(&self) -> &[Block] {
        self.blocks.get_or_init(|| fenced::blocks(self.text))
    }

    /// Why nobody can tell, where the answer is too long.
    pub(super) fn too_long(&self) -> Option<Finding> {
        // A character has one byte or more, so most answers need not be counted.
        let long =
            self.text.len() > MOST_CHARACTERS && self.text.chars().nth(MOST_CHARACTERS).is_some();
        long.then(|| Finding::untold("has more than 1,000,000 characters, which are not read"))
    }

    /// The answer without outer white space.
    pub(super) fn whole(&self) -> &'r str {
        self.text.trim_start_matches('\u{feff}').trim()
    }

    /// What the one fenced block holds, if there is just one.
    pub(super) fn only_block(&self) -> Option<&str> {
        match self.blocks() {
            [only] => Some(only.text.trim()),
            _ => None,
        }
    }

    /// The first of the whole answer and its one fenced block that a parser takes, else why the likelier one is not.
    pub(super) fn read<T>(&self, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
        let whole = self.whole();
        if whole.is_empty() {
            return Err("is empty".to_owned());
        }
        parse(whole).or_else(|why| match self.only_block() {
            Some(block) => parse(block),
            None => Err(why),
        })
    }
}

/// Whether the answer is of this notation.
pub(super) fn is(reading: &Reading<'_>, notation: Notation) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    let parsed = reading.read(|text| match notation {
        Notation::Xml => xml::parse(text),
        Notation::Html => html::parse(text),
        Notation::Yaml => yaml(text),
    });
    parsed.map_or_else(Finding::no, |()| true.into())
}

/// Whether the answer holds a piece of this notation.
pub(super) fn holds(reading: &Reading<'_>, notation: Notation) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    match notation {
        Notation::Xml => xml::is_in(reading.text).into(),
        Notation::Html => html::is_in(reading.text).into(),
        Notation::Yaml => is(reading, notation),
    }
}

/// Words are text in YAML, so only a mapping or a list counts.
fn yaml(text: &str) -> Result<(), String> {
    let tree = crate::yaml::yaml("answer", text).map_err(|problem| {
        let line = problem
            .line
            .map_or_else(String::new, |line| format!("line {line}: "));
        format!("{line}{}", problem.message)
    })?;
    let is_structure = tree.is_mapping() || tree.is_list();
    if is_structure {
        return Ok(());
    }
    Err("is plain text, neither a mapping nor a list".to_owned())
}

#[cfg(test)]
mod tests;
