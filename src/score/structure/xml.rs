//! Decides what is XML. A document type is refused, and with it every entity that could grow.

use roxmltree::{Document, Error};

/// Attributes of one tag, and name spaces of one document, beyond which a document is not read: the parser compares
/// each with all before it.
const MOST_COMPARED: usize = 1_000;

/// Whether a text is one well-formed document, or why not.
pub(super) fn parse(text: &str) -> Result<(), String> {
    if text.split('<').any(|part| attributes(part) > MOST_COMPARED)
        || text.matches("xmlns").nth(MOST_COMPARED).is_some()
    {
        return Err("has more than 1,000 attributes or name spaces".to_owned());
    }
    match Document::parse(text) {
        Ok(_) => Ok(()),
        Err(Error::DtdDetected) => Err("has a document type, which is not read".to_owned()),
        Err(error) => Err(format!("is not XML: {error}")),
    }
}

/// At least as many as a tag has attributes.
fn attributes(tag: &str) -> usize {
    let values = tag.split('=').skip(1);
    values
        .filter(|value| value.trim_start().starts_with(['"', '\'']))
        .count()
}

/// A start tag that is longer is none, so that looking through its attributes stays cheap.
const MOST_TAG: usize = 4_000;

/// Whether a well-formed element stands somewhere in a text. One without elements inside is enough: whatever holds
/// elements holds such a one, and those do not overlap, so each character is parsed once.
pub(super) fn is_in(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, from)) = rest.split_once('<') {
        let skipped = ["!--", "![CDATA[", "?"]
            .into_iter()
            .find(|open| from.starts_with(open));
        if let Some(open) = skipped {
            rest = behind(from, open);
            continue;
        }
        rest = from;
        let Some(tag) = tag(from) else { continue };
        let Some(after) = from.get(tag.length..) else {
            continue;
        };
        if tag.closes_itself {
            return true;
        }
        let (content, close) = content(after);
        let wanted = format!("</{}", tag.name);
        let closed = close.strip_prefix(&*wanted).is_some_and(|end| {
            end.trim_start_matches([' ', '\t', '\r', '\n'])
                .starts_with('>')
        });
        if closed && parse(&format!("<a>{content}</a>")).is_ok() {
            return true;
        }
    }
    false
}

/// What follows a comment, a section of plain text or an instruction; all of it where that has no end.
fn behind<'t>(text: &'t str, open: &str) -> &'t str {
    let close = match open {
        "!--" => "-->",
        "?" => "?>",
        _ => "]]>",
    };
    let inside = text.strip_prefix(open).unwrap_or(text);
    inside.split_once(close).map_or("", |(_, after)| after)
}

/// The text up to the next tag, comments and sections of plain text included, and that tag.
fn content(text: &str) -> (&str, &str) {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (_, from) = rest.split_at(at);
        let inside = from.strip_prefix('<').unwrap_or(from);
        let open = ["!--", "![CDATA["]
            .into_iter()
            .find(|open| inside.starts_with(open));
        match open {
            Some(open) => rest = behind(inside, open),
            None => return text.split_at(text.len() - from.len()),
        }
    }
    (text, "")
}

struct StartTag<'t> {
    name: &'t str,
    length: usize,
    closes_itself: bool,
}

/// The start tag whose `<` has been read, if it is well formed.
fn tag(text: &str) -> Option<StartTag<'_>> {
    let starts = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.');
    if !text.starts_with(starts) {
        return None;
    }
    let name = text.split(|c| !goes_on(c)).next()?;
    // An attribute may hold `>`, never `<`.
    let end = {
        let mut quote = None;
        text.bytes()
            .take(MOST_TAG)
            .position(|byte| match (byte, quote) {
                (b'"' | b'\'', None) => {
                    quote = Some(byte);
                    false
                }
                (byte, Some(open)) => {
                    if byte == open {
                        quote = None;
                    }
                    byte == b'<'
                }
                (byte, None) => matches!(byte, b'>' | b'<'),
            })?
    };
    let inside = text.get(..end)?;
    let closes_itself = inside.ends_with('/');
    let whole = text.get(..=end)?.ends_with('>');
    let spaces = declared(inside);
    let element = format!("<{}{spaces}/>", inside.strip_suffix('/').unwrap_or(inside));
    (whole && parse(&element).is_ok()).then_some(StartTag {
        name,
        length: end + 1,
        closes_itself,
    })
}

/// Declarations of the name spaces that a tag uses, which its parents may have made.
fn declared(tag: &str) -> String {
    let words = tag.split(|c: char| c.is_whitespace());
    let prefixes = words.filter_map(|word| {
        let name = word.split('=').next()?;
        let (prefix, _) = name.split_once(':')?;
        let plain = !prefix.is_empty() && !matches!(prefix, "xml" | "xmlns");
        let declares = format!("xmlns:{prefix}=");
        (plain && !tag.contains(&declares)).then_some(prefix)
    });
    let mut prefixes: Vec<&str> = prefixes.collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    let declare = |prefix: &&str| format!(" xmlns:{prefix}=\"a\"");
    prefixes.iter().map(declare).collect()
}
