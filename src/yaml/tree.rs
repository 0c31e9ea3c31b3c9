//! The tree: values with places. What a plain scalar means is decided here, by YAML 1.2's core schema.

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1, where it is known.
    pub column: Option<usize>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it starts.
    pub place: Place,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Scalar {
        text: String,
        style: Style,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// Taken out after a problem with it was reported, so that reading can go on to the next.
    Pruned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    /// Carries a tag of its owner's; only in files that are not ours.
    Tagged,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) place: Place,
}

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

impl Step {
    /// The step written behind the path that leads to it.
    pub(super) fn behind(&self, path: &str) -> String {
        match self {
            Self::Item(index) => format!("{path}[{index}]"),
            Self::Key(key) => key_behind(path, key),
        }
    }
}

/// A key written behind the path that leads to it.
pub(super) fn key_behind(path: &str, key: &str) -> String {
    let simple = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '$');
    let dot = if path.is_empty() { "" } else { "." };
    if key.chars().all(simple) && !key.is_empty() {
        [path, dot, key].concat()
    } else {
        format!("{path}{dot}\"{}\"", crate::problem::shown(key))
    }
}

/// What a scalar means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
    Tagged,
}

impl Node {
    /// The text, where the value is text.
    pub fn as_text(&self) -> Option<&str> {
        match self.scalar()? {
            Scalar::Text(text) => Some(text),
            Scalar::Null
            | Scalar::Bool(_)
            | Scalar::Unsigned(_)
            | Scalar::Signed(_)
            | Scalar::Float(_)
            | Scalar::Tagged => None,
        }
    }

    /// What the value is, in words for a message: `"high"`, `the number 3`, `a list`.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::List(_) => "a list".into(),
            Value::Map(_) => "a mapping".into(),
            Value::Pruned => "nothing".into(),
            Value::Scalar { text, style } => {
                let text = crate::problem::shown(text);
                match resolve(&text, *style) {
                    Scalar::Null if text.is_empty() => "nothing".into(),
                    Scalar::Null => "null".into(),
                    Scalar::Bool(_) => text,
                    Scalar::Unsigned(_) | Scalar::Signed(_) | Scalar::Float(_) => {
                        format!("the number {text}")
                    }
                    Scalar::Text(text) => format!("\"{text}\""),
                    Scalar::Tagged => "a value with a YAML tag".into(),
                }
            }
        }
    }

    /// True for a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    /// True for a list.
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    pub(super) fn scalar(&self) -> Option<Scalar<'_>> {
        match &self.value {
            Value::Scalar { text, style } => Some(resolve(text, *style)),
            Value::List(_) | Value::Map(_) | Value::Pruned => None,
        }
    }

    pub(super) fn entries(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar { .. } | Value::List(_) | Value::Pruned => &[],
        }
    }

    /// The values of a list, none for anything else.
    pub fn elements(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar { .. } | Value::Map(_) | Value::Pruned => &[],
        }
    }

    /// The value behind a key, where the value is a mapping that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let entry = self.entries().iter().find(|(key, _)| key.name == name);
        entry.map(|(_, node)| node)
    }

    /// Takes the value at the end of the steps out of the tree.
    pub(super) fn prune(&mut self, steps: &[Step]) {
        let Some((step, rest)) = steps.split_first() else {
            self.value = Value::Pruned;
            return;
        };
        let inner = match (&mut self.value, step) {
            (Value::Map(entries), Step::Key(name)) => {
                let entry = entries.iter_mut().find(|(key, _)| key.name == *name);
                entry.map(|(_, node)| node)
            }
            (Value::List(items), Step::Item(index)) => items.get_mut(*index),
            (Value::Map(_) | Value::List(_) | Value::Scalar { .. } | Value::Pruned, _) => None,
        };
        if let Some(node) = inner {
            node.prune(rest);
        }
    }

    pub(super) fn is_pruned(&self) -> bool {
        self.value == Value::Pruned
    }
}

fn resolve(text: &str, style: Style) -> Scalar<'_> {
    match style {
        Style::Quoted => Scalar::Text(text),
        Style::Tagged => Scalar::Tagged,
        Style::Plain => match text {
            "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
            "true" | "True" | "TRUE" => Scalar::Bool(true),
            "false" | "False" | "FALSE" => Scalar::Bool(false),
            _ => number(text).unwrap_or(Scalar::Text(text)),
        },
    }
}

fn number(text: &str) -> Option<Scalar<'_>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(Scalar::Float(f64::INFINITY.copysign(sign))),
        ".nan" | ".NaN" | ".NAN" => return Some(Scalar::Float(f64::NAN)),
        _ => {}
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let digits = Some(digits).filter(|digits| !digits.starts_with('+'))?;
            return u64::from_str_radix(digits, radix)
                .ok()
                .map(Scalar::Unsigned);
        }
    }
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let starts = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !starts || !unsigned.chars().all(numeric) {
        return None;
    }
    if let Ok(whole) = text.parse() {
        return Some(Scalar::Unsigned(whole));
    }
    if let Ok(whole) = text.parse() {
        return Some(Scalar::Signed(whole));
    }
    text.parse().ok().map(Scalar::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_yaml_1_2_says() {
        let meaning = |text| resolve(text, Style::Plain);
        assert_eq!(meaning("12"), Scalar::Unsigned(12));
        assert_eq!(meaning("-12"), Scalar::Signed(-12));
        assert_eq!(meaning("0x1F"), Scalar::Unsigned(31));
        assert_eq!(meaning("1.10"), Scalar::Float(1.1));
        assert_eq!(meaning(".5"), Scalar::Float(0.5));
        assert_eq!(meaning("1e3"), Scalar::Float(1000.0));
        assert_eq!(meaning("-.inf"), Scalar::Float(f64::NEG_INFINITY));
        assert_eq!(meaning("~"), Scalar::Null);
        assert_eq!(meaning("True"), Scalar::Bool(true));
        for text in [
            "yes",
            "no",
            "on",
            "2027-01-01",
            "12:30",
            "1_000",
            "1.2.3",
            "inf",
            "nan",
            ".",
            "-",
            "e5",
            "0x",
        ] {
            assert_eq!(meaning(text), Scalar::Text(text));
        }
        assert_eq!(resolve("12", Style::Quoted), Scalar::Text("12"));
    }

    #[test]
    fn a_key_with_odd_characters_is_quoted_in_a_path() {
        assert_eq!(
            Step::Key("ft:a*".into()).behind("prices.models"),
            "prices.models.\"ft:a*\""
        );
        assert_eq!(Step::Item(3).behind("cases"), "cases[3]");
    }
}
