//! How a token of a known format is recognised: its prefix, the alphabets and lengths of its parts, and what proves it.
//! The formats themselves stand in `formats`.

use super::Certainty::{self, Possible, Verified};
use super::checksum;
use super::context::{before, byte, is_word, run};
use super::randomness;

/// One format of a token.
pub(super) struct Format {
    /// What it is, for people.
    pub(super) kind: &'static str,
    /// What it starts with.
    pub(super) prefix: &'static str,
    parts: Vec<Part>,
    proof: Proof,
}

/// What makes a format certain.
#[derive(Clone, Copy)]
pub(super) enum Proof {
    /// The shape: nothing else looks so.
    Shape,
    /// The shape is shared by other things.
    Hint,
    /// A checksum at its end; without it the token is invented or damaged.
    Checksum,
    /// A text that stands somewhere in its body.
    Marker(&'static str),
}

/// A stretch of a token behind its prefix.
enum Part {
    Text(&'static str),
    Run {
        alphabet: Alphabet,
        least: usize,
        most: usize,
    },
}

/// Which characters a part may hold.
#[derive(Clone, Copy)]
enum Alphabet {
    Digits,
    Hex,
    LowerAlnum,
    Alnum,
    /// Base 64 as in web addresses.
    Url,
    /// Base 64 as in mail.
    Mail,
}

impl Format {
    /// Reads a shape such as `xoxb-{d9-14}-{a24}`: text, and parts of an alphabet (`d`igits, he`x`, `l`ower case and
    /// digits, `a`ll letters and digits, base 64 of `u`rl and of `m`ail) with their length. The text before the first
    /// part is the prefix.
    pub(super) fn read(kind: &'static str, shape: &'static str, proof: Proof) -> Option<Self> {
        let (prefix, mut rest) = shape.split_at_checked(shape.find('{')?)?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('{') {
                let (part, tail) = after.split_once('}')?;
                parts.push(Part::read(part)?);
                rest = tail;
            } else {
                let (text, tail) = rest.split_at_checked(rest.find('{').unwrap_or(rest.len()))?;
                parts.push(Part::Text(text));
                rest = tail;
            }
        }
        Some(Self {
            kind,
            prefix,
            parts,
            proof,
        })
    }

    /// The end of the token whose prefix starts here and how sure it is; nothing where the text is none of this format.
    pub(super) fn end(&self, text: &[u8], start: usize) -> Option<(usize, Certainty)> {
        let is_checked = matches!(self.proof, Proof::Checksum);
        let border = before(text, start);
        // What a checksum proves needs no border: it may stand in the middle of anything.
        let bordered = !is_word(border) && border != b'-';
        if !bordered && !is_checked {
            return None;
        }
        let from = start + self.prefix.len();
        let mut end = from;
        for part in &self.parts {
            end = part.end(text, end)?;
        }
        let body = text.get(from..end)?;
        if is_checked && checksum::token_holds(body) {
            return Some((end, Verified));
        }
        if !bordered || is_word(byte(text, end)) || !randomness::is_drawn(body) {
            return None;
        }
        match self.proof {
            Proof::Shape => Some((end, Verified)),
            Proof::Hint | Proof::Checksum => Some((end, Possible)),
            Proof::Marker(marker) => {
                memchr::memmem::find(body, marker.as_bytes()).map(|_| (end, Verified))
            }
        }
    }
}

impl Part {
    /// Reads `a36` or `a24-34`.
    fn read(part: &str) -> Option<Self> {
        let mut letters = part.chars();
        let alphabet = match letters.next()? {
            'd' => Alphabet::Digits,
            'x' => Alphabet::Hex,
            'l' => Alphabet::LowerAlnum,
            'a' => Alphabet::Alnum,
            'u' => Alphabet::Url,
            'm' => Alphabet::Mail,
            _ => return None,
        };
        let lengths = letters.as_str();
        let (least, most) = lengths.split_once('-').unwrap_or((lengths, lengths));
        let (least, most) = (least.parse().ok()?, most.parse().ok()?);
        Some(Self::Run {
            alphabet,
            least,
            most,
        })
    }

    fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        match *self {
            Self::Text(wanted) => text
                .get(at..)?
                .starts_with(wanted.as_bytes())
                .then(|| at + wanted.len()),
            Self::Run {
                alphabet,
                least,
                most,
            } => {
                let length = run(text, at, most, |byte| alphabet.holds(byte));
                (length >= least).then_some(at + length)
            }
        }
    }
}

impl Alphabet {
    const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::LowerAlnum => byte.is_ascii_digit() || byte.is_ascii_lowercase(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Url => is_word(byte) || byte == b'-',
            Self::Mail => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(shape: &'static str, proof: Proof, text: &str) -> Option<(usize, Certainty)> {
        let format = Format::read("token", shape, proof).unwrap();
        let start = text.find(format.prefix).unwrap();
        format.end(text.as_bytes(), start)
    }

    #[test]
    fn a_token_has_its_length_and_a_border() {
        let body = "k3Jx9Qw7Lm2Zr5TbVn8c";
        let token = |text: &str| ends("tok_{a20}", Proof::Shape, text);
        assert_eq!(token(&format!("tok_{body} ")), Some((24, Verified)));
        assert_eq!(token(&format!("tok_{body}")), Some((24, Verified)));
        assert_eq!(token(&format!("a (tok_{body})")), Some((27, Verified)));
        assert_eq!(token(&format!("tok_{body}x")), None);
        assert_eq!(token(&format!("stok_{body}")), None);
        assert_eq!(token("tok_k3Jx9"), None);
        assert_eq!(token("tok_exampleexample2345"), None);
    }

    #[test]
    fn parts_are_read_one_behind_the_other() {
        let shape = "t-{d2-4}-{x16}==";
        let token = ends(shape, Proof::Hint, "t-123-9f27a0c4e81b35d6==");
        assert_eq!(token, Some((24, Possible)));
        assert!(Format::read("t", "t-{q9}", Proof::Shape).is_none());
        assert!(Format::read("t", "t-", Proof::Shape).is_none());
    }

    #[test]
    fn a_marker_has_to_stand_in_the_body() {
        let marked = |text| ends("m-{a24}", Proof::Marker("T3Bl"), text);
        assert!(marked("m-k3Jx9Qw7LmT3BlZr5TbVn8c2").is_some());
        assert!(marked("m-k3Jx9Qw7Lm8QbpZr5TbVn8c2").is_none());
    }
}
