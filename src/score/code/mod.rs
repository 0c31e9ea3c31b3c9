//! Decides whether the code of an answer can be read by a parser of its language.
//!
//! What is read: the fenced blocks of the language, else the blocks without a label, else, where there is no block at
//! all, the whole answer. The parsers are others' and walk down recursively, so each runs in a thread of its own, with
//! a stack for the longest code that is read, and code that is nested too deep is not given to it. Where a parser gives
//! up nobody can tell, and the check fails however it is turned.

mod parsers;

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::finding::Finding;
use super::structure::Reading;

/// Characters of one block that are read.
const MOST_CHARACTERS: usize = 20_000;

/// Brackets within brackets. People nest about ten deep; parsers that try several readings of a bracket take time that
/// grows much faster than this.
const MOST_NESTED: usize = 64;

/// Stack of a parser, and how much more for each byte of code: a chain such as `not not not` is one call a word.
const STACK: usize = 8 * 1024 * 1024;
const STACK_A_BYTE: usize = 8 * 1024;

/// Far above what any code within the limits is known to take: a run must not wait for ever for what nobody foresaw.
const PATIENCE: Duration = Duration::from_secs(20);
const TOO_LONG: &str = "the parser did not end";

/// A language of which code is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Python 3; the names in `\\N{…}` are not looked up.
    Python,
    /// ECMAScript, as a module or a script, with JSX.
    Javascript,
    /// Rust: the items of a file, or statements as they stand in a function.
    Rust,
    /// JSON.
    Json,
    /// YAML without anchors, aliases and tags.
    Yaml,
}

impl Language {
    /// Every language, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Python,
        Self::Javascript,
        Self::Rust,
        Self::Json,
        Self::Yaml,
    ];

    /// The word a suite uses for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Javascript => "javascript",
            Self::Rust => "rust",
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    /// What stands behind the fence of its blocks.
    const fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python", "py", "python3", "py3"],
            Self::Javascript => &["javascript", "js", "jsx", "mjs", "cjs", "node"],
            Self::Rust => &["rust", "rs"],
            Self::Json => &["json"],
            Self::Yaml => &["yaml", "yml"],
        }
    }
}

/// What is wrong with code, and in which line.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    line: usize,
    why: String,
}

/// Whether the answer holds code of the language, and all of it can be read.
pub(super) fn parses(reading: &Reading<'_>, language: Language) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    let name = language.as_str();
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<&str> {
        let blocks = reading.blocks().iter();
        let blocks = blocks.filter(|block| wanted(&block.label));
        blocks.map(|block| block.text.as_str()).collect()
    };
    let mut code = of(&|label| language.labels().contains(&label));
    if code.is_empty() {
        code = of(&str::is_empty);
    }
    if reading.blocks().is_empty() {
        code.push(reading.whole());
    }
    if code.iter().all(|code| code.trim().is_empty()) {
        return Finding::no(format!("holds no {name}"));
    }
    let many = code.len() > 1;
    for (number, code) in (1..).zip(code) {
        let block = if many {
            format!("block {number}, ")
        } else {
            String::new()
        };
        match read(code, language) {
            Ok(Ok(())) => {}
            Ok(Err(Fault { line, why })) => {
                let why = crate::problem::shown(&why);
                return Finding::no(format!("{block}line {line}: {why}"));
            }
            Err(why) => return Finding::untold(format!("{block}{why}")),
        }
    }
    true.into()
}

/// What a parser says of code, or why it says nothing.
fn read(code: &str, language: Language) -> Result<Result<(), Fault>, &'static str> {
    if code.chars().nth(MOST_CHARACTERS).is_some() {
        return Err("the code has more than 20,000 characters, which are not read");
    }
    if is_nested_deep(code) {
        return Err("the code is nested more than 64 levels deep, which is not read");
    }
    let (say, said) = mpsc::channel();
    let code = code.to_owned();
    let parser = thread::Builder::new().stack_size(STACK + STACK_A_BYTE * code.len());
    let parser = parser.spawn(move || {
        let parsed = parsers::parse(&code, language);
        say.send(parsed).ok();
    });
    parser.map_err(|_| "there is no memory for the parser")?;
    match said.recv_timeout(PATIENCE) {
        Ok(parsed) => Ok(parsed),
        Err(RecvTimeoutError::Timeout) => Err(TOO_LONG),
        Err(RecvTimeoutError::Disconnected) => Err("the parser gave up"),
    }
}

/// Whether brackets, of types too, are nested deeper than parsers are asked to go. Brackets in texts count along:
/// knowing them apart would take the parser.
fn is_nested_deep(code: &str) -> bool {
    let (mut brackets, mut angles) = (0_usize, 0_usize);
    for byte in code.bytes() {
        match byte {
            b'(' | b'[' | b'{' => brackets += 1,
            b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
            b'<' => angles += 1,
            b'>' => angles = angles.saturating_sub(1),
            b';' => angles = 0,
            _ => {}
        }
        if brackets > MOST_NESTED || angles > MOST_NESTED {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests;
