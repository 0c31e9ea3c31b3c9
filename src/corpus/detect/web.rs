//! Secrets in the shape of the web: passwords in addresses, and signed tokens of JSON. Both are possible at most: an
//! address may be one of a lesson, and a token may have expired long ago.

use memchr::memmem;

use super::Certainty::Possible;
use super::context::{before, byte, is_word, run, run_before};
use super::words::Words;
use super::{Hit, encoding, randomness};

/// What stands between the scheme and the rest of an address.
pub(super) const SCHEME_END: &str = "://";
/// What a signed token of JSON starts with: `{"` in base 64.
pub(super) const TOKEN_START: &str = "eyJ";

const DATABASES: Words = Words::of(
    "postgres postgresql mysql mariadb mongodb mongodb+srv redis rediss amqp amqps mssql \
    sqlserver clickhouse neo4j",
);
const OTHERS: Words = Words::of("http https ftp ftps sftp smtp smtps ldaps");
const LONGEST_SCHEME: usize = 32;
const LONGEST_AUTHORITY: usize = 256;
/// Below that a password is one of a lesson.
const SHORTEST_PASSWORD: usize = 6;

const LONGEST_HEADER: usize = 1024;
const LONGEST_PAYLOAD: usize = 8192;
const SHORTEST_SIGNATURE: usize = 20;
/// What stands in the token that every introduction shows.
const EXAMPLES: [&[u8]; 4] = [b"1234567890", b"John Doe", b"example", b"user123"];

/// An address with a password, whose scheme ends here.
pub(super) fn address(text: &[u8], colon: usize) -> Option<Hit> {
    let from = colon + SCHEME_END.len();
    let length = run(text, from, LONGEST_AUTHORITY, is_authority);
    let authority = text.get(from..from + length)?;
    let at = memchr::memrchr(b'@', authority)?;
    let (login, host) = authority.split_at(at);
    let (user, password) = login.split_at(memchr::memchr(b':', login)?);
    let (password, host) = (password.get(1..)?, host.get(1..)?);
    let start = colon - run_before(text, colon, LONGEST_SCHEME, is_scheme);
    let kind = kind(&text.get(start..colon)?.to_ascii_lowercase())?;
    let name = run(host, 0, host.len(), |byte| {
        is_word(byte) || matches!(byte, b'-' | b'.' | b':')
    });
    let host = host.get(..name)?;
    let host = host.strip_suffix(b".").unwrap_or(host);
    is_used(user, password, host).then(|| Hit {
        kind,
        certainty: Possible,
        range: start..from + at + 1 + host.len(),
    })
}

const fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

const fn is_authority(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'\\')
}

fn kind(scheme: &[u8]) -> Option<&'static str> {
    // SQLAlchemy names the driver behind a plus: `postgresql+asyncpg`.
    let base = scheme.split(|byte| *byte == b'+').next()?;
    if DATABASES.hold(scheme) || DATABASES.hold(base) {
        Some("database address with a password")
    } else {
        OTHERS.hold(scheme).then_some("web address with a password")
    }
}

/// Is that a password for a place that exists? On a machine of one's own, or in a lesson, it has to look drawn.
fn is_used(user: &[u8], password: &[u8], host: &[u8]) -> bool {
    let name = host.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_example = memmem::find(&name.to_ascii_lowercase(), b"example").is_some();
    let is_far =
        name.contains(&b'.') && !name.starts_with(b"127.") && !name.starts_with(b"0.0.0.0");
    let is_chosen = password.len() >= SHORTEST_PASSWORD
        && !password.eq_ignore_ascii_case(user)
        && !password.contains(&b':')
        && !is_template(password)
        && !randomness::is_weak(password);
    !name.is_empty() && !is_example && is_chosen && (is_far || randomness::is_random(password))
}

/// A percent sign that escapes no character: `%s`, `%(password)s`.
fn is_template(password: &[u8]) -> bool {
    password
        .split(|byte| *byte == b'%')
        .skip(1)
        .any(|after| run(after, 0, 2, |byte| byte.is_ascii_hexdigit()) < 2)
}

/// A signed token of JSON that starts here: a header that names its algorithm, a payload, a signature.
pub(super) fn token(text: &[u8], start: usize) -> Option<Hit> {
    if is_token(before(text, start)) || before(text, start) == b'.' {
        return None;
    }
    let header = run(text, start, LONGEST_HEADER, is_token);
    let payload_start = dot(text, start + header)?;
    let payload = run(text, payload_start, LONGEST_PAYLOAD, is_token);
    let signature_start = dot(text, payload_start + payload)?;
    let signature = run(text, signature_start, LONGEST_HEADER, is_token);
    let header = encoding::bytes(text.get(start..start + header)?)?;
    let payload = encoding::bytes(text.get(payload_start..payload_start + payload)?)?;
    let names_algorithm = header.ends_with(b"}") && memmem::find(&header, b"\"alg\"").is_some();
    let is_example = EXAMPLES
        .iter()
        .any(|example| memmem::find(&payload, example).is_some());
    let end = signature_start + signature;
    let signed =
        signature >= SHORTEST_SIGNATURE && randomness::is_drawn(text.get(signature_start..end)?);
    (names_algorithm && payload.starts_with(b"{") && !is_example && signed).then_some(Hit {
        kind: "signed web token (JWT)",
        certainty: Possible,
        range: start..end,
    })
}

fn dot(text: &[u8], at: usize) -> Option<usize> {
    (byte(text, at) == b'.').then_some(at + 1)
}

const fn is_token(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::super::sample::{ALNUM, Draw, base64, found_secrets};

    fn kinds(text: &str) -> Vec<(&'static str, &str)> {
        found_secrets(text)
            .iter()
            .map(|hit| (hit.0, hit.2))
            .collect()
    }

    #[test]
    fn a_password_in_an_address_is_found() {
        let password = Draw::from(8).text(ALNUM, 20);
        for (address, kind) in [
            (
                format!("postgres://app:{password}@db.tunegate.dev"),
                "database address with a password",
            ),
            (
                format!("postgresql+asyncpg://app:{password}@10.2.3.4:5432"),
                "database address with a password",
            ),
            (
                format!("mongodb+srv://app:{password}@c0.abcde.mongodb.net"),
                "database address with a password",
            ),
            (
                format!("redis://:{password}@cache.tunegate.dev:6379"),
                "database address with a password",
            ),
            (
                format!("https://jane:{password}@git.tunegate.dev"),
                "web address with a password",
            ),
            (
                format!("mysql://root:{password}@localhost"),
                "database address with a password",
            ),
        ] {
            let text = format!("DATABASE_URL={address}/app?ssl=1 and more");
            assert_eq!(kinds(&text), [(kind, address.as_str())]);
            let row = format!("{{\"url\": \"{}\\/app\"}}", address.replace('/', "\\/"));
            assert_eq!(kinds(&row), [(kind, address.replace('/', "\\/").as_str())]);
        }
    }

    #[test]
    fn addresses_of_lessons_are_silent() {
        for text in [
            "postgresql://user:password@localhost:5432/mydb",
            "postgres://postgres:postgres@db:5432/app",
            "postgresql://postgres:mysecretpassword@localhost/test",
            "mysql://root:root@127.0.0.1:3306/shop",
            "mongodb://admin:admin123@mongo.internal.net:27017",
            "mongodb+srv://<username>:<password>@cluster0.abcde.mongodb.net/",
            "postgres://${DB_USER}:${DB_PASSWORD}@${DB_HOST}:5432/app",
            "postgresql://{user}:{password}@{host}/{name}",
            "postgres://%s:%s@%s:%d/%s is the format string",
            "postgres://app:changeme@db.tunegate.dev/app",
            "redis://:yourpassword@redis.tunegate.dev:6379/0",
            "amqp://guest:guest@rabbit.tunegate.dev:5672",
            "https://user:pass@proxy.tunegate.dev:8080",
            "https://example.com:8080/path?mail=jane@place.org",
            "https://user:Xk29dLq8Rt@api.example.com/v1 is what the page shows",
            "See https://docs.place.org/a:b@c for the details",
            "git clone https://github.com/org/repo.git",
            "ssh://git@github.com:22/org/repo.git",
            "sqlite:///var/lib/app/data.sqlite3 holds everything",
            "The ratio was 3://4:5@6 in that weird notation of theirs",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }

    fn token(header: &str, payload: &str) -> String {
        let part = |text: &str| base64(text.as_bytes()).trim_end_matches('=').to_owned();
        let signature = Draw::from(2).text(ALNUM, 43);
        format!("{}.{}.{signature}", part(header), part(payload))
    }

    #[test]
    fn a_signed_token_of_json_is_found() {
        let token = token(
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"sub":"8f2k","exp":1999999999}"#,
        );
        let found = kinds(&token);
        assert_eq!(found, [("signed web token (JWT)", token.as_str())]);
        let header = format!("Authorization: Bearer {token}\\n");
        assert_eq!(kinds(&header), [("signed web token (JWT)", token.as_str())]);
        let assigned = format!("access_token=\"{token}\"");
        assert_eq!(
            kinds(&assigned),
            [("signed web token (JWT)", token.as_str())]
        );
    }

    #[test]
    fn tokens_of_introductions_and_other_base_64_are_silent() {
        let algorithm = r#"{"alg":"HS256","typ":"JWT"}"#;
        let good = token(algorithm, r#"{"sub":"8f2k"}"#);
        let mut cases = vec![
            token(
                algorithm,
                r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#,
            ),
            token(algorithm, r#"{"email":"user@example.com"}"#),
            token(r#"{"typ":"JWT"}"#, r#"{"sub":"8f2k"}"#),
            good.rsplit_once('.').unwrap().0.to_owned(),
            format!("{}.", good.rsplit_once('.').unwrap().0),
            format!(
                "{}.your-256-bit-secret-signature",
                good.rsplit_once('.').unwrap().0
            ),
            format!("x{good}"),
            format!("a.{good}"),
        ];
        cases.extend(
            [
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
                "eyJ... is how each of them starts",
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.payload.signature",
                "header.payload.signature",
                "eyJxx.eyJyy.zzzzzzzzzzzzzzzzzzzzzzzzzz",
                "the keyJoint and the eyJam of a monkeyJungle",
            ]
            .map(str::to_owned),
        );
        for text in cases {
            assert_eq!(kinds(&text), [], "{text}");
        }
    }
}
