//! Access keys of AWS: an ID that names the account, and a secret of forty characters without any mark. Neither says
//! enough alone: the ID opens nothing and the secret has no form. Together they prove each other, so both are certain
//! where they stand near one another, and a lone ID is possible.

use super::Certainty::{Possible, Verified};
use super::context::{before, byte, is_word, run};
use super::{Hit, encoding, randomness};

/// What IDs of keys start with: lasting ones, temporary ones.
pub(super) const PREFIXES: [&str; 2] = ["AKIA", "ASIA"];
pub(super) const ID: &str = "AWS access key ID";
pub(super) const SECRET: &str = "AWS secret access key";

const PREFIX: usize = 4;
const BODY: usize = 16;
const SECRET_LENGTH: usize = 40;
/// How far from the ID its secret may stand: the width of a file of credentials, or of an example in code.
const NEAR: usize = 200;
/// Accounts have twelve digits.
const LAST_ACCOUNT: u64 = 999_999_999_999;

/// The ID that starts here, and the secret near it.
pub(super) fn keys(text: &[u8], start: usize, hits: &mut Vec<Hit>) {
    let Some(end) = id(text, start) else {
        return;
    };
    let secret = secret(text, start, end);
    let certainty = if secret.is_some() { Verified } else { Possible };
    hits.push(Hit {
        kind: ID,
        certainty,
        range: start..end,
    });
    hits.extend(secret);
}

fn id(text: &[u8], start: usize) -> Option<usize> {
    let end = start + PREFIX + BODY;
    let body = text.get(start + PREFIX..end)?;
    let bordered = !is_word(before(text, start)) && !is_word(byte(text, end));
    let account = account(body)?;
    (bordered && account <= LAST_ACCOUNT && randomness::is_drawn(body)).then_some(end)
}

/// The account that an ID names: forty bits behind the first one
/// (<https://awsteele.com/blog/2020/09/26/aws-access-key-format.html>).
fn account(body: &[u8]) -> Option<u64> {
    let bits = body.iter().try_fold(0_u128, |bits, byte| {
        Some(bits << 5 | u128::from(encoding::base32(*byte)?))
    })?;
    u64::try_from((bits >> 39) & ((1 << 40) - 1)).ok()
}

/// Forty characters of base 64 that are drawn at random, near a place.
fn secret(text: &[u8], start: usize, end: usize) -> Option<Hit> {
    let last = text.len().min(end + NEAR);
    let mut at = start.saturating_sub(NEAR);
    while at < last {
        let length = run(text, at, last - at, is_secret);
        let value = text.get(at..at + length)?;
        if length == SECRET_LENGTH && !is_secret(before(text, at)) && is_key(value) {
            return Some(Hit {
                kind: SECRET,
                certainty: Verified,
                range: at..at + length,
            });
        }
        at += length + 1;
    }
    None
}

const fn is_secret(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// A commit has forty characters too, but no capitals.
fn is_key(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
        && randomness::is_random(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, super::super::Certainty)> {
        let mut hits = Vec::new();
        for (start, _) in text.match_indices(PREFIXES[0]) {
            keys(text.as_bytes(), start, &mut hits);
        }
        hits.into_iter()
            .map(|hit| (hit.kind, hit.certainty))
            .collect()
    }

    fn sample_id() -> String {
        ["AK", "IA", "Y34FZKBOKMUTVV7A"].concat()
    }

    #[test]
    fn an_id_names_its_account() {
        assert_eq!(account(b"Y34FZKBOKMUTVV7A"), Some(609_629_065_308));
        assert_eq!(account(b"Y34FZKBOKMUTVV71"), None);
    }

    #[test]
    fn an_id_is_certain_beside_its_secret_only() {
        let id = sample_id();
        let secret = ["k3Jx9Qw7Lm2Zr5Tb", "Vn8c/Hd4Ys6Pf1Ge", "+Ra0UiXo"].concat();
        assert_eq!(found(&format!("key {id}.")), [(ID, Possible)]);
        let both = format!("aws_access_key_id={id}\naws_secret_access_key={secret}\n");
        assert_eq!(found(&both), [(ID, Verified), (SECRET, Verified)]);
        let commit = format!("{id} at 9f27a0c4e81b35d69f17a2c4e85b36d69f27a0c4");
        assert_eq!(found(&commit), [(ID, Possible)]);
    }

    #[test]
    fn examples_and_parts_of_longer_words_are_no_ids() {
        let id = sample_id();
        for text in [
            "AK~IAIOSFODNN7EXAMPLE",
            "AK~IAXXXXXXXXXXXXXXXX",
            "AKIA",
            "AK~IA1234567890123456",
            &format!("x{id}"),
            &format!("{id}9"),
            "AK~IAYOURKEYGOESHERE2",
            "AK~IAABCDEFGHIJKLMNOP",
        ] {
            // Cut, so that no scanner takes this file for a leak.
            let text = text.replace('~', "");
            assert_eq!(found(&text), [], "{text}");
        }
    }
}
