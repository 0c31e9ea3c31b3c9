//! Decides whether the code of an answer can be read by a parser of its language.
//!
//! What is read: the fenced blocks of the language, else the blocks without a label, else, where there is no block at
//! all, the whole answer. The parsers are others' and walk down recursively, so each runs in a thread of its own, with
//! a stack for the longest code that is read, and code that is nested too deep is not given to it. Where a parser gives
//! up nobody can tell, and the check fails however it is turned.

mod alone;
mod parsers;

use super::finding::{Finding, Holds};
use super::structure::Reading;

/// What is given to a parser. People nest about ten deep; parsers that try several readings of a bracket take time that
/// grows much faster than that.
struct Limits {
    /// Characters of one block.
    characters: usize,
    /// Brackets within brackets.
    brackets: usize,
    /// `<` that no `>` closes yet.
    angles: usize,
}

const LIMITS: Limits = Limits {
    characters: 20_000,
    brackets: 64,
    angles: 64,
};

/// A language of which code is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Python 3; the names in `\\N{…}` are not looked up.
    Python,
    /// ECMAScript, as a module or a script, with JSX.
    Javascript,
    /// TypeScript, with or without JSX.
    Typescript,
    /// Rust: the items of a file, or statements as they stand in a function.
    Rust,
    /// Statements that one of the dialects known here takes.
    Sql,
    /// GNU Bash.
    Bash,
    /// JSON.
    Json,
    /// YAML without anchors, aliases and tags.
    Yaml,
}

impl Language {
    /// Every language, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Python,
        Self::Javascript,
        Self::Typescript,
        Self::Rust,
        Self::Sql,
        Self::Bash,
        Self::Json,
        Self::Yaml,
    ];

    /// The word a suite uses for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Javascript => "javascript",
            Self::Typescript => "typescript",
            Self::Rust => "rust",
            Self::Sql => "sql",
            Self::Bash => "bash",
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    /// What stands behind the fence of its blocks.
    const fn labels(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python", "py", "python3", "py3"],
            Self::Javascript => &["javascript", "js", "jsx", "mjs", "cjs", "node"],
            Self::Typescript => &["typescript", "ts", "tsx", "mts", "cts"],
            Self::Rust => &["rust", "rs"],
            Self::Sql => &[
                "sql",
                "mysql",
                "mariadb",
                "postgresql",
                "postgres",
                "pgsql",
                "psql",
                "sqlite",
                "sqlite3",
                "tsql",
                "mssql",
                "plsql",
                "bigquery",
                "snowflake",
                "duckdb",
            ],
            Self::Bash => &["bash", "sh", "shell"],
            Self::Json => &["json"],
            Self::Yaml => &["yaml", "yml"],
        }
    }

    /// What its parser is given. Some read the same again at every level, which takes time that doubles with each: the
    /// one of Bash where there are backticks, the one of TypeScript wherever a bracket may begin a type.
    fn limits(self, code: &str) -> Limits {
        match self {
            Self::Typescript => Limits {
                characters: 10_000,
                brackets: 16,
                angles: 8,
            },
            Self::Bash if code.contains('`') => Limits {
                brackets: 12,
                ..LIMITS
            },
            Self::Python
            | Self::Javascript
            | Self::Rust
            | Self::Sql
            | Self::Bash
            | Self::Json
            | Self::Yaml => LIMITS,
        }
    }
}

/// What is wrong with code, and in which line.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    line: usize,
    why: String,
}

/// Why code is not read to its end.
#[derive(Debug, PartialEq, Eq)]
enum Unread {
    /// It is not of the language.
    Wrong(Fault),
    /// Nobody can tell.
    Untold(String),
}

impl From<Unread> for Finding {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Wrong(Fault { line, why }) => {
                let why = crate::problem::shown(&why);
                Self::no(format!("line {line}: {why}"))
            }
            Unread::Untold(why) => Self::untold(why),
        }
    }
}

/// Whether the answer holds code of the language, and all of it can be read.
pub(super) fn parses(reading: &Reading<'_>, language: Language) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    let code = blocks_of(reading, language);
    if code.iter().all(|code| code.trim().is_empty()) {
        return Finding::no(format!("holds no {}", language.as_str()));
    }
    let many = code.len() > 1;
    for (number, code) in (1..).zip(code) {
        if let Err(unread) = read(code, language) {
            let mut finding = Finding::from(unread);
            if many {
                let why = finding.found.unwrap_or_default();
                finding.found = Some(format!("block {number}, {why}"));
            }
            return finding;
        }
    }
    true.into()
}

/// Whether the answer, or its one fenced block, is SQL.
pub(super) fn is_sql(reading: &Reading<'_>) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    let whole = reading.whole();
    if whole.is_empty() {
        return Finding::no("is empty");
    }
    let read = |code: &str| read(code, Language::Sql);
    let parsed = read(whole).or_else(|unread| reading.only_block().map_or(Err(unread), read));
    parsed.map_or_else(Finding::from, |()| true.into())
}

/// Whether some of the answer's code is SQL; untold where none that can be read is, and some cannot.
pub(super) fn holds_sql(reading: &Reading<'_>) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    let code = blocks_of(reading, Language::Sql);
    let mut why = Finding::no("holds no sql");
    for code in code.iter().filter(|code| !code.trim().is_empty()) {
        match read(code, Language::Sql) {
            Ok(()) => return true.into(),
            Err(unread) if why.holds == Holds::No => why = unread.into(),
            Err(_) => {}
        }
    }
    why
}

/// The code of an answer that may be of the language: what is labelled so, else what has no label, else all of it.
fn blocks_of<'r>(reading: &'r Reading<'_>, language: Language) -> Vec<&'r str> {
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<&'r str> {
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
    code
}

/// Reads code by the parser of its language.
fn read(code: &str, language: Language) -> Result<(), Unread> {
    let limits = language.limits(code);
    let most = limits.characters;
    if code.chars().nth(most).is_some() {
        let thousands = most / 1_000;
        let why = format!("the code has more than {thousands},000 characters, which are not read");
        return Err(Unread::Untold(why));
    }
    if let Some(most) = nested_deeper_than(&limits, code) {
        let why = format!("the code is nested more than {most} levels deep, which is not read");
        return Err(Unread::Untold(why));
    }
    alone::run(code, move |code| parsers::parse(code, language))
}

/// The limit that the nesting of brackets is beyond, if it is. Brackets in texts count along: knowing them apart
/// would take the parser. A closed bracket closes each `<` within, which was a comparison; `=>` and `>=` close none.
fn nested_deeper_than(limits: &Limits, code: &str) -> Option<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut angles = 0_usize;
    let bytes = code.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let equals = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(&b'=');
        match byte {
            b'(' | b'[' | b'{' => open.push(angles),
            b')' | b']' | b'}' => angles = open.pop().unwrap_or(angles),
            b'<' => angles += 1,
            b'>' if equals(at.checked_sub(1)) || equals(at.checked_add(1)) => {}
            b'>' => angles = angles.saturating_sub(1),
            b';' => angles = open.last().copied().unwrap_or_default(),
            _ => {}
        }
        if open.len() > limits.brackets {
            return Some(limits.brackets);
        }
        if angles > limits.angles {
            return Some(limits.angles);
        }
    }
    None
}

#[cfg(test)]
mod tests;
