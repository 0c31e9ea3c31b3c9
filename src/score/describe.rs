//! Says in one line what a check tests, in the words of the suite file. Decides nothing.

use std::fmt::Display;

use super::{Check, CheckKind, CostRange, CountRange, ExpectedCall, Likeness, Model};

/// Entries of a list that are shown before "and N more".
const SHOWN: usize = 6;

/// Characters of a pattern or text that are shown.
const LENGTH: usize = 100;

/// What a check tests: its label, else as in `not-contains "TODO"`.
pub(super) fn check(check: &Check) -> String {
    if let Some(label) = &check.label {
        return shortened(label);
    }
    let not = if check.negated { "not-" } else { "" };
    let key = check.kind.as_str();
    match &check.kind {
        CheckKind::Equals(text, _)
        | CheckKind::Contains(text, _)
        | CheckKind::StartsWith(text, _)
        | CheckKind::EndsWith(text, _)
        | CheckKind::FinishReason(text) => format!("{not}{key} {}", quoted(&[text])),
        CheckKind::ContainsAny(list, _) | CheckKind::ContainsAll(list, _) => {
            format!("{not}{key} {}", quoted(list))
        }
        CheckKind::Regex(pattern) => format!("{not}{key} {}", shortened(pattern.as_str())),
        CheckKind::JsonSchema(schema) | CheckKind::ContainsJson(Some(schema)) => {
            format!("{not}{key} {}", shortened(&schema.value().to_string()))
        }
        CheckKind::CodeParses(language) => format!("{not}{key} {}", language.as_str()),
        CheckKind::Language(language) => format!("{not}{key} {}", language.as_str()),
        CheckKind::Like(likeness) => format!("{not}{key} {}", threshold(likeness)),
        CheckKind::IsJson
        | CheckKind::IsSql
        | CheckKind::ContainsSql
        | CheckKind::IsRefusal
        | CheckKind::ContainsJson(None)
        | CheckKind::Is(_)
        | CheckKind::Holds(_) => format!("{not}{key}"),
        CheckKind::WordCount(range)
        | CheckKind::CharacterCount(range)
        | CheckKind::SentenceCount(range) => format!("{not}{key} {}", bounds(*range)),
        CheckKind::Latency(range) => format!("{not}{key} {} ms", bounds(*range)),
        CheckKind::Cost(range) => format!("{not}{key} {}", within(*range)),
        CheckKind::ToolCall(call) => format!("{not}{key} {}", called(call)),
        CheckKind::Any { checks, at_least } => {
            let members: Vec<String> = checks.iter().take(SHOWN).map(self::check).collect();
            let more = more(checks.len());
            format!("{not}at least {at_least} of: {}{more}", members.join("; "))
        }
    }
}

/// A list of texts in quotes.
pub(super) fn quoted<T: AsRef<str>>(list: &[T]) -> String {
    let shown: Vec<String> = list
        .iter()
        .take(SHOWN)
        .map(|text| format!("{:?}", shortened(text.as_ref())))
        .collect();
    format!("{}{}", shown.join(", "), more(list.len()))
}

fn more(count: usize) -> String {
    match count.saturating_sub(SHOWN) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    }
}

/// As in `at least 0.3 to the reference`.
fn threshold(likeness: &Likeness) -> String {
    let to = match &likeness.to {
        Model::Reference => "the reference".to_owned(),
        Model::Text(text) => quoted(&[text]),
    };
    let n = likeness.n.map(|n| format!("of {n}"));
    let min = likeness.min.map(|min| format!("at least {min}"));
    let max = likeness.max.map(|max| format!("at most {max} edits"));
    let bounds: Vec<String> = [n, min, max].into_iter().flatten().collect();
    format!("{} to {to}", bounds.join(", "))
}

/// As in `"lookup" with {"type":"object"}`.
fn called(call: &ExpectedCall) -> String {
    let name = match &call.name {
        Some(name) => quoted(&[name]),
        None => "of any tool".to_owned(),
    };
    match &call.arguments {
        Some(schema) => format!("{name} with {}", shortened(&schema.value().to_string())),
        None => name,
    }
}

fn bounds(range: CountRange) -> String {
    between(range.min, range.max)
}

fn within(range: CostRange) -> String {
    between(range.min, range.max)
}

fn between<T: PartialEq + Display>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{min}"),
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "of any size".to_owned(),
    }
}

/// The text, cut after [`LENGTH`] characters.
fn shortened(text: &str) -> String {
    if text.len() <= LENGTH {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(LENGTH).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Dimension, LetterCase};

    fn described(kind: CheckKind, negated: bool) -> String {
        check(&Check {
            kind,
            negated,
            weight: 1.0,
            dimension: Dimension::QUALITY,
            required: false,
            label: None,
        })
    }

    #[test]
    fn a_check_reads_as_in_the_suite() {
        let text = CheckKind::Contains("TO\nDO".into(), LetterCase::Ignored);
        assert_eq!(described(text, true), r#"not-contains "TO\nDO""#);
        let range = CheckKind::WordCount(CountRange {
            min: Some(40),
            max: Some(400),
        });
        assert_eq!(described(range, false), "word-count 40 to 400");
    }

    #[test]
    fn long_lists_and_long_patterns_are_cut_and_say_so() {
        let list = (0..9).map(|n| n.to_string()).collect();
        let any = described(CheckKind::ContainsAny(list, LetterCase::Ignored), false);
        assert!(any.ends_with(r#""5" and 3 more"#), "{any}");
        let pattern = crate::score::Pattern::new(&"ä".repeat(200)).unwrap();
        let regex = described(CheckKind::Regex(pattern), false);
        assert_eq!(regex.chars().count(), "regex ".len() + LENGTH + 1);
    }
}
