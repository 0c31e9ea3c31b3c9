//! A key that cannot be printed by accident, and its removal from text that others wrote.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What stands in place of a key.
const MASK: &str = "***";

/// A key or token. `Debug` prints `***`, there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    /// Every spelling under which it could come back, longest first.
    spellings: Vec<String>,
}

impl Secret {
    /// The text without outer white space, which a pasted key often has; `None` where nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let mut spellings = vec![
            text.to_owned(),
            percent_encoded(text, |byte| format!("%{byte:02X}")),
            percent_encoded(text, |byte| format!("%{byte:02x}")),
            STANDARD_NO_PAD.encode(text),
            URL_SAFE_NO_PAD.encode(text),
            json_escaped(text),
            json_escaped(text).replace('/', "\\/"),
        ];
        spellings.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        spellings.dedup();
        Some(Self {
            text: text.to_owned(),
            spellings,
        })
    }

    /// The key itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The text with `***` for every spelling of the key: plain, percent-encoded, base64 or escaped for JSON.
    pub fn redact(&self, text: &str) -> String {
        self.spellings
            .iter()
            .fold(text.to_owned(), |text, spelling| {
                if text.contains(spelling.as_str()) {
                    text.replace(spelling.as_str(), MASK)
                } else {
                    text
                }
            })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

fn percent_encoded(text: &str, escape: impl Fn(u8) -> String) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => escape(byte),
        })
        .collect()
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
    inner.unwrap_or(&quoted).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_key_is_removed() {
        let secret = Secret::new(" sk/a+b\"c==\n").unwrap();
        let text = "plain sk/a+b\"c==, url sk%2Fa%2Bb%22c%3D%3D or sk%2fa%2bb%22c%3d%3d, \
                    base64 c2svYStiImM9PQ==, JSON sk/a+b\\\"c== or sk\\/a+b\\\"c==";
        assert_eq!(
            secret.redact(text),
            "plain ***, url *** or ***, base64 ***==, JSON *** or ***"
        );
    }

    #[test]
    fn a_key_is_not_printed_for_debugging() {
        let secret = Secret::new("sk-very-secret").unwrap();
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(secret.expose(), "sk-very-secret");
    }

    #[test]
    fn white_space_is_no_key() {
        assert_eq!(Secret::new(" \n"), None);
    }
}
