//! Halves of characters in JSON: a model that stops within one leaves `\ud83d` without its other half, which JSON's
//! grammar allows and no text can hold.

use std::borrow::Cow;

use serde_json::Value;

/// The value of a JSON text; half a character is the character for what cannot be shown.
pub(super) fn value(text: &str) -> serde_json::Result<Value> {
    let strict = serde_json::from_str(text);
    if strict.is_ok() {
        return strict;
    }
    match replaced(text) {
        Cow::Owned(whole) => serde_json::from_str(&whole),
        Cow::Borrowed(_) => strict,
    }
}

fn replaced(text: &str) -> Cow<'_, str> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        whole.push_str(before);
        let first = unit(escape);
        let second = escape
            .get(5..)
            .and_then(|next| next.strip_prefix('\\'))
            .and_then(unit);
        // `u` and four digits, and the same again behind another backslash.
        let (kept, length) = match (first, second) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (true, 11),
            (Some(0xd800..=0xdfff), _) => (false, 5),
            (Some(_), _) => (true, 5),
            // Any other escape is one character long, a backslash too.
            (None, _) => (true, escape.chars().next().map_or(0, char::len_utf8)),
        };
        let (this, after) = escape.split_at(length);
        whole.push('\\');
        whole.push_str(if kept { this } else { "ufffd" });
        rest = after;
    }
    if whole.is_empty() {
        return Cow::Borrowed(text);
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// The unit of UTF-16 that is spelt behind a backslash.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    let spelt = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    spelt
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_is_one_that_cannot_be_shown_and_a_whole_one_stays() {
        for (json, text) in [
            (r#""cut \ud83d""#, "cut \u{fffd}"),
            (r#""\ude00\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\ud83d\n\\ud83d\u00e9""#, "\u{fffd}\n\\ud83dé"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\uDBFFé""#, "\u{fffd}é"),
        ] {
            assert_eq!(value(json).unwrap(), text, "{json}");
        }
        for broken in [r#""\u12""#, r#""\ud83"#, r"\", r#""\ud83d"#, r#""\uzzzz""#] {
            assert!(value(broken).is_err(), "{broken}");
        }
    }
}
