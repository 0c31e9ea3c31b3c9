//! Holds the scorer against labels of people: files of labels, and the suites of a configuration where there is one.

use std::io::{self, BufRead, Read as _};
use std::path::{Path, PathBuf};

use super::GateError;
use super::side::Side;
use crate::calibration::{Calibration, Label, LabelFile, Reader, Rows, Scorer, Tally};
use crate::edge::disk::{self, DiskError, Text};
use crate::problem::{Problem, Problems};
use crate::score::{Hasher, Profile};
use crate::yaml;

/// The longest line that is read.
const MOST_LINE: u64 = 16 * 1024 * 1024;
/// More problems than this in one file are no news.
const MOST_PROBLEMS: usize = 1000;

/// How far the scores of this side's suites agree with the labels in these files, or every problem in them.
pub fn calibrate(
    files: &[PathBuf],
    reader: &Reader,
    side: Option<&Side>,
    profile: Option<Profile>,
) -> Result<Calibration, GateError> {
    if let Some(problems) = side.and_then(Side::suite_problems) {
        return Err(problems.into());
    }
    let suites = side.iter().flat_map(|side| &side.suites);
    let suites = suites.filter_map(|(name, suite)| Some((name.as_str(), suite.as_ref().ok()?)));
    let scorer = Scorer::new(suites, profile).map_err(GateError::Usage)?;
    let mut reading = Reading {
        reader,
        scorer: &scorer,
        tally: Tally::default(),
        problems: Problems::default(),
        file: String::new(),
        labels: 0,
        faults: 0,
    };
    let mut read = Vec::new();
    for path in files {
        read.push(reading.file(path)?);
    }
    if !reading.problems.is_empty() {
        let mut problems = Problems::default();
        problems.extend(reading.problems);
        return Err(problems.into());
    }
    Ok(reading.tally.conclude(read, profile))
}

struct Reading<'a> {
    reader: &'a Reader,
    scorer: &'a Scorer<'a>,
    tally: Tally,
    problems: Problems,
    /// The file that is read, its labels so far, and what is wrong in it.
    file: String,
    labels: usize,
    faults: usize,
}

impl Reading<'_> {
    fn file(&mut self, path: &Path) -> Result<LabelFile, GateError> {
        self.file = path.display().to_string();
        (self.labels, self.faults) = (0, 0);
        let failed = |source| DiskError {
            doing: "read",
            path: path.to_owned(),
            source,
        };
        let Some(text) = Text::open(path)? else {
            let message = "is not there; name a file of labels";
            self.problems.push(Problem::of_file(&self.file, message));
            return Ok(self.done(Hasher::default()));
        };
        let mut hasher = Hasher::default();
        let whole = text.from_start().map_err(failed)?;
        let text = Hashed {
            text: whole,
            hasher: &mut hasher,
        };
        if disk::has_ending(path, "csv") {
            self.csv(text)?;
        } else {
            self.lines(io::BufReader::new(text), failed)?;
        }
        if self.labels + self.faults == 0 {
            let message = "the file has no label; write one a line, as in {\"prompt\": …, \"answer\": …, \"rating\": 4, \"scale\": [1, 5]}";
            self.problems.push(Problem::of_file(&self.file, message));
        }
        Ok(self.done(hasher))
    }

    fn done(&self, hasher: Hasher) -> LabelFile {
        LabelFile {
            path: self.file.clone(),
            labels: self.labels,
            digest: hasher.finish(),
        }
    }

    fn csv(&mut self, text: impl io::Read) -> Result<(), GateError> {
        let mut rows = Rows::new(&self.file, text);
        while self.faults < MOST_PROBLEMS
            && let Some(row) = rows.next(self.reader)
        {
            self.row(row)?;
        }
        Ok(())
    }

    fn lines(
        &mut self,
        mut text: impl BufRead,
        failed: impl Fn(io::Error) -> DiskError,
    ) -> Result<(), GateError> {
        let (mut line, mut number) = (Vec::new(), 0);
        while self.faults < MOST_PROBLEMS {
            line.clear();
            let mut limited = text.by_ref().take(MOST_LINE);
            if limited.read_until(b'\n', &mut line).map_err(&failed)? == 0 {
                break;
            }
            number += 1;
            if limited.limit() == 0 && !line.ends_with(b"\n") {
                let message = "the line has more than 16 MB; JSON Lines hold one label a line";
                let problem = Problem::of_file(&self.file, message).at(number, None);
                self.row(Err(vec![problem]))?;
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let row = match yaml::text_of_any_size(&self.file, line.trim_ascii_end()) {
                Ok(text) => self.reader.json(&self.file, text, number),
                Err(problem) => {
                    let column = problem.column;
                    Err(vec![problem.at(number, column)])
                }
            };
            self.row(row)?;
        }
        Ok(())
    }

    fn row(&mut self, row: Result<Label, Vec<Problem>>) -> Result<(), GateError> {
        match row {
            Ok(label) => {
                self.labels += 1;
                // Labels that cannot all be read are not scored: nobody sees what that comes to.
                if self.problems.is_empty() {
                    let measured = self.scorer.measure(&label).map_err(GateError::Usage)?;
                    self.tally.add(&label, measured);
                }
            }
            Err(problems) => {
                self.faults += problems.len();
                for problem in problems {
                    self.problems.push(problem);
                }
            }
        }
        Ok(())
    }
}

/// A text that is named by its content while it is read.
struct Hashed<'h, R> {
    text: R,
    hasher: &'h mut Hasher,
}

impl<R: io::Read> io::Read for Hashed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.text.read(buffer)?;
        self.hasher.bytes(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}
