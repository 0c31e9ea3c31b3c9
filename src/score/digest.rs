//! The one way to name a value by its content: SHA-256 over canonical JSON (RFC 8785), so that key order, spacing and
//! machine do not matter. Decides nothing about which values make up a digest.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ToolCall;
use super::canonical::canonical;

/// What stands before the hexadecimal digits.
const PREFIX: &str = "sha256:";

/// A value has no canonical JSON.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot write the value as canonical JSON; keep numbers finite and map keys unique text: {0}"
)]
pub struct DigestError(#[from] serde_json::Error);

/// SHA-256 of something; as text `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The raw 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Its text: the prefix and 64 digits.
const LENGTH: usize = PREFIX.len() + 64;

impl Digest {
    fn text(&self) -> [u8; LENGTH] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; LENGTH];
        let (prefix, digits) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX.as_bytes());
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0x0f)]]);
        }
        text
    }

    fn with_text<T>(&self, then: impl FnOnce(&str) -> T) -> T {
        // Never lossy: all of it is ASCII.
        then(&String::from_utf8_lossy(&self.text()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || {
            let shown = crate::problem::shown(text);
            format!("expected `{PREFIX}` and 64 hexadecimal digits, found `{shown}`")
        };
        let digits = text.strip_prefix(PREFIX).ok_or_else(fail)?.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(fail());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            for digit in pair {
                // Upper case would be a second spelling of the same digest.
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(fail()),
                };
                *byte = (*byte << 4) | value;
            }
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The digest of the value's canonical JSON.
pub fn digest(value: &impl Serialize) -> Result<Digest, DigestError> {
    let mut hasher = Hasher::default();
    hasher.value(value)?;
    Ok(hasher.finish())
}

/// The digest of what a model said: of the text alone, as any other tool computes it, unless tools are called.
pub fn answer_digest(text: &str, tool_calls: &[ToolCall]) -> Digest {
    let words = Digest::of(text.as_bytes());
    if tool_calls.is_empty() {
        return words;
    }
    // Texts always have canonical JSON.
    let calls = digest(&tool_calls).unwrap_or(words);
    // No text begins with this byte, so that none has the digest of an answer with calls.
    let both = [&[0xff][..], words.bytes(), calls.bytes()].concat();
    Digest::of(&both)
}

/// Takes canonical JSON piece by piece, so that a value need not be in memory whole to be named.
#[derive(Debug, Default, Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes a whole value.
    pub fn value(&mut self, value: &impl Serialize) -> Result<(), DigestError> {
        self.bytes(&canonical(value)?);
        Ok(())
    }

    /// Takes bytes that are canonical already: brackets, commas, whole values.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of what was taken.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_empty_object_has_the_digest_any_other_tool_computes() {
        assert_eq!(
            digest(&json!({})).unwrap().to_string(),
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }

    #[test]
    fn key_order_and_number_spelling_do_not_matter() {
        let one: serde_json::Value = serde_json::from_str(r#"{"b": 1.0, "a": "x"}"#).unwrap();
        let two: serde_json::Value = serde_json::from_str(r#"{"a":"x","b":1}"#).unwrap();
        assert_eq!(digest(&one).unwrap(), digest(&two).unwrap());
    }

    #[test]
    fn another_value_has_another_digest() {
        assert_ne!(digest(&json!([1])).unwrap(), digest(&json!([2])).unwrap());
    }

    #[test]
    fn a_digest_is_read_as_it_is_written_and_in_no_other_way() {
        let known = Digest::of(b"x");
        assert_eq!(known.to_string().parse(), Ok(known));
        assert_eq!(
            serde_json::from_value::<String>(json!(known)).unwrap(),
            known.to_string()
        );
        let text = known.to_string();
        for other in [
            "",
            "sha256:",
            "sha256:zz",
            &text.to_uppercase(),
            &text.replace(':', "="),
            &format!("{text}0"),
        ] {
            assert!(other.parse::<Digest>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_list_taken_piece_by_piece_has_the_digest_of_the_whole() {
        let mut hasher = Hasher::default();
        hasher.bytes(b"[");
        hasher.value(&json!({"b": 1, "a": 2})).unwrap();
        hasher.bytes(b",");
        hasher.value(&"x").unwrap();
        hasher.bytes(b"]");
        assert_eq!(
            hasher.finish(),
            digest(&json!([{"b": 1, "a": 2}, "x"])).unwrap()
        );
    }

    #[test]
    fn an_answer_with_calls_has_a_digest_that_no_text_has() {
        let call = |arguments: &str| ToolCall {
            name: "find".to_owned(),
            arguments: arguments.to_owned(),
        };
        assert_eq!(answer_digest("x", &[]), Digest::of(b"x"));
        let called = answer_digest("x", &[call("{}")]);
        assert_ne!(called, answer_digest("", &[call("{}")]));
        assert_ne!(called, answer_digest("x", &[call("{} ")]));
        let text = r#"{"answer":"x","tool_calls":[{"arguments":"{}","name":"find"}]}"#;
        assert_ne!(called, answer_digest(text, &[]));
        let calls = canonical(&[call("{}")]).unwrap();
        assert_ne!(called, Digest::of(&[b"x", calls.as_slice()].concat()));
    }
}
