//! Long lines, broken between words. What belongs to an entry of a list stays below its words.

/// A line in pieces of at most so many characters, as far as its words allow.
pub(super) fn wrapped(line: &str, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns.filter(|columns| line.chars().count() > *columns) else {
        return vec![line.to_owned()];
    };
    let indent = indent(line).min(columns / 2);
    let (mut pieces, mut piece, mut length) = (Vec::new(), String::new(), 0);
    for word in line.split_inclusive(' ') {
        let width = word.trim_end().chars().count();
        // The line's own indentation is no word that something could follow on the next line.
        if length + width > columns && length > indent && !piece.trim().is_empty() {
            pieces.push(piece.trim_end().to_owned());
            piece = " ".repeat(indent);
            length = indent;
        }
        piece.push_str(word);
        length += word.chars().count();
    }
    pieces.push(piece.trim_end().to_owned());
    pieces
}

/// Where the words of a line begin: after its spaces and the sign or number of an entry.
fn indent(line: &str) -> usize {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    let rest = line.get(spaces..).unwrap_or_default();
    let mark = rest.split(' ').next().unwrap_or_default();
    let digits = mark.strip_suffix('.').unwrap_or_default();
    let is_mark = mark == "-" || (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    if is_mark {
        spaces + mark.len() + 1
    } else {
        spaces
    }
}
