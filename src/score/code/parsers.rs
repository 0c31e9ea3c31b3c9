//! One parser a language, each asked only whether it can read the code and where it first cannot.

use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

use sqlparser::dialect::{
    BigQueryDialect, Dialect, DuckDbDialect, GenericDialect, MsSqlDialect, MySqlDialect,
    PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
};
use sqlparser::parser::ParserError;

use super::{Fault, Language, Unread};

pub(super) fn parse(code: &str, language: Language) -> Result<(), Unread> {
    let parsed = match language {
        Language::Python => python(code),
        Language::Javascript => either(code, SourceType::jsx(), SourceType::cjs()),
        Language::Typescript => either(code, SourceType::ts(), SourceType::tsx()),
        Language::Rust => rust(code),
        Language::Sql => return sql(code),
        Language::Bash => bash(code),
        Language::Json => json(code),
        Language::Yaml => yaml(code),
    };
    parsed.map_err(Unread::Wrong)
}

/// The line of a byte, from 1.
fn line_at(code: &str, offset: usize) -> usize {
    let before = code.bytes().take(offset);
    before.filter(|byte| *byte == b'\n').count() + 1
}

fn python(code: &str) -> Result<(), Fault> {
    let parsed = ruff_python_parser::parse_module(code);
    parsed.map(drop).map_err(|error| Fault {
        line: line_at(code, error.location.start().to_usize()),
        why: error.error.to_string(),
    })
}

/// The code in the one kind of file, or in the other; what is wrong is told of the first.
fn either(code: &str, first: SourceType, second: SourceType) -> Result<(), Fault> {
    script(code, first).or_else(|fault| script(code, second).map_err(|_| fault))
}

fn script(code: &str, kind: SourceType) -> Result<(), Fault> {
    let arena = Allocator::default();
    let parsed = Parser::new(&arena, code, kind).parse();
    let Some(error) = parsed.errors.first() else {
        return Ok(());
    };
    let labels = error.labels.as_deref().unwrap_or_default();
    let offset = match labels.first() {
        Some(label) => label.offset(),
        None => 0,
    };
    Err(Fault {
        line: line_at(code, offset),
        why: error.message.to_string(),
    })
}

/// A file, or else the inside of a function: answers show both. What is wrong is told of the reading that gets further.
fn rust(code: &str) -> Result<(), Fault> {
    let Err(as_file) = syn::parse_file(code) else {
        return Ok(());
    };
    let Err(as_block) = syn::parse::Parser::parse_str(syn::Block::parse_within, code) else {
        return Ok(());
    };
    let place = |error: &syn::Error| {
        let start = error.span().start();
        (start.line, start.column)
    };
    let error = if place(&as_block) > place(&as_file) {
        as_block
    } else {
        as_file
    };
    Err(Fault {
        line: place(&error).0.max(1),
        why: error.to_string(),
    })
}

/// The dialects, the one that takes most first.
const DIALECTS: [&dyn Dialect; 8] = [
    &GenericDialect,
    &PostgreSqlDialect {},
    &MySqlDialect {},
    &SQLiteDialect {},
    &MsSqlDialect {},
    &BigQueryDialect {},
    &SnowflakeDialect,
    &DuckDbDialect,
];

/// Statements of any dialect. What is wrong is told of the reading that gets furthest.
fn sql(code: &str) -> Result<(), Unread> {
    let mut furthest: Option<((usize, usize), String)> = None;
    let mut is_deep = false;
    for dialect in DIALECTS {
        match sqlparser::parser::Parser::parse_sql(dialect, code) {
            Ok(statements) if !statements.is_empty() => return Ok(()),
            Ok(_) => return Err(wrong(1, "holds no statement")),
            Err(ParserError::RecursionLimitExceeded) => is_deep = true,
            Err(ParserError::TokenizerError(why) | ParserError::ParserError(why)) => {
                let (place, why) = placed(&why, code);
                if furthest.as_ref().is_none_or(|(before, _)| place > *before) {
                    furthest = Some((place, why.to_owned()));
                }
            }
        }
    }
    match furthest {
        Some(((line, _), why)) if !is_deep => Err(wrong(line.max(1), why)),
        _ => Err(Unread::Untold(
            "the statement is nested too deep, which is not read".to_owned(),
        )),
    }
}

fn wrong(line: usize, why: impl Into<String>) -> Unread {
    let why = why.into();
    Unread::Wrong(Fault { line, why })
}

/// Line and column of an error that names them at its end, and the rest of it. One that names none is of the code's end.
fn placed<'e>(error: &'e str, code: &str) -> ((usize, usize), &'e str) {
    let split = || {
        let (why, place) = error.rsplit_once(" at Line: ")?;
        let (line, column) = place.split_once(", Column: ")?;
        Some(((line.parse().ok()?, column.parse().ok()?), why))
    };
    let end = || (line_at(code.trim_end(), code.len()), usize::MAX);
    split().unwrap_or_else(|| (end(), error))
}

fn bash(code: &str) -> Result<(), Fault> {
    // Patterns such as `!(*.txt)` are read where the shell is asked for them, and in `[[ … ]]` always.
    let parsed = rable::parse(code, true).or_else(|_| rable::parse(code, false));
    parsed.map(drop).map_err(|error| Fault {
        line: error.line().max(1),
        why: error.message().to_owned(),
    })
}

fn json(code: &str) -> Result<(), Fault> {
    let parsed = serde_json::from_str::<serde_json::Value>(code);
    parsed.map(drop).map_err(|error| {
        let text = error.to_string();
        let why = text.split_once(" at line ").map_or(&*text, |(why, _)| why);
        Fault {
            line: error.line().max(1),
            why: why.to_owned(),
        }
    })
}

fn yaml(code: &str) -> Result<(), Fault> {
    let parsed = crate::yaml::yaml("answer", code);
    parsed.map(drop).map_err(|problem| Fault {
        line: problem.line.unwrap_or(1),
        why: problem.message,
    })
}
