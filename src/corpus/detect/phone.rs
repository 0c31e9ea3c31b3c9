//! Telephone numbers: international ones with their plus, and North American ones in their usual grouping. Nothing
//! proves one, so all are possible. Numbers that no person can have are not reported: those kept for films and lessons,
//! every 555, and the ones that callers do not pay for.

use std::ops::Range;

use super::Certainty::Possible;
use super::Hit;
use super::context::{before, byte, digits, is_word, named, run};
use super::randomness;
use super::words::Words;

pub(super) const KIND: &str = "phone number";

/// Digits of an international number (ITU-T E.164), its country included.
const FEWEST: usize = 8;
const MOST: usize = 15;
/// Digits of a North American number with its country.
const NORTH_AMERICAN: usize = 11;

/// What numbers start with that regulators keep for fiction: Great Britain, Germany, France, Australia.
const FICTIONAL: Words = Words::of(
    "44207946 441632960 447700900 44113496 44114496 44115496 44116496 493023125 \
    496990009 494066969 492214710 498999998 4917139200 3319900 3326191 3335301 3346571 3353649 3363998 \
    61491570 61255501",
);
/// What no country has.
const UNASSIGNED: Words = Words::of("210 214 215 217 219 259 28 292 293 294 295 296 83 89 999");
/// Area codes that the called party pays, or the caller pays dearly.
const BUSINESS: [&[u8]; 8] = [
    b"800", b"833", b"844", b"855", b"866", b"877", b"888", b"900",
];

/// Words that make a grouped number something else.
const OTHER_NUMBERS: Words = Words::of(
    "order invoice ticket case reference ref serial part model sku tracking id \
    account confirmation",
);
const PHONES: Words = Words::of("phone call tel telephone mobile cell fax text");

/// The telephone number whose digits start here.
pub(super) fn number(text: &[u8], start: usize, length: usize) -> Option<Hit> {
    let range = match (before(text, start), length) {
        (b'+', ..=MOST) => international(text, start),
        (_, 1 | 3) => north_american(text, start),
        _ => None,
    }?;
    Some(Hit {
        kind: KIND,
        certainty: Possible,
        range,
    })
}

fn international(text: &[u8], start: usize) -> Option<Range<usize>> {
    let plus = start - 1;
    let border = before(text, plus);
    if is_word(border) || matches!(border, b')' | b'+' | b'-' | b'.' | b'%') {
        return None;
    }
    let (number, end) = dialled(text, start)?;
    let next = byte(text, end);
    let goes_on = matches!(next, b'.' | b'-' | b'/' | b':') && is_word(byte(text, end + 1));
    let is_real = match number.first()? {
        b'0' => false,
        b'1' => number.get(1..).is_some_and(is_assigned),
        _ => !FICTIONAL.start(&number) && !UNASSIGNED.start(&number),
    };
    let alone = !is_word(next) && next != b'%' && !goes_on;
    (is_real && alone && !randomness::is_patterned(&number)).then_some(plus..end)
}

/// The digits behind a plus and where they end: as many groups as make a number.
fn dialled(text: &[u8], start: usize) -> Option<(Vec<u8>, usize)> {
    let (fewest, most) = match byte(text, start) {
        b'1' => (NORTH_AMERICAN, NORTH_AMERICAN),
        _ => (FEWEST, MOST),
    };
    let first = digits(text, start);
    let mut number = Vec::new();
    let (mut at, mut longest, mut whole) = (start, 0, None);
    loop {
        let length = digits(text, at);
        if length == 0 || number.len() + length > most {
            break;
        }
        longest = if at == start { 0 } else { length.max(longest) };
        number.extend_from_slice(text.get(at..at + length)?);
        at += length;
        // `+9999-12-31` is a date and `+255959.999` a time.
        let is_date = first >= 4 && at > start + first && longest <= 2;
        let is_decimal = at > start + first && byte(text, start + first) == b'.' && first > 3;
        if number.len() >= fewest && !is_date && !is_decimal {
            whole = Some((number.len(), at));
        }
        at += separator(text, at);
    }
    let (length, end) = whole?;
    number.truncate(length);
    Some((number, end))
}

/// The length of what may stand between two groups: one mark, or a bracket with a blank.
fn separator(text: &[u8], at: usize) -> usize {
    let marks = run(text, at, 3, |byte| {
        matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')')
    });
    let bracket = text
        .get(at..at + marks)
        .is_some_and(|marks| marks.iter().any(|mark| matches!(mark, b'(' | b')')));
    if bracket { marks } else { marks.min(1) }
}

/// `(202) 456-1414`, `202-456-1414`, `202.456.1414`, with or without the 1 before.
fn north_american(text: &[u8], start: usize) -> Option<Range<usize>> {
    let prefixed = digits(text, start) == 1
        && byte(text, start) == b'1'
        && matches!(byte(text, start + 1), b'-' | b'.' | b' ');
    let opening = if prefixed { start + 2 } else { start };
    let (area, bracket) = match (prefixed, byte(text, opening), before(text, start)) {
        (true, b'(', _) => (opening + 1, true),
        (false, _, b'(') => (start, true),
        _ => (opening, false),
    };
    let from = if bracket && !prefixed {
        start - 1
    } else {
        start
    };
    let joint = byte(text, area + 3);
    let exchange = match (bracket, joint) {
        (true, b')') => area + 4 + usize::from(matches!(byte(text, area + 4), b' ' | b'-')),
        (false, b'-' | b'.') => area + 4,
        _ => return None,
    };
    let second = byte(text, exchange + 3);
    let is_joint = matches!(second, b'-' | b'.') && (bracket || second == joint);
    let line = exchange + 4;
    let groups = [(area, 3), (exchange, 3), (line, 4)];
    if !is_joint
        || groups
            .iter()
            .any(|(at, length)| digits(text, *at) != *length)
    {
        return None;
    }
    let end = line + 4;
    let mut number = Vec::with_capacity(10);
    for (at, length) in groups {
        number.extend_from_slice(text.get(at..at + length)?);
    }
    let meant = named(text, from, PHONES) || !named(text, from, OTHER_NUMBERS);
    let alone = stands_alone(text, from, end);
    (alone && meant && is_assigned(&number) && !randomness::is_patterned(&number))
        .then_some(from..end)
}

fn stands_alone(text: &[u8], from: usize, end: usize) -> bool {
    let border = before(text, from);
    let next = byte(text, end);
    let goes_on = matches!(next, b'-' | b'.' | b'/' | b':') && is_word(byte(text, end + 1));
    let in_front = matches!(
        border,
        b'-' | b'.' | b'#' | b'/' | b'+' | b'$' | b'@' | b'%'
    );
    !is_word(border) && !in_front && !is_word(next) && next != b'@' && !goes_on
}

/// Can a person have this number of the North American plan? Takes its ten digits.
fn is_assigned(number: &[u8]) -> bool {
    let Some((area, rest)) = number.split_at_checked(3) else {
        return false;
    };
    let Some((exchange, line)) = rest.split_at_checked(3) else {
        return false;
    };
    // No code starts with 0 or 1; 211 to 911 are services.
    let is_code = |code: &[u8]| code.first() > Some(&b'1') && !code.ends_with(b"11");
    line.len() == 4
        && is_code(area)
        && is_code(exchange)
        && area.get(1) != Some(&b'9')
        && area != b"555"
        && exchange != b"555"
        && !BUSINESS.contains(&area)
}

#[cfg(test)]
mod tests {
    use super::super::sample::found_personal;

    fn numbers(text: &str) -> Vec<&str> {
        found_personal(text).iter().map(|hit| hit.2).collect()
    }

    #[test]
    fn international_numbers_are_found_in_every_grouping() {
        for number in [
            "+41 22 730 5111",
            "+41227305111",
            "+41-22-730-5111",
            "+41 (0)22 730 51 11",
            "+41.22.730.5111",
            "+1 202 456 1414",
            "+1 (202) 456-1414",
            "+1-202-456-1414",
            "+12024561414",
            "+33 1 42 92 81 00",
            "+3222991111",
            "+41 (22) 730-5111",
            "+81 3 5253 1111",
        ] {
            for text in [
                format!("call {number} today"),
                format!("\"phone\": \"{number}\","),
                format!("(tel:{number})"),
                format!("Phone={number}."),
            ] {
                assert_eq!(numbers(&text), [number], "{text}");
            }
        }
        assert_eq!(
            numbers(r"a\n\u002b41 22 730 5111\nb"),
            [r"\u002b41 22 730 5111"]
        );
    }

    #[test]
    fn north_american_numbers_are_found_in_their_grouping() {
        for number in [
            "(202) 456-1414",
            "(202)456-1414",
            "202-456-1414",
            "202.456.1414",
            "1-202-456-1414",
            "1 (202) 456-1414",
            "1.202.456.1414",
        ] {
            for text in [
                format!("call {number} today"),
                format!("\"phone\": \"{number}\","),
                format!("Order 7, phone {number}."),
                format!("fax:{number}\\n"),
            ] {
                assert_eq!(numbers(&text), [number], "{text}");
            }
        }
    }

    #[test]
    fn numbers_that_nobody_has_are_silent() {
        for text in [
            "(212) 555-0123",
            "212-555-0199",
            "415-555-2671",
            "+1 415 555 2671",
            "(555) 123-4567",
            "555-123-4567",
            "123-456-7890",
            "1-800-273-8255",
            "+1 888 273 8255",
            "1-900-273-8255",
            "(011) 234-5678",
            "(202) 911-1414",
            "+44 20 7946 0958",
            "+44 7700 900123",
            "+49 30 23125 123",
            "+1 234 567 8901",
            "+49 111111111",
            "+00 22 730 5111",
            "+999 22 730 5111",
            "+1 202 456 141",
            "+41 22",
        ] {
            assert_eq!(
                numbers(&format!("call {text} now")),
                [] as [&str; 0],
                "{text}"
            );
        }
    }

    #[test]
    fn orders_dates_versions_times_and_prices_are_silent() {
        for text in [
            "Order #202-456-1414 was shipped",
            "order number 202-456-1414",
            "Invoice: 202-456-1414",
            "ticket 202-456-1414 is open",
            "tracking number 202-456-1414",
            "part 202-456-1414-7",
            "Order 2023-45678 and 2023-10872",
            "on 2024-01-15T10:30:00+05:30",
            "2024-01-15 10:30:00 +0000",
            "+9999-12-31 23:59:59",
            "+255959.999",
            "version 202.456.1414.2",
            "delivery in 5-7 business days",
            "between $1,500-1,800 or (2000-2500)",
            "12-34-56-78-90",
            "the sum 5+41227305111",
            "x+41227305111",
            "id=9f202-456-1414",
            "202-456-14145",
            "3202-456-1414",
            "202-456-1414@host",
            "202 456 1414",
            "customer 10123456789 and 1234567890",
            "C++11 2024-2025",
            "+10000000 points",
            "a +5% raise of 1.234.567",
            "lat -41.2273, lon +174.8859051",
            "192.168.202.456",
        ] {
            assert_eq!(numbers(text), [] as [&str; 0], "{text}");
        }
    }
}
