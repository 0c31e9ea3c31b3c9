//! Decides whether an answer is JSON: all of it, or its one fenced block.

use serde::de::IgnoredAny;

use super::fenced;

/// Whether the text is JSON, or holds exactly one fenced block and that is JSON.
pub(super) fn holds_json(text: &str) -> bool {
    is_json(text) || only_fenced_block(text).is_some_and(|block| is_json(&block))
}

fn is_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim();
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The JSON object or array in the text, if that is what it is or what its one fenced block holds.
pub(super) fn holds_structure(text: &str) -> bool {
    let opens = |text: &str| text.trim_start().starts_with(['{', '[']);
    let inside = |c: char| c.is_whitespace() || c == '>';
    let line_opens = |line: &str| line.trim_start_matches(inside).starts_with(['{', '[']);
    (opens(text) && is_json(text))
        // Only then can a block open so; parsing the Markdown to find out costs far more.
        || text.split(['\n', '\r']).any(line_opens) && only_fenced_block(text).is_some_and(|block| opens(&block) && is_json(&block))
}

/// Whether a JSON object or array stands somewhere between other words.
pub(super) fn surrounded_structure(text: &str) -> bool {
    let between = |open: char, close: char| {
        let start = text.find(open)?;
        let end = text.rfind(close)?;
        text.get(start..=end)
    };
    [between('{', '}'), between('[', ']')]
        .into_iter()
        .flatten()
        .any(|part| part.contains('"') && is_json(part))
}

fn only_fenced_block(text: &str) -> Option<String> {
    match fenced::blocks(text).as_mut_slice() {
        [only] => Some(std::mem::take(&mut only.text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_counts_bare_or_in_the_one_fenced_block() {
        assert!(holds_json(" {\"a\": [1, 2]}\n"));
        assert!(holds_json("Here you are:\n\n```json\n{\"a\": 1}\n```\n"));
        assert!(!holds_json("```json\n{}\n```\n\n```json\n{}\n```\n"));
        assert!(!holds_json("{\"a\": 1,}"));
        assert!(!holds_json("Sure! {\"a\": 1}"));
        assert!(!holds_json(""));
    }

    #[test]
    fn a_bare_number_is_json_but_no_structure() {
        assert!(holds_json("42"));
        assert!(!holds_structure("42"));
        assert!(holds_structure("[42]"));
    }

    #[test]
    fn json_between_words_is_found() {
        assert!(surrounded_structure("Sure! {\"a\": 1} Anything else?"));
        assert!(!surrounded_structure("}{"));
        assert!(!surrounded_structure("see [1] and [2]"));
    }

    #[test]
    fn deep_nesting_is_not_json_and_does_not_overflow() {
        assert!(!holds_json(&"[".repeat(100_000)));
    }
}
