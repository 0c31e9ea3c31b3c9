//! What of an answer is its own: without sentences that it copied from the question, and without sentences that only string
//! the words together that the case looks for, or those of the question.

use super::haystack::{Haystack, flat};
use super::listed::{self, List};
use super::words::{Stem, Words};
use super::{pieces, sentences};
use crate::score::Keyword;

/// Shorter sentences of the question may come up again by chance.
const COPIED: usize = 20;

/// Keywords in one sentence from which it may be nothing but a string of them.
const STRUNG: usize = 3;

/// A longer sentence holds more than keywords.
const LONGEST: usize = 400;

/// An answer's text with what was read of it.
pub(super) struct Answer<'a> {
    pub(super) text: &'a str,
    pub(super) flat: &'a Haystack,
    pub(super) words: &'a Words,
}

/// The answer without what is not its own; `None` where all of it is. An answer that corrects or shortens a text may
/// repeat that text, but has no reason to repeat the request: without the first sentence of the question nothing counts
/// as copied.
pub(super) fn text(
    answer: &Answer<'_>,
    question: &str,
    keywords_of_case: &[Keyword],
) -> Option<String> {
    let copied = copied(answer.flat, question);
    let keywords = if may_string(answer.words, keywords_of_case) {
        keywords_of_case
    } else {
        &[]
    };
    let listed = listed::list_of(answer.words, question, keywords_of_case);
    if copied.is_none() && keywords.is_empty() && listed.is_none() {
        return None;
    }
    let mut own = String::new();
    let mut borrowed = false;
    let mut in_code = false;
    for piece in pieces(answer.text) {
        in_code ^= piece.trim_start().starts_with("```");
        let is_copied = |asked: &Haystack| piece.len() >= COPIED && asked.contains(&flat(piece));
        let is_listed = |list: &List| list.is(piece);
        let is_borrowed = copied.as_ref().is_some_and(is_copied)
            || !in_code && (is_strung(piece, keywords) || listed.as_ref().is_some_and(is_listed));
        borrowed |= is_borrowed;
        own.push_str(if is_borrowed { "\n" } else { piece });
    }
    borrowed.then_some(own)
}

/// The question, if its first sentence stands in the answer.
fn copied(answer: &Haystack, question: &str) -> Option<Haystack> {
    let mut asked = sentences(question).map(flat);
    let first = asked.find(|own| own.len() >= COPIED)?;
    answer.contains(&first).then(|| Haystack::new(question))
}

/// Whether a sentence holds enough keywords to be a string of them; most answers have none that does.
fn may_string(words: &Words, keywords: &[Keyword]) -> bool {
    if keywords.len() < STRUNG {
        return false;
    }
    let stems = |word: &String| Words::of(word).stems;
    let wanted: Vec<Vec<Vec<Stem>>> = keywords
        .iter()
        .map(|keyword| keyword.any_of.iter().map(stems).collect())
        .collect();
    words.sentences().any(|sentence| {
        let holds = |word: &Vec<Stem>| {
            !word.is_empty() && sentence.windows(word.len()).any(|part| part == word)
        };
        let held = wanted.iter().filter(|any_of| any_of.iter().any(holds));
        sentence.len() >= STRUNG && held.count() >= STRUNG
    })
}

/// Whether a sentence has hardly a word of its own beside keywords.
fn is_strung(sentence: &str, keywords: &[Keyword]) -> bool {
    if keywords.len() < STRUNG || sentence.len() > LONGEST {
        return false;
    }
    let words = Words::of(sentence);
    let held = held(keywords, |word| words.hold(word));
    held >= STRUNG && words.specific() < 2 * held
}

fn held(keywords: &[Keyword], is_held: impl Fn(&str) -> bool) -> usize {
    keywords
        .iter()
        .filter(|keyword| keyword.any_of.iter().any(|word| is_held(word)))
        .count()
}
