//! What is known of a file at its end, and of all of them at theirs.

use super::{Audited, Auditor, FileSoFar, Purpose, Standing};
use crate::corpus::code::Code;
use crate::corpus::finding::{Age, Listed};
use crate::corpus::known::Number;

impl Auditor {
    pub(super) fn end_of_file(&mut self, file: usize, standing: Standing, so_far: &FileSoFar) {
        let short_prompts = std::mem::take(&mut self.examiner.short_prompts);
        if standing == Standing::Untouched {
            return;
        }
        let Some(audit) = self.files.get_mut(file) else {
            return;
        };
        if standing == Standing::AllNew {
            audit.rows_added = audit.rows;
        }
        let (path, age) = (
            audit.path.clone(),
            if so_far.any_new { Age::New } else { Age::Old },
        );
        let whole = |message: String| Listed {
            line: None,
            message,
            excerpt: None,
        };
        if audit.rows == 0 {
            self.sink.add(&path, Code::EmptyFile, Age::New, || {
                whole("the file has no rows".to_owned())
            });
        }
        if let (Some(first), Some((line, other, age))) = (audit.format, so_far.other_format) {
            self.sink.add(&path, Code::MixedFormats, age, || Listed {
                line: Some(line),
                message: format!(
                    "this row is {}, the file's first is {}",
                    other.name(),
                    first.name()
                ),
                excerpt: None,
            });
        }
        if let Some(why) = so_far.labels.imbalance() {
            self.sink.add(&path, Code::Imbalance, age, || whole(why));
        }
        if short_prompts > 0 {
            let rows = if short_prompts == 1 {
                "row asks".to_owned()
            } else {
                format!("{short_prompts} rows ask")
            };
            let why = format!(
                "{rows} a short question of the suite in the same words; people ask short questions alike, so this is counted only"
            );
            self.sink.add(&path, Code::SuitePrompt, age, || whole(why));
        }
    }

    /// Compares what can be compared only at the end, and hands everything over.
    pub fn finish(mut self) -> Audited {
        let near = std::mem::take(&mut self.near);
        let groups = near.finish();
        for (row, similar) in groups.iter() {
            self.likeness(row, similar);
        }
        for ((purpose, path), changes) in std::mem::take(&mut self.before).finish() {
            let validation = purpose == Purpose::Validation;
            let mut files = self.files.iter_mut();
            let file = files.find(|file| file.path == path && file.validation == validation);
            // A file that is gone, or is for something else now, has rows only in what was removed.
            if let Some(file) = file {
                file.rows_added += changes.added;
                file.rows_removed += changes.removed;
                file.rows_changed += changes.changed;
            } else {
                self.files.push(crate::corpus::FileAudit {
                    path,
                    validation,
                    rows_removed: changes.removed,
                    ..crate::corpus::FileAudit::default()
                });
            }
        }
        Audited {
            files: self.files,
            tallies: self.sink.into_tallies().collect(),
            not_compared: groups.not_compared(),
        }
    }

    fn likeness(&mut self, row: u64, similar: u64) {
        let compared = |row| {
            usize::try_from(row)
                .ok()
                .and_then(|row| self.compared.get(row))
        };
        let (Some(one), Some(other)) = (compared(row), compared(similar)) else {
            return;
        };
        let (purpose, other_purpose) = (one.0, other.0);
        let found = self.place_of(*one).zip(self.place_of(*other));
        let Some(((place, age), (first, first_age))) = found else {
            return;
        };
        let file = usize::try_from(place.file)
            .ok()
            .and_then(|at| self.files.get(at));
        let Some(path) = file.map(|file| file.path.clone()) else {
            return;
        };
        let code = match (purpose, other_purpose) {
            (Purpose::Validation, Purpose::Training) => Code::NearLeakage,
            (Purpose::Training | Purpose::Validation, _) => Code::NearDuplicate,
        };
        let first = self.shown(first, &path);
        self.sink.add(&path, code, age.with(first_age), || Listed {
            line: Some(u64::from(place.line)),
            message: format!("nearly the same as {first}"),
            excerpt: None,
        });
    }

    fn place_of(&self, row: (Purpose, Number)) -> Option<(crate::corpus::known::Place, Age)> {
        match row.0 {
            Purpose::Training => self.training.place(row.1),
            Purpose::Validation => self.validation.place(row.1),
        }
    }
}
