//! What GitHub makes of a comment: parsed with every extension that GitHub has on, read back as facts.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// A parsed document, reduced to what the tests ask.
pub(crate) struct Parsed {
    links: Vec<String>,
    html: Vec<String>,
    texts: Vec<String>,
    skeleton: Vec<String>,
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    let on = &mut options.extension;
    on.table = true;
    on.autolink = true;
    on.strikethrough = true;
    on.footnotes = true;
    on.tasklist = true;
    on.alerts = true;
    on.math_dollars = true;
    on.math_code = true;
    options.parse.relaxed_autolinks = true;
    options
}

impl Parsed {
    /// Reads a document.
    pub(crate) fn of(text: &str) -> Self {
        let arena = Arena::new();
        let root = parse_document(&arena, text, &options());
        let mut parsed = Self {
            links: Vec::new(),
            html: Vec::new(),
            texts: Vec::new(),
            skeleton: Vec::new(),
        };
        parsed.walk(root, 0);
        parsed
    }

    /// Where links and images lead.
    pub(crate) fn links(&self) -> Vec<&str> {
        self.links.iter().map(String::as_str).collect()
    }

    /// What is left of the document's HTML without the tags that the templates write and the text in their `<code>`.
    pub(crate) fn foreign_html(&self) -> Vec<&str> {
        let rests = self.html.iter().filter(|html| {
            let mut rest = without_code(html);
            for own in [
                "<details>",
                "<summary>",
                "</summary>",
                "</details>",
                "<sub>",
                "</sub>",
            ] {
                rest = rest.replace(own, "");
            }
            for line in ["<!-- tunegate:v1:model-quality -->", "<!-- run "] {
                if rest.trim_start().starts_with(line) {
                    rest = rest.replacen("<!--", "", 1).replacen("-->", "", 1);
                }
            }
            rest.contains(['<', '>'])
        });
        rests.map(String::as_str).collect()
    }

    /// Everything in texts outside code that GitHub's own filters would turn into something.
    pub(crate) fn pings_and_links_to_be(&self) -> Vec<String> {
        let hidden = |html: &str| {
            let html = html.trim();
            html.starts_with("<!--") && html.ends_with("-->") && html.matches("-->").count() == 1
        };
        let html = self.html.iter().map(String::as_str);
        html.filter(|html| !hidden(html))
            .map(without_code)
            .chain(self.texts.iter().cloned())
            .filter(|text| acted_on(text))
            .collect()
    }

    /// Kinds of nodes with their depth; words are left out.
    pub(crate) fn skeleton(&self) -> String {
        self.skeleton.join("\n")
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the parser's enum, not ours: whatever it adds is told apart by its name"
    )]
    fn walk<'a>(&mut self, node: &'a AstNode<'a>, depth: usize) {
        let value = node.data().value.clone();
        let kind = match &value {
            NodeValue::Text(_) | NodeValue::SoftBreak | NodeValue::Escaped => None,
            // A tag each; the text between summary tags is code.
            NodeValue::HtmlBlock(html) => {
                self.html.push(html.literal.clone());
                Some(format!("html {}", tags(&html.literal)))
            }
            NodeValue::HtmlInline(html) => {
                self.html.push(html.clone());
                Some(format!("html {html}"))
            }
            NodeValue::Link(link) | NodeValue::Image(link) => {
                self.links.push(link.url.clone());
                Some(value.xml_node_name().to_owned())
            }
            NodeValue::Heading(heading) => {
                Some(format!("heading {} {}", heading.level, heading.setext))
            }
            other => Some(other.xml_node_name().to_owned()),
        };
        if let Some(kind) = kind {
            self.skeleton.push(format!("{}{kind}", "  ".repeat(depth)));
        }
        let words: Vec<String> = node
            .children()
            .map(|child| match &child.data().value {
                NodeValue::Text(text) => text.to_string(),
                NodeValue::SoftBreak => "\n".to_owned(),
                _ => "\u{1}".to_owned(),
            })
            .collect();
        self.texts.push(words.concat());
        for child in node.children() {
            self.walk(child, depth + 1);
        }
    }
}

fn without_code(html: &str) -> String {
    let mut rest = String::new();
    for (index, part) in html.split("<code>").enumerate() {
        match (index, part.split_once("</code>")) {
            (0, _) => rest.push_str(part),
            (_, Some((code, after))) if !code.contains(['<', '>']) => rest.push_str(after),
            (_, _) => rest.push_str("<not closed>"),
        }
    }
    rest
}

fn tags(html: &str) -> String {
    let tags = html
        .split('<')
        .skip(1)
        .filter_map(|part| part.split_once('>'));
    let names: Vec<&str> = tags
        .map(|(tag, _)| tag)
        .filter(|tag| !tag.starts_with("!-- run"))
        .collect();
    names.join(" ")
}

/// `@name`, `#12`, `GH-12`, an address with a scheme or with `www.`.
fn acted_on(text: &str) -> bool {
    let lower = text.to_lowercase();
    let followed = |start: &str, by: fn(char) -> bool| {
        lower.match_indices(start).any(|(at, _)| {
            lower
                .get(at + start.len()..)
                .is_some_and(|rest| rest.starts_with(by))
        })
    };
    followed("@", |c| c.is_alphanumeric() || c == '_')
        || followed("#", |c| c.is_ascii_digit())
        || followed("gh-", |c| c.is_ascii_digit())
        || followed("www.", |_| true)
        || followed("://", |_| true)
        || lower.contains("<!--") && !lower.trim_start().starts_with("<!-- ")
}
