//! Texts of others as parts of a YAML file that people go on with: readable where that is safe, quoted everywhere else.

use std::fmt::Write as _;

/// A text as a YAML value on one line.
pub(crate) fn value(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A pattern: single quotes keep its backslashes as they are.
pub(super) fn pattern(text: &str) -> String {
    if text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        quoted(text)
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// A list on one line.
pub(super) fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| value(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A text behind `key:`, over several lines where it has several.
pub(crate) fn block(text: &str, indent: usize) -> String {
    if is_prose(text) {
        return text.to_owned();
    }
    if !text.contains('\n') || !fits_block(text) {
        return value(text);
    }
    let mut block = "|-".to_owned();
    for line in text.lines() {
        let pad = if line.is_empty() { 0 } else { indent };
        write!(block, "\n{:pad$}{line}", "").ok();
    }
    block
}

/// Words as the text of a comment: nothing of them ends the line.
pub(crate) fn comment(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || is_break(c) || is_unprintable(c) {
                ' '
            } else {
                c
            }
        })
        .collect()
}

fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || is_break(c) || is_unprintable(c) => {
                write!(quoted, "\\U{:08X}", u32::from(c)).ok();
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Line ends of which not every reader of YAML thinks the same.
fn is_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_unprintable(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

/// Words, paths and addresses that mean themselves in YAML, also within a list on one line.
fn is_plain(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '*');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    starts && text.replace("://", "/").chars().all(inside) && !is_reserved(text)
}

/// A sentence that means itself behind a key.
fn is_prose(text: &str) -> bool {
    let inside = |c: char| {
        c.is_alphanumeric()
            || matches!(
                c,
                ' ' | '_' | '-' | '.' | ',' | '/' | '?' | '!' | ';' | '\'' | '(' | ')' | '%'
            )
    };
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    starts && !text.ends_with(' ') && text.chars().all(inside) && !is_reserved(text)
}

/// What some reader of YAML takes for something else than text.
fn is_reserved(text: &str) -> bool {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// What a literal block gives back as it is.
fn fits_block(text: &str) -> bool {
    let odd = |c: char| (c.is_control() && c != '\n') || is_break(c) || is_unprintable(c);
    let spaced = |line: &str| line.ends_with(' ') || (line.trim().is_empty() && !line.is_empty());
    let starts = text.starts_with([' ', '\n']);
    !starts && !text.ends_with('\n') && !text.contains(odd) && !text.lines().any(spaced)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::texts;

    fn read_back(yaml: &str) -> Option<String> {
        let found = texts("a.yaml", yaml.as_bytes())?;
        found.first().map(|one| one.text.clone())
    }

    fn returns(text: &str) {
        for written in [value(text), block(text, 6), pattern(text)] {
            let yaml = format!("a:\n  - b:\n    c: {written}\n    d: {{}}\n");
            assert_eq!(read_back(&yaml).as_deref(), Some(text), "{yaml}");
        }
        let yaml = format!("# {}\na: [{}, x]\n", comment(text), value(text));
        assert_eq!(read_back(&yaml).as_deref(), Some(text), "{yaml}");
    }

    #[test]
    fn texts_that_yaml_would_read_as_something_else_come_back_as_they_were() {
        for text in [
            "",
            " ",
            "no",
            "1.5",
            "- a",
            "a: b",
            "# c",
            "a\n\nb",
            "a\n b\n",
            "\ta",
            "a\tb",
            "'",
            "\"",
            "\\",
            "{",
            "*a",
            "a\u{2028}b",
            "a\u{85}b",
            "\u{feff}",
            "😀",
            "---",
            "...",
            "a\n---\nb",
            "%",
            "a\n#b",
            "\u{7f}",
            "x\n\u{2003}\ny",
        ] {
            returns(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(text in "(?s)[^\\r\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]{0,40}") {
            returns(&text);
        }
    }
}
