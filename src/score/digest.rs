//! The one way to name a value by its content: SHA-256 over canonical JSON (RFC 8785), so that key order, spacing and
//! machine do not matter. Decides nothing about which values make up a digest.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A value has no canonical JSON.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot write the value as canonical JSON; keep numbers finite and map keys unique text: {0}"
)]
pub struct DigestError(#[from] serde_json::Error);

/// `sha256:` and the hexadecimal SHA-256 of the value's canonical JSON.
pub fn digest(value: &impl Serialize) -> Result<String, DigestError> {
    Ok(digest_bytes(&serde_json_canonicalizer::to_vec(value)?))
}

/// `sha256:` and the hexadecimal SHA-256 of these bytes.
pub fn digest_bytes(bytes: &[u8]) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in Sha256::digest(bytes) {
        text.push(HEX[usize::from(byte >> 4)]);
        text.push(HEX[usize::from(byte & 0x0f)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_empty_object_has_the_digest_any_other_tool_computes() {
        assert_eq!(
            digest(&json!({})).unwrap(),
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
}
