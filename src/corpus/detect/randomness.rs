//! Tells what a machine drew at random from what a person made up. A real key is random; the keys of teaching data are
//! words, runs like `abc123`, repetitions, and names of variables.
//!
//! Judges a value alone; where it stands and what it is called is for the detectors.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What stands in a value that nobody could use. None so short that it appears in a random value by chance.
const MADE_UP: &[&str] = &[
    "example",
    "sample",
    "placeholder",
    "your",
    "xxxx",
    "dummy",
    "fake",
    "change",
    "redacted",
    "insert",
    "replace",
    "foobar",
    "test",
    "demo",
    "mock",
    "todo",
    "secret",
    "password",
    "token",
    "qwert",
    "asdf",
    "hello",
    "lorem",
    "here",
    "deadbeef",
    "***",
    "...",
    "…",
    "___",
];

/// Parts of the tokens that the documentation of GitHub, Google and Slack shows.
const PUBLISHED: [&str; 4] = [
    "16c7e42f292c6912",
    "1b4a2e77838347a7",
    "dagmwka4jsxz",
    "17653672481",
];

/// Marks of a template: the value comes from somewhere else.
const TEMPLATE: &[u8] = b"<>{}[]()$ \t\n";

/// What people choose where they choose a password for a lesson.
const WEAK: [&str; 13] = [
    "pass", "pwd", "p@ss", "pa55", "admin", "root", "user", "guest", "welcome", "letmein",
    "secret", "postgres", "mysql",
];

/// So many in a row are no accident.
const RUN: usize = 6;
/// So many characters that each repeat the one a period earlier are no accident.
const REPEATED: usize = 8;
const LONGEST_PERIOD: usize = 8;

/// Below so many bits a character a value of 32 hexadecimal digits, or of 16 characters, is not random.
const LOW_ENTROPY: f64 = 2.8;
/// The same for longer values over more characters.
const ENTROPY: f64 = 3.3;

static MADE_UP_WORDS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| words(&[MADE_UP, &PUBLISHED].concat()));
static WEAK_WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| words(&WEAK));

fn words(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words)
        .ok()
}

fn holds(words: &LazyLock<Option<AhoCorasick>>, value: &[u8]) -> bool {
    words.as_ref().is_some_and(|words| words.is_match(value))
}

/// True for a value that says itself that it is none: a placeholder, a template, the name of a variable, a run.
pub(super) fn is_made_up(value: &[u8]) -> bool {
    value.iter().any(|byte| TEMPLATE.contains(byte))
        || is_constant(value)
        || holds(&MADE_UP_WORDS, value)
        || is_patterned(value)
}

/// `MY_KEY`, the name of what holds the value.
fn is_constant(value: &[u8]) -> bool {
    value.contains(&b'_')
        && value
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
}

/// True for a password that is chosen for lessons and local databases.
pub(super) fn is_weak(value: &[u8]) -> bool {
    is_made_up(value) || holds(&WEAK_WORDS, value)
}

/// True for the body of a token as a machine draws it, whatever its alphabet.
pub(super) fn is_drawn(value: &[u8]) -> bool {
    let short = value.len() < 20 || value.iter().all(u8::is_ascii_hexdigit);
    entropy(value) >= if short { LOW_ENTROPY } else { ENTROPY } && !is_made_up(value)
}

/// True for a value that is drawn at random beyond doubt, without a format that says so: letters, cases and digits
/// change places as they never do in words, names, paths and dates.
pub(super) fn is_random(value: &[u8]) -> bool {
    let seams = Seams::of(value);
    let mixed_case = value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase)
        && match seams.digits {
            0 => value.len() >= 24 && seams.mean() <= 24,
            1 => value.len() >= 20 && seams.mean() <= 26,
            _ => seams.mean() <= 34 && seams.inside * 8 >= value.len(),
        };
    // Hexadecimal digits and the like change four times as often as `utf8_to_utf16`.
    let interleaved = seams.inside * 4 >= value.len();
    seams.letters >= 4 && (mixed_case || interleaved) && is_drawn(value)
}

/// Where a reader sees one part of a value end and the next start: `get`, `User`, `2`.
#[derive(Default)]
struct Seams {
    letters: usize,
    digits: usize,
    parts: usize,
    /// How often a digit touches a letter.
    inside: usize,
}

impl Seams {
    fn of(value: &[u8]) -> Self {
        let mut seams = Self::default();
        let mut last = b' ';
        for byte in value {
            let (letter, digit) = (byte.is_ascii_alphabetic(), byte.is_ascii_digit());
            let (after_letter, after_digit) = (last.is_ascii_alphabetic(), last.is_ascii_digit());
            let new_word = byte.is_ascii_uppercase() && !last.is_ascii_uppercase();
            seams.letters += usize::from(letter);
            seams.digits += usize::from(digit);
            seams.inside += usize::from(letter && after_digit || digit && after_letter);
            let starts = letter && (!after_letter || new_word) || digit && !after_digit;
            seams.parts += usize::from(starts);
            last = *byte;
        }
        seams
    }

    /// The mean length of a part, in tenths.
    fn mean(&self) -> usize {
        (self.letters + self.digits) * 10 / self.parts.max(1)
    }
}

/// Shannon's entropy of the bytes, in bits a byte.
pub(super) fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let total = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// True for what a hand typed: `aaaaaa`, `abcdef`, `1a2b3c4d5e6f`, `f00df00df00d`.
pub(super) fn is_patterned(value: &[u8]) -> bool {
    let (mut all, mut letters, mut digits) = (Run::new(), Run::new(), Run::new());
    let mut same = 0;
    let mut last = None;
    let runs = value.iter().any(|byte| {
        same = if last == Some(byte) { same + 1 } else { 1 };
        last = Some(byte);
        let alone = match byte {
            b'0'..=b'9' => digits.goes_on(*byte),
            _ if byte.is_ascii_alphabetic() => letters.goes_on(*byte),
            _ => false,
        };
        all.goes_on(*byte) || alone || same >= RUN
    });
    runs || (2..=LONGEST_PERIOD).any(|period| repeats(value, period))
}

/// Bytes of which each is one above, or each one below, the byte before.
struct Run {
    last: u8,
    up: usize,
    down: usize,
}

impl Run {
    const fn new() -> Self {
        Self {
            last: 0,
            up: 0,
            down: 0,
        }
    }

    /// Takes the next byte, in whatever case; true when the run is no accident.
    const fn goes_on(&mut self, byte: u8) -> bool {
        let byte = byte.to_ascii_lowercase();
        self.up = if byte == self.last.wrapping_add(1) {
            self.up + 1
        } else {
            1
        };
        self.down = if byte == self.last.wrapping_sub(1) {
            self.down + 1
        } else {
            1
        };
        self.last = byte;
        self.up >= RUN || self.down >= RUN
    }
}

fn repeats(value: &[u8], period: usize) -> bool {
    let later = value.get(period..).unwrap_or_default();
    let mut run = 0;
    value.iter().zip(later).any(|(one, other)| {
        run = if one == other { run + 1 } else { 0 };
        run >= REPEATED
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{ALNUM, Draw, HEX};
    use super::*;

    #[test]
    fn drawn_values_are_recognised_in_every_alphabet() {
        let mut draw = Draw::from(1);
        for (alphabet, length) in [
            (ALNUM, 24),
            (ALNUM, 36),
            (&ALNUM[..36], 32),
            (HEX, 32),
            (b"0123456789abcdefghijklmnopqrstuvwxyz", 40),
        ] {
            let kept = (0..1000)
                .filter(|_| is_random(draw.text(alphabet, length).as_bytes()))
                .count();
            assert!(kept >= 880, "{kept} of 1000 with {} digits", alphabet.len());
            let kept = (0..1000)
                .filter(|_| is_drawn(draw.text(alphabet, length).as_bytes()))
                .count();
            assert!(kept >= 985, "{kept} of 1000 with {} digits", alphabet.len());
        }
    }

    #[test]
    fn what_people_type_is_not_random() {
        for value in [
            "YOUR_API_KEY_GOES_HERE",
            "your-api-key-here-1234",
            "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
            "abc123def456ghi789jkl0",
            "1a2b3c4d5e6f7g8h9i0j",
            "1234567890abcdef1234567890abcdef",
            "0123456789abcdef",
            "deadbeefcafebabe8badf00d",
            "a1b2c3d4e5f6a1b2c3d4e5f6",
            "correct-horse-battery-staple9",
            "process.env.GITHUB_TOKEN_2",
            "getUserAccessValue2",
            "Summer2024!Winter2025",
            "/etc/app/keys/service2.json",
            "2024-01-15T10:30:00Z",
            "aaaaaaaaaaaaaaaaaaaa",
            "00000000000000000000",
            "my_super_long_value_v2",
            "${{ secrets.A1b2C3d4 }}",
            "<insert 9f8a7c here>",
            "v1.2.3-beta.4",
        ] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn weak_passwords_are_those_of_lessons() {
        for value in [
            "password",
            "Passw0rd!",
            "admin",
            "rootroot",
            "<password>",
            "s3cr3t_user",
        ] {
            assert!(is_weak(value.as_bytes()), "{value}");
        }
        assert!(!is_weak(b"tR7vq-9Lw2"));
    }

    #[test]
    fn runs_and_repetitions_are_patterns() {
        for value in [
            "x111111y",
            "abcdefgh",
            "fedcba98",
            "12ab12ab12ab",
            "a9b8c7d6e5f4",
        ] {
            assert!(is_patterned(value.as_bytes()), "{value}");
        }
        assert!(!is_patterned(b"k3Jx9Qw7Lm2Zr5Tb"));
        assert!(!is_patterned(b""));
    }
}
