//! Private keys in their armour: `-----BEGIN … PRIVATE KEY-----` to `-----END …-----`. A key is certain when its body is
//! one: DER that is as long as it says, OpenSSH's fields to the last byte, `OpenPGP`'s checksum. Everything else that
//! fills the armour is possible, and what shows only dots or words is an example.

use memchr::memmem;

use super::Certainty::{self, Possible, Verified};
use super::checksum;
use super::context::run;
use super::encoding;
use super::{Hit, randomness};

/// What every armour starts with.
pub(super) const BEGIN: &str = "-----BEGIN";
const END: &[u8] = b"-----END";
/// What every label ends with.
pub(super) const DASHES: &str = "-----";
const LABELS: [&str; 7] = [
    " PRIVATE KEY",
    " RSA PRIVATE KEY",
    " EC PRIVATE KEY",
    " DSA PRIVATE KEY",
    " OPENSSH PRIVATE KEY",
    " ENCRYPTED PRIVATE KEY",
    " PGP PRIVATE KEY BLOCK",
];
const LONGEST_LABEL: usize = 32;

/// `openssh-key-v1` in base 64.
const OPENSSH: &[u8] = b"b3BlbnNzaC1rZXktdjE";
const KIND: &str = "private key";

/// The longest body that is read; a key of 16,384 bits takes 13 KB.
const LONGEST: usize = 64 * 1024;
/// The shortest body of a key: Ed25519 takes 64 characters.
const SHORTEST: usize = 60;
/// The shortest body without an end that is more than the first line of an example.
const SHORTEST_CUT: usize = 128;
/// Bits a character below which a body is no base 64 of a key.
const ENTROPY: f64 = 4.5;

/// The private key whose armour starts here.
pub(super) fn key(text: &[u8], start: usize) -> Option<Hit> {
    let from = start + BEGIN.len();
    let length = run(text, from, LONGEST_LABEL, |byte| byte != b'-');
    let label = text.get(from..from + length)?;
    if !LABELS.iter().any(|known| known.as_bytes() == label) {
        return None;
    }
    let head = from + length + DASHES.len();
    if text.get(from + length..head)? != DASHES.as_bytes() {
        return None;
    }
    let rest = text.get(head..text.len().min(head + LONGEST))?;
    let (length, certainty) = closed(rest, label).or_else(|| cut(rest))?;
    Some(Hit {
        kind: KIND,
        certainty,
        range: start..head + length,
    })
}

/// The length of a whole key with its footer.
fn closed(rest: &[u8], label: &[u8]) -> Option<(usize, Certainty)> {
    let length = memmem::find(rest, DASHES.as_bytes())?;
    let (body, footer) = rest.split_at(length);
    let footer = footer.strip_prefix(END)?.strip_prefix(label)?;
    let dashes = run(footer, 0, DASHES.len(), |byte| byte == b'-');
    let certainty = Body::read(body)?.certainty()?;
    Some((length + END.len() + label.len() + dashes, certainty))
}

/// The length of a key whose end is missing.
fn cut(rest: &[u8]) -> Option<(usize, Certainty)> {
    let length = run(rest, 0, rest.len(), is_body);
    let body = rest.get(..length)?.trim_ascii_end();
    let read = Body::read(body)?;
    let enough = read.digits.len() >= SHORTEST_CUT && read.is_plausible();
    enough.then_some((body.len(), Possible))
}

const fn is_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || matches!(byte, b'+' | b'/' | b'=')
}

/// The inside of an armour.
struct Body {
    digits: Vec<u8>,
    checksum: Option<u32>,
}

impl Body {
    /// Reads base 64 over any number of lines, quoted or not, after headers. Nothing where anything else stands there:
    /// dots, angle brackets and sentences are examples.
    fn read(text: &[u8]) -> Option<Self> {
        let mut body = Self {
            digits: Vec::new(),
            checksum: None,
        };
        for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
            if memmem::find(line, b": ").is_some() {
                continue;
            }
            let line = line.trim_ascii();
            if let Some(stated) = line.strip_prefix(b"=").filter(|stated| stated.len() == 4) {
                let bytes = encoding::bytes(stated)?;
                body.checksum = Some(
                    bytes
                        .iter()
                        .fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
                );
                continue;
            }
            for byte in line {
                match byte {
                    b'"' | b'\'' | b' ' | b'\t' | b'\\' | b',' => {}
                    byte if is_body(*byte) => body.digits.push(*byte),
                    _ => return None,
                }
            }
        }
        Some(body)
    }

    fn certainty(&self) -> Option<Certainty> {
        if self.digits.len() < SHORTEST {
            return None;
        }
        let whole = encoding::bytes(&self.digits).is_some_and(|bytes| match self.checksum {
            Some(checksum) => checksum == checksum::crc24(&bytes),
            None => is_der(&bytes) || is_openssh(&bytes),
        });
        if whole {
            Some(Verified)
        } else {
            self.is_plausible().then_some(Possible)
        }
    }

    /// Could this be a key that is encrypted, damaged or cut? OpenSSH's fields open with runs of zeros.
    fn is_plausible(&self) -> bool {
        let drawn = self.digits.starts_with(OPENSSH) || !randomness::is_patterned(&self.digits);
        drawn && randomness::entropy(&self.digits) >= ENTROPY
    }
}

/// Is this one sequence of DER, exactly as long as it says?
fn is_der(bytes: &[u8]) -> bool {
    let (length, head) = match bytes {
        [0x30, 0x81, a, ..] => (usize::from(*a), 3),
        [0x30, 0x82, a, b, ..] => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        [0x30, a @ 0..=0x7f, ..] => (usize::from(*a), 2),
        _ => return false,
    };
    bytes.len() == head + length
}

/// Do OpenSSH's fields fill this to the last byte?
fn is_openssh(bytes: &[u8]) -> bool {
    let read = || {
        let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
        // Cipher, derivation of the key, its options; then how many keys follow, one public part each.
        let rest = after_field(after_field(after_field(rest)?)?)?;
        let (_, rest) = rest.split_at_checked(4)?;
        after_field(after_field(rest)?)
    };
    read().is_some_and(<[u8]>::is_empty)
}

fn after_field(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.get(length..)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Draw, base64, found_secrets};
    use super::*;

    /// An armour around base 64, in lines of 64.
    fn armour(label: &str, body: &str, end: &str) -> String {
        let lines: Vec<String> = body
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        format!(
            "-----BEGIN {label}-----{end}{}{end}-----END {label}-----{end}",
            lines.join(end)
        )
    }

    fn der(length: u16) -> String {
        let [high, low] = length.to_be_bytes();
        let mut bytes = vec![0x30, 0x82, high, low];
        bytes.extend(Draw::from(1).bytes(usize::from(length)));
        base64(&bytes)
    }

    fn openssh() -> String {
        let mut bytes = b"openssh-key-v1\0".to_vec();
        let mut field = |content: &[u8]| {
            bytes.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
            bytes.extend(content);
        };
        field(b"none");
        field(b"none");
        field(b"");
        let mut tail = 1_u32.to_be_bytes().to_vec();
        for length in [51_u32, 136] {
            tail.extend(length.to_be_bytes());
            tail.extend(Draw::from(2).bytes(usize::try_from(length).unwrap()));
        }
        bytes.extend(tail);
        base64(&bytes)
    }

    fn found(text: &str) -> Vec<Certainty> {
        found_secrets(text).iter().map(|hit| hit.1).collect()
    }

    #[test]
    fn a_whole_key_is_certain_however_its_lines_end() {
        for end in ["\n", "\r\n", "\\n", "\\\\n", "\\r\\n", " "] {
            assert_eq!(
                found(&armour("RSA PRIVATE KEY", &der(1188), end)),
                [Verified],
                "{end:?}"
            );
            assert_eq!(
                found(&armour("PRIVATE KEY", &der(300), end)),
                [Verified],
                "{end:?}"
            );
            assert_eq!(
                found(&armour("OPENSSH PRIVATE KEY", &openssh(), end)),
                [Verified],
                "{end:?}"
            );
        }
    }

    #[test]
    fn the_hit_is_the_key_from_its_first_dash_to_its_last() {
        let key = armour("PRIVATE KEY", &der(300), "\\n");
        let row = format!("{{\"key\": \"{key}\"}}");
        let expected = key.strip_suffix("\\n").unwrap();
        assert_eq!(found_secrets(&row), [("private key", Verified, expected)]);
        let whole = key.strip_suffix("\\n").unwrap();
        assert!(whole.ends_with("-----"));
    }

    #[test]
    fn armour_of_openpgp_is_certain_by_its_checksum() {
        let bytes = Draw::from(3).bytes(600);
        let [_, sum @ ..] = checksum::crc24(&bytes).to_be_bytes();
        let body = format!("\nVersion: 1\n\n{}\n={}\n", base64(&bytes), base64(&sum));
        let key = |body: &str| {
            format!(
                "-----BEGIN PGP PRIVATE KEY BLOCK-----{body}-----END PGP PRIVATE KEY BLOCK-----"
            )
        };
        assert_eq!(found(&key(&body)), [Verified]);
        assert_eq!(found(&key(&body.replace("\n=", "\n=A"))), [Possible]);
        assert_eq!(found(&key(body.rsplit_once('=').unwrap().0)), [Possible]);
    }

    #[test]
    fn encrypted_damaged_and_cut_keys_are_possible() {
        let body = base64(&Draw::from(4).bytes(1200));
        let key = armour("RSA PRIVATE KEY", &body, "\n");
        assert_eq!(found(&key), [Possible]);
        let headers = "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,9F27A0C4E81B35D69F17A2C4E85B36D6\n\n";
        assert_eq!(found(&key.replacen("-----\n", headers, 1)), [Possible]);
        let cut = key.get(..700).unwrap();
        assert_eq!(found(cut), [Possible]);
        assert_eq!(
            found(&armour("PRIVATE KEY", &der(300).replacen('A', "", 4), "\n")),
            [Possible]
        );
    }

    #[test]
    fn examples_and_public_parts_are_silent() {
        let body = der(300);
        for text in [
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\\n...\\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC[...]\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n<your key here>\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nYOUR_PRIVATE_KEY_GOES_HERE\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----",
            "-----BEGIN EC PRIVATE KEY-----\n${EC_KEY}\n-----END EC PRIVATE KEY-----",
            "A file that starts with -----BEGIN OPENSSH PRIVATE KEY----- is a private key, never commit it.",
            "grep -r 'BEGIN RSA PRIVATE KEY' .",
            "Look for a PRIVATE KEY block and remove it before you push the branch.",
            &format!(
                "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
                "A".repeat(640)
            ),
            &format!(
                "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
                "abcdefghijklmnopqrstuvwxyz0123456789+/".repeat(9)
            ),
            &armour("PUBLIC KEY", &body, "\n"),
            &armour("RSA PUBLIC KEY", &body, "\n"),
            &armour("CERTIFICATE", &body, "\n"),
            &armour("CERTIFICATE REQUEST", &body, "\n"),
        ] {
            assert_eq!(found(text), [] as [Certainty; 0], "{text}");
        }
    }
}
