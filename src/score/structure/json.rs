//! Decides whether an answer is JSON that fits a schema, or holds such JSON between its words.

use std::io::{self, Read};

use serde_json::Value;

use super::{Reading, Schema};
use crate::score::finding::Finding;

/// Bytes that are read in search of JSON between words. Every bracket may be a beginning, so this bounds the work.
const MOST_READ: usize = 2_000_000;

/// Whether the answer, or its one fenced block, is JSON that fits the schema.
pub(in crate::score) fn fits(reading: &Reading<'_>, schema: &Schema) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    match reading.read(parse) {
        Ok(value) => match schema.complaint(&value) {
            None => true.into(),
            Some(complaint) => Finding::no(complaint),
        },
        Err(why) => Finding::no(why),
    }
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))
}

/// Whether an object or array stands somewhere in the answer, one that fits the schema if there is one.
pub(in crate::score) fn holds_json(reading: &Reading<'_>, schema: Option<&Schema>) -> Finding {
    if let Some(untold) = reading.too_long() {
        return untold;
    }
    let mut complaint = None;
    let mut wanted = |value: &Value| {
        let wrong = schema.and_then(|schema| schema.complaint(value));
        let fits = wrong.is_none();
        complaint = complaint.take().or(wrong);
        fits
    };
    let mut left = MOST_READ;
    let mut rest = reading.text.as_bytes();
    while let Some(start) = memchr::memchr2(b'{', b'[', rest) {
        let (_, from) = rest.split_at(start);
        let read = match value_at(from, &mut left) {
            Some((value, _)) if wanted(&value) => return true.into(),
            Some((_, length)) => length,
            None => 1,
        };
        if left == 0 {
            return Finding::untold("has too many brackets to look behind each");
        }
        rest = from.get(read.max(1)..).unwrap_or_default();
    }
    Finding::no(complaint.unwrap_or_else(|| "holds no JSON object or list".to_owned()))
}

/// The object or array that starts here, with its length.
fn value_at(text: &[u8], left: &mut usize) -> Option<(Value, usize)> {
    let mut stream = serde_json::Deserializer::from_reader(Counted { text, left }).into_iter();
    let value = stream.next()?.ok()?;
    let length = stream.byte_offset();
    Some((value, length))
}

/// Reads text and counts what was read; ends where nothing is left to be read.
struct Counted<'t, 'l> {
    text: &'t [u8],
    left: &'l mut usize,
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(*self.left);
        let read = self.text.read(buffer.get_mut(..most).unwrap_or_default())?;
        *self.left -= read;
        Ok(read)
    }
}
