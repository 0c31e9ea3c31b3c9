//! Checksums that formats carry within themselves: what proves a number or a token. Says whether one holds, nothing of
//! what it stands for.

use super::encoding;

/// How many characters a checksum takes at the end of a GitHub or npm token.
const TOKEN_CHECKSUM: usize = 6;

const CRC_32: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0_u32;
    while index < 256 {
        let mut value = index;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 {
                (value >> 1) ^ 0xEDB8_8320
            } else {
                value >> 1
            };
            bit += 1;
        }
        table[index as usize] = value;
        index += 1;
    }
    table
};

/// The CRC-32 of zip, Ethernet and GitHub's tokens.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ CRC_32[usize::from(low ^ byte)]
    })
}

/// The CRC-24 of `OpenPGP`'s armour (RFC 9580, section 6.1).
pub(super) fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00B7_04CE, |mut crc, byte| {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4CFB;
            }
        }
        crc & 0x00FF_FFFF
    })
}

/// Are the last six characters the CRC-32 of those before, in base 62? GitHub's and npm's tokens end so:
/// <https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/>.
pub(super) fn token_holds(body: &[u8]) -> bool {
    let Some(cut) = body.len().checked_sub(TOKEN_CHECKSUM) else {
        return false;
    };
    let (random, stated) = body.split_at(cut);
    encoding::number(stated) == Some(u64::from(crc32(random)))
}

/// Does the check digit of a card number hold (ISO/IEC 7812, Luhn)? Takes digits as values.
pub(super) fn luhn_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Do the check digits of an IBAN hold (ISO 7064, mod 97)? Takes its letters and digits without blanks.
pub(super) fn mod97_holds(account: &[u8]) -> bool {
    let (head, tail) = account.split_at(account.len().min(4));
    let rest = tail.iter().chain(head).try_fold(0_u32, |rest, byte| {
        let value = char::from(*byte).to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some((rest * shift + value) % 97)
    });
    rest == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_check_values_hold() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc24(b"123456789"), 0x0021_CF02);
    }

    #[test]
    fn a_token_of_the_published_form_holds_and_any_change_breaks_it() {
        // The dummy of GitHub's announcement, and one that npm's format was explained with.
        let github = ["zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"].concat();
        let npm = ["qkJaB6MffYVzZXWqmcoF49yrUxP3wf", "0LsakP"].concat();
        assert!(token_holds(github.as_bytes()));
        assert!(token_holds(npm.as_bytes()));
        assert!(!token_holds(github.replace('z', "y").as_bytes()));
        assert!(!token_holds(b"short"));
        assert!(!token_holds("ä".repeat(18).as_bytes()));
    }

    #[test]
    fn luhn_finds_a_wrong_digit() {
        let number = |text: &str| text.bytes().map(|byte| byte - b'0').collect::<Vec<u8>>();
        assert!(luhn_holds(&number("79927398713")));
        assert!(!luhn_holds(&number("79927398710")));
        assert!(!luhn_holds(&[]));
    }

    #[test]
    fn mod97_finds_swapped_digits() {
        assert!(mod97_holds(b"GB82WEST12345698765432"));
        assert!(!mod97_holds(b"GB82WEST12345698765423"));
        assert!(!mod97_holds(b""));
        assert!(!mod97_holds(b"GB82 WEST"));
    }
}
