//! Mail addresses of people. The mailbox of a role (`support@`), a placeholder (`you@`), a domain kept for examples and
//! the login in an address of Git or SSH are nobody's.

use super::Certainty::Possible;
use super::Hit;
use super::context::{byte, is_word, named, run, run_before};
use super::top_level;
use super::words::Words;

pub(super) const KIND: &str = "mail address";

const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Mailboxes that belong to no person, or to whoever reads.
const NOBODY: Words = Words::of(
    "abuse accounts admin administrator billing bot careers contact customerservice \
    customersupport donotreply email example feedback first.last firstname.lastname git hello help helpdesk \
    hostmaster hr info invoices jobs legal mail marketing me name news newsletter noreply notifications \
    office orders postmaster press privacy sales security service support team test webmaster",
);
const PLACEHOLDERS: Words =
    Words::of("user username you yourname someone somebody anyone recipient");
/// The name of a domain that stands for any, or that names algorithms (`aes256-gcm@openssh.com`).
const ANY_DOMAIN: Words = Words::of(
    "example yourdomain yourcompany mydomain mycompany company domain test foo openssh \
    bar contoso fabrikam website yoursite sample placeholder",
);
/// Second levels under which countries give out domains.
const SECOND_LEVELS: Words = Words::of("ac co com edu gov net org");
/// Commands whose argument names a login.
const COMMANDS: Words = Words::of("ssh scp rsync sftp mosh git");

/// The mail address around an `@`.
pub(super) fn address(text: &[u8], at: usize) -> Option<Hit> {
    let length = run_before(text, at, LONGEST_LOCAL + 1, is_local);
    let local = text.get(at - length..at)?;
    let skipped = run(local, 0, local.len(), |byte| !is_word(byte));
    let start = at - length + skipped;
    let local = std::str::from_utf8(text.get(start..at)?).ok()?;
    if local.is_empty() || length > LONGEST_LOCAL || local.ends_with('.') {
        return None;
    }
    let length = run(text, at + 1, LONGEST_DOMAIN + 1, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
    });
    let domain = std::str::from_utf8(text.get(at + 1..at + 1 + length)?).ok()?;
    let domain = domain.trim_end_matches(['.', '-']);
    let (names, top) = domain.rsplit_once('.')?;
    let end = at + 1 + domain.len();
    let found = !matches!(byte(text, end), b'(' | b'@' | b'_' | b'[' | b'=')
        && top_level::exists(&top.to_ascii_lowercase())
        && is_domain(&names.to_ascii_lowercase())
        && !is_nobody(&local.to_ascii_lowercase())
        && !is_login(text, start, end);
    found.then_some(Hit {
        kind: KIND,
        certainty: Possible,
        range: start..end,
    })
}

const fn is_local(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b'+' | b'-' | b'%' | b'&' | b'\'')
}

/// Names of a domain, without its top level, that do not stand for any.
fn is_domain(names: &str) -> bool {
    let well_formed = names.split('.').all(|label| {
        let inner = !label.starts_with('-') && !label.ends_with('-');
        !label.is_empty() && label.len() <= LONGEST_LABEL && inner
    });
    let mut labels = names.rsplit('.');
    let mut name = labels.next().unwrap_or_default();
    if SECOND_LEVELS.hold(name.as_bytes()) {
        name = labels.next().unwrap_or(name);
    }
    well_formed && !names.contains("noreply") && !ANY_DOMAIN.hold(name.as_bytes())
}

fn is_nobody(local: &str) -> bool {
    let plain: String = local.split(['-', '_']).collect();
    let untagged = plain.split('+').next().unwrap_or_default();
    let unnumbered = untagged.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut pieces = local
        .split('+')
        .take(1)
        .flat_map(|name| name.split(['-', '_']));
    pieces.any(|piece| NOBODY.hold(piece.as_bytes()))
        || NOBODY.hold(untagged.as_bytes())
        || PLACEHOLDERS.hold(unnumbered.as_bytes())
        || untagged.starts_with("your")
        || untagged.starts_with("noreply")
}

/// The login of an address (`https://name@…`, `ssh://…`) or of a command (`scp a name@host.org:b`).
fn is_login(text: &[u8], start: usize, end: usize) -> bool {
    let is_path = byte(text, end) == b':' && byte(text, end + 1).is_ascii_graphic();
    let login = run_before(text, start, LONGEST_LOCAL, |byte| {
        byte.is_ascii_graphic() && !matches!(byte, b'/' | b'"' | b'\'' | b'<' | b'(' | b',')
    });
    let in_address = text
        .get(..start - login)
        .is_some_and(|head| head.ends_with(b"//"));
    is_path || in_address || named(text, start, COMMANDS)
}

#[cfg(test)]
mod tests {
    use super::super::sample::found_personal;

    fn addresses(text: &str) -> Vec<&str> {
        found_personal(text).iter().map(|hit| hit.2).collect()
    }

    #[test]
    fn addresses_of_people_are_found_wherever_they_stand() {
        for (text, address) in [
            (
                "her business email (jane.hill@some-place.org) and",
                "jane.hill@some-place.org",
            ),
            (
                "write to j.hill+orders@mail.some-place.co.uk.",
                "j.hill+orders@mail.some-place.co.uk",
            ),
            (
                "Jane Hill <jane_hill@some-place.studio>",
                "jane_hill@some-place.studio",
            ),
            (
                r#"{"email": "JANE@SOME-PLACE.ORG", "id": 7}"#,
                "JANE@SOME-PLACE.ORG",
            ),
            (
                r"Contact:\njane@some-place.org\nThanks",
                "jane@some-place.org",
            ),
            (r"jane\u0040some-place.org", r"jane\u0040some-place.org"),
            (
                "mailto:jane@some-place.org?subject=Order",
                "jane@some-place.org",
            ),
            ("'jane@some-place.org', and so on", "jane@some-place.org"),
            ("联系jane@some-place.org谢谢", "jane@some-place.org"),
            ("is it jane@some-place.org? yes", "jane@some-place.org"),
        ] {
            assert_eq!(addresses(text), [address], "{text}");
        }
    }

    #[test]
    fn what_is_nobodys_address_is_silent() {
        for text in [
            "sarah.thompson@example.com is a customer",
            "jane@mail.example.org",
            "jane@example.co.uk",
            "jane@shop.test",
            "jane@host.invalid",
            "root@localhost",
            "jane@printer.local",
            "admin@localhost.localdomain",
            "support@company.com",
            "contact support@some-place.org",
            "noreply@some-place.org",
            "no-reply@some-place.org",
            "do-not-reply@some-place.org",
            "12345+jane@users.noreply.github.com",
            "customer-support@some-place.org",
            "you@some-place.org",
            "your.name@some-place.org",
            "your-email@some-place.org",
            "user@some-place.org",
            "user1@some-place.org",
            "firstname.lastname@some-place.org",
            "info@some-place.de",
            "jane@yourcompany.com",
            "jane@domain.com",
        ] {
            assert_eq!(addresses(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn code_and_logins_are_silent() {
        for text in [
            "git clone git@github.com:org/repo.git",
            "ssh://jane@some-place.org/repo",
            "ssh jane@some-place.org",
            "scp notes.txt jane@some-place.org:/var/www",
            "rsync -a . jane@some-place.org:backup",
            "https://jane:word@some-place.org/x",
            "https://jane@some-place.org/x",
            r"\n@pytest.fixture\ndef client():",
            "@app.route('/orders')",
            "@dataclass\nclass Order:",
            "@pytest.mark.parametrize('a', [1])",
            "x = weights@inputs.T",
            "loss = (a@b.sum())",
            "y = q@k.to(device)",
            "npm install lodash@4.17.21",
            "uses: actions/checkout@v4.1.7",
            "icon@2x.png",
            "logo@3x.io.png",
            "@types/node",
            "follow @jane.hill on the site",
            "a @ b.org",
            "jane@",
            "@some-place.org",
            "jane@place",
            "jane@.org",
            "jane@-place.org",
            "aes256-gcm@openssh.com",
            "image@sha256.abcdef",
        ] {
            assert_eq!(addresses(text), [] as [&str; 0], "{text}");
        }
    }
}
