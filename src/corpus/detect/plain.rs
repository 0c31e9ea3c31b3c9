//! The text behind the escapes of JSON, and the way back: where a hit stands in the text as it was given.
//!
//! Not a JSON parser: a text may be escaped twice (arguments of a tool call) or not at all, so a run of backslashes of
//! any length counts as one escape.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::Hit;

/// A text with its escapes resolved.
pub(super) struct Plain<'t> {
    given: &'t str,
    bytes: Cow<'t, [u8]>,
}

impl<'t> Plain<'t> {
    /// Resolves the escapes of a text; one without a backslash is not copied.
    pub(super) fn of(given: &'t str) -> Self {
        let raw = given.as_bytes();
        let Some(mut escape) = Escape::from(raw, 0) else {
            return Self {
                given,
                bytes: Cow::Borrowed(raw),
            };
        };
        let mut bytes = Vec::with_capacity(raw.len());
        let mut at = 0;
        loop {
            bytes.extend_from_slice(raw.get(at..escape.range.start).unwrap_or_default());
            bytes.extend_from_slice(escape.meaning());
            at = escape.range.end;
            match Escape::from(raw, at) {
                Some(next) => escape = next,
                None => break,
            }
        }
        bytes.extend_from_slice(raw.get(at..).unwrap_or_default());
        Self {
            given,
            bytes: Cow::Owned(bytes),
        }
    }

    /// The resolved text.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends hits in the resolved text, which come in order, as hits in the given one.
    pub(super) fn place(&self, hits: Vec<Hit>, found: &mut Vec<Hit>) {
        if hits.is_empty() {
            return;
        }
        let mut way = Way::through(self.given.as_bytes());
        for hit in hits {
            let start = way.to(hit.range.start).start;
            let end = way.to(hit.range.end.saturating_sub(1)).end;
            let range = self.given.floor_char_boundary(start)..self.given.ceil_char_boundary(end);
            found.push(Hit { range, ..hit });
        }
    }
}

/// One escape and what it stands for.
struct Escape {
    range: Range<usize>,
    meaning: [u8; 4],
    length: usize,
}

impl Escape {
    /// The first escape at or behind a place.
    fn from(raw: &[u8], at: usize) -> Option<Self> {
        let start = at + memchr(b'\\', raw.get(at..)?)?;
        let after = raw.get(start..)?;
        let slashes = after.iter().take_while(|byte| **byte == b'\\').count();
        let marked = after.get(slashes..).unwrap_or_default();
        let (taken, meaning) = match marked {
            [b'n' | b'r', ..] => (1, '\n'),
            [b't', ..] => (1, '\t'),
            [b'b' | b'f', ..] => (1, ' '),
            [mark @ (b'"' | b'\'' | b'/' | b'`'), ..] => (1, char::from(*mark)),
            [b'u', code @ ..] => match unit(code) {
                Some(meaning) => (5, meaning),
                None => (0, '\\'),
            },
            _ => (0, '\\'),
        };
        let mut buffer = [0; 4];
        let length = meaning.encode_utf8(&mut buffer).len();
        Some(Self {
            range: start..start + slashes + taken,
            meaning: buffer,
            length,
        })
    }

    fn meaning(&self) -> &[u8] {
        self.meaning.get(..self.length).unwrap_or_default()
    }
}

/// The character of four hexadecimal digits. Halves of a pair stand for characters that no detector asks for.
fn unit(code: &[u8]) -> Option<char> {
    let mut value = 0_u32;
    for byte in code.get(..4)? {
        value = value * 16 + char::from(*byte).to_digit(16)?;
    }
    Some(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Walks once through the given text beside the resolved one.
struct Way<'t> {
    raw: &'t [u8],
    raw_at: usize,
    plain_at: usize,
    next: Option<Escape>,
}

impl<'t> Way<'t> {
    fn through(raw: &'t [u8]) -> Self {
        Self {
            raw,
            raw_at: 0,
            plain_at: 0,
            next: Escape::from(raw, 0),
        }
    }

    /// What a byte of the resolved text was made from. Places must be asked for in order.
    fn to(&mut self, plain: usize) -> Range<usize> {
        while let Some(escape) = &self.next {
            let start = self.plain_at + (escape.range.start - self.raw_at);
            if plain < start {
                break;
            }
            if plain < start + escape.length {
                return escape.range.clone();
            }
            self.plain_at = start + escape.length;
            self.raw_at = escape.range.end;
            self.next = Escape::from(self.raw, self.raw_at);
        }
        let raw = self.raw_at + plain.saturating_sub(self.plain_at);
        raw..raw + 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::Certainty;
    use super::*;

    fn resolved(text: &str) -> String {
        String::from_utf8(Plain::of(text).bytes().to_vec()).unwrap()
    }

    /// The part of the given text that a part of the resolved one was made from.
    fn origin(text: &str, part: &str) -> String {
        let start = resolved(text).find(part).unwrap();
        let hit = Hit {
            kind: "part",
            certainty: Certainty::Possible,
            range: start..start + part.len(),
        };
        let mut found = Vec::new();
        Plain::of(text).place(vec![hit], &mut found);
        text.get(found[0].range.clone()).unwrap().to_owned()
    }

    #[test]
    fn escapes_are_resolved_however_often_they_were_escaped() {
        assert_eq!(resolved(r#"a\nb\"c\/d"#), "a\nb\"c/d");
        assert_eq!(resolved(r#"{\\\"a\\\":\\n1}"#), "{\"a\":\n1}");
        assert_eq!(resolved(r"\u002b49 \u0040 \u00e4"), "+49 @ ä");
        assert_eq!(resolved("nothing here"), "nothing here");
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(resolved(r"\d+ \u12 \"), r"\d+ \u12 \");
        assert_eq!(resolved(r"\\"), r"\");
        assert_eq!(resolved(r"\ud83d!"), "\u{fffd}!");
    }

    #[test]
    fn places_lead_back_to_the_given_text() {
        assert_eq!(origin(r"one\ntwo\nthree", "two"), "two");
        assert_eq!(origin(r"x \u002b49 30 y", "+49 30"), r"\u002b49 30");
        assert_eq!(origin(r"a:\/\/b c", "a://b"), r"a:\/\/b");
        assert_eq!(origin(r"ü\n\u00e4ß x", "äß"), r"\u00e4ß");
        assert_eq!(origin("plain ü text", "ü text"), "ü text");
    }
}
