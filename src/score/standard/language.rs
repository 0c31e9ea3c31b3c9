//! Whether an answer speaks the language of its question, by the small words that every sentence needs. Knows English
//! from anything else; questions that name a language are left alone.

use super::{Signal, View, head, number};

/// Cost in quality and in relevance: whoever asked cannot read the answer.
const FOREIGN: f64 = 4.0;

/// Words below which a text does not show its language.
const ENOUGH: usize = 20;

/// Share of function words in an English question, and in an answer that is not English, at most.
const ENGLISH: f64 = 0.2;
const NOT_ENGLISH: f64 = 0.08;

/// Share of small words of other languages in an answer that speaks one.
const OTHER: f64 = 0.12;

/// Small words of Dutch, French, German, Italian, Polish, Portuguese and Spanish that are none in English; sorted.
#[rustfmt::skip]
const SMALL_WORDS: [&str; 84] = [
    "aber", "als", "au", "auch", "auf", "avec", "bei", "bij", "che", "com", "como", "con", "da", "dans", "das", "dass",
    "de", "dei", "del", "della", "dem", "den", "der", "des", "di", "die", "dla", "do", "du", "een", "ein", "eine",
    "einen", "el", "em", "en", "est", "et", "für", "gli", "het", "ich", "il", "ist", "jest", "la", "las", "le", "les",
    "lo", "los", "met", "mit", "na", "nicht", "nie", "não", "oder", "om", "os", "ou", "par", "para", "per", "por",
    "pour", "que", "qui", "se", "sich", "sie", "sind", "sont", "su", "sur", "te", "um", "un", "una", "und", "une",
    "van", "von", "voor",
];

/// What a question says that wants another language; each in lower case.
const LANGUAGES: [&str; 33] = [
    "arabic",
    "bengali",
    "bulgarian",
    "chinese",
    "czech",
    "danish",
    "dutch",
    "finnish",
    "french",
    "german",
    "greek",
    "hebrew",
    "hindi",
    "hungarian",
    "indonesian",
    "italian",
    "japanese",
    "korean",
    "language",
    "latin",
    "mandarin",
    "norwegian",
    "persian",
    "polish",
    "portuguese",
    "romanian",
    "russian",
    "spanish",
    "swedish",
    "thai",
    "translat",
    "turkish",
    "urdu",
];

/// What it costs to answer an English question in another language, if that is so.
pub(super) fn foreign(view: &View<'_>) -> Option<Signal> {
    let function = |words: &super::Words| 1.0 - words.density();
    let decided = view.prompt.len() >= ENOUGH / 2
        && view.words.len() >= ENOUGH
        && function(&view.prompt) >= ENGLISH
        && function(&view.words) < NOT_ENGLISH
        && !view.is_structure();
    if !decided || LANGUAGES.iter().any(|name| view.asked_with(name)) {
        return None;
    }
    is_other(view.text).then(|| Signal::new(FOREIGN, "is not in the language of the question"))
}

/// Mostly in another script, or held together by the small words of another language.
fn is_other(text: &str) -> bool {
    let text = head(text);
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (all, foreign) = letters.fold((0, 0), |(all, foreign), c| {
        let is_latin = c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c);
        (all + 1, foreign + usize::from(!is_latin))
    });
    let words = || {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    let small = words().filter(|word| {
        SMALL_WORDS
            .binary_search(&word.to_lowercase().as_str())
            .is_ok()
    });
    2 * foreign > all || number(small.count()) >= OTHER * number(words().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_sorted_so_that_they_can_be_searched() {
        assert!(SMALL_WORDS.is_sorted());
    }
}
