//! The rows of the changed files as they were before the change: which of the present ones are added, altered, or only
//! stand elsewhere now.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::audit::Purpose;
use super::finding::Age;
use super::identity::{self, RowId};
use super::lines::{Lines, Piece};
use super::read;

/// The rows of all changed files before the change, as often as they were there. A row that was validated with and is now
/// trained on is new in the one and gone from the other.
#[derive(Debug, Default)]
pub struct Before {
    files: Vec<(Purpose, String)>,
    rows: Vec<Former>,
    /// New rows by what they are for and what they ask, each with its file.
    asked: Vec<(Purpose, u64, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Former {
    row: RowId,
    file: u32,
    prompt: u64,
    /// How often it was there and has not been found again.
    left: u32,
}

/// How many rows of a file the change touches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RowChanges {
    /// Rows whose question was not there.
    pub(super) added: u64,
    /// Rows that are gone and whose question is not asked any more.
    pub(super) removed: u64,
    /// Rows whose question got another answer.
    pub(super) changed: u64,
}

impl Before {
    /// Reads a file as it was, for what it was.
    pub fn read(&mut self, path: &str, purpose: Purpose, text: impl BufRead) -> io::Result<()> {
        let file = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push((purpose, path.to_owned()));
        let mut lines = Lines::new(text);
        while let Some((_, piece)) = lines.next_row()? {
            let Piece::Row(line) = piece else { continue };
            let (row, prompt) = match read::row(line) {
                Ok(row) => {
                    let identity = identity::of(&row);
                    (identity.row, identity.prompt.short())
                }
                Err(_) => (RowId::of_broken(line), 0),
            };
            self.rows.push(Former {
                row,
                file,
                prompt,
                left: 1,
            });
        }
        Ok(())
    }

    /// Nothing more is read; from here on present rows are held against the former ones.
    pub fn close(&mut self) {
        self.rows.sort_unstable();
        // One entry for all copies of a row in a file: finding it again takes the same time however many there are.
        self.rows.dedup_by(|next, kept| {
            let same = next.row == kept.row && next.file == kept.file;
            kept.left = kept.left.saturating_add(if same { next.left } else { 0 });
            same
        });
    }

    /// Whether a present row is new. A row that was there twice is old twice, wherever among the files of its purpose it
    /// stands now.
    pub(super) fn take(&mut self, row: RowId, purpose: Purpose, path: &str) -> Age {
        let start = self.rows.partition_point(|former| former.row < row);
        let rest = self.rows.get_mut(start..).unwrap_or_default();
        let same = rest.iter_mut().take_while(|former| former.row == row);
        let mut elsewhere = None;
        for former in same.filter(|former| former.left > 0) {
            match file(&self.files, former.file) {
                Some((of, file)) if *of == purpose && file == path => {
                    former.left -= 1;
                    return Age::Old;
                }
                Some((of, _)) if *of == purpose => {
                    elsewhere.get_or_insert(former);
                }
                Some(_) | None => {}
            }
        }
        match elsewhere {
            Some(former) => {
                former.left -= 1;
                Age::Old
            }
            None => Age::New,
        }
    }

    /// Notes a new row, so that one whose question was there is told as altered.
    pub(super) fn note_new(&mut self, prompt: RowId, purpose: Purpose, path: &str) {
        self.asked.push((purpose, prompt.short(), path.to_owned()));
    }

    /// What became of the rows, by file.
    pub(super) fn finish(mut self) -> BTreeMap<(Purpose, String), RowChanges> {
        let mut changes: BTreeMap<(Purpose, String), RowChanges> = BTreeMap::new();
        let gone = self.rows.iter().filter_map(|former| {
            let (purpose, _) = file(&self.files, former.file)?;
            let left = usize::try_from(former.left).unwrap_or(usize::MAX);
            Some(std::iter::repeat_n(
                (*purpose, former.prompt, former.file),
                left,
            ))
        });
        let mut gone: Vec<(Purpose, u64, u32)> = gone.flatten().collect();
        gone.sort_unstable();
        self.asked.sort_unstable();
        let mut gone = gone.into_iter().peekable();
        let removed = |number: u32, changes: &mut BTreeMap<(Purpose, String), RowChanges>| {
            if let Some(file) = file(&self.files, number) {
                changes.entry(file.clone()).or_default().removed += 1;
            }
        };
        for (purpose, prompt, path) in &self.asked {
            let wanted = (*purpose, *prompt);
            while let Some((_, _, file)) = gone.next_if(|(of, former, _)| (*of, *former) < wanted) {
                removed(file, &mut changes);
            }
            let same = gone.next_if(|(of, former, _)| (*of, *former) == wanted);
            let counts = changes.entry((*purpose, path.clone())).or_default();
            if same.is_some() {
                counts.changed += 1;
            } else {
                counts.added += 1;
            }
        }
        for (_, _, file) in gone {
            removed(file, &mut changes);
        }
        changes
    }
}

fn file(files: &[(Purpose, String)], number: u32) -> Option<&(Purpose, String)> {
    files.get(usize::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(prompt: &str, answer: &str) -> String {
        format!("{{\"prompt\": \"{prompt}\", \"completion\": \"{answer}\"}}\n")
    }

    /// Former and present content of files, by path; those that begin with `val` are for validation.
    fn changes(former: &[(&str, &str)], present: &[(&str, &str)]) -> Vec<(String, [u64; 3])> {
        let purpose = |path: &str| {
            if path.starts_with("val") {
                Purpose::Validation
            } else {
                Purpose::Training
            }
        };
        let mut before = Before::default();
        for (path, text) in former {
            before.read(path, purpose(path), text.as_bytes()).unwrap();
        }
        before.close();
        for (path, text) in present {
            let mut lines = Lines::new(text.as_bytes());
            while let Some((_, piece)) = lines.next_row().unwrap() {
                let Piece::Row(line) = piece else { continue };
                let identity = identity::of(&read::row(line).unwrap());
                if before.take(identity.row, purpose(path), path) == Age::New {
                    before.note_new(identity.prompt, purpose(path), path);
                }
            }
        }
        let counts = before.finish().into_iter();
        counts
            .map(|((_, path), counts)| (path, [counts.added, counts.removed, counts.changed]))
            .collect()
    }

    #[test]
    fn rows_are_added_removed_and_changed() {
        let before = [row("a", "1"), row("b", "2"), row("c", "3")].concat();
        let after = [row("a", "1"), row("b", "two"), row("d", "4"), row("e", "5")].concat();
        assert_eq!(
            changes(&[("f", &before)], &[("f", &after)]),
            [("f".to_owned(), [2, 1, 1])]
        );
    }

    #[test]
    fn another_order_format_or_place_is_no_change() {
        let before = [row("a", "1"), row("b", "2")].concat();
        let other = "{\"completion\":\"2\",\"id\":7,\"prompt\":\"b\"}\n\n{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"1\"}]}";
        assert_eq!(changes(&[("f", &before)], &[("f", other)]), []);
        assert_eq!(
            changes(
                &[("f", &before), ("g", "")],
                &[("f", &row("a", "1")), ("g", &row("b", "2"))]
            ),
            []
        );
    }

    #[test]
    fn a_copy_is_new_as_often_as_it_was_not_there() {
        let before = row("a", "1").repeat(2);
        let after = row("a", "1").repeat(5);
        assert_eq!(
            changes(&[("f", &before)], &[("f", &after)]),
            [("f".to_owned(), [3, 0, 0])]
        );
        assert_eq!(
            changes(&[("f", &after)], &[("f", &before)]),
            [("f".to_owned(), [0, 3, 0])]
        );
    }

    #[test]
    fn a_row_of_the_validation_data_that_is_trained_on_now_is_new_there() {
        let (one, two) = (row("a", "1"), row("b", "2"));
        let both = [one.clone(), two.clone()].concat();
        let moved = changes(
            &[("train", &one), ("val", &two)],
            &[("train", &both), ("val", "")],
        );
        assert_eq!(
            moved,
            [
                ("train".to_owned(), [1, 0, 0]),
                ("val".to_owned(), [0, 1, 0])
            ]
        );
        // Another answer in the other file is no change of this row.
        let answered = changes(
            &[("train", ""), ("val", &two)],
            &[("train", &row("b", "3")), ("val", "")],
        );
        assert_eq!(answered, moved);
    }
}
