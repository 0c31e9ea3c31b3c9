//! The way of one row: is it new, what is it, what does it say.

use super::{At, Auditor, FileSoFar, Purpose, Standing};
use crate::corpus::code::Code;
use crate::corpus::examine::excerpt;
use crate::corpus::finding::Age;
use crate::corpus::identity::{self, Identity, RowId};
use crate::corpus::known::Seen;
use crate::corpus::lines::Piece;
use crate::corpus::read::{self, Broken};
use crate::corpus::row::{Row, Speaker};
use crate::corpus::{shape, tokens, words};

impl Auditor {
    pub(super) fn line(&mut self, at: At<'_>, piece: &Piece<'_>, so_far: &mut FileSoFar) {
        self.count(at.file, |file| file.rows += 1);
        let line = match piece {
            Piece::Row(line) => *line,
            Piece::TooLong => return self.endless(at),
        };
        match read::row(line) {
            Ok(row) => {
                let identity = identity::of(&row);
                let at = self.dated(at, identity.row, Some(identity.prompt));
                so_far.any_new |= at.age == Age::New;
                self.row(at, &row, identity, line, so_far);
            }
            Err(broken) => {
                let at = self.dated(at, RowId::of_broken(line), None);
                so_far.any_new |= at.age == Age::New;
                self.broken(at, line, &broken);
            }
        }
    }

    /// The place with the age of its row.
    fn dated<'a>(&mut self, at: At<'a>, row: RowId, prompt: Option<RowId>) -> At<'a> {
        let age = match at.standing {
            Standing::Untouched => Age::Old,
            Standing::AllNew => Age::New,
            Standing::Changed => self.before.take(row, at.purpose, at.path),
        };
        if age == Age::New && at.standing == Standing::Changed {
            let asked = prompt.unwrap_or(row);
            self.before.note_new(asked, at.purpose, at.path);
        }
        At { age, ..at }
    }

    fn endless(&mut self, at: At<'_>) {
        if at.standing != Standing::Untouched {
            let why =
                "the row is longer than 64 MiB, no context holds it; it is not read".to_owned();
            let at = At {
                age: Age::New,
                ..at
            };
            self.sink
                .add(at.path, Code::BrokenRow, at.age, || at.listed(why, None));
        }
    }

    fn broken(&mut self, at: At<'_>, line: &[u8], broken: &Broken) {
        if at.standing == Standing::Untouched {
            return;
        }
        self.sink.add(at.path, Code::BrokenRow, at.age, || {
            let column = broken.column.map(|column| format!(", column {column}"));
            at.listed(
                format!("{}{}", broken.why, column.unwrap_or_default()),
                None,
            )
        });
        self.examiner
            .leaks(&String::from_utf8_lossy(line), &mut self.found);
        self.tell_found(at);
    }

    fn row(
        &mut self,
        at: At<'_>,
        row: &Row<'_>,
        identity: Identity,
        line: &[u8],
        so_far: &mut FileSoFar,
    ) {
        let tokens = row
            .everything()
            .map(|turn| tokens::approximate(&turn.text))
            .sum::<u64>();
        self.count(at.file, |file| {
            file.approximate_tokens += tokens;
            match file.format {
                None => file.format = Some(row.format),
                Some(first) if first != row.format && so_far.other_format.is_none() => {
                    so_far.other_format = Some((at.line, row.format, at.age));
                }
                Some(_) => {}
            }
        });
        so_far.labels.add(row.answered().last());
        let leaks = at.purpose == Purpose::Validation && self.leakage(at, row, identity.row);
        match self.known(at.purpose).insert(identity, at.place(), at.age) {
            Seen::Before(number) => return self.duplicate(at, row, number),
            Seen::Conflicts(number) => self.conflict(at, row, number),
            Seen::First => {}
        }
        self.count(at.file, |file| file.distinct += 1);
        // A row that leaks is told already: that it is like the row that it is would be said twice.
        if !leaks {
            self.take_for_comparison(at.purpose, row);
        }
        if at.standing != Standing::Untouched {
            let shape = shape::faults(row, tokens, self.context);
            for (code, why) in shape {
                let shown = || at.listed(why, Some(excerpt(row.first_question())));
                self.sink.add(at.path, code, at.age, shown);
            }
            self.examiner
                .look(&String::from_utf8_lossy(line), row, &mut self.found);
            self.tell_found(at);
        }
    }

    fn take_for_comparison(&mut self, purpose: Purpose, row: &Row<'_>) {
        let number = self.known(purpose).last();
        self.compared.push((purpose, number));
        // A system prompt that all rows share does not make them alike.
        let turns = row
            .turns
            .iter()
            .filter(|turn| turn.speaker != Speaker::System);
        self.near
            .add(turns.flat_map(|turn| words::words(&turn.text)));
    }

    fn tell_found(&mut self, at: At<'_>) {
        for found in self.found.drain(..) {
            let listed = || at.listed(found.message, found.excerpt);
            self.sink.add(at.path, found.code, at.age, listed);
        }
    }
}
