//! Reads the training and validation data of an agent row by row and says what is wrong with it. Memory grows with the
//! number of distinct rows, some hundred bytes each, and not with their length.

mod finish;
mod repeats;
mod rows;

use std::io::{self, BufRead};

use super::balance::Labels;
use super::before::Before;
use super::code::Code;
use super::examine::{Examiner, Found, SuiteCase};
use super::finding::{Age, FileAudit, Listed, Sink, Tally};
use super::known::{Known, Number, Place};
use super::lines::Lines;
use super::near::Near;
use super::row::Format;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The model learns it.
    Training,
    /// The model is measured with it while it learns.
    Validation,
}

/// How closely a file is looked at, and which of its rows are new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The change does not touch it: its rows are known for what other rows repeat.
    Untouched,
    /// The change touches it: rows that were not there before are new.
    Changed,
    /// All of its rows are looked at as new ones.
    AllNew,
}

/// The audit of one agent's data. Training data is read before validation data, untouched files before changed ones.
#[derive(Debug)]
pub struct Auditor {
    context: Option<u64>,
    before: Before,
    examiner: Examiner,
    training: Known,
    validation: Known,
    near: Near,
    /// The rows that were compared for likeness, in the order in which they were taken in.
    compared: Vec<(Purpose, Number)>,
    sink: Sink,
    files: Vec<FileAudit>,
    found: Vec<Found>,
}

/// What an audit came to, before the configuration has said how severe that is.
#[derive(Debug)]
pub struct Audited {
    /// The files in the order in which they were read.
    pub files: Vec<FileAudit>,
    /// Rows beyond those that are compared for likeness.
    pub not_compared: u64,
    pub(super) tallies: Vec<(String, Code, Tally)>,
}

/// The row that is looked at.
#[derive(Clone, Copy)]
struct At<'a> {
    file: usize,
    path: &'a str,
    purpose: Purpose,
    standing: Standing,
    line: u64,
    age: Age,
}

impl At<'_> {
    fn place(&self) -> Place {
        Place {
            file: u32::try_from(self.file).unwrap_or(u32::MAX),
            line: u32::try_from(self.line).unwrap_or(u32::MAX),
        }
    }

    const fn listed(&self, message: String, excerpt: Option<String>) -> Listed {
        Listed {
            line: Some(self.line),
            message,
            excerpt,
        }
    }
}

/// A file that is being read.
#[derive(Debug)]
pub struct Reading<R> {
    lines: Lines<R>,
    file: usize,
    path: String,
    purpose: Purpose,
    standing: Standing,
    so_far: FileSoFar,
}

/// What is counted of a file while it is read.
#[derive(Debug, Default)]
struct FileSoFar {
    labels: Labels,
    /// The first row of another format than the file's first row.
    other_format: Option<(u64, Format, Age)>,
    any_new: bool,
}

impl Auditor {
    /// Nothing is read yet. `context` is the number of tokens that a row may have; the rows of `before` are old.
    pub fn new(context: Option<u64>, cases: Vec<SuiteCase>, before: Before) -> Self {
        Self {
            context,
            before,
            examiner: Examiner::new(cases),
            training: Known::default(),
            validation: Known::default(),
            near: Near::new(),
            compared: Vec::new(),
            sink: Sink::default(),
            files: Vec::new(),
            found: Vec::new(),
        }
    }

    /// A file that could not be read; the sentence says why.
    pub fn unread(&mut self, path: &str, purpose: Purpose, bytes: u64, why: &str) {
        self.files.push(FileAudit {
            path: path.to_owned(),
            validation: purpose == Purpose::Validation,
            bytes,
            not_read: Some(why.to_owned()),
            ..FileAudit::default()
        });
        self.sink.add(path, Code::NotRead, Age::New, || Listed {
            line: None,
            message: why.to_owned(),
            excerpt: None,
        });
    }

    /// Begins to read a file of so many bytes.
    pub fn begin<R: BufRead>(
        &mut self,
        path: &str,
        purpose: Purpose,
        standing: Standing,
        bytes: u64,
        text: R,
    ) -> Reading<R> {
        let file = self.files.len();
        self.files.push(FileAudit {
            path: path.to_owned(),
            validation: purpose == Purpose::Validation,
            bytes,
            ..FileAudit::default()
        });
        Reading {
            lines: Lines::new(text),
            file,
            path: path.to_owned(),
            purpose,
            standing,
            so_far: FileSoFar::default(),
        }
    }

    /// Reads at most so many rows more; false at the file's end.
    pub fn go_on<R: BufRead>(&mut self, reading: &mut Reading<R>, rows: usize) -> io::Result<bool> {
        for _ in 0..rows {
            let Some((line, piece)) = reading.lines.next_row()? else {
                self.end_of_file(reading.file, reading.standing, &reading.so_far);
                return Ok(false);
            };
            let at = At {
                file: reading.file,
                path: &reading.path,
                purpose: reading.purpose,
                standing: reading.standing,
                line,
                age: Age::Old,
            };
            self.line(at, &piece, &mut reading.so_far);
        }
        Ok(true)
    }

    fn known(&mut self, purpose: Purpose) -> &mut Known {
        match purpose {
            Purpose::Training => &mut self.training,
            Purpose::Validation => &mut self.validation,
        }
    }

    fn count(&mut self, file: usize, count: impl FnOnce(&mut FileAudit)) {
        if let Some(file) = self.files.get_mut(file) {
            count(file);
        }
    }
}

#[cfg(test)]
mod tests;
