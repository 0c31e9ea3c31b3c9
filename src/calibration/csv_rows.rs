//! Rows of a CSV file (RFC 4180), whose first row names the columns.

use std::io::Read;

use serde_json::{Map, Value};

use super::{Label, Reader};
use crate::problem::Problem;

/// The rows of a CSV file, one after the other.
pub struct Rows<R> {
    file: String,
    reader: csv::Reader<R>,
    names: Option<Vec<String>>,
    record: csv::StringRecord,
}

impl<R: Read> Rows<R> {
    /// Reads from the start of a file.
    pub fn new(file: &str, text: R) -> Self {
        Self {
            file: file.to_owned(),
            reader: csv::ReaderBuilder::new()
                .has_headers(true)
                .from_reader(text),
            names: None,
            record: csv::StringRecord::new(),
        }
    }

    /// The next label, or what is wrong with its row; `None` after the last.
    pub fn next(&mut self, reader: &Reader) -> Option<Result<Label, Vec<Problem>>> {
        if self.names.is_none() {
            let names = self.reader.headers().cloned();
            match names {
                Ok(names) => {
                    let names = names.iter().map(|name| name.trim_start_matches('\u{feff}'));
                    self.names = Some(names.map(str::to_owned).collect());
                }
                Err(why) => {
                    self.names = Some(Vec::new());
                    return Some(Err(vec![self.broken(&why)]));
                }
            }
        }
        match self.reader.read_record(&mut self.record) {
            Ok(true) => {
                let line = self.record.position().map_or(0, csv::Position::line);
                let line = usize::try_from(line).unwrap_or(usize::MAX);
                Some(reader.row(&self.file, &self.fields(), line))
            }
            Ok(false) => None,
            Err(why) => Some(Err(vec![self.broken(&why)])),
        }
    }

    fn fields(&self) -> Value {
        let names = self.names.iter().flatten();
        let fields = names
            .zip(&self.record)
            .map(|(name, field)| (name.clone(), Value::String(field.to_owned())));
        Value::Object(fields.collect::<Map<_, _>>())
    }

    fn broken(&self, why: &csv::Error) -> Problem {
        let line = why.position().map_or(1, csv::Position::line);
        let message = match why.kind() {
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => format!("the row has {len} fields, the first row {expected_len}"),
            csv::ErrorKind::Utf8 { .. } => {
                "the row is not UTF-8; save the file as UTF-8".to_owned()
            }
            csv::ErrorKind::Io(_)
            | csv::ErrorKind::Seek
            | csv::ErrorKind::Serialize(_)
            | csv::ErrorKind::Deserialize { .. }
            | _ => format!("not valid CSV: {why}"),
        };
        let problem = Problem::of_file(&self.file, message);
        problem.at(usize::try_from(line).unwrap_or(usize::MAX), None)
    }
}
