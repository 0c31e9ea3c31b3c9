//! Reads one check entry: exactly one check key, a value of its kind, and the common keys. What checks test is decided
//! in [`crate::score`].

use serde::Deserialize;

use super::advice::advice;
use super::check_schema::RawCheck;
use super::kinds::{COMMON, KINDS, Shape, base, names};
use super::values;
use crate::problem::shown;
use crate::score::{Check, CheckKind, CountRange, Dimension, LetterCase, Pattern};
use crate::yaml::{Node, Spot};

/// Reads all entries of a `checks` list, each problem reported where it stands.
pub(super) fn read_all(list: &Spot<'_>) -> Vec<Check> {
    list.items().iter().filter_map(read).collect()
}

fn read(entry: &Spot<'_>) -> Option<Check> {
    if entry.entries().is_empty() {
        let found = entry.node().map_or_else(String::new, Node::describe);
        entry.report(format!(
            "expected a check such as `contains: some text`, found {found}"
        ));
        return None;
    }
    let (key, shape) = one_kind(entry)?;
    let prefixed = key.starts_with("not-");
    if prefixed && entry.has("not") {
        entry.report_key("not", format!("`{key}` and `not` say not twice; keep one"));
    }
    misplaced_keys(entry, key, shape);
    let kind = kind(entry, key, shape);
    let dimension = entry
        .get::<String>("dimension")
        .and_then(|name| dimension(&entry.child("dimension"), &name));
    Some(Check {
        negated: prefixed || entry.get("not").unwrap_or(false),
        weight: entry
            .get("weight")
            .map_or(1.0, |weight| positive(&entry.child("weight"), weight)),
        dimension: dimension.unwrap_or(Dimension::QUALITY),
        required: entry.get("required").unwrap_or(false),
        label: entry
            .has("label")
            .then(|| text(&entry.child("label"), "label"))
            .flatten(),
        kind: kind?,
    })
}

/// Reports common keys that mean nothing for this kind of check.
fn misplaced_keys(entry: &Spot<'_>, key: &str, shape: Shape) {
    let misplaced = |common: &str, kinds: &str| {
        if entry.has(common) {
            entry.report_key(
                common,
                format!("`{common}` has no meaning for `{key}`, only for {kinds}; remove it"),
            );
        }
    };
    match shape {
        Shape::Text(_) | Shape::Texts(_) => misplaced("at_least", "`any`"),
        Shape::Pattern if entry.has("case_sensitive") => {
            entry.report_key(
                "case_sensitive",
                "a pattern is case-sensitive by itself; write `(?i)` at its start to ignore case",
            );
        }
        Shape::Group => misplaced("case_sensitive", "texts"),
        Shape::Pattern
        | Shape::Yes(_)
        | Shape::Count(_)
        | Shape::Schema(_)
        | Shape::YesOrSchema(_)
        | Shape::Like(_)
        | Shape::Language
        | Shape::Spoken
        | Shape::Cost
        | Shape::Call
        | Shape::Reason => {
            misplaced("case_sensitive", "texts");
            misplaced("at_least", "`any`");
        }
    }
}

/// The one check key of an entry; reports unknown keys, several and none.
fn one_kind<'a>(entry: &Spot<'a>) -> Option<(&'a str, Shape)> {
    let mut kinds = Vec::new();
    let mut strange = false;
    for (key, _) in entry.entries() {
        let known = KINDS.iter().find(|(name, ..)| *name == base(key));
        match known {
            Some((_, shape, _)) => kinds.push((key, *shape)),
            None if COMMON.contains(&key) => {}
            None => {
                entry.report_key(key, advice(key));
                strange = true;
            }
        }
    }
    match kinds.as_slice() {
        [one] => Some(*one),
        [] => {
            if !strange {
                entry.report(format!("the entry holds no check; add one of: {}", names()));
            }
            None
        }
        [(first, _), (second, _), ..] => {
            let message = format!(
                "an entry holds one check, here are `{first}` and `{second}`; write an entry for each"
            );
            entry.report_key(second, message);
            None
        }
    }
}

fn kind(entry: &Spot<'_>, key: &str, shape: Shape) -> Option<CheckKind> {
    let value = entry.child(key);
    let case = match entry.get("case_sensitive") {
        Some(true) => LetterCase::Sensitive,
        Some(false) | None => LetterCase::Ignored,
    };
    match shape {
        Shape::Text(make) => text(&value, base(key)).map(|text| make(text, case)),
        Shape::Texts(make) => texts(&value, key).map(|texts| make(texts, case)),
        Shape::Pattern => pattern(&value).map(CheckKind::Regex),
        Shape::Yes(make) => yes(&value, key).map(|()| make()),
        Shape::Count(make) => range(&value).map(make),
        Shape::Schema(make) => values::schema(&value).map(make),
        Shape::YesOrSchema(make) => values::yes_or_schema(&value, key, make),
        Shape::Language => values::language(&value).map(CheckKind::CodeParses),
        Shape::Like(metric) => values::likeness(&value, metric).map(CheckKind::Like),
        Shape::Spoken => values::spoken(&value).map(CheckKind::Language),
        Shape::Cost => values::cost(&value).map(CheckKind::Cost),
        Shape::Call => values::call(&value).map(CheckKind::ToolCall),
        Shape::Reason => text(&value, key).map(CheckKind::FinishReason),
        Shape::Group => group(entry, &value),
    }
}

fn text(value: &Spot<'_>, kind: &str) -> Option<String> {
    let text: String = value.read()?;
    if text.is_empty() && kind != "equals" {
        value.report("the text is empty, so every answer would pass; write the text that is meant");
        return None;
    }
    Some(text)
}

fn texts(value: &Spot<'_>, key: &str) -> Option<Vec<String>> {
    if let Some(one) = value.node().and_then(Node::as_text) {
        value.report(format!(
            "expected a list, found \"{}\"; write `{key}: [first, second]`",
            shown(one)
        ));
        return None;
    }
    let texts: Vec<String> = value.read()?;
    if value.items().is_empty() {
        value.report("the list is empty; name at least one text");
    }
    for item in value.items() {
        if item.node().and_then(Node::as_text) == Some("") {
            item.report("the text is empty, so every answer would hold it; remove it");
        }
    }
    Some(texts)
}

fn pattern(value: &Spot<'_>) -> Option<Pattern> {
    let pattern: String = value.read()?;
    if pattern.is_empty() {
        value.report(
            "the pattern is empty, so every answer would match; write the pattern that is meant",
        );
        return None;
    }
    match Pattern::new(&pattern) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            value.report(format!(
                "pattern `{}` does not compile: {}",
                shown(&pattern),
                reason(&error)
            ));
            None
        }
    }
}

/// The compiler's last line, without its drawing of the pattern.
pub(super) fn reason(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(_) = error {
        return "it is too large; use smaller repetition counts".into();
    }
    let full = error.to_string();
    let last = full.lines().last().unwrap_or_default().trim();
    let short = last.strip_prefix("error: ").unwrap_or(last);
    short.to_owned()
}

pub(super) fn yes(value: &Spot<'_>, key: &str) -> Option<()> {
    if value.read::<bool>()? {
        return Some(());
    }
    let opposite = key
        .strip_prefix("not-")
        .map_or_else(|| format!("not-{key}"), str::to_owned);
    value.report(format!(
        "expected `true`; for the opposite write `{opposite}: true`"
    ));
    None
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a range such as `{min: 40, max: 400}`"
)]
struct RawRange {
    min: Option<u64>,
    max: Option<u64>,
}

fn range(value: &Spot<'_>) -> Option<CountRange> {
    let RawRange { min, max } = value.read()?;
    if value.entries().is_empty() {
        value.report("expected `min`, `max` or both: `{min: 40, max: 400}`");
    }
    if let (Some(least), Some(most)) = (min, max)
        && least > most
    {
        value.report(format!(
            "`min` {least} is above `max` {most}, so no answer could pass"
        ));
    }
    Some(CountRange { min, max })
}

fn group(entry: &Spot<'_>, value: &Spot<'_>) -> Option<CheckKind> {
    value.read::<crate::yaml::Items<RawCheck>>()?;
    let members = value.items().len();
    if members == 0 {
        value.report("the group has no members; add checks");
    }
    let at_least = entry.get::<u64>("at_least").unwrap_or(1);
    let at_least = usize::try_from(at_least).unwrap_or(usize::MAX);
    if at_least == 0 || (at_least > members && members > 0) {
        let message = format!(
            "at least {at_least} of {members} checks is not possible; write 1 to {members}"
        );
        entry.child("at_least").report(message);
    }
    let checks = read_all(value);
    Some(CheckKind::Any { checks, at_least })
}

/// The dimension of that name, reported where it is none.
pub(super) fn dimension(spot: &Spot<'_>, name: &str) -> Option<Dimension> {
    named(name).map_err(|why| spot.report(why)).ok()
}

/// The dimension of that name, or what to write instead.
pub(super) fn named(name: &str) -> Result<Dimension, String> {
    let start = name.starts_with(|c: char| c.is_ascii_lowercase());
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if start && name.chars().all(word) && name.len() <= 64 {
        return Ok(Dimension::new(name));
    }
    let name = shown(name);
    Err(format!(
        "`{name}` is no dimension; write small letters, digits, `-` and `_`, a letter first"
    ))
}

/// The weight, reported where it is not above 0.
pub(super) fn positive(spot: &Spot<'_>, weight: f64) -> f64 {
    if weight <= 0.0 {
        spot.report(format!("expected a weight above 0, found {weight}"));
    }
    weight
}
