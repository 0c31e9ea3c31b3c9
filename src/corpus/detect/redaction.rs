//! How a hit may be shown: enough to find it, never enough to use it. Whatever a hit holds, at most its public prefix, its
//! length, or a few characters at its ends come out.

use super::formats::FORMATS;
use super::plain::Plain;
use super::{Hit, address, bank, mail, pair, pem, phone, web};

/// A value without a known start shows so many characters, where it has many more.
const FOUND: usize = 2;
const LONG: usize = 16;

/// The hit as it may be shown: `ghp_…(36 characters)`, `j…@…e.org`, `card number ending in 42`.
pub(in crate::corpus) fn redacted(text: &str, hit: &Hit) -> String {
    let Some(given) = text.get(hit.range.clone()) else {
        return hit.kind.to_owned();
    };
    let plain = Plain::of(given);
    let value = String::from_utf8_lossy(plain.bytes());
    match hit.kind {
        mail::KIND => mail(&value),
        bank::CARD | bank::ACCOUNT | phone::KIND => ending(hit.kind, &value),
        address::KIND => leading(&value),
        _ => counted(&value),
    }
}

/// First letter of the mailbox, last letter of the name, top level.
fn mail(value: &str) -> String {
    let (local, domain) = value.split_once('@').unwrap_or((value, ""));
    let (name, top) = domain.rsplit_once('.').unwrap_or((domain, ""));
    // The only letter of a name would be all of it.
    let first = local.chars().next().filter(|_| local.chars().count() > 1);
    let last = name
        .chars()
        .next_back()
        .filter(|_| name.chars().count() > 1);
    let letter = |letter: Option<char>| letter.map(String::from).unwrap_or_default();
    format!("{}…@…{}.{top}", letter(first), letter(last))
}

fn ending(kind: &str, value: &str) -> String {
    let mut last: Vec<char> = value
        .chars()
        .rev()
        .filter(char::is_ascii_alphanumeric)
        .take(2)
        .collect();
    last.reverse();
    format!("{kind} ending in {}", last.into_iter().collect::<String>())
}

fn leading(value: &str) -> String {
    let mark = if value.contains(':') { ':' } else { '.' };
    let first = value.split(mark).next().unwrap_or_default();
    format!("{first}{mark}…")
}

/// What every such value starts with, and how many characters follow.
fn counted(value: &str) -> String {
    let shown = match open(value) {
        0 if value.len() >= LONG => FOUND,
        length => length,
    };
    let shown: String = value.chars().take(shown).collect();
    let hidden = value.chars().count() - shown.chars().count();
    format!("{shown}…({hidden} characters)")
}

/// How many characters at the start are no secret: a prefix, a scheme, the label of an armour.
fn open(value: &str) -> usize {
    let prefix = FORMATS
        .iter()
        .map(|format| format.prefix)
        .chain(pair::PREFIXES)
        .chain([web::TOKEN_START])
        .filter(|prefix| value.starts_with(prefix))
        .map(str::len)
        .max();
    let label = value
        .strip_prefix(pem::BEGIN)
        .and_then(|label| label.find(pem::DASHES))
        .map(|length| pem::BEGIN.len() + length + pem::DASHES.len());
    let scheme = value
        .find(web::SCHEME_END)
        .map(|length| length + web::SCHEME_END.len());
    prefix.or(label).or(scheme).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Draw, card, iban};
    use super::super::{personal_data, secrets};
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        secrets(text, &mut found);
        personal_data(text, &mut found);
        found.iter().map(|hit| redacted(text, hit)).collect()
    }

    #[test]
    fn a_token_shows_its_prefix_and_its_length() {
        let token = Draw::from(1).checked_token("ghp_");
        assert_eq!(shown(&token), ["ghp_…(36 characters)"]);
        let pair = ["api_key = 'k3Jx9Qw7", "Lm2Zr5TbVn8c'"].concat();
        assert_eq!(shown(&pair), ["k3…(18 characters)"]);
        let address = ["postgres://app:k3Jx9", "Qw7Lm@db.tunegate.dev/x"].concat();
        assert_eq!(shown(&address), ["postgres://…(30 characters)"]);
    }

    #[test]
    fn personal_data_shows_its_ends() {
        assert_eq!(shown("mail jane@some-place.org"), ["j…@…e.org"]);
        assert_eq!(shown("mail j@x.org"), ["…@….org"]);
        let number = card("4929 1748 3920 571");
        let last = number.chars().next_back().unwrap();
        assert_eq!(shown(&number), [format!("card number ending in 1{last}")]);
        let account = shown(&iban("DE", "500105170648489890"));
        assert_eq!(account, ["bank account (IBAN) ending in 90"]);
        let phone = shown(r"call \u002b41 22 730 5111");
        assert_eq!(phone, ["phone number ending in 11"]);
        assert_eq!(shown("host 93.184.216.34"), ["93.…"]);
        let host = "host 2606:2800:220:1:248:1893:25c8:1946";
        assert_eq!(shown(host), ["2606:…"]);
    }

    #[test]
    fn a_place_that_is_none_shows_the_kind_only() {
        let hit = Hit {
            kind: "GitHub token",
            certainty: super::super::Certainty::Verified,
            range: 1..900,
        };
        assert_eq!(redacted("äö", &hit), "GitHub token");
    }
}
