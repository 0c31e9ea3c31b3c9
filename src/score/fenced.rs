//! The fenced code blocks of an answer, as Markdown has them.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// The first word behind the fence, in small letters; empty where there is none.
    pub(super) label: String,
    /// What stands between the fences.
    pub(super) text: String,
}

/// Every fenced block of a text, in its order.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only fenced blocks are looked for"
)]
pub(super) fn blocks(text: &str) -> Vec<Block> {
    if !text.contains("```") && !text.contains("~~~") {
        return Vec::new();
    }
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                inside = true;
                blocks.push(Block {
                    label: label(&info),
                    text: String::new(),
                });
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(part) if inside => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(&part);
                }
            }
            _ => {}
        }
    }
    blocks
}

/// A text without what stands in its fenced blocks.
pub(super) fn without_blocks(text: &str) -> Cow<'_, str> {
    if !text.contains("```") && !text.contains("~~~") {
        return text.into();
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for (event, at) in Parser::new(text).into_offset_iter() {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) = event {
            kept.push_str(text.get(from..at.start).unwrap_or_default());
            from = at.end;
        }
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    kept.into()
}

/// The language of "Python title=x", "{.python}" or "python:main.py".
fn label(info: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.');
    let from = info.trim_start_matches(|c: char| !c.is_alphanumeric());
    let label: String = from.chars().take_while(|c| word(*c)).take(40).collect();
    label.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_with_the_language_they_name() {
        let text = "One:\n\n```Python title=\"a.py\"\nx = 1\n```\n\n~~~\ny\n~~~\n\n``` {.rust}\n```\n    indented\n";
        let found = blocks(text);
        let pairs: Vec<_> = found
            .iter()
            .map(|block| (block.label.as_str(), block.text.as_str()))
            .collect();
        assert_eq!(pairs, [("python", "x = 1\n"), ("", "y\n"), ("rust", "")]);
        assert_eq!(blocks("`x` and no block"), []);
    }
}
