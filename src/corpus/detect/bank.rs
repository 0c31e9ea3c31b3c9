//! Payment cards and bank accounts: numbers that carry their own proof. A number counts when its check digits hold, its
//! issuer or country exists, and it is written as such numbers are; test cards and the examples of standards do not.

use super::Certainty::Verified;
use super::Hit;
use super::checksum::{luhn_holds, mod97_holds};
use super::context::{before, byte, is_word, named, run, run_before};
use super::randomness;
use super::words::Words;

pub(super) const CARD: &str = "card number";
pub(super) const ACCOUNT: &str = "bank account (IBAN)";

const LONGEST_CARD: usize = 19;
const BLANKS: usize = 8;
/// Digits of the usual group.
const GROUP: usize = 4;
/// How the digits of cards are grouped.
const GROUPINGS: [&[usize]; 5] = [
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[6, 13],
];

/// Which numbers are given out: from and to, compared with as many leading digits; then the lengths.
const ISSUERS: [(u32, u32, &[usize]); 20] = [
    (4, 4, &[13, 16, 19]),
    (51, 55, &[16]),
    (2221, 2720, &[16]),
    (34, 34, &[15]),
    (37, 37, &[15]),
    (6011, 6011, &[16, 19]),
    (644, 649, &[16, 19]),
    (65, 65, &[16, 19]),
    (300, 305, &[14, 16]),
    (3095, 3095, &[14, 16]),
    (36, 36, &[14, 16]),
    (38, 39, &[14, 16]),
    (3528, 3589, &[16, 19]),
    (62, 62, &[16, 17, 18, 19]),
    (5018, 5018, &[16, 18, 19]),
    (5020, 5020, &[16, 18, 19]),
    (5038, 5038, &[16, 18, 19]),
    (6304, 6304, &[16, 18, 19]),
    (6759, 6763, &[16, 18, 19]),
    (2200, 2204, &[16]),
];

/// Numbers that processors give out for tests and that no pattern gives away.
const TEST_CARDS: Words = Words::of(
    "4000056655665556 4012000033330026 4532015112830366 4539578763621486 \
    2223003122003222 2223000048400011 378282246310005 371449635398431 378734493671000 6011000990139424 \
    3056930009020004 30569309025904 38520000023237 3566002020360505 3530111333300000 6759649826438453",
);

/// Words that make a long number something else, and those that make it a card after all.
const OTHER_NUMBERS: Words = Words::of(
    "order invoice tracking ticket case reference serial isbn ean imei timestamp id \
    barcode",
);
const CARDS: Words = Words::of("card visa mastercard amex credit debit pan");

/// Countries with accounts of this kind, the length, and the example that the registry of the standard prints.
const COUNTRIES: [(&str, usize, &str); 54] = [
    ("AD", 24, "AD1200012030200359100100"),
    ("AE", 23, "AE070331234567890123456"),
    ("AL", 28, "AL47212110090000000235698741"),
    ("AT", 20, "AT611904300234573201"),
    ("BA", 20, "BA391290079401028494"),
    ("BE", 16, "BE68539007547034"),
    ("BG", 22, "BG80BNBG96611020345678"),
    ("BH", 22, "BH67BMAG00001299123456"),
    ("BR", 29, "BR1800360305000010009795493C1"),
    ("CH", 21, "CH9300762011623852957"),
    ("CY", 28, "CY17002001280000001200527600"),
    ("CZ", 24, "CZ6508000000192000145399"),
    ("DE", 22, "DE89370400440532013000"),
    ("DK", 18, "DK5000400440116243"),
    ("EE", 20, "EE382200221020145685"),
    ("EG", 29, "EG380019000500000000263180002"),
    ("ES", 24, "ES9121000418450200051332"),
    ("FI", 18, "FI2112345600000785"),
    ("FO", 18, "FO6264600001631634"),
    ("FR", 27, "FR1420041010050500013M02606"),
    ("GB", 22, "GB29NWBK60161331926819"),
    ("GE", 22, "GE29NB0000000101904917"),
    ("GI", 23, "GI75NWBK000000007099453"),
    ("GL", 18, "GL8964710001000206"),
    ("GR", 27, "GR1601101250000000012300695"),
    ("HR", 21, "HR1210010051863000160"),
    ("HU", 28, "HU42117730161111101800000000"),
    ("IE", 22, "IE29AIBK93115212345678"),
    ("IL", 23, "IL620108000000099999999"),
    ("IS", 26, "IS140159260076545510730339"),
    ("IT", 27, "IT60X0542811101000000123456"),
    ("KW", 30, "KW81CBKU0000000000001234560101"),
    ("KZ", 20, "KZ86125KZT5004100100"),
    ("LI", 21, "LI21088100002324013AA"),
    ("LT", 20, "LT121000011101001000"),
    ("LU", 20, "LU280019400644750000"),
    ("LV", 21, "LV80BANK0000435195001"),
    ("MC", 27, "MC5811222000010123456789030"),
    ("MD", 24, "MD24AG000225100013104168"),
    ("ME", 22, "ME25505000012345678951"),
    ("MT", 31, "MT84MALT011000012345MTLCAST001S"),
    ("NL", 18, "NL91ABNA0417164300"),
    ("NO", 15, "NO9386011117947"),
    ("PL", 28, "PL61109010140000071219812874"),
    ("PT", 25, "PT50000201231234567890154"),
    ("RO", 24, "RO49AAAA1B31007593840000"),
    ("RS", 22, "RS35260005601001611379"),
    ("SA", 24, "SA0380000000608010167519"),
    ("SE", 24, "SE4550000000058398257466"),
    ("SI", 19, "SI56263300012039086"),
    ("SK", 24, "SK3112000000198742637541"),
    ("TR", 26, "TR330006100519786457841326"),
    ("UA", 29, "UA213223130000026007233566001"),
    ("XK", 20, "XK051212012345678906"),
];
/// Examples of introductions.
const EXAMPLES: Words = Words::of(
    "GB82WEST12345698765432 GB33BUKB20201555555555 FR7630006000011234567890189 \
    DE75512108001245126199",
);

/// The payment card whose digits start here.
pub(super) fn card(text: &[u8], start: usize, length: usize) -> Option<Hit> {
    let border = before(text, start);
    // No issuer's numbers start otherwise.
    let is_first = matches!(byte(text, start), b'2'..=b'6');
    if !is_first
        || !matches!(length, 4 | 6 | 13..=LONGEST_CARD)
        || is_word(border)
        || matches!(border, b'.' | b'-' | b'/' | b'#' | b'+' | b'$')
    {
        return None;
    }
    let (number, end) = card_digits(text, start, length)?;
    let is_card = named(text, start, CARDS);
    // Thirteen digits are goods and nineteen are identifiers, unless somebody says that they are a card.
    let is_plain = (14..LONGEST_CARD).contains(&length) || length < 13;
    let meant =
        is_card || is_plain && !in_list(text, start, end) && !named(text, start, OTHER_NUMBERS);
    let is_test = randomness::is_patterned(&number) || TEST_CARDS.hold(&number);
    (meant && !is_test).then_some(Hit {
        kind: CARD,
        certainty: Verified,
        range: start..end,
    })
}

/// Does a number stand in a list of numbers, or its groups in a row of such groups?
fn in_list(text: &[u8], start: usize, end: usize) -> bool {
    let is_blank = |byte: u8| byte.is_ascii_whitespace();
    let earlier = before(text, start - run_before(text, start, BLANKS, is_blank));
    let later = end + 1 + run(text, end + 1, BLANKS, is_blank);
    let listed = byte(text, end) == b','
        && (byte(text, later).is_ascii_digit() || matches!(text.get(end + 1), None | Some(b'\n')));
    let is_hex = |byte: u8| byte.is_ascii_hexdigit();
    let next = run(text, end + 1, GROUP + 1, is_hex);
    let last = run_before(text, start.saturating_sub(1), GROUP + 1, is_hex);
    let in_row =
        byte(text, end) == b' ' && next == GROUP || before(text, start) == b' ' && last == GROUP;
    matches!(earlier, b',' | b'[') || listed || in_row
}

/// The digits of a number that is grouped and proven like a card's, and where they end.
fn card_digits(text: &[u8], start: usize, first: usize) -> Option<(Vec<u8>, usize)> {
    let end = if (13..=LONGEST_CARD).contains(&first) {
        start + first
    } else {
        grouped(text, start, first)?
    };
    if !ends(text, end) {
        return None;
    }
    let shown = text.get(start..end)?;
    let number: Vec<u8> = shown.iter().copied().filter(u8::is_ascii_digit).collect();
    let values: Vec<u8> = number.iter().map(|digit| digit - b'0').collect();
    (is_issued(&number) && luhn_holds(&values)).then_some((number, end))
}

/// Where a number in groups ends: the longest grouping that fits, the same mark between all groups.
fn grouped(text: &[u8], start: usize, first: usize) -> Option<usize> {
    let mark = byte(text, start + first);
    if !matches!(mark, b' ' | b'-') {
        return None;
    }
    let mut candidates = GROUPINGS
        .iter()
        .filter(|grouping| grouping.first() == Some(&first));
    candidates.find_map(|grouping| {
        let mut at = start;
        for (place, length) in grouping.iter().enumerate() {
            at += usize::from(place > 0);
            let joined = place == 0 || before(text, at) == mark;
            if !joined || run(text, at, length + 1, |byte| byte.is_ascii_digit()) != *length {
                return None;
            }
            at += length;
        }
        Some(at)
    })
}

/// Does a number end here, and not only a part of one?
fn ends(text: &[u8], end: usize) -> bool {
    let next = byte(text, end);
    let goes_on = matches!(next, b'.' | b',' | b'-' | b'/' | b':') && is_word(byte(text, end + 1));
    !is_word(next) && next != b'%' && !goes_on
}

fn is_issued(number: &[u8]) -> bool {
    ISSUERS.iter().any(|(from, to, lengths)| {
        let leading = from.ilog10() as usize + 1;
        let head = number.iter().take(leading);
        let head = head.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        (*from..=*to).contains(&head) && lengths.contains(&number.len())
    })
}

/// The bank account whose check digits start here.
pub(super) fn account(text: &[u8], digits: usize) -> Option<Hit> {
    let start = digits.checked_sub(2)?;
    let country = text.get(start..digits)?;
    if !country.iter().all(u8::is_ascii_uppercase) || is_word(before(text, start)) {
        return None;
    }
    let (_, length, example) = COUNTRIES
        .iter()
        .find(|(name, _, _)| name.as_bytes() == country)?;
    let range = start..end(text, start, *length)?;
    let account: Vec<u8> = text
        .get(range.clone())?
        .iter()
        .copied()
        .filter(u8::is_ascii_alphanumeric)
        .collect();
    let is_example = account == example.as_bytes() || EXAMPLES.hold(&account);
    let holds = !is_word(byte(text, range.end)) && mod97_holds(&account) && !is_example;
    holds.then_some(Hit {
        kind: ACCOUNT,
        certainty: Verified,
        range,
    })
}

/// Where so many letters and digits end, in one piece or in groups of four.
fn end(text: &[u8], start: usize, length: usize) -> Option<usize> {
    let (mut at, mut read) = (start, 0);
    while read < length {
        let next = byte(text, at);
        let between = read > 0 && read.is_multiple_of(4) && before(text, at) != b' ';
        if next.is_ascii_uppercase() || next.is_ascii_digit() {
            read += 1;
        } else if next != b' ' || !between {
            return None;
        }
        at += 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::super::Certainty;
    use super::super::sample::{self, found_personal, iban};
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, Certainty, &str)> {
        found_personal(text)
    }

    #[test]
    fn cards_of_every_issuer_are_certain() {
        for body in [
            "492917483920571",
            "548273910462837",
            "243918274650912",
            "37840291647382",
            "601128394710563",
            "3057192836401",
            "621094837261509",
            "353718294650172",
            "650217394826157",
        ] {
            let number = sample::card(body);
            for text in [
                format!("my card is {number}, please"),
                format!("\"card\": \"{number}\""),
                format!(r"pay\n{number}\nnow"),
                format!("it was charged to {number}."),
            ] {
                assert_eq!(found(&text), [(CARD, Verified, number.as_str())], "{text}");
            }
        }
    }

    #[test]
    fn cards_are_read_in_their_grouping() {
        for body in [
            "4929 1748 3920 571",
            "4929-1748-3920-571",
            "3784 029164 7382",
            "6210 9483 7261 5094 82",
        ] {
            let number = sample::card(body);
            assert_eq!(
                found(&format!("card {number} 12/27")),
                [(CARD, Verified, number.as_str())]
            );
            assert_eq!(
                found(&format!("on {number}.")),
                [(CARD, Verified, number.as_str())]
            );
        }
    }

    #[test]
    fn a_wrong_digit_an_unknown_issuer_and_test_cards_are_silent() {
        let good = sample::card("492917483920571");
        let wrong = good.replace("4929", "4928");
        let unknown = sample::card("992917483920571");
        let odd = sample::card("49291748392057");
        for number in [
            wrong.as_str(),
            unknown.as_str(),
            odd.as_str(),
            "4111 1111 1111 1111",
            "4111111111111111",
            "4242 4242 4242 4242",
            "4242424242424242",
            "4000 0000 0000 0002",
            "4012888888881881",
            "5555 5555 5555 4444",
            "5105105105105100",
            "378282246310005",
            "3714 496353 98431",
            "6011111111111117",
            "3530111333300000",
            "4532 0151 1283 0366",
            "4539578763621486",
            "4222222222222",
            "1234 5678 9012 3456",
            "0000 0000 0000 0000",
            "3056930009020004",
        ] {
            assert_eq!(found(&format!("card {number} please")), [], "{number}");
        }
    }

    #[test]
    fn other_long_numbers_are_silent() {
        let good = sample::card("492917483920571");
        let grouped = sample::card("4929 1748 3920 571");
        for text in [
            format!("order {good}"),
            format!("Order #{good}"),
            format!("tracking number: {good}"),
            format!("invoice {good} is due"),
            format!("id {good}"),
            format!("id-{good}"),
            format!("0.{good}"),
            format!("{good}.5"),
            format!("x{good}"),
            format!("{good}x"),
            format!("{good}0"),
            format!("https://place.org/status/{good}"),
            format!("[1, {good}, 2]"),
            format!("[{good}]"),
            format!("{good}, 3857261940586127"),
            format!("1748 {grouped}"),
            format!("{grouped} 5716"),
            format!("{grouped}-5"),
            good.replace("4929", "4929 "),
            good.replace("4929", "4929  "),
            "timestamp 1700000000000000000".to_owned(),
            "2024010112000000 is a run id".to_owned(),
            "isbn 9783161484100".to_owned(),
            "price $4929174839205716".to_owned(),
        ] {
            assert_eq!(found(&text), [], "{text}");
        }
    }

    #[test]
    fn accounts_of_every_country_are_certain_by_their_check_digits() {
        for (country, length, example) in COUNTRIES {
            let account: String = example
                .chars()
                .skip(4)
                .map(|c| if c == '1' { '7' } else { c })
                .collect();
            let account = iban(country, &account);
            let groups: Vec<&[u8]> = account.as_bytes().chunks(4).collect();
            let grouped = String::from_utf8(groups.join(&b' ')).unwrap();
            assert_eq!(account.len(), length, "{country}");
            if account == example {
                continue;
            }
            for shown in [&account, &grouped] {
                let text = format!("IBAN:{shown}, thanks");
                assert_eq!(
                    found(&text),
                    [(ACCOUNT, Verified, shown.as_str())],
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_examples_of_the_standard_are_real_accounts_and_silent() {
        for (country, length, example) in COUNTRIES {
            assert!(mod97_holds(example.as_bytes()), "{country}");
            assert_eq!(example.len(), length, "{country}");
            assert_eq!(found(&format!("pay to {example}")), [], "{country}");
        }
    }

    #[test]
    fn what_only_looks_like_an_account_is_silent() {
        let good = iban("DE", "500105170648489890");
        for text in [
            good.replace("5001", "5002"),
            format!("X{good}"),
            format!("{good}1"),
            good.to_ascii_lowercase(),
            good.replace("DE", "QQ"),
            good.get(..20).unwrap().to_owned(),
            "DE12".to_owned(),
            "order DE78532".to_owned(),
            "order #AZ78532 and #WT78932".to_owned(),
            "tracking EX9872345".to_owned(),
            "SN47291 and TG87542".to_owned(),
            "GB82 WEST 1234 5698 7654 32".to_owned(),
            "DE89 3704 0044 0532 0130 00".to_owned(),
            "FR76 3000 6000 0112 3456 7890 189".to_owned(),
            "DE00 0000 0000 0000 0000 00".to_owned(),
            "model XR50 and MT84 boards".to_owned(),
            good.replace("5001", "50  01"),
        ] {
            assert_eq!(found(&text), [], "{text}");
        }
    }
}
