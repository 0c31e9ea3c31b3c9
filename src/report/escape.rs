//! Makes text that somebody else wrote inert where it is shown: model answers, prompts, file names, branch names,
//! server messages. One function a place; nothing untrusted reaches a template without one of them.
//!
//! Rules of the places: <https://github.github.com/gfm/>. GitHub links `@name`, `#12`, `GH-12` and bare addresses after
//! Markdown was parsed, so a backslash does not stop those; a zero-width space inside them does.

const ZERO_WIDTH_SPACE: char = '\u{200b}';
/// Backticks in a row that stay one run. A code span of more than 80 is none to GitHub's parser, and a fence of more than
/// 255 is closed by 255.
const MOST_BACKTICKS: usize = 16;

/// Running text in Markdown: what Markdown gives a meaning is escaped, nothing links or pings.
pub fn inline(text: &str) -> String {
    let text = unlinked(&one_line(text));
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let escaped = match c {
            // Within a word an underscore means nothing: agent names stay readable.
            '_' => !(word(before) && word(rest.peek().copied())),
            // What starts a list, a heading or a quote does so only at the start.
            '-' | '+' | '=' | '>' | '#' => before.is_none() || c == '>',
            '.' | ')' => out.chars().all(|c| c.is_ascii_digit()),
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '&' | '$' => true,
            _ => false,
        };
        if escaped {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}

/// A code span in Markdown, also inside a table's cell.
pub fn code(text: &str) -> String {
    let text = short_runs(&unlinked(&one_line(text)));
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    // A span that starts or ends with a backtick or a space needs a space of padding, which Markdown strips again.
    let pad = if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

/// Text inside a raw HTML block, shown as code, since GitHub leaves code alone.
pub fn html_code(text: &str) -> String {
    let text = unlinked(&one_line(text));
    let mut out = String::from("<code>");
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out.push_str("</code>");
    out
}

/// Lines of text in a fenced block whose fence is longer than any that the text holds.
pub fn block(text: &str) -> String {
    let text = short_runs(&unlinked(&visible(text)));
    let fence = "`".repeat(longest_run(&text, '`').max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// Text for a terminal, a log or a plain file: one line, without control characters that a terminal would obey, and
/// without `##[`, which a runner obeys anywhere in a line. Lines that start with `::` are the caller's to avoid.
pub fn plain(text: &str) -> String {
    one_line(text).replace("##[", "##\u{200b}[")
}

/// Text that a page shows as text, lines and all: without what a reader cannot see.
pub fn lines(text: &str) -> String {
    visible(text)
}

/// The first `most` characters, cut at a character, with the rest announced.
pub fn excerpt(text: &str, most: usize) -> String {
    let total = text.chars().count();
    if total <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most).collect();
    let more = total - most;
    let what = if more == 1 { "character" } else { "characters" };
    format!("{} … ({more} more {what})", start.trim_end())
}

/// The beginning of a text in whole words, for a title: at most `most` characters. A word that takes most of the room is
/// cut.
pub fn beginning(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let start = text.split_at(end).0;
    let words = start.rsplit_once(char::is_whitespace);
    let words = words.map(|(words, _)| words.trim_end());
    let words = words.filter(|words| 2 * words.chars().count() >= most);
    format!("{} …", words.unwrap_or(start))
}

fn one_line(text: &str) -> String {
    visible(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Without control characters (new lines stay) and without those that reorder or hide what is read.
fn visible(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| {
            if c == '\t' || c == '\r' || c == '\u{2028}' || c == '\u{2029}' {
                ' '
            } else {
                c
            }
        })
        .filter(|c| *c == '\n' || !c.is_control())
        .filter(|c| !hides(*c))
        .collect()
}

/// Marks of direction, invisible operators and tags.
const fn hides(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Breaks everything that GitHub would turn into a link or a notification, and what opens a hidden comment: the one that
/// marks our own stands in the first line alone.
fn unlinked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        let next = rest.peek().copied();
        let breaks = match c {
            '@' | '#' => true,
            ':' => next == Some('/'),
            'w' | 'W' => next == Some('.') && ends_with_ignoring_case(&out, "www"),
            '<' => next == Some('!'),
            '-' => next.is_some_and(|n| n.is_ascii_digit()) && ends_with_ignoring_case(&out, "gh-"),
            _ => false,
        };
        if breaks {
            out.push(ZERO_WIDTH_SPACE);
        }
    }
    out
}

fn ends_with_ignoring_case(text: &str, end: &str) -> bool {
    text.chars()
        .rev()
        .map(|c| c.to_ascii_lowercase())
        .take(end.len())
        .eq(end.chars().rev())
}

/// Without a run of backticks that is longer than a fence may be.
fn short_runs(text: &str) -> String {
    let mut run = 0;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '`' && run == MOST_BACKTICKS {
            out.push(ZERO_WIDTH_SPACE);
            run = 0;
        }
        run = if c == '`' { run + 1 } else { 0 };
        out.push(c);
    }
    out
}

fn longest_run(text: &str, wanted: char) -> usize {
    let (longest, _) = text.chars().fold((0, 0), |(longest, run), c| {
        let run = if c == wanted { run + 1 } else { 0 };
        (longest.max(run), run)
    });
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_cannot_be_left() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("x | y\nz"), "`x \\| y z`");
        assert_eq!(code(""), "`  `");
    }

    #[test]
    fn a_code_span_has_no_longer_fence_than_a_parser_reads() {
        let hostile = format!("{}![x](//evil.example/x.png)", "`".repeat(81));
        assert!(code(&hostile).starts_with(&format!("{} `", "`".repeat(17))));
        assert_eq!(longest_run(&code(&hostile), '`'), 17);
        assert_eq!(longest_run(&block(&"`".repeat(300)), '`'), 17);
    }

    #[test]
    fn a_block_cannot_be_closed_from_inside() {
        assert_eq!(block("a\n````\nb\n"), "`````text\na\n````\nb\n`````");
    }

    #[test]
    fn nobody_is_pinged_and_nothing_is_linked() {
        assert_eq!(code("@team #12"), "`@\u{200b}team #\u{200b}12`");
        assert!(!inline("see https://evil.example and www.evil.example").contains("://"));
        assert!(!inline("www.evil.example").contains("www."));
        assert_eq!(html_code("<img src=x>"), "<code>&lt;img src=x&gt;</code>");
    }

    #[test]
    fn a_path_can_be_copied_as_it_is() {
        assert_eq!(code("data/raw.jsonl"), "`data/raw.jsonl`");
        assert_eq!(inline("data/raw.jsonl"), "data/raw.jsonl");
    }

    #[test]
    fn the_marker_of_our_own_comment_cannot_be_forged() {
        let marker = "<!-- tunegate:v1:model-quality -->";
        for shown in [
            inline(marker),
            code(marker),
            html_code(marker),
            block(marker),
        ] {
            assert!(!shown.contains("<!--"), "{shown}");
        }
    }

    #[test]
    fn a_log_line_gives_the_runner_no_command() {
        assert_eq!(plain("a ##[error]b"), "a ##\u{200b}[error]b");
        assert_eq!(plain("##\u{202e}[error]b"), "##\u{200b}[error]b");
    }

    #[test]
    fn text_that_hides_or_reorders_is_dropped() {
        assert_eq!(plain("a\u{202e}b\u{1b}[31mc\r\nd"), "ab[31mc d");
    }

    #[test]
    fn an_excerpt_is_cut_at_a_character_and_says_so() {
        assert_eq!(excerpt("äöü", 2), "äö … (1 more character)");
        assert_eq!(excerpt("äöüß", 2), "äö … (2 more characters)");
        assert_eq!(excerpt("äöü", 3), "äöü");
    }

    #[test]
    fn a_title_ends_with_a_whole_word() {
        assert_eq!(beginning("to be or not", 12), "to be or not");
        assert_eq!(beginning("to be or not to be", 11), "to be or …");
        assert_eq!(beginning("a donaudampfschiff", 10), "a donaudam …");
    }
}
