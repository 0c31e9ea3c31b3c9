//! How an answer is spoilt, each way as it happens to models.

use super::texts::{GENERIC, PADDING};
use super::{Spoiling, flat, language};
use crate::suite::Case;

/// A good answer.
#[derive(Debug, Clone)]
pub struct Good<'g> {
    /// What it answers.
    pub case: &'g Case,
    /// The answer.
    pub answer: &'g str,
    /// The good answer to another case, of the same form where there is one.
    pub other: Option<&'g str>,
}

/// Part of an answer that is left of a truncated one.
const LEFT: (usize, usize) = (2, 5);
/// How often a loop repeats.
const LOOPS: usize = 12;
/// Blanks in an answer with placeholders.
const BLANKS: usize = 8;
/// An answer with fewer blanks looks finished.
const LEAST_BLANKS: usize = 3;
/// How often stuffed words stand there.
const STUFFED: usize = 3;
/// Padding has at least so many words.
const LEAST_PADDING: usize = 60;

/// The answer spoilt in one way; `None` where it cannot be spoilt so.
pub fn spoil(spoiling: Spoiling, good: &Good<'_>) -> Option<String> {
    let answer = good.answer;
    match spoiling {
        Spoiling::Truncated => Some(part(answer, LEFT)),
        Spoiling::Looping => Some(looping(answer)),
        Spoiling::Generic => Some(GENERIC.to_owned()),
        Spoiling::OffTopic => good.other.map(str::to_owned),
        Spoiling::WrongForm => flat::in_another_form(answer, good.case.expectation.form?),
        Spoiling::Placeholders => blanks(answer),
        Spoiling::WrongLanguage => language::german(answer),
        Spoiling::Stuffed => Some(stuffed(good)),
        Spoiling::Padded => Some(padded(answer)),
        Spoiling::CopiedPrompt => Some(good.case.prompt().to_owned()),
    }
}

/// The first of so many parts, in characters.
fn part(text: &str, (share, of): (usize, usize)) -> String {
    let length = text.chars().count() * share / of;
    text.chars().take(length.max(1)).collect()
}

fn looping(answer: &str) -> String {
    let mut text = part(answer, (1, 2));
    let words: Vec<&str> = text.split_whitespace().collect();
    let from = words.len().saturating_sub(12);
    let again = words.get(from..).unwrap_or_default().join(" ");
    for _ in 0..LOOPS {
        text.push(' ');
        text.push_str(&again);
    }
    text
}

/// Numbers and names as blanks.
fn blanks(answer: &str) -> Option<String> {
    let (mut text, mut blanks, mut starts) = (String::new(), 0, true);
    for piece in answer.split_inclusive(char::is_whitespace) {
        let word = piece.trim_matches(|c: char| !c.is_alphanumeric());
        let number = word.chars().any(|c| c.is_ascii_digit());
        let name = word.starts_with(char::is_uppercase) && word.chars().count() > 1 && !starts;
        let blank = match (number, name) {
            (true, _) => "[number]",
            (false, true) => "[name]",
            (false, false) => "",
        };
        if blank.is_empty() || blanks >= BLANKS {
            text.push_str(piece);
        } else {
            text.push_str(&piece.replacen(word, blank, 1));
            blanks += 1;
        }
        starts = piece
            .trim_end()
            .ends_with(['.', '!', '?', ':', '#', '-', '*', '|'])
            || piece.ends_with('\n');
    }
    (blanks >= LEAST_BLANKS).then_some(text)
}

fn stuffed(good: &Good<'_>) -> String {
    let keywords = good.case.expectation.keywords.iter();
    let keywords = keywords.flat_map(|keyword| keyword.any_of.iter().map(String::as_str));
    let asked = good.case.prompt().split_whitespace();
    let asked = asked
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() > 4);
    let words: Vec<&str> = keywords.chain(asked.take(40)).collect();
    let list = words.join(", ");
    let mut text = good.answer.trim_end().to_owned();
    for _ in 0..STUFFED {
        text.push_str("\n\nKeywords: ");
        text.push_str(&list);
        text.push('.');
    }
    text
}

fn padded(answer: &str) -> String {
    let wanted = answer.split_whitespace().count().max(LEAST_PADDING);
    let mut text = answer.trim_end().to_owned();
    let (mut words, mut sentences) = (0, PADDING.iter().cycle().zip(0..));
    while words < wanted
        && let Some((sentence, place)) = sentences.next()
    {
        text.push_str(if place % 3 == 0 { "\n\n" } else { " " });
        text.push_str(sentence);
        words += sentence.split_whitespace().count();
    }
    text
}
