//! What a command ends with: what it prints on which stream, and its exit code.

use std::io::Write;
use std::path::PathBuf;

use super::Common;
use crate::edge::disk;
use crate::gate::{GateError, Written};
use crate::problem::Problem;
use crate::report::escape;
use crate::report::terminal::{self, Terminal};

/// What a command ends with.
#[derive(Debug, Default)]
pub struct Ending {
    /// For standard output.
    pub stdout: String,
    /// A file whose content belongs on standard output after that.
    pub file: Option<PathBuf>,
    /// For standard error.
    pub stderr: String,
    /// The exit code.
    pub code: u8,
    /// What standard output is shown on, where it holds words for people.
    pub terminal: Terminal,
}

impl Ending {
    /// The result as it is printed. What was asked and paid for is shown although it could not be written; then only a
    /// pass gets another exit code.
    pub(super) fn of_run(
        common: &Common,
        summary: String,
        saved: Result<Written, GateError>,
        code: u8,
    ) -> Ending {
        match saved {
            Ok(written) if common.json => Ending::file(written.record, code),
            Ok(written) => {
                let place = written.record.display();
                Ending::printed(format!("{summary}Written: {place}\n"), code)
            }
            Err(why) if common.json => {
                let error = Ending::of_error(why);
                Ending {
                    stderr: format!("{summary}{}", error.stderr),
                    code: if code == 0 { error.code } else { code },
                    ..error
                }
            }
            Err(why) => {
                let error = Ending::from(why);
                Ending {
                    stdout: summary,
                    code: if code == 0 { error.code } else { code },
                    ..error
                }
            }
        }
    }

    pub(super) fn printed(stdout: String, code: u8) -> Self {
        Self {
            stdout,
            code,
            ..Self::default()
        }
    }

    pub(super) fn file(path: PathBuf, code: u8) -> Self {
        Self {
            file: Some(path),
            code,
            ..Self::default()
        }
    }

    /// Prints what there is to print. A reader that went away (`| head`) does not change what was decided.
    pub fn print(&self) {
        let mut stdout = std::io::stdout();
        let text = terminal::shown(&self.stdout, self.terminal);
        stdout.write_all(text.as_bytes()).ok();
        if let Some(path) = &self.file {
            disk::copy(path, &mut stdout).ok();
        }
        std::io::stderr().write_all(self.stderr.as_bytes()).ok();
    }
}

/// Prints before the end what is lost if the end never comes.
pub(super) fn print_now(text: &str) {
    let mut stdout = std::io::stdout();
    stdout.write_all(text.as_bytes()).ok();
    stdout.flush().ok();
}

impl Ending {
    /// An error for a program: what is wrong, each problem of a file with its place, and the same words for people on
    /// standard error.
    pub(super) fn of_error(error: GateError) -> Self {
        let as_json = |one: &Problem| {
            serde_json::json!({
                "file": one.file, "line": one.line, "column": one.column,
                "key": one.key, "message": one.message,
            })
        };
        let mut problems = Vec::new();
        if let GateError::Problems(found) | GateError::Parts(found) = &error {
            problems.extend(found.iter().map(as_json));
        }
        let told = serde_json::json!({"error": error.to_string(), "problems": problems});
        Self {
            stdout: format!("{told}\n"),
            ..Self::from(error)
        }
    }
}

impl From<GateError> for Ending {
    fn from(error: GateError) -> Self {
        let lines: Vec<String> = error
            .to_string()
            .lines()
            .map(|line| format!("tunegate: {}\n", escape::plain(line)))
            .collect();
        Self {
            stderr: lines.concat(),
            code: error.exit_code(),
            ..Self::default()
        }
    }
}
