//! Finds an agent's model ID in the bytes of the file that holds it. Decides what a model ID may look like; reads no
//! file itself.

use regex::Regex;

use super::ModelLocator;
use crate::problem::{Problem, shown};
use crate::yaml::{self, Pointer, PointerError};

/// Why a locator finds no model ID. Messages name no file but where the content of one is unreadable: the caller says
/// which agent and file it looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocatorError {
    /// The file is not there.
    #[error("{path} is not there; add it, or correct the agent's `model.file`")]
    NoFile {
        /// The file.
        path: String,
    },
    /// The file is no text, or not JSON or YAML where that is needed.
    #[error("{0}")]
    Unreadable(String),
    /// The pointer leads to no text.
    #[error("{path}: {why}")]
    Pointer {
        /// The file.
        path: String,
        /// Where it stops.
        why: PointerError,
    },
    /// The pattern does not match.
    #[error("{path}: the pattern `{pattern}` matches nowhere; it has to match once")]
    NoMatch {
        /// The file.
        path: String,
        /// The pattern.
        pattern: String,
    },
    /// The pattern matches more than once.
    #[error(
        "{path}: the pattern `{pattern}` matches {count} times (lines {lines}); it has to match once"
    )]
    ManyMatches {
        /// The file.
        path: String,
        /// The pattern.
        pattern: String,
        /// How often it matches.
        count: usize,
        /// The first lines where it does.
        lines: String,
    },
    /// A text was found that is no model ID.
    #[error("{path}:{line}: {why}")]
    NoId {
        /// The file.
        path: String,
        /// Where the text stands.
        line: usize,
        /// What is wrong with it.
        why: IdError,
    },
    /// The model ID in the configuration is none.
    #[error(transparent)]
    Id(#[from] IdError),
}

/// Why a text is no model ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing but white space.
    #[error("the model ID is empty; write one")]
    Empty,
    /// More than one line.
    #[error(
        "the model ID has {0} lines; it has to be one, or be found by a `pointer` or `pattern`"
    )]
    Lines(usize),
    /// Too long for a model ID.
    #[error("the model ID has {0} characters, more than 512; is this the right place?")]
    Long(usize),
    /// Characters that no model ID has.
    #[error("the model ID holds a control character; remove it")]
    Control,
}

/// The model ID in a text: one line, trimmed, at most 512 characters, no control characters.
pub fn model_id(text: &str) -> Result<String, IdError> {
    let id = text.trim();
    let length = id.chars().count();
    match id.lines().count() {
        0 => Err(IdError::Empty),
        1 if length > 512 => Err(IdError::Long(length)),
        1 if id.chars().any(char::is_control) => Err(IdError::Control),
        1 => Ok(id.to_owned()),
        lines => Err(IdError::Lines(lines)),
    }
}

impl ModelLocator {
    /// The model ID: in the configuration, or in the bytes of the file that [`Self::path`] names. A file that is not
    /// there has no bytes.
    pub fn find(&self, bytes: Option<&[u8]>) -> Result<String, LocatorError> {
        self.locate(bytes).map(|(id, _)| id)
    }

    /// The line of the file where the model ID stands; `None` where it stands in the configuration or is not found.
    pub fn found_at(&self, bytes: &[u8]) -> Option<usize> {
        self.path()?;
        self.locate(Some(bytes)).ok().map(|(_, line)| line)
    }

    fn locate(&self, bytes: Option<&[u8]>) -> Result<(String, usize), LocatorError> {
        let Some(path) = self.path() else {
            return self.in_configuration();
        };
        let bytes = bytes.ok_or_else(|| LocatorError::NoFile {
            path: path.to_owned(),
        })?;
        let (text, line) = self.in_file(path, bytes)?;
        let id = model_id(&text).map_err(|why| LocatorError::NoId {
            path: path.to_owned(),
            line,
            why,
        })?;
        Ok((id, line))
    }

    fn in_configuration(&self) -> Result<(String, usize), LocatorError> {
        match self {
            Self::Id(id) => Ok((model_id(id)?, 1)),
            Self::File { path } | Self::Pointer { path, .. } | Self::Pattern { path, .. } => {
                Err(LocatorError::NoFile { path: path.clone() })
            }
        }
    }

    fn in_file(&self, path: &str, bytes: &[u8]) -> Result<(String, usize), LocatorError> {
        let unreadable = |problem: Problem| LocatorError::Unreadable(problem.to_string());
        let read = || yaml::text(path, bytes, "name a smaller one").map_err(unreadable);
        match self {
            Self::Id(id) => Ok((id.clone(), 1)),
            Self::File { .. } => {
                let text = read()?;
                let blank = text.lines().take_while(|line| line.trim().is_empty());
                Ok((text.to_owned(), 1 + blank.count()))
            }
            Self::Pointer { pointer, .. } => {
                let pointer = Pointer::new(pointer).map_err(LocatorError::Unreadable)?;
                pointer.find(path, bytes).map_err(|why| match why {
                    PointerError::Unreadable(why) => LocatorError::Unreadable(why),
                    PointerError::Nothing { .. } | PointerError::NotText { .. } => {
                        let path = path.to_owned();
                        LocatorError::Pointer { path, why }
                    }
                })
            }
            Self::Pattern { pattern, .. } => only_match(path, read()?, pattern),
        }
    }
}

fn only_match(path: &str, text: &str, pattern: &Regex) -> Result<(String, usize), LocatorError> {
    let line_of = |offset: usize| {
        1 + text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
    };
    let group = |captures: regex::Captures<'_>| {
        let group = captures.get(1);
        let offset = group
            .or_else(|| captures.get(0))
            .map_or(0, |found| found.start());
        let text = group.map_or("", |group| group.as_str());
        (text.to_owned(), offset)
    };
    let mut matches = pattern.captures_iter(text).map(group);
    let (path, written) = (path.to_owned(), shown(pattern.as_str()));
    let Some((found, offset)) = matches.next() else {
        return Err(LocatorError::NoMatch {
            path,
            pattern: written,
        });
    };
    let others: Vec<usize> = matches.map(|(_, offset)| offset).collect();
    if others.is_empty() {
        return Ok((found, line_of(offset)));
    }
    let shown_lines = std::iter::once(&offset).chain(&others).take(5);
    let mut lines: Vec<_> = shown_lines
        .map(|offset| line_of(*offset).to_string())
        .collect();
    if others.len() >= 5 {
        lines.push("…".into());
    }
    Err(LocatorError::ManyMatches {
        path,
        pattern: written,
        count: others.len() + 1,
        lines: lines.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> ModelLocator {
        ModelLocator::File {
            path: "m/id.txt".into(),
        }
    }

    fn pattern(pattern: &str) -> ModelLocator {
        let pattern = Regex::new(pattern).unwrap();
        ModelLocator::Pattern {
            path: "m.py".into(),
            pattern,
        }
    }

    fn error(locator: &ModelLocator, text: &str) -> String {
        locator.find(Some(text.as_bytes())).unwrap_err().to_string()
    }

    #[test]
    fn a_file_is_its_whole_text_without_mark_and_white_space() {
        let bytes = "\u{feff}\r\n ft:open-mistral-7b:a \r\n".as_bytes();
        assert_eq!(file().find(Some(bytes)), Ok("ft:open-mistral-7b:a".into()));
        assert_eq!(file().found_at(bytes), Some(2));
    }

    #[test]
    fn a_file_that_is_no_model_id_says_why() {
        assert_eq!(
            error(&file(), " \n"),
            "m/id.txt:2: the model ID is empty; write one"
        );
        assert_eq!(
            error(&file(), "a\nb\n"),
            "m/id.txt:1: the model ID has 2 lines; it has to be one, or be found by a `pointer` or `pattern`"
        );
        assert!(error(&file(), &"x".repeat(513)).contains("513 characters"));
        assert!(error(&file(), "a\tb").contains("control character"));
        assert!(
            file()
                .find(Some(b"\xff"))
                .unwrap_err()
                .to_string()
                .contains("is not UTF-8")
        );
        assert_eq!(
            file().find(None).unwrap_err().to_string(),
            "m/id.txt is not there; add it, or correct the agent's `model.file`"
        );
    }

    #[test]
    fn a_pattern_has_to_match_exactly_once() {
        let locator = pattern(r#"qa.*?"(ft:[^"]+)""#);
        let text = "# models\nqa = \"ft:one\"\n";
        assert_eq!(locator.find(Some(text.as_bytes())), Ok("ft:one".into()));
        assert_eq!(locator.found_at(text.as_bytes()), Some(2));
        assert_eq!(
            error(&locator, &format!("{text}qa = \"ft:two\"\n")),
            r#"m.py: the pattern `qa.*?"(ft:[^"]+)"` matches 2 times (lines 2, 3); it has to match once"#
        );
        assert!(error(&locator, "nothing").contains("matches nowhere"));
    }

    #[test]
    fn a_pointer_reads_yaml_and_json() {
        let pointer = "/agents/qa".to_owned();
        let locator = ModelLocator::Pointer {
            path: "m.yaml".into(),
            pointer,
        };
        let text = "agents:\n  qa: ft:one\n";
        assert_eq!(locator.find(Some(text.as_bytes())), Ok("ft:one".into()));
        assert_eq!(locator.found_at(text.as_bytes()), Some(2));
        assert_eq!(
            error(&locator, "agents: {legal: x}"),
            "m.yaml: nothing stands at `/agents/qa`: `qa` is not there; there is legal"
        );
    }

    #[test]
    fn an_id_in_the_configuration_needs_no_file() {
        let locator = ModelLocator::Id("ft:one".into());
        assert_eq!(locator.find(None), Ok("ft:one".into()));
        assert_eq!(locator.found_at(b""), None);
    }
}
