//! Digits and bytes behind text: base 16 to base 64. Reads what a detector has already cut out, and says nothing where a
//! character does not belong.

/// The value of a digit in base 62 as GitHub counts: digits, capitals, small letters.
fn base62(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        b'a'..=b'z' => Some(byte - b'a' + 36),
        _ => None,
    }
}

/// The number that digits in base 62 spell.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |sum, digit| {
        sum.checked_mul(62)?.checked_add(u64::from(base62(*digit)?))
    })
}

/// The value of a digit in base 32 (RFC 4648): capitals, then 2 to 7.
pub(super) fn base32(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// The value of a digit in base 64, in either of its two alphabets.
fn base64(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The bytes that base 64 stands for, with or without padding; nothing where a character is none of base 64.
pub(super) fn bytes(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=');
    let digits = text.get(..text.len() - padding.count())?;
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for place in 0..4 {
            let value = match group.get(place) {
                Some(byte) => base64(*byte)?,
                None => 0,
            };
            bits = bits << 6 | u32::from(value);
        }
        let [_, decoded @ ..] = bits.to_be_bytes();
        bytes.extend_from_slice(decoded.get(..group.len() - 1)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_read_in_both_alphabets_with_and_without_padding() {
        assert_eq!(bytes(b"Zm9vYmFy").unwrap(), b"foobar");
        assert_eq!(bytes(b"Zm9vYg==").unwrap(), b"foob");
        assert_eq!(bytes(b"Zm9vYmE").unwrap(), b"fooba");
        assert_eq!(bytes(b"-_+/").unwrap(), bytes(b"+/-_").unwrap());
        assert_eq!(bytes(b"Zm9v!"), None);
        assert_eq!(bytes(b"").unwrap(), b"");
    }

    #[test]
    fn numbers_are_read_digit_by_digit() {
        assert_eq!(number(b"10"), Some(62));
        assert_eq!(number(b"z"), Some(61));
        assert_eq!(number(b"-"), None);
        assert_eq!(number(b"zzzzzzzzzzzz"), None);
        assert_eq!(base32(b'7'), Some(31));
        assert_eq!(base32(b'1'), None);
    }
}
