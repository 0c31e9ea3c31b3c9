//! Addresses of hosts on the internet. Only public ones: whatever is private, local, reserved or made for documentation
//! tells nothing about anybody, and four numbers with dots are a version more often than an address.

use super::Certainty::Possible;
use super::Hit;
use super::context::{before, byte, digits, is_word, named, run};
use super::words::Words;

pub(super) const KIND: &str = "IP address";

/// Resolvers that everybody names.
const RESOLVERS: [[u8; 4]; 9] = [
    [8, 8, 8, 8],
    [8, 8, 4, 4],
    [1, 1, 1, 1],
    [1, 0, 0, 1],
    [9, 9, 9, 9],
    [149, 112, 112, 112],
    [208, 67, 222, 222],
    [208, 67, 220, 220],
    [4, 2, 2, 2],
];
const RESOLVERS_6: [[u16; 8]; 6] = [
    [0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888],
    [0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8844],
    [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111],
    [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1001],
    [0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe],
    [0x2620, 0xfe, 0, 0, 0, 0, 0, 0x9],
];

/// Words before four numbers that are no address.
const VERSIONS: Words = Words::of(
    "rfc version versions ver v release build firmware driver revision rev update upgrade \
    upgraded section sections chapter figure fig table clause paragraph oid kernel",
);

const LONGEST_6: usize = 39;
const GROUPS: usize = 8;

/// The address whose first digit stands here.
pub(super) fn of_host(text: &[u8], start: usize, length: usize) -> Option<Hit> {
    let end = match byte(text, start + length) {
        b'.' if length <= 3 => version_4(text, start),
        _ if length <= 4 => version_6(text, start),
        _ => None,
    }?;
    Some(Hit {
        kind: KIND,
        certainty: Possible,
        range: start..end,
    })
}

fn version_4(text: &[u8], start: usize) -> Option<usize> {
    let mut parts = [0; 4];
    let mut at = start;
    for (place, part) in parts.iter_mut().enumerate() {
        if place > 0 {
            if byte(text, at) != b'.' {
                return None;
            }
            at += 1;
        }
        let length = run(text, at, 4, |byte| byte.is_ascii_digit());
        let shown = text.get(at..at + length)?;
        if length > 1 && shown.first() == Some(&b'0') {
            return None;
        }
        *part = std::str::from_utf8(shown).ok()?.parse().ok()?;
        at += length;
    }
    let is_address = stands_alone(text, start, at) && is_public(parts);
    (is_address && !named(text, start, VERSIONS)).then_some(at)
}

/// Neither the part of something longer, nor the version of a product (`Agent/1.2.3.4`) or of a package (`==1.2.3.4`).
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let border = before(text, start);
    let earlier = before(text, start.saturating_sub(1));
    let in_front = match border {
        b'.' | b'-' | b'+' | b'^' | b'~' | b'$' | b'#' => true,
        b'/' => earlier != b'/',
        b'=' => matches!(earlier, b'=' | b'<' | b'>' | b'~' | b'!' | b'^'),
        other => is_word(other),
    };
    let next = byte(text, end);
    let after = byte(text, end + 1);
    let goes_on = match next {
        b'.' => is_word(after),
        b'-' => after.is_ascii_alphabetic(),
        b'+' => true,
        other => is_word(other),
    };
    !in_front && !goes_on
}

/// Is this an address of the internet (RFC 6890) that belongs to somebody? Small numbers are those of versions, sections
/// and object identifiers far more often, and nothing that ends in two zeros is a host.
fn is_public(parts: [u8; 4]) -> bool {
    let [a, b, c, _] = parts;
    let reserved = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    let is_small = a < 20 && parts.iter().all(|part| *part < 100) || a < 3 && b < 40;
    !reserved && !is_small && !parts.ends_with(&[0, 0]) && !RESOLVERS.contains(&parts)
}

/// Addresses that are given out start with 2 or 3 and have four digits in their first group.
fn version_6(text: &[u8], start: usize) -> Option<usize> {
    let first = byte(text, start);
    let border = before(text, start);
    if !matches!(first, b'2' | b'3')
        || byte(text, start + 4) != b':'
        || is_word(border)
        || matches!(border, b':' | b'.' | b'-')
    {
        return None;
    }
    let length = run(text, start, LONGEST_6 + 1, |byte| {
        byte.is_ascii_hexdigit() || byte == b':'
    });
    let shown = text.get(start..start + length)?;
    let shown = match shown {
        [rest @ .., b':'] if !rest.ends_with(b":") => rest,
        whole => whole,
    };
    let end = start + shown.len();
    let groups = groups(std::str::from_utf8(shown).ok()?)?;
    (is_public_6(groups) && !is_word(byte(text, end)) && digits(text, end) == 0).then_some(end)
}

/// The eight groups of an address, `::` filled with zeros.
fn groups(shown: &str) -> Option<[u16; GROUPS]> {
    let mut groups = [0; GROUPS];
    let (head, tail) = match shown.split_once("::") {
        Some((head, tail)) => (head, Some(tail)),
        None => (shown, None),
    };
    let first = fill(head, groups.iter_mut())?;
    let last = match tail {
        Some(tail) if !tail.is_empty() => {
            let count = tail.split(':').count();
            fill(tail, groups.iter_mut().skip(GROUPS.checked_sub(count)?))?
        }
        Some(_) | None => 0,
    };
    let whole = match tail {
        Some(_) => first + last < GROUPS,
        None => first == GROUPS,
    };
    whole.then_some(groups)
}

/// Writes groups one behind the other; how many they were.
fn fill<'g>(shown: &str, mut places: impl Iterator<Item = &'g mut u16>) -> Option<usize> {
    let mut count = 0;
    for group in shown.split(':') {
        if group.len() > 4 {
            return None;
        }
        *places.next()? = u16::from_str_radix(group, 16).ok()?;
        count += 1;
    }
    Some(count)
}

/// As above; what ends in zero is a network.
fn is_public_6(groups: [u16; GROUPS]) -> bool {
    let [a, b, .., last] = groups;
    let documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    let protocols = a == 0x2001 && b < 0x0200;
    let is_given_out = (0x2000..0x4000).contains(&a) && !documentation && !protocols;
    is_given_out && last != 0 && !RESOLVERS_6.contains(&groups)
}

#[cfg(test)]
mod tests {
    use super::super::sample::found_personal;

    fn hosts(text: &str) -> Vec<&str> {
        found_personal(text).iter().map(|hit| hit.2).collect()
    }

    #[test]
    fn public_addresses_are_found() {
        for address in [
            "93.184.216.34",
            "151.101.1.140",
            "8.219.34.120",
            "192.169.4.7",
            "172.32.0.9",
            "2606:2800:220:1:248:1893:25c8:1946",
            "2a02:8071:1::7",
            "2A02:8071:0:0:0:0:0:7",
            "2607:f8b0:4004:c07::64",
        ] {
            for text in [
                format!("the client {address} connected"),
                format!("\"ip\": \"{address}\""),
                format!("ip={address},"),
                format!(r"from\n{address}\n"),
                format!("It was {address}."),
                format!("http://{address}/x"),
                format!("ssh root@{address}"),
                format!("({address})"),
            ] {
                assert_eq!(hosts(&text), [address], "{text}");
            }
        }
    }

    #[test]
    fn addresses_that_are_nobodys_are_silent() {
        for address in [
            "10.0.0.1",
            "10.255.3.4",
            "127.0.0.1",
            "172.16.0.1",
            "172.31.255.254",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.2.17",
            "198.51.100.23",
            "203.0.113.9",
            "224.0.0.251",
            "239.255.255.250",
            "255.255.255.0",
            "255.255.255.255",
            "0.0.0.0",
            "198.18.0.1",
            "8.8.8.8",
            "8.8.4.4",
            "1.1.1.1",
            "9.9.9.9",
            "93.184.0.0",
            "256.1.1.1",
            "93.184.216.340",
            "93.184.216.034",
            "1.2.3.4",
            "4.3.2.1",
            "::1",
            "fe80::1",
            "fd12:3456:789a::1",
            "ff02::1",
            "2001:db8::1",
            "2001:db8:85a3::8a2e:370:7334",
            "3fff:1::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a02:8071::",
            "2a02:8071:1:2:3:4:5",
            "2a02::1::2",
            "2a02:80711::7",
        ] {
            assert_eq!(
                hosts(&format!("the host {address} answered")),
                [] as [&str; 0],
                "{address}"
            );
        }
    }

    #[test]
    fn versions_sections_and_times_are_silent() {
        for text in [
            "v93.184.216.34",
            "version 93.184.216.34",
            "\"version\": \"93.184.216.34\"",
            "Version: 93.184.216.34",
            "release 93.184.216.34",
            "93.184.216.34-beta",
            "93.184.216.34-rc1",
            "93.184.216.34.5",
            "7.93.184.216.34",
            "pip install x==93.184.216.34",
            "x>=93.184.216.34",
            "x~=93.184.216.34",
            "^93.184.216.34",
            "~93.184.216.34",
            "Mozilla/5.0 Chrome/120.0.99.109 Safari",
            "see section 93.184.216.34",
            "RFC 5280 section 4.2.1.10",
            "OID 2.5.29.17 and 1.3.132.1",
            "3.11.4.1 was built",
            "lib-93.184.216.34.so",
            "93.184.216.34_x",
            "x93.184.216.34",
            "at 2024:01:15 10:30:00",
            "2024:01:15",
            "10:30:45:123",
            "std::vector",
            "a::b",
            "2001::a::b",
            "face::2bad",
            "0.5-1.5",
            "1.5.2",
            "99.9.",
            "$1,234.56.",
            "3.14.15",
            "12.34.56",
            "00:1b:44:11:3a:b7",
        ] {
            assert_eq!(hosts(text), [] as [&str; 0], "{text}");
        }
    }
}
