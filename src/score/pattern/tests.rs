//! Both compiled forms have to say what the `regex` crate says, and the bound has to hold.

use proptest::prelude::*;
use regex::{Regex, RegexBuilder};

use super::*;

/// Patterns as people write them, and every kind of part that a pattern can have.
const PATTERNS: &[&str] = &[
    r"(?i)\brefund(s|ed)?\b",
    r"(?i)spreadsheet[^\n]*\n*[^\n]*\b(can't|can’t|cannot|won’t)\b",
    r"\b80\s?%|\b80 percent",
    r"[“”][^”]{4,}[”]",
    r"(?is)a.{0,30}b",
    r"\$\s?116\b",
    r"(?m)^\s*[-*•] \S+$",
    r"(?mR)^x$",
    r"^\W+$",
    r"\w+@\w+\.\w{2,}",
    r"[^a-z\s]",
    r"\d{2,4}[-–—/]\d+",
    r"é|ü|東|k",
    r"(?i)straße|k",
    r"\B\S\B",
    r"\b{start}the\b{end}|\b{start-half}x\b{end-half}",
    r"(?-u:\b)x",
    r"(?-u)[a-f]\w",
    r"€ ?\d|\d ?€",
    r"[[:punct:]]{2}",
    r"\p{Lu}\p{Ll}+|\p{Sc}",
    r"a??b*?c+?|",
    r"x{0}|[a&&b]",
    r".*\z",
];

#[track_caller]
fn same(pattern: &str, text: &str) {
    let expected = Regex::new(pattern).unwrap().is_match(text);
    let found = Pattern::new(pattern).unwrap().is_in(&Searched::new(text));
    assert_eq!(found, expected, "{pattern} in {text:?}");
}

#[test]
fn marks_are_sorted_and_no_part_of_a_word() {
    let mark = Regex::new(r"^[\W&&[^\x00-\x7f]]$").unwrap();
    let all = (128..=255).filter_map(typed::mark);
    let all: Vec<char> = all.collect();
    assert!(all.is_sorted());
    for c in all {
        assert!(mark.is_match(&c.to_string()), "{c:?}");
    }
}

#[test]
fn text_of_other_scripts_is_searched_as_it_is() {
    for text in ["Ärger", "naïve 東京", "И 12", "e\u{301}"] {
        assert!(typed::bytes(text).is_none());
        for pattern in PATTERNS {
            same(pattern, text);
        }
    }
}

#[test]
fn ordinary_text_is_one_byte_a_character() {
    let text = "“5 € – it’s”";
    assert_eq!(
        typed::bytes(text).map(|b| b.len()),
        Some(text.chars().count())
    );
}

#[test]
fn a_pattern_that_is_none_says_what_the_compiler_says() {
    for pattern in [
        "(",
        "[z-a]",
        r"\q",
        "a{5,2}",
        r"(?-u)\xff",
        &"(".repeat(300),
    ] {
        let expected = Regex::new(pattern).unwrap_err().to_string();
        assert_eq!(Pattern::new(pattern).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_pattern_that_would_take_too_much_is_found_without_an_answer() {
    for pattern in [r"\w{100}", r"(\w{20}){20}", "(((a{100}){100}){100}){100}"] {
        let error = Pattern::new(pattern).unwrap_err();
        assert!(matches!(error, regex::Error::CompiledTooBig(_)), "{error}");
    }
}

#[test]
fn no_pattern_takes_more_than_its_bound() {
    let large = [
        r"\w",
        r"\W",
        r"\pL",
        r"\PL",
        r"\X?.",
        r"(?s).",
        r"\w{5}",
        r"(?i)[a-z]{9}",
        r"(ab|cd|ef){3,40}",
        r"(?i)(one|two|three|four|fourteen|forty|fifty)",
        r"[^\n]{0,300}x",
        r"(a*)*(b+)+(c?){7}",
        r"(((((((((x)))))))))",
        r"((\d+)?,){4,}",
        "one|two|only|once|onto",
        "x?",
        "",
    ];
    for pattern in large.iter().chain(PATTERNS) {
        let Ok(hir) = regex_syntax::parse(pattern) else {
            continue;
        };
        let bound = size::bound(&hir);
        let built = RegexBuilder::new(pattern).size_limit(bound).build();
        assert!(built.is_ok(), "{pattern} takes more than {bound} bytes");
    }
}

proptest! {
    #[test]
    fn both_forms_match_what_the_pattern_matches(
        pattern in proptest::sample::select(PATTERNS),
        text in "([a-zA-Z0-9 .,:%$@/_-]|[\u{a0}€–—’“”•°²½→✅é東k\n\r\u{feff}]|the|refund|xx){0,24}",
    ) {
        same(pattern, &text);
    }

    #[test]
    fn strange_patterns_match_alike_too(
        pattern in r"(\(\?i\))?([a-c.€–é]|\[\^?[a-c–’é]{1,3}\]|\\[wWdDsSbB]|[a-c]\{0,3\}|[(]a[|]b?[)][*+?]?){1,6}",
        text in "[abcABC €–’é1\n_]{0,12}",
    ) {
        prop_assume!(Regex::new(&pattern).is_ok());
        same(&pattern, &text);
    }
}
