//! The rows of a file one by one, with the number of their line: JSON Lines, or the elements of one JSON array. Memory
//! holds one row at a time, and never an endless one.

use std::io::{self, BufRead, Read};

/// A longer row is told and skipped: no context holds it.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What stands in the place of a row.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'b> {
    /// The bytes of a row, without white space around them.
    Row(&'b [u8]),
    /// More bytes than a row may have.
    TooLong,
}

/// The rows of a file.
#[derive(Debug)]
pub struct Lines<R> {
    text: R,
    buffer: Vec<u8>,
    /// Lines that were begun.
    line: u64,
    layout: Layout,
    most: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Unknown,
    Lines,
    Array,
    Ended,
}

impl<R: BufRead> Lines<R> {
    /// The rows of this text, from its start.
    pub fn new(text: R) -> Self {
        Self::with_most(text, MOST_BYTES)
    }

    fn with_most(text: R, most: usize) -> Self {
        Self {
            text,
            buffer: Vec::new(),
            line: 0,
            layout: Layout::Unknown,
            most,
        }
    }

    /// The next row with the number of the line where it begins, from 1; blank lines are passed over.
    pub fn next_row(&mut self) -> io::Result<Option<(u64, Piece<'_>)>> {
        if self.layout == Layout::Unknown {
            self.recognise()?;
        }
        match self.layout {
            Layout::Unknown | Layout::Lines => self.next_line(),
            Layout::Array => self.next_element(),
            Layout::Ended => Ok(None),
        }
    }

    /// A file that begins with a bracket is one array.
    fn recognise(&mut self) -> io::Result<()> {
        self.layout = Layout::Lines;
        self.line = 1;
        loop {
            let head = self.text.fill_buf()?;
            let Some(first) = head.first().copied() else {
                break;
            };
            let skipped = match first {
                b'\n' => {
                    self.line += 1;
                    1
                }
                b' ' | b'\t' | b'\r' => 1,
                // A byte order mark.
                0xef if head.starts_with(&[0xef, 0xbb, 0xbf]) => 3,
                b'[' => {
                    self.layout = Layout::Array;
                    1
                }
                _ => break,
            };
            self.text.consume(skipped);
            if self.layout == Layout::Array {
                return Ok(());
            }
        }
        self.line -= 1;
        Ok(())
    }

    fn next_line(&mut self) -> io::Result<Option<(u64, Piece<'_>)>> {
        loop {
            self.buffer.clear();
            let limit = u64::try_from(self.most)
                .unwrap_or(u64::MAX)
                .saturating_add(1);
            let read = Read::take(&mut self.text, limit).read_until(b'\n', &mut self.buffer)?;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            if self.buffer.len() > self.most && self.buffer.last() != Some(&b'\n') {
                self.skip_line()?;
                return Ok(Some((self.line, Piece::TooLong)));
            }
            if !self.buffer.trim_ascii().is_empty() {
                break;
            }
        }
        Ok(Some((self.line, Piece::Row(self.buffer.trim_ascii()))))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let rest = self.text.fill_buf()?;
            if rest.is_empty() {
                return Ok(());
            }
            let end = memchr::memchr(b'\n', rest);
            let skipped = end.map_or(rest.len(), |end| end + 1);
            self.text.consume(skipped);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn next_element(&mut self) -> io::Result<Option<(u64, Piece<'_>)>> {
        self.buffer.clear();
        let mut element = Element::default();
        let mut begun = self.line;
        loop {
            let rest = self.text.fill_buf()?;
            if rest.is_empty() {
                self.layout = Layout::Ended;
                break;
            }
            let mut used = 0;
            let mut step = Step::More;
            for byte in rest {
                if element.is_blank() {
                    begun = self.line;
                }
                self.line += u64::from(*byte == b'\n');
                used += 1;
                step = element.take(*byte);
                if step != Step::More {
                    break;
                }
            }
            let kept = used - usize::from(step != Step::More);
            if self.buffer.len() <= self.most {
                self.buffer.extend(rest.get(..kept).unwrap_or_default());
            }
            self.text.consume(used);
            if step == Step::ArrayEnds {
                self.layout = Layout::Ended;
            }
            if step != Step::More && !(step == Step::ElementEnds && element.is_blank()) {
                break;
            }
        }
        if element.is_blank() {
            return Ok(None);
        }
        if self.buffer.len() > self.most {
            return Ok(Some((begun, Piece::TooLong)));
        }
        Ok(Some((begun, Piece::Row(self.buffer.trim_ascii()))))
    }
}

/// Where one is in an element of an array.
#[derive(Debug, Default)]
struct Element {
    depth: u32,
    in_text: bool,
    escaped: bool,
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    More,
    ElementEnds,
    ArrayEnds,
}

impl Element {
    const fn is_blank(&self) -> bool {
        !self.begun
    }

    fn take(&mut self, byte: u8) -> Step {
        if self.in_text {
            self.in_text = self.escaped || byte != b'"';
            self.escaped = byte == b'\\' && !self.escaped;
            return Step::More;
        }
        match byte {
            b',' if self.depth == 0 => return Step::ElementEnds,
            b']' if self.depth == 0 => return Step::ArrayEnds,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b'"' => self.in_text = true,
            _ => {}
        }
        self.begun |= !byte.is_ascii_whitespace();
        Step::More
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, String)> {
        // A small buffer, so that rows lie across its ends.
        let mut lines = Lines::with_most(io::BufReader::with_capacity(3, text.as_bytes()), 40);
        let mut rows = Vec::new();
        while let Some((line, piece)) = lines.next_row().unwrap() {
            let text = match piece {
                Piece::Row(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Piece::TooLong => "too long".to_owned(),
            };
            rows.push((line, text));
        }
        rows
    }

    fn owned(rows: &[(u64, &str)]) -> Vec<(u64, String)> {
        rows.iter()
            .map(|(line, row)| (*line, (*row).to_owned()))
            .collect()
    }

    #[test]
    fn lines_keep_their_numbers_past_blank_ones() {
        let text = "\u{feff}\r\n{\"a\": 1}\r\n\n  \n {\"b\": 2} \n{\"c\": 3}";
        let wanted = [(2, "{\"a\": 1}"), (5, "{\"b\": 2}"), (6, "{\"c\": 3}")];
        assert_eq!(rows(text), owned(&wanted));
        assert_eq!(rows(""), []);
        assert_eq!(rows("\n \n"), []);
    }

    #[test]
    fn an_array_has_its_elements_as_rows() {
        let text = "[\n  {\"a\": \"x, ] \\\" }\"},\n\n  {\"b\":\n [1, {}]}, 3 ]\n ignored";
        let wanted = [
            (2, "{\"a\": \"x, ] \\\" }\"}"),
            (4, "{\"b\":\n [1, {}]}"),
            (5, "3"),
        ];
        assert_eq!(rows(text), owned(&wanted));
        assert_eq!(rows("[]"), []);
        assert_eq!(rows("[ {} , ]"), owned(&[(1, "{}")]));
        assert_eq!(rows("[{\"cut"), owned(&[(1, "{\"cut")]));
    }

    #[test]
    fn a_row_that_is_too_long_is_passed_over_and_told() {
        let long = "x".repeat(100);
        let wanted = owned(&[(1, "{}"), (2, "too long"), (3, "{}")]);
        assert_eq!(rows(&format!("{{}}\n{long}\n{{}}")), wanted);
        let wanted = owned(&[(1, "too long"), (2, "{}")]);
        assert_eq!(rows(&format!("[{{\"a\": \"{long}\"}},\n {{}}]")), wanted);
        assert_eq!(rows(&long), owned(&[(1, "too long")]));
    }
}
