//! Finds secrets and personal data in a text of training data. Decides what looks like one and how sure that is; not
//! whether it blocks anything, which rows are looked at, or where a row stands.
//!
//! A text is one raw JSON line or the unescaped text of a turn: escapes are resolved before anything is looked for, so
//! that `\n` hides nothing. Teaching data is full of examples, and a warning about `api_key="YOUR_KEY"` teaches people
//! to ignore warnings: what is recognisably a placeholder, an example or reserved for documentation is not reported.
//! Every detector reads a bounded stretch around its trigger, so that no line costs more than its length.

mod address;
mod assignment;
mod bank;
mod checksum;
mod context;
mod encoding;
mod format;
mod formats;
mod mail;
mod pair;
mod pem;
mod phone;
mod plain;
mod randomness;
mod redaction;
#[cfg(test)]
mod sample;
mod secret;
mod top_level;
mod web;
mod words;

use std::ops::Range;

pub(super) use redaction::redacted;

use plain::Plain;

/// What was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// What it is, for people: "GitHub token", "card number", "mail address".
    pub(super) kind: &'static str,
    /// How sure that is.
    pub(super) certainty: Certainty,
    /// Where it stands, in bytes; always on the borders of characters.
    pub(super) range: Range<usize>,
}

/// How sure a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// It looks like one.
    Possible,
    /// The format proves it: a checksum, a structure, or a shape that nothing else has.
    Verified,
}

/// Appends every secret of the text, in order of place, no two overlapping.
pub(super) fn secrets(text: &str, found: &mut Vec<Hit>) {
    let plain = Plain::of(text);
    let mut hits = Vec::new();
    secret::scan(plain.bytes(), &mut hits);
    plain.place(apart(hits), found);
}

/// Appends all personal data of the text, in order of place, no two overlapping.
pub(super) fn personal_data(text: &str, found: &mut Vec<Hit>) {
    let plain = Plain::of(text);
    let mut hits = Vec::new();
    scan_personal(plain.bytes(), &mut hits);
    plain.place(apart(hits), found);
}

/// Whether a text holds what should not be copied into another file: a key, a password, or something personal.
pub fn is_sensitive(text: &str) -> bool {
    let mut found = Vec::new();
    secrets(text, &mut found);
    personal_data(text, &mut found);
    !found.is_empty()
}

/// Everything personal contains a digit or an `@`; each is looked at once.
fn scan_personal(text: &[u8], hits: &mut Vec<Hit>) {
    let mut at = 0;
    while let Some(offset) = text
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| TRIGGERS[usize::from(*byte)]))
    {
        at += offset;
        if text.get(at) == Some(&b'@') {
            hits.extend(mail::address(text, at));
            at += 1;
            continue;
        }
        let length = context::digits(text, at);
        let hit = number(text, at, length);
        at = match &hit {
            Some(hit) => hit.range.end.max(at + length),
            None => at + length,
        };
        hits.extend(hit);
    }
}

const TRIGGERS: [bool; 256] = {
    let mut triggers = [false; 256];
    let mut byte = b'0';
    while byte <= b'9' {
        triggers[byte as usize] = true;
        byte += 1;
    }
    triggers[b'@' as usize] = true;
    triggers
};

/// What the number that starts here is, the surest first; `length` digits stand in a row.
fn number(text: &[u8], at: usize, length: usize) -> Option<Hit> {
    bank::account(text, at)
        .or_else(|| address::of_host(text, at, length))
        .or_else(|| phone::number(text, at, length))
        .or_else(|| bank::card(text, at, length))
}

/// A format says more than a name.
fn weight(hit: &Hit) -> (Certainty, bool) {
    (hit.certainty, hit.kind != assignment::KIND)
}

/// The hits in order of place; of two that overlap the surer one, then the one with a format, then the earlier one.
fn apart(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by_key(|hit| (hit.range.start, std::cmp::Reverse(hit.range.end)));
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        match kept.last_mut() {
            Some(last) if hit.range.start < last.range.end => {
                if weight(&hit) > weight(last) {
                    *last = hit;
                }
            }
            Some(_) | None => kept.push(hit),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::sample::{Draw, card, found_personal, found_secrets};
    use super::*;
    use Certainty::{Possible, Verified};

    /// Pieces of what the detectors look for, and of what cuts it.
    const PIECES: [&str; 61] = [
        "ghp_",
        "\\n",
        "\\\"",
        "\\u002b",
        "\\u00",
        "\\",
        "@",
        ".",
        ":",
        "::",
        "2001:",
        "://",
        "postgres://",
        "a:",
        "k3Jx9Qw7Lm2Zr5Tb",
        "password",
        "api_key",
        "=",
        "\"",
        "-----BEGIN",
        " PRIVATE KEY",
        "-----",
        "-----END",
        "MC4CAQAwBQYDK2VwBCIEI",
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJ",
        "AKIA",
        "Y34FZKBOKMUTVV7A",
        "ä",
        "€",
        "\u{1F600}",
        "+41",
        "(202)",
        "456-1414",
        "202-",
        "4929 1748 3920 571",
        "GB82 WEST",
        "DE",
        "89",
        "93.184.216.34",
        "1",
        "0",
        "jane",
        "place.org",
        "Bearer ",
        " ",
        "\n",
        "sk-",
        "T3BlbkFJ",
        "{",
        "$",
        "%40",
        "/",
        "\u{301}",
        "SK",
        "9f27a0c4e81b35d69f17a2c4e85b36d6",
        "-",
        "_",
        "AIza",
        "\0",
        "\u{7f}",
    ];

    #[test]
    fn hits_come_in_order_of_place_and_behind_those_found_before() {
        let mut draw = Draw::from(1);
        let (first, second) = (draw.checked_token("ghp_"), draw.checked_token("npm_"));
        let mut found = Vec::new();
        secrets(&format!("{first} and {second}"), &mut found);
        personal_data("a@b.org, 93.184.216.34", &mut found);
        let kinds: Vec<&str> = found.iter().map(|hit| hit.kind).collect();
        assert_eq!(
            kinds,
            ["GitHub token", "npm token", "mail address", "IP address"]
        );
        assert!(found[0].range.end <= found[1].range.start);
    }

    #[test]
    fn what_overlaps_is_told_once_and_as_what_it_surely_is() {
        let token = Draw::from(2).checked_token("ghp_");
        let text = format!("api_key = \"{token}\"");
        assert_eq!(
            found_secrets(&text),
            [("GitHub token", Verified, token.as_str())]
        );
        // Invented, but still a token of GitHub's form and not just any value.
        let invented = token.replace(token.get(10..14).unwrap(), "aZ9q");
        let text = format!("api_key = \"{invented}\"");
        assert_eq!(
            found_secrets(&text),
            [("GitHub token", Possible, invented.as_str())]
        );
    }

    #[test]
    fn an_escape_before_a_hit_hides_nothing_and_belongs_to_nothing() {
        let token = Draw::from(3).checked_token("gho_");
        for before in ["\\n", "\\\\n", "\\t", "\\\"", "\\u0022", "\\/", "密钥", "é"] {
            let text = format!("{{\"content\": \"see{before}{token}\\n\"}}");
            let found = found_secrets(&text);
            assert_eq!(
                found,
                [("GitHub token", Verified, token.as_str())],
                "{before}"
            );
        }
        let number = card("492917483920571");
        let text = format!("{{\"content\": \"a@b.org\\n{number}\\n\\u002b41 22 730 5111\"}}");
        let shown: Vec<&str> = found_personal(&text).iter().map(|hit| hit.2).collect();
        assert_eq!(shown, ["a@b.org", number.as_str(), "\\u002b41 22 730 5111"]);
    }

    #[test]
    fn any_text_is_survived_and_every_hit_stands_on_the_borders_of_characters() {
        let mut draw = Draw::from(4);
        let mut hits = 0;
        for round in 0..8_000 {
            let text: String = if round % 4 == 0 {
                let length = draw.below(120);
                String::from_utf8_lossy(&draw.bytes(length)).into_owned()
            } else {
                (0..draw.below(12))
                    .map(|_| PIECES[draw.below(PIECES.len())])
                    .collect()
            };
            let mut found = Vec::new();
            secrets(&text, &mut found);
            let secrets = found.len();
            personal_data(&text, &mut found);
            hits += found.len();
            for part in [&found[..secrets], &found[secrets..]] {
                assert!(
                    part.windows(2)
                        .all(|pair| pair[0].range.end <= pair[1].range.start),
                    "{text:?}"
                );
            }
            for hit in &found {
                let shown = text
                    .get(hit.range.clone())
                    .filter(|shown| !shown.is_empty());
                assert!(
                    shown.is_some_and(|shown| !redacted(&text, hit).contains(shown)),
                    "{text:?}"
                );
            }
        }
        assert!(hits > 100, "only {hits} hits");
    }
}
