//! From the events of a YAML parser to the tree, refusing what makes a file ambiguous or dangerous: several documents,
//! repeated keys, deep nesting, and in our own files anchors, aliases, merge keys and tags.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use super::tree::{Key, Node, Place, Style, Value};
use crate::problem::{Problem, shown};

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 1_000_000;

const NO_ALIASES: &str = "YAML anchors and aliases are not read here; write the value out, in quotes if it is text that starts with `*` or `&`";
const NO_MERGE: &str = "YAML merge keys (`<<`) are not read here; write the keys out";
const NO_TAGS: &str = "YAML tags are not read here; remove the tag, or write the value in quotes if `!` is part of the text";

/// The tree of one of our own files.
pub fn yaml(file: &str, text: &str) -> Result<Node, Problem> {
    scan(file, text, Dialect::Ours)
}

/// The tree of a file that other programs read too: tags are kept apart, aliases are followed within a budget.
pub fn foreign(file: &str, text: &str) -> Result<Node, Problem> {
    scan(file, text, Dialect::Foreign)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Ours,
    Foreign,
}

/// What is wrong and where; becomes a [`Problem`] once the file's name is known.
struct Refused(Place, String);

struct Builder {
    dialect: Dialect,
    end: Place,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

/// A list or mapping whose end has not come yet.
struct Open {
    place: Place,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<(Key, Node)>,
        lines: HashMap<String, usize>,
        key: Option<Key>,
    },
}

fn scan(file: &str, text: &str, dialect: Dialect) -> Result<Node, Problem> {
    let located = |Refused(place, message): Refused| {
        Problem::of_file(file, message).at(place.line, place.column)
    };
    let mut builder = Builder {
        dialect,
        end: end_of(text),
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        nodes: 0,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| located(builder.syntax(&error, text)))?;
        builder.take(event, span).map_err(located)?;
    }
    let empty = || Problem::of_file(file, "the file is empty");
    builder.root.ok_or_else(empty)
}

/// Behind the last character that a person would look at.
fn end_of(text: &str) -> Place {
    let text = text.trim_end_matches(['\n', '\r']);
    let line = text.replace("\r\n", "\n").split(['\n', '\r']).count();
    let last = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    Place {
        line,
        column: Some(last.chars().count() + 1),
    }
}

fn style_of(style: ScalarStyle, tag: Option<&Tag>) -> Style {
    match (tag, style) {
        (Some(tag), _) if tag.is_yaml_core_schema() && tag.suffix == "str" => Style::Quoted,
        (Some(_), _) => Style::Tagged,
        (None, ScalarStyle::Plain) => Style::Plain,
        (
            None,
            ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Literal
            | ScalarStyle::Folded,
        ) => Style::Quoted,
    }
}

impl Builder {
    /// The place of a marker. What is missing at the end of a file is not missing in a line that is not there.
    fn place(&self, marker: &Marker) -> Place {
        if marker.line() > self.end.line {
            return self.end;
        }
        Place {
            line: marker.line().max(1),
            column: Some(marker.col() + 1),
        }
    }

    fn syntax(&self, error: &ScanError, text: &str) -> Refused {
        let marker = error.marker();
        let at = self.place(marker);
        let here = text
            .split('\n')
            .nth(marker.line().saturating_sub(1))
            .and_then(|line| line.chars().nth(marker.col()));
        let message = match (self.dialect, here) {
            (Dialect::Ours, Some('*' | '&')) => NO_ALIASES.into(),
            (Dialect::Ours | Dialect::Foreign, _) if error.info().contains("recursion limit") => {
                format!("nested more than {MAX_DEPTH} levels deep")
            }
            (Dialect::Ours | Dialect::Foreign, _) => format!("not valid YAML: {}", error.info()),
        };
        Refused(at, message)
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Refused> {
        let at = self.place(&span.start);
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(Refused(
                at,
                "a second YAML document starts here; write one a file".into(),
            )),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::Scalar(text, style, anchor, tag) => {
                self.allowed(anchor, tag.is_some(), at)?;
                let style = style_of(style, tag.as_deref());
                let text = text.into_owned();
                if text == "<<" && style == Style::Plain && self.dialect == Dialect::Ours {
                    return Err(Refused(at, NO_MERGE.into()));
                }
                let value = Value::Scalar { text, style };
                self.add(Node { place: at, value }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.allowed(anchor, tag.is_some(), at)?;
                self.start(at, anchor, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.allowed(anchor, tag.is_some(), at)?;
                let (entries, lines, key) = (Vec::new(), HashMap::new(), None);
                self.start(
                    at,
                    anchor,
                    Content::Map {
                        entries,
                        lines,
                        key,
                    },
                )
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
        }
    }

    fn allowed(&self, anchor: usize, tagged: bool, at: Place) -> Result<(), Refused> {
        match self.dialect {
            Dialect::Ours if tagged => Err(Refused(at, NO_TAGS.into())),
            Dialect::Ours if anchor > 0 => Err(Refused(at, NO_ALIASES.into())),
            Dialect::Ours | Dialect::Foreign => Ok(()),
        }
    }

    fn alias(&mut self, anchor: usize, at: Place) -> Result<(), Refused> {
        let node = match (self.dialect, self.anchors.get(&anchor)) {
            (Dialect::Ours, _) => return Err(Refused(at, NO_ALIASES.into())),
            (Dialect::Foreign, None) => {
                return Err(Refused(at, "the alias stands inside its own anchor".into()));
            }
            (Dialect::Foreign, Some(node)) => node,
        };
        self.nodes += count(node);
        self.within_budget(at)?;
        let node = node.clone();
        self.add(node, 0)
    }

    fn within_budget(&self, at: Place) -> Result<(), Refused> {
        if self.nodes > MAX_NODES {
            let message = format!(
                "the file holds more than {MAX_NODES} values; split it (a suite names further cases in `cases_from`)"
            );
            return Err(Refused(at, message));
        }
        Ok(())
    }

    fn start(&mut self, place: Place, anchor: usize, content: Content) -> Result<(), Refused> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(Refused(place, message));
        }
        self.open.push(Open {
            place,
            anchor,
            content,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refused> {
        let Some(Open {
            place,
            anchor,
            content,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        let value = match content {
            Content::List(items) => Value::List(items),
            Content::Map { entries, .. } => Value::Map(entries),
        };
        self.add(Node { place, value }, anchor)
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Refused> {
        self.nodes += 1;
        self.within_budget(node.place)?;
        if anchor > 0 {
            self.nodes += count(&node);
            self.within_budget(node.place)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map {
                entries,
                lines,
                key,
            }) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(as_key(node, lines)?),
            },
        }
        Ok(())
    }
}

fn as_key(node: Node, lines: &mut HashMap<String, usize>) -> Result<Key, Refused> {
    let place = node.place;
    let Value::Scalar { text: name, .. } = node.value else {
        return Err(Refused(place, "a key has to be a plain word".into()));
    };
    if let Some(first) = lines.insert(name.clone(), place.line) {
        let name = shown(&name);
        let message =
            format!("the key `{name}` stands here a second time (first in line {first}); keep one");
        return Err(Refused(place, message));
    }
    Ok(Key { name, place })
}

fn count(node: &Node) -> usize {
    let inner: usize = match &node.value {
        Value::Scalar { .. } | Value::Pruned => 0,
        Value::List(items) => items.iter().map(count).sum(),
        Value::Map(entries) => entries.iter().map(|(_, node)| count(node)).sum(),
    };
    1 + inner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        yaml("f", text).unwrap_err().to_string()
    }

    #[test]
    fn every_value_knows_its_line_and_column() {
        let root = yaml("f", "a:\r\n  - b: [1, two]\r\n").unwrap();
        let list = root.get("a").unwrap().elements()[0].get("b").unwrap();
        let two = &list.elements()[1];
        assert_eq!(two.as_text(), Some("two"));
        assert_eq!(
            two.place,
            Place {
                line: 2,
                column: Some(12)
            }
        );
    }

    #[test]
    fn a_repeated_key_is_named_with_both_lines() {
        assert_eq!(
            refused("a: 1\nb: 2\na: 3\n"),
            "f:3:1: the key `a` stands here a second time (first in line 1); keep one"
        );
    }

    #[test]
    fn anchors_aliases_merge_keys_and_tags_are_refused_in_our_files() {
        assert_eq!(refused("a: &x 1"), format!("f:1:4: {NO_ALIASES}"));
        assert_eq!(refused("a: [*.jsonl]"), format!("f:1:5: {NO_ALIASES}"));
        assert_eq!(refused("<<: {a: 1}"), format!("f:1:1: {NO_MERGE}"));
        assert_eq!(refused("a: !env KEY"), format!("f:1:4: {NO_TAGS}"));
    }

    #[test]
    fn empty_files_second_documents_and_broken_syntax_are_refused() {
        assert_eq!(refused("# nothing\n"), "f: the file is empty");
        assert_eq!(
            refused("a: 1\n---\nb: 2\n"),
            "f:2:1: a second YAML document starts here; write one a file"
        );
        assert!(
            refused("a: [1, 2\nb: 3\n").starts_with("f:2:"),
            "{}",
            refused("a: [1, 2\nb: 3\n")
        );
        assert!(refused("a: \"b").contains("not valid YAML"));
    }

    #[test]
    fn deep_nesting_is_refused_in_both_styles() {
        let mut blocks = String::new();
        for depth in 0..200 {
            blocks += &" ".repeat(depth);
            blocks += "a:\n";
        }
        for text in [
            "[".repeat(10_000),
            "- ".repeat(10_000),
            "{a: ".repeat(500),
            blocks,
        ] {
            let problem = refused(&text);
            assert!(
                problem.contains("nested more than 64 levels deep"),
                "{problem}"
            );
        }
    }

    #[test]
    fn an_alias_bomb_in_a_foreign_file_ends_at_the_budget() {
        let level = |level: usize| {
            let before = level - 1;
            let aliases = vec![format!("*a{before}"); 10].join(", ");
            format!("a{level}: &a{level} [{aliases}]\n")
        };
        let bomb: Vec<_> = (1..30).map(level).collect();
        let bomb = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{}", bomb.concat());
        let problem = foreign("f", &bomb).unwrap_err().to_string();
        assert!(problem.contains("more than 1000000 values"), "{problem}");
    }
}
