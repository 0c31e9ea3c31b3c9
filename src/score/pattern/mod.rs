//! A pattern of a check: valid from the start, compiled when it is first looked for, once a process.
//!
//! Compiling costs far more than parsing and searching, and most patterns see a handful of answers. So a pattern is
//! parsed when it is made, which finds all that can be wrong with it, and compiled on first use: for ordinary text in
//! a form that is cheap to make ([`typed`]), for any other by the `regex` crate. Both say the same of every text.

mod shelf;
mod size;
mod typed;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use regex::RegexBuilder;

/// What a compiled pattern may take, so that a suite cannot exhaust memory.
const MOST_BYTES: usize = 1024 * 1024;

/// A valid pattern of the `regex` crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Arc<str>);

impl Pattern {
    /// The pattern, or why it is none: it does not parse, or would take too much memory.
    pub fn new(pattern: &str) -> Result<Self, regex::Error> {
        // The bound is far above the truth, so what stays below it need not be compiled to know.
        let surely_small =
            regex_syntax::parse(pattern).is_ok_and(|hir| size::bound(&hir) <= MOST_BYTES);
        if !surely_small {
            RegexBuilder::new(pattern).size_limit(MOST_BYTES).build()?;
        }
        Ok(Self(pattern.into()))
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it matches somewhere in the text.
    pub(super) fn is_in(&self, text: &Searched<'_>) -> bool {
        let compiled = shelf::compiled(&self.0);
        let typed = text.typed().and_then(|bytes| compiled.is_in_typed(bytes));
        typed.unwrap_or_else(|| compiled.is_in(text.text))
    }
}

/// A text in which patterns are looked for.
pub(super) struct Searched<'a> {
    text: &'a str,
    typed: OnceCell<Option<Cow<'a, [u8]>>>,
}

impl<'a> Searched<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        let typed = OnceCell::new();
        Self { text, typed }
    }

    fn typed(&self) -> Option<&[u8]> {
        let typed = self.typed.get_or_init(|| typed::bytes(self.text));
        typed.as_deref()
    }
}

#[cfg(test)]
mod tests;
