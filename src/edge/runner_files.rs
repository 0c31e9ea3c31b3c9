//! What a job tells its runner: step summary, outputs, annotations. Masks nothing; texts come here ready to be shown.
//!
//! Files are only ever appended to. Annotations are returned as text, since only the command line prints.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Above 1 MiB the runner drops a step's summary; what others wrote before us counts too.
const LARGEST_SUMMARY: usize = 900 * 1024;

/// Why the runner's files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RunnerFileError {
    /// The file cannot be opened or written.
    #[error("cannot write `{}`, which {variable} names; check that the runner's files are mounted", path.display())]
    Write {
        /// The variable that names the file.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// What happened.
        #[source]
        source: io::Error,
    },
    /// A name that would break the file's format.
    #[error("`{0}` cannot be the name of an output; use letters, digits, `-` and `_`")]
    Name(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes, so that outputs cannot be delimited safely")]
    Random,
}

/// How much of a text was appended to the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// All of it.
    Whole,
    /// Its beginning; so many bytes did not fit.
    Cut(usize),
}

/// The file that `GITHUB_STEP_SUMMARY` names.
#[derive(Debug, Clone)]
pub struct StepSummary {
    path: PathBuf,
}

impl StepSummary {
    /// The summary in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Appends as much of a text as fits, cut between characters.
    pub fn append(&self, text: &str) -> Result<Appended, RunnerFileError> {
        self.append_below(text, LARGEST_SUMMARY)
            .map_err(|source| RunnerFileError::Write {
                variable: "GITHUB_STEP_SUMMARY",
                path: self.path.clone(),
                source,
            })
    }

    fn append_below(&self, text: &str, ceiling: usize) -> io::Result<Appended> {
        let mut file = open(&self.path)?;
        let there = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let end = text.floor_char_boundary(ceiling.saturating_sub(there));
        file.write_all(text.get(..end).unwrap_or_default().as_bytes())?;
        Ok(match text.len() - end {
            0 => Appended::Whole,
            rest => Appended::Cut(rest),
        })
    }
}

/// The file that `GITHUB_OUTPUT` names.
#[derive(Debug, Clone)]
pub struct Outputs {
    path: PathBuf,
}

impl Outputs {
    /// The outputs in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Sets an output; its value may have many lines.
    pub fn set(&self, name: &str, value: &str) -> Result<(), RunnerFileError> {
        let block = output(name, value, &delimiter()?)?;
        let written = open(&self.path).and_then(|mut file| file.write_all(block.as_bytes()));
        written.map_err(|source| RunnerFileError::Write {
            variable: "GITHUB_OUTPUT",
            path: self.path.clone(),
            source,
        })
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

fn output(name: &str, value: &str, delimiter: &str) -> Result<String, RunnerFileError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(plain) || value.contains(delimiter) {
        return Err(RunnerFileError::Name(
            name.escape_default().take(60).collect(),
        ));
    }
    Ok(format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"))
}

/// A delimiter that no value can guess: 128 random bits.
fn delimiter() -> Result<String, RunnerFileError> {
    let mut bits = [0_u8; 16];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random
        .fill(&mut bits)
        .map_err(|_| RunnerFileError::Random)?;
    Ok(bits.iter().fold("tunegate_".to_owned(), |text, byte| {
        format!("{text}{byte:02x}")
    }))
}

/// How loud an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Red.
    Error,
    /// Yellow.
    Warning,
    /// Grey.
    Notice,
}

/// A remark on the run, perhaps at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// How loud it is.
    pub level: Level,
    /// Its heading.
    pub title: Option<&'a str>,
    /// The file it is about.
    pub file: Option<&'a str>,
    /// The line it is about, from 1.
    pub line: Option<u64>,
    /// What it says.
    pub message: &'a str,
}

impl Annotation<'_> {
    /// The workflow command that shows it: one line, which no text can break out of.
    pub fn command(&self) -> String {
        let name = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let line = self.line.map(|line| line.to_string());
        let properties = [
            ("file", self.file),
            ("line", line.as_deref()),
            ("title", self.title),
        ];
        let given = properties.into_iter().filter_map(|(key, value)| {
            value
                .filter(|value| !value.is_empty())
                .map(|value| format!("{key}={}", property(value)))
        });
        let given = given.collect::<Vec<_>>().join(",");
        let space = if given.is_empty() { "" } else { " " };
        format!("::{name}{space}{given}::{}", message(self.message))
    }
}

/// Lines that the runner shows and does not obey, whatever they say.
pub fn shown(text: &str) -> Result<String, RunnerFileError> {
    let token = delimiter()?;
    Ok(format!(
        "::stop-commands::{token}\n{}\n::{token}::",
        text.trim_end()
    ))
}

/// A text as the message of a workflow command.
pub fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A text as the value of a property of a workflow command.
pub fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_appended_and_cut_between_characters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary");
        std::fs::write(&path, "before\n").unwrap();
        let summary = StepSummary::new(&path);
        assert_eq!(summary.append_below("äö", 10).unwrap(), Appended::Cut(2));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before\nä");
        assert_eq!(summary.append_below("xy", 10).unwrap(), Appended::Cut(1));
        assert_eq!(summary.append_below("z", 9).unwrap(), Appended::Cut(1));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before\näx");
    }

    #[test]
    fn a_summary_never_grows_past_its_ceiling() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary");
        let summary = StepSummary::new(&path);
        let half = "€".repeat(LARGEST_SUMMARY / 6);
        assert_eq!(summary.append(&half).unwrap(), Appended::Whole);
        assert!(matches!(
            summary.append(&half.repeat(2)).unwrap(),
            Appended::Cut(_)
        ));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() <= LARGEST_SUMMARY && text.len() > LARGEST_SUMMARY - 3);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named_with_its_variable() {
        let folder = tempfile::tempdir().unwrap();
        let error = StepSummary::new(folder.path())
            .append("x")
            .unwrap_err()
            .to_string();
        assert!(error.contains("GITHUB_STEP_SUMMARY"), "{error}");
        let error = Outputs::new(folder.path())
            .set("a", "b")
            .unwrap_err()
            .to_string();
        assert!(error.contains("GITHUB_OUTPUT"), "{error}");
    }

    /// Reads outputs as the runner does: `name<<DELIMITER`, lines, `DELIMITER`.
    fn parse(text: &str) -> Vec<(String, String)> {
        let (mut lines, mut outputs) = (text.lines(), Vec::new());
        while let Some((name, end)) = lines.next().and_then(|line| line.split_once("<<")) {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.push((name.to_owned(), value.join("\n")));
        }
        outputs
    }

    #[test]
    fn a_value_of_many_lines_is_exactly_one_output() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outputs");
        let value = "one\nevil=1\nother<<EOF\nx\nEOF\n";
        Outputs::new(&path).set("failed-agents", value).unwrap();
        Outputs::new(&path).set("score", "").unwrap();
        let outputs = parse(&std::fs::read_to_string(&path).unwrap());
        let expected = [
            ("failed-agents".to_owned(), value.to_owned()),
            ("score".to_owned(), String::new()),
        ];
        assert_eq!(outputs, expected);
    }

    #[test]
    fn delimiters_differ_and_cannot_be_part_of_a_value() {
        let (one, two) = (delimiter().unwrap(), delimiter().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), "tunegate_".len() + 32);
        assert!(output("a", &format!("x\n{one}\n"), &one).is_err());
        for name in ["", "a=b", "a\nb", "a<<b", "ü"] {
            assert!(output(name, "x", &one).is_err(), "{name}");
        }
    }

    #[test]
    fn shown_lines_stand_between_a_stop_and_its_own_end() {
        let shown = shown("::error::x\n##[error]y\n").unwrap();
        let lines: Vec<&str> = shown.lines().collect();
        let token = lines[0].strip_prefix("::stop-commands::").unwrap();
        assert_eq!(lines[3], format!("::{token}::"));
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn an_annotation_is_one_line_whatever_its_texts_hold() {
        let annotation = Annotation {
            level: Level::Error,
            title: Some("a,b:c"),
            file: Some("data/100%.jsonl"),
            line: Some(3),
            message: "worse: 1,2\r\n::add-mask::x",
        };
        assert_eq!(
            annotation.command(),
            "::error file=data/100%25.jsonl,line=3,title=a%2Cb%3Ac::worse: 1,2%0D%0A::add-mask::x"
        );
        let plain = Annotation {
            level: Level::Warning,
            title: None,
            file: None,
            line: None,
            message: "m",
        };
        assert_eq!(plain.command(), "::warning::m");
    }
}
