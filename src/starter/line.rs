//! What a line of a text is, before anything is looked for in it.

/// A longer line was not written by a person.
pub(super) const MOST_LINE: usize = 2_000;

/// Whether a line is a comment, in any of the languages of code and settings.
pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    let marks = ["#", "//", "--", "*", ";", "<!--", "/*"];
    marks.iter().any(|mark| line.starts_with(mark))
}
