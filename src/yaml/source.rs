//! The way from bytes to text: size, encoding, byte order mark and characters that no text file holds.

use crate::problem::Problem;

/// The largest file that is read.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The text of a file without its byte order mark, or the one reason why it is none.
pub fn text<'a>(file: &str, bytes: &'a [u8], too_large: &str) -> Result<&'a str, Problem> {
    if bytes.len() > MAX_BYTES {
        let megabytes = bytes.len().div_ceil(1024 * 1024);
        let message = format!("the file has {megabytes} MB, more than 10 MB; {too_large}");
        return Err(Problem::of_file(file, message));
    }
    text_of_any_size(file, bytes)
}

/// The same for files that may be large because they are read line by line.
pub fn text_of_any_size<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Problem> {
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        let message = "the file is UTF-16; save it as UTF-8";
        return Err(Problem::of_file(file, message).at(1, Some(1)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| invalid(file, bytes, &error))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.char_indices().find(|(_, c)| forbidden(*c)) {
        Some((offset, c)) => Err(control(file, text, offset, c)),
        None => Ok(text),
    }
}

const fn forbidden(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r')
}

fn invalid(file: &str, bytes: &[u8], error: &std::str::Utf8Error) -> Problem {
    let offset = error.valid_up_to();
    let before = bytes.iter().take(offset);
    let line = 1 + before.filter(|byte| **byte == b'\n').count();
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let message =
        format!("byte 0x{byte:02x} at offset {offset} is not UTF-8; save the file as UTF-8");
    Problem::of_file(file, message).at(line, None)
}

fn control(file: &str, text: &str, offset: usize, c: char) -> Problem {
    let before = text.get(..offset).unwrap_or_default();
    let line = 1 + before.matches('\n').count();
    let column = 1 + before.chars().rev().take_while(|c| *c != '\n').count();
    let code = u32::from(c);
    let message = format!(
        "control character U+{code:04X}; remove it, or write it as an escape in double quotes"
    );
    Problem::of_file(file, message).at(line, Some(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(bytes: &[u8]) -> String {
        text("f", bytes, "split it").unwrap_err().to_string()
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(text("f", "\u{feff}a".as_bytes(), ""), Ok("a"));
    }

    #[test]
    fn a_byte_that_is_not_utf8_is_named_with_its_line() {
        assert_eq!(
            problem(b"a\nb\xff"),
            "f:2: byte 0xff at offset 3 is not UTF-8; save the file as UTF-8"
        );
    }

    #[test]
    fn utf16_and_nul_and_large_files_are_refused() {
        assert_eq!(
            problem(b"\xff\xfea\0"),
            "f:1:1: the file is UTF-16; save it as UTF-8"
        );
        assert_eq!(
            problem(b"a\nbc\0"),
            "f:2:3: control character U+0000; remove it, or write it as an escape in double quotes"
        );
        assert_eq!(
            problem(&vec![b' '; MAX_BYTES + 1]),
            "f: the file has 11 MB, more than 10 MB; split it"
        );
    }
}
