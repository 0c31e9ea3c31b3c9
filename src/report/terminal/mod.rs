//! A text for people, fitted to the terminal that shows it: long lines wrap between words, a table that is too wide is
//! stacked, and what the words say already is said in colour as well. The words stay what they are in files and pipes.

mod color;
mod table;
mod wrap;

use color::{dim, marked, strong};
use table::Table;

/// What shows the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Whether it is to be coloured.
    pub color: bool,
    /// Its width in characters; none where lines end by themselves.
    pub columns: Option<usize>,
}

/// A terminal is not taken for narrower than this: a word a line cannot be read.
const LEAST_COLUMNS: usize = 30;

/// The text as a terminal shows it.
pub fn shown(text: &str, terminal: Terminal) -> String {
    if terminal == Terminal::default() {
        return text.to_owned();
    }
    let columns = terminal.columns.map(|columns| columns.max(LEAST_COLUMNS));
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        if let Some(table) = Table::at_start(rest) {
            at += table.lines();
            for line in table.shown(columns, terminal.color) {
                shown.push_str(&line);
                shown.push('\n');
            }
            continue;
        }
        let role = role(line, rest.get(1).copied());
        for piece in wrap::wrapped(line, columns) {
            shown.push_str(&painted(&piece, line, role, terminal.color));
            shown.push('\n');
        }
        at += 1;
    }
    shown
}

/// What a line is in the text, by its form alone: words of others stand within lines, never at the start of one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The verdict, or what an audit comes to.
    Verdict,
    /// What to do.
    Advice,
    /// The title of what follows.
    Title,
    /// Where points were lost, and what the run took.
    Aside,
    Plain,
}

fn role(line: &str, next: Option<&str>) -> Role {
    let indented = line.starts_with(' ');
    let has_parts = next.is_some_and(|next| next.starts_with("  ") || next.starts_with("- "));
    if color::verdict(line).is_some() {
        Role::Verdict
    } else if line.starts_with("Do this:") {
        Role::Advice
    } else if line.starts_with("     The new answer lost: ") || line.contains(" · tunegate ") {
        Role::Aside
    } else if !indented && !line.starts_with("- ") && !line.is_empty() && has_parts {
        Role::Title
    } else {
        Role::Plain
    }
}

/// A piece of a line, in the colours of the whole.
fn painted(piece: &str, whole: &str, role: Role, color: bool) -> String {
    if !color {
        return piece.to_owned();
    }
    match role {
        Role::Verdict => marked(piece, whole),
        Role::Title => strong(piece),
        Role::Aside => dim(piece),
        Role::Advice => match piece.strip_prefix("Do this:") {
            Some(rest) => format!("{}{rest}", strong("Do this:")),
            None => piece.to_owned(),
        },
        Role::Plain => piece.to_owned(),
    }
}

#[cfg(test)]
mod tests;
