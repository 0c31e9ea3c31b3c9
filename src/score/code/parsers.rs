//! One parser a language, each asked only whether it can read the code and where it first cannot.

use super::{Fault, Language};

pub(super) fn parse(code: &str, language: Language) -> Result<(), Fault> {
    match language {
        Language::Python => python(code),
        Language::Json => json(code),
        Language::Yaml => yaml(code),
    }
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
