//! Secrets without a form of their own, known by the name they are given: `api_key = "…"`, `"password": "…"`,
//! `Authorization: Bearer …`. A name proves nothing, so these are possible only, and only where the value is drawn at
//! random: words, paths, names of variables, identifiers and hashes are not.

use std::ops::Range;

use memchr::memmem;

use super::Certainty::Possible;
use super::context::{before, byte, is_word, run, run_before};
use super::words::Words;
use super::{Hit, randomness};

/// What names of secrets contain; parts of one name may be joined in any way.
pub(super) const NAMES: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "credential",
    "api_key",
    "access_key",
    "auth_key",
    "private_key",
    "encryption_key",
    "signing_key",
];
/// What stands before a token in a header of HTTP.
pub(super) const BEARER: &str = "Bearer";

pub(super) const KIND: &str = "secret value";
const BEARER_KIND: &str = "bearer token";

/// Words beside a secret's name that make it the name of something else.
const OTHERWISE: Words = Words::of(
    "hash hashed digest sha sha1 sha256 sha512 md5 checksum commit etag fingerprint \
    public publishable next previous page cursor continuation csrf xsrf type count counts limit max min name \
    names url uri endpoint path file filename field format label expiry expires expiration ttl length size \
    policy regex pattern tokens tokenizer secretary prefix usage",
);
/// Words shortly before a hash.
const HASHED: Words = Words::of("sha md5 digest commit hash checksum etag fingerprint revision");
/// What values start with that are public, made for tests, or known by a format of their own.
const KNOWN: Words = Words::of(
    "sk_test_ rk_test_ pk_test_ pk_live_ eyJ AKIA ASIA AAAAB3NzaC1yc2E AAAAC3NzaC1lZDI1NTE5 \
    sha256 sha384 sha512 data: arn: projects/",
);

const LONGEST_NAME: usize = 32;
const SHORTEST: usize = 16;
const LONGEST: usize = 256;
/// How far before a name a word may say that its value is a hash.
const NEAR: usize = 32;
/// Blanks around a separator.
const BLANKS: usize = 8;
/// The most equals signs that end a value in base 64.
const PADDING: usize = 2;

/// The secret that is assigned to the name around a place.
pub(super) fn value(text: &[u8], name: Range<usize>) -> Option<Hit> {
    let tail = run(text, name.end, LONGEST_NAME, is_name);
    let head = run_before(text, name.start, LONGEST_NAME, is_name);
    let whole = name.start - head..name.end + tail;
    let name = text.get(whole.clone())?;
    let start = match after_separator(text, whole.end) {
        None if name.starts_with(b"--") => after_blanks(text, whole.end),
        start => start?,
    };
    let range = written(text, start)?;
    let value = text.get(range.clone())?;
    let is_secret = names_secret(name) && is_value(value) && !is_hash(text, whole.start, value);
    is_secret.then_some(Hit {
        kind: KIND,
        certainty: Possible,
        range,
    })
}

/// The token behind the word that ends here.
pub(super) fn bearer(text: &[u8], end: usize) -> Option<Hit> {
    let start = after_blanks(text, end);
    if start == end || is_word(before(text, end - BEARER.len())) {
        return None;
    }
    let range = written(text, start)?;
    is_value(text.get(range.clone())?).then_some(Hit {
        kind: BEARER_KIND,
        certainty: Possible,
        range,
    })
}

const fn is_name(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'-' | b'.')
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Where the value behind a name starts: behind `=`, `:`, `=>`, `:=`, a closing bracket of XML, and a type.
fn after_separator(text: &[u8], at: usize) -> Option<usize> {
    let at = at + run(text, at, 2, |byte| is_quote(byte) || byte == b']');
    let at = after_blanks(text, at);
    let length = run(text, at, 3, |byte| {
        matches!(byte, b'=' | b':' | b'>' | b'!')
    });
    let separator = text.get(at..at + length)?;
    if separator.is_empty() || separator.starts_with(b"!") && separator.len() == 1 {
        return None;
    }
    let start = at + length;
    let typed = start
        + run(text, start, LONGEST_NAME, |byte| {
            is_word(byte) || matches!(byte, b'&' | b'<' | b'>' | b'[' | b']' | b' ')
        });
    let is_typed = separator == b":" && byte(text, typed) == b'=' && before(text, typed) == b' ';
    let start = if is_typed { typed + 1 } else { start };
    Some(after_blanks(text, start))
}

fn after_blanks(text: &[u8], at: usize) -> usize {
    at + run(text, at, BLANKS, |byte| matches!(byte, b' ' | b'\t'))
}

/// Where the value stands that is written here, with or without quotes. Nothing where code goes on behind it.
fn written(text: &[u8], start: usize) -> Option<Range<usize>> {
    let marked =
        matches!(byte(text, start), b'b' | b'r' | b'f' | b'u') && is_quote(byte(text, start + 1));
    let start = start + usize::from(marked);
    let quote = byte(text, start);
    if is_quote(quote) {
        let start = start + 1;
        let length = run(text, start, LONGEST + 1, |byte| {
            byte != quote && byte.is_ascii_graphic()
        });
        return (byte(text, start + length) == quote).then_some(start..start + length);
    }
    let length = run(text, start, LONGEST + 1, |byte| {
        is_word(byte) || matches!(byte, b'-' | b'+' | b'/' | b'.' | b'~')
    });
    let length = length + run(text, start + length, PADDING, |byte| byte == b'=');
    let value = text.get(start..start + length)?;
    let value = value.strip_suffix(b".").unwrap_or(value);
    let ends = match byte(text, start + length) {
        b'.' => !is_word(byte(text, start + length + 1)),
        b',' | b';' | b')' | b']' | b'}' | b'<' | b'&' | b'|' | b'?' | b'!' => true,
        other => other.is_ascii_whitespace() || is_quote(other),
    };
    ends.then_some(start..start + value.len())
}

/// Does the whole name stand for a secret, and not for the type, place or length of one?
fn names_secret(name: &[u8]) -> bool {
    let mut start = 0;
    let mut last = b'_';
    let mut is_otherwise = false;
    for (at, byte) in name.iter().chain(b"_").enumerate() {
        let starts_word = byte.is_ascii_uppercase() && last.is_ascii_lowercase();
        if starts_word || !byte.is_ascii_alphanumeric() {
            let word = name.get(start..at).unwrap_or_default();
            is_otherwise |= OTHERWISE.hold_any_case(word);
            start = at + usize::from(!starts_word);
        }
        last = *byte;
    }
    !is_otherwise
}

fn is_value(value: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&value.len())
        && !value.contains(&b':')
        && !value.contains(&b'\\')
        && memmem::find(value, b".eyJ").is_none()
        && !value.starts_with(b"/")
        && !value.starts_with(b".")
        && !value.starts_with(b"~")
        && !KNOWN.start(value)
        && !is_uuid(value)
        && randomness::is_random(value)
        && !randomness::is_weak(value)
}

/// Eight, four, four, four and twelve hexadecimal digits.
fn is_uuid(value: &[u8]) -> bool {
    let lengths = value
        .split(|byte| *byte == b'-')
        .map(|group| (group.len(), group.iter().all(u8::is_ascii_hexdigit)));
    lengths.eq([8, 4, 4, 4, 12].map(|length| (length, true)))
}

/// Hexadecimal digits with a word before them that says what was hashed.
fn is_hash(text: &[u8], name: usize, value: &[u8]) -> bool {
    let near = text
        .get(name.saturating_sub(NEAR)..name)
        .unwrap_or_default();
    let near = near.to_ascii_lowercase();
    value.iter().all(u8::is_ascii_hexdigit) && HASHED.stand_in(&near)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{ALNUM, Draw, HEX, found_secrets};

    fn values(text: &str) -> Vec<&str> {
        found_secrets(text).iter().map(|hit| hit.2).collect()
    }

    #[test]
    fn a_random_value_of_a_secrets_name_is_found_however_it_is_written() {
        let value = Draw::from(5).text(ALNUM, 28);
        for before in [
            "api_key = \"",
            "API_KEY=",
            "export MISTRAL_API_KEY=",
            "apiKey: '",
            "\"apiKey\": \"",
            "\\\"password\\\": \\\"",
            "client_secret=",
            "'client_secret' => '",
            "db.password=",
            "token := \"",
            "const authToken: string = \"",
            "let token: &str = \"",
            "password: str = b'",
            "secret == '",
            "<password>",
            "x-api-key: ",
            "Authorization: Bearer ",
            "config[\"access_key\"] = \"",
            "--api-key ",
            "--password=",
            "passphrase: `",
            "PRIVATE_KEY=",
            "?access_token=",
            "pwd=",
            "The password is stored as Password: ",
        ] {
            let after = match before.chars().next_back().unwrap() {
                quote @ ('"' | '\'' | '`') if before.ends_with("\\\"") => format!("\\{quote},"),
                quote @ ('"' | '\'' | '`') => format!("{quote};"),
                '>' => "</password>".to_owned(),
                _ => "\\nnext".to_owned(),
            };
            let text = format!("see {before}{value}{after} end");
            assert_eq!(values(&text), [value.as_str()], "{text}");
        }
    }

    #[test]
    fn every_alphabet_counts_and_padding_belongs_to_the_value() {
        let mut draw = Draw::from(6);
        for value in [
            draw.text(HEX, 32),
            draw.text(HEX, 40),
            draw.text(ALNUM, 16) + "Qx7+/8==",
            draw.text(b"0123456789abcdefghijklmnopqrstuvwxyz", 40),
        ] {
            assert_eq!(values(&format!("token: {value}\n")), [value.as_str()]);
            assert_eq!(values(&format!("Here: api_key={value}.")), [value.as_str()]);
        }
    }

    #[test]
    fn words_templates_and_code_are_silent() {
        for text in [
            "api_key=\"YOUR_KEY\"",
            "api_key = \"YOUR_API_KEY_HERE\"",
            "API_KEY=<your-api-key-goes-here>",
            "password: \"SecurePass123!@#\"",
            "password = \"correct-horse-battery-staple9\"",
            "token = os.environ[\"GITHUB_TOKEN_2\"]",
            "token: process.env.GITHUB_TOKEN_V2",
            "secret = get_secret_value_2x4y(client)",
            "token = tokenizer.decode(ids[0:16])",
            "password = hashlib.sha256(b\"x\").hexdigest()",
            "api_key=${{ secrets.API_KEY_2024_A1B2C3 }}",
            "secret: {{ .Values.secret.a1b2c3d4e5f6 }}",
            "api_key = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'",
            "api_key = '1234567890abcdef1234567890abcdef'",
            "token = 'abc123def456ghi789jkl012mno345'",
            "secret_key = 'changeme-changeme-changeme-42'",
            "password=/etc/app/keys/db2.pem1a2b3c",
            "token: ./config/a1b2/c3d4/e5f6g7.json",
            "secret: https://vault.place.org/v1/a1b2c3d4e5",
            "Go to our website and click \\\"Forgot Password\\\", then enter the email address.",
            "1. Password must be 8-16 characters\\n2. Must include at least one uppercase letter",
            "There are no extra spaces before or after your password: please try once more.",
            "The token: a unit of text; the secret: keep it simple.",
            "# password = correcthorsebatterystaple",
            "token=",
            "password",
            "secret: ",
            "token = \"\"",
            "secret = \"arn:aws:secretsmanager:eu-west-1:210987654321:secret:db-x7Kq2L\"",
            "stripe.api_key = \"pk_~live_k3Jx9Qw7Lm2Zr5TbVn8c\"",
        ] {
            let text = text.replace('~', "");
            assert_eq!(values(&text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn identifiers_hashes_and_names_of_other_things_are_silent() {
        let mut draw = Draw::from(7);
        let (short, hash, long) = (draw.text(HEX, 32), draw.text(HEX, 40), draw.text(HEX, 64));
        let value = draw.text(ALNUM, 28);
        let uuid = "9f27a0c4-e81b-45d6-9f17-a2c4e85b36d6";
        for text in [
            format!("token: {uuid}"),
            format!("secret_id = \"{uuid}\""),
            format!("commit {hash} changed the token"),
            format!("token at commit: secret = {hash}"),
            format!("password_hash = \"{long}\""),
            format!("secret_sha256: {long}"),
            format!("token_digest={short}"),
            format!("md5 of the password: {short}"),
            format!("sha of the secret is secret={hash}"),
            format!("next_page_token: \"{value}\""),
            format!("nextPageToken=\"{value}\""),
            format!("public_token = '{value}'"),
            format!("csrf_token = '{value}'"),
            format!("token_type: {value}"),
            format!("secret_name = '{value}'"),
            format!("max_tokens: {value}"),
            format!("token_url=\"{value}\""),
            format!("integrity=\"sha512-{value}\""),
            format!("ticket: {value}"),
            format!("id = \"{value}\""),
        ] {
            assert_eq!(values(&text), [] as [&str; 0], "{text}");
        }
    }
}
