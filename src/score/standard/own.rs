//! What of an answer is its own: without sentences that it copied from the question, and without sentences that only string
//! the words together that the case looks for.

use super::haystack::{Haystack, flat};
use super::words::Words;
use super::{pieces, sentences};
use crate::score::Keyword;

/// Shorter sentences of the question may come up again by chance.
const COPIED: usize = 20;

/// Keywords in one sentence from which it may be nothing but a string of them.
const STRUNG: usize = 3;

/// A longer sentence holds more than keywords.
const LONGEST: usize = 400;

/// The answer without what is not its own; `None` where all of it is. An answer that corrects or shortens a text may
/// repeat that text, but has no reason to repeat the request: without the first sentence of the question nothing counts
/// as copied.
pub(super) fn text(answer: &str, question: &str, keywords: &[Keyword]) -> Option<String> {
    let copied = copied(answer, question);
    let mut own = String::new();
    let mut borrowed = false;
    let mut in_code = false;
    for piece in pieces(answer) {
        in_code ^= piece.trim_start().starts_with("```");
        let is_copied = |asked: &Haystack| piece.len() >= COPIED && asked.contains(&flat(piece));
        let is_borrowed =
            copied.as_ref().is_some_and(is_copied) || (!in_code && is_strung(piece, keywords));
        borrowed |= is_borrowed;
        own.push_str(if is_borrowed { "\n" } else { piece });
    }
    borrowed.then_some(own)
}

/// The question, if its first sentence stands in the answer.
fn copied(answer: &str, question: &str) -> Option<Haystack> {
    let first = sentences(question)
        .map(flat)
        .find(|own| own.len() >= COPIED)?;
    // Rules out nearly all answers without turning them into small letters.
    let word = first.split(' ').max_by_key(|word| word.len())?;
    let may = answer.len() >= first.len() && (!word.is_ascii() || answer.contains(word.trim()));
    (may && flat(answer).contains(&first)).then(|| Haystack::new(question))
}

/// Whether a sentence has hardly a word of its own beside keywords.
fn is_strung(sentence: &str, keywords: &[Keyword]) -> bool {
    if keywords.len() < STRUNG || sentence.len() > LONGEST || !may_hold(sentence, keywords) {
        return false;
    }
    let words = Words::of(sentence);
    let held = held(keywords, |word| words.hold(word));
    held >= STRUNG && words.specific() < 2 * held
}

/// Whether the first letters of as many keywords stand in a sentence.
fn may_hold(sentence: &str, keywords: &[Keyword]) -> bool {
    let bytes = sentence.as_bytes();
    held(keywords, |word| {
        let start = word.as_bytes().get(..2).unwrap_or(word.as_bytes());
        bytes
            .windows(start.len().max(1))
            .any(|part| part.eq_ignore_ascii_case(start))
    }) >= STRUNG
}

fn held(keywords: &[Keyword], is_held: impl Fn(&str) -> bool) -> usize {
    keywords
        .iter()
        .filter(|keyword| keyword.any_of.iter().any(|word| is_held(word)))
        .count()
}
