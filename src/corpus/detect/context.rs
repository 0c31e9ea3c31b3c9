//! What stands around a place: neighbours, digits, and the words before it. Only looks; what follows from it is for the
//! detectors.

use super::words::Words;

/// How far back words are looked for.
const REACH: usize = 40;
/// How many words before a place say what it is.
const WORDS: usize = 3;

/// The byte before a place; a blank at the start of the text.
pub(super) fn before(text: &[u8], at: usize) -> u8 {
    at.checked_sub(1)
        .and_then(|last| text.get(last))
        .copied()
        .unwrap_or(b' ')
}

/// The byte at a place; a blank behind the end of the text.
pub(super) fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or(b' ')
}

/// A letter, digit or underscore of ASCII: what would make a token part of something longer.
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many digits stand in a row from here on.
pub(super) fn digits(text: &[u8], at: usize) -> usize {
    run(text, at, usize::MAX, |byte| byte.is_ascii_digit())
}

/// How many bytes of a class stand in a row from here on; counts no further than `most`.
pub(super) fn run(text: &[u8], at: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .take(most)
        .take_while(|byte| class(**byte))
        .count()
}

/// How many bytes of a class stand in a row right before a place; counts no further than `most`.
pub(super) fn run_before(text: &[u8], at: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
    let head = text.get(..at).unwrap_or_default();
    head.iter()
        .rev()
        .take(most)
        .take_while(|byte| class(**byte))
        .count()
}

/// Is one of the last words before a place one of these, in whatever case? A sentence that ended before does not count.
pub(super) fn named(text: &[u8], at: usize, names: Words) -> bool {
    let from = at.saturating_sub(REACH);
    let near = text.get(from..at).unwrap_or_default();
    let sentence = near
        .iter()
        .rposition(|byte| matches!(byte, b'\n' | b'?' | b'!' | b';'))
        .map_or(0, |end| end + 1);
    near.get(sentence..)
        .unwrap_or_default()
        .split(|byte| !byte.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .rev()
        .take(WORDS)
        .any(|word| names.hold_any_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_before_a_place_name_it() {
        let text = b"my Order number: 12";
        assert!(named(text, 17, Words::of("order")));
        assert!(!named(text, 17, Words::of("invoice")));
        assert!(!named(b"order one two three 12", 20, Words::of("order")));
        assert!(!named(b"Where is my order? 12", 19, Words::of("order")));
    }

    #[test]
    fn outside_of_the_text_is_blank() {
        assert_eq!(before(b"ab", 0), b' ');
        assert_eq!(byte(b"ab", 7), b' ');
        assert_eq!(digits(b"a123", 9), 0);
        assert_eq!(digits(b"a123b", 1), 3);
        assert_eq!(run_before(b"ab12", 4, 9, |byte| byte.is_ascii_digit()), 2);
    }
}
