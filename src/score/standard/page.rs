//! An answer parsed as Markdown: its blocks, lists, tables, code and headings. Counts what is there; what it is worth
//! is decided elsewhere.

use std::ops::Range;

use super::word_count;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What a block of text is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Running text.
    Paragraph,
    /// A heading, or a short paragraph in bold letters.
    Heading,
    /// An entry of a list.
    Item,
    /// A cell of a table.
    Cell,
}

/// A block of text, without its marks; [`Page::text`] gives it.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) place: Place,
    /// Words between white space.
    pub(super) words: usize,
    range: Range<usize>,
}

/// A block of code.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) text: String,
    pub(super) fence: Fence,
}

/// How a block of code is set off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fence {
    /// Opened and closed.
    Closed,
    /// Opened, and the answer ends inside.
    Open,
    /// Indented only.
    Absent,
}

/// An answer, parsed.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) blocks: Vec<Block>,
    /// The text of all blocks, each with a line's end.
    pub(super) prose: String,
    pub(super) codes: Vec<Code>,
    /// Code within a line.
    pub(super) spans: Vec<String>,
    /// Where links point.
    pub(super) links: Vec<String>,
    /// Numbered entries that are not inside another list.
    pub(super) numbered: usize,
    /// Entries with a bullet, at any depth.
    pub(super) bullets: usize,
    /// Rows of each table, the header not counted.
    pub(super) tables: Vec<usize>,
    /// Entries under each heading.
    pub(super) under_headings: Vec<usize>,
    /// Entries under each numbered entry.
    pub(super) under_numbers: Vec<usize>,
}

/// A bold paragraph of more words is a statement, not a heading.
const HEADING_WORDS: usize = 12;

impl Page {
    pub(super) fn of(text: &str) -> Self {
        let mut reader = Reader::default();
        let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            reader.read(event, &range, text);
        }
        reader.close();
        reader.page
    }

    /// The text of a block.
    pub(super) fn text(&self, block: &Block) -> &str {
        self.prose.get(block.range.clone()).unwrap_or_default()
    }

    /// Words between white space in everything but code.
    pub(super) fn words(&self) -> usize {
        self.blocks.iter().map(|block| block.words).sum()
    }

    pub(super) fn has_open_fence(&self) -> bool {
        self.codes.iter().any(|code| code.fence == Fence::Open)
    }
}

#[derive(Default)]
struct Reader {
    page: Page,
    /// The block that is being read, and where its text starts.
    open: Option<(Place, usize)>,
    /// Enclosing lists, true where numbered.
    lists: Vec<bool>,
    in_code: bool,
    strong: usize,
    /// Whether the open block holds text that is not bold.
    plain: bool,
}

impl Reader {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Markdown knows more than is counted here"
    )]
    fn read(&mut self, event: Event<'_>, range: &Range<usize>, text: &str) {
        match event {
            Event::Start(tag) => self.start(tag, range, text),
            Event::End(tag) => self.end(tag),
            Event::Text(part) | Event::Html(part) | Event::InlineHtml(part) => self.text(&part),
            Event::Code(part) => {
                self.text(&part);
                self.page.spans.push(part.into_string());
            }
            Event::SoftBreak | Event::HardBreak => self.text("\n"),
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Markdown knows more than is counted here"
    )]
    fn start(&mut self, tag: Tag<'_>, range: &Range<usize>, text: &str) {
        match tag {
            Tag::Paragraph => self.begin(if self.lists.is_empty() {
                Place::Paragraph
            } else {
                Place::Item
            }),
            Tag::Heading { .. } => self.begin(Place::Heading),
            Tag::List(first) => {
                self.close();
                self.lists.push(first.is_some());
            }
            Tag::Item => self.item(),
            Tag::Table(_) => {
                self.close();
                self.page.tables.push(0);
            }
            Tag::TableRow => {
                if let Some(rows) = self.page.tables.last_mut() {
                    *rows += 1;
                }
            }
            Tag::TableCell => self.begin(Place::Cell),
            Tag::CodeBlock(kind) => {
                self.close();
                self.in_code = true;
                let fence = fence(&kind, text.get(range.clone()).unwrap_or_default());
                let text = String::new();
                self.page.codes.push(Code { text, fence });
            }
            Tag::Strong => self.strong += 1,
            Tag::Link { dest_url, .. } => self.page.links.push(dest_url.into_string()),
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Markdown knows more than is counted here"
    )]
    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::List(_) => {
                self.close();
                self.lists.pop();
            }
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::TableCell
            | TagEnd::HtmlBlock => self.close(),
            _ => {}
        }
    }

    fn item(&mut self) {
        self.begin(Place::Item);
        let numbered = self.lists.last() == Some(&true);
        let top = self.lists.len() < 2;
        if numbered && top {
            self.page.numbered += 1;
            self.page.under_numbers.push(0);
        } else if let Some(count) = self.page.under_numbers.last_mut() {
            *count += 1;
        }
        if !numbered {
            self.page.bullets += 1;
        }
        if let Some(count) = self.page.under_headings.last_mut() {
            *count += 1;
        }
    }

    fn begin(&mut self, place: Place) {
        self.close();
        self.plain = false;
        self.open = Some((place, self.page.prose.len()));
    }

    fn text(&mut self, part: &str) {
        if self.in_code {
            if let Some(code) = self.page.codes.last_mut() {
                code.text.push_str(part);
            }
            return;
        }
        self.plain |= self.strong == 0 && !part.trim().is_empty();
        let place = if self.lists.is_empty() {
            Place::Paragraph
        } else {
            Place::Item
        };
        self.open.get_or_insert((place, self.page.prose.len()));
        self.page.prose.push_str(part);
    }

    fn close(&mut self) {
        let Some((mut place, start)) = self.open.take() else {
            return;
        };
        let range = start..self.page.prose.len();
        let words = word_count(self.page.prose.get(range.clone()).unwrap_or_default());
        if words == 0 {
            self.page.prose.truncate(start);
            return;
        }
        let bold = place == Place::Paragraph && !self.plain;
        if bold && words <= HEADING_WORDS {
            place = Place::Heading;
        }
        if place == Place::Heading {
            self.page.under_headings.push(0);
        }
        self.page.prose.push('\n');
        self.page.blocks.push(Block {
            place,
            words,
            range,
        });
    }
}

/// A fenced block is closed when its last line is a fence again.
fn fence(kind: &CodeBlockKind<'_>, source: &str) -> Fence {
    match kind {
        CodeBlockKind::Indented => Fence::Absent,
        CodeBlockKind::Fenced(_) => {
            let mut lines = source.trim_end().lines();
            let last = lines.next_back().unwrap_or_default();
            let last = last.trim_start_matches(['>', ' ', '\t']).trim_end();
            let closing = last.len() >= 3
                && (last.bytes().all(|b| b == b'`') || last.bytes().all(|b| b == b'~'));
            // A lone line is the opening one.
            if closing && lines.next().is_some() {
                Fence::Closed
            } else {
                Fence::Open
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_counts_what_markdown_shows() {
        let page = Page::of(
            "# Title\n\n**Bold title**\n\nText with `code`.\n\n1. one\n   - sub\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
        );
        assert_eq!(page.under_headings.len(), 2);
        assert_eq!((page.numbered, page.bullets), (2, 1));
        assert_eq!(page.under_numbers, [1, 0]);
        assert_eq!(page.tables, [2]);
        assert_eq!(page.spans, ["code"]);
    }

    #[test]
    fn a_fence_that_the_answer_never_closes_is_open() {
        let fence = |text: &str| Page::of(text).codes[0].fence;
        assert_eq!(fence("```py\nx = 1\n```\n"), Fence::Closed);
        assert_eq!(fence("- item\n\n  ~~~\n  x\n  ~~~\n"), Fence::Closed);
        assert_eq!(fence("```py\nx = 1\n"), Fence::Open);
        assert_eq!(fence("```"), Fence::Open);
        assert_eq!(fence("    x = 1\n"), Fence::Absent);
    }

    #[test]
    fn numbered_steps_with_code_between_are_one_count() {
        let page = Page::of("1. one\n\n```\nx\n```\n\n2. two\n\n```\ny\n```\n\n3. three\n");
        assert_eq!(page.numbered, 3);
    }
}
