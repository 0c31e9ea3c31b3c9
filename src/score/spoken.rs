//! Decides which language an answer is written in, by the trigrams and the alphabet of its text. Code is left out: it
//! speaks no language.

use whatlang::Lang;

use super::fenced;
use super::finding::Finding;

/// Characters that are read: more do not make the language clearer.
const MOST_CHARACTERS: usize = 20_000;

/// Letters below which a text does not show its language.
const LEAST_LETTERS: usize = 24;

/// A language that people speak and that can be told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpokenLanguage(Lang);

/// Two-letter codes of ISO 639-1; Akan is `ak`, Mandarin goes by the code of Chinese, Bokmål by that of Norwegian.
#[rustfmt::skip]
const CODES: [(Lang, &str); 70] = [
    (Lang::Epo, "eo"), (Lang::Eng, "en"), (Lang::Rus, "ru"), (Lang::Cmn, "zh"), (Lang::Spa, "es"), (Lang::Por, "pt"),
    (Lang::Ita, "it"), (Lang::Ben, "bn"), (Lang::Fra, "fr"), (Lang::Deu, "de"), (Lang::Ukr, "uk"), (Lang::Kat, "ka"),
    (Lang::Ara, "ar"), (Lang::Hin, "hi"), (Lang::Jpn, "ja"), (Lang::Heb, "he"), (Lang::Yid, "yi"), (Lang::Pol, "pl"),
    (Lang::Amh, "am"), (Lang::Jav, "jv"), (Lang::Kor, "ko"), (Lang::Nob, "no"), (Lang::Dan, "da"), (Lang::Swe, "sv"),
    (Lang::Fin, "fi"), (Lang::Tur, "tr"), (Lang::Nld, "nl"), (Lang::Hun, "hu"), (Lang::Ces, "cs"), (Lang::Ell, "el"),
    (Lang::Bul, "bg"), (Lang::Bel, "be"), (Lang::Mar, "mr"), (Lang::Kan, "kn"), (Lang::Ron, "ro"), (Lang::Slv, "sl"),
    (Lang::Hrv, "hr"), (Lang::Srp, "sr"), (Lang::Mkd, "mk"), (Lang::Lit, "lt"), (Lang::Lav, "lv"), (Lang::Est, "et"),
    (Lang::Tam, "ta"), (Lang::Vie, "vi"), (Lang::Urd, "ur"), (Lang::Tha, "th"), (Lang::Guj, "gu"), (Lang::Uzb, "uz"),
    (Lang::Pan, "pa"), (Lang::Aze, "az"), (Lang::Ind, "id"), (Lang::Tel, "te"), (Lang::Pes, "fa"), (Lang::Mal, "ml"),
    (Lang::Ori, "or"), (Lang::Mya, "my"), (Lang::Nep, "ne"), (Lang::Sin, "si"), (Lang::Khm, "km"), (Lang::Tuk, "tk"),
    (Lang::Aka, "ak"), (Lang::Zul, "zu"), (Lang::Sna, "sn"), (Lang::Afr, "af"), (Lang::Lat, "la"), (Lang::Slk, "sk"),
    (Lang::Cat, "ca"), (Lang::Tgl, "tl"), (Lang::Hye, "hy"), (Lang::Cym, "cy"),
];

impl SpokenLanguage {
    /// The language of a two-letter code.
    pub fn of(code: &str) -> Option<Self> {
        let known = CODES.iter().find(|(_, known)| *known == code);
        known.map(|(language, _)| Self(*language))
    }

    /// The two-letter codes of all languages.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        CODES.iter().map(|(_, code)| *code)
    }

    /// Its two-letter code.
    pub fn as_str(self) -> &'static str {
        let known = CODES.iter().find(|(language, _)| *language == self.0);
        known.map_or(self.0.code(), |(_, code)| code)
    }
}

/// Whether the answer is written in the language. A text that is short, or might be several languages, can only be told
/// to be the wanted one.
pub(super) fn is_in(text: &str, wanted: SpokenLanguage) -> Finding {
    let prose = fenced::without_blocks(text);
    let head = match prose.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => prose.get(..end).unwrap_or_default(),
        None => &prose,
    };
    let letters = head.chars().filter(|c| c.is_alphabetic());
    if letters.take(LEAST_LETTERS).count() < LEAST_LETTERS {
        return Finding::untold("has too few letters to tell its language");
    }
    let Some(found) = whatlang::detect(head) else {
        return Finding::untold("its language is not known");
    };
    let name = found.lang().eng_name();
    if found.lang() == wanted.0 {
        return Finding::seen(true, format!("is {name}"));
    }
    if found.is_reliable() {
        return Finding::no(format!("is {name}"));
    }
    Finding::untold(format!("may be {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::finding::Holds;

    fn told(text: &str, code: &str) -> Finding {
        is_in(text, SpokenLanguage::of(code).unwrap())
    }

    #[test]
    fn every_language_that_can_be_told_has_one_code() {
        for language in Lang::all() {
            let codes = CODES.iter().filter(|(known, _)| known == language);
            assert_eq!(codes.count(), 1, "{language:?}");
        }
        let mut codes: Vec<_> = SpokenLanguage::codes().collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len());
        assert!(codes.iter().all(|code| code.len() == 2));
    }

    #[test]
    fn a_paragraph_is_in_its_language_and_in_no_other() {
        let german = "Sie können den Vertrag bis zum Ende des Monats schriftlich kündigen.";
        assert_eq!(told(german, "de").holds, Holds::Yes);
        let other = told(german, "en");
        assert_eq!(other.holds, Holds::No);
        assert_eq!(other.found.as_deref(), Some("is German"));
    }

    #[test]
    fn code_in_an_answer_does_not_make_it_english() {
        let code = "for name in names:\n    print(\"the value of this is\", name)\n".repeat(20);
        let text = format!(
            "So werden alle Namen der Reihe nach ausgegeben:\n\n```python\n{code}```\n\nDie Schleife endet von selbst."
        );
        assert_eq!(told(&text, "de").holds, Holds::Yes);
    }

    #[test]
    fn a_word_or_two_do_not_show_a_language_and_pass_neither_way() {
        let short = told("OK, done.", "en");
        assert_eq!(short.holds, Holds::Untold);
        assert!(!short.passes(false) && !short.passes(true));
    }
}
