//! Rows that were there before: copies, other answers to the same question, validation rows that are trained on.

use super::{At, Auditor, Standing};
use crate::corpus::code::Code;
use crate::corpus::examine::excerpt;
use crate::corpus::identity::RowId;
use crate::corpus::known::{Number, Place};
use crate::corpus::row::Row;

impl Auditor {
    pub(super) fn duplicate(&mut self, at: At<'_>, row: &Row<'_>, number: Number) {
        if self.known(at.purpose).first_in(number, at.place().file) {
            self.count(at.file, |file| {
                file.distinct += 1;
                file.also_elsewhere += 1;
            });
        }
        if at.standing == Standing::Untouched {
            return;
        }
        let first = self.known(at.purpose).place(number).map(|(place, _)| place);
        let first = first
            .map(|place| self.shown(place, at.path))
            .unwrap_or_default();
        self.sink.add(at.path, Code::DuplicateRow, at.age, || {
            at.listed(
                format!("the same row as {first}"),
                Some(excerpt(row.first_question())),
            )
        });
    }

    pub(super) fn conflict(&mut self, at: At<'_>, row: &Row<'_>, number: Number) {
        let Some((place, age)) = self.known(at.purpose).place(number) else {
            return;
        };
        let age = at.age.with(age);
        if at.standing == Standing::Untouched {
            return;
        }
        let first = self.shown(place, at.path);
        self.sink.add(at.path, Code::LabelConflict, age, || {
            let why = format!("asks the same as {first} and answers otherwise");
            at.listed(why, Some(excerpt(row.first_question())))
        });
    }

    pub(super) fn leakage(&mut self, at: At<'_>, row: &Row<'_>, id: RowId) -> bool {
        let found = self
            .training
            .find(id)
            .and_then(|number| self.training.place(number));
        let Some((place, age)) = found else {
            return false;
        };
        let age = at.age.with(age);
        let first = self.shown(place, at.path);
        self.sink.add(at.path, Code::Leakage, age, || {
            at.listed(
                format!("this validation row is training row {first}"),
                Some(excerpt(row.first_question())),
            )
        });
        true
    }

    /// `line 7` in the same file, `data/a.jsonl:7` in another one.
    pub(super) fn shown(&self, place: Place, beside: &str) -> String {
        let file = usize::try_from(place.file)
            .ok()
            .and_then(|at| self.files.get(at));
        match file {
            Some(file) if file.path != beside => {
                format!("{}:{}", crate::problem::shown(&file.path), place.line)
            }
            Some(_) | None => format!("line {}", place.line),
        }
    }
}
