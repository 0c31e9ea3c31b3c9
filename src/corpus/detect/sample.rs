//! Values for tests, drawn by a generator with a fixed start or completed by their checksum: nothing that looks like a
//! live secret or like somebody's number stands in a file.

use super::checksum::crc32;
use super::{Certainty, Hit, personal_data, secrets};

pub(super) const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(super) const HEX: &[u8] = b"0123456789abcdef";
const URL: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const BASE_64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A generator of random values, the same in every run.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn from(start: u64) -> Self {
        Self(start.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    pub(super) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| char::from(alphabet[self.below(alphabet.len())]))
            .collect()
    }

    pub(super) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length)
            .map(|_| u8::try_from(self.below(256)).unwrap())
            .collect()
    }

    /// A token of a shape as the table of formats writes it, each part as short as it may be.
    pub(super) fn token(&mut self, shape: &str) -> String {
        let (prefix, rest) = shape.split_once('{').unwrap();
        let mut token = prefix.to_owned();
        for part in rest.split('{') {
            let (part, text) = part.split_once('}').unwrap();
            let (alphabet, lengths) = part.split_at(1);
            let least = lengths.split('-').next().unwrap().parse().unwrap();
            let alphabet = match alphabet {
                "d" => &HEX[..10],
                "x" => HEX,
                "l" => b"0123456789abcdefghijklmnopqrstuvwxyz",
                "a" => ALNUM,
                "u" => URL,
                _ => BASE_64,
            };
            token += &self.text(alphabet, least);
            token += text;
        }
        token
    }

    /// A token with its checksum at the end.
    pub(super) fn checked_token(&mut self, prefix: &str) -> String {
        let body = self.text(ALNUM, 30);
        let mut checksum = u64::from(crc32(body.as_bytes()));
        let mut digits = Vec::new();
        for _ in 0..6 {
            digits.push(ALNUM[usize::try_from(checksum % 62).unwrap()]);
            checksum /= 62;
        }
        digits.reverse();
        format!("{prefix}{body}{}", String::from_utf8(digits).unwrap())
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    bytes
        .chunks(3)
        .map(|group| {
            let bits = (0..3).fold(0_usize, |bits, at| {
                bits << 8 | usize::from(group.get(at).copied().unwrap_or(0))
            });
            (0..4)
                .map(|place| {
                    if place > group.len() {
                        '='
                    } else {
                        char::from(BASE_64[bits >> (18 - 6 * place) & 63])
                    }
                })
                .collect::<String>()
        })
        .collect()
}

/// A card number with its check digit.
pub(super) fn card(body: &str) -> String {
    let sum: u32 = body
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .rev()
        .enumerate()
        .map(
            |(place, digit)| match digit * (2 - u32::try_from(place % 2).unwrap()) {
                double if double > 9 => double - 9,
                single => single,
            },
        )
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// An account with its check digits.
pub(super) fn iban(country: &str, account: &str) -> String {
    let rest = format!("{account}{country}00")
        .chars()
        .filter_map(|c| c.to_digit(36))
        .fold(0, |rest, value| {
            (rest * if value < 10 { 10 } else { 100 } + value) % 97
        });
    format!("{country}{:02}{account}", 98 - rest)
}

/// The secrets of a text: kind, certainty, and the part of the text.
pub(super) fn found_secrets(text: &str) -> Vec<(&'static str, Certainty, &str)> {
    shown(text, secrets)
}

/// The personal data of a text, in the same form.
pub(super) fn found_personal(text: &str) -> Vec<(&'static str, Certainty, &str)> {
    shown(text, personal_data)
}

fn shown(text: &str, detect: fn(&str, &mut Vec<Hit>)) -> Vec<(&'static str, Certainty, &str)> {
    let mut found = Vec::new();
    detect(text, &mut found);
    found
        .into_iter()
        .map(|hit| (hit.kind, hit.certainty, text.get(hit.range).unwrap()))
        .collect()
}
