//! Decides what is HTML. Every text is HTML to a browser, so this asks for more: elements that HTML knows, closed where
//! they have to be, with nothing beside them.

use std::collections::HashMap;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use crate::problem::shown;

/// Elements of HTML, without those of SVG and `MathML`.
const ELEMENTS: &str = " a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button \
canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset \
figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins \
kbd label legend li link main map mark marquee math menu meta meter nav noframes noscript object ol optgroup option \
output p param picture pre progress q rp rt ruby s samp script search section select slot small source span strike \
strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video \
wbr ";

/// Elements that have no content and no end tag.
const VOID: &str = " area base br col embed frame hr img input link meta param source track wbr ";

/// Elements whose end tag may be left out.
const OPEN_ENDED: &str =
    " body colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr ";

fn is_among(list: &str, name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain && list.contains(&*format!(" {name} "))
}

/// Whether a text is HTML and nothing else, or why not.
pub(super) fn parse(text: &str) -> Result<(), String> {
    let seen = read(text);
    let unclosed = || {
        let (name, at) = seen
            .open
            .iter()
            .find(|(name, _)| !is_among(OPEN_ENDED, name))?;
        Some((*at, format!("`<{}>` is not closed", shown(name))))
    };
    if let Some((at, why)) = seen.fault.clone().or_else(unclosed) {
        let before = text.as_bytes().iter().take(at);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        return Err(format!("line {line}: {why}"));
    }
    if seen.elements == 0 {
        return Err("holds no element of HTML".to_owned());
    }
    Ok(())
}

/// Whether an element of HTML stands somewhere in a text: closed by its end tag, or one that has none.
pub(super) fn is_in(text: &str) -> bool {
    text.contains('<') && read(text).whole
}

fn read(text: &str) -> Seen {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut seen = Seen::default();
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let Ok(token) = token;
        seen.token(token);
    }
    seen
}

/// What was seen of a text.
#[derive(Default)]
struct Seen {
    /// Elements whose end has not come, each with its place.
    open: Vec<(String, usize)>,
    /// How many of each are open.
    counts: HashMap<String, usize>,
    elements: usize,
    /// Whether one element of HTML is whole.
    whole: bool,
    /// The first thing that HTML has not, and where.
    fault: Option<(usize, String)>,
}

impl Seen {
    fn fail(&mut self, at: usize, why: impl Into<String>) {
        if self.fault.is_none() {
            self.fault = Some((at, why.into()));
        }
    }

    fn token(&mut self, token: Token<usize>) {
        match token {
            Token::StartTag(tag) => self.start(&tag.name, tag.self_closing, tag.span.start),
            Token::EndTag(tag) => self.end(&tag.name, tag.span.start),
            Token::String(words) if self.open.is_empty() && !words.trim_ascii().is_empty() => {
                self.fail(words.span.start, "words stand outside of all elements");
            }
            Token::Error(error) => self.fail(error.span.start, error.value.to_string()),
            Token::String(_) | Token::Comment(_) | Token::Doctype(_) => {}
        }
    }

    fn within(&self, name: &str) -> bool {
        self.counts.get(name).is_some_and(|count| *count > 0)
    }

    /// Whether HTML has the element here; inside of SVG and `MathML` it has many more.
    fn knows(&mut self, name: &str, at: usize) -> bool {
        let foreign = self.within("svg") || self.within("math");
        let known = foreign || is_among(ELEMENTS, name) || is_custom(name);
        if !known {
            self.fail(at, format!("`<{}>` is no element of HTML", shown(name)));
        }
        known
    }

    fn start(&mut self, name: &[u8], closes_itself: bool, at: usize) {
        let name = String::from_utf8_lossy(name).into_owned();
        let foreign = self.within("svg") || self.within("math");
        let known = self.knows(&name, at);
        self.elements += 1;
        if is_among(VOID, &name) || (foreign && closes_itself) {
            self.whole |= known;
            return;
        }
        *self.counts.entry(name.clone()).or_default() += 1;
        self.open.push((name, at));
    }

    fn end(&mut self, name: &[u8], at: usize) {
        let name = String::from_utf8_lossy(name);
        if is_among(VOID, &name) {
            return;
        }
        let known = self.knows(&name, at);
        if !self.within(&name) {
            return self.fail(at, format!("`</{}>` closes nothing", shown(&name)));
        }
        self.whole |= known;
        while let Some((open, from)) = self.open.pop() {
            if let Some(count) = self.counts.get_mut(&open) {
                *count -= 1;
            }
            if open == name {
                return;
            }
            if !is_among(OPEN_ENDED, &open) {
                let (open, name) = (shown(&open), shown(&name));
                self.fail(from, format!("`<{open}>` is not closed before `</{name}>`"));
            }
        }
    }
}

/// A name of the page's own, as in `<my-list>`.
fn is_custom(name: &str) -> bool {
    let word =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
    name.contains('-')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(word)
}
