//! The log of a job. Text of others never starts a line and never acts on the runner.

use std::cell::RefCell;
use std::fmt::Write as _;

use crate::corpus::Finding;
use crate::edge::runner_files::{self, Annotation, Level};
use crate::policy::Severity;
use crate::report::escape;

/// What the log of a job holds. Text of others never starts a line and never acts on the runner.
#[derive(Debug, Default)]
pub struct Told {
    log: RefCell<String>,
    /// What was reported, for whoever tells it elsewhere.
    report: RefCell<String>,
}

impl Told {
    /// An annotation: one line that no text can break out of.
    pub fn say(&self, level: Level, message: &str) {
        let shown = escape::plain(&escape::excerpt(message, 4_000));
        let command = Annotation {
            level,
            title: Some("tunegate"),
            file: None,
            line: None,
            message: &shown,
        }
        .command();
        self.write(&command);
    }

    /// An annotation of a place in a file.
    pub(super) fn finding(&self, finding: &Finding) {
        let message = format!("{}: {}; {}", finding.code, finding.message, finding.advice);
        let (path, message) = (
            escape::plain(&finding.path),
            escape::plain(&escape::excerpt(&message, 1_000)),
        );
        let level = match finding.severity {
            Severity::Fail => Level::Error,
            Severity::Warn => Level::Warning,
        };
        let command = Annotation {
            level,
            title: Some("tunegate"),
            file: Some(&path),
            line: finding.line,
            message: &message,
        }
        .command();
        self.write(&command);
    }

    /// A line of our own words.
    pub fn line(&self, text: &str) {
        self.write(&format!("tunegate: {}", escape::plain(text)));
    }

    /// Lines that hold words of others: shown by the runner, never obeyed.
    pub fn block(&self, text: &str) {
        match runner_files::shown(text) {
            Ok(block) => self.write(&block),
            Err(why) => self.say(Level::Warning, &why.to_string()),
        }
    }

    /// Keeps the report, for whoever tells it elsewhere.
    pub fn report(&self, markdown: &str) {
        markdown.clone_into(&mut self.report.borrow_mut());
    }

    /// The report that was kept; empty where there is none.
    pub fn reported(&self) -> String {
        self.report.borrow().clone()
    }

    /// Everything that was told since it was taken last.
    pub fn take(&self) -> String {
        self.log.take()
    }

    fn write(&self, line: &str) {
        writeln!(self.log.borrow_mut(), "{line}").ok();
    }
}
